// SPDX-License-Identifier: BSL-1.0
//
// sliding_values.test: what a sliding window holds of each key, against the values themselves.

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

class window {
public:
    explicit window(std::int64_t width)
        : values_(how_, width)
        , width_(width)
    {}

    /// Goes on to the window that ends with the pane `last`.
    void slide_to(std::vector<pane> const& panes, std::int64_t last)
    {
        for (; next_ <= last; ++next_) {
            if (next_ <= last - width_)
                continue;
            leave_up_to(panes, next_ - width_);
            held_.push_back(next_);
            for (auto const& [key, value] : panes[static_cast<std::size_t>(next_)])
                values_.enter(tidemark::key_hash(key), key, value, next_);
        }
        leave_up_to(panes, last - width_);
    }

    std::map<int, std::string> sums(std::int64_t last)
    {
        std::map<int, std::string> all;
        values_.for_each(last, [&](int key, std::string const& sum) { CHECK(all.emplace(key, sum).second); });
        return all;
    }

private:
    void leave_up_to(std::vector<pane> const& panes, std::int64_t last)
    {
        while (!held_.empty() && held_.front() <= last) {
            for (auto const& [key, value] : panes[static_cast<std::size_t>(held_.front())])
                values_.leave(tidemark::key_hash(key), key);
            held_.erase(held_.begin());
        }
    }

    bracketed how_;
    tidemark::sliding_values<int, std::string, bracketed> values_;
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
    for (std::int64_t const width : {1, 2, 3, 5, 16, 50})
        for (std::int64_t const step : {1, 2, 3, 7, 60}) {
            INFO("width " << width << ", step " << step);
            window sliding(width);
            for (std::int64_t last = step - 1; last < std::ssize(panes); last += step) {
                sliding.slide_to(panes, last);
                auto found = sliding.sums(last);
                window anew(width); // as after a restart
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
    tidemark::sliding_values<int, int, counting> sliding(how, width);
    std::int64_t most = 0;
    for (std::int64_t pane = 0; pane < 5 * width; ++pane) {
        calls = 0;
        for (int key = 0; pane >= width && key < keys; ++key)
            sliding.leave(tidemark::key_hash(key), key);
        for (int key = 0; key < keys; ++key)
            sliding.enter(tidemark::key_hash(key), key, static_cast<int>(pane) % 17, pane);
        sliding.for_each(pane, [](int, int) {});
        if (pane >= width)
            most = std::max(most, calls);
    }
    CHECK(most < 5 * keys); // two for each, and its share of the blocks that end
}
