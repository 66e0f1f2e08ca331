// SPDX-License-Identifier: BSL-1.0
//
// incremental_window_stage: the running side of windows by key that are kept up to date with an inverse.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/combiner.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/detail/read_saved.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/pane_numbers.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/window_pane.hpp>
#include <tidemark/state/window_total.hpp>
#include <tidemark/stream/window/incremental_window.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Gives the total of a key as a record, where the filter keeps it.
template <typename Filter>
struct give_total {
    [[no_unique_address]] Filter filter;

    template <typename Key, typename Value>
    void operator()(Key const& key, window_total<Value> const& held, any_sink<std::pair<Key, Value>>& out) const
    {
        std::pair<Key, Value> record(key, held.first);
        if constexpr (!lets_all_pass_v<Filter>)
            if (!std::invoke(filter, std::as_const(record)))
                return;
        out.take(std::move(record));
    }
};

/// The stage of `incremental_window`.
///
/// A pane holds one batch, joined by key. At each slide the totals of those keys change that occur in panes which leave
/// the window or come into it:
///
///     ----|--------- window before ---------|            counted: their values are in the totals
///            |--------- window now -----------------|
///     leaving                                  entering
///
/// Panes that no window covers, where the slide is longer than the window, are not made at all.
template <typename Node, typename Chain>
class incremental_window_stage final : public dataset_stage<record_t<Node>>,
                                       public keyed_state_stage<typename Node::key_type, typename Node::value_type,
                                                                window_total<typename Node::value_type>, Chain> {
public:
    using key_type = typename Node::key_type;
    using value_type = typename Node::value_type;
    using record_type = record_t<Node>;
    using total_type = window_total<value_type>;
    using base = keyed_state_stage<key_type, value_type, total_type, Chain>;

    /// `place` has the slide of the parent.
    incremental_window_stage(Node node, state_place place, stream_line<Chain> parent)
        : base(std::move(place), std::move(parent))
        , node_(std::move(node))
        , window_(node_.window_duration.value())
        , slide_(node_.slide_duration.value())
        , numbers_(first_image() + 1)
    {}

    void begin(batch_time) override {}

    void forget(batch_time done) override
    {
        auto const last = this->forgotten(done);
        results_.forget(last);
        this->forget_inputs(last);
        dataset_stage<record_type>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        return results_.kept() + this->inputs_kept() + panes_.size() + dataset_stage<record_type>::kept();
    }

    void settle() override
    {
        base::settle();
        numbers_.settle();
        saved_counted_ = counted_;
    }

    [[nodiscard]] std::string_view kind() const override { return Node::kind; }
    [[nodiscard]] stage_info info() const override
    {
        auto info = base::info();
        info.bytes += pane_bytes_;
        return info;
    }

private:
    using pane_type = window_pane<key_type, value_type>;
    using pane_list = std::vector<window_pane_ptr<key_type, value_type>>;
    using give = give_total<typename Node::filter_type>;

    dataset_ptr<record_type> make(batch_time time) override
    {
        this->check(time);
        if (!this->place().grid->is_valid(time, slide_))
            return nullptr;
        if (this->remembers())
            return results_.of(time, this->layout().partitions);
        return std::make_shared<states_dataset<key_type, total_type, record_type, give>>(
            this->shown(), this->partitioning(), time, give{node_.filter});
    }
    dataset_ptr<record_type> make_again(batch_time time) override { this->refuse_forgotten(time); }
    bool keeps_results() const override { return true; }

    /// What a later batch may look back at is copied.
    void advanced(batch_time time, any_executor const& executor) override
    {
        if (!this->remembers() || !this->place().grid->is_valid(time, slide_))
            return;
        auto const out = results_.of(time, this->layout().partitions);
        give const give_one{node_.filter};
        this->for_each_group(executor, [&](std::size_t partition, std::size_t group) {
            out->append(partition, [&](row<record_type>& totals) {
                collect_sink<record_type> sink(totals);
                sink_door<record_type, collect_sink<record_type>> door(sink);
                this->states().for_each(group, [&](key_type const& key, held_state<total_type> const& held) {
                    give_one(key, held.value, door);
                });
            });
        });
        out->publish();
    }

    [[nodiscard]] exchange<key_type, value_type> gather(batch_time time, pipeline<Chain> const& line,
                                                        any_executor const& executor) override
    {
        if (!is_covered(time))
            return {0, this->layout()};
        return combine_all(line, node_.aggregation, this->layout(), executor);
    }

    void step(batch_time time, bool, exchange<key_type, value_type>& coming, any_executor const& executor) override
    {
        auto fresh = coming.empty() ? nullptr : pane_of(coming, executor);
        bool const slides = this->place().grid->is_valid(time, slide_);
        if (slides)
            slide_to(time, fresh, executor);
        if (fresh) // nothing throws from here on, but for want of memory, when no pane has changed yet
            keep(time, std::move(fresh));
        if (slides) {
            auto const gone = panes_.upper_bound(time - window_);
            for (auto pane = panes_.begin(); pane != gone; pane = panes_.erase(pane))
                pane_bytes_ -= pane->second->memory_bytes();
            numbers_.drop_until(time - window_);
            counted_ = time.count();
        }
    }

    void keep(batch_time time, std::shared_ptr<pane_type const> fresh)
    {
        auto const bytes = fresh->memory_bytes();
        panes_.insert_or_assign(time, std::move(fresh));
        numbers_.add(time);
        pane_bytes_ += bytes;
    }

    /// Whether the next window, or the one that ends at `time`, covers the parent's batch of `time`.
    [[nodiscard]] bool is_covered(batch_time time) const
    {
        auto end = floor(time, slide_, this->place().grid->get().zero_time());
        if (end < time)
            end = end + slide_;
        return time > end - window_;
    }

    [[nodiscard]] std::shared_ptr<pane_type const> pane_of(exchange<key_type, value_type>& coming,
                                                           any_executor const& executor)
    {
        auto made = std::make_shared<pane_type>(this->layout().groups);
        this->for_each_group(executor,
                             [&](std::size_t, std::size_t group) { made->receive(group, coming, node_.aggregation); });
        return made;
    }

    void slide_to(batch_time time, std::shared_ptr<pane_type const> const& fresh, any_executor const& executor)
    {
        pane_list leaving;
        pane_list entering;
        for (auto const& [at, pane] : panes_) {
            bool const covered = at > time - window_;
            bool const counted = at.count() <= counted_;
            if (counted != covered)
                (counted ? leaving : entering).push_back(pane);
        }
        if (fresh)
            entering.push_back(fresh);
        if (leaving.empty() && entering.empty())
            return;
        this->for_each_group(executor, [&](std::size_t, std::size_t group) {
            auto const changes = changes_of_group(group, leaving, entering, node_.aggregation);
            this->states().alter(group, changes, time.count(), [this](auto const& change, total_type const* before) {
                return unless_dropped(*change.key, total_after(change, before, node_.aggregation, node_.inverse));
            });
            this->changed_for_good(group);
        });
    }

    /// The total of a key; nothing when the key has no data in the window and nothing keeps it. Windows that share no
    /// batch with the one before hold what has data, and no more.
    [[nodiscard]] std::optional<total_type> unless_dropped([[maybe_unused]] key_type const& key,
                                                           std::optional<total_type> total) const
    {
        using filter_type = typename Node::filter_type;
        if constexpr (!std::same_as<filter_type, keep_for_good>)
            if (total && total->second == 0) {
                if (slide_ > window_)
                    return std::nullopt;
                if constexpr (!lets_all_pass_v<filter_type>)
                    if (!std::invoke(node_.filter, record_type(key, total->first)))
                        return std::nullopt;
            }
        return total;
    }

    [[nodiscard]] std::uint32_t first_image() const { return static_cast<std::uint32_t>(this->layout().groups) + 1; }

    /// Behind the totals: up to which time panes are counted, and a group image for each pane: its time, then its pairs.
    void take_more(stage_changes& changes) override
    {
        if (changes.anew || counted_ != saved_counted_)
            changes.bases.push_back(base_of_more(first_image()));
        numbers_.take_changes(changes,
                              [this](batch_time time, std::uint32_t number) { return image_of(time, number); });
    }

    [[nodiscard]] group_image base_of_more(std::uint32_t group) const override
    {
        if (group == first_image())
            return {group, 1, to_bytes(counted_)};
        return image_of(numbers_.time_of(group), group);
    }

    [[nodiscard]] group_image image_of(batch_time time, std::uint32_t number) const
    {
        auto const& pane = *panes_.at(time);
        output_archive out;
        auto const pairs = static_cast<std::uint64_t>(pane.size());
        out << time.count() << pairs;
        for (std::size_t group = 0; group < pane.groups(); ++group)
            for (auto const& each : pane.group(group))
                out << each.key << each.value;
        return {number, pairs, std::vector(out.bytes().begin(), out.bytes().end())};
    }

    void restore_more(group_image const& saved) override
    {
        auto const number = saved.group - first_image();
        if (number == 0) {
            detail::read_saved("stage \"" + this->name() + "\", the end of its window",
                               [&] { counted_ = saved_counted_ = from_bytes<std::int64_t>(saved.bytes); });
            return;
        }
        detail::read_saved("stage \"" + this->name() + "\", batch " + std::to_string(number) + " of its window",
                           [&] { restore_pane(saved); });
    }

    void restore_pane(group_image const& saved)
    {
        input_archive in(saved.bytes);
        auto const time = batch_time(load<std::int64_t>(in));
        auto made = std::make_shared<pane_type>(this->layout().groups);
        for (auto left = load<std::uint64_t>(in); left != 0; --left) {
            auto key = load<key_type>(in);
            auto value = load<value_type>(in);
            auto const hash = key_hash(key);
            made->put(this->layout().group(hash), {hash, std::move(key), std::move(value)});
        }
        detail::expect_no_more(in);
        std::scoped_lock const lock(restoring_);
        keep(time, std::move(made));
        numbers_.restore(time, saved.group);
    }

    Node node_;
    awaited_batches<record_type> results_; // where a later batch may look back
    duration window_;
    duration slide_;
    std::map<batch_time, std::shared_ptr<pane_type const>> panes_;
    std::size_t pane_bytes_ = 0;
    pane_numbers numbers_;
    std::int64_t counted_ = std::numeric_limits<std::int64_t>::min(); // panes up to this time are in the totals
    std::int64_t saved_counted_ = counted_;
    std::mutex restoring_;
};

} // namespace tidemark
