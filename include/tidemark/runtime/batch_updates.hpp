// SPDX-License-Identifier: BSL-1.0
//
// batch_updates: what a batch adds to accumulators, by what has produced it, until the batch is done.

#pragma once

#include <tidemark/execution/updates.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The updates of one batch. Of a producer the first word counts: what an earlier run has written down, or what was
/// computed first.
///
/// *Threads*: one at a time.
class batch_updates final : public update_receiver {
public:
    /// Of a producer that a restart runs only if something that is not done asks for it: must be written down.
    void record(std::string const& producer, updates&& made) override { put(producer, std::move(made), false); }

    /// Of one that a restart runs in any case, or whose updates come from the log.
    void record_known(std::string const& producer, updates&& made) { put(producer, std::move(made), true); }

    /// Calls `write(producer, updates)` for all that must be written down and has not been.
    template <typename Write>
    void for_each_unwritten(Write const& write) const
    {
        for (auto const& [producer, each] : made_)
            if (!each.written)
                write(producer, each.what);
    }

    void all_written()
    {
        for (auto& [producer, each] : made_)
            each.written = true;
    }

    /// Makes them count: of the producers in `order`, then of others by name.
    void apply(std::vector<std::string> const& order)
    {
        for (auto const& producer : order)
            if (auto const found = made_.find(producer); found != made_.end())
                found->second.what.apply();
        for (auto& [producer, each] : made_)
            each.what.apply(); // empty, where it has been applied
        made_.clear();
    }

private:
    struct produced {
        updates what;
        bool written;
    };

    void put(std::string const& producer, updates&& made, bool written)
    {
        if (!made.empty())
            made_.try_emplace(producer, produced{std::move(made), written});
    }

    std::map<std::string, produced> made_;
};

} // namespace tidemark
