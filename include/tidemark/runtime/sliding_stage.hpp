// SPDX-License-Identifier: BSL-1.0
//
// sliding_stage: the running side of reduce_by_key_and_window without an inverse, over the stage of its window.

#pragma once

#include <tidemark/execution/key_placement.hpp>
#include <tidemark/runtime/environment_cell.hpp>
#include <tidemark/runtime/sliding_dataset.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace tidemark {

/// Joins the pairs of each window by key. The window itself, with all that must survive, is a stage of its own.
template <typename Node>
class sliding_stage final : public dataset_stage<record_t<Node>> {
public:
    using record_type = record_t<Node>;
    using key_type = typename record_type::first_type;
    using value_type = typename record_type::second_type;
    using aggregation = typename Node::aggregation_type;
    using dataset_type = sliding_dataset<key_type, value_type, aggregation>;

    /// *Requires* the stage of `windowed`, of which a window covers `width` batches.
    sliding_stage(Node const& node, std::shared_ptr<dataset_stage<record_type>> covered, std::int64_t width,
                  environment_cell const& where)
        : shape_{node.aggregation, width, std::make_shared<typename dataset_type::last_type>()}
        , covered_(std::move(covered))
        , where_(&where)
    {}

private:
    dataset_ptr<record_type> make(batch_time time) override
    {
        auto covered = std::static_pointer_cast<window_dataset<record_type>>(covered_->at(time));
        if (!covered)
            return nullptr;
        auto placement = placement_for<key_type>({}, where_->get()->layout, {covered->partitioning()});
        return std::make_shared<dataset_type>(std::move(covered), shape_, std::move(placement));
    }
    bool keeps_results() const override { return true; }

    typename dataset_type::shape shape_;
    std::shared_ptr<dataset_stage<record_type>> covered_;
    environment_cell const* where_;
};

} // namespace tidemark
