// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/key_hash.hpp>

#include <support/catch.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

struct reading {
    std::string station;
    int at;
    bool operator==(reading const&) const = default;
};

struct ticket {
    std::uint64_t number;
    bool operator==(ticket const&) const = default;
    friend constexpr std::uint64_t tidemark_key_hash(ticket const& t) { return t.number; }
};

/// Adapted, and with a function of its own, which counts.
struct folded {
    std::string text;
    bool operator==(folded const&) const = default;
    friend std::uint64_t tidemark_key_hash(folded const&) { return 7; }
};

struct plain {
    int number;
    bool operator==(plain const&) const = default;
};

struct narrow_answer {
    bool operator==(narrow_answer const&) const = default;
    [[maybe_unused]] friend unsigned short tidemark_key_hash(narrow_answer const&) { return 1; }
};

struct holds_plain {
    plain inner;
    bool operator==(holds_plain const&) const = default;
};

enum class tide_state : signed char { low = -1, high = 1 };

using tidemark::hashable_key;
using tidemark::key_hash;

} // namespace

BOOST_HANA_ADAPT_STRUCT(reading, station, at);
BOOST_HANA_ADAPT_STRUCT(folded, text);
BOOST_HANA_ADAPT_STRUCT(holds_plain, inner);

// ---- What it accepts, at compile time
static_assert(hashable_key<int> && hashable_key<bool> && hashable_key<double> && hashable_key<tide_state>);
static_assert(hashable_key<std::string> && hashable_key<std::string_view>);
static_assert(hashable_key<std::pair<int, std::string>> && hashable_key<std::tuple<int, ticket>>);
static_assert(hashable_key<std::vector<std::optional<reading>>> && hashable_key<std::array<char, 16>>);
static_assert(hashable_key<std::chrono::milliseconds> && hashable_key<std::chrono::system_clock::time_point>);
static_assert(hashable_key<reading> && hashable_key<ticket> && hashable_key<folded>);
static_assert(!hashable_key<plain>, "neither adapted nor with a function of its own");
static_assert(!hashable_key<holds_plain> && !hashable_key<std::vector<plain>> && !hashable_key<std::pair<int, plain>>);
static_assert(!hashable_key<char const*> && !hashable_key<int*> && !hashable_key<std::unique_ptr<int>>);
static_assert(!hashable_key<long double>, "its width differs between machines");
static_assert(!hashable_key<narrow_answer>, "a key hash has 64 bits");

// ---- The same bits when compiled and when run
static_assert(key_hash(1) == 0x8c4a62f0dac0af75);
static_assert(key_hash(std::string_view("the tide leaves a line")) != 0);
static_assert(noexcept(key_hash(std::pair(1, 2))) && !noexcept(key_hash(ticket{1})));

// The numbers of this file come from a second implementation of the documented formulas, in another language.

TEST_CASE("key_hash of numbers is the documented one", "[core][key_hash]")
{
    CHECK(key_hash(0) == 0xd2f87cabcf896d3f);
    CHECK(key_hash(1) == 0x8c4a62f0dac0af75);
    CHECK(key_hash(-1) == 0x31c02002f50ea526);
    CHECK(key_hash(42) == 0x4033cc1f38b0f279);
    CHECK(key_hash(std::numeric_limits<std::int64_t>::min()) == 0xd4bcc5b5810d8b78);
    CHECK(key_hash(1.5) == 0xc31c2cd36deeb3f5);
    CHECK(key_hash(-2.25F) == 0x3c685406da99abfb);
    CHECK(key_hash('\xff') == 0x207cdcc3e33d415b);
    CHECK(key_hash(true) == key_hash(1));
    CHECK(key_hash(tide_state::low) == key_hash(-1));
}

TEST_CASE("key_hash does not depend on the width of an integer", "[core][key_hash]")
{
    CHECK(key_hash(short{-7}) == key_hash(std::int64_t{-7}));
    CHECK(key_hash(std::uint8_t{200}) == key_hash(std::uint64_t{200}));
}

TEST_CASE("key_hash takes the two zeros as one and every NaN as one", "[core][key_hash]")
{
    CHECK(key_hash(-0.0) == key_hash(0.0));
    CHECK(key_hash(-0.0F) == key_hash(0.0));
    CHECK(key_hash(std::nan("")) == 0x43fe387e755c8243);
    CHECK(key_hash(-std::nan("77")) == 0x43fe387e755c8243);
    CHECK(key_hash(std::numeric_limits<float>::quiet_NaN()) == 0x43fe387e755c8243);
    CHECK(key_hash(0.1F) != key_hash(0.1));
}

TEST_CASE("key_hash of bytes is the documented one at each length class", "[core][key_hash]")
{
    std::string_view const text = "the tide leaves a line on the stones when it goes; then it comes again";
    std::vector<std::pair<std::size_t, std::uint64_t>> const expected = {
        {0, 0xf4312c4387fbb7f9},  {1, 0x9822e9688a182816},  {2, 0x3497cf76201f6f8f},  {3, 0x0d6830bca67ce0e6},
        {4, 0x9d2b77f2678618a2},  {7, 0x62ea3cfaa09b384f},  {8, 0x39fff363cf16c023},  {15, 0x904488886e9bfe47},
        {16, 0x3fd0e75f79bc1692}, {17, 0x92d65b305d3a869c}, {31, 0x4f7469f8407052c6}, {32, 0xe708f6b990db639a},
        {33, 0x52fa30691d072e9e}, {48, 0x4693eccfdf15cafd}, {70, 0x2c9d572c1e705603}};
    REQUIRE(text.size() == 70);
    for (auto const& [size, hash] : expected) {
        CAPTURE(size);
        CHECK(key_hash(text.substr(0, size)) == hash);
        CHECK(key_hash(std::string(text.substr(0, size))) == hash);
        CHECK(key_hash(std::vector<char>(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size))) == hash);
    }
    CHECK(key_hash(std::string("\xff\x80\xc3\xa9\xfe")) == 0xb2662e0d8cac05c8);
    CHECK(key_hash(std::array<unsigned char, 5>{0xff, 0x80, 0xc3, 0xa9, 0xfe}) == 0xb2662e0d8cac05c8);
}

TEST_CASE("key_hash of bytes is the same in a constant expression", "[core][key_hash]")
{
    static constexpr std::string_view text = "the tide leaves a line on the stones when it goes";
    constexpr std::array compiled = {key_hash(text.substr(0, 3)), key_hash(text.substr(0, 6)),
                                     key_hash(text.substr(0, 12)), key_hash(text.substr(0, 40))};
    std::array const run = {key_hash(text.substr(0, 3)), key_hash(text.substr(0, 6)), key_hash(text.substr(0, 12)),
                            key_hash(text.substr(0, 40))};
    CHECK(compiled == run);
}

TEST_CASE("key_hash of compound keys is the documented one", "[core][key_hash]")
{
    CHECK(key_hash(std::pair(1, std::string("ab"))) == 0x67b5e7e52c861c98);
    CHECK(key_hash(std::pair(std::string("ab"), 1)) == 0x80567bd61179e448);
    CHECK(key_hash(std::tuple(1, std::string("ab"))) == 0x67b5e7e52c861c98);
    CHECK(key_hash(std::tuple<>()) == 0xd1342543de82ef95);
    CHECK(key_hash(std::array{1, 2, 3}) == 0xd71cd05269f5430c);
    CHECK(key_hash(std::vector{1, 2, 3}) == 0x94e08399e6c7af51);
    CHECK(key_hash(std::vector{true, false}) == 0xd14b6a0acf12592d);
    CHECK(key_hash(std::vector<int>()) == 0xd2f87cabcf896d3f);
    CHECK(key_hash(std::optional<int>()) == 0xd2f87cabcf896d3f);
    CHECK(key_hash(std::optional(5)) == 0xaf63302943a4c807);
    CHECK(key_hash(std::pair(std::optional(5), std::vector<std::string>{"a", ""})) == 0x0a9b58c8cbb91065);
    CHECK(key_hash(reading{"x7", 90}) == 0xf07b5ffe2c0fbbbc);
}

TEST_CASE("key_hash of durations and time points is that of their counts", "[core][key_hash]")
{
    using namespace std::chrono;
    CHECK(key_hash(seconds(42)) == 0x4033cc1f38b0f279);
    CHECK(key_hash(sys_time<milliseconds>(milliseconds(42))) == 0x4033cc1f38b0f279);
}

TEST_CASE("key_hash asks a type's own function first, and spreads what it says", "[core][key_hash]")
{
    CHECK(key_hash(ticket{7}) == 0x72b8ef9a220f0112);
    CHECK(key_hash(folded{"any"}) == 0x72b8ef9a220f0112);
}

TEST_CASE("fold_multiply is the same by 32-bit pieces", "[core][key_hash]")
{
    std::mt19937_64 random(3);
    for (int i = 0; i < 1000; ++i) {
        auto const a = random() | (i % 3 == 0 ? 0xffffffff00000000 : 0);
        auto const b = random() | (i % 5 == 0 ? 0x00000000ffffffff : 0);
        REQUIRE(tidemark::detail::fold_multiply(a, b) == tidemark::detail::fold_multiply_portable(a, b));
    }
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK(tidemark::detail::fold_multiply_portable(most, most) == most); // (2^64-1)^2 = (2^64-2) * 2^64 + 1
}

TEST_CASE("each bit of an integer turns each bit of its hash half of the time", "[core][key_hash]")
{
    constexpr int samples = 4000;
    std::mt19937_64 random(4);
    std::vector<std::array<int, 64>> turned(64);
    for (int sample = 0; sample < samples; ++sample) {
        auto const key = sample % 2 == 0 ? random() : static_cast<std::uint64_t>(sample); // spread and small keys
        for (std::size_t in = 0; in < 64; ++in) {
            auto const difference = key_hash(key) ^ key_hash(key ^ (std::uint64_t{1} << in));
            for (std::size_t out = 0; out < 64; ++out)
                turned[in][out] += static_cast<int>(difference >> out & 1);
        }
    }
    // Six standard deviations of a fair coin: 6 * sqrt(4000) / 2 = 190.
    int worst = 0;
    for (auto const& row : turned)
        for (int count : row)
            worst = std::max(worst, std::abs(count - samples / 2));
    CHECK(worst < 190);
}

TEST_CASE("key groups are the bits from the 32nd on, and even for keys in a row or in steps", "[core][key_hash]")
{
    CHECK(tidemark::key_group(0x0000012300000000, 256) == 0x23);
    CHECK(tidemark::key_group(0xffffffff00000000, 1) == 0);
    for (unsigned shift : {0U, 1U, 8U, 16U, 32U, 44U}) {
        std::vector<int> groups(256);
        for (std::uint64_t i = 0; i < 256 * 256; ++i)
            ++groups[tidemark::key_group(key_hash(i << shift), 256)];
        double deviation = 0;
        for (int count : groups)
            deviation += (count - 256.0) * (count - 256.0) / 256.0;
        CAPTURE(shift);
        CHECK(deviation < 400); // chi squared, 255 degrees of freedom: above 391 once in ten million
    }
}
