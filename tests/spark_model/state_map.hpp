// SPDX-License-Identifier: BSL-1.0
//
// state_map: Spark's map of states, in which a copy is an empty delta on its parent. Ours is one flat table with an undo list.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace spark_model {

/// A value and the time of its last update.
struct timed_state {
    std::int64_t value = 0;
    std::int64_t time = 0;

    [[nodiscard]] friend bool operator==(timed_state const&, timed_state const&) = default;
};

class state_map {
public:
    using entries = std::map<std::int64_t, timed_state>;

    void put(std::int64_t key, timed_state state) { delta_[key] = state; }

    /// A key that is not there may be removed.
    void remove(std::int64_t key) { delta_[key] = std::nullopt; }

    [[nodiscard]] std::optional<std::int64_t> get(std::int64_t key) const
    {
        if (auto const found = delta_.find(key); found != delta_.end())
            return found->second ? std::optional(found->second->value) : std::nullopt;
        return parent_ ? parent_->get(key) : std::nullopt;
    }

    [[nodiscard]] entries all() const
    {
        auto every = parent_ ? parent_->all() : entries();
        for (auto const& [key, state] : delta_)
            if (state)
                every.insert_or_assign(key, *state);
            else
                every.erase(key);
        return every;
    }

    /// Those last updated before `time`.
    [[nodiscard]] entries older_than(std::int64_t time) const
    {
        auto some = all();
        std::erase_if(some, [time](auto const& entry) { return entry.second.time >= time; });
        return some;
    }

    /// Another map with the same entries; no change of one shows in the other.
    [[nodiscard]] static state_map copy_of(state_map const& from)
    {
        state_map copy;
        copy.parent_ = std::make_shared<state_map const>(from);
        return copy;
    }

    /// How many maps lie below this one.
    [[nodiscard]] std::size_t chain_length() const { return parent_ ? parent_->chain_length() + 1 : 0; }

    /// What is read back after it was written: from `threshold` maps on, those below are merged into one.
    [[nodiscard]] state_map read_back(std::size_t threshold) const
    {
        if (chain_length() < threshold)
            return *this;
        state_map merged;
        for (auto const& [key, state] : parent_->all())
            merged.put(key, state);
        auto top = copy_of(merged);
        top.delta_ = delta_;
        return top;
    }

private:
    std::shared_ptr<state_map const> parent_;
    std::map<std::int64_t, std::optional<timed_state>> delta_; ///< Nothing: removed.
};

} // namespace spark_model
