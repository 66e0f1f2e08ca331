// SPDX-License-Identifier: BSL-1.0
//
// zip.test: records place by place, each with each, and with numbers.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/repartition.hpp>
#include <tidemark/operators/zip.hpp>
#include <tidemark/operators/zip_with_index.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::cartesian;
using tidemark::collect;
using tidemark::map;
using tidemark::rdd_context;
using tidemark::zip;
using tidemark::zip_with_index;
using tidemark::zip_with_unique_id;
using tidemark_test::counted;
using tidemark_test::long_text;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;
using ticks_t = tidemark_test::stream_of<int>;

// ---- What they accept, at compile time
using zip_fn = decltype(tidemark::zip);
static_assert(std::invocable<zip_fn, numbers_t, tidemark_test::rdd_of<std::string>>);
static_assert(std::invocable<zip_fn, ticks_t, ticks_t>);
static_assert(std::invocable<zip_fn, numbers_t>, "waits for the pipe");
static_assert(!tidemark::pairable_with<ticks_t, numbers_t>, "an rdd and a stream");
static_assert(!std::invocable<zip_fn>);
static_assert(!std::invocable<decltype(tidemark::cartesian)>);
static_assert(std::invocable<decltype(tidemark::zip_with_index), ticks_t>);
static_assert(std::invocable<decltype(tidemark::zip_with_unique_id)>, "waits for the pipe");

using texts = std::vector<std::pair<int, std::string>>;
using numbered = std::vector<std::pair<int, std::int64_t>>;

} // namespace

TEST_CASE("zip pairs the records that have one place", "[operators][zip]")
{
    for (int const records : {0, 1, 5, 9000})
        for (std::size_t const partitions : {1U, 4U}) {
            INFO(records << " records in " << partitions << " partitions");
            auto const numbers = rdd_context(2).parallelize(counted(records), partitions);
            texts expected;
            std::vector<std::pair<int, int>> squares;
            for (int number = 0; number < records; ++number) {
                expected.emplace_back(number, long_text(number));
                squares.emplace_back(number, number % 7);
            }
            CHECK((numbers | zip(numbers | map(long_text)) | collect()) == expected);
            CHECK((zip(numbers, numbers | map([](int x) { return x % 7; })) | collect()) == squares);
        }
}

TEST_CASE("zip of an rdd with itself, and take of a zip", "[operators][zip]")
{
    auto const numbers = rdd_context(2).parallelize(counted(6), 3);
    std::vector<std::pair<int, int>> const expected{{0, 0}, {1, 1}, {2, 2}, {3, 3}};
    CHECK((numbers | zip(numbers) | tidemark::take(4)) == expected);
    CHECK((numbers | zip(numbers) | map([](auto const& both) { return both.first + both.second; }) | collect())
          == std::vector{0, 2, 4, 6, 8, 10});
}

TEST_CASE("zip says where the numbers of records differ", "[operators][zip]")
{
    auto const numbers = rdd_context(2).parallelize(counted(6), 3);
    auto const fewer = numbers | tidemark::filter([](int x) { return x != 3; });
    CHECK_THROWS_WITH(numbers | zip(fewer) | collect(),
                      "tidemark::zip: in partition 1 the first has 2 records and the second 1; both need the same "
                      "number in each partition");
    CHECK_THROWS_WITH(fewer | zip(numbers) | tidemark::count_records(),
                      "tidemark::zip: in partition 1 the first has 1 records and the second 2; both need the same "
                      "number in each partition");
    CHECK_THROWS_AS(fewer | zip(numbers | map(long_text)) | collect(), tidemark::usage_error);
    CHECK_THROWS_WITH(numbers | zip(numbers | tidemark::coalesce(2)) | collect(),
                      "tidemark::zip: the first has 3 partitions and the second 2; give both the same number, by "
                      "repartition");
}

TEST_CASE("zip moves records that nobody else holds", "[operators][zip]")
{
    auto const records = rdd_context().parallelize(counted(4), 2) | map([](int x) { return tracked(x); });
    tracked::reset();
    CHECK((records | zip(records) | collect()).size() == 4);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("cartesian pairs each with each", "[operators][cartesian]")
{
    std::vector<std::pair<int, int>> expected;
    for (int one = 0; one < 5; ++one)
        for (int other = 0; other < 7; ++other)
            expected.emplace_back(one, other);
    for (std::size_t const partitions : {1U, 2U, 9U}) {
        INFO(partitions << " partitions");
        auto const ones = rdd_context(2).parallelize(counted(5), partitions);
        auto const others = rdd_context(2).parallelize(counted(7), 2);
        auto found = ones | cartesian(others) | collect();
        std::sort(found.begin(), found.end());
        CHECK(found == expected);
        CHECK((cartesian(ones, others) | tidemark::glom() | tidemark::count_records())
              == static_cast<std::int64_t>(2 * partitions));
        CHECK((ones | cartesian(others | tidemark::filter([](int) { return false; })) | collect()).empty());
        CHECK((ones | cartesian(others) | tidemark::take(3)).size() == 3);
    }
}

TEST_CASE("zip_with_index counts through the partitions", "[operators][zip_with_index]")
{
    for (int const records : {0, 1, 10, 9000})
        for (std::size_t const partitions : {1U, 3U, 20U}) {
            INFO(records << " records in " << partitions << " partitions");
            auto const numbers = rdd_context(2).parallelize(counted(records), partitions);
            bool right = true;
            for (auto const& [record, place] : numbers | zip_with_index() | collect())
                right = right && record == place;
            CHECK(right);
        }
    auto const odd =
        rdd_context(2).parallelize(counted(9), 3) | tidemark::filter([](int x) { return x > 1 && x % 2 == 1; });
    CHECK((zip_with_index(odd) | collect()) == numbered{{3, 0}, {5, 1}, {7, 2}});
    CHECK((odd | map(long_text) | zip_with_index() | map([](auto const& each) { return each.second; }) | collect())
          == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("zip_with_index counts all partitions but the last, once", "[operators][zip_with_index]")
{
    std::atomic<int> calls{0};
    auto const numbers = rdd_context().parallelize(counted(9), 3) | map([&calls](int x) {
                             ++calls;
                             return x;
                         })
                         | zip_with_index();
    CHECK(calls == 0);
    CHECK((numbers | tidemark::count_records()) == 9);
    CHECK(calls == 6 + 9);
    CHECK((numbers | tidemark::count_records()) == 9);
    CHECK(calls == 6 + 9 + 9);
}

TEST_CASE("zip_with_unique_id needs no counting and repeats no number", "[operators][zip_with_unique_id]")
{
    auto const numbers = rdd_context(2).parallelize(counted(5), 2);
    CHECK((numbers | zip_with_unique_id() | collect()) == numbered{{0, 0}, {1, 2}, {2, 1}, {3, 3}, {4, 5}});
    std::set<std::int64_t> seen;
    for (auto const& each : rdd_context(2).parallelize(counted(10'000), 7) | zip_with_unique_id() | collect())
        seen.insert(each.second);
    CHECK(seen.size() == 10'000);
}
