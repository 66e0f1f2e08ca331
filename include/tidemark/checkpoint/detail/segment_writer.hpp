// SPDX-License-Identifier: BSL-1.0
//
// segment_writer: appends records to one new log segment.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage_file.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tidemark::detail {

/// The end of the log. Nothing that it appends is durable before `sync`.
template <writable_file File>
class segment_writer {
public:
    /// Begins `file`, which is empty.
    segment_writer(File file, file_header const& header)
        : file_(std::move(file))
        , seed_(block_seed(header))
    {
        auto const bytes = encode_file_header(header);
        file_.append(bytes);
        size_ = bytes.size();
    }

    /// Appends one record in a single call.
    void append(snapshot_format::block_kind kind, std::uint64_t sequence, batch_time time,
                std::span<std::byte const> payload)
    {
        block_header header;
        header.kind = kind;
        header.sequence = sequence;
        header.time = time.count();
        header.length = payload.size();
        header.payload_checksum = checksum(payload, seed_);
        byte_writer record;
        record.raw(encode_block_header(header, seed_));
        record.raw(payload);
        file_.append(record.view());
        size_ += record.size();
    }

    void sync() { file_.sync(); }

    /// Makes room for records up to a length of `size`, durable with the next `sync`, where the file can. *Throws* as the
    /// file; records go on all the same. False when there was no more to make.
    bool reserve(std::uint64_t size)
    {
        if (size <= reserved_ || !detail::reserve(file_, size))
            return false;
        reserved_ = size;
        return true;
    }

    /// For how many bytes of records there is room.
    [[nodiscard]] std::uint64_t room() const { return reserved_ - std::min(reserved_, size_); }

    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    File file_;
    std::uint64_t seed_;
    std::uint64_t size_ = 0;
    std::uint64_t reserved_ = 0;
};

} // namespace tidemark::detail
