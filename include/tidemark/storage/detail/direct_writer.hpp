// SPDX-License-Identifier: BSL-1.0
//
// direct_writer: bytes on their way to a file past the page cache, gathered to whole pages in memory that is aligned.

#pragma once

#include <tidemark/core/owner.hpp>
#include <tidemark/storage/detail/posix.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <span>
#include <system_error>
#include <thread>

#include <sys/mman.h>

namespace tidemark::detail {

/// Memory as devices take it. It has no content.
class device_memory {
public:
    explicit device_memory(std::size_t size)
        : bytes_(static_cast<std::byte*>(::operator new(size, alignment)))
    {
#ifdef MADV_HUGEPAGE
        (void)::madvise(bytes_.get(), size, MADV_HUGEPAGE); // one entry for the device instead of 512; no is an answer
#endif
    }

    [[nodiscard]] std::byte* data() const { return bytes_.get(); }

private:
    static constexpr std::align_val_t alignment{std::size_t{2} << 20U};

    struct freeing {
        void operator()(std::byte* bytes) const noexcept { ::operator delete(bytes, alignment); }
    };

    owner<std::byte, freeing> bytes_;
};

/// Takes bytes for a file, and writes them in whole pages and in their order: with `flush`, and while more are taken when
/// many are on their way. A thread that lives until the next `flush` does the latter, so that who has a lot to write can
/// make the next bytes while the device takes those before.
///
/// A write that fails is the last one: what it had not written, and all behind it, stays here.
/// *Threads*: one call at a time.
class direct_writer {
public:
    static constexpr std::size_t page_bytes = 4096;
    /// How much it holds at most. What was taken longer ago has been written.
    static constexpr std::size_t capacity = std::size_t{8} << 20U;

    /// Writes at the position of `file`, which stays open.
    explicit direct_writer(int file)
        : file_(file)
        , memory_(capacity + kept_bytes)
    {}
    direct_writer(direct_writer const&) = delete;
    direct_writer& operator=(direct_writer const&) = delete;
    ~direct_writer() { end_thread(ending::at_once); }

    /// Writes while more is taken, from now on and until the next `flush`; else when it holds some megabytes.
    void write_meanwhile()
    {
        if (thread_.joinable() || error_ != 0)
            return;
        try {
            ending_ = ending::none;
            thread_ = std::thread([this] { write_pages(); });
        } catch (std::system_error const&) { // there is none to be had
            (void)flush();
        }
    }

    /// Takes `some`, and waits for room where it must. Gives what it did not take: nothing, unless a write has failed.
    [[nodiscard]] std::span<std::byte const> take(std::span<std::byte const> some)
    {
        if (some.size() >= capacity)
            write_meanwhile();
        while (!some.empty()) {
            auto const room = wait_for_room();
            if (room.empty())
                break;
            auto const taken = some.first(std::min({some.size(), room.size(), step}));
            std::memcpy(room.data(), taken.data(), taken.size());
            some = some.subspan(taken.size());
            std::lock_guard const guard(mutex_);
            size_ += taken.size();
            changed_.notify_all();
        }
        return some;
    }

    /// Writes all whole pages. Gives the error of the write that failed, now or before; 0: none did.
    [[nodiscard]] int flush()
    {
        if (thread_.joinable()) {
            end_thread(ending::when_written);
        } else if (error_ == 0) {
            ending_ = ending::when_written;
            write_pages();
        }
        if (size_ == 0)
            begin_ = 0; // small amounts use the same few pages again
        return error_;
    }

    /// Keeps a copy of the pages in which the next `amount` bytes will lie, at most a page, behind them `later`.
    void keep_pages(std::size_t amount, std::span<std::byte const> later)
    {
        auto const end = end_of_taken();
        auto const before = end % page_bytes;
        kept_ = (before + amount + page_bytes - 1) / page_bytes * page_bytes;
        auto const copy = memory_.data() + capacity;
        std::memcpy(copy, memory_.data() + end - before, before);
        std::memcpy(copy + before + amount, later.data(), kept_ - before - amount);
    }

    /// Writes these pages once more, with `bytes` for those, which lie at `offset` of the file.
    ///
    /// *Requires* that they have been written.
    [[nodiscard]] write_outcome write_kept(std::span<std::byte const> bytes, std::uint64_t offset)
    {
        auto const before = static_cast<std::size_t>(offset % page_bytes);
        auto const copy = memory_.data() + capacity;
        std::memcpy(copy + before, bytes.data(), bytes.size());
        return write_all_at(file_, {copy, kept_}, offset - before);
    }

    // The rest is for when there was a `flush` and nothing was taken since.

    /// How many bytes are not written.
    [[nodiscard]] std::size_t size() const { return size_; }
    /// The first of them.
    [[nodiscard]] std::span<std::byte const> front() const
    {
        return {memory_.data() + begin_, std::min(size_, capacity - begin_)};
    }
    /// Forgets the first `amount` bytes.
    void drop(std::size_t amount)
    {
        begin_ = (begin_ + amount) % capacity;
        size_ -= amount;
    }

private:
    /// When no more pages are written.
    enum class ending { none, when_written, at_once };

    static constexpr std::size_t kept_bytes = 2 * page_bytes;
    static constexpr std::size_t step = std::size_t{256} << 10U;
    static constexpr std::size_t least_write = std::size_t{1} << 20U; // while there is more to come
    static constexpr std::size_t most_write = capacity / 2;

    /// In the memory.
    [[nodiscard]] std::size_t end_of_taken()
    {
        std::lock_guard const guard(mutex_);
        return (begin_ + size_) % capacity;
    }

    /// None when a write has failed.
    [[nodiscard]] std::span<std::byte> wait_for_room()
    {
        std::unique_lock lock(mutex_);
        if (size_ >= most_write && !thread_.joinable()) {
            lock.unlock();
            write_meanwhile();
            lock.lock();
        }
        changed_.wait(lock, [this] { return size_ != capacity || error_ != 0; });
        auto const end = (begin_ + size_) % capacity;
        return {memory_.data() + end, error_ != 0 ? 0 : std::min(capacity - size_, capacity - end)};
    }

    void end_thread(ending how)
    {
        if (!thread_.joinable())
            return;
        {
            std::lock_guard const guard(mutex_);
            ending_ = how;
        }
        changed_.notify_all();
        thread_.join();
    }

    void write_pages()
    {
        std::unique_lock lock(mutex_);
        while (error_ == 0) {
            changed_.wait(lock, [this] { return ending_ != ending::none || size_ >= least_write; });
            auto const amount = std::min(front().size(), most_write) / page_bytes * page_bytes;
            if (ending_ == ending::at_once || amount == 0)
                break;
            auto const pages = front().first(amount);
            lock.unlock();
            auto const outcome = write_all(file_, pages);
            lock.lock();
            drop(outcome.written);
            error_ = outcome.error;
            changed_.notify_all();
        }
    }

    int file_;
    device_memory memory_; // what is kept lies behind the rest
    std::size_t kept_ = 0;
    std::thread thread_;
    std::mutex mutex_; // guards all below while there is the thread
    std::condition_variable changed_;
    std::size_t begin_ = 0; // in the memory, of what is not written; behind its end it goes on at its beginning
    std::size_t size_ = 0;
    ending ending_ = ending::none;
    int error_ = 0;
};

} // namespace tidemark::detail
