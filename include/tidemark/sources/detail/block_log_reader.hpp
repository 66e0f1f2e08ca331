// SPDX-License-Identifier: BSL-1.0
//
// block_log_reader: what the log of an earlier run says, and what is damaged in it.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/block_event.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// `received-00000000000000000001.log`
[[nodiscard]] inline std::string block_log_name(std::uint64_t number)
{
    auto const digits = std::to_string(number);
    return "received-" + std::string(20 - digits.size(), '0') + digits + ".log";
}

/// The number in a name that `block_log_name` has made; nothing for other names.
[[nodiscard]] inline std::optional<std::uint64_t> block_log_number(std::string_view name)
{
    std::string_view const begin = "received-";
    if (!name.starts_with(begin))
        return std::nullopt;
    std::uint64_t number = 0;
    auto const digits = name.substr(begin.size());
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return block_log_name(number) == name ? std::optional(number) : std::nullopt;
}

/// An event that was read, and the file it stands in.
struct logged_block_event {
    block_event event;
    std::uint64_t file = 0;
};

/// What was found of an earlier run.
struct recovered_block_log {
    block_log_start start;                  ///< What was true before the events.
    block_log_identity identity;            ///< By the newest file.
    std::vector<logged_block_event> events; ///< In their order.
    std::vector<std::uint64_t> files;       ///< All, also those that are not needed any more.
    std::vector<std::uint64_t> superseded;  ///< Those whose events all stand again in a later one.
    std::uint64_t next_sequence = 0;
    std::vector<std::string> notes; ///< What was dropped.
};

/// Reads a log. *Throws* `corrupt_checkpoint` when an event is missing that was once durable, `incompatible_checkpoint`
/// for what a newer version has written. Changes nothing.
class block_log_reader {
public:
    explicit block_log_reader(any_storage const& storage)
        : storage_(&storage)
    {}

    /// The owners that files name, however damaged they are behind that.
    [[nodiscard]] std::vector<std::string> owners() const
    {
        std::vector<std::string> all;
        for (auto const& name : storage_->list()) {
            auto const number = block_log_number(name);
            if (!number)
                continue;
            auto const bytes = storage_->read(name);
            if (auto const first = decode_block_frame(bytes, 0, *number))
                all.push_back(decode_block_log_start(first->payload, name).identity.owner);
        }
        return all;
    }

    [[nodiscard]] recovered_block_log read()
    {
        for (auto const& name : storage_->list())
            if (auto const number = block_log_number(name))
                read_file(*number);
        drop_superseded();
        recovered_block_log found;
        found.files = numbers_;
        if (files_.empty())
            return found;
        auto const oldest = oldest_needed();
        auto first =
            std::find_if(files_.begin(), files_.end(), [&](file const& each) { return each.number >= oldest; });
        if (first == files_.end() || first->number != oldest)
            throw corrupt_checkpoint(place(oldest)
                                     + ": expected a log whose events are still needed, found no such file");
        expect_one_log();
        found.start = first->start;
        found.identity = files_.back().start.identity;
        found.superseded = superseded_;
        found.next_sequence = first->first_sequence;
        for (; first != files_.end(); ++first)
            take(*first, found);
        return found;
    }

private:
    struct file {
        std::uint64_t number = 0;
        block_log_start start;
        std::uint64_t first_sequence = 0;
        std::vector<block_event> events;
        std::optional<std::string> broken; ///< Where, when it ends with something else than an event.
    };

    [[nodiscard]] std::string place(std::uint64_t number) const
    {
        return storage_->describe() + "/" + block_log_name(number);
    }

    /// A file without a sound start is one that was being made: no event in it was ever true.
    void read_file(std::uint64_t number)
    {
        numbers_.push_back(number);
        auto const bytes = storage_->read(block_log_name(number));
        auto const found = scan_block_frames(bytes, number);
        auto const at = [&](std::size_t offset) { return place(number) + ", offset " + std::to_string(offset); };
        if (found.sound_behind)
            throw corrupt_checkpoint(at(*found.broken_at)
                                     + ": expected an event, found other bytes, and sound events from offset "
                                     + std::to_string(*found.sound_behind) + " on");
        if (found.frames.empty())
            return;
        auto const& first = found.frames.front();
        file made{number, decode_block_log_start(first.payload, place(number)), first.sequence, {}, {}};
        for (std::size_t i = 1; i < found.frames.size(); ++i) {
            auto const& frame = found.frames[i];
            if (frame.sequence != made.first_sequence + i - 1)
                throw corrupt_checkpoint(at(frame.offset) + ": expected event "
                                         + std::to_string(made.first_sequence + i - 1) + ", found event "
                                         + std::to_string(frame.sequence));
            made.events.push_back(from_bytes<block_event>(frame.payload));
        }
        if (found.broken_at)
            made.broken = at(*found.broken_at) + ": " + std::to_string(bytes.size() - *found.broken_at) + " bytes";
        files_.push_back(std::move(made));
    }

    /// An event whose write failed, or that was the last one at a restart, stands again, under its number, in the next
    /// file. A file of nothing else goes, and so does one whose first event never came to be: it takes no number.
    void drop_superseded()
    {
        auto next = std::numeric_limits<std::uint64_t>::max();
        std::vector<file> valid;
        for (; !files_.empty(); files_.pop_back()) {
            auto& each = files_.back();
            if (next <= each.first_sequence || each.events.empty()) {
                superseded_.push_back(each.number);
                continue;
            }
            if (next - each.first_sequence < each.events.size())
                each.events.resize(static_cast<std::size_t>(next - each.first_sequence));
            next = each.first_sequence;
            valid.push_back(std::move(each));
        }
        files_.assign(std::make_move_iterator(valid.rbegin()), std::make_move_iterator(valid.rend()));
    }

    [[nodiscard]] std::uint64_t oldest_needed() const
    {
        std::uint64_t oldest = 0;
        for (auto const& each : files_) {
            oldest = std::max(oldest, each.start.oldest_needed);
            for (auto const& event : each.events)
                if (event.kind == block_event_kind::cleaned)
                    oldest = std::max(oldest, event.number == 0 ? each.number : event.number);
        }
        return oldest;
    }

    /// Files of version 1 are of any log.
    void expect_one_log() const
    {
        auto const& newest = files_.back();
        for (auto const& each : files_)
            if (each.start.identity.log != 0 && each.start.identity.log != newest.start.identity.log)
                throw corrupt_checkpoint(place(each.number) + ": expected a file of log "
                                         + std::to_string(newest.start.identity.log) + ", as "
                                         + block_log_name(newest.number) + " is, found one of log "
                                         + std::to_string(each.start.identity.log));
    }

    void take(file& from, recovered_block_log& into) const
    {
        if (from.first_sequence != into.next_sequence)
            throw corrupt_checkpoint(place(from.number) + ": expected event " + std::to_string(into.next_sequence)
                                     + " at its beginning, found event " + std::to_string(from.first_sequence)
                                     + "; what lies between is damaged or missing");
        for (auto& event : from.events)
            into.events.push_back({std::move(event), from.number});
        into.next_sequence += from.events.size();
        if (from.broken && &from == &files_.back())
            into.notes.push_back(
                *from.broken
                + " at the end of the log of received blocks are no event, as a crash leaves them, and "
                  "were dropped");
    }

    any_storage const* storage_;
    std::vector<std::uint64_t> numbers_;
    std::vector<file> files_; // those with a sound start
    std::vector<std::uint64_t> superseded_;
};

} // namespace tidemark::detail
