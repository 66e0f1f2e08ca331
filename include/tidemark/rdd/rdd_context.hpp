// SPDX-License-Identifier: BSL-1.0
//
// rdd_context: where rdds come from when there is no stream.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/partition_number.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/operators/union_all.hpp>
#include <tidemark/rdd/accumulator.hpp>
#include <tidemark/rdd/checkpoint_files.hpp>
#include <tidemark/rdd/range_dataset.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/rdd/text_file.hpp>
#include <tidemark/storage/file_splits.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/storage.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

/// Completed in <tidemark/rdd/object_file.hpp>.
template <typename Record>
[[nodiscard]] dataset_ptr<Record> object_file_dataset_of(std::string directory);

} // namespace detail

/// The settings of an `rdd_context`.
struct rdd_settings {
    std::size_t partitions = 8; ///< Of keyed data, and of `parallelize` without a number; 1 to 65536.
    std::size_t key_groups =
        256; ///< What keys are sorted by on their way, a power of two up to 65536; partitions beyond it get no keys.
    std::size_t partition_attempts =
        settings{}.partition_attempts;            ///< How often a partition is tried before the action fails, 1 to 100.
    std::size_t storage_bytes = unlimited_memory; ///< Of persisted partitions in memory, all rdds together.
    std::optional<any_storage> scratch{};         ///< For those on disk; else a temporary directory is made.
    bool clean_checkpoints = false; ///< Whether the files of a checkpoint go with the last handle to its rdd.
};

/// Makes rdds and runs what is asked of them: `rdd_context rc(threads)`, or `rdd_context rc(threads, directory)` with a
/// directory for the checkpoints of rdds.
///
/// Copies share their threads, which end when the last copy and the last rdd made from it have gone.
template <bool Checkpointed = false>
class rdd_context {
public:
    /// With 0 threads there are as many as cores. *Throws* `config_error` for more than `most_threads`, and for a number of
    /// partitions, groups or attempts that is out of range.
    explicit rdd_context(std::size_t threads = 1, rdd_settings how = {})
        requires(!Checkpointed)
        : rdd_context(executor_with(checked_threads(threads)), std::move(how))
    {}

    /// The same on an executor of the caller's.
    explicit rdd_context(any_executor const& executor, rdd_settings how = {})
        requires(!Checkpointed)
        : rdd_context(executor, std::nullopt, std::move(how))
    {}

    /// The same with a place for checkpoints, which is touched by the first checkpoint only.
    rdd_context(std::size_t threads, checkpoint_directory const& where, rdd_settings how = {})
        requires Checkpointed
        : rdd_context(executor_with(checked_threads(threads)), where, std::move(how))
    {}

    /// The same on an executor of the caller's.
    rdd_context(any_executor const& executor, checkpoint_directory const& where, rdd_settings how = {})
        requires Checkpointed
        : rdd_context(executor, std::optional(where.storage()), std::move(how))
    {}

    rdd_context(rdd_context const&) = default;
    rdd_context& operator=(rdd_context const&) = default; // and no moves: a context that was moved from would be none
    ~rdd_context() = default;

    /// The elements of `range`, cut into `partitions` contiguous slices. Any range will do, range-v3's views included;
    /// it is walked here, once.
    ///
    /// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
    /// Example: `examples/operators/map.cpp`.
    template <typename Range>
    [[nodiscard]] auto parallelize(Range&& range, std::size_t partitions) const
    {
        using element = range_record_t<Range>;
        (void)checked_partitions("parallelize", partitions);
        row<element> records;
        auto const end = std::end(range);
        for (auto it = std::begin(range); it != end; ++it)
            records.push_back(record_at<Range>(it));
        return leaf<element>(
            std::make_shared<stored_dataset<element>>(slice_evenly<element>(std::move(records), partitions)));
    }

    /// The same, in as many partitions as the context's layout says.
    template <typename Range>
    [[nodiscard]] auto parallelize(Range&& range) const
    {
        return parallelize(std::forward<Range>(range), environment_->layout.partitions);
    }

    /// The lines of a file, of the files in a directory, or of all that a pattern of the shell such as `logs/*.txt`
    /// means: see `input_files`. In about `partitions` partitions of equal size.
    ///
    /// Lazy: the files are listed here, and read anew by each action. A line ends at a newline or at the end of its
    /// file; a carriage return before that is dropped, all other bytes pass unchanged.
    /// *Throws* `source_error` when there is no such file, and from actions when one has changed since or cannot be
    /// read; `config_error` for 0 partitions or more than `most_partitions`.
    /// See also: `save_as_text_file`. Example: `examples/operators/text_file.cpp`.
    [[nodiscard]] auto text_file(std::string const& path, std::size_t partitions) const
    {
        (void)checked_partitions("text_file", partitions);
        return leaf(detail::file_dataset_of(text_lines{}, path, partitions, 1));
    }

    /// The same, in about as many partitions as the context's layout says, of at least 64 KiB.
    [[nodiscard]] auto text_file(std::string const& path) const
    {
        return leaf(detail::file_dataset_of(text_lines{}, path, environment_->layout.partitions, least_split));
    }

    /// The integers `first`, `first + step` ... before `last`, made as they are read. A negative step goes down.
    ///
    /// *Throws* `config_error` for a step of 0, and for 0 partitions or more than `most_partitions`.
    /// Example: `examples/operators/text_file.cpp`.
    [[nodiscard]] auto range(std::int64_t first, std::int64_t last, std::int64_t step, std::size_t partitions) const
    {
        (void)checked_partitions("range", partitions);
        return leaf<std::int64_t>(std::make_shared<range_dataset>(first, last, step, partitions));
    }

    /// The same, in as many partitions as the context's layout says.
    [[nodiscard]] auto range(std::int64_t first, std::int64_t last, std::int64_t step = 1) const
    {
        return range(first, last, step, environment_->layout.partitions);
    }

    /// The records that `save_as_object_file` or `save_as_object_files` has written to `directory`, in the partitions
    /// that they had there. Needs <tidemark/rdd/object_file.hpp>.
    ///
    /// Lazy: the index is read and checked here, the records by each action, every byte verified.
    /// *Throws* `storage_error` when there is no such directory, `incompatible_file` when `Record` is not what was
    /// saved, `corrupt_file` for damage: here, or from the action that meets it.
    /// Example: `examples/operators/save_as_object_file.cpp`.
    template <typename Record>
    [[nodiscard]] auto object_file(std::string directory) const
    {
        return leaf(detail::object_file_dataset_of<Record>(std::move(directory)));
    }

    /// A value that functions of steps add to, beginning with `initial`: what the tasks of an action have added counts
    /// when they have succeeded, each task once. See `accumulator`.
    template <typename Initial = std::int64_t>
    [[nodiscard]] auto accumulator(Initial initial = Initial{}) const
    {
        static_assert(detail::accumulator_rules<Initial>::value);
        using value = accumulated_t<Initial>;
        return tidemark::accumulator<value>::make("", static_cast<value>(std::move(initial)));
    }

    /// All records of the rdds in a list. See `union_all`. *Throws* `config_error` for an empty list.
    template <rdd_expression E>
    [[nodiscard]] auto union_(std::vector<E> list) const
    {
        return union_all(std::move(list));
    }

    /// The checkpoint of an rdd that this or another program made: in the context's directory, by what
    /// `checkpoint_file` said or the name of the folder; else by the path of the folder.
    ///
    /// Each partition is verified when it is read.
    /// *Throws* `checkpoint_error` where there is none, `incompatible_checkpoint` for records of another type or a newer
    /// format, `corrupt_checkpoint` that names the parts that are missing or what is damaged.
    /// Example: `examples/rdd_checkpoint.cpp`.
    template <record T>
    [[nodiscard]] auto read_checkpoint(std::string const& folder) const
    {
        return opened<T>(folder_of(folder).files());
    }

    /// The same for any directory: it is the folder, or holds a single one.
    template <record T>
    [[nodiscard]] auto read_checkpoint(checkpoint_directory const& where) const
    {
        auto const& directory = where.storage();
        if (directory.exists(std::string(mark_name)))
            return opened<T>(directory);
        std::vector<std::string> found;
        std::string names;
        for (auto const& name : directory.folders())
            if (directory.folder(name).exists(std::string(mark_name))) {
                found.push_back(name);
                names += (names.empty() ? "" : ", ") + name;
            }
        if (found.size() != 1)
            throw checkpoint_error("tidemark::read_checkpoint: " + directory.describe() + " holds "
                                   + (found.empty() ? "no finished checkpoint of an rdd"
                                                    : "several checkpoints of rdds: " + names + "; name one of them"));
        return opened<T>(directory.folder(found.front()));
    }

    /// Deletes the files of a checkpoint, named as for `read_checkpoint`. *Throws* `storage_error`.
    void remove_checkpoint(std::string const& folder) const { folder_of(folder).remove(); }

    /// How much is persisted in this context, and what was lost and computed again.
    [[nodiscard]] block_store_status storage_status() const { return environment_->blocks->get()->status(); }

private:
    /// The rule and the words of `settings::threads`.
    [[nodiscard]] static std::size_t checked_threads(std::size_t threads)
    {
        if (!settings_rules::threads({.threads = threads}))
            throw config_error("tidemark::rdd_context: threads is out of range; give 0 to "
                               + std::to_string(most_threads) + " (found " + std::to_string(threads) + ")");
        return threads_or_cores(threads);
    }

    template <typename Record>
    [[nodiscard]] auto leaf(dataset_ptr<Record> data) const
    {
        return rdd_leaf<Record, Checkpointed>(std::move(data), environment_);
    }

    [[nodiscard]] checkpoint_folder folder_of(std::string const& folder) const
    {
        auto const& directory = environment_->checkpoints;
        if (directory && folder.starts_with(directory->describe() + "/"))
            return {*directory, folder.substr(directory->describe().size() + 1)};
        auto const slash = folder.rfind('/');
        if (slash != std::string::npos)
            return {local_directory(slash == 0 ? "/" : folder.substr(0, slash)), folder.substr(slash + 1)};
        if (directory)
            return {*directory, folder};
        throw config_error("tidemark::read_checkpoint: the context has no checkpoint directory to look for " + folder
                           + " in; pass a tide::checkpoint_directory to rdd_context, or give a path");
    }

    template <typename T>
    [[nodiscard]] rdd_leaf<T, Checkpointed> opened(any_storage folder) const
    {
        static_assert(serializable<T>, "tidemark::read_checkpoint: the records cannot be saved, so there is no "
                                       "checkpoint of them");
        return leaf<T>(std::make_shared<checkpoint_files<T>>(std::move(folder)));
    }

    rdd_context(any_executor const& executor, std::optional<any_storage> checkpoints, rdd_settings how)
        : environment_(std::make_shared<rdd_environment const>(rdd_environment{
              executor.with_attempts(how.partition_attempts), key_layout{how.partitions, how.key_groups},
              std::move(checkpoints), std::make_shared<block_store_cell>(how.storage_bytes, std::move(how.scratch)),
              how.clean_checkpoints}))
    {
        (void)checked_partitions("rdd_context", how.partitions);
        if (!std::has_single_bit(how.key_groups) || how.key_groups > most_partitions)
            throw config_error("tidemark::rdd_context: " + std::to_string(how.key_groups)
                               + " key-groups; give a power of two up to " + std::to_string(most_partitions));
    }

    std::shared_ptr<rdd_environment const> environment_;
};

rdd_context() -> rdd_context<false>;
rdd_context(std::size_t) -> rdd_context<false>;
rdd_context(std::size_t, rdd_settings) -> rdd_context<false>;
rdd_context(any_executor) -> rdd_context<false>;
rdd_context(any_executor, rdd_settings) -> rdd_context<false>;
rdd_context(std::size_t, checkpoint_directory) -> rdd_context<true>;
rdd_context(std::size_t, checkpoint_directory, rdd_settings) -> rdd_context<true>;
rdd_context(any_executor, checkpoint_directory) -> rdd_context<true>;
rdd_context(any_executor, checkpoint_directory, rdd_settings) -> rdd_context<true>;

} // namespace tidemark
