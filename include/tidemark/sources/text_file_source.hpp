// SPDX-License-Identifier: BSL-1.0
//
// text_file_source: the lines of the files that appear in a directory.

#pragma once

#include <tidemark/rdd/file_formats.hpp>
#include <tidemark/sources/file_source.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// Which files a `text_file_stream` takes, and when.
using text_file_options = file_source_options;

/// The running side of `text_file_source`.
using text_file_reader = file_reader<text_lines>;

/// The lines of the files that appear in `directory`, each file in one batch, by the rules of `file_selector`.
///
/// `directory` may be a pattern of the shell, `logs/*/in`: each directory that it means is listed, those beneath are
/// not. Paths are kept as they are written, so a restart stands in the same working directory or gives an absolute one.
/// Files must appear at once and complete: write them elsewhere on the same file system, then rename. A file that shows
/// up later than the remembered span (60 s) after it was last modified is passed over, and a `source_problem` names it. One that changes or goes before its
/// batch is done is a `source_error`. A line ends at a newline or at the end of the file; a carriage return before that
/// is dropped, all other bytes pass unchanged.
/// *Partitions* by the sizes of the files alone: about as many as the settings say, of at most `split_bytes` and at
/// least 64 KiB each.
/// *After recovery* reads each planned batch again from the same bytes. *Throws* `config_error` from `open` for options
/// that cannot work.
class text_file_source : public file_source<text_lines, text_file_source> {
public:
    static constexpr std::string_view name = "text_file";
    static constexpr std::string_view kind = "text_file_source";

    explicit text_file_source(std::string directory, text_file_options options = {})
        : file_source({}, {}, std::move(directory), std::move(options))
    {}

    [[nodiscard]] std::string describe() const { return "text_file(" + directory() + ")"; }
};

} // namespace tidemark
