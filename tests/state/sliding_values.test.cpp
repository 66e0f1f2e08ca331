// SPDX-License-Identifier: BSL-1.0
//
// sliding_values.test: what a sliding window holds of each key, as stacks or as columns, against the values themselves.

#include <tidemark/state/sliding_columns.hpp>
#include <tidemark/state/sliding_values.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

/// Shows in which order values were joined, and how they were put in brackets.
struct bracketed {
    void merge(std::string& into, std::string&& next) const { into = "(" + into + next + ")"; }
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

/// Goes through panes of `Value`, each a map by key, as a stage does.
template <typename Sliding, typename Value>
class window {
public:
    using panes = std::vector<std::map<int, Value>>;

    template <typename How>
    window(How const& how, std::int64_t width)
        : values_(how, width)
        , width_(width)
    {}

    /// Goes on to the window that ends with the pane `last`.
    void slide_to(panes const& all, std::int64_t last)
    {
        for (; next_ <= last; ++next_) {
            if (next_ <= last - width_ || all[static_cast<std::size_t>(next_)].empty())
                continue;
            leave_up_to(all, next_ - width_);
            held_.push_back(next_);
            values_.enter(pairs(all, next_), next_);
        }
        leave_up_to(all, last - width_);
    }

    std::map<int, Value> sums(std::int64_t last)
    {
        std::map<int, Value> all;
        values_.for_each(last, [&](int key, Value const& sum) { CHECK(all.emplace(key, sum).second); });
        CHECK(values_.keys() == all.size());
        return all;
    }

private:
    static std::vector<std::pair<int, Value>> pairs(panes const& all, std::int64_t number)
    {
        auto const& from = all[static_cast<std::size_t>(number)];
        std::vector<std::pair<int, Value>> copied(from.begin(), from.end());
        if (number % 3 == 0)
            std::reverse(copied.begin(), copied.end());
        return copied;
    }

    void leave_up_to(panes const& all, std::int64_t last)
    {
        for (; !held_.empty() && held_.front() <= last; held_.erase(held_.begin()))
            if constexpr (requires { values_.leave(pairs(all, 0)); })
                values_.leave(pairs(all, held_.front()));
    }

    Sliding values_;
    std::int64_t width_;
    std::int64_t next_ = 0;
    std::vector<std::int64_t> held_;
};

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
            using stacks = window<tidemark::sliding_values<int, std::string, bracketed>, std::string>;
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

TEST_CASE("columns give the sums of stacks, joined alike", "[state][sliding_columns]")
{
    struct mixing { // depends on the order of values and on the brackets
        void merge(std::uint64_t& into, std::uint64_t&& next) const { into = into * 31 + next; }
    };
    mixing const how;
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937_64 random(seed);
    for (auto const missing : {0U, 1U, 5U, 60U, 95U}) { // of 100 values, and of 100 panes
        std::vector<std::map<int, std::uint64_t>> panes(300);
        for (std::size_t number = 0; number < panes.size(); ++number)
            for (int key = 0; random() % 100 >= missing && key < 300; ++key)
                // A hundred of the keys move on with time.
                if (random() % 100 >= missing)
                    panes[number][key < 200 ? key : key + static_cast<int>(number / 10)] = random();
        for (std::int64_t const width : {1, 2, 7, 40, 100})
            for (std::int64_t const step : {1, 3, 50}) {
                INFO(missing << " missing, width " << width << ", step " << step);
                window<tidemark::sliding_values<int, std::uint64_t, mixing>, std::uint64_t> stacks(how, width);
                window<tidemark::sliding_columns<int, std::uint64_t, mixing>, std::uint64_t> columns(how, width);
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

TEMPLATE_TEST_CASE_SIG("the sums of all keys are not made again in one slide", "[state][sliding_values]",
                       ((bool Columns), Columns), false, true)
{
    struct counting {
        std::int64_t* calls;
        void merge(int& into, int&& next) const
        {
            ++*calls;
            into = std::max(into, next);
        }
    };
    std::int64_t calls = 0;
    counting const how{&calls};
    constexpr std::int64_t width = 64;
    constexpr int keys = 1000;
    std::vector<std::map<int, int>> panes(5 * width);
    for (std::size_t number = 0; number < panes.size(); ++number)
        for (int key = 0; key < keys; ++key)
            panes[number][key] = static_cast<int>(number) % 17;
    using values = std::conditional_t<Columns, tidemark::sliding_columns<int, int, counting>,
                                      tidemark::sliding_values<int, int, counting>>;
    window<values, int> sliding(how, width);
    std::int64_t most = 0;
    for (std::int64_t pane = 0; pane < 5 * width; ++pane) {
        calls = 0;
        sliding.slide_to(panes, pane);
        (void)sliding.sums(pane);
        if (pane >= width)
            most = std::max(most, calls);
    }
    CHECK(most < 5 * keys); // two for each, and its share of the blocks that end
}
