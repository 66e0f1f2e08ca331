// SPDX-License-Identifier: BSL-1.0
//
// text_file_source: the lines of the files that appear in a directory.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/text_file_dataset.hpp>
#include <tidemark/sources/file_selector.hpp>
#include <tidemark/storage/input_directory.hpp>
#include <tidemark/storage/input_file.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// How a `text_file_source` chooses and cuts its files.
struct text_file_options {
    read_existing existing = read_existing::none;   ///< What to do with files older than the application.
    file_selector::name_filter filter = not_hidden; ///< Which names to take; called by one thread at a time.
    duration remember_at_least =
        duration(60'000); ///< For how long, by batch time, a file may be late and is remembered.
    std::uint64_t split_bytes = std::uint64_t{8} << 20; ///< Larger files are read by several partitions.
};

namespace detail {

/// What is written down of a batch before it runs.
struct text_file_plan {
    bool listed = true;         ///< False: the directory could not be listed.
    std::int64_t threshold = 0; ///< Of the selection, after this batch.
    std::uint64_t split_bytes = 0;
    std::uint64_t partitions = 0;
    std::vector<file_info> files;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & listed & threshold & split_bytes & partitions & files;
    }
};

} // namespace detail

/// The running side of `text_file_source`.
class text_file_reader final : public source_reader<std::string> {
public:
    text_file_reader(std::string directory, text_file_options options, source_environment const& environment)
        : directory_(std::move(directory))
        , split_bytes_(options.split_bytes)
        , partitions_(environment.partitions)
        , selector_(environment.batch, options.remember_at_least, options.existing, environment.now,
                    std::move(options.filter))
    {}

    /// *Throws* `source_error` when there is no such directory. One that goes away later gives empty batches.
    void start() override
    {
        if (!is_pattern(directory_) && !is_directory(directory_))
            throw source_error(
                "expected the directory " + directory_
                + " to read text files from; found no directory of that name. "
                  "Create it before the application starts, or correct the name given to text_file_source");
    }

    [[nodiscard]] batch_input<std::string> plan(batch_time time) override
    {
        detail::text_file_plan planned{true, 0, split_bytes_, partitions_, {}};
        std::vector<file_info> listed;
        try {
            listed = list();
            last_error_.reset();
        } catch (storage_error const& refusal) {
            planned.listed = false;
            last_error_ = std::string(refusal.what()) + "; the batch of " + to_string(time)
                          + " is empty, a later one takes its files";
        }
        if (planned.listed)
            planned.files = selector_.select(time, std::move(listed));
        else
            selector_.miss(time);
        planned.threshold = selector_.position().threshold;
        return input(std::move(planned));
    }

    /// *Throws* `source_error` when one of the files is gone or not what it was.
    [[nodiscard]] batch_input<std::string> replay(batch_time time, std::span<std::byte const> plan) override
    {
        auto planned = from_bytes<detail::text_file_plan>(plan);
        for (auto const& file : planned.files)
            detail::require_unchanged(file, find_file(file.path));
        if (planned.listed)
            selector_.replay(time, planned.threshold, planned.files);
        else
            selector_.replay_miss(time, planned.threshold);
        return input(std::move(planned));
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return to_bytes(selector_.position()); }
    void seek(std::span<std::byte const> position) override { selector_.seek(from_bytes<file_selection>(position)); }

    /// Why the directory could not be listed for the last planned batch; nothing when it could. *Threads*: as `plan`.
    [[nodiscard]] std::optional<std::string> const& last_error() const { return last_error_; }
    [[nodiscard]] std::optional<std::string> take_error() override { return last_error_; }

private:
    struct may_take {
        file_selector const& selector;
        bool operator()(std::string const& path) const { return selector.may_take(path); }
    };

    [[nodiscard]] std::vector<file_info> list() const
    {
        if (!is_pattern(directory_))
            return list_files(directory_, may_take{selector_});
        std::vector<file_info> files;
        for (auto const& directory : matching_directories(directory_))
            for (auto& file : list_files(directory, may_take{selector_}))
                files.push_back(std::move(file));
        return files;
    }

    [[nodiscard]] static batch_input<std::string> input(detail::text_file_plan planned)
    {
        auto bytes = to_bytes(planned);
        auto lines = std::make_shared<detail::text_file_dataset>(std::move(planned.files), planned.split_bytes,
                                                                 planned.partitions);
        return {lines, std::move(bytes), [lines] { return lines->records(); }};
    }

    std::string directory_;
    std::uint64_t split_bytes_;
    std::uint64_t partitions_;
    file_selector selector_;
    std::optional<std::string> last_error_;
};

/// The lines of the files that appear in `directory`, each file in one batch, by the rules of `file_selector`.
///
/// `directory` may be a pattern of the shell, `logs/*/in`: each directory that it means is listed, those beneath are
/// not. Paths are kept as they are written, so a restart stands in the same working directory or gives an absolute one.
/// Files must appear at once and complete: write them elsewhere on the same file system, then rename. A file that shows
/// up later than the remembered span (60 s) after it was last modified is not seen. One that changes or goes before its
/// batch is done is a `source_error`. A line ends at a newline or at the end of the file; a carriage return before that
/// is dropped, all other bytes pass unchanged.
/// *Partitions* by the sizes of the files alone: about as many as the settings say, of at most `split_bytes` and at
/// least 64 KiB each.
/// *After recovery* reads each planned batch again from the same bytes. *Throws* `config_error` from `open` for options
/// that cannot work.
class text_file_source {
public:
    using record_type = std::string;

    static constexpr std::string_view name = "text_file";
    static constexpr bool replayable = true;

    explicit text_file_source(std::string directory, text_file_options options = {})
        : directory_(std::move(directory))
        , options_(std::move(options))
    {}

    [[nodiscard]] std::string describe() const { return "text_file(" + directory_ + ")"; }

    [[nodiscard]] std::unique_ptr<text_file_reader> open(source_environment const& environment) const
    {
        std::string problems;
        if (directory_.empty())
            problems += "; the directory is empty, name one, \".\" for the working directory";
        if (options_.remember_at_least.count() <= 0)
            problems += "; remember_at_least is " + to_string(options_.remember_at_least) + ", pass at least 1 ms";
        if (options_.remember_at_least > longest_duration)
            problems += "; remember_at_least is " + to_string(options_.remember_at_least) + ", pass at most "
                        + to_string(longest_duration);
        if (options_.split_bytes == 0)
            problems += "; split_bytes is 0, pass at least 1";
        if (!options_.filter)
            problems += "; the filter is an empty function, leave it out to take all names without a leading dot";
        if (!problems.empty())
            throw config_error("tidemark::text_file_source: " + problems.substr(2));
        return std::make_unique<text_file_reader>(directory_, options_, environment);
    }

private:
    std::string directory_;
    text_file_options options_;
};

} // namespace tidemark
