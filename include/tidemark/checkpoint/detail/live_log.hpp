// SPDX-License-Identifier: BSL-1.0
//
// live_log: the log while it is written: its last segment, the manifest, the fence, and what may be deleted.

#pragma once

#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/replace_file.hpp>
#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/detail/segment_writer.hpp>
#include <tidemark/checkpoint/detail/spare_files.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Who writes, and where the numbers of its records begin.
struct log_identity {
    std::string application;
    std::uint64_t store_id = 0;
    std::uint64_t generation = 0;
    std::uint64_t first_sequence = 1;
    std::uint64_t resumed_from = 0;
};

/// The writing end of the log.
///
/// A failed append or sync is final for its segment, as the system may have dropped what it could not write: the next
/// call begins a new segment with what the old one did not make durable. (Rebello et al., "Can Applications Recover
/// from fsync Failures?", USENIX ATC 2020.)
template <storage Storage>
class live_log {
public:
    /// Starts the first segment of this generation. It becomes true with `replace_manifest`.
    live_log(Storage storage, log_identity identity, later<retention, Storage> kept, std::uint64_t segment_bytes,
             std::uint64_t room_bytes)
        : storage_(std::move(storage))
        , identity_(std::move(identity))
        , kept_(std::move(kept))
        , segment_bytes_(segment_bytes)
        , room_bytes_(room_bytes)
        , next_sequence_(identity_.first_sequence)
        , proven_commit_(identity_.resumed_from)
    {
        start_segment(next_sequence_);
    }

    [[nodiscard]] Storage const& storage() { return storage_; }
    [[nodiscard]] log_identity const& identity() const { return identity_; }
    [[nodiscard]] later<retention, Storage>& kept() { return kept_; }
    [[nodiscard]] std::shared_ptr<spare_files> const& spares() const { return spares_; }

    /// Puts in order what an earlier failure left behind. *Throws* when that fails again, or when it can never succeed.
    void make_usable()
    {
        if (!failure_.empty()) {
            throw checkpoint_error(failure_);
        }
        if (broken_) {
            leave_segment();
        }
        if (manifest_is_unknown_) {
            check_still_ours();
            replace_manifest();
        }
    }

    /// *Throws* `checkpoint_error`, for good, when another process has taken the directory over.
    void check_still_ours()
    {
        if (!storage_.exists(std::string(manifest_name))) {
            fail_for_good("its manifest is gone: the directory was moved or emptied");
        }
        auto const found = decode_manifest(storage_.read(std::string(manifest_name)));
        if (found.store_id != identity_.store_id || found.generation != identity_.generation) {
            fail_for_good("start " + std::to_string(found.generation)
                          + " of the application has taken it over; this is start "
                          + std::to_string(identity_.generation));
        }
    }

    /// Appends a record and returns its number.
    std::uint64_t append(snapshot_format::block_kind kind, batch_time time, std::span<std::byte const> payload)
    {
        std::uint64_t const sequence = next_sequence_++; // used once, even if it comes to nothing
        if (!first_unsynced_) {
            first_unsynced_ = sequence;
        }
        broken_ = true;
        log_->append(kind, sequence, time, payload);
        broken_ = false;
        if (kind != snapshot_format::block_kind::commit) {
            kept_.add_record(time);
            unsynced_.push_back({kind, time, {payload.begin(), payload.end()}});
        }
        return sequence;
    }

    /// Makes all records durable.
    void sync()
    {
        broken_ = true;
        log_->sync();
        broken_ = false;
        first_unsynced_.reset();
        unsynced_.clear();
    }

    /// Says that the commit in the record `sequence` is durable, and begins to keep what it needs.
    void add_commit(std::uint64_t sequence, batch_time time, std::vector<file_id> state_files)
    {
        kept_.add_commit({time, kept_.segments().back().id, std::move(state_files)});
        bool const is_first = proven_commit_ == 0;
        proven_commit_ = sequence;
        if (is_first) {
            manifest_is_unknown_ = true;
            make_usable();
        }
    }

    /// Writes a commit of an earlier generation into this one.
    void carry_commit(batch_time time, std::span<std::byte const> payload, std::vector<file_id> state_files)
    {
        proven_commit_ = append(snapshot_format::block_kind::commit, time, payload);
        kept_.add_commit({time, kept_.segments().back().id, std::move(state_files)});
    }

    /// Writes the list of segments as it is now.
    void replace_manifest()
    {
        manifest_is_unknown_ = true;
        write_manifest(storage_, {identity_.application, identity_.store_id, identity_.generation, proven_commit_,
                                  kept_.segments()});
        manifest_is_unknown_ = false;
    }

    /// Starts a new segment when this one is long, and deletes what the last commits no longer need.
    ///
    /// *Requires* that all records are durable.
    void tidy()
    {
        bool changed = log_->size() >= segment_bytes_;
        if (changed) {
            start_segment(next_sequence_);
        }
        auto const expired = kept_.expired_segments();
        kept_.forget_segments(expired);
        if (changed || !expired.empty()) {
            replace_manifest();
        }
        for (auto const id : expired) {
            storage_.remove(log_name(id));
        }
        remove_expired_states();
        if (log_->room() < room_bytes_ / 2 && make_room(*log_, 2 * log_->size()))
            sync();
    }

    /// Pins the newest commit as the savepoint `name`. Durable when it returns; gives the batch.
    ///
    /// When it throws `storage_error`, the savepoint may still turn out to be there.
    /// *Requires* a name that `expect_free` takes. *Throws* `usage_error` when there is no commit.
    batch_time pin(std::string const& name)
    {
        if (kept_.commits().empty())
            throw usage_error("there is no commit yet that the savepoint \"" + name
                              + "\" could be of; ask for it once there is one");
        auto const commit = kept_.commits().back();
        auto const payload = read_commit(commit.segment, proven_commit_);
        check_still_ours();
        // Until the name is durable it may be there or not, and so may one that failed before: keep what either needs.
        auto kept = commit.state_files;
        if (auto const earlier = kept_.pins().find(name); earlier != kept_.pins().end())
            kept.insert(kept.end(), earlier->second.state_files.begin(), earlier->second.state_files.end());
        kept_.pin(name, {commit.time, std::move(kept)});
        unsure_.insert(name);
        file_header header;
        header.store_id = identity_.store_id;
        header.generation = identity_.generation;
        header.first_sequence = proven_commit_;
        header.application = identity_.application;
        replace_file(storage_, std::string(savepoint_scratch_name), savepoint_file_name(name),
                     encode_savepoint(name, header, commit.time, payload));
        kept_.pin(name, {commit.time, commit.state_files});
        unsure_.erase(name);
        return commit.time;
    }

    /// *Throws* `usage_error` when `name` is no name for a savepoint, or there is one of that name.
    void expect_free(std::string const& name) const
    {
        if (auto const problem = savepoint_name_problem(name))
            throw usage_error(*problem);
        auto const found = kept_.pins().find(name);
        if (found == kept_.pins().end() || unsure_.contains(name))
            return;
        auto const& time = found->second.time;
        throw usage_error("there is a savepoint \"" + name + "\" already, "
                          + (time ? "of batch " + to_string(*time) : "which is damaged")
                          + "; drop it first, or choose another name");
    }

    /// Drops a savepoint. Its files go when no commit needs them. *Throws* `usage_error` when there is none of that name.
    void unpin(std::string const& name)
    {
        if (!kept_.pins().contains(name))
            throw no_such_savepoint(storage_, name);
        auto const file = savepoint_file_name(name);
        if (storage_.exists(file))
            storage_.remove(file);
        storage_.sync_directory(); // while its name might come back, its files must stay
        kept_.unpin(name);
        unsure_.erase(name);
        remove_expired_states();
    }

private:
    /// A plan or done that is not durable yet.
    struct unsynced_record {
        snapshot_format::block_kind kind;
        batch_time time;
        std::vector<std::byte> payload;
    };

    void remove_expired_states()
    {
        for (auto const id : kept_.expired_state_files()) {
            if (storage_.exists(state_name(id)) && !spare(id)) {
                storage_.remove(state_name(id));
            }
            kept_.forget_state_file(id);
        }
    }

    /// Keeps the file for the next one, if it is to be kept. Not one of an earlier start: should its process live on, though
    /// it was fenced off, it may still write to it.
    bool spare(file_id id)
    {
        if (id.generation != identity_.generation || !recycles(storage_)
            || !spares_->wants(id, storage_.size(state_name(id))))
            return false;
        storage_.rename(state_name(id), spare_name(id));
        spares_->add(id);
        return true;
    }

    /// The payload of a commit, as it is on disk.
    [[nodiscard]] std::vector<std::byte> read_commit(file_id segment, std::uint64_t sequence) const
    {
        auto const name = log_name(segment);
        auto const bytes = storage_.read(name);
        auto const header = decode_file_header(bytes, name);
        auto const scan = scan_blocks(bytes, header.size, block_seed(header.header), file_end::zeros);
        for (auto const& block : scan.blocks)
            if (block.header.kind == snapshot_format::block_kind::commit && block.header.sequence == sequence)
                return {block.payload.begin(), block.payload.end()};
        throw damage_at(name, header.size, "the commit in record " + std::to_string(sequence), "none");
    }

    /// Goes on in a new segment with the records of the broken one that are not durable, but for a commit, which has
    /// failed.
    void leave_segment()
    {
        start_segment(first_unsynced_.value_or(next_sequence_));
        first_unsynced_.reset();
        manifest_is_unknown_ = true;
        broken_ = false;
        auto const waiting = std::exchange(unsynced_, {});
        for (auto record = waiting.begin(); record != waiting.end(); ++record) {
            try {
                append(record->kind, record->time, record->payload);
            } catch (...) {
                unsynced_.insert(unsynced_.end(), record, waiting.end());
                throw;
            }
        }
    }

    void start_segment(std::uint64_t end_of_last)
    {
        file_header header;
        header.kind = snapshot_format::file_kind::log;
        header.number = ++segment_number_; // a number is used once, even if its file came to nothing
        header.store_id = identity_.store_id;
        header.generation = identity_.generation;
        header.first_sequence = next_sequence_;
        header.resumed_from = identity_.resumed_from;
        header.application = identity_.application;
        segment_writer next(storage_.create(log_name({header.generation, header.number})), header);
        (void)make_room(next, 0);
        next.sync();
        storage_.sync_directory();
        if (log_) {
            kept_.close_segment(end_of_last);
        }
        kept_.add_segment(
            {{{header.generation, header.number}, header.first_sequence, 0, header.resumed_from}, {}, false});
        log_.emplace(std::move(next));
    }

    /// Makes room in a segment that will become `size` long, so that a sync of a few records need not make the file longer.
    /// Whether there is more now; where there is none, it grows.
    bool make_room(segment_writer<file_of_t<Storage>>& segment, std::uint64_t size) const
    {
        if (room_bytes_ == 0)
            return false;
        try {
            return segment.reserve(std::min(size, segment_bytes_) + room_bytes_);
        } catch (storage_error const&) { // a full disk: the append that needs the space says so
            return false;
        }
    }

    [[noreturn]] void fail_for_good(std::string_view why)
    {
        failure_ = "the checkpoint in " + storage_.describe() + " cannot be written any more: " + std::string(why)
                   + "; start the application again";
        throw checkpoint_error(failure_);
    }

    Storage storage_;
    log_identity identity_;
    later<retention, Storage> kept_;
    std::shared_ptr<spare_files> spares_ = std::make_shared<spare_files>();
    std::uint64_t segment_bytes_;
    std::uint64_t room_bytes_;
    std::uint64_t next_sequence_;
    std::uint64_t proven_commit_;
    std::uint32_t segment_number_ = 0;
    std::optional<segment_writer<file_of_t<Storage>>> log_;
    std::optional<std::uint64_t> first_unsynced_; // all records from this one on may be lost with the power
    std::vector<unsynced_record> unsynced_;
    bool broken_ = false;              // an append or a sync failed: nothing more goes into the segment
    bool manifest_is_unknown_ = false; // replacing it failed: either one may be on disk
    std::set<std::string> unsure_;     // savepoints that could not be written: each may be there or not
    std::string failure_;              // not empty: nothing can be written any more
};

} // namespace tidemark::detail
