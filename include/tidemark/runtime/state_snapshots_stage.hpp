// SPDX-License-Identifier: BSL-1.0
//
// state_snapshots_stage: the running side of state_snapshots.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <memory>
#include <utility>

namespace tidemark {

/// The stage of `state_snapshots` over the stage `Tracked`.
template <typename Tracked>
class state_snapshots_stage final
    : public dataset_stage<std::pair<typename Tracked::key_type, typename Tracked::state_type>> {
public:
    explicit state_snapshots_stage(std::shared_ptr<Tracked> tracked)
        : tracked_(std::move(tracked))
    {
        tracked_->show_states();
    }

private:
    using record_type = std::pair<typename Tracked::key_type, typename Tracked::state_type>;

    dataset_ptr<record_type> make(batch_time time) override { return tracked_->snapshot(time); }
    dataset_ptr<record_type> make_again(batch_time time) override { this->refuse_forgotten(time); }
    bool keeps_results() const override { return true; }

    std::shared_ptr<Tracked> tracked_;
};

} // namespace tidemark
