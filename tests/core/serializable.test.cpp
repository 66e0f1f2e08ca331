// SPDX-License-Identifier: BSL-1.0
//
// serializable: what a checkpoint can hold, and what it must refuse at compile time.

#include <tidemark/core/serializable.hpp>

#include <boost/hana/adapt_adt.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/serialization/access.hpp>
#include <boost/serialization/serialization.hpp> // with Boost's catch-all in sight, which takes every type
#include <boost/serialization/shared_ptr.hpp>
#include <boost/serialization/split_free.hpp>
#include <boost/serialization/split_member.hpp>
#include <boost/serialization/vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <complex>
#include <cstdint>
#include <functional>
#include <memory>

namespace serializable_test {

// ---- Types with nothing

struct nothing {
    int a;
};
struct vector_and_more : std::vector<int> {
    int more;
};
struct empty {};
union either {
    int a;
    float b;
};

// ---- Types that save themselves

struct member {
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
class hidden {
    friend class boost::serialization::access;
    template <typename Archive>
    void serialize(Archive&, unsigned const)
    {}
};
class split_inside {
    friend class boost::serialization::access;
    template <typename Archive>
    void save(Archive&, unsigned) const
    {}
    template <typename Archive>
    void load(Archive&, unsigned)
    {}
    BOOST_SERIALIZATION_SPLIT_MEMBER()
};
struct by_neighbour {};
template <typename Archive>
void serialize(Archive&, by_neighbour&, unsigned)
{}
struct by_boost {};
template <typename T>
struct generic_by_neighbour {};
template <typename Archive, typename T>
void serialize(Archive&, generic_by_neighbour<T>&, unsigned)
{}
class final_public final {
public:
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
class final_hidden final {
    friend class boost::serialization::access;
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct text_of_its_own {
    std::string serialize() const;
};
struct without_version {
    template <typename Archive>
    void serialize(Archive&);
};
struct base_with_data {
    int a;
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct inherits_a_part : base_with_data {
    int b;
};
struct inherits_all : base_with_data {};
template <typename Derived>
struct mixin {
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct by_mixin : mixin<by_mixin> {
    int a;
};

// ---- Structures by their members

struct play {
    std::string video;
    std::vector<std::pair<std::string, std::int64_t>> hits;
};
struct tree {
    int value;
    std::vector<tree> children;
};
struct remembers_an_address {
    int a;
    char const* b;
};
struct views_a_name {
    std::string_view name;
};
struct with_constant {
    int const a;
};
struct defined {
    BOOST_HANA_DEFINE_STRUCT(defined, (int, a), (std::string, b));
};
struct getters_only {
    int a() const { return 1; }
};

enum class color : std::uint8_t { red };
enum plain_color { blue };

} // namespace serializable_test

namespace boost::serialization {
template <typename Archive>
void serialize(Archive&, serializable_test::by_boost&, unsigned const)
{}
} // namespace boost::serialization

template <>
inline constexpr bool tidemark::enable_serialize<serializable_test::final_hidden> = true;

BOOST_HANA_ADAPT_STRUCT(serializable_test::play, video, hits);
BOOST_HANA_ADAPT_STRUCT(serializable_test::tree, value, children);
BOOST_HANA_ADAPT_STRUCT(serializable_test::remembers_an_address, a, b);
BOOST_HANA_ADAPT_STRUCT(serializable_test::views_a_name, name);
BOOST_HANA_ADAPT_STRUCT(serializable_test::with_constant, a);
BOOST_HANA_ADAPT_ADT(serializable_test::getters_only, (a, [](auto const& self) { return self.a(); }));

namespace serializable_test {

using tidemark::serializable;

// ---- Numbers, enumerations, text

static_assert(serializable<bool> && serializable<char> && serializable<std::uint64_t> && serializable<double>);
static_assert(serializable<wchar_t> && serializable<char8_t> && serializable<char32_t>);
static_assert(!serializable<long double>, "no two machines agree on it");
static_assert(serializable<color> && serializable<plain_color>);
static_assert(serializable<std::string> && serializable<std::u16string>);

// ---- Containers

static_assert(serializable<std::vector<std::string>> && serializable<std::vector<bool>>);
static_assert(serializable<std::deque<int>> && serializable<std::list<color>>);
static_assert(serializable<std::map<std::string, std::vector<double>>> && serializable<std::multimap<int, int>>);
static_assert(serializable<std::unordered_map<std::string, std::int64_t>>);
static_assert(serializable<std::set<std::string>> && serializable<std::unordered_set<int>>);
static_assert(serializable<boost::unordered_flat_map<std::string, int>>
              && serializable<boost::unordered_flat_set<int>>);
static_assert(serializable<std::array<std::string, 3>> && serializable<int[4]>);
static_assert(serializable<std::pair<std::string, int>> && serializable<std::tuple<>>
              && serializable<std::tuple<int, color>>);
static_assert(serializable<std::optional<std::string>> && serializable<std::variant<std::monostate, int, std::string>>);
static_assert(serializable<std::chrono::seconds> && serializable<std::chrono::system_clock::time_point>);
static_assert(serializable<std::map<std::string, std::optional<std::tuple<play, std::variant<hidden, tree>>>>>);

// ---- Types that say how

static_assert(serializable<member> && serializable<hidden> && serializable<split_inside>);
static_assert(serializable<by_neighbour> && serializable<by_boost> && serializable<generic_by_neighbour<int>>);
static_assert(serializable<final_public>);
static_assert(serializable<final_hidden>, "told by enable_serialize");
static_assert(serializable<play> && serializable<tree> && serializable<defined>);
static_assert(serializable<by_mixin> && serializable<inherits_all>);
static_assert(serializable<std::vector<hidden>> && serializable<std::map<int, by_boost>>);

// ---- Types that do not

static_assert(!serializable<nothing> && !serializable<empty> && !serializable<either>);
static_assert(!serializable<vector_and_more>, "what it adds would be lost");
static_assert(!serializable<inherits_a_part>, "what it adds would be lost");
static_assert(!serializable<text_of_its_own>, "another serialize");
static_assert(!serializable<without_version>, "another convention");
static_assert(!serializable<getters_only> && !serializable<with_constant>, "could not be restored");
static_assert(!serializable<std::complex<double>>, "its Boost header is not included");
static_assert(!serializable<std::vector<nothing>> && !serializable<std::map<int, nothing>>);
static_assert(!serializable<std::optional<nothing>> && !serializable<std::variant<int, nothing>>);
static_assert(!serializable<std::pair<nothing, int>> && !serializable<std::tuple<int, nothing>>);
static_assert(!serializable<std::array<nothing, 2>> && !serializable<nothing[2]>);

// ---- Addresses

static_assert(!serializable<int*> && !serializable<char const*> && !serializable<void*>
              && !serializable<std::nullptr_t>);
static_assert(!serializable<int&> && !serializable<std::string const&> && !serializable<int()>
              && !serializable<int (*)()>);
static_assert(!serializable<int nothing::*> && !serializable<void> && !serializable<int[]>);
static_assert(!serializable<std::unique_ptr<int>> && !serializable<std::weak_ptr<int>>);
static_assert(!serializable<std::shared_ptr<int>>, "though its Boost header is included");
static_assert(!serializable<std::string_view> && !serializable<std::span<int>>
              && !serializable<std::span<int const, 3>>);
static_assert(!serializable<std::reference_wrapper<int>> && !serializable<std::function<void()>>);
static_assert(!serializable<std::vector<int*>>, "though Boost's vector header is included");
static_assert(!serializable<std::map<std::string_view, int>> && !serializable<std::optional<std::span<int>>>);
static_assert(!serializable<remembers_an_address> && !serializable<views_a_name>);
static_assert(!serializable<std::vector<views_a_name>>);
static_assert(!serializable<int const>, "what is const cannot be restored in place");

} // namespace serializable_test

TEST_CASE("a type with nothing is not serializable though Boost's catch-all takes it", "[core][serializable]")
{
    CHECK_FALSE(tidemark::serializable<serializable_test::nothing>);
    CHECK(tidemark::serializable<serializable_test::hidden>);
}
