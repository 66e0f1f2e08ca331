// SPDX-License-Identifier: BSL-1.0
//
// received_block_log: the write-ahead log of a received_block_tracker: an event is durable before it is true.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/block_event.hpp>
#include <tidemark/sources/detail/block_log_reader.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/unique_id.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What a log is opened with.
struct received_block_log_options {
    std::uint64_t file_bytes = std::uint64_t{1} << 20; ///< When a file has so many bytes, another one is begun.
    std::string owner{};        ///< Whose log it is, as the name of an application; nobody else is given it then.
    std::uint64_t log = 0;      ///< The number of a new log; 0: drawn at random.
    std::uint64_t replaces = 0; ///< The number of one that was given up for a new log, which takes its place then.
    /// The last event that is found, which need not be durable, is written again at once; else by `settle`, or with the next
    /// event, and until then nothing in the directory changes.
    bool settles = true;
};

/// How far a log goes.
struct received_block_log_extent {
    /// Which one it is, by its number; 0 for a log without events. One of version 1 is given a number, durable with the next
    /// event.
    std::uint64_t log = 0;
    std::uint64_t events = 0;   ///< How many it has had.
    std::uint64_t replaces = 0; ///< The number of one that was given up for it; 0 for none.

    friend bool operator==(received_block_log_extent const&, received_block_log_extent const&) = default;
};

/// Appends events to files, in a directory of its own.
///
/// An event is true when `write` returns. One whose write failed never was, even if its bytes are there: the next one
/// takes its number, in a new file.
/// *Threads*: one call at a time.
class received_block_log {
public:
    /// Takes the directory over. *Throws* `storage_error` when another one holds it.
    received_block_log(any_storage storage, received_block_log_options options)
        : storage_(std::move(storage))
        , options_(std::move(options))
        , lock_(storage_.lock("received blocks"))
    {}

    /// What an earlier run has left. Called once, first.
    ///
    /// The last event is not known to be durable: it is to be written again, and takes its number again.
    /// *Throws* `incompatible_checkpoint` when it is the log of another owner; and what `block_log_reader` does.
    [[nodiscard]] detail::recovered_block_log recover()
    {
        auto found = read();
        expect_mine(found.identity.owner);
        if (found.identity.log != 0) {
            options_.log = found.identity.log;
            options_.replaces = found.identity.replaces;
        } else if (options_.log == 0)
            options_.log = draw_unique_id(storage_.describe());
        files_ = found.files;
        next_number_ = files_.empty() ? 1 : files_.back() + 1;
        next_sequence_ = found.next_sequence - (found.events.empty() ? 0 : 1);
        events_ = found.next_sequence;
        return found;
    }

    /// Makes an event durable and gives the number of its file. `start` is what is true before it, should a file be
    /// begun; its `oldest_needed` may be 0 for the new file itself. *Throws* `storage_error`; then the event is not true.
    std::uint64_t write(detail::block_event const& event, detail::block_log_start const& start)
    {
        auto const payload = to_bytes(event);
        if (payload.size() > std::numeric_limits<std::uint32_t>::max()) // what a frame can hold
            throw storage_error("an event of " + std::to_string(payload.size())
                                + " bytes is too large for the log of received blocks; log smaller blocks");
        try {
            if (!current_ || current_->size() >= options_.file_bytes)
                begin_file(start);
            current_->append(detail::encode_block_frame(payload, next_sequence_, files_.back()));
            doubtful_ = true;
            current_->sync();
            if (!named_)
                storage_.sync_directory();
            named_ = true;
        } catch (...) {
            current_.reset(); // its end is unknown
            discard_unnamed();
            throw;
        }
        doubtful_ = false;
        ++next_sequence_;
        events_ = std::max(events_, next_sequence_);
        return files_.back();
    }

    [[nodiscard]] received_block_log_extent extent() const
    {
        if (events_ == 0)
            return {};
        return {options_.log, events_, options_.replaces};
    }

    /// Whether a restart may find an event whose write failed, since nothing has taken its number.
    [[nodiscard]] bool is_doubtful() const { return doubtful_; }

    /// Removes the files before `oldest`, which an event already says are not needed. Gives what could not be removed,
    /// in words; the next call tries again.
    [[nodiscard]] std::vector<std::string> remove_before(std::uint64_t oldest)
    {
        auto const end = current_ ? std::min(oldest, files_.back()) : oldest; // never the current one
        return remove_if([end](std::uint64_t number) { return number < end; });
    }

    /// The same of `files`, whose events stand again in later ones. What could not be removed goes with `remove_before`.
    [[nodiscard]] std::vector<std::string> remove(std::vector<std::uint64_t> const& files)
    {
        return remove_if([&files](std::uint64_t number) { return std::ranges::find(files, number) != files.end(); });
    }

private:
    [[nodiscard]] detail::recovered_block_log read() const
    {
        detail::block_log_reader reader(storage_);
        try {
            return reader.read();
        } catch (corrupt_checkpoint const&) { // before anybody sets aside what is another one's
            for (auto const& owner : reader.owners())
                expect_mine(owner);
            throw;
        }
    }

    void expect_mine(std::string const& owner) const
    {
        if (!owner.empty() && owner != options_.owner)
            throw incompatible_checkpoint("the log of received blocks in " + storage_.describe() + " belongs to \""
                                          + owner + "\", and this is \"" + options_.owner
                                          + "\"; give each application a directory of its own for it");
    }

    template <typename Which>
    [[nodiscard]] std::vector<std::string> remove_if(Which const& which)
    {
        std::vector<std::string> problems;
        std::erase_if(files_, [&](std::uint64_t number) {
            if (!which(number))
                return false;
            try {
                if (auto const name = detail::block_log_name(number); storage_.exists(name))
                    storage_.remove(name);
                return true;
            } catch (storage_error const& refusal) {
                problems.emplace_back(refusal.what());
                return false;
            }
        });
        return problems;
    }

    /// A file in which nothing was ever true goes at once: a full disk would leave one for each attempt.
    void discard_unnamed()
    {
        if (named_)
            return;
        try {
            if (auto const name = detail::block_log_name(files_.back()); storage_.exists(name))
                storage_.remove(name);
            files_.pop_back();
        } catch (storage_error const&) { // it goes with `remove_before`
        }
        named_ = true;
    }

    void begin_file(detail::block_log_start start)
    {
        current_.reset();
        if (next_number_ == 0)
            throw storage_error("no number is left for another file in " + storage_.describe()
                                + "; move the one with the highest number away");
        auto const number = next_number_++;
        if (start.oldest_needed == 0)
            start.oldest_needed = number;
        start.identity = {options_.owner, options_.log, options_.replaces};
        auto made = storage_.create(detail::block_log_name(number));
        files_.push_back(number);
        named_ = false;
        made.append(detail::encode_block_frame(detail::encode_block_log_start(start), next_sequence_, number));
        current_ = std::move(made);
    }

    any_storage storage_;
    received_block_log_options options_;
    storage_lock lock_;
    std::optional<storage_file> current_;
    bool named_ = true; // nothing to discard: the name of the current file is durable
    bool doubtful_ = false;
    std::vector<std::uint64_t> files_;
    std::uint64_t next_number_ = 1;
    std::uint64_t next_sequence_ = 0;
    std::uint64_t events_ = 0; // that are known of
};

} // namespace tidemark
