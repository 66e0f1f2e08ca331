// SPDX-License-Identifier: BSL-1.0
//
// batch_updates: what a batch adds to accumulators, by what has produced it, until the batch is done.

#pragma once

#include <tidemark/execution/updates.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

[[nodiscard]] inline std::string output_producer(std::string const& output) { return "output " + output; }
[[nodiscard]] inline std::string state_producer(std::string const& stage) { return "state " + stage; }
[[nodiscard]] inline std::string stage_producer(std::size_t number) { return "stage " + std::to_string(number); }
inline constexpr char const* generation_producer = "generation";

/// A stage of which one part has been computed, and how many it has; empty for other producers.
struct cut_stage {
    std::string_view whole;
    std::string_view parts;
};

/// Reads what `part_producer` made of a stage's producer.
[[nodiscard]] inline cut_stage cut_of(std::string_view producer)
{
    auto const comma = producer.find(", part ");
    if (!producer.starts_with("stage ") || comma == std::string_view::npos) // others have names of the program
        return {};
    return {producer.substr(0, comma), producer.substr(producer.rfind(' '))};
}

} // namespace detail

/// The updates of one batch. Of a producer the first word counts: what an earlier run has written down, or what was
/// computed first. Of a collection that an earlier run has cut into another number of partitions, nothing counts again.
///
/// *Threads*: any may `record`; the others by the one that runs jobs, while no task runs.
class batch_updates final : public update_receiver {
public:
    /// Of a producer that a restart runs only if something that is not done asks for it: must be written down.
    void record(std::string const& producer, updates&& made) override { put(producer, std::move(made), false); }

    /// Of one that a restart runs in any case, or whose updates come from the log.
    void record_known(std::string const& producer, updates&& made) { put(producer, std::move(made), true); }

    /// Calls `see(updates)` for all.
    template <typename See>
    void for_each(See const& see) const
    {
        for (auto const& each : made_)
            see(each.what);
    }

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
        std::scoped_lock const lock(mutex_);
        auto const place = place_of(producer);
        bool const known = place != made_.end() && place->producer == producer;
        if (!made.empty() && !known && !is_known_cut_otherwise(producer))
            made_.insert(place, produced{producer, std::move(made), written});
    }

    [[nodiscard]] bool is_known_cut_otherwise(std::string_view producer) const
    {
        auto const mine = detail::cut_of(producer);
        return !mine.whole.empty() && std::any_of(made_.begin(), made_.end(), [&](auto const& each) {
            auto const other = detail::cut_of(each.producer);
            return other.whole == mine.whole && other.parts != mine.parts;
        });
    }

    std::mutex mutex_;
    std::vector<produced> made_; // by the name of the producer
};

} // namespace tidemark
