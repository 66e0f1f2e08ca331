// SPDX-License-Identifier: BSL-1.0
//
// sliding_columns.test: what a sliding window holds of each key as columns, against the same as stacks.

#include <tidemark/state/sliding_columns.hpp>
#include <tidemark/state/sliding_values.hpp>

#include <state/sliding_panes.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

TEST_CASE("columns give the sums of stacks, joined alike", "[state][sliding_columns]")
{
    struct mixing { // depends on the order of values and on the brackets
        void merge(std::uint64_t& into, std::uint64_t next) const { into = into * 31 + next; }
    };
    mixing const how;
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937_64 random(seed);
    for (auto const missing : {0U, 1U, 5U, 60U, 95U}) { // of 100 values, and of 100 panes
        std::vector<std::map<int, std::uint64_t>> panes(150);
        for (std::size_t number = 0; number < panes.size(); ++number) {
            if (random() % 100 < missing)
                continue;
            for (int key = 0; key < 300; ++key)
                // A hundred of the keys move on with time.
                if (random() % 100 >= missing)
                    panes[number][key < 200 ? key : key + static_cast<int>(number / 10)] = random();
        }
        for (std::int64_t const width : {1, 2, 7, 100})
            for (std::int64_t const step : {1, 3, 50}) {
                INFO(missing << " missing, width " << width << ", step " << step);
                tidemark_test::window<tidemark::sliding_values<int, std::uint64_t, mixing>, std::uint64_t> stacks(
                    how, width);
                tidemark_test::window<tidemark::sliding_columns<int, std::uint64_t, mixing>, std::uint64_t> columns(
                    how, width);
                for (std::int64_t last = step - 1; last < std::ssize(panes); last += step) {
                    stacks.slide_to(panes, last);
                    columns.slide_to(panes, last);
                    auto const found = columns.sums(last);
                    REQUIRE(found == stacks.sums(last));
                    if (last % 50 == 49) {
                        decltype(columns) anew(how, width); // as after a restart
                        anew.slide_to(panes, last);
                        REQUIRE(anew.sums(last) == found);
                    }
                }
            }
    }
}

TEST_CASE("columns do not make the sums of all keys again in one slide", "[state][sliding_columns]")
{
    // Two for each key, and those of the blocks that end, of a 64th of the keys or little more.
    for (std::int64_t const width : {64, 1000}) {
        INFO("width " << width);
        CHECK(tidemark_test::most_calls<tidemark::sliding_columns>(width)
              < (3 + width / 32) * tidemark_test::keys_of_calls);
    }
}

TEST_CASE("columns that a throw has left half-way are good again once they are cleared", "[state][sliding_columns]")
{
    struct throwing {
        int* left;
        void merge(int& into, int next) const
        {
            if (--*left == 0)
                throw std::runtime_error("not today");
            into += next;
        }
    };
    std::vector<std::pair<int, int>> pairs;
    for (int key = 0; key < 100; ++key)
        pairs.emplace_back(key, key);
    for (int at = 1; at < 600; at += 7) {
        int left = at;
        throwing const how{&left};
        tidemark::sliding_columns<int, int, throwing> columns(how, 4);
        bool thrown = false;
        for (int pane = 0; pane < 6; ++pane) {
            std::map<int, int> sums;
            try {
                columns.enter(pairs, pane);
                columns.for_each(pane, [&sums](int key, int sum) { sums[key] = sum; });
            } catch (std::runtime_error const&) {
                thrown = true;
                columns.clear();
                for (int again = pane < 3 ? 0 : pane - 3; again <= pane; ++again)
                    columns.enter(pairs, again);
                columns.for_each(pane, [&sums](int key, int sum) { sums[key] = sum; });
            }
            CHECK(sums.size() == 100);
            for (auto const& [key, sum] : sums)
                if (sum != key * (pane < 3 ? pane + 1 : 4))
                    FAIL("key " << key << " in pane " << pane << ", thrown at " << at << ": " << sum);
        }
        CHECK(thrown);
    }
}

TEST_CASE("columns have room for phases, and give it back", "[state][sliding_columns]")
{
    struct sum {
        void merge(int& into, int next) const { into += next; }
    };
    sum const how;
    tidemark::sliding_columns<int, int, sum> columns(how, 100);
    columns.enter(std::vector<std::pair<int, int>>{{1, 1}}, 0);
    CHECK(columns.room() == 32);
    std::vector<std::pair<int, int>> many;
    for (int key = 0; key < 10'000; ++key)
        many.emplace_back(key, 1);
    columns.enter(many, 1);
    CHECK(columns.keys() == 10'000);
    CHECK(columns.room() >= 10'000);
    CHECK(columns.room() <= 10'000 + 64 * 31);
    columns.clear();
    CHECK(columns.keys() == 0);
    CHECK(columns.room() == 0);
}
