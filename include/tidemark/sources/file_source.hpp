// SPDX-License-Identifier: BSL-1.0
//
// file_source: the records of the files that appear in a directory, in whatever format.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/rdd/file_dataset.hpp>
#include <tidemark/sources/detail/called_source.hpp>
#include <tidemark/sources/file_selector.hpp>
#include <tidemark/storage/file_splits.hpp>
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

/// How a file source chooses and cuts its files.
struct file_source_options {
    read_existing existing = read_existing::none; ///< What to do with files older than the application.
    file_name_filter filter = not_hidden;         ///< Which names to take; called by one thread at a time.
    duration remember_at_least =
        duration(60'000); ///< For how long, by batch time, a file may be late and is remembered.
    std::uint64_t split_bytes = std::uint64_t{8} << 20; ///< Larger files are read by several partitions.
};

namespace detail {

/// What is written down of a batch before it runs.
struct file_plan {
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

/// The files of a batch for people to read, a line each; of very many the first.
[[nodiscard]] inline std::string names_of(std::vector<file_info> const& files)
{
    constexpr std::size_t most = 100;
    std::string words;
    for (std::size_t i = 0; i < files.size() && i < most; ++i)
        words += (i == 0 ? "" : "\n") + files[i].path;
    return files.size() > most ? words + "\nand " + std::to_string(files.size() - most) + " more" : words;
}

/// What is told of files that came too late.
[[nodiscard]] inline std::string words_of_late(std::vector<file_info> const& files, std::int64_t threshold,
                                               duration remember_at_least)
{
    constexpr std::size_t most = 10;
    std::string words = std::to_string(files.size()) + (files.size() == 1 ? " file" : " files") + " passed over: ";
    for (std::size_t i = 0; i < files.size() && i < most; ++i)
        words += (i == 0 ? "" : ", ") + files[i].path;
    if (files.size() > most)
        words += " and " + std::to_string(files.size() - most) + " more";
    bool const one = files.size() == 1;
    std::string const they(one ? "it" : "they");
    return words + "; when " + they + " came " + they + " had not been modified since "
           + to_string(batch_time(threshold)) + "; touch " + (one ? "it to have it" : "them to have them")
           + " read, or raise remember_at_least (" + to_string(remember_at_least) + ") where files take longer to come";
}

/// What is wrong with a directory and options, each problem behind `"; "`; empty when nothing is.
[[nodiscard]] inline std::string problems_of(std::string const& directory, file_source_options const& options)
{
    std::string problems;
    if (directory.empty())
        problems += "; the directory is empty, name one, \".\" for the working directory";
    if (options.remember_at_least.count() <= 0)
        problems += "; remember_at_least is " + to_string(options.remember_at_least) + ", pass at least 1 ms";
    if (options.remember_at_least > longest_duration)
        problems += "; remember_at_least is " + to_string(options.remember_at_least) + ", pass at most "
                    + to_string(longest_duration);
    if (options.split_bytes == 0)
        problems += "; split_bytes is 0, pass at least 1";
    if (!options.filter)
        problems += "; the filter is an empty function, leave it out to take all names without a leading dot";
    return problems;
}

/// Asks `format` about each file, where it has something to say.
template <typename Format>
struct require_whole_files {
    Format const& format;

    void operator()([[maybe_unused]] std::vector<file_info> const& files) const
    {
        if constexpr (requires(file_info const& file) { format.require_whole(file); })
            for (auto const& file : files)
                format.require_whole(file);
    }
};

} // namespace detail

/// The running side of a source of files.
template <file_format Format>
class file_reader final : public source_reader<typename Format::record_type> {
public:
    using record_type = typename Format::record_type;

    file_reader(Format format, std::string_view kind, std::string directory, file_source_options options,
                source_environment const& environment)
        : format_(std::move(format))
        , kind_(kind)
        , directory_(std::move(directory))
        , split_bytes_(options.split_bytes)
        , partitions_(environment.partitions)
        , remember_at_least_(options.remember_at_least)
        , selector_(environment.batch, options.remember_at_least, options.existing, environment.now,
                    std::move(options.filter))
    {}

    /// *Throws* `source_error` when there is no such directory. One that goes away later gives empty batches.
    void start() override
    {
        if (!is_pattern(directory_) && !is_directory(directory_))
            throw source_error("expected the directory " + directory_
                               + " to read files from; found no directory of that name. "
                                 "Create it before the application starts, or correct the name given to "
                               + kind_);
    }

    /// *Throws* `source_error` when a file cannot be of this format, which stays for a later batch then, with all that
    /// came with it.
    [[nodiscard]] batch_input<record_type> plan(batch_time time) override
    {
        detail::file_plan planned{true, 0, split_bytes_, partitions_, {}};
        std::vector<file_info> listed;
        try {
            listed = list();
            last_error_.reset();
        } catch (storage_error const& refusal) {
            planned.listed = false;
            last_error_ = std::string(refusal.what())
                          + "; batches are empty until it can be listed, and a later one takes their files";
        }
        if (planned.listed)
            planned.files = selector_.select(time, std::move(listed), detail::require_whole_files<Format>{format_});
        else
            selector_.miss(time);
        planned.threshold = selector_.position().threshold;
        return input(std::move(planned));
    }

    /// *Throws* `source_error` when one of the files is gone or not what it was.
    [[nodiscard]] batch_input<record_type> replay(batch_time time, std::span<std::byte const> plan) override
    {
        auto planned = from_bytes<detail::file_plan>(plan);
        for (auto const& file : planned.files)
            require_unchanged(file, find_file(file.path));
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
    /// That, or which files the batch has passed over because they came too late.
    [[nodiscard]] std::optional<std::string> take_error() override
    {
        if (last_error_ || selector_.late().empty())
            return last_error_;
        return detail::words_of_late(selector_.late(), selector_.position().threshold, remember_at_least_);
    }

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

    [[nodiscard]] batch_input<record_type> input(detail::file_plan planned) const
    {
        auto bytes = to_bytes(planned);
        auto words = detail::names_of(planned.files);
        auto pieces = split_files(planned.files, planned.split_bytes, planned.partitions);
        auto records = std::make_shared<file_dataset<Format>>(format_, std::move(planned.files), std::move(pieces));
        return {records, std::move(bytes), [records] { return records->records(); }, std::move(words)};
    }

    [[no_unique_address]] Format format_;
    std::string kind_;
    std::string directory_;
    std::uint64_t split_bytes_;
    std::uint64_t partitions_;
    duration remember_at_least_;
    file_selector selector_;
    std::optional<std::string> last_error_;
};

/// The source of a `file_reader`. What `open` finds wrong it says in the name of the derived `Source`.
template <file_format Format, typename Source>
class file_source : public detail::called_source<Source> {
public:
    using record_type = typename Format::record_type;

    static constexpr bool replayable = true;

    /// *Throws* `config_error` for what cannot work.
    [[nodiscard]] std::unique_ptr<file_reader<Format>> open(source_environment const& environment) const
    {
        if (auto const problems = detail::problems_of(directory_, options_) + format_problems_; !problems.empty())
            throw this->wrong(problems.substr(2));
        return std::make_unique<file_reader<Format>>(format_, this->called(), directory_, options_, environment);
    }

protected:
    file_source(Format format, std::string format_problems, std::string directory, file_source_options options)
        : detail::called_source<Source>(Source::kind)
        , format_(std::move(format))
        , format_problems_(std::move(format_problems))
        , directory_(std::move(directory))
        , options_(std::move(options))
    {}

    [[nodiscard]] std::string const& directory() const { return directory_; }

private:
    [[no_unique_address]] Format format_;
    std::string format_problems_; // each behind "; "
    std::string directory_;
    file_source_options options_;
};

} // namespace tidemark
