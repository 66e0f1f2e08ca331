// SPDX-License-Identifier: BSL-1.0
//
// object_file: the records that save_as_object_file or save_as_object_files has written, as an rdd.

#pragma once

#include <tidemark/checkpoint/object_file.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/text_bytes.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/rdd/file_dataset.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/storage/input_file.hpp>
#include <tidemark/storage/part_names.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Reads each part file anew whenever its partition is fed.
template <serializable Record>
class object_file_dataset final : public dataset<Record> {
public:
    object_file_dataset(std::string directory, object_index index)
        : directory_(std::move(directory))
        , index_(std::move(index))
    {}

    [[nodiscard]] std::size_t partitions() const override { return index_.parts.size(); }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        object_part_reader<Record>(directory_ + "/" + part_name(partition), static_cast<std::uint32_t>(partition),
                                   index_.parts[partition])
            .read(record_giver<Record>{out});
    }

private:
    std::string directory_;
    object_index index_;
};

/// The index of the object files in `directory`.
///
/// *Throws* `storage_error` when there is none, `corrupt_file`, `incompatible_file`.
[[nodiscard]] inline object_index read_object_index(std::string const& directory)
{
    auto const path = directory + "/" + std::string(finished_mark);
    if (!find_file(path))
        throw storage_error("tidemark::object_file: expected a directory with a file " + std::string(finished_mark)
                            + " at " + directory
                            + "; found none. Give the directory that save_as_object_file has written");
    input_file const file(path);
    std::vector<char> text(static_cast<std::size_t>(file.info().size));
    auto const got = file.read_at(0, std::span<char>(text.data(), text.size()));
    return decode_object_index(text_bytes(text.data(), got), path);
}

namespace detail {

template <typename Record>
dataset_ptr<Record> object_file_dataset_of(std::string directory)
{
    static_assert(serializable<Record>,
                  "tidemark::object_file: the records must be serializable; give them a serialize member, or include "
                  "their Boost.Serialization header");
    auto index = read_object_index(directory);
    if (auto const wanted = schema_of<Record>(); !schema_reads(wanted, index.schema))
        throw incompatible_file("tidemark::object_file: expected records of " + wanted + " in " + directory + "; found "
                                + index.schema + ". Read them as the type that was saved");
    return std::make_shared<object_file_dataset<Record>>(std::move(directory), std::move(index));
}

} // namespace detail
} // namespace tidemark
