// SPDX-License-Identifier: BSL-1.0
//
// batch_updates: what a batch adds to accumulators, by what has produced it, until the batch is done.

#pragma once

#include <tidemark/execution/updates.hpp>

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
        for (auto const& each : made_)
            if (!each.written)
                write(each.producer, each.what);
    }

    void all_written()
    {
        for (auto& each : made_)
            each.written = true;
    }

    /// Makes them count: of the producers in `order`, then of others by name.
    void apply(std::vector<std::string> const& order)
    {
        for (auto const& producer : order)
            if (auto const found = place_of(producer); found != made_.end() && found->producer == producer)
                found->what.apply();
        for (auto& each : made_)
            each.what.apply(); // empty, where it has been applied
        made_.clear();
    }

private:
    struct produced {
        std::string producer;
        updates what;
        bool written;
    };

    /// Where the producer is, or belongs.
    [[nodiscard]] std::vector<produced>::iterator place_of(std::string const& producer)
    {
        auto place = made_.begin(); // there are few of them
        while (place != made_.end() && place->producer < producer)
            ++place;
        return place;
    }

    void put(std::string const& producer, updates made, bool written)
    {
        auto const place = place_of(producer);
        if (!made.empty() && (place == made_.end() || place->producer != producer))
            made_.insert(place, produced{producer, std::move(made), written});
    }

    std::vector<produced> made_; // by the name of the producer
};

} // namespace tidemark
