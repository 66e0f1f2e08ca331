// SPDX-License-Identifier: BSL-1.0
//
// window_stage: the running side of window: keeps the parent's last batches.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/checkpoint/saved_rows.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/detail/read_saved.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/pane_numbers.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/waiting_lines.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/time/batch_times.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The stage of `windowed`. A pane is one batch of the parent, computed in that batch and kept while a window can cover
/// it. A batch that cannot be computed fails the windows that cover it, and no others.
template <typename Chain>
class window_stage final : public dataset_stage<typename Chain::output>, public advancing_stage {
public:
    using record_type = typename Chain::output;

    /// What the window is called, and its times.
    struct shape {
        std::string name;
        duration window;
        duration slide;
        duration parent_slide;
        grid_cell const* grid;
    };

    window_stage(shape form, stream_line<Chain> parent)
        : shape_(std::move(form))
        , parent_(std::move(parent))
    {}

    void generate(batch_time time) override
    {
        if (!shape_.grid->is_valid(time, shape_.parent_slide))
            return;
        bool const fed = inputs_.put(time, parent_);
        std::scoped_lock const lock(windows_mutex_);
        if (fed)
            layouts_.insert_or_assign(time, layout_at(time));
        if (shape_.grid->is_valid(time, shape_.slide))
            windows_.try_emplace(time, std::make_shared<window_dataset<record_type>>(time, common_layout(time)));
    }

    std::exception_ptr advance(batch_time time, any_executor const& executor) override
    {
        auto const input = inputs_.take(time);
        if (!input)
            return nullptr;
        std::exception_ptr lost;
        if (auto const& line = *input) {
            try {
                panes_.insert_or_assign(
                    time, std::make_shared<partitioned<record_type> const>(collect_partitions(*line, executor)));
                numbers_.add(time);
            } catch (...) {
                lost = std::current_exception();
                lost_.insert_or_assign(time, lost);
            }
        }
        panes_.erase(panes_.begin(), panes_.upper_bound(time - shape_.window));
        numbers_.drop_until(time - shape_.window);
        lost_.erase(lost_.begin(), lost_.upper_bound(time - shape_.window));
        if (shape_.grid->is_valid(time, shape_.slide))
            fill(*window_of(time), time);
        return lost;
    }

    void forget(batch_time done) override
    {
        std::scoped_lock const lock(windows_mutex_);
        auto const last = this->forgotten(done);
        windows_.erase(windows_.begin(), windows_.upper_bound(last));
        layouts_.erase(layouts_.begin(), layouts_.upper_bound(last - shape_.window));
        inputs_.forget(last);
        dataset_stage<record_type>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        std::scoped_lock const lock(windows_mutex_);
        return windows_.size() + panes_.size() + inputs_.kept() + dataset_stage<record_type>::kept();
    }

    [[nodiscard]] stage_image describe() const override
    {
        stage_image image{shape_.name, std::string(kind()), "", "", image_version, {}};
        if constexpr (serializable<record_type>)
            image.state_schema = schema_of<record_type>();
        return image;
    }

    /// A group image for each pane: its time, the number of key-groups by which its keys lie in its partitions or 0,
    /// then its partitions.
    [[nodiscard]] stage_changes take_changes(any_executor const&) override
    {
        stage_changes changes;
        changes.anew = std::exchange(anew_, true); // until all is given
        if constexpr (serializable<record_type>)
            numbers_.take_changes(changes,
                                  [this](batch_time time, std::uint32_t number) { return image_of(time, number); });
        settle();
        anew_ = false;
        return changes;
    }

    [[nodiscard]] group_image base(std::uint32_t group) const override
    {
        return image_of(numbers_.time_of(group), group);
    }

    void settle() override { numbers_.settle(); }

    void restore(stage_image const& image, stage_groups const& groups, any_executor const& executor) override
    {
        if constexpr (serializable<record_type>) {
            if (!schema_reads(schema_of<record_type>(), image.state_schema))
                throw incompatible_checkpoint(
                    "stage \"" + shape_.name + "\": the checkpoint holds records of " + image.state_schema
                    + ", and this program expects " + schema_of<record_type>()
                    + "; run the program that wrote it, or begin with an empty checkpoint directory");
            auto one = [&](std::size_t number) {
                auto const saved = groups.take(number);
                detail::read_saved("stage \"" + shape_.name + "\", batch " + std::to_string(saved.group)
                                       + " of its window",
                                   [&] { restore_pane(saved, image.version); });
            };
            executor.run(groups.size(), one);
            anew_ = image.version != image_version || image.state_schema != schema_of<record_type>();
        }
    }

    void begin(batch_time) override {}

    [[nodiscard]] std::string const& name() const override { return shape_.name; }
    [[nodiscard]] std::string_view kind() const override { return "window"; }
    [[nodiscard]] duration interval() const override { return duration::zero(); }
    [[nodiscard]] stage_info info() const override
    {
        stage_info info{shape_.name, std::string(kind()), 0, 0};
        for (auto const& [time, pane] : panes_)
            for (auto const& part : *pane) {
                info.keys += part.size();
                info.bytes += part.capacity() * sizeof(record_type);
            }
        return info;
    }

private:
    static constexpr std::uint32_t image_version = 2; // 1 did not say how keys lie

    [[nodiscard]] group_image image_of([[maybe_unused]] batch_time time, std::uint32_t number) const
    {
        output_archive out;
        std::uint64_t partitions = 0;
        if constexpr (serializable<record_type>) {
            auto const& pane = *panes_.at(time);
            partitions = pane.size();
            out << time.count() << key_groups_of(time) << partitions;
            for (auto const& part : pane)
                save_row<record_type>(out, part);
        }
        return {number, partitions, std::vector(out.bytes().begin(), out.bytes().end())};
    }

    /// *Threads*: called from several, a pane each.
    void restore_pane(group_image const& saved, std::uint32_t version)
    {
        input_archive in(saved.bytes);
        auto const time = batch_time(load<std::int64_t>(in));
        auto const key_groups = version < 2 ? 0 : load<std::uint64_t>(in);
        partitioned<record_type> parts;
        for (auto left = load<std::uint64_t>(in); left != 0; --left) {
            auto part = load<std::vector<record_type>>(in);
            parts.emplace_back(std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
        }
        detail::expect_no_more(in);
        std::scoped_lock const lock(windows_mutex_);
        layouts_[time] = key_groups == 0
                             ? std::nullopt
                             : std::optional(key_partitioning{parts.size(), static_cast<std::size_t>(key_groups), {}});
        panes_.insert_or_assign(time, std::make_shared<partitioned<record_type> const>(std::move(parts)));
        numbers_.restore(time, saved.group);
    }

    /// How keys lie in the parent's batch of `time`.
    [[nodiscard]] std::optional<key_partitioning> layout_at([[maybe_unused]] batch_time time) const
    {
        if constexpr (keeps_keys_v<Chain>)
            if (auto const data = parent_.origin()->at(time))
                return data->partitioning();
        return std::nullopt;
    }

    /// How keys lie in every batch of the window of `time`, where that is known and the same. With the lock.
    [[nodiscard]] std::optional<key_partitioning> common_layout(batch_time time) const
    {
        std::optional<key_partitioning> common;
        for (auto const at : cover(time)) {
            auto const found = layouts_.find(at);
            if (found == layouts_.end())
                continue;
            if (!found->second || (common && *common != *found->second))
                return std::nullopt;
            common = found->second;
        }
        return common;
    }

    /// For a pane whose keys lie by their hash; a partitioner of the program's own cannot be saved.
    [[nodiscard]] std::uint64_t key_groups_of(batch_time time) const
    {
        std::scoped_lock const lock(windows_mutex_);
        auto const found = layouts_.find(time);
        return found != layouts_.end() && found->second && !found->second->rule ? found->second->groups : 0;
    }

    [[nodiscard]] batch_times cover(batch_time time) const
    {
        return shape_.grid->get().window_cover(time, shape_.window, shape_.parent_slide);
    }

    using pane_ptr = std::shared_ptr<partitioned<record_type> const>;

    dataset_ptr<record_type> make(batch_time time) override
    {
        inputs_.check(time);
        return shape_.grid->is_valid(time, shape_.slide) ? window_of(time) : nullptr;
    }
    dataset_ptr<record_type> make_again(batch_time time) override { this->refuse_forgotten(time); }
    bool keeps_results() const override { return true; }

    [[nodiscard]] std::shared_ptr<window_dataset<record_type>> window_of(batch_time time)
    {
        std::scoped_lock const lock(windows_mutex_);
        auto& kept = windows_[time];
        if (!kept)
            kept = std::make_shared<window_dataset<record_type>>(time);
        return kept;
    }

    void fill(window_dataset<record_type>& one, batch_time time) const
    {
        std::scoped_lock const lock(windows_mutex_);
        std::vector<window_pane_at<record_type>> covered;
        for (auto const at : cover(time)) {
            if (auto const found = lost_.find(at); found != lost_.end())
                return one.fail(found->second);
            if (auto const found = panes_.find(at); found != panes_.end())
                covered.push_back({number_of(at), found->second, layout_of(at)});
        }
        one.fill(std::move(covered), number_of(time));
    }

    /// How keys lie in the pane of `time`, where that is known. With the lock.
    [[nodiscard]] std::optional<key_partitioning> layout_of(batch_time time) const
    {
        auto const found = layouts_.find(time);
        return found == layouts_.end() ? std::nullopt : found->second;
    }

    /// How many slides of the parent the batch is away from the zero time.
    [[nodiscard]] std::int64_t number_of(batch_time time) const
    {
        return (time - shape_.grid->get().zero_time()) / shape_.parent_slide;
    }

    shape shape_;
    stream_line<Chain> parent_;
    waiting_lines<Chain> inputs_;
    std::map<batch_time, pane_ptr> panes_;
    pane_numbers numbers_;
    bool anew_ = true;                              // the next changes are everything
    std::map<batch_time, std::exception_ptr> lost_; // batches that could not be computed
    mutable std::mutex windows_mutex_;
    std::map<batch_time, std::shared_ptr<window_dataset<record_type>>> windows_;
    later<std::map<batch_time, std::optional<key_partitioning>>, Chain>
        layouts_; // of the batches that a window may cover
};

} // namespace tidemark
