// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_files: the files of an rdd's checkpoint: written while the rdd is computed, and read as a collection.

#pragma once

#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/part_file.hpp>
#include <tidemark/checkpoint/saved_rows.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/chunk.hpp>
#include <tidemark/storage/storage.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

namespace tidemark {

/// A folder in a directory of checkpoints.
template <storage Storage>
struct basic_checkpoint_folder {
    Storage directory;
    std::string name;

    [[nodiscard]] Storage files() const { return directory.folder(name); }
    [[nodiscard]] std::string describe() const { return directory.describe() + "/" + name; }
    /// Deletes it. *Throws* `storage_error`.
    void remove() const
    {
        directory.remove_folder(name);
        directory.sync_directory();
    }
};

/// The same in a directory of whatever type.
using checkpoint_folder = basic_checkpoint_folder<any_storage>;

/// The checkpoint of an rdd as a collection without parents. Every byte is verified when it is read.
template <serializable Record>
class checkpoint_files final : public dataset<Record> {
public:
    /// *Throws* `checkpoint_error` where there is none, `incompatible_checkpoint` for other records or a newer format,
    /// `corrupt_checkpoint` when the mark is damaged or a part is missing or has another length.
    explicit checkpoint_files(any_storage folder)
        : folder_(std::move(folder))
        , mark_(read_mark(folder_))
    {
        expect_schema(folder_, mark_, schema_of<Record>());
        expect_parts(folder_, mark_);
    }
    checkpoint_files(any_storage folder, dataset_mark mark)
        : folder_(std::move(folder))
        , mark_(std::move(mark))
    {}

    [[nodiscard]] std::size_t partitions() const override { return mark_.parts.size(); }
    [[nodiscard]] bool holds_records() const override { return true; }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return mark_.partitioning; }
    [[nodiscard]] std::string describe() const override { return "checkpoint in " + folder_.describe(); }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        part_reader part(folder_, mark_.id, partition, mark_.parts[partition]);
        while (!out.done()) {
            auto const offset = part.offset();
            auto const bytes = part.next();
            if (!bytes)
                return;
            feed_row(restored(*bytes, part, offset), out);
        }
    }

private:
    [[nodiscard]] static row<Record> restored(std::span<std::byte const> bytes, part_reader const& part,
                                              std::uint64_t offset)
    {
        try {
            return restore_row<Record>(bytes);
        } catch (corrupt_checkpoint const& problem) {
            throw corrupt_checkpoint(part.file() + ", offset " + std::to_string(offset) + ": " + problem.what());
        }
    }

    any_storage folder_;
    dataset_mark mark_;
};

/// The end of a fused loop that writes its records to the file of a partition.
template <typename Record>
class part_sink {
public:
    explicit part_sink(part_writer& out)
        : out_(&out)
    {}

    void operator()(Record const& value)
    {
        records_.push_back(value);
        write_full();
    }
    void operator()(Record&& value)
    {
        records_.push_back(std::move(value));
        write_full();
    }
    void chunk(std::span<Record const> values)
        requires chunkable<Record>
    {
        records_.insert(records_.end(), values.begin(), values.end());
        write_full();
    }
    void finish() { write(); }
    [[nodiscard]] bool done() const { return false; }

private:
    void write_full()
    {
        if (records_.size() >= chunk_records)
            write();
    }
    void write()
    {
        if (!records_.empty())
            out_->append(save_row<Record>(records_), records_.size());
        records_.clear();
    }

    part_writer* out_;
    row<Record> records_;
};

namespace detail {

/// A number that nobody else has drawn.
[[nodiscard]] inline std::uint64_t random_number()
{
    std::uint64_t number = 0;
    if (::getentropy(&number, sizeof(number)) != 0)
        throw storage_error("cannot draw a random number: " + std::generic_category().message(errno));
    return number;
}

/// A folder that is deleted unless it was finished. What cannot be deleted is remembered for the next attempt.
template <storage Storage>
class unfinished_checkpoint {
public:
    unfinished_checkpoint(Storage directory, std::vector<std::string>& leftovers)
        : folder_{std::move(directory), ""}
        , leftovers_(leftovers)
    {
        sweep();
        do {
            id_ = random_number();
            folder_.name = rdd_folder_name(id_);
        } while (!folder_.files().list().empty());
    }
    unfinished_checkpoint(unfinished_checkpoint const&) = delete;
    unfinished_checkpoint& operator=(unfinished_checkpoint const&) = delete;
    ~unfinished_checkpoint()
    {
        if (finished_)
            return;
        try {
            leftovers_.push_back(folder_.name);
            sweep();
        } catch (...) { // the failure that brought us here says more
        }
    }

    [[nodiscard]] basic_checkpoint_folder<Storage> const& folder() const { return folder_; }
    [[nodiscard]] std::uint64_t id() const { return id_; }
    void finish() { finished_ = true; }

private:
    /// Deletes what is left of earlier attempts, as far as it can be deleted.
    void sweep()
    {
        std::erase_if(leftovers_, [this](std::string const& name) { return is_gone(name); });
    }

    /// Deletes a folder; true when it is not there any more. A listing that shows nothing is asked last: it may be stale.
    [[nodiscard]] bool is_gone(std::string const& name) const
    {
        try {
            folder_.directory.remove_folder(name);
            return true;
        } catch (storage_error const&) {
        }
        try {
            return folder_.directory.folder(name).list().empty();
        } catch (storage_error const&) {
            return false;
        }
    }

    basic_checkpoint_folder<Storage> folder_;
    std::vector<std::string>& leftovers_;
    std::uint64_t id_ = 0;
    bool finished_ = false;
};

/// Reads all parts back. *Throws* `checkpoint_error` that names both numbers when there are more or fewer than were
/// written, `corrupt_checkpoint` when one is not what was written.
template <storage Storage>
void verify_parts(Storage const& folder, dataset_mark const& mark, any_executor const& executor)
{
    std::size_t found = 0;
    for (auto const& name : folder.list())
        found += name.starts_with("part-") ? std::size_t{1} : std::size_t{0};
    if (found != mark.parts.size())
        throw checkpoint_error("the checkpoint in " + folder.describe() + " has " + std::to_string(found)
                               + " partitions, and the rdd " + std::to_string(mark.parts.size())
                               + "; nothing but this program may write there");
    auto one = [&](std::size_t partition) {
        basic_part_reader<Storage> part(folder, mark.id, partition, mark.parts[partition]);
        while (part.next()) {
        }
    };
    executor.run(mark.parts.size(), one);
}

} // namespace detail

/// A checkpoint that has become true.
struct written_checkpoint {
    checkpoint_folder folder;
    dataset_mark mark;
};

/// Computes every partition of `line`, which is ready, once, writes each to a file while it is computed, reads all of it
/// back, and makes it true by a mark.
///
/// *Throws* what a function in the steps threw, `storage_error`, `checkpoint_error`; there is nothing of it in
/// `directory` then, or its name is among the `leftovers`, which the next call deletes.
template <typename Chain>
[[nodiscard]] written_checkpoint write_checkpoint(pipeline<Chain> const& line, any_storage const& directory,
                                                  any_executor const& executor, std::vector<std::string>& leftovers)
{
    using record = typename Chain::output;
    detail::unfinished_checkpoint<any_storage> made(directory, leftovers);
    auto const folder = made.folder().files();
    dataset_mark mark{made.id(), schema_of<record>(), {}, line.partitioning()};
    mark.parts.resize(line.partitions());
    auto one = [&](std::size_t partition) {
        part_writer part(folder, mark.id, partition, mark.schema);
        line.run(partition, part_sink<record>(part));
        mark.parts[partition] = part.finish();
    };
    executor.attempt(mark.parts.size(), one);
    if (!mark.parts.empty())
        folder.sync_directory();
    detail::verify_parts(folder, mark, executor);
    if (mark.partitioning && mark.partitioning->rule)
        mark.partitioning.reset(); // a rule of the program's own cannot be written down
    write_mark(folder, mark);
    if (read_mark(folder) != mark)
        throw checkpoint_error("the mark in " + folder.describe() + " is not what was written");
    made.finish(); // nothing may fail behind it: the files stay
    return {made.folder(), std::move(mark)};
}

} // namespace tidemark
