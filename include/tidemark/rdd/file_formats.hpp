// SPDX-License-Identifier: BSL-1.0
//
// file_formats: how lines, and records of one length, lie in a file.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/text_bytes.hpp>
#include <tidemark/rdd/file_dataset.hpp>
#include <tidemark/storage/file_splits.hpp>
#include <tidemark/storage/input_file.hpp>
#include <tidemark/storage/line_cutter.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

/// Lines of text. A line ends at a newline or at the end of the file; a carriage return before that is dropped, all
/// other bytes pass unchanged.
struct text_lines {
    using record_type = std::string;

    /// A line belongs to the piece in which its first byte lies; so it starts behind the first newline at `begin - 1`
    /// or later, and ends with the first newline at `end - 1` or later.
    void read(input_file const& file, file_piece const& piece, std::span<char> block,
              record_giver<std::string>& give) const
    {
        line_cutter cutter;
        bool inside = piece.begin == 0;
        for (auto at = inside ? 0 : piece.begin - 1; at < file.info().size;) {
            auto const wanted = at < piece.end ? piece.end - at + overhang : block.size();
            auto const got = file.read_at(at, block.first(std::min<std::uint64_t>(block.size(), wanted)));
            if (got == 0)
                return; // cut off meanwhile, which the caller finds
            std::string_view bytes(block.data(), got);
            at += got;
            if (!inside) {
                auto const newline = bytes.find('\n');
                if (newline == std::string_view::npos ? at >= piece.end : at - bytes.size() + newline + 1 >= piece.end)
                    return;
                if (newline == std::string_view::npos)
                    continue;
                bytes.remove_prefix(newline + 1);
                inside = true;
            }
            if (at >= piece.end) {
                auto const begins = at - bytes.size();
                auto const newline = bytes.find('\n', piece.end - 1 > begins ? piece.end - 1 - begins : 0);
                if (newline != std::string_view::npos) {
                    cutter.cut(bytes.substr(0, newline + 1), give);
                    return;
                }
            }
            if (!cutter.cut(bytes, give))
                return;
        }
        cutter.finish(give);
    }

private:
    static constexpr std::size_t overhang = 4096; // read past the end of a piece at once, for its last line
};

/// Records of one length, without anything between them.
struct fixed_records {
    using record_type = std::vector<std::byte>;

    std::uint64_t record_bytes;

    /// *Throws* `source_error` unless the file is made up of whole records.
    void require_whole(file_info const& file) const
    {
        if (auto const rest = file.size % record_bytes; rest != 0)
            throw source_error("expected " + file.path + " to hold records of " + std::to_string(record_bytes)
                               + " bytes; found " + std::to_string(file.size) + " bytes, "
                               + std::to_string(file.size / record_bytes) + " records and " + std::to_string(rest)
                               + " bytes more; put a whole file in its place, or correct the length of a record");
    }

    void read(input_file const& file, file_piece const& piece, std::span<char> block,
              record_giver<record_type>& give) const
    {
        require_whole(file.info());
        auto const first = piece.begin / record_bytes + (piece.begin % record_bytes != 0);
        auto const last = piece.end / record_bytes + (piece.end % record_bytes != 0); // the first of the next piece
        record_type record;
        for (auto at = first * record_bytes; at < last * record_bytes;) {
            auto const got =
                file.read_at(at, block.first(std::min<std::uint64_t>(block.size(), last * record_bytes - at)));
            if (got == 0)
                return; // cut off meanwhile, which the caller finds
            at += got;
            if (!cut(text_bytes(block.data(), got), record, give))
                return;
        }
    }

private:
    /// Cuts `bytes` into records, the first of which continues `begun`, where the last one stays that is not complete.
    bool cut(std::span<std::byte const> bytes, record_type& begun, record_giver<record_type>& give) const
    {
        while (!bytes.empty()) {
            auto const missing = std::min<std::uint64_t>(record_bytes - begun.size(), bytes.size());
            begun.insert(begun.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(missing));
            bytes = bytes.subspan(missing);
            if (begun.size() < record_bytes)
                return true;
            if (!give(std::move(begun)))
                return false;
            begun.clear();
        }
        return true;
    }
};

} // namespace tidemark
