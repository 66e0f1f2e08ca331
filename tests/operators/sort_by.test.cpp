// SPDX-License-Identifier: BSL-1.0
//
// sort_by.test: the records in order over all partitions.

#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/sort_by.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/seed.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::glom;
using tidemark::rdd_context;
using tidemark::sort_by;
using tidemark::sort_by_key;
using tidemark::sort_order;
using tidemark_test::tracked;

using pairs = std::vector<std::pair<int, int>>;

struct plain {
    int size;
};

/// Notes when it stands where it may not.
struct alignas(4 * __STDCPP_DEFAULT_NEW_ALIGNMENT__) wide_record {
    inline static std::atomic<bool> misplaced = false;

    int size;

    explicit wide_record(int value)
        : size(value)
    {
        look();
    }
    wide_record(wide_record const& other)
        : wide_record(other.size)
    {}
    wide_record& operator=(wide_record const&) = default;
    ~wide_record() { look(); }

    void look() const
    {
        if (reinterpret_cast<std::uintptr_t>(this) % alignof(wide_record) != 0)
            misplaced = true;
    }
};

// ---- What they accept, at compile time
using fn = decltype(tidemark::sort_by);
using key_fn = decltype(tidemark::sort_by_key);
static_assert(std::invocable<fn, tidemark_test::rdd_of<int>, std::identity>);
static_assert(std::invocable<fn, tidemark_test::stream_of<plain>, int plain::*, sort_order, std::size_t>);
static_assert(std::invocable<fn, std::identity, sort_order>, "waits for the pipe");
static_assert(std::invocable<key_fn>, "waits for the pipe");
static_assert(std::invocable<key_fn, tidemark_test::rdd_of<std::pair<int, plain>>, sort_order>);
static_assert(!tidemark::ordering_projection<std::identity, tidemark_test::rdd_of<plain>>, "records without an order");
static_assert(!tidemark::ordering_projection<tidemark::key_projection, tidemark_test::rdd_of<std::pair<plain, int>>>);
static_assert(!std::invocable<fn>);

/// In how many places a record of a partition comes after one of a later partition.
bool in_order(std::vector<std::vector<std::pair<int, int>>> const& parts)
{
    pairs all;
    for (auto const& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return std::is_sorted(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
}

} // namespace

TEST_CASE("sort_by gives what a stable sort of all records gives", "[operators][sort_by]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    for (int const different : {1, 3, 100, 1'000'000})
        for (std::size_t const records : {0U, 1U, 7U, 5000U}) {
            pairs input;
            for (std::size_t i = 0; i < records; ++i)
                input.emplace_back(static_cast<int>(random() % static_cast<unsigned>(different)), static_cast<int>(i));
            auto up = input;
            std::stable_sort(up.begin(), up.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
            auto down = input;
            std::stable_sort(down.begin(), down.end(), [](auto const& a, auto const& b) { return b.first < a.first; });
            for (std::size_t const from : {1U, 2U, 9U})
                for (std::size_t const to : {1U, 4U, 13U}) {
                    INFO(records << " records, " << different << " keys, from " << from << " to " << to
                                 << " partitions");
                    auto const rdd = rdd_context(2).parallelize(input, from);
                    CHECK((rdd | sort_by(&std::pair<int, int>::first, sort_order::ascending, to) | collect()) == up);
                    CHECK((rdd | sort_by_key(sort_order::descending, to) | collect()) == down);
                    CHECK((rdd | sort_by_key(sort_order::ascending, to) | glom() | tidemark::count_records())
                          == static_cast<std::int64_t>(to));
                }
        }
}

TEST_CASE("without a number the partitions are as many as the parent's", "[operators][sort_by]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{4, 1, 3, 2}, 3);
    CHECK((numbers | sort_by(std::identity{}) | glom() | collect()).size() == 3);
    CHECK((sort_by(numbers, std::negate<>{}) | collect()) == std::vector{4, 3, 2, 1});
    auto const texts = rdd_context().parallelize(std::vector<std::string>{"b", "ccc", "aa"}, 2);
    CHECK((texts | sort_by([](std::string const& text) { return text.size(); }, sort_order::descending) | collect())
          == std::vector<std::string>{"ccc", "aa", "b"});
}

TEST_CASE("no partition gets more than about twice its share, and equal keys stay together", "[operators][sort_by]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    pairs different;
    for (int i = 0; i < 20'000; ++i)
        different.emplace_back(i, 0);
    SECTION("in order") {}
    SECTION("backwards") { std::reverse(different.begin(), different.end()); }
    SECTION("in no order") { std::shuffle(different.begin(), different.end(), random); }
    for (std::size_t const from : {1U, 5U, 16U})
        for (std::size_t const to : {2U, 8U, 50U}) {
            INFO("from " << from << " to " << to << " partitions");
            auto const parts = rdd_context(2).parallelize(different, from) | sort_by_key(sort_order::ascending, to)
                               | glom() | collect();
            CHECK(in_order(parts));
            for (auto const& part : parts)
                CHECK(part.size() <= 2 * different.size() / to + from + 1);
        }
    pairs same;
    for (int i = 0; i < 3000; ++i)
        same.emplace_back(static_cast<int>(random() % 4), i);
    auto const parts = rdd_context(2).parallelize(same, 3) | sort_by_key(sort_order::ascending, 7) | glom() | collect();
    for (std::size_t part = 1; part < parts.size(); ++part)
        for (auto const& each : parts[part])
            CHECK((parts[part - 1].empty() || parts[part - 1].back().first < each.first));
}

TEST_CASE("where records come to lie does not depend on the number of threads", "[operators][sort_by]")
{
    pairs input;
    for (int i = 0; i < 4000; ++i)
        input.emplace_back(i * 7919 % 500, i);
    auto const with = [&](std::size_t threads) {
        return rdd_context(threads).parallelize(input, 6) | sort_by_key() | glom() | collect();
    };
    CHECK(with(2) == with(1));
    CHECK(with(5) == with(1));
}

TEST_CASE("sort_by moves records that nobody else holds, and sorts once", "[operators][sort_by]")
{
    std::atomic<int> calls{0};
    auto const sorted = rdd_context().parallelize(std::vector{3, 1, 2, 5, 4}, 3) | tidemark::map([&calls](int x) {
                            ++calls;
                            return tracked(x);
                        })
                        | sort_by(&tracked::number);
    tracked::reset();
    CHECK((sorted | tidemark::map([](tracked const& each) { return each.number; }) | collect())
          == std::vector{1, 2, 3, 4, 5});
    CHECK(tracked::copies() == 0);
    CHECK((sorted | tidemark::take(1)).front() == tracked(1));
    CHECK(calls == 5);
}

TEST_CASE("sort_by takes records of bool", "[operators][sort_by]")
{
    auto const flags = rdd_context().parallelize(std::vector<bool>{true, false, true, false}, 2);
    CHECK((flags | sort_by(std::identity{}) | collect()) == std::vector<bool>{false, false, true, true});
}

TEST_CASE("records that want more alignment than usual never stand elsewhere while they are sorted",
          "[operators][sort_by]")
{
    wide_record::misplaced = false;
    auto const sorted = rdd_context().range(0, 200, 1, 4)
                        | tidemark::map([](std::int64_t n) { return wide_record(static_cast<int>(n % 7)); })
                        | sort_by(&wide_record::size, sort_order::descending, 3);
    auto const sizes = sorted | tidemark::map([](wide_record const& each) { return each.size; }) | collect();
    CHECK(sizes.size() == 200);
    CHECK(std::is_sorted(sizes.begin(), sizes.end(), std::greater<>()));
    CHECK_FALSE(wide_record::misplaced);
}

TEST_CASE("what a projection throws comes out of the action, and the sort can be tried again", "[operators][sort_by]")
{
    std::atomic<bool> broken{true};
    auto const sorted = rdd_context(2).parallelize(std::vector{2, 1}, 1) | sort_by([&broken](int x) {
                            if (broken)
                                throw std::runtime_error("no order");
                            return x;
                        });
    CHECK_THROWS_WITH(sorted | collect(), "no order");
    broken = false;
    CHECK((sorted | collect()) == std::vector{1, 2});
}

TEST_CASE("sort_by puts NaN behind all numbers, or before them where the largest come first", "[operators][sort_by]")
{
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    auto const written = [](std::vector<double> const& numbers) {
        std::string text;
        for (auto const each : numbers)
            text += each == each ? std::to_string(static_cast<int>(each)) : "n";
        return text;
    };
    std::vector<double> const numbers{5, nan, 4, nan, 3, 2, nan, 1};
    for (std::size_t const partitions : {1U, 3U}) {
        auto const rdd = rdd_context(2).parallelize(numbers, partitions);
        CHECK(written(rdd | sort_by(std::identity{}) | collect()) == "12345nnn");
        CHECK(written(rdd | sort_by(std::identity{}, sort_order::descending) | collect()) == "nnn54321");
    }
}

TEST_CASE("sort_by refuses 0 partitions", "[operators][sort_by]")
{
    CHECK_THROWS_WITH(sort_by(std::identity{}, sort_order::ascending, 0),
                      "tidemark::sort_by: 0 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(sort_by_key(sort_order::ascending, 0), "tidemark::sort_by_key: 0 partitions; give 1 to 65536");
}
