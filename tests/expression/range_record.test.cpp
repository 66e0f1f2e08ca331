// SPDX-License-Identifier: BSL-1.0
//
// range_record.test: the records that ranges give.

#include <tidemark/expression/range_record.hpp>

#include <support/catch.hpp>
#include <support/tracked.hpp>

#include <range/v3/view/filter.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>
#include <range/v3/view/zip.hpp>

#include <array>
#include <concepts>
#include <forward_list>
#include <map>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using tidemark::owns_elements_v;
using tidemark::range_record_t;
using tidemark_test::tracked;

constexpr auto to_string = [](int x) { return std::string(static_cast<std::size_t>(x), 'x'); };

template <typename Range, typename Record>
constexpr bool gives = std::same_as<range_record_t<Range>, Record>;

// ---- Which records
static_assert(gives<std::vector<std::string>, std::string>);
static_assert(gives<std::vector<std::string> const&, std::string>);
static_assert(gives<std::vector<bool>, bool>, "not the proxy");
static_assert(gives<std::string_view, char>);
static_assert(gives<std::span<int const>, int>);
static_assert(gives<int (&)[3], int>);
static_assert(gives<std::set<int>, int>);
static_assert(gives<std::map<std::string, int>, std::pair<std::string, int>>, "not with the map's constant key");
static_assert(gives<std::unordered_map<int, std::string> const&, std::pair<int, std::string>>);
static_assert(gives<decltype(std::views::iota(1, 4) | std::views::transform(to_string)), std::string>);
static_assert(gives<decltype(ranges::views::ints(1, 4) | ranges::views::transform(to_string)), std::string>);

using ints = std::vector<int>&;
using words = std::vector<std::string>&;
static_assert(
    gives<decltype(ranges::views::zip(std::declval<ints>(), std::declval<words>())), std::pair<int, std::string>>,
    "values, not references to them");
static_assert(gives<decltype(ranges::views::zip(std::declval<ints>(), std::declval<words>(), std::declval<ints>())),
                    std::tuple<int, std::string, int>>);

// ---- Whose elements may be moved from
static_assert(owns_elements_v<std::vector<std::string>>);
static_assert(owns_elements_v<std::array<std::string, 2>>);
static_assert(owns_elements_v<std::map<int, int>>);
static_assert(!owns_elements_v<std::vector<std::string>&>);
static_assert(!owns_elements_v<std::vector<std::string> const>);
static_assert(!owns_elements_v<std::span<std::string>>, "a view's elements belong to somebody else");
static_assert(!owns_elements_v<decltype(std::views::all(std::declval<words>()))>);

template <typename Range>
std::vector<range_record_t<Range>> walked(Range&& range)
{
    std::vector<range_record_t<Range>> records;
    auto const end = std::end(range);
    for (auto it = std::begin(range); it != end; ++it)
        records.push_back(tidemark::record_at<Range>(it));
    return records;
}

} // namespace

TEST_CASE("records are moved out of a container given away and copied out of any other", "[expression][range_record]")
{
    auto const three = [] {
        std::vector<tracked> made;
        for (int number : {1, 2, 3})
            made.emplace_back(number);
        return made;
    };
    auto kept = three();
    auto const expected = three();

    tracked::reset();
    CHECK(walked(three()) == expected);
    CHECK(tracked::copies() == 0);

    tracked::reset();
    CHECK(walked(kept) == expected);
    CHECK(walked(std::span(kept)) == expected);
    CHECK(kept == expected);
    CHECK(tracked::copies() > 0);
}

TEST_CASE("an array, a map and a proxy give their values", "[expression][range_record]")
{
    std::vector const numbers{1, 2};
    std::vector<std::string> const names{"one", "two"};
    using pairs = std::vector<std::pair<int, std::string>>;
    CHECK(walked(std::array{1, 2}) == numbers);
    CHECK(walked(std::map<int, std::string>{{2, "two"}, {1, "one"}}) == pairs{{1, "one"}, {2, "two"}});
    CHECK(walked(ranges::views::zip(numbers, names)) == pairs{{1, "one"}, {2, "two"}});
    CHECK(walked(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
    CHECK(walked(std::forward_list<int>{4, 5}) == std::vector{4, 5});
}
