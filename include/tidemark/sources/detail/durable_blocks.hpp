// SPDX-License-Identifier: BSL-1.0
//
// durable_blocks: the blocks of a source, and whether their log is the one that the checkpoint tells of.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/received_block.hpp>
#include <tidemark/sources/received_block_log.hpp>
#include <tidemark/sources/received_block_tracker.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A block as bytes: the schema of its records, and the records.
template <typename Record>
using block_content = std::pair<std::string, std::vector<Record>>;

/// The blocks of a source: durable until the plan of their batch is. They are given out under numbers of their own and not
/// under batch times, for a clock may go back. *Threads*: one at a time.
template <typename Record>
class durable_blocks {
public:
    /// Takes the directory over, for the application `owner`. *Throws* `storage_error`; `incompatible_checkpoint` when they are
    /// another application's, or a block holds other records; `corrupt_checkpoint` unless it is to be set aside.
    durable_blocks(any_storage directory, std::string owner, on_unreadable unreadable)
        : directory_(std::move(directory))
        , owner_(std::move(owner))
        , unreadable_(unreadable)
    {
        try {
            open();
        } catch (corrupt_checkpoint const& problem) {
            give_up(problem.what());
        }
    }

    /// An earlier run stood there; `before` is null for one without a log of blocks. *Throws* `corrupt_checkpoint` when this is
    /// not the log that it had, or not all of it, unless that is to be set aside.
    void expect(std::optional<block_position> const& before)
    {
        has_numbers_ = before.has_value();
        expected_ = before ? before->log : 0;
        if (!before || is_given_up_)
            return;
        auto const found = tracker_->extent();
        if (expected_ == 0 || (found.log == expected_ && found.events >= before->events))
            note_planned(before->given);
        else if (found.replaces == expected_)
            note_ = "an earlier start has given up log " + std::to_string(expected_)
                    + ", of which the checkpoint tells, for this one, number " + std::to_string(found.log);
        else
            give_up(missing_log(*before, found));
    }

    /// From now on what was found stays, and positions tell of the log. Called once, when nothing else can refuse the start.
    /// *Throws* `storage_error`.
    void begin()
    {
        if (is_given_up_)
            set_aside();
        try {
            tracker_->settle();
            if (tracker_->extent() == received_block_log_extent())
                tracker_->cleanup(given(0));
        } catch (storage_error const& failure) {
            if (!is_given_up_)
                throw;
            throw storage_error(note_ + "; " + failure.what()); // or nobody would know where it is
        }
    }

    /// Where the source stands, whose own position is `source`.
    [[nodiscard]] block_position position(std::vector<std::byte> source) const
    {
        auto const here = tracker_->extent();
        return {taken_, std::move(source), here.log, here.events, directory_.describe()};
    }

    /// What the plan of a batch says that was given the blocks up to `number`.
    [[nodiscard]] block_position position_in_plan(std::int64_t number) const
    {
        return {.given = number, .log = tracker_->extent().log};
    }
    /// A batch of an earlier run has this plan. *Throws* `corrupt_checkpoint` when this log is older than that.
    void note_replayed(block_position const& planned)
    {
        if (planned.log != 0 && planned.log != tracker_->extent().log)
            return; // it was given what another log held
        auto const newest = tracker_->last_allocated();
        if (planned.log != 0 && newest && planned.given > newest->count())
            throw corrupt_checkpoint("the plan of a batch has blocks up to number " + std::to_string(planned.given)
                                     + ", and the log of received blocks in " + directory_.describe()
                                     + " has given them out up to number " + std::to_string(newest->count())
                                     + ": it is an older copy; bring the files that were there back, and start again");
        note_planned(planned.given);
    }

    /// Whether blocks went with plans that this checkpoint does not have, in words. Called behind the last `note_replayed`.
    [[nodiscard]] std::optional<std::string> plans_elsewhere() const
    {
        auto const newest = tracker_->last_allocated();
        if (!has_numbers_ || !newest)
            return std::nullopt;
        auto const oldest = tracker_->oldest_allocated();
        auto const gone = oldest ? oldest->count() - 1 : newest->count();
        if (gone <= taken_)
            return std::nullopt;
        return "the checkpoint is older than this log, or another one: blocks up to number " + std::to_string(gone)
               + " went with batches that it does not have, and it has them up to number " + std::to_string(taken_)
               + "; records between are in none of its batches";
    }

    [[nodiscard]] std::uint64_t waiting_bytes() const { return waiting_bytes_; }
    /// What the one who runs the program should look at.
    [[nodiscard]] std::vector<std::string> notes() const
    {
        auto all = tracker_->notes();
        if (!note_.empty())
            all.push_back(note_);
        return all;
    }
    [[nodiscard]] bool empty() const
    {
        return !tracker_->has_unallocated() && !tracker_->has_allocated_after(given(taken_));
    }

    /// Makes a block durable. *Throws* `storage_error`; then there is no such block.
    void add(std::vector<Record> const& records)
    {
        received_block block{{}, std::to_string(++made_), records.size()};
        block.location = to_bytes(block_content<Record>(schema_of<Record>(), records));
        auto const bytes = block.location.size();
        tracker_->add(std::move(block));
        waiting_bytes_ += bytes;
    }

    /// The records of all blocks that are in no plan, given out under the number `last()`, of which `note_taken` says that a
    /// plan has them; else the next batch is given them, too. *Throws* `storage_error`; then nothing has been given.
    [[nodiscard]] std::vector<Record> take()
    {
        // what is doubtful must not come back beside a plan
        if (tracker_->has_unallocated() || tracker_->is_doubtful()) {
            tracker_->allocate(given(last() + 1));
            waiting_bytes_ = 0;
        }
        std::vector<Record> all;
        for (auto const& each : tracker_->blocks_after(given(taken_))) {
            auto records = from_bytes<block_content<Record>>(each.location).second;
            all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
        }
        return all;
    }

    /// Under which number blocks were given out last.
    [[nodiscard]] std::int64_t last() const
    {
        return std::max(tracker_->last_allocated().value_or(batch_time(0)).count(), taken_);
    }

    /// Up to which number plans have them.
    [[nodiscard]] std::int64_t taken() const { return taken_; }
    void note_taken(std::int64_t number) { taken_ = std::max(taken_, number); }

    /// The plans that have the blocks up to this number are written.
    void note_planned(std::int64_t number)
    {
        planned_ = std::max(planned_, number);
        note_taken(number);
    }

    /// Forgets the blocks that are in plans. *Throws* `storage_error`; they are forgotten the next time, then.
    void forget_planned()
    {
        if (planned_ != 0 && tracker_->has_allocated_after(given(0)))
            tracker_->cleanup(given(planned_ + 1));
    }

private:
    /// Reads the log, and writes nothing.
    void open()
    {
        tracker_ = std::make_unique<received_block_tracker>(
            directory_,
            received_block_log_options{
                .file_bytes = std::uint64_t{8} << 20, .owner = owner_, .replaces = expected_, .settles = false});
        auto const schema = schema_of<Record>();
        auto all = tracker_->blocks_after(std::nullopt);
        auto const waiting = tracker_->unallocated();
        all.insert(all.end(), waiting.begin(), waiting.end());
        for (auto const& each : all) {
            input_archive in(each.location);
            if (auto const found = load<std::string>(in); !schema_reads(schema, found))
                throw incompatible_checkpoint(
                    "the blocks in " + directory_.describe() + " hold records " + found + ", and this program expects "
                    + schema
                    + "; give them their former type, or run the program that wrote them to a "
                      "clean stop first");
        }
        for (auto const& each : waiting)
            waiting_bytes_ += each.location.size();
    }

    [[nodiscard]] std::string missing_log(block_position const& before, received_block_log_extent const& found) const
    {
        return "the checkpoint tells of a log of received blocks in " + before.place + ", number "
               + std::to_string(before.log) + " with " + std::to_string(before.events) + " events or more, and "
               + directory_.describe() + " holds "
               + (found.events == 0 ? "none"
                                    : "number " + std::to_string(found.log) + " with " + std::to_string(found.events));
    }

    /// Notes, or throws, that the log which is there cannot be used.
    void give_up(std::string problem)
    {
        if (unreadable_ != on_unreadable::start_fresh)
            throw corrupt_checkpoint(problem
                                     + "; what waited in it is in no batch: bring its files back, or ask for "
                                       "on_unreadable::start_fresh in the block_log, which gives them up");
        if (auto const folders = directory_.folders(); !folders.empty())
            throw corrupt_checkpoint(problem + "; it cannot be set aside, for there is a folder " + folders.front()
                                     + " in it: give the block_log a directory of its own");
        note_ = std::move(problem);
        is_given_up_ = true;
    }

    void set_aside()
    {
        if (!directory_.list().empty()) {
            try {
                note_ += "; it was set aside as " + directory_.set_aside();
            } catch (storage_error const& refusal) {
                throw storage_error(note_ + "; " + refusal.what() + "; move its files away");
            }
        }
        note_ += "; a log without blocks was begun";
        tracker_.reset();
        waiting_bytes_ = 0;
        open();
    }

    /// What the tracker calls a batch.
    [[nodiscard]] static batch_time given(std::int64_t number) { return batch_time(number); }

    any_storage directory_;
    std::string owner_;
    on_unreadable unreadable_;
    std::string note_;                                // what the start tells of the log, or empty
    bool is_given_up_ = false;                        // by `begin`
    std::uint64_t expected_ = 0;                      // the log that an earlier run's position tells of
    bool has_numbers_ = true;                         // whether the checkpoint counts what the log has given out
    std::unique_ptr<received_block_tracker> tracker_; // null from a damage to `begin`
    std::uint64_t made_ = 0;
    std::uint64_t waiting_bytes_ = 0;
    std::int64_t taken_ = 0;
    std::int64_t planned_ = 0;
};

} // namespace tidemark::detail
