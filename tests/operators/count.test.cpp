// SPDX-License-Identifier: BSL-1.0
//
// count.test: the number of records as an expression.

#include <tidemark/operators/count.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::count;
using tidemark::rdd_context;
using tidemark_test::tracked;

// ---- What it accepts, at compile time
using count_fn = decltype(tidemark::count);
static_assert(std::invocable<count_fn, tidemark_test::rdd_of<std::string>>);
static_assert(std::invocable<count_fn, tidemark_test::stream_of<int>>);
static_assert(std::invocable<count_fn>, "waits for the pipe");
static_assert(!std::invocable<count_fn, std::vector<int>>, "not an expression");
static_assert(
    std::same_as<tidemark::record_t<std::invoke_result_t<count_fn, tidemark_test::rdd_of<bool>>>, std::int64_t>);

using counts = std::vector<std::int64_t>;

} // namespace

TEST_CASE("count gives one record, the number of records", "[operators][count]")
{
    struct {
        int records;
        std::size_t partitions;
    } const table[] = {{0, 1}, {0, 7}, {1, 1}, {1, 7}, {4096, 1}, {10'000, 3}};
    for (auto const& row : table) {
        std::vector<int> const numbers(static_cast<std::size_t>(row.records), 5);
        INFO(row.records << " records in " << row.partitions << " partitions");
        auto const total = rdd_context(2).parallelize(numbers, row.partitions) | count();
        CHECK((total | collect()) == counts{row.records});
        auto const of_texts =
            rdd_context(2).parallelize(std::vector<std::string>(numbers.size(), "x"), row.partitions) | count();
        CHECK((of_texts | collect()) == counts{row.records});
    }
}

TEST_CASE("count stands on steps, and steps on it", "[operators][count]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5}, 2);
    auto const odd = numbers | tidemark::filter([](int x) { return x % 2 == 1; });
    CHECK((odd | count() | tidemark::map([](std::int64_t n) { return 10 * n; }) | collect()) == counts{30});
    CHECK((odd | count() | count() | collect()) == counts{1});
}

TEST_CASE("count copies no record", "[operators][count]")
{
    std::vector<tracked> some;
    for (int number = 0; number < 10; ++number)
        some.emplace_back(number);
    auto const records = rdd_context().parallelize(std::move(some), 3);
    tracked::reset();
    CHECK((records | count() | collect()) == counts{10});
    CHECK(tracked::copies() == 0);
}
