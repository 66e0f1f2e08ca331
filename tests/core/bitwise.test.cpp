// SPDX-License-Identifier: BSL-1.0
//
// bitwise: what is saved as its own bytes, and what must never be.

#include <tidemark/core/bitwise.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/serialization/version.hpp>

#include <support/catch.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace bitwise_test {

enum class color : std::uint8_t { red };

struct full {
    std::int64_t a;
    double b;
};
struct padded {
    std::int64_t a;
    std::int32_t b;
};
struct half_listed {
    std::int64_t a;
    std::int64_t b;
};
struct with_text {
    std::string a;
};
struct with_pointer {
    int* a;
};
struct versioned {
    std::int64_t a;
};
struct with_destructor {
    std::int64_t a;
    ~with_destructor() {}
};
struct unlisted {
    std::int32_t a, b;
};
struct vouched {
    std::int32_t a, b;
};
struct vouched_padded {
    std::int64_t a;
    std::int32_t b;
};
struct vouched_with_serialize {
    int a;
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct vouched_with_version {
    int a;
};
struct vouched_with_pointer {
    int* a;
};
struct vouched_not_trivial {
    std::string a;
};

} // namespace bitwise_test

BOOST_HANA_ADAPT_STRUCT(bitwise_test::full, a, b);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::padded, a, b);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::half_listed, a);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::with_text, a);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::with_pointer, a);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::versioned, a);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::with_destructor, a);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::vouched_padded, a, b);
BOOST_HANA_ADAPT_STRUCT(bitwise_test::vouched_with_pointer, a);
BOOST_CLASS_VERSION(bitwise_test::versioned, 1)
BOOST_CLASS_VERSION(bitwise_test::vouched_with_version, 1)

namespace tidemark {
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched> = true;
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched_padded> = true;
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched_with_serialize> = true;
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched_with_version> = true;
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched_with_pointer> = true;
template <>
inline constexpr bool enable_bitwise<bitwise_test::vouched_not_trivial> = true;
template <>
inline constexpr bool enable_bitwise<std::string_view> = true;
template <>
inline constexpr bool enable_bitwise<int*> = true;
} // namespace tidemark

namespace bitwise_test {

using tidemark::bitwise;

static_assert(bitwise<char> && bitwise<std::int16_t> && bitwise<std::uint64_t> && bitwise<float> && bitwise<double>);
static_assert(bitwise<color> && bitwise<std::byte>);
static_assert(!bitwise<bool>, "only two of its bytes are values");
static_assert(!bitwise<long double>, "some of its bytes are padding");
static_assert(bitwise<std::array<int, 3>> && bitwise<int[3]> && bitwise<std::array<std::array<double, 2>, 2>>);
static_assert(!bitwise<std::array<bool, 3>> && !bitwise<std::array<int, 0>>);
static_assert(bitwise<std::pair<std::int64_t, double>> && bitwise<std::pair<std::int32_t, float>>);
static_assert(!bitwise<std::pair<std::int64_t, std::int32_t>>, "padding");
static_assert(bitwise<std::tuple<std::int32_t, float, double>> && !bitwise<std::tuple<char, int>>);
static_assert(bitwise<std::pair<std::array<std::int32_t, 2>, std::int64_t>>);
static_assert(bitwise<full> && bitwise<std::pair<full, std::int64_t>>);
static_assert(!bitwise<padded> && !bitwise<half_listed> && !bitwise<with_text>);
static_assert(!bitwise<with_pointer> && !bitwise<versioned> && !bitwise<with_destructor>);
static_assert(!bitwise<unlisted>, "nobody says that its bytes are its value");
static_assert(!bitwise<std::string> && !bitwise<std::vector<int>> && !bitwise<std::chrono::seconds>);
static_assert(!bitwise<int*> && !bitwise<int&> && !bitwise<std::string_view> && !bitwise<std::unique_ptr<int>>);

static_assert(bitwise<vouched> && bitwise<vouched_padded> && bitwise<std::pair<vouched, std::int64_t>>);
static_assert(!bitwise<vouched_with_serialize> && !bitwise<vouched_with_version>);
static_assert(!bitwise<vouched_with_pointer>, "its listed member is seen");
static_assert(!bitwise<vouched_not_trivial>);

} // namespace bitwise_test

TEST_CASE("a structure is bitwise exactly when its listed members fill it", "[core][bitwise]")
{
    CHECK(tidemark::bitwise<bitwise_test::full>);
    CHECK_FALSE(tidemark::bitwise<bitwise_test::padded>);
    CHECK_FALSE(tidemark::bitwise<bitwise_test::half_listed>);
}
