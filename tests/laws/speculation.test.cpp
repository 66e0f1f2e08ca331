// SPDX-License-Identifier: BSL-1.0
//
// speculation.test: marking steps `speculative` changes no result, whichever records the filters drop.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd_context;

/// Where a record stood, and what has become of it. Travels in chunks.
using numbered = std::pair<std::uint32_t, std::uint64_t>;

/// Which places a filter keeps, its pattern.
using places = std::vector<char>;

struct kept_place {
    char const* pattern;

    bool operator()(numbered const& each) const noexcept { return pattern[each.first] != 0; }
};

/// A map that tells whether the others ran before and behind it.
struct mixed {
    std::uint64_t by;

    numbered operator()(numbered const& each) const noexcept { return {each.first, (each.second + by) * 7}; }
};

std::vector<numbered> some_records(std::size_t how_many)
{
    std::vector<numbered> records(how_many);
    for (std::size_t i = 0; i < how_many; ++i)
        records[i] = {static_cast<std::uint32_t>(i), i * i};
    return records;
}

/// By a plain loop: map, filter, map, filter, map.
std::vector<numbered> expected(std::vector<numbered> const& records, places const& first, places const& second)
{
    std::vector<numbered> out;
    for (auto const& each : records)
        if (first[each.first] != 0 && second[each.first] != 0)
            out.push_back(mixed{3}(mixed{2}(mixed{1}(each))));
    return out;
}

template <bool Marked, typename F>
auto marked_if(F f)
{
    if constexpr (Marked)
        return tidemark::speculative(std::move(f));
    else
        return f;
}

/// Map, filter, map, filter, map, of which those are marked whose bit is set.
template <unsigned Marks>
auto five_steps(places const& first, places const& second)
{
    return tidemark::map(marked_if < (Marks & 1U) != 0 > (mixed{1}))
           | tidemark::filter(marked_if < (Marks & 2U) != 0 > (kept_place{first.data()}))
           | tidemark::map(marked_if < (Marks & 4U) != 0 > (mixed{2}))
           | tidemark::filter(marked_if < (Marks & 8U) != 0 > (kept_place{second.data()}))
           | tidemark::map(marked_if < (Marks & 16U) != 0 > (mixed{3}));
}

/// Calls `check` with all ways to mark five steps.
template <typename Check>
void for_all_marks(Check const& check)
{
    [&check]<unsigned... Marks>(std::integer_sequence<unsigned, Marks...>) {
        (check(std::integral_constant<unsigned, Marks>()), ...);
    }(std::make_integer_sequence<unsigned, 32>());
}

/// Keeps nothing, all, every other one, the first, the last, or some by chance.
places some_pattern(std::size_t size, std::mt19937& random)
{
    places pattern(size);
    auto const kind = random() % 6;
    for (std::size_t i = 0; i < size; ++i)
        pattern[i] = static_cast<char>(kind == 1 || (kind == 2 && i % 2 == 0) || (kind == 3 && i == 0)
                                       || (kind == 4 && i + 1 == size) || (kind == 5 && random() % 2 == 0));
    return pattern;
}

} // namespace

TEST_CASE("marks change nothing for any pattern of two filters over few records", "[laws][speculation]")
{
    rdd_context const rc(1);
    auto const records = some_records(4);
    auto const rdd = rc.parallelize(records, 1);
    places first(4);
    places second(4);
    int wrong = 0;
    for (unsigned pattern = 0; pattern < 256; ++pattern) {
        for (unsigned i = 0; i < 4; ++i) {
            first[i] = static_cast<char>(pattern >> i & 1U);
            second[i] = static_cast<char>(pattern >> (4 + i) & 1U);
        }
        auto const wanted = expected(records, first, second);
        for_all_marks([&](auto marks) {
            wrong += (rdd | five_steps<decltype(marks)::value>(first, second) | collect()) != wanted;
        });
    }
    CHECK(wrong == 0);
}

TEST_CASE("marks change nothing at the borders of chunks", "[laws][speculation]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    rdd_context const rc(2);
    for (std::size_t const size : {0U, 1U, 2U, 4095U, 4096U, 4097U, 8192U, 8193U, 20'000U})
        for (int round = 0; round < 6; ++round) {
            auto const records = some_records(size);
            auto const first = some_pattern(size, random);
            auto const second = some_pattern(size, random);
            auto const wanted = expected(records, first, second);
            auto const partitions = 1 + random() % 3;
            INFO("round " << round << ", " << size << " records in " << partitions << " partitions");
            auto const rdd = rc.parallelize(records, partitions);
            for_all_marks([&](auto marks) {
                constexpr auto bits = decltype(marks)::value;
                INFO("marks " << bits);
                bool const same = (rdd | five_steps<bits>(first, second) | collect()) == wanted;
                CHECK(same);
            });
        }
}

TEST_CASE("what stands behind marked steps gets the same records", "[laws][speculation]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    rdd_context const rc(2);
    for (std::size_t const size : {1U, 4096U, 9'000U}) {
        auto const records = some_records(size);
        auto const first = some_pattern(size, random);
        auto const second = some_pattern(size, random);
        auto const rdd = rc.parallelize(records, 1 + random() % 3);
        INFO(size << " records");
        auto const check = [&](auto const& behind) {
            auto const marked = rdd | five_steps<31>(first, second) | behind;
            auto const unmarked = rdd | five_steps<0>(first, second) | behind;
            auto const wanted = unmarked | collect();
            bool const same = (marked | collect()) == wanted;
            CHECK(same);
            bool const early =
                (marked | tidemark::take(7))
                == std::vector(wanted.begin(), wanted.begin() + std::min<std::ptrdiff_t>(7, std::ssize(wanted)));
            CHECK(early);
        };
        auto const sum = [](std::uint64_t a, std::uint64_t b) { return a + b; };
        auto const value = tidemark::speculative([](numbered const& each) noexcept { return each.second; });
        auto const pair =
            tidemark::speculative([](numbered const& each) noexcept { return std::pair(each.first % 5, each.second); });
        auto const half = tidemark::speculative([](std::uint64_t x) noexcept { return x / 2; });
        auto const large = tidemark::speculative(
            [](std::pair<std::uint32_t, std::uint64_t> const& each) noexcept { return each.second % 3 != 0; });
        check(tidemark::map_partitions([](auto part) { return part; }));
        check(tidemark::map_partitions([](auto part) { return std::optional(part.size()); }));
        check(tidemark::flat_map([](numbered const& each) { return std::vector<numbered>(each.first % 3, each); }));
        check(tidemark::sample(0.5, 42));
        check(tidemark::count());
        check(tidemark::map(value) | tidemark::reduce(sum));
        check(tidemark::map(pair) | tidemark::map_values(half) | tidemark::filter(large));
        check(tidemark::map(pair) | tidemark::map_values(half) | tidemark::filter(large)
              | tidemark::map_values([](std::uint64_t x) { return x + 1; }));
        check(tidemark::map(pair) | tidemark::map_values(half) | tidemark::reduce_by_key(sum));
        check(tidemark::map(pair) | tidemark::group_by_key());
        check(tidemark::repartition(2) | tidemark::map(value));
        check(tidemark::union_(rdd) | tidemark::map(value)
              | tidemark::filter(tidemark::speculative([](auto x) noexcept { return x % 2 == 0; })));
        check(tidemark::zip_with_index());
        check(tidemark::map([](numbered const& each) { return std::vector{each}; })); // no chunks from here on
    }
}

TEST_CASE("marks change no batch of a stream", "[laws][speculation]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    constexpr std::size_t most = 4097;
    auto const first = some_pattern(most, random);
    auto const second = some_pattern(most, random);
    tidemark::testing::batches<numbered> batches;
    tidemark::testing::batches<numbered> wanted;
    for (std::size_t const size : {std::size_t{10}, std::size_t{0}, std::size_t{4096}, most, std::size_t{1}}) {
        batches.push_back(some_records(size));
        wanted.push_back(expected(batches.back(), first, second));
    }
    auto const run = [&](auto marks, std::size_t partitions) {
        tidemark::testing::run_options options;
        options.input_partitions = partitions;
        return tidemark::testing::run_batches<numbered>(
            batches, [&](auto in) { return in | five_steps<decltype(marks)::value>(first, second); }, options);
    };
    bool const unmarked = run(std::integral_constant<unsigned, 0>(), 1) == wanted;
    CHECK(unmarked);
    bool const all = run(std::integral_constant<unsigned, 31>(), 2) == wanted;
    CHECK(all);
    bool const some = run(std::integral_constant<unsigned, 12>(), 3) == wanted;
    CHECK(some);
}
