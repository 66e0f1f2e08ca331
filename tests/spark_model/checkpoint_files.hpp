// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_files: how Spark names, replaces, drops and reads its metadata checkpoints. Ours is a log with a manifest.

#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace spark_model {

/// `checkpoint-<time>`, or its backup with `.bk` behind.
struct checkpoint_name {
    std::int64_t time = 0; ///< In milliseconds.
    bool backup = false;

    [[nodiscard]] friend bool operator==(checkpoint_name const&, checkpoint_name const&) = default;
    /// Oldest first; the backup of a time is older than the plain file.
    [[nodiscard]] friend bool operator<(checkpoint_name const& left, checkpoint_name const& right)
    {
        return std::tuple(left.time, !left.backup) < std::tuple(right.time, !right.backup);
    }
};

[[nodiscard]] inline std::string to_string(checkpoint_name const& name)
{
    return "checkpoint-" + std::to_string(name.time) + (name.backup ? ".bk" : "");
}

/// What a name says: digits, and a suffix that makes it a backup. Nothing for the name of any other file.
[[nodiscard]] inline std::optional<checkpoint_name> parsed(std::string_view text)
{
    constexpr std::string_view prefix = "checkpoint-";
    if (!text.starts_with(prefix))
        return std::nullopt;
    text.remove_prefix(prefix.size());
    checkpoint_name name;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), name.time);
    if (text.starts_with('-') || problem != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    name.backup = !text.empty();
    bool const is_suffix = std::all_of(text.begin(), text.end(), [](unsigned char each) {
        return std::isalnum(each) != 0 || each == '_' || each == '.';
    });
    return is_suffix ? std::optional(name) : std::nullopt;
}

/// The checkpoints among `names`, in the order in which they are tried: the newest first.
[[nodiscard]] inline std::vector<std::string> read_order(std::vector<std::string> names)
{
    std::erase_if(names, [](std::string const& name) { return !parsed(name); });
    std::stable_sort(names.begin(), names.end(),
                     [](std::string const& left, std::string const& right) { return *parsed(right) < *parsed(left); });
    return names;
}

/// A file and what is in it.
struct metadata_file {
    checkpoint_name name;
    std::int64_t stored = 0; ///< The time of the batch that it tells of, which may differ from its name's.
    bool completed = false;  ///< Written when the batch was complete; else when it was generated.
};

/// The files of a directory, oldest first.
class metadata_files {
public:
    /// Writes the checkpoint of the batch of `time`, as the newest file: a batch behind the newest takes the newest time as its name.
    void write(std::int64_t time, bool completed)
    {
        latest_ = std::max(latest_, time);
        if (find({latest_, false}) != files_.end()) {
            std::erase_if(files_,
                          [this](metadata_file const& file) { return file.name == checkpoint_name{latest_, true}; });
            find({latest_, false})->name.backup = true;
        }
        files_.push_back({{latest_, false}, time, completed}); // no file is newer
        while (files_.size() > kept)
            files_.erase(files_.begin());
    }

    [[nodiscard]] std::vector<metadata_file> const& files() const { return files_; }

private:
    static constexpr std::size_t kept = 10;

    [[nodiscard]] std::vector<metadata_file>::iterator find(checkpoint_name const& name)
    {
        return std::ranges::find(files_, name, &metadata_file::name);
    }

    std::vector<metadata_file> files_;
    std::int64_t latest_ = 0;
};

/// What came of one checkpoint whose writing was tried again after each error.
struct written {
    bool done = false; ///< And only then reported as complete.
    std::size_t attempts = 0;
};

/// Tries to write until an attempt succeeds or there were `limit`. `succeeds` tells of each attempt.
[[nodiscard]] inline written write_with_retries(std::vector<bool> const& succeeds, std::size_t limit)
{
    written came;
    while (!came.done && came.attempts < std::min(limit, succeeds.size()))
        came.done = succeeds[came.attempts++];
    return came;
}

/// The times of the dataset checkpoints that are left after batch `number` is complete: those still remembered, for twice the interval.
[[nodiscard]] inline std::vector<std::int64_t> datasets_kept(std::int64_t number, std::int64_t interval)
{
    std::vector<std::int64_t> times;
    for (auto time = interval; time <= number; time += interval)
        if (time > number - 2 * interval)
            times.push_back(time);
    return times;
}

} // namespace spark_model
