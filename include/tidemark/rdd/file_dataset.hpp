// SPDX-License-Identifier: BSL-1.0
//
// file_dataset: the records of several files, read anew whenever a partition is fed.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/storage/file_splits.hpp>
#include <tidemark/storage/input_file.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Gives records to a sink and counts them.
template <typename Record>
struct record_giver {
    any_sink<Record>& out;
    std::uint64_t count = 0;

    /// False when no more is wanted.
    bool operator()(Record&& one)
    {
        if (out.done())
            return false;
        ++count;
        out.take(std::move(one));
        return true;
    }
};

/// How records lie in the bytes of a file: `read` gives those that begin in `piece`, in order, with `block` as room for
/// bytes; it may stop when `give` answers false.
template <typename F>
concept file_format =
    std::copy_constructible<F>
    && requires(F const& format, input_file const& file, file_piece const& piece, std::span<char> block,
                record_giver<typename F::record_type>& give) { format.read(file, piece, block, give); };

namespace detail {

[[nodiscard]] inline std::string said_of(file_info const& file)
{
    return std::to_string(file.size) + " bytes, modified at " + std::to_string(file.modified) + " ms";
}

} // namespace detail

/// Throws `source_error` unless `found` is the file that was listed: files are read again from the same bytes or not at
/// all.
inline void require_unchanged(file_info const& listed, std::optional<file_info> const& found)
{
    if (found && *found == listed)
        return;
    auto const was =
        "expected " + listed.path + " with " + detail::said_of(listed) + ", as it was when it was chosen; found ";
    if (!found)
        throw source_error(
            was + "no such file; put it back with that time stamp, and keep input files until what reads them is done");
    throw source_error(was + detail::said_of(*found)
                       + "; put the file back as it was. Write files elsewhere on the same file system "
                         "and rename them into the directory, and never change them there");
}

/// Reads each file anew whenever a partition is fed. A file that is not as it was listed is a `source_error`.
template <file_format Format>
class file_dataset final : public dataset<typename Format::record_type> {
public:
    using record_type = typename Format::record_type;

    file_dataset(Format format, std::vector<file_info> files, std::vector<partition_pieces> pieces)
        : format_(std::move(format))
        , files_(std::move(files))
        , pieces_(std::move(pieces))
        , counts_(pieces_.size())
    {}

    [[nodiscard]] std::size_t partitions() const override { return pieces_.size(); }

    /// The file, or how many there are and the first, as a lineage shows them.
    [[nodiscard]] std::string describe() const override
    {
        if (files_.size() == 1)
            return "file " + files_.front().path;
        return std::to_string(files_.size()) + " files" + (files_.empty() ? "" : ", the first " + files_.front().path);
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        record_giver<record_type> give{out};
        owner<char[]> const block(new char[block_bytes]);
        for (auto const& piece : pieces_[partition]) {
            if (out.done())
                break;
            read(piece, std::span<char>(block.get(), block_bytes), give);
        }
        // Fed twice, for two outputs of which one stops early, it has read the larger number.
        auto& read_before = counts_[partition];
        read_before.store(std::max(read_before.load(std::memory_order_relaxed), give.count), std::memory_order_relaxed);
    }

    /// How many records have been read so far.
    [[nodiscard]] std::uint64_t records() const
    {
        std::uint64_t sum = 0;
        for (auto const& one : counts_)
            sum += one.load(std::memory_order_relaxed);
        return sum;
    }

private:
    static constexpr std::size_t block_bytes = std::size_t{256} << 10U; // stays in the second-level cache

    void read(file_piece const& piece, std::span<char> block, record_giver<record_type>& give) const
    {
        auto const& listed = files_[piece.file];
        try {
            require_unchanged(listed, find_file(listed.path));
            input_file const file(listed.path);
            require_unchanged(listed, file.info());
            format_.read(file, piece, block, give);
            require_unchanged(listed, file.info_now());
        } catch (storage_error const& refusal) {
            throw source_error(std::string(refusal.what()) + "; make it readable, and it can be read again");
        }
    }

    [[no_unique_address]] Format format_;
    std::vector<file_info> files_;
    std::vector<partition_pieces> pieces_;
    std::vector<std::atomic<std::uint64_t>> counts_;
};

} // namespace tidemark
