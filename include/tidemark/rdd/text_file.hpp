// SPDX-License-Identifier: BSL-1.0
//
// text_file: the lines of files that are there already, as an rdd.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/rdd/file_dataset.hpp>
#include <tidemark/rdd/file_formats.hpp>
#include <tidemark/storage/file_splits.hpp>
#include <tidemark/storage/input_directory.hpp>
#include <tidemark/storage/input_file.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Accepts the path of a file whose name begins with neither a dot nor an underscore: results have marks of such names.
[[nodiscard]] inline bool holds_records(std::string const& path)
{
    auto const name = std::string_view(path).substr(path.rfind('/') + 1);
    return !name.starts_with('.') && !name.starts_with('_');
}

/// The files that `path` means, sorted by name: the file of that name; those in the directory of that name, but none
/// beneath; or, of a pattern of the shell, all that its matches mean. In a directory and among matches, only those whose
/// path is `wanted`: no names that begin with a dot or an underscore, unless the caller says otherwise.
///
/// *Throws* `source_error` when there is no such file or directory, and `storage_error` when one cannot be read.
template <std::predicate<std::string const&> Wanted = bool(&)(std::string const&)>
[[nodiscard]] std::vector<file_info> input_files(std::string const& path, Wanted&& wanted = holds_records)
{
    std::vector<file_info> files;
    auto const pattern = !find_file(path) && is_pattern(path);
    for (auto const& place : pattern ? matching_paths(path) : std::vector<std::string>{path}) {
        if (pattern && !wanted(place))
            continue;
        if (auto file = find_file(place))
            files.push_back(*std::move(file));
        else if (is_directory(place))
            for (auto& within : list_files(place, wanted))
                files.push_back(std::move(within));
        else if (!pattern)
            throw source_error("expected a file or directory " + place + " to read; found nothing of that name");
    }
    if (pattern && files.empty())
        throw source_error("expected files that the pattern " + path + " means; found none");
    std::sort(files.begin(), files.end(),
              [](file_info const& one, file_info const& other) { return one.path < other.path; });
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

namespace detail {

template <file_format Format>
[[nodiscard]] dataset_ptr<typename Format::record_type>
file_dataset_of(Format format, std::string const& path, std::size_t partitions, std::uint64_t least_bytes)
{
    constexpr auto largest = std::uint64_t{64} << 20;
    auto files = input_files(path);
    auto pieces = split_files(files, largest, partitions, least_bytes);
    return std::make_shared<file_dataset<Format>>(std::move(format), std::move(files), std::move(pieces));
}

} // namespace detail
} // namespace tidemark
