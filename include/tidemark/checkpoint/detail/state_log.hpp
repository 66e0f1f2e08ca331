// SPDX-License-Identifier: BSL-1.0
//
// state_log: the writing end of the state files: bases and deltas go to one segment after the other.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/delta_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/spare_files.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/block_compression.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_file.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A base or delta, and where it went.
struct state_block {
    snapshot_format::block_kind kind{};
    std::uint32_t group = 0;
    batch_time time{0};
    std::uint64_t records = 0;
    std::uint64_t length = 0;          ///< of what was handed over; of one that was found: in its file
    std::vector<changed_group> runs{}; ///< of a delta, until it is written
    std::vector<std::byte> bytes{};    ///< of others at once, of a delta once it is written; until they are durable

    file_id file{};
    std::uint64_t offset = 0;
    std::uint64_t stored_length = 0; ///< in its file, compressed or not
    std::uint64_t payload_checksum = 0;
    std::uint16_t compression = 0;
    bool is_packed = false; ///< `bytes` are as they go into a file

    /// With its header, as it was handed over.
    [[nodiscard]] std::uint64_t size() const { return snapshot_format::block_header_bytes + length; }
    /// The same in its file.
    [[nodiscard]] std::uint64_t stored_size() const { return snapshot_format::block_header_bytes + stored_length; }
    /// Behind it in its file.
    [[nodiscard]] std::uint64_t end() const { return offset + stored_size(); }
};

/// Shared by the log, which may have to write it again elsewhere, and by those who refer to it.
using state_block_ptr = std::shared_ptr<state_block>;

/// The header of a block, made when its payload has been seen.
class late_header final : public late_front {
public:
    late_header(block_header const& header, std::uint64_t seed)
        : header_(header)
        , seed_(seed)
        , sum_(seed)
    {}

    [[nodiscard]] std::size_t size() const override { return snapshot_format::block_header_bytes; }
    void see(std::span<std::byte const> piece) override { sum_.add(piece); }
    [[nodiscard]] std::span<std::byte const> bytes() override
    {
        header_.payload_checksum = sum_.value();
        bytes_ = encode_block_header(header_, seed_);
        return bytes_;
    }

    [[nodiscard]] std::uint64_t payload_checksum() const { return header_.payload_checksum; }

private:
    block_header header_;
    std::uint64_t seed_;
    running_checksum sum_;
    std::vector<std::byte> bytes_;
};

/// Appends small pieces in few calls and large ones without a copy.
template <writable_file File>
class gathering_writer {
public:
    explicit gathering_writer(File& file)
        : file_(file)
    {}

    void append(std::span<std::byte const> bytes)
    {
        if (bytes.size() < gathered_bytes) {
            gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
        }
        if (bytes.size() >= gathered_bytes || gathered_.size() >= gathered_bytes) {
            flush();
        }
        if (bytes.size() >= gathered_bytes) {
            file_.append(bytes);
        }
    }

    /// Appends `front` and then `rest`.
    void append(late_front& front, std::span<std::byte const> rest)
    {
        if (rest.size() >= late_bytes) {
            flush();
            if (append_late(file_, front, rest))
                return;
        }
        front.see(rest);
        append(front.bytes());
        append(rest);
    }

    void flush()
    {
        if (!gathered_.empty()) {
            file_.append(gathered_);
            gathered_.clear();
        }
    }

private:
    static constexpr std::size_t gathered_bytes = std::size_t{1} << 18;
    static constexpr std::size_t late_bytes = std::size_t{8} << 20U; // less leaves no time for two things at once

    File& file_;
    std::vector<std::byte> gathered_;
};

/// The writing end of the state.
///
/// The bytes of a block are kept until they are durable. A failed append or sync is final for its segment: what it had
/// not made durable goes into the next one, and the blocks then say that they lie there. A segment of which nothing is
/// durable is removed at once: its space may be what a full disk lacks.
template <storage Storage>
class state_log {
public:
    /// `header` says who writes. A segment of `segment_bytes` or more is followed by a new one, which takes the space of
    /// one of the `spares`, if there are any.
    state_log(Storage storage, file_header header, std::uint64_t segment_bytes,
              std::shared_ptr<spare_files> spares = nullptr)
        : storage_(std::move(storage))
        , header_(std::move(header))
        , spares_(std::move(spares))
        , compressions_(compressions_of(storage_))
    {
        if (compressions_ && compressions_->writer() != nullptr)
            header_.version = snapshot_format::compressed_version;
        set_segment_bytes(segment_bytes);
        header_.kind = snapshot_format::file_kind::state;
        header_.number = 0;
        header_.first_sequence = 0;
        header_.resumed_from = 0;
    }

    /// Takes a block. It is written by the next call.
    void add(state_block_ptr block)
    {
        waiting_bytes_ += block->length;
        waiting_.push_back(std::move(block));
    }

    /// How long a segment becomes from now on.
    void set_segment_bytes(std::uint64_t bytes)
    {
        segment_bytes_ = bytes;
        if (spares_)
            spares_->set_most_bytes(2 * bytes); // it may have become longer than it should, and the state smaller
    }

    /// An append or a sync failed, and nothing has succeeded since.
    [[nodiscard]] bool is_broken() const { return broken_; }

    /// How many bytes of blocks are not durable.
    [[nodiscard]] std::uint64_t waiting_bytes() const { return waiting_bytes_; }

    /// Hands all blocks to the system. *Throws* `storage_error`; a later call goes on in a new segment.
    void write()
    {
        if (written_ == waiting_.size() && !broken_)
            return;
        if (file_ && written_ == 0 && size_ >= segment_bytes_)
            leave_segment();
        attempt([this] {
            if (!file_)
                begin_segment();
            gathering_writer out(*file_);
            for (; written_ < waiting_.size(); ++written_)
                append(out, *waiting_[written_]);
            out.flush();
        });
    }

    /// Writes all blocks, and makes them durable. *Throws* as `write`.
    void sync()
    {
        write();
        if (waiting_.empty())
            return;
        attempt([this] {
            fill_page();
            file_->sync();
            if (name_is_new_)
                storage_.sync_directory();
        });
        name_is_new_ = false;
        for (auto const& block : waiting_)
            std::vector<std::byte>().swap(block->bytes);
        waiting_.clear();
        written_ = 0;
        waiting_bytes_ = 0;
    }

    /// How many bytes have been written since the last call.
    [[nodiscard]] std::uint64_t take_written_bytes() { return std::exchange(new_bytes_, 0); }
    /// How many segments have been begun since the last call.
    [[nodiscard]] std::size_t take_begun() { return std::exchange(begun_, 0); }
    /// The segments that are written no more, since the last call, and how long they are.
    [[nodiscard]] std::vector<file_reference> take_left() { return std::exchange(left_, {}); }
    /// The segment that is being written, if there is one, and how long it is.
    [[nodiscard]] std::optional<file_reference> current() const
    {
        return file_ ? std::optional(file_reference{{header_.generation, header_.number}, size_}) : std::nullopt;
    }

private:
    /// When `work` throws, nothing more goes into the segment.
    template <typename Work>
    void attempt(Work const& work)
    {
        broken_ = true;
        try {
            work();
        } catch (...) { // for want of memory, too
            if (file_)
                leave_segment();
            throw;
        }
        broken_ = false;
    }

    void leave_segment()
    {
        file_id const id{header_.generation, header_.number};
        if (broken_ && spares_)
            spares_->reject(id);
        file_.reset();
        written_ = 0;
        if (!(broken_ && name_is_new_ && was_removed(id))) // its name is durable with the first blocks in it
            left_.push_back({id, size_});
        name_is_new_ = false;
    }

    [[nodiscard]] bool was_removed(file_id id) const
    {
        try {
            storage_.remove(state_name(id));
            return true;
        } catch (storage_error const&) { // it goes with the next commit
            return false;
        }
    }

    void begin_segment()
    {
        ++header_.number; // used once, even if the file comes to nothing
        size_ = 0;
        seed_ = block_seed(header_);
        open_segment(state_name({header_.generation, header_.number}));
        page_bytes_ = write_direct(*file_);
        name_is_new_ = true;
        ++begun_;
        auto const bytes = encode_file_header(header_);
        file_->append(bytes);
        count(bytes.size());
    }

    void open_segment(std::string const& name)
    {
        if constexpr (recycling_storage<Storage>) {
            if (auto const spare = spares_ ? spares_->take() : std::nullopt) {
                // Its header and blocks have another seed: none passes for one of the new file. When this fails, the next
                // start sweeps it.
                file_.emplace(storage_.overwrite(spare_name(*spare), name));
                return;
            }
        }
        file_.emplace(storage_.create(name));
    }

    /// What is written past the cache is written in whole pages. The next block begins another one: a page that was synced
    /// is never written again, so no loss of power can take what a commit relies on.
    void fill_page()
    {
        if (page_bytes_ == 0 || size_ % page_bytes_ == 0)
            return;
        std::vector<std::byte> const zeros(page_bytes_ - static_cast<std::size_t>(size_ % page_bytes_));
        file_->append(zeros);
        count(zeros.size());
    }

    /// What takes time is done here, in the thread that writes, and once: the next attempt finds it done.
    void pack(state_block& block) const
    {
        if (!block.runs.empty()) {
            block.bytes = encode_delta(block.runs); // where memory is short, the runs stay for the next attempt
            block.runs = {};
        }
        if (block.is_packed || !compressions_ || compressions_->writer() == nullptr)
            return;
        if (auto smaller = compressed(*compressions_->writer(), block.bytes); !smaller.empty()) {
            block.bytes = std::move(smaller);
            block.compression = compressions_->writer()->id();
        }
        block.is_packed = true;
    }

    void append(gathering_writer<file_of_t<Storage>>& out, state_block& block)
    {
        pack(block);
        block.file = {header_.generation, header_.number};
        block.offset = size_;
        block.stored_length = block.bytes.size();
        block_header header;
        header.kind = block.kind;
        header.compression = block.compression;
        header.group = block.group;
        header.time = block.time.count();
        header.records = block.records;
        header.length = block.stored_length;
        late_header front(header, seed_);
        out.append(front, block.bytes);
        block.payload_checksum = front.payload_checksum();
        count(block.stored_size());
    }

    void count(std::uint64_t bytes)
    {
        size_ += bytes;
        new_bytes_ += bytes;
    }

    Storage storage_;
    file_header header_; // of the segment that is being written, or was last
    std::shared_ptr<spare_files> spares_;
    std::shared_ptr<block_compressions const> compressions_; // null: none
    std::uint64_t segment_bytes_ = 0;
    std::optional<file_of_t<Storage>> file_;
    std::size_t page_bytes_ = 0; // of the file, when it is written past the cache
    std::uint64_t seed_ = 0;
    std::uint64_t size_ = 0;
    std::vector<state_block_ptr> waiting_; // not durable; the first ones are written
    std::size_t written_ = 0;
    std::uint64_t waiting_bytes_ = 0;
    bool name_is_new_ = false; // and not durable
    bool broken_ = false;      // an append or a sync failed: nothing more goes into the segment
    std::uint64_t new_bytes_ = 0;
    std::size_t begun_ = 0;
    std::vector<file_reference> left_;
};

} // namespace tidemark::detail
