// SPDX-License-Identifier: BSL-1.0
//
// advancing_stage: a stage that remembers: a state or a window.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/stream/upgrade.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// A stage with work to do in each batch, whether or not an output reads it: a state or a window.
class advancing_stage {
public:
    advancing_stage() = default;
    advancing_stage(advancing_stage const&) = delete;
    advancing_stage& operator=(advancing_stage const&) = delete;
    virtual ~advancing_stage() = default;

    /// The states and windows that this one reads, in the order in which they advance; they come first.
    [[nodiscard]] std::vector<advancing_stage*> const& above() const { return above_; }
    void stand_on(std::vector<advancing_stage*> above) { above_ = std::move(above); }

    /// Takes hold of the input of `time`; in the generating thread.
    virtual void generate(batch_time time) = 0;
    /// Brings the stage from the batch before to `time`; in the thread that runs jobs. *Throws* when it cannot: it is
    /// as before, and no later batch may advance it. Returns a failure that it survives, as a window does without one
    /// of its batches; null when all is well.
    virtual std::exception_ptr advance(batch_time time, any_executor const& executor) = 0;

    /// Takes note of how to read states that an older version of the program has saved. Empty, or for one that does not
    /// give the states of this stage what it gives and what the stage holds.
    [[nodiscard]] virtual std::string
    migrate_from(std::vector<std::shared_ptr<state_migration const>> const& migrations)
    {
        return migrations.empty() ? "" : migrations.front()->made() + ", and the stage holds no states";
    }

    /// What the stage is, without its groups.
    [[nodiscard]] virtual stage_image describe() const = 0;
    /// What has changed since the last call, or since it was restored. *Throws* what saving a value of the program
    /// throws; the next call then gives everything.
    [[nodiscard]] virtual stage_changes take_changes(any_executor const& executor) = 0;
    /// All of a group that `take_changes` has given and not dropped. *Throws* what saving a value throws.
    [[nodiscard]] virtual group_image base(std::uint32_t group) const = 0;
    /// Nobody will ask what has changed so far.
    virtual void settle() = 0;

    /// Takes all `groups`; `image` has none itself. *Throws* `incompatible_checkpoint` when the image was made of other
    /// types, `corrupt_checkpoint` when it makes no sense.
    virtual void restore(stage_image const& image, stage_groups const& groups, any_executor const& executor) = 0;
    /// Nothing was restored: puts the initial states in place, as updated at `first`, the first batch.
    virtual void begin(batch_time first) = 0;

    [[nodiscard]] virtual std::string const& name() const = 0;
    [[nodiscard]] virtual std::string_view kind() const = 0;

    [[nodiscard]] virtual stage_info info() const = 0;
    /// How often a commit is due for its sake; zero when it asks for none.
    [[nodiscard]] virtual duration interval() const = 0;

private:
    std::vector<advancing_stage*> above_;
};

} // namespace tidemark
