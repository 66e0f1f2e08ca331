// SPDX-License-Identifier: BSL-1.0
//
// incremental_window: Spark's keyed windows with an inverse, each made of the one before it. Ours are those that the form
// without an inverse gives.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace spark_model {

/// Batches are numbered 1, 2, ...; `width` and `slide` count them.
template <typename Value>
struct incremental_window {
    using pair = std::pair<Value, Value>;
    using pairs = std::vector<pair>;

    std::function<Value(Value const&, Value const&)> reduce;
    std::function<Value(Value const&, Value const&)> inverse; ///< (accumulated, leaving)
    std::function<bool(pair const&)> keeps;
    std::int64_t width;
    std::int64_t slide;

    /// The windows of `input` up to batch `last`, by the number of their last batch. They end where Spark fails: a key
    /// leaves of which the window before has nothing.
    [[nodiscard]] std::map<std::int64_t, pairs> outputs(std::vector<pairs> const& input, std::int64_t last) const
    {
        std::map<std::int64_t, pairs> all;
        pairs before;
        for (auto time = slide; time <= last; time += slide) {
            auto window = following(before, reduced(input, time - slide - width + 1, time - width),
                                    reduced(input, time - slide + 1, time));
            if (!window)
                break;
            all[time] = before = *std::move(window);
        }
        return all;
    }

private:
    [[nodiscard]] static Value* find(pairs& all, Value const& key)
    {
        auto const found = std::find_if(all.begin(), all.end(), [&](pair const& each) { return each.first == key; });
        return found != all.end() ? &found->second : nullptr;
    }

    /// The values of each key in the batches `first` to `last`, joined.
    [[nodiscard]] pairs reduced(std::vector<pairs> const& input, std::int64_t first, std::int64_t last) const
    {
        pairs all;
        for (auto number = std::max(first, std::int64_t{1});
             number <= std::min(last, static_cast<std::int64_t>(input.size())); ++number)
            for (auto const& [key, coming] : input[static_cast<std::size_t>(number - 1)])
                if (auto* const so_far = find(all, key))
                    *so_far = reduce(*so_far, coming);
                else
                    all.emplace_back(key, coming);
        return all;
    }

    [[nodiscard]] std::optional<pairs> following(pairs window, pairs leaving, pairs const& entering) const
    {
        for (auto& [key, kept] : window)
            if (auto const* const gone = find(leaving, key))
                kept = inverse(kept, *gone);
        for (auto const& [key, come] : entering)
            if (auto* const kept = find(window, key))
                *kept = reduce(*kept, come);
            else
                window.emplace_back(key, come);
        for (auto const& [key, gone] : leaving)
            if (find(window, key) == nullptr)
                return std::nullopt;
        std::erase_if(window, [this](pair const& each) { return !keeps(each); });
        return window;
    }
};

} // namespace spark_model
