// SPDX-License-Identifier: BSL-1.0
//
// text_file_dataset: the lines of the files of one batch.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/sources/detail/line_cutter.hpp>
#include <tidemark/sources/detail/text_splits.hpp>
#include <tidemark/storage/input_file.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

[[nodiscard]] inline std::string said_of(file_info const& file)
{
    return std::to_string(file.size) + " bytes, modified at " + std::to_string(file.modified) + " ms";
}

/// Throws `source_error` unless `found` is the file that was planned: a batch is read again from the same bytes or not
/// at all.
inline void require_unchanged(file_info const& planned, std::optional<file_info> const& found)
{
    if (found && *found == planned)
        return;
    auto const was =
        "expected " + planned.path + " with " + said_of(planned) + ", as it was planned for its batch; found ";
    if (!found)
        throw source_error(
            was + "no such file; put it back with that time stamp, and keep input files until their batches are done");
    throw source_error(was + said_of(*found)
                       + "; put the file back as it was. Write files elsewhere on the same file system "
                         "and rename them into the directory, and never change them there");
}

/// Gives lines to a sink and counts them.
struct line_giver {
    any_sink<std::string>& out;
    std::uint64_t count = 0;

    bool operator()(std::string&& line)
    {
        if (out.done())
            return false;
        ++count;
        out.take(std::move(line));
        return true;
    }
};

/// Reads each file anew whenever a partition is fed. A file that is not as it was planned is a `source_error`.
class text_file_dataset final : public dataset<std::string> {
public:
    text_file_dataset(std::vector<file_info> files, std::uint64_t split_bytes, std::uint64_t partitions)
        : files_(std::move(files))
        , pieces_(split_files(files_, split_bytes, partitions))
        , counts_(pieces_.size())
    {}

    [[nodiscard]] std::size_t partitions() const override { return pieces_.size(); }
    void prepare(any_executor const&) override {}

    void feed(std::size_t partition, any_sink<std::string>& out) override
    {
        line_giver give{out};
        auto const block = std::make_unique_for_overwrite<char[]>(block_bytes);
        for (auto const& piece : pieces_[partition]) {
            if (out.done())
                break;
            read(piece, std::span(block.get(), block_bytes), give);
        }
        // Fed twice, for two outputs of which one stops early, it has read the larger number.
        auto& read_before = counts_[partition];
        read_before.store(std::max(read_before.load(std::memory_order_relaxed), give.count), std::memory_order_relaxed);
    }

    /// How many lines have been read so far.
    [[nodiscard]] std::uint64_t records() const
    {
        std::uint64_t sum = 0;
        for (auto const& one : counts_)
            sum += one.load(std::memory_order_relaxed);
        return sum;
    }

private:
    static constexpr std::size_t block_bytes = 256 * 1024; // stays in the second-level cache
    static constexpr std::size_t overhang = 4096;          // read past the end of a piece at once, for its last line

    void read(file_piece const& piece, std::span<char> block, line_giver& give) const
    {
        auto const& planned = files_[piece.file];
        try {
            require_unchanged(planned, find_file(planned.path));
            input_file const file(planned.path);
            require_unchanged(planned, file.info());
            read_lines(file, piece, block, give);
            require_unchanged(planned, file.info_now());
        } catch (storage_error const& refusal) {
            throw source_error(std::string(refusal.what()) + "; make it readable, and the batch can be run again");
        }
    }

    /// A line belongs to the piece in which its first byte lies; so it starts behind the first newline at `begin - 1`
    /// or later, and ends with the first newline at `end - 1` or later.
    static void read_lines(input_file const& file, file_piece const& piece, std::span<char> block, line_giver& give)
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

    std::vector<file_info> files_;
    std::vector<partition_pieces> pieces_;
    std::vector<std::atomic<std::uint64_t>> counts_;
};

} // namespace tidemark::detail
