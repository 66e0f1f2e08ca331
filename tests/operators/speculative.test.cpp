// SPDX-License-Identifier: BSL-1.0
//
// speculative.test: which functions are called with records that a filter has dropped, and which never are.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::filter;
using tidemark::map;
using tidemark::map_values;
using tidemark::rdd_context;
using tidemark::speculative;
using tidemark_test::counted;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;

constexpr auto twice = [](int x) noexcept { return 2 * x; };
constexpr auto is_even = [](int x) noexcept { return x % 2 == 0; };
constexpr auto size = [](std::string const& word) noexcept { return word.size(); };
struct point {
    int x = 0;

    [[nodiscard]] bool is_right() const noexcept { return x > 0; }
};
struct by_hand {
    int operator()(int x) noexcept { return x; } // not const
};

// ---- What it accepts, at compile time
using map_fn = decltype(tidemark::map);
using filter_fn = decltype(tidemark::filter);
using speculative_fn = decltype(tidemark::speculative);
template <typename F>
using marked_t = std::invoke_result_t<speculative_fn, F>;
static_assert(tidemark::is_speculative_v<marked_t<decltype(twice)>>);
static_assert(!tidemark::is_speculative_v<decltype(twice)>);
static_assert(std::invocable<map_fn, numbers_t, marked_t<decltype(twice)>>);
static_assert(std::invocable<map_fn, tidemark_test::stream_of<int>, marked_t<decltype(twice)>>);
static_assert(std::invocable<filter_fn, numbers_t, marked_t<decltype(is_even)>>);
static_assert(std::invocable<map_fn, tidemark_test::rdd_of<point>, marked_t<int point::*>>);
static_assert(std::invocable<filter_fn, tidemark_test::rdd_of<point>, marked_t<bool (point::*)() const noexcept>>);
static_assert(!tidemark::record_mapping<marked_t<decltype(size)>, numbers_t>, "not a function of the record");
static_assert(!tidemark::record_mapping<marked_t<by_hand>, numbers_t>, "not a const function");
static_assert(std::is_nothrow_invocable_v<marked_t<decltype(twice)> const&, int const&>);
static_assert(!std::is_nothrow_invocable_v<marked_t<int (*)(int)> const&, int const&>);
static_assert(std::is_empty_v<marked_t<decltype(twice)>>, "a mark takes no space");
static_assert(!std::invocable<speculative_fn>);

/// Counts its calls, which a marked function of a program must not do.
struct counting {
    std::atomic<int>* calls;
    std::atomic<int>* with_odd; ///< Those with what a filter of even numbers drops.

    int operator()(int x) const noexcept
    {
        ++*calls;
        *with_odd += x % 2 != 0;
        return x;
    }
};

/// The same as a predicate that keeps everything.
struct counting_filter {
    counting count;

    bool operator()(int x) const noexcept { return count(x) == x; }
};

} // namespace

TEST_CASE("marked steps give what they give without the mark", "[operators][speculative]")
{
    auto const numbers = rdd_context().parallelize(std::vector{5, 2, 8, 7, 4}, 2);
    CHECK((numbers | map(speculative(twice)) | collect()) == std::vector{10, 4, 16, 14, 8});
    CHECK((numbers | filter(speculative(is_even)) | collect()) == std::vector{2, 8, 4});
    CHECK((numbers | filter(is_even) | map(speculative(twice)) | collect()) == std::vector{4, 16, 8});
    CHECK((numbers | filter(speculative(is_even)) | map(twice) | collect()) == std::vector{4, 16, 8});
    CHECK((numbers | filter(speculative([](int) noexcept { return false; })) | map(speculative(twice)) | collect())
              .empty());
    auto const points = rdd_context().parallelize(std::vector<point>{{-1}, {4}, {0}, {2}}, 2);
    CHECK((points | filter(speculative(&point::is_right)) | map(speculative(&point::x)) | collect())
          == std::vector{4, 2});
}

TEST_CASE("marked steps behind a filter see what it drops, and unmarked ones do not", "[operators][speculative]")
{
    std::atomic<int> calls{0};
    std::atomic<int> with_odd{0};
    counting const count{&calls, &with_odd};
    auto const even = rdd_context().parallelize(counted(10'000), 3) | filter(is_even);

    SECTION("a marked map")
    {
        CHECK((even | map(speculative(count)) | collect()).size() == 5'000);
        CHECK(calls == 10'000);
        CHECK(with_odd == 5'000);
    }
    SECTION("a marked filter")
    {
        CHECK((even | filter(speculative(counting_filter{count})) | collect()).size() == 5'000);
        CHECK(calls == 10'000);
    }
    SECTION("a marked map_values")
    {
        auto const pairs = even | map(speculative([](int x) noexcept { return std::pair(-x, x); }));
        CHECK((pairs | map_values(speculative(count)) | collect()).size() == 5'000);
        CHECK(calls == 10'000);
        CHECK(with_odd == 5'000);
    }
    SECTION("unmarked steps, right behind the filter or behind marked ones")
    {
        auto const marked = map(speculative([](int x) noexcept { return x; }));
        CHECK((even | map(count) | marked | collect()).size() == 5'000);
        CHECK((even | filter(counting_filter{count}) | marked | collect()).size() == 5'000);
        CHECK((even | marked | map(count) | marked | collect()).size() == 5'000);
        CHECK((even | marked | filter(counting_filter{count}) | marked | collect()).size() == 5'000);
        CHECK((even | map(speculative([](int x) noexcept { return std::pair(x, x); })) | map_values(count) | collect())
                  .size()
              == 5'000);
        CHECK(
            (even | marked | tidemark::flat_map([count](int x) { return std::optional(count(x)); }) | collect()).size()
            == 5'000);
        CHECK((even | marked | tidemark::count_records()) == 5'000);
        CHECK((even | marked | tidemark::key_by(count) | collect()).size() == 5'000);
        CHECK((even | marked
               | tidemark::aggregate_records(
                   0, [count](int sum, int x) { return sum + count(x) * 0 + 1; }, std::plus<>{}))
              == 5'000);
        CHECK(with_odd == 0);
        CHECK(calls == 8 * 5'000); // count_records calls nothing
    }
}

TEST_CASE("take stops behind marked steps as soon as it has enough", "[operators][speculative]")
{
    std::atomic<int> calls{0};
    std::atomic<int> with_odd{0};
    auto const many = rdd_context(1).parallelize(counted(100'000), 1) | filter(is_even)
                      | map(speculative(counting{&calls, &with_odd}));
    CHECK((many | tidemark::take(3)) == std::vector{0, 2, 4});
    CHECK(calls <= static_cast<int>(tidemark::chunk_records));
}

TEST_CASE("records that travel alone take no notice of a mark", "[operators][speculative]")
{
    tracked::reset();
    std::atomic<int> calls{0};
    auto const records = rdd_context().parallelize(counted(100), 2) | map([](int x) { return tracked(x); })
                         | filter(speculative([](tracked const& each) noexcept { return each.number % 10 == 3; }))
                         | map(speculative([&calls](tracked const& each) noexcept { return ++calls, each.number; }))
                         | collect();
    CHECK(records == std::vector{3, 13, 23, 33, 43, 53, 63, 73, 83, 93});
    CHECK(calls == 10);
    CHECK(tracked::copies() == 0);

    using large = std::array<int, 100>; // trivial, and too large for a chunk
    calls = 0;
    auto const arrays = rdd_context().parallelize(counted(100), 2)
                        | map(speculative([](int x) noexcept { return large{x}; }))
                        | filter(speculative([](large const& all) noexcept { return all[0] % 2 == 0; }))
                        | map(speculative([&calls](large const& all) noexcept { return ++calls, all[0]; }));
    CHECK((arrays | collect()).size() == 50);
    CHECK(calls == 50);
}

TEST_CASE("what a marked function gives has the type of a map", "[operators][speculative]")
{
    static constexpr std::array<int, 3> table{7, 8, 9};
    auto const by_reference = [](int x) noexcept -> int const& { return table[static_cast<std::size_t>(x) % 3]; };
    auto const numbers = rdd_context().parallelize(counted(5), 1) | filter(speculative(is_even));
    CHECK((numbers | map(speculative(by_reference)) | map(speculative([](long x) noexcept { return x; }))
           | filter(speculative([](long long x) noexcept { return static_cast<int>(x % 3); })) | collect())
          == std::vector<long>{7, 8}); // 0, 2, 4: 7, 9, 8
}
