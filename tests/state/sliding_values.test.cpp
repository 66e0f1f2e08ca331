// SPDX-License-Identifier: BSL-1.0
//
// sliding_values.test: what a sliding window holds of each key, against the values themselves.

#include <tidemark/state/sliding_values.hpp>

#include <state/sliding_panes.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

/// Shows in which order values were joined, and how they were put in brackets.
struct bracketed {
    void merge(std::string& into, std::string const& next) const { into = "(" + into + next + ")"; }
};

std::string without_brackets(std::string const& text)
{
    std::string plain;
    for (char const one : text)
        if (one != '(' && one != ')')
            plain += one;
    return plain;
}

using pane = std::map<int, std::string>; // by key

/// Keys 0 to 9, key k in every k-th pane or so; a value names its pane.
std::vector<pane> some_panes(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<pane> all(120);
    for (std::size_t number = 0; number < all.size(); ++number)
        for (int key = 0; key < 10; ++key)
            if (random() % static_cast<std::uint64_t>(key + 1) == 0)
                all[number][key] = std::string(1, static_cast<char>(42 + number % 80));
    return all;
}

std::map<int, std::string> in_order(std::vector<pane> const& panes, std::int64_t width, std::int64_t last)
{
    std::map<int, std::string> all;
    for (auto number = std::max<std::int64_t>(0, last - width + 1); number <= last; ++number)
        for (auto const& [key, value] : panes[static_cast<std::size_t>(number)])
            all[key] += value;
    return all;
}

} // namespace

TEST_CASE("a sliding window joins the values of each key from the oldest to the newest", "[state][sliding_values]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    auto const panes = some_panes(seed);
    bracketed const how;
    for (std::int64_t const width : {1, 2, 3, 5, 16, 50})
        for (std::int64_t const step : {1, 2, 3, 7, 60}) {
            INFO("width " << width << ", step " << step);
            using stacks = tidemark_test::window<tidemark::sliding_values<int, std::string, bracketed>, std::string>;
            stacks sliding(how, width);
            for (std::int64_t last = step - 1; last < std::ssize(panes); last += step) {
                sliding.slide_to(panes, last);
                auto found = sliding.sums(last);
                stacks anew(how, width); // as after a restart
                anew.slide_to(panes, last);
                CHECK(anew.sums(last) == found);
                for (auto& [key, sum] : found)
                    sum = without_brackets(sum);
                CHECK(found == in_order(panes, width, last));
            }
        }
}

TEST_CASE("the sums of all keys are not made again in one slide", "[state][sliding_values]")
{
    // Two for each key, and those of the blocks that end, of a 64th of the keys or little more.
    for (std::int64_t const width : {64, 1000}) {
        INFO("width " << width);
        CHECK(tidemark_test::most_calls<tidemark::sliding_values>(width)
              < (3 + width / 32) * tidemark_test::keys_of_calls);
    }
}
