// SPDX-License-Identifier: BSL-1.0
//
// journal_cases: batches whose state, plans and dones follow from their number, and files changed behind a journal's
// back.

#pragma once

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace journal_cases {

using bytes = std::vector<std::byte>;

inline tidemark::journal_options options(std::size_t retain = 3)
{
    tidemark::journal_options result;
    result.application = "test";
    result.retain = retain;
    result.state_segment_bytes = 1; // each commit has a state file of its own
    result.log_room_bytes = 0;      // nothing behind the last record
    return result;
}

inline bytes repeated(std::int64_t value, std::size_t times)
{
    return bytes(times, static_cast<std::byte>(value & 0xff));
}

/// The commit of batch `n`: all of it follows from `n`.
inline tidemark::commit_record commit_of(std::int64_t n)
{
    tidemark::commit_record record;
    record.time = tidemark::batch_time(n);
    record.batch_ms = 1;
    record.graph = "numbers -> counts";
    record.settings["partitions"] = repeated(8, 1);
    record.positions["numbers"] = repeated(n, 2);
    record.accumulators["seen"] = repeated(n, 1);
    record.stages.push_back({"counts", "map_with_state", "text", "int64", 1, {}});
    record.stages.back().groups = {{0, 1, repeated(n, 3)}, {7, 2, repeated(n + 100, 5)}};
    record.stages.push_back({"window", "pane", "text", "int64", 2, {{1, 0, {}}}});
    return record;
}

inline tidemark::plan_record plan_of(std::int64_t n)
{
    return {tidemark::batch_time(n), {{"numbers", repeated(n, 4)}}};
}

inline tidemark::done_record done_of(std::int64_t n, std::string output = "print")
{
    return {tidemark::batch_time(n), std::move(output), {{"seen", repeated(n, 1)}}};
}

inline std::vector<std::int64_t> times_of(std::vector<tidemark::plan_record> const& plans)
{
    std::vector<std::int64_t> times;
    for (auto const& plan : plans) {
        times.push_back(plan.time.count());
    }
    return times;
}

inline std::string text_of(std::vector<std::string> const& notes)
{
    std::string text;
    for (auto const& note : notes) {
        text += note + "\n";
    }
    return text;
}

/// The names that begin with `prefix`.
inline std::vector<std::string> names(tidemark::any_storage storage, std::string_view prefix)
{
    std::vector<std::string> found;
    for (auto const& name : storage.list()) {
        if (name.starts_with(prefix)) {
            found.push_back(name);
        }
    }
    return found;
}

inline void put(tidemark::any_storage storage, std::string const& name, bytes const& content)
{
    if (storage.exists(name)) {
        storage.remove(name);
    }
    auto file = storage.create(name);
    file.append(content);
    file.sync();
    storage.sync_directory();
}

/// A directory of its own with the same files.
inline tidemark::any_storage copy_of(tidemark::any_storage storage)
{
    tidemark::any_storage copy{tidemark::memory_storage()};
    for (auto const& name : storage.list()) {
        if (name == "manifest" || name.starts_with("log-") || name.starts_with("state-")) {
            put(copy, name, storage.read(name));
        }
    }
    return copy;
}

inline bytes flipped(bytes content, std::size_t bit)
{
    content.at(bit / 8) ^= static_cast<std::byte>(1U << (bit % 8));
    return content;
}

/// Changes one byte in the middle of `name`, as far as it does not end in zeros: those may fill up a page.
inline void damage(tidemark::any_storage storage, std::string const& name)
{
    auto const content = storage.read(name);
    auto size = content.size();
    while (size > 1 && content[size - 1] == std::byte{})
        --size;
    put(storage, name, flipped(content, size / 2 * 8));
}

} // namespace journal_cases
