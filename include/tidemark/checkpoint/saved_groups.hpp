// SPDX-License-Identifier: BSL-1.0
//
// saved_groups: the saved key-groups of a commit, given out one by one, so that they are not all in memory at once.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark {

/// The groups of all stages of a commit, by the numbers of stage and group in it, from 0. Every byte has been verified.
///
/// *Threads*: all calls, at once, for different groups.
class saved_groups {
public:
    saved_groups() = default;
    saved_groups(saved_groups const&) = delete;
    saved_groups& operator=(saved_groups const&) = delete;
    virtual ~saved_groups() = default;

    /// How many groups a stage has.
    [[nodiscard]] virtual std::size_t size(std::size_t stage) const = 0;
    /// Gives a group away; to be called once for each. *Throws* `corrupt_checkpoint` or `storage_error` when it cannot be
    /// read any more.
    [[nodiscard]] virtual group_image take(std::size_t stage, std::size_t number) = 0;
    /// The groups of a stage that are behind their base, each with the last batch that has changed it.
    [[nodiscard]] virtual std::vector<std::pair<std::uint32_t, batch_time>> changed(std::size_t stage) const = 0;
};

/// Those of one stage.
class stage_groups {
public:
    /// *Requires* that `all` outlives it.
    stage_groups(saved_groups& all, std::size_t stage)
        : all_(&all)
        , stage_(stage)
    {}

    [[nodiscard]] std::size_t size() const { return all_->size(stage_); }
    /// As `saved_groups::take`.
    [[nodiscard]] group_image take(std::size_t number) const { return all_->take(stage_, number); }

private:
    saved_groups* all_;
    std::size_t stage_;
};

} // namespace tidemark
