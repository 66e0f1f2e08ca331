// SPDX-License-Identifier: BSL-1.0
//
// sliding_panes: what goes through panes as the stage of a sliding window does.

#pragma once

#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace tidemark_test {

/// Goes through panes of `Value`, each a map by key.
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
        std::size_t given = 0;
        values_.for_each(last, [&](int key, Value const& sum) {
            ++given;
            all.emplace(key, sum);
        });
        CHECK(given == all.size()); // each key once
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

/// Counts how often values are joined.
struct counting {
    std::int64_t* calls;
    void merge(int& into, int next) const
    {
        ++*calls;
        into = std::max(into, next);
    }
};

inline constexpr int keys_of_calls = 640;

/// The most joinings in one slide of a full window, where every pane has every key.
template <template <typename, typename, typename> typename Sliding>
[[nodiscard]] std::int64_t most_calls(std::int64_t width)
{
    std::int64_t calls = 0;
    counting const how{&calls};
    std::vector<std::map<int, int>> panes(static_cast<std::size_t>(2 * width));
    for (std::size_t number = 0; number < panes.size(); ++number)
        for (int key = 0; key < keys_of_calls; ++key)
            panes[number][key] = static_cast<int>(number) % 17;
    window<Sliding<int, int, counting>, int> sliding(how, width);
    std::int64_t most = 0;
    for (std::int64_t pane = 0; pane < 2 * width; ++pane) {
        calls = 0;
        sliding.slide_to(panes, pane);
        (void)sliding.sums(pane);
        if (pane >= width)
            most = std::max(most, calls);
    }
    return most;
}

} // namespace tidemark_test
