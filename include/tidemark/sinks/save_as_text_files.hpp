// SPDX-License-Identifier: BSL-1.0
//
// save_as_text_files: each batch as a directory of text files, and an rdd as one such directory.

#pragma once

#include <tidemark/core/text_bytes.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/sinks/saved_directory.hpp>
#include <tidemark/sinks/text.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// Writes one partition as lines of text.
template <typename Record, typename File>
class text_file_sink {
public:
    explicit text_file_sink(File& file)
        : file_(&file)
    {}

    void operator()(Record const& value)
    {
        append_text(text_, value);
        text_ += '\n';
        if (text_.size() >= flush_at)
            flush();
    }
    void finish() { flush(); }
    [[nodiscard]] bool done() const { return false; }

private:
    static constexpr std::size_t flush_at = std::size_t{64} << 10U; // bytes

    void flush()
    {
        file_->append(text_bytes(text_));
        text_.clear();
    }

    File* file_;
    std::string text_;
};

namespace detail {

/// Parts that are lines of text; the mark is an empty file.
struct text_parts {
    explicit text_parts(std::size_t) {}

    template <typename Line, typename File>
    void write(Line const& line, std::size_t partition, File& file) const
    {
        line.run(partition, text_file_sink<typename Line::output, File>(file));
    }

    template <typename File>
    void mark(File&) const
    {}
};

/// What no two outputs may share: where all batches go.
[[nodiscard]] inline std::string batches_target(std::string const& prefix, std::string const& suffix)
{
    return whole_path(prefix.empty() ? "*" : prefix + "-*") + (suffix.empty() ? "" : "." + suffix);
}

} // namespace detail

/// What `save_as_text_files` does with a batch.
struct save_as_text_files_action {
    static constexpr bool idempotent = true;

    std::string prefix;
    std::string suffix;

    [[nodiscard]] std::string target() const { return detail::batches_target(prefix, suffix); }

    template <typename Record>
    [[nodiscard]] static consteval bool takes()
    {
        return detail::text_checked<Record>();
    }

    template <typename Rdd>
    void operator()(Rdd const& rdd, output_batch const& batch) const
    {
        detail::save_batch<detail::text_parts>(rdd, batch, text_files_name(prefix, batch.time, suffix),
                                               "save_as_text_files");
    }
};

namespace detail {

struct save_as_text_file_fn : operator_base {
    template <rdd_expression E>
    void operator()(E const& e, std::string const& directory) const
    {
        if constexpr (text_checked<record_t<E>>())
            save_rdd<text_parts>(e, directory, "save_as_text_file");
    }

    [[nodiscard]] auto operator()(std::string directory) const
    {
        return closure<save_as_text_file_fn, std::string>(std::move(directory));
    }

    void operator()() const = delete; // save_as_text_file needs a name: `records | save_as_text_file("counts")`
};

} // namespace detail

/// `rdd | save_as_text_file(directory)`: a file `part-00000` ... for each partition with a line for each record, and an
/// empty file `_SUCCESS`, in a directory that must not exist yet.
///
/// The files are written and synced beside it, in a directory `.<name>.writing-...`, and put in place in one step: a
/// reader sees all of it or nothing. What is written has the permissions of the process's umask. *Threads* as
/// `collect`. *Throws* `storage_error`, also when there is something of that name, which stays as it is; and what a
/// function in the steps threw.
/// See also: `rdd_context::text_file`. Example: `examples/operators/text_file.cpp`.
inline constexpr detail::save_as_text_file_fn save_as_text_file{};

/// `stream | save_as_text_files(prefix, suffix)`: a directory `prefix-<batch time in ms>.suffix` for each batch, with a
/// file `part-00000` ... for each partition and a line for each record, and an empty file `_SUCCESS`.
///
/// The files are written and synced beside the target and put in place in one step, so a reader sees all of a batch or
/// nothing. A batch that runs again replaces its directory, in one step too, by equal contents; where a source cannot
/// give its records again, a directory that is there is left as it is. A relative `prefix` counts from the working directory. Missing directories above it are made;
/// permissions are those of the process's umask. A file of that name is not replaced.
/// *Throws* `storage_error`, which fails the output for the batch.
/// See also: `save_as_text_file`, the action; `exactly_once`. Example: `examples/operators/print.cpp`.
template <fixed_string Name = "">
[[nodiscard]] auto save_as_text_files(std::string prefix, std::string suffix = "")
{
    return closure<detail::foreach_rdd_fn<Name>, save_as_text_files_action, std::string_view>(
        {std::move(prefix), std::move(suffix)}, "save_as_text_files");
}

/// The stream as the first argument.
template <fixed_string Name = "", stream_expression Parent, typename... Parts>
[[nodiscard]] auto save_as_text_files(Parent parent, Parts... prefix_and_suffix)
{
    return std::move(parent) | save_as_text_files<Name>(std::move(prefix_and_suffix)...);
}

} // namespace tidemark
