// SPDX-License-Identifier: BSL-1.0
//
// saved_directory: a directory with a file for each partition of an rdd, whole or not at all.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/sinks/detail/count_updates.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/part_names.hpp>
#include <tidemark/storage/paths.hpp>
#include <tidemark/storage/publish_directory.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace tidemark {

/// Where the batch of `time` goes: `prefix-<ms>.suffix`, without the dash where the prefix is empty, without the dot
/// where the suffix is.
[[nodiscard]] inline std::string text_files_name(std::string const& prefix, batch_time time, std::string const& suffix)
{
    auto const number = std::to_string(time.count());
    return (prefix.empty() ? number : prefix + "-" + number) + (suffix.empty() ? "" : "." + suffix);
}

namespace detail {

/// Runs the partitions of `rdd` into files of the new directory `aside`, and syncs all of it. `Parts` says what is
/// written for a partition, and what into the mark.
template <typename Parts, typename Rdd>
void write_parts(Rdd const& rdd, std::string const& aside)
{
    local_directory const directory(aside, file_access::by_umask);
    directory.make(); // an rdd without partitions has no file
    auto const line = pipeline_of(rdd);
    auto const& executor = environment_of(rdd).executor;
    line.prepare(executor);
    Parts parts(line.partitions());
    auto one = [&](std::size_t partition) {
        auto const name = part_name(partition);
        if (directory.exists(name)) // of an attempt that failed
            directory.remove(name);
        auto file = directory.create(name);
        parts.write(line, partition, file);
        file.sync();
    };
    executor.attempt(line.partitions(), one);
    auto finished = directory.create(std::string(finished_mark));
    parts.mark(finished);
    finished.sync();
    directory.sync_directory();
}

/// Whether a directory was written to its end.
[[nodiscard]] inline bool is_finished(std::string const& directory)
{
    return is_taken(directory + "/" + std::string(finished_mark));
}

/// The name of a directory beside `target` for what is not finished.
[[nodiscard]] inline std::string hidden_beside(std::string const& target, std::string const& ending)
{
    return parent_of(target) + "/." + last_name(target) + ending;
}

/// *Throws* `storage_error` when there is something under that name that no earlier run of a batch has made.
inline void expect_ours(std::string const& target, std::string_view operation)
{
    if (is_directory(target) && !is_empty_directory(target) && !is_finished(target))
        throw storage_error("tidemark::" + std::string(operation) + ": expected no directory, or one with a file "
                            + std::string(finished_mark) + ", at " + target
                            + "; found another one, which is left as it is: move it away, or choose another prefix");
}

/// Saves a batch under `name`; in place of what an earlier run of the batch has left there, unless that had more.
template <typename Parts, typename Rdd>
void save_batch(Rdd const& rdd, output_batch const& batch, std::string const& name, std::string_view operation)
{
    auto const target = whole_path(name);
    if (batch.lost_input && is_finished(target))
        return count_updates(rdd);
    auto const aside = hidden_beside(target, ".writing");
    expect_ours(target, operation);
    discard_directory(aside); // what a killed run left
    write_parts<Parts>(rdd, aside);
    publish_directory(aside, target);
}

[[nodiscard]] inline storage_error name_is_taken(std::string const& target, std::string_view operation)
{
    return storage_error("tidemark::" + std::string(operation) + ": expected nothing at " + target
                         + "; found a file or directory, which is left as it is: move it away, or choose another name");
}

/// A directory that is removed at the end, unless it has got another name by then.
struct scratch_directory {
    std::string path;

    explicit scratch_directory(std::string where)
        : path(std::move(where))
    {}
    scratch_directory(scratch_directory const&) = delete;
    scratch_directory& operator=(scratch_directory const&) = delete;
    ~scratch_directory() { (void)remove_tree(path); } // what stays has a name that says so
};

/// A number that no other call in this process has got.
[[nodiscard]] inline std::uint64_t unique_number()
{
    static std::atomic<std::uint64_t> next = 0;
    return next++;
}

/// Saves an rdd under `directory`, where there must be nothing.
template <typename Parts, typename Rdd>
void save_rdd(Rdd const& rdd, std::string const& directory, std::string_view operation)
{
    if (directory.empty())
        throw config_error("tidemark::" + std::string(operation) + ": the name of the directory is empty; give one");
    auto const target = whole_path(directory);
    if (is_taken(target))
        throw name_is_taken(target, operation);
    scratch_directory const aside(
        hidden_beside(target, ".writing-" + std::to_string(::getpid()) + "-" + std::to_string(unique_number())));
    discard_directory(aside.path); // of a process that had the same number
    write_parts<Parts>(rdd, aside.path);
    if (!publish_new_directory(aside.path, target))
        throw name_is_taken(target, operation);
}

} // namespace detail
} // namespace tidemark
