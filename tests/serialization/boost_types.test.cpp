// SPDX-License-Identifier: BSL-1.0
//
// boost_types.test: every type that Boost.Serialization or the library knows comes back equal from our archive and from
// Boost's; what cannot be saved by value is refused.

#include <tidemark/checkpoint/detail/plain_value.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/serializable.hpp>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/archive/text_iarchive.hpp>
#include <boost/archive/text_oarchive.hpp>
#include <boost/array.hpp>
#include <boost/config.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/intrusive_ptr.hpp>
#include <boost/scoped_ptr.hpp>
#include <boost/shared_ptr.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <boost/unordered_map.hpp>
#include <boost/unordered_set.hpp>
#include <boost/weak_ptr.hpp>

// The headers that Boost 1.81 has for types. Those of adapters find the container below only when it is known before.
#include <boost/serialization/array.hpp>
#include <boost/serialization/bitset.hpp>
#include <boost/serialization/boost_array.hpp>
#include <boost/serialization/boost_unordered_map.hpp>
#include <boost/serialization/boost_unordered_set.hpp>
#include <boost/serialization/complex.hpp>
#include <boost/serialization/deque.hpp>
#include <boost/serialization/forward_list.hpp>
#include <boost/serialization/list.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/optional.hpp>
#include <boost/serialization/scoped_ptr.hpp>
#include <boost/serialization/set.hpp>
#include <boost/serialization/shared_ptr.hpp>
#include <boost/serialization/slist.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/strong_typedef.hpp>
#include <boost/serialization/unique_ptr.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/unordered_set.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/valarray.hpp>
#include <boost/serialization/variant.hpp>
#include <boost/serialization/vector.hpp>
#include <boost/serialization/weak_ptr.hpp>

#include <boost/serialization/priority_queue.hpp> // after <boost/serialization/vector.hpp>
#include <boost/serialization/queue.hpp>          // after <boost/serialization/deque.hpp>
#include <boost/serialization/stack.hpp>          // the same

#include <support/catch.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <forward_list>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <stack>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <valarray>
#include <variant>
#include <vector>

namespace boost_types_test {

enum class color : std::int64_t { red = 1, green = 1LL << 40 };

struct play {
    std::string video;
    std::optional<std::int64_t> at;
    bool operator==(play const&) const = default;
};

} // namespace boost_types_test
BOOST_HANA_ADAPT_STRUCT(boost_types_test::play, video, at);

namespace {

using boost_types_test::color;
using boost_types_test::play;
using std::string;

// ---- Values by chance; one in four containers is empty

using chance = std::mt19937;

template <typename T>
T any(chance& from);

inline std::size_t any_size(chance& from) { return from() % 4; }

template <typename Tuple, std::size_t... Indices>
Tuple any_tuple(chance& from, std::index_sequence<Indices...>)
{
    return Tuple{any<std::tuple_element_t<Indices, Tuple>>(from)...};
}

template <typename Variant, typename... Types>
Variant any_alternative(chance& from)
{
    std::array<Variant, sizeof...(Types)> const all{Variant(any<Types>(from))...};
    return all[from() % all.size()];
}

template <typename T>
struct maker {
    static T make(chance& from)
    {
        if constexpr (std::is_same_v<T, bool>) {
            return from() % 2 == 1;
        } else if constexpr (std::is_floating_point_v<T>) {
            return (static_cast<T>(from() % 2'000'001) - T(1'000'000)) / T(7);
        } else if constexpr (std::is_integral_v<T>) {
            return static_cast<T>((std::uint64_t{from()} << 32) | from());
        } else if constexpr (std::is_enum_v<T>) {
            return from() % 2 == 1 ? color::red : color::green;
        } else if constexpr (requires(T all, typename T::key_type key) { all.insert(key); }) {
            T all;
            for (auto left = any_size(from); left != 0; --left)
                all.insert(any<typename T::key_type>(from));
            return all;
        } else if constexpr (requires { typename T::mapped_type; }) {
            T all;
            for (auto left = any_size(from); left != 0; --left)
                all.insert({any<typename T::key_type>(from), any<typename T::mapped_type>(from)});
            return all;
        } else if constexpr (requires(T all, typename T::value_type value) { all.push_back(value); }) {
            T all;
            for (auto left = any_size(from); left != 0; --left)
                all.push_back(any<typename T::value_type>(from));
            return all;
        } else if constexpr (requires(T all, typename T::value_type value) { all.push_front(value); }) {
            T all;
            for (auto left = any_size(from); left != 0; --left)
                all.push_front(any<typename T::value_type>(from));
            return all;
        } else if constexpr (requires(T all, typename T::value_type value) { all.push(value); }) {
            T all;
            for (auto left = any_size(from); left != 0; --left)
                all.push(any<typename T::value_type>(from));
            return all;
        } else if constexpr (requires(T maybe) {
                                 maybe.reset();
                                 *maybe;
                             }) {
            return from() % 2 == 1 ? T(any<typename T::value_type>(from)) : T();
        } else { // an array
            T all{};
            for (auto& element : all)
                element = any<typename T::value_type>(from);
            return all;
        }
    }
};
template <typename First, typename Second>
struct maker<std::pair<First, Second>> {
    static std::pair<First, Second> make(chance& from) { return {any<First>(from), any<Second>(from)}; }
};
template <typename... Types>
struct maker<std::tuple<Types...>> {
    static auto make(chance& from)
    {
        return any_tuple<std::tuple<Types...>>(from, std::index_sequence_for<Types...>());
    }
};
template <typename... Types>
struct maker<std::variant<Types...>> {
    static auto make(chance& from) { return any_alternative<std::variant<Types...>, Types...>(from); }
};
template <typename... Types>
struct maker<boost::variant<Types...>> {
    static auto make(chance& from) { return any_alternative<boost::variant<Types...>, Types...>(from); }
};
template <>
struct maker<std::monostate> {
    static std::monostate make(chance&) { return {}; }
};
template <>
struct maker<play> {
    static play make(chance& from) { return {any<string>(from), any<std::optional<std::int64_t>>(from)}; }
};
template <std::size_t N>
struct maker<std::bitset<N>> {
    static std::bitset<N> make(chance& from)
    {
        std::bitset<N> bits;
        for (std::size_t i = 0; i < N; ++i)
            bits[i] = any<bool>(from);
        return bits;
    }
};
template <typename T>
struct maker<std::complex<T>> {
    static std::complex<T> make(chance& from) { return {any<T>(from), any<T>(from)}; }
};
template <typename T>
struct maker<std::valarray<T>> {
    static std::valarray<T> make(chance& from)
    {
        std::valarray<T> all(any_size(from));
        for (auto& element : all)
            element = any<T>(from);
        return all;
    }
};
template <typename Rep, typename Period>
struct maker<std::chrono::duration<Rep, Period>> {
    static auto make(chance& from) { return std::chrono::duration<Rep, Period>(any<Rep>(from)); }
};
template <typename Clock, typename Span>
struct maker<std::chrono::time_point<Clock, Span>> {
    static auto make(chance& from) { return std::chrono::time_point<Clock, Span>(any<Span>(from)); }
};

template <typename T>
T any(chance& from)
{
    return maker<T>::make(from);
}

// ---- Equality, where a type has none

template <typename T>
bool same(T const& one, T const& other)
{
    return one == other;
}
template <typename T>
bool same(std::valarray<T> const& one, std::valarray<T> const& other)
{
    return std::equal(std::begin(one), std::end(one), std::begin(other), std::end(other),
                      [](T const& a, T const& b) { return same(a, b); });
}
template <typename... Arguments>
bool same(std::priority_queue<Arguments...> one, std::priority_queue<Arguments...> other)
{
    for (; !one.empty() && !other.empty(); one.pop(), other.pop())
        if (one.top() != other.top())
            return false;
    return one.empty() && other.empty();
}

// ---- Through the archives

enum class header {
    of_boost, ///< a plain Boost archive takes the type as it is
    none      ///< Boost 1.81 has no header for it, or none that serves; exports save it part by part
};

template <header From, typename Out, typename In, typename T>
T through(T const& value)
{
    std::stringstream stream;
    T back{};
    {
        Out archive(stream);
        if constexpr (From == header::of_boost)
            archive << value;
        else
            tidemark::detail::save_plain(archive, "value", value);
    }
    In archive(stream);
    if constexpr (From == header::of_boost)
        archive >> back;
    else
        tidemark::detail::load_plain(archive, "value", back);
    return back;
}

template <typename T, header From = header::of_boost>
void check(char const* name)
{
    static_assert(tidemark::serializable<T>);
    INFO(name);
    chance from(20'240'817);
    bool differ = false;
    for (int round = 0; round < 40; ++round) {
        INFO("round " << round);
        auto const value = round == 0 ? T{} : any<T>(from);
        differ = differ || !same(value, T{});
        auto const ours = tidemark::from_bytes<T>(tidemark::to_bytes(value));
        CHECK(same(ours, value));
        using namespace boost::archive;
        CHECK(same(through<From, binary_oarchive, binary_iarchive>(value), ours));
        CHECK(same(through<From, text_oarchive, text_iarchive>(value), ours));
    }
    CHECK(differ);
}

/// Whatever byte is damaged: a value or an exception, never more. Of what was read only the size is looked at.
template <typename T>
void check_damage(char const* name)
{
    INFO(name);
    chance from(20'240'818);
    for (int round = 0; round < 10; ++round) {
        auto const bytes = tidemark::to_bytes(any<T>(from));
        std::size_t refused = 0;
        auto const try_to_read = [&](std::span<std::byte const> damaged) {
            try {
                static_cast<void>(tidemark::from_bytes<T>(damaged));
            } catch (std::exception const&) {
                ++refused;
            }
        };
        for (std::size_t length = 0; length < bytes.size(); ++length)
            try_to_read(std::span(bytes).first(length));
        CHECK(refused == bytes.size());
        for (std::size_t at = 0; at < bytes.size(); ++at)
            for (unsigned const flip : {0x01U, 0x80U, 0xffU}) {
                auto damaged = bytes;
                damaged[at] ^= static_cast<std::byte>(flip);
                try_to_read(damaged);
            }
    }
}

} // namespace

#define CHECK_TYPE(...) check<__VA_ARGS__>(#__VA_ARGS__)
#define CHECK_TYPE_WITHOUT_HEADER(...) check<__VA_ARGS__, header::none>(#__VA_ARGS__)
#define CHECK_DAMAGE(...) check_damage<__VA_ARGS__>(#__VA_ARGS__)

TEST_CASE("numbers and text come back equal from our archive and from Boost's", "[serialization][boost_types]")
{
    CHECK_TYPE(bool);
    CHECK_TYPE(char);
    CHECK_TYPE(std::int8_t);
    CHECK_TYPE(std::uint16_t);
    CHECK_TYPE(std::int32_t);
    CHECK_TYPE(std::uint64_t);
    CHECK_TYPE(float);
    CHECK_TYPE(double);
    CHECK_TYPE(string);
    CHECK_TYPE(std::wstring);
    CHECK_TYPE_WITHOUT_HEADER(std::u16string);
    CHECK_TYPE_WITHOUT_HEADER(color); // Boost saves an enumeration as an int
}

TEST_CASE("standard containers come back equal from our archive and from Boost's", "[serialization][boost_types]")
{
    CHECK_TYPE(std::array<std::int32_t, 3>);
    CHECK_TYPE(std::array<string, 2>);
    CHECK_TYPE(std::pair<string, double>);
    CHECK_TYPE(std::vector<std::int64_t>);
    CHECK_TYPE(std::vector<bool>);
    CHECK_TYPE(std::vector<string>);
    CHECK_TYPE(std::deque<string>);
    CHECK_TYPE(std::list<double>);
    CHECK_TYPE(std::set<string>);
    CHECK_TYPE(std::multiset<std::int8_t>);
    CHECK_TYPE(std::map<string, std::int32_t>);
    CHECK_TYPE(std::multimap<std::int8_t, string>);
    CHECK_TYPE(std::unordered_set<string>);
    CHECK_TYPE(std::unordered_multiset<std::int16_t>);
    CHECK_TYPE(std::unordered_map<string, double>);
    CHECK_TYPE(std::unordered_multimap<std::int16_t, string>);
    CHECK_TYPE(std::map<string, std::vector<std::pair<std::int32_t, std::set<string>>>>);
    CHECK_TYPE(std::vector<std::unordered_map<string, std::list<std::deque<bool>>>>);
}

TEST_CASE("types that save themselves by a header of Boost's come back equal from both", "[serialization][boost_types]")
{
    CHECK_TYPE(std::bitset<1>);
    CHECK_TYPE(std::bitset<70>);
    CHECK_TYPE(std::complex<float>);
    CHECK_TYPE(std::complex<double>);
    CHECK_TYPE(std::valarray<double>);
    CHECK_TYPE(std::valarray<string>);
    CHECK_TYPE(std::forward_list<string>);
    CHECK_TYPE(std::queue<string>);
    CHECK_TYPE(std::stack<std::int32_t>);
    CHECK_TYPE(std::stack<string, std::vector<string>>);
    CHECK_TYPE(std::priority_queue<std::int64_t>);
    CHECK_TYPE(std::priority_queue<string, std::vector<string>, std::greater<>>);
    CHECK_TYPE(boost::array<string, 3>);
    CHECK_TYPE(boost::optional<string>);
    CHECK_TYPE(boost::variant<std::int32_t, string, std::vector<double>>);
#ifdef BOOST_HAS_SLIST
    CHECK_TYPE(BOOST_STD_EXTENSION_NAMESPACE::slist<string>);
#endif
    CHECK_TYPE(std::vector<std::complex<double>>);
    CHECK_TYPE(std::map<string, std::bitset<9>>);
    CHECK_TYPE(std::forward_list<std::forward_list<std::int32_t>>);
    CHECK_TYPE(std::pair<std::queue<string>, boost::optional<boost::array<std::int32_t, 2>>>);
    CHECK_TYPE(std::vector<boost::variant<bool, std::map<string, std::complex<float>>>>);
}

TEST_CASE("Boost's hashed containers come back equal, however many buckets they have", "[serialization][boost_types]")
{
    CHECK_TYPE(boost::unordered_set<string>);
    CHECK_TYPE(boost::unordered_multiset<std::int16_t>);
    CHECK_TYPE(boost::unordered_map<string, std::vector<double>>);
    CHECK_TYPE(boost::unordered_multimap<std::int16_t, string>);
    CHECK_TYPE_WITHOUT_HEADER(boost::unordered_flat_set<string>);
    CHECK_TYPE_WITHOUT_HEADER(boost::unordered_flat_map<string, boost::unordered_map<string, std::int32_t>>);
    CHECK_TYPE_WITHOUT_HEADER(boost::unordered_multimap<std::int16_t, string>); // as an export saves it

    boost::unordered_map<string, std::int32_t> roomy{{"a", 1}};
    roomy.reserve(100'000); // many more buckets than bytes
    CHECK(tidemark::from_bytes<decltype(roomy)>(tidemark::to_bytes(roomy)) == roomy);
    std::unordered_set<string> standard{"a"};
    standard.reserve(100'000);
    CHECK(tidemark::from_bytes<decltype(standard)>(tidemark::to_bytes(standard)) == standard);
}

TEST_CASE("types for which Boost 1.81 has no header come back equal, in exports too", "[serialization][boost_types]")
{
    CHECK_TYPE_WITHOUT_HEADER(boost::variant<std::int32_t, string, std::vector<play>>); // as an export saves it
    CHECK_TYPE_WITHOUT_HEADER(std::optional<string>);
    CHECK_TYPE_WITHOUT_HEADER(std::variant<std::int32_t, string, std::vector<double>>);
    CHECK_TYPE_WITHOUT_HEADER(std::variant<std::monostate, std::optional<std::int64_t>>);
    CHECK_TYPE_WITHOUT_HEADER(std::tuple<std::int32_t, string, std::complex<double>>);
    CHECK_TYPE_WITHOUT_HEADER(std::chrono::milliseconds);
    CHECK_TYPE_WITHOUT_HEADER(std::chrono::duration<double, std::ratio<60>>);
    CHECK_TYPE_WITHOUT_HEADER(std::chrono::system_clock::time_point);
    CHECK_TYPE_WITHOUT_HEADER(play);
    CHECK_TYPE_WITHOUT_HEADER(std::map<string, std::vector<std::optional<play>>>);
    CHECK_TYPE_WITHOUT_HEADER(std::vector<std::tuple<std::variant<play, color>, std::bitset<3>>>);
}

TEST_CASE("damaged bytes of a type that a header of Boost's restores give a value or an exception",
          "[serialization][boost_types]")
{
    CHECK_DAMAGE(std::bitset<20>);
    CHECK_DAMAGE(std::complex<double>);
    CHECK_DAMAGE(std::valarray<std::int32_t>);
    CHECK_DAMAGE(std::valarray<string>);
    CHECK_DAMAGE(std::forward_list<string>);
    CHECK_DAMAGE(std::queue<string>);
    CHECK_DAMAGE(std::stack<std::int32_t>);
    CHECK_DAMAGE(std::priority_queue<std::int64_t>);
    CHECK_DAMAGE(boost::array<string, 3>);
    CHECK_DAMAGE(boost::optional<string>);
    CHECK_DAMAGE(boost::variant<std::int32_t, string>);
    CHECK_DAMAGE(boost::unordered_map<string, std::vector<std::int32_t>>);
    CHECK_DAMAGE(std::map<string, std::vector<std::complex<float>>>);
}

// ---- What means nothing after a restart is refused, though Boost has headers for it

namespace {

struct base {
    virtual ~base() = default;
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};

struct empty_handed {};

BOOST_STRONG_TYPEDEF(int, strong)

template <typename T>
constexpr bool refused = !tidemark::serializable<T> && !tidemark::serializable<std::vector<T>>
                         && !tidemark::serializable<std::map<int, std::optional<T>>>;

static_assert(refused<int*> && refused<base*> && refused<base const*>, "pointers");
static_assert(refused<std::shared_ptr<base>> && refused<std::weak_ptr<base>> && refused<std::unique_ptr<base>>);
static_assert(refused<std::shared_ptr<int>> && refused<std::unique_ptr<string>>);
static_assert(refused<boost::shared_ptr<base>> && refused<boost::weak_ptr<base>> && refused<boost::scoped_ptr<base>>);
static_assert(refused<boost::intrusive_ptr<base>>);
static_assert(refused<std::string_view> && refused<std::span<int>> && refused<void (*)()>);
static_assert(refused<boost::variant<int, int*>>
              && refused<boost::make_recursive_variant<int, std::vector<boost::recursive_variant_>>::type>);
static_assert(refused<long double>, "no two machines agree on it");
static_assert(refused<strong>, "a macro of Boost's that gives no serialize");
static_assert(refused<empty_handed>, "nothing says how it is saved");
static_assert(tidemark::serializable<base>, "an object of a class with virtual functions, by value");

} // namespace
