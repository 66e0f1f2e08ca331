// SPDX-License-Identifier: BSL-1.0
//
// rdd_context.test: rdds made of ranges.

#include <tidemark/core/error.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <support/catch.hpp>
#include <support/tracked.hpp>

#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>
#include <range/v3/view/zip.hpp>

#include <concepts>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::collect;
using tidemark::rdd_context;
using tidemark_test::tracked;

template <typename Rdd>
std::vector<std::size_t> sizes(Rdd const& rdd)
{
    return rdd | tidemark::map_partitions([](auto part) { return std::vector{part.size()}; }) | collect();
}

} // namespace

TEST_CASE("parallelize takes every range", "[rdd][rdd_context]")
{
    rdd_context const rc;
    std::vector const expected{1, 2, 3};
    int const array[] = {1, 2, 3};
    CHECK((rc.parallelize(expected, 2) | collect()) == expected);
    CHECK((rc.parallelize(array, 2) | collect()) == expected);
    CHECK((rc.parallelize(std::list{1, 2, 3}, 2) | collect()) == expected);
    CHECK((rc.parallelize(std::views::iota(1, 4), 2) | collect()) == expected);
    CHECK((rc.parallelize(ranges::views::ints(1, 4), 2) | collect()) == expected);
    CHECK((rc.parallelize(ranges::views::ints(0, 3) | ranges::views::transform([](int x) { return x + 1; }), 2)
           | collect())
          == expected);
    CHECK((rc.parallelize(std::vector<bool>{true, false}, 2) | collect()) == std::vector<bool>{true, false});
    CHECK((rc.parallelize(std::string("ab"), 2) | collect()) == std::vector{'a', 'b'});
}

TEST_CASE("parallelize keeps values, whatever the range gives", "[rdd][rdd_context]")
{
    rdd_context const rc;
    using pairs = std::vector<std::pair<int, std::string>>;
    auto numbers = std::vector{1, 2};
    auto names = std::vector<std::string>{"one", "two"};
    auto const zipped = rc.parallelize(ranges::views::zip(numbers, names), 2);
    auto const mapped = rc.parallelize(std::map<int, std::string>{{2, "two"}, {1, "one"}}, 2);
    static_assert(std::same_as<tidemark::record_t<decltype(zipped)>, std::pair<int, std::string>>);
    static_assert(std::same_as<tidemark::record_t<decltype(mapped)>, std::pair<int, std::string>>);
    numbers[0] = 9;
    names[0] = "nine";
    CHECK((zipped | collect()) == pairs{{1, "one"}, {2, "two"}});
    CHECK((mapped | collect()) == pairs{{1, "one"}, {2, "two"}});
}

TEST_CASE("parallelize moves the elements of a container given away", "[rdd][rdd_context]")
{
    std::vector<tracked> some;
    for (int number = 0; number < 10; ++number)
        some.emplace_back(number);
    tracked::reset();
    auto const copied = rdd_context().parallelize(some, 3);
    CHECK(tracked::copies() == 10);
    auto const moved = rdd_context().parallelize(std::move(some), 3);
    CHECK(tracked::copies() == 10);
    CHECK((copied | collect()) == (moved | collect()));
}

TEST_CASE("an rdd has the partitions that were asked for, or those of the layout", "[rdd][rdd_context]")
{
    std::vector const three{1, 2, 3};
    CHECK(sizes(rdd_context().parallelize(three, 2)) == std::vector<std::size_t>{1, 2});
    CHECK(sizes(rdd_context().parallelize(three, 5)) == std::vector<std::size_t>{0, 1, 0, 1, 1});
    CHECK(sizes(rdd_context(1, {3, 256}).parallelize(three)) == std::vector<std::size_t>{1, 1, 1});
    CHECK(sizes(rdd_context().parallelize(three)).size() == 8);
    auto const summed = rdd_context(1, {3, 256}).parallelize(three, 7)
                        | tidemark::map([](int x) { return std::pair(x, x); })
                        | tidemark::reduce_by_key([](int x, int) { return x; });
    CHECK(sizes(summed).size() == 3);
}

TEST_CASE("a context refuses what cannot work, in words", "[rdd][rdd_context]")
{
    using tidemark::config_error;
    any_executor const inlined(std::make_shared<tidemark::inline_executor>());
    CHECK_THROWS_WITH(rdd_context(1025), "tidemark::rdd_context: threads is out of range; give 0 to 1024 (found 1025)");
    CHECK_THROWS_WITH(rdd_context(std::size_t(-1)), Catch::Matchers::Contains("threads is out of range"));
    CHECK_THROWS_WITH(rdd_context(1025, tidemark::checkpoint_directory(tidemark::memory_storage())),
                      Catch::Matchers::Contains("give 0 to 1024"));
    CHECK_THROWS_WITH(rdd_context(1, {0, 256}), "tidemark::rdd_context: 0 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(rdd_context(1, {65'537, 256}), "tidemark::rdd_context: 65537 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(rdd_context(1, {8, 100}),
                      "tidemark::rdd_context: 100 key-groups; give a power of two up to 65536");
    CHECK_THROWS_WITH(rdd_context(1, {8, std::size_t{1} << 63U}),
                      "tidemark::rdd_context: 9223372036854775808 key-groups; give a power of two up to 65536");
    CHECK_THROWS_AS(rdd_context(1, {8, 0}), config_error);
    CHECK_THROWS_AS(rdd_context(inlined, {0, 256}), config_error);
    CHECK_THROWS_AS(rdd_context(inlined, {8, 3}), config_error);
    CHECK_THROWS_WITH(rdd_context().parallelize(std::vector{1}, 0),
                      "tidemark::parallelize: 0 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(rdd_context().parallelize(std::vector{1}, std::size_t{1} << 40),
                      "tidemark::parallelize: 1099511627776 partitions; give 1 to 65536");
}

TEST_CASE("a context with 0 threads has as many as cores", "[rdd][rdd_context]")
{
    CHECK((rdd_context(0).parallelize(std::vector{1, 2, 3}, 3) | tidemark::collect()) == tidemark::row<int>{1, 2, 3});
}

TEST_CASE("a context that was moved from is still the same context", "[rdd][rdd_context]")
{
    rdd_context rc(1);
    rdd_context const taken = std::move(rc);
    CHECK((rc.range(0, 3) | collect()) == (taken.range(0, 3) | collect())); // NOLINT(bugprone-use-after-move)
}

TEST_CASE("an rdd outlives the context that made it", "[rdd][rdd_context]")
{
    auto const made = [] {
        rdd_context const rc(3);
        return rc.parallelize(std::vector{1, 2, 3, 4}, 4) | tidemark::map([](int x) { return 2 * x; });
    };
    CHECK((made() | collect()) == std::vector{2, 4, 6, 8});
}
