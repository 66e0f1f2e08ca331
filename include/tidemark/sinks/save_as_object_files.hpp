// SPDX-License-Identifier: BSL-1.0
//
// save_as_object_files: each batch, or an rdd, as a directory of files that rdd_context::object_file reads back.

#pragma once

#include <tidemark/checkpoint/object_file.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/sinks/save_as_text_files.hpp>
#include <tidemark/sinks/saved_directory.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// Writes one partition in our binary form, and says in `written` what the index needs to know of it.
template <typename Record, typename File>
class object_file_sink {
public:
    object_file_sink(File& file, std::uint32_t partition, object_part& written)
        : writer_(file, partition)
        , written_(&written)
    {}

    void operator()(Record const& value) { writer_.add(value); }
    void finish() { *written_ = writer_.finish(); }
    [[nodiscard]] bool done() const { return false; }

private:
    object_part_writer<Record, File> writer_;
    object_part* written_;
};

namespace detail {

/// Parts in our binary form; the mark is their index.
template <typename Record>
class object_parts {
public:
    explicit object_parts(std::size_t partitions) { index_.parts.resize(partitions); }

    template <typename Line, typename File>
    void write(Line const& line, std::size_t partition, File& file)
    {
        line.run(partition,
                 object_file_sink<Record, File>(file, static_cast<std::uint32_t>(partition), index_.parts[partition]));
    }

    template <typename File>
    void mark(File& file) const
    {
        file.append(encode_object_index(index_));
    }

private:
    object_index index_{schema_of<Record>(), {}};
};

/// Whether records can be written in our binary form; says what is wrong.
template <typename Record>
consteval bool object_checked()
{
    static_assert(serializable<Record>,
                  "tidemark::save_as_object_files: the records must be serializable; give them a serialize member, or "
                  "include their Boost.Serialization header");
    return serializable<Record>;
}

} // namespace detail

/// What `save_as_object_files` does with a batch.
struct save_as_object_files_action {
    static constexpr bool idempotent = true;

    std::string prefix;
    std::string suffix;

    [[nodiscard]] std::string target() const { return detail::batches_target(prefix, suffix); }

    template <typename Record>
    [[nodiscard]] static consteval bool takes()
    {
        return detail::object_checked<Record>();
    }

    template <typename Rdd>
    void operator()(Rdd const& rdd, output_batch const& batch) const
    {
        detail::save_batch<detail::object_parts<record_t<Rdd>>>(rdd, batch, text_files_name(prefix, batch.time, suffix),
                                                                "save_as_object_files");
    }
};

/// `stream | save_as_object_files(prefix, suffix)`: as `save_as_text_files`, with the records in our own binary form:
/// checksummed blocks, and in `_SUCCESS` an index with the schema of the records. `rdd_context::object_file` reads it.
///
/// *Requires* serializable records. *Throws* `storage_error`, which fails the output for the batch.
/// See also: `save_as_object_file`, the action. Example: `examples/operators/save_as_object_files.cpp`.
template <fixed_string Name = "">
[[nodiscard]] auto save_as_object_files(std::string prefix, std::string suffix = "")
{
    return closure<detail::foreach_rdd_fn<Name>, save_as_object_files_action, std::string_view>(
        {std::move(prefix), std::move(suffix)}, "save_as_object_files");
}

/// The stream as the first argument.
template <fixed_string Name = "", stream_expression Parent, typename... Parts>
[[nodiscard]] auto save_as_object_files(Parent parent, Parts... prefix_and_suffix)
{
    return std::move(parent) | save_as_object_files<Name>(std::move(prefix_and_suffix)...);
}

namespace detail {

struct save_as_object_file_fn : operator_base {
    template <rdd_expression E>
    void operator()(E const& e, std::string const& directory) const
    {
        if constexpr (object_checked<record_t<E>>())
            save_rdd<object_parts<record_t<E>>>(e, directory, "save_as_object_file");
    }

    [[nodiscard]] auto operator()(std::string directory) const
    {
        return closure<save_as_object_file_fn, std::string>(std::move(directory));
    }

    void operator()() const = delete; // save_as_object_file needs a name: `records | save_as_object_file("counts")`
};

} // namespace detail

/// `rdd | save_as_object_file(directory)`: as `save_as_text_file`, in the form of `save_as_object_files`.
///
/// *Requires* serializable records. *Threads* as `collect`. *Throws* as `save_as_text_file`.
/// See also: `rdd_context::object_file`. Example: `examples/operators/save_as_object_file.cpp`.
inline constexpr detail::save_as_object_file_fn save_as_object_file{};

} // namespace tidemark
