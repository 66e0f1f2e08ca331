// SPDX-License-Identifier: BSL-1.0
//
// retention: which log segments and state files the last k commits and the savepoints still need.

#pragma once

#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// A durable commit, and where what it needs lies.
template <std::totally_ordered Time>
struct basic_retained_commit {
    Time time{};
    file_id segment; ///< the newest one that holds its record
    std::vector<file_id> state_files;
};

/// A savepoint, and what it keeps.
template <std::totally_ordered Time>
struct basic_pin {
    std::optional<Time> time; ///< of its commit; nothing when that is not known
    std::vector<file_id> state_files;
};

/// A live log segment, and what keeps it.
template <std::totally_ordered Time>
struct basic_retained_segment {
    segment_entry entry;
    std::optional<Time> newest; ///< of the plans and dones that stand in no later segment
    bool pinned = false;        ///< holds damage, or commits that were given up: evidence, until k commits stand
};

/// The bookkeeping of what may be deleted. Touches no file.
///
/// A segment expires when no kept commit stands in it and no plan or done in it is later than the oldest kept commit.
/// The two newest segments never expire. A state file expires when k commits are kept and none of them refers to it, and
/// no savepoint keeps it. A savepoint has a copy of its commit's record, so it keeps no segment.
template <std::totally_ordered Time>
class basic_retention {
public:
    using retained_commit = basic_retained_commit<Time>;
    using retained_segment = basic_retained_segment<Time>;
    using pin_type = basic_pin<Time>;

    /// *Requires* `keep` of at least 1.
    explicit basic_retention(std::size_t keep)
        : keep_(std::max<std::size_t>(keep, 1))
    {}

    void add_segment(retained_segment segment) { segments_.push_back(std::move(segment)); }
    void add_state_file(file_id file) { state_files_.insert(file); }

    /// Notes a plan or done in the newest segment.
    void add_record(Time time)
    {
        auto& newest = segments_.back().newest;
        newest = newest ? std::max(*newest, time) : time;
    }

    /// Adds a commit that is durable. It replaces those of its time or later ones, which a fallback has given up.
    void add_commit(retained_commit commit)
    {
        std::erase_if(commits_, [&](auto const& other) { return other.time >= commit.time; });
        commits_.push_back(std::move(commit));
        if (commits_.size() > keep_) {
            commits_.erase(commits_.begin());
        }
    }

    /// Keeps state files under the name of a savepoint, instead of what it has kept so far.
    void pin(std::string const& name, pin_type pinned) { pins_.insert_or_assign(name, std::move(pinned)); }
    void unpin(std::string const& name) { pins_.erase(name); }

    /// The savepoints, by name.
    [[nodiscard]] std::map<std::string, pin_type> const& pins() const { return pins_; }

    /// Whether a savepoint keeps that state file.
    [[nodiscard]] bool is_pinned(file_id file) const
    {
        return std::any_of(pins_.begin(), pins_.end(), [file](auto const& pin) {
            auto const& files = pin.second.state_files;
            return std::find(files.begin(), files.end(), file) != files.end();
        });
    }

    /// Says that the newest segment ends before the record `sequence`.
    void close_segment(std::uint64_t sequence) { segments_.back().entry.end_sequence = sequence; }

    /// The segments that are needed no more.
    [[nodiscard]] std::vector<file_id> expired_segments() const
    {
        std::vector<file_id> expired;
        for (std::size_t i = 0; i + 2 < segments_.size(); ++i) {
            if (is_expired(segments_[i])) {
                expired.push_back(segments_[i].entry.id);
            }
        }
        return expired;
    }

    /// The state files that are needed no more.
    [[nodiscard]] std::vector<file_id> expired_state_files() const
    {
        if (commits_.size() < keep_) {
            return {};
        }
        auto expired = state_files_;
        for (auto const& commit : commits_) {
            for (auto const& file : commit.state_files) {
                expired.erase(file);
            }
        }
        std::erase_if(expired, [this](file_id file) { return is_pinned(file); });
        return {expired.begin(), expired.end()};
    }

    void forget_segments(std::vector<file_id> const& ids)
    {
        std::erase_if(segments_, [&](auto const& segment) {
            return std::find(ids.begin(), ids.end(), segment.entry.id) != ids.end();
        });
    }

    void forget_state_file(file_id file) { state_files_.erase(file); }

    /// The live segments as the manifest lists them, oldest first.
    [[nodiscard]] std::vector<segment_entry> segments() const
    {
        std::vector<segment_entry> entries;
        for (auto const& segment : segments_) {
            entries.push_back(segment.entry);
        }
        return entries;
    }

    /// The commits that are kept, oldest first.
    [[nodiscard]] std::vector<retained_commit> const& commits() const { return commits_; }

private:
    [[nodiscard]] bool is_expired(retained_segment const& segment) const
    {
        bool const holds_commit = std::any_of(commits_.begin(), commits_.end(),
                                              [&](auto const& commit) { return commit.segment == segment.entry.id; });
        bool const needed = segment.newest && (commits_.empty() || *segment.newest > commits_.front().time);
        return !holds_commit && !needed && (!segment.pinned || commits_.size() >= keep_);
    }

    std::size_t keep_;
    std::vector<retained_commit> commits_;
    std::vector<retained_segment> segments_;
    std::set<file_id> state_files_;
    std::map<std::string, pin_type> pins_;
};

/// The commits and segments of a directory, by batch time.
using retained_commit = basic_retained_commit<batch_time>;
/// A segment, by the batch time of its last record.
using retained_segment = basic_retained_segment<batch_time>;

/// That of a stream's checkpoint.
using retention = basic_retention<batch_time>;

} // namespace tidemark
