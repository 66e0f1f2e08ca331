// SPDX-License-Identifier: BSL-1.0
//
// received_block_tracker: which received blocks wait, and which belong to which batch.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/block_event.hpp>
#include <tidemark/sources/received_block.hpp>
#include <tidemark/sources/received_block_log.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Keeps account of received blocks: each waits until a batch takes it, and is forgotten with that batch.
///
/// With a storage, a directory of its own, each event is durable in a log before it takes effect. When the write fails
/// the call throws `storage_error` and has no effect, so a block whose `add` threw must be received again. *After
/// recovery* the same blocks wait and the same batches have theirs; what was waiting goes to the next batch that is
/// newer than the last one. Without a storage nothing outlives the tracker.
///
/// Log files go when `cleanup` has made all that they say superfluous: by need, never by age. The log is read
/// strictly: the end of the last file may be torn, as a crash leaves it, which `notes` tells; an event that is missing
/// anywhere else is a `corrupt_checkpoint`.
/// *Threads*: all members, at once.
class received_block_tracker {
public:
    received_block_tracker() = default;

    /// Takes the directory over and recovers. *Throws* `storage_error`, `corrupt_checkpoint`;
    /// `incompatible_checkpoint` for the log of another owner, or of a newer version.
    explicit received_block_tracker(any_storage storage, received_block_log_options options = {})
        : log_(std::in_place, std::move(storage), options)
    {
        auto found = log_->recover();
        dropped_ = std::move(found.notes);
        if (found.start.allocated)
            last_allocated_ = batch_time(found.start.last_allocated);
        if (found.events.empty())
            return;
        auto last = std::move(found.events.back());
        found.events.pop_back();
        for (auto& each : found.events)
            apply(std::move(each.event), each.file, true);
        if (!found.events.empty() && found.events.back().file != last.file) // it stands alone there
            found.superseded.push_back(last.file);
        unsettled_ = unsettled_event{last.event, start(), std::move(found.superseded)};
        apply(std::move(last.event), last.file, true);
        for (auto const& [time, taken] : batches_)
            if (taken.missing != 0)
                throw corrupt_checkpoint("the log of received blocks: expected " + std::to_string(taken.missing)
                                         + " more blocks of batch " + to_string(time) + ", found none");
        if (options.settles)
            settle();
    }

    received_block_tracker(received_block_tracker const&) = delete;
    received_block_tracker& operator=(received_block_tracker const&) = delete;
    ~received_block_tracker() = default;

    /// Writes the last event that was found again, where `received_block_log_options::settles` has left that; then nothing that
    /// was found can be lost. *Throws* `storage_error`.
    void settle()
    {
        std::scoped_lock const lock(mutex_);
        settle_found();
    }

    /// From now on the block waits.
    void add(received_block block)
    {
        std::scoped_lock const lock(mutex_);
        record({detail::block_event_kind::added, std::move(block), 0, 0});
    }

    /// Gives all waiting blocks, of all streams, to the batch of `time`, if that is newer than all that were given some
    /// before: true. Else does nothing: a batch that runs again has the blocks that it had.
    bool allocate(batch_time time)
    {
        std::scoped_lock const lock(mutex_);
        if (last_allocated_ && time <= *last_allocated_)
            return false;
        record({detail::block_event_kind::allocated, {}, time.count(), waiting_.size()});
        return true;
    }

    /// Forgets the batches before `time`; that of `time` stays.
    void cleanup(batch_time time)
    {
        std::scoped_lock const lock(mutex_);
        settle_found(); // which may move what is needed to another file
        auto const oldest = oldest_needed(batches_.lower_bound(time));
        auto const file = record({detail::block_event_kind::cleaned, {}, time.count(), oldest});
        if (!log_)
            return;
        not_removed_ = log_->remove_before(oldest == 0 ? file : oldest);
    }

    /// The blocks of a batch, in the order in which they came; none when it was given none, or is forgotten.
    [[nodiscard]] std::vector<received_block> blocks_of(batch_time time) const
    {
        std::scoped_lock const lock(mutex_);
        auto const found = batches_.find(time);
        return found == batches_.end() ? std::vector<received_block>() : found->second.blocks;
    }

    /// Those of one stream.
    [[nodiscard]] std::vector<received_block> blocks_of(batch_time time, std::string_view stream) const
    {
        auto all = blocks_of(time);
        std::erase_if(all, [&](received_block const& each) { return each.stream != stream; });
        return all;
    }

    /// Those of all batches after `time` that are not forgotten; without a time of all.
    [[nodiscard]] std::vector<received_block> blocks_after(std::optional<batch_time> time) const
    {
        std::scoped_lock const lock(mutex_);
        std::vector<received_block> all;
        for (auto at = time ? batches_.upper_bound(*time) : batches_.begin(); at != batches_.end(); ++at)
            all.insert(all.end(), at->second.blocks.begin(), at->second.blocks.end());
        return all;
    }

    /// The blocks that wait, in the order in which they came.
    [[nodiscard]] std::vector<received_block> unallocated() const
    {
        std::scoped_lock const lock(mutex_);
        std::vector<received_block> all;
        for (auto const& each : waiting_)
            all.push_back(each.block);
        return all;
    }

    [[nodiscard]] bool has_unallocated() const
    {
        std::scoped_lock const lock(mutex_);
        return !waiting_.empty();
    }

    /// Whether an event whose write failed may be true after a restart: the next one that is written ends that.
    [[nodiscard]] bool is_doubtful() const
    {
        std::scoped_lock const lock(mutex_);
        return log_ && log_->is_doubtful();
    }

    /// Whether a batch after `time` that is not forgotten was given blocks, though it may have been none.
    [[nodiscard]] bool has_allocated_after(batch_time time) const
    {
        std::scoped_lock const lock(mutex_);
        return batches_.upper_bound(time) != batches_.end();
    }

    /// The oldest batch that was given blocks and is not forgotten, though it may have been none.
    [[nodiscard]] std::optional<batch_time> oldest_allocated() const
    {
        std::scoped_lock const lock(mutex_);
        return batches_.empty() ? std::nullopt : std::optional(batches_.begin()->first);
    }

    /// The newest batch that was given blocks, though it may have been none.
    [[nodiscard]] std::optional<batch_time> last_allocated() const
    {
        std::scoped_lock const lock(mutex_);
        return last_allocated_;
    }

    /// Which log there is, and how far it goes: whoever notes that elsewhere can tell later that the log is gone, or that
    /// something of it is.
    [[nodiscard]] received_block_log_extent extent() const
    {
        std::scoped_lock const lock(mutex_);
        return log_ ? log_->extent() : received_block_log_extent();
    }

    /// What recovery has dropped, and which old files `cleanup` could not remove so far, in words.
    [[nodiscard]] std::vector<std::string> notes() const
    {
        std::scoped_lock const lock(mutex_);
        auto all = dropped_;
        all.insert(all.end(), not_removed_.begin(), not_removed_.end());
        return all;
    }

private:
    struct waiting_block {
        received_block block;
        std::uint64_t file = 0; // of the log
    };
    struct batch {
        std::vector<received_block> blocks;
        std::uint64_t oldest_file = 0; // that its blocks, or the event that gave them, stand in
        std::uint64_t missing = 0;     // whose files are gone, as is allowed for a batch that is forgotten later
    };
    using batch_map = std::map<batch_time, batch>;
    /// The last event that was found.
    struct unsettled_event {
        detail::block_event event;
        detail::block_log_start before;        // what is true before it
        std::vector<std::uint64_t> superseded; // files that are not needed when it stands again
    };

    /// The first file that something stands in which waits or belongs to a batch from `from` on; 0 when there is none.
    [[nodiscard]] std::uint64_t oldest_needed(batch_map::const_iterator from) const
    {
        auto oldest = waiting_.empty() ? 0 : waiting_.front().file;
        for (; from != batches_.end(); ++from)
            if (oldest == 0 || from->second.oldest_file < oldest)
                oldest = from->second.oldest_file;
        return oldest;
    }

    [[nodiscard]] detail::block_log_start start() const
    {
        return {oldest_needed(batches_.begin()), last_allocated_.has_value(),
                last_allocated_.value_or(batch_time()).count()};
    }

    void settle_found()
    {
        if (!unsettled_)
            return;
        auto const file = log_->write(unsettled_->event, unsettled_->before);
        auto const [event, before, superseded] = *std::exchange(unsettled_, std::nullopt);
        if (event.kind == detail::block_event_kind::added)
            waiting_.back().file = file;
        else if (auto const taken = batches_.find(batch_time(event.time));
                 event.kind == detail::block_event_kind::allocated && taken->second.blocks.empty())
            taken->second.oldest_file = file;
        not_removed_ = log_->remove(superseded);
        for (auto& problem : log_->remove_before(before.oldest_needed == 0 ? file : before.oldest_needed))
            not_removed_.push_back(std::move(problem));
    }

    /// First the log, then the effect.
    std::uint64_t record(detail::block_event event)
    {
        settle_found();
        auto const file = log_ ? log_->write(event, start()) : 0;
        apply(std::move(event), file, false);
        return file;
    }

    void apply(detail::block_event event, std::uint64_t file, bool recovering)
    {
        switch (event.kind) {
        case detail::block_event_kind::added:
            event.block.recovered = recovering;
            waiting_.push_back({std::move(event.block), file});
            break;
        case detail::block_event_kind::allocated: {
            last_allocated_ = batch_time(event.time);
            auto& taken = batches_[*last_allocated_];
            taken.oldest_file = waiting_.empty() ? file : waiting_.front().file;
            if (event.number < waiting_.size())
                throw corrupt_checkpoint("the log of received blocks: expected " + std::to_string(event.number)
                                         + " blocks for batch " + to_string(*last_allocated_) + ", found "
                                         + std::to_string(waiting_.size()));
            taken.missing = event.number - waiting_.size();
            taken.blocks.reserve(waiting_.size());
            for (auto& each : waiting_)
                taken.blocks.push_back(std::move(each.block));
            waiting_.clear();
            break;
        }
        case detail::block_event_kind::cleaned:
            batches_.erase(batches_.begin(), batches_.lower_bound(batch_time(event.time)));
            break;
        }
    }

    mutable std::mutex mutex_; // guards all below
    std::optional<received_block_log> log_;
    std::deque<waiting_block> waiting_;
    batch_map batches_;
    std::optional<batch_time> last_allocated_;
    std::optional<unsettled_event> unsettled_;
    std::vector<std::string> dropped_;
    std::vector<std::string> not_removed_;
};

} // namespace tidemark
