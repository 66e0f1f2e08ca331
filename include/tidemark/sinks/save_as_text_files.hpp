// SPDX-License-Identifier: BSL-1.0
//
// save_as_text_files: each batch as a directory of text files that appears whole or not at all.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/sinks/text.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/publish_directory.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
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
        file_->append(std::as_bytes(std::span(text_)));
        text_.clear();
    }

    File* file_;
    std::string text_;
};

/// Where the batch of `time` goes: `prefix-<ms>.suffix`, without the dash where the prefix is empty, without the dot
/// where the suffix is.
[[nodiscard]] inline std::string text_files_name(std::string const& prefix, batch_time time, std::string const& suffix)
{
    auto const number = std::to_string(time.count());
    return (prefix.empty() ? number : prefix + "-" + number) + (suffix.empty() ? "" : "." + suffix);
}

/// The empty file that says that a directory was written by `save_as_text_files`, whole; Spark's name for it.
inline constexpr std::string_view finished_mark = "_SUCCESS";

namespace detail {

/// *Throws* `storage_error` when there is something under that name that no earlier run of a batch has made.
inline void expect_ours(std::filesystem::path const& target)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(target, ignored) && !std::filesystem::is_empty(target, ignored)
        && !std::filesystem::exists(target / finished_mark, ignored))
        throw storage_error("tidemark::save_as_text_files: expected no directory, or one with a file "
                            + std::string(finished_mark) + ", at " + target.string()
                            + "; found another one, which is left as it is: move it away, or choose another prefix");
}

} // namespace detail

/// What `save_as_text_files` does with a batch.
struct save_as_text_files_action {
    std::string prefix;
    std::string suffix;

    /// What no two outputs may share: where all batches go.
    [[nodiscard]] std::string target() const
    {
        auto const path = std::filesystem::absolute(prefix.empty() ? "." : prefix).lexically_normal().string();
        return path + (prefix.empty() ? "*" : "-*") + (suffix.empty() ? "" : "." + suffix);
    }

    template <typename Rdd>
    void operator()(Rdd const& rdd, batch_time time) const
    {
        auto const target = std::filesystem::path(text_files_name(prefix, time, suffix));
        auto const aside = target.parent_path() / ("." + target.filename().string() + ".writing");
        detail::expect_ours(target);
        discard_directory(aside); // what a killed run left
        local_directory const directory(aside, file_access::by_umask);
        directory.make(); // a batch without partitions has no file
        auto const line = pipeline_of(rdd);
        auto const& executor = environment_of(rdd).executor;
        line.prepare(executor);
        auto one = [&](std::size_t partition) {
            auto const digits = std::to_string(partition);
            auto const name = "part-" + std::string(5 - std::min<std::size_t>(5, digits.size()), '0') + digits;
            if (directory.exists(name)) // of an attempt that failed
                directory.remove(name);
            auto file = directory.create(name);
            line.run(partition, text_file_sink<record_t<Rdd>, decltype(file)>(file));
            file.sync();
        };
        executor.attempt(line.partitions(), one);
        directory.create(std::string(finished_mark)).sync();
        publish_directory(aside, target);
    }
};

/// `stream | save_as_text_files(prefix, suffix)`: a directory `prefix-<batch time in ms>.suffix` for each batch, with a
/// file `part-00000` ... for each partition and a line for each record, and an empty file `_SUCCESS`.
///
/// The files are written and synced beside the target and put in place in one step, so a reader sees all of a batch or
/// nothing. A batch that runs again replaces its directory, in one step too; by equal contents, where the source can be
/// read again. A relative `prefix` counts from the working directory. Missing directories above it are made;
/// permissions are those of the process's umask. A file of that name is not replaced.
/// *Throws* `storage_error`, which fails the output for the batch.
template <fixed_string Name = "">
[[nodiscard]] auto save_as_text_files(std::string prefix, std::string suffix = "")
{
    return closure<detail::foreach_rdd_fn<Name>, save_as_text_files_action, std::string_view>(
        {std::move(prefix), std::move(suffix)}, "save_as_text_files");
}

template <fixed_string Name = "", stream_expression Parent, typename... Parts>
[[nodiscard]] auto save_as_text_files(Parent parent, Parts... prefix_and_suffix)
{
    return std::move(parent) | save_as_text_files<Name>(std::move(prefix_and_suffix)...);
}

} // namespace tidemark
