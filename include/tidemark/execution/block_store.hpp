// SPDX-License-Identifier: BSL-1.0
//
// block_store: partitions that are kept, in memory up to a limit, and on disk.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/scratch_directory.hpp>
#include <tidemark/storage/storage.hpp>

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Where a partition is kept, and in which form.
struct block_level {
    bool memory = false;
    bool disk = false;
    bool serialized = false; ///< In memory; on disk it always is.

    friend bool operator==(block_level const&, block_level const&) = default;
};

/// A partition of a collection that a store has given a number.
struct block_id {
    std::uint64_t dataset = 0;
    std::size_t partition = 0;

    friend auto operator<=>(block_id const&, block_id const&) = default;
};

/// The records of a partition, as they are or as bytes.
struct block_content {
    std::shared_ptr<void const> records;
    std::shared_ptr<std::vector<std::byte> const> bytes;
};

/// A partition to be kept.
struct new_block {
    block_content content;
    std::size_t size = 0; ///< In memory, about.
    block_level level;
    std::vector<std::byte> (*encode)(void const* records) = nullptr; ///< For a level with disk.
    bool only_copy = false; ///< It cannot be made again: it leaves the memory only for a file.
};

/// How much is kept of one collection.
struct kept_blocks {
    std::size_t in_memory = 0;
    std::size_t on_disk = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;

    [[nodiscard]] std::size_t partitions() const { return in_memory + on_disk; }
    friend bool operator==(kept_blocks const&, kept_blocks const&) = default;
};

/// How much a store keeps, and what has become of the rest.
struct block_store_status : kept_blocks {
    std::uint64_t evicted = 0;      ///< Left the memory for others, to disk or for good.
    std::uint64_t lost = 0;         ///< Could not be written, or not be read back.
    std::vector<std::string> notes; ///< Why, for the last hundred of them.
};

/// The memory limit of a store that has none.
inline constexpr std::size_t unlimited_memory = std::numeric_limits<std::size_t>::max();

/// Partitions in memory, and files in a directory of its own for those that are to be on disk.
///
/// When what is in memory would exceed the limit, partitions leave it that were not used for the longest time: never
/// those of the collection for which room is made, as reading a large one in turn would throw out each just before it
/// is needed. A file is checked by a checksum when it is read; one that is damaged or gone counts as lost. Files end
/// with the store.
/// *Threads*: all calls, at once.
///
/// *Requires* a `Storage` that can be made from a `local_directory`.
template <storage Storage>
class basic_block_store {
public:
    static constexpr std::size_t unlimited = unlimited_memory;

    /// `scratch` is where files go; without it, a directory among the temporary ones, made for the first file.
    explicit basic_block_store(std::size_t memory_limit = unlimited, std::optional<Storage> scratch = std::nullopt)
        : limit_(memory_limit)
        , scratch_(std::move(scratch))
    {}
    basic_block_store(basic_block_store const&) = delete;
    basic_block_store& operator=(basic_block_store const&) = delete;
    ~basic_block_store()
    {
        for (auto const& [id, one] : blocks_)
            discard(one.file);
    }

    /// A number for a collection that nobody else has in this store.
    [[nodiscard]] std::uint64_t new_dataset() { return ++datasets_; }

    /// Keeps a partition as its level says; one that finds no room in memory, and may not be on disk, is not kept.
    ///
    /// *Throws* `storage_error` when it should be on disk and cannot; it is not kept then.
    void put(block_id id, new_block block)
    {
        drop(id);
        std::vector<departure> leaving;
        bool fits = false;
        {
            std::scoped_lock const lock(mutex_);
            fits = block.level.memory && make_room(id.dataset, block.size, leaving);
            if (fits) {
                kept one{std::move(block), {}, ++clock_, ++serials_};
                memory_bytes_ += one.block.size;
                blocks_.insert_or_assign(id, std::move(one));
            }
        }
        for (auto const& one : leaving)
            depart(one);
        if (!fits && block.level.disk) {
            auto const serial = next_serial();
            auto written = write(id, serial, block);
            std::scoped_lock const lock(mutex_);
            block.content = {};
            blocks_.insert_or_assign(id, kept{std::move(block), std::move(written), ++clock_, serial});
        }
    }

    /// What is kept of a partition; nothing when it is not, or no longer.
    [[nodiscard]] std::optional<block_content> get(block_id id)
    {
        file_of file;
        std::uint64_t serial = 0;
        {
            std::scoped_lock const lock(mutex_);
            auto const found = blocks_.find(id);
            if (found == blocks_.end())
                return std::nullopt;
            found->second.used = ++clock_;
            if (in_memory(found->second))
                return found->second.block.content;
            file = found->second.file;
            serial = found->second.serial;
        }
        try {
            return block_content{nullptr, read(serial, file)};
        } catch (storage_error const& problem) {
            lose(id, serial, problem.what());
            return std::nullopt;
        }
    }

    [[nodiscard]] bool has(block_id id) const
    {
        std::scoped_lock const lock(mutex_);
        return blocks_.contains(id);
    }

    void drop(block_id id)
    {
        file_of file;
        {
            std::scoped_lock const lock(mutex_);
            auto const found = blocks_.find(id);
            if (found == blocks_.end())
                return;
            file = erase(found);
        }
        discard(file);
    }

    /// All partitions of a collection.
    void drop_all(std::uint64_t dataset)
    {
        std::vector<file_of> files;
        {
            std::scoped_lock const lock(mutex_);
            for (auto found = blocks_.lower_bound({dataset, 0});
                 found != blocks_.end() && found->first.dataset == dataset; found = blocks_.lower_bound({dataset, 0}))
                files.push_back(erase(found));
        }
        for (auto const& file : files)
            discard(file);
    }

    /// Tells of something that was lost, and can be made again.
    void note(std::string words)
    {
        std::scoped_lock const lock(mutex_);
        note_locked(std::move(words));
    }

    [[nodiscard]] kept_blocks kept_of(std::uint64_t dataset) const
    {
        std::scoped_lock const lock(mutex_);
        kept_blocks sum;
        for (auto found = blocks_.lower_bound({dataset, 0}); found != blocks_.end() && found->first.dataset == dataset;
             ++found)
            add(sum, found->second);
        return sum;
    }

    [[nodiscard]] block_store_status status() const
    {
        std::scoped_lock const lock(mutex_);
        auto sum = status_;
        for (auto const& [id, one] : blocks_)
            add(sum, one);
        return sum;
    }

private:
    struct file_of {
        std::string name; // empty: none
        std::uint64_t size = 0;
    };
    struct kept {
        new_block block;
        file_of file;
        std::uint64_t used = 0;
        std::uint64_t serial = 0;
        bool leaving = false;
    };
    /// A block that is on its way out of the memory, where it can still be read until it has arrived.
    struct departure {
        block_id id;
        std::uint64_t serial = 0;
        new_block block;
    };
    using block_map = std::map<block_id, kept>;

    static constexpr std::size_t most_notes = 100;

    [[nodiscard]] static bool in_memory(kept const& one)
    {
        return one.block.content.records || one.block.content.bytes;
    }

    static void add(kept_blocks& sum, kept const& one)
    {
        bool const memory = in_memory(one);
        ++(memory ? sum.in_memory : sum.on_disk);
        (memory ? sum.memory_bytes : sum.disk_bytes) += memory ? one.block.size : one.file.size;
    }

    // ---- With the mutex

    /// False when the block cannot find room, whatever leaves.
    bool make_room(std::uint64_t dataset, std::size_t size, std::vector<departure>& leaving)
    {
        if (size > limit_)
            return false;
        std::map<std::uint64_t, typename block_map::iterator> oldest_first;
        if (memory_bytes_ > limit_ - size)
            for (auto one = blocks_.begin(); one != blocks_.end(); ++one)
                if (one->first.dataset != dataset && in_memory(one->second) && !one->second.leaving
                    && (!one->second.block.only_copy || one->second.block.level.disk))
                    oldest_first.emplace(one->second.used, one);
        std::uint64_t could_leave = 0;
        for (auto const& [used, one] : oldest_first)
            could_leave += one->second.block.size;
        if (memory_bytes_ > could_leave && memory_bytes_ - could_leave > limit_ - size)
            return false;
        for (auto next = oldest_first.begin(); memory_bytes_ > limit_ - size; ++next) {
            auto& one = next->second->second;
            one.leaving = true;
            memory_bytes_ -= one.block.size;
            ++status_.evicted;
            leaving.push_back({next->second->first, one.serial, one.block});
        }
        return true;
    }

    file_of erase(typename block_map::iterator found)
    {
        auto file = std::move(found->second.file);
        if (in_memory(found->second) && !found->second.leaving)
            memory_bytes_ -= found->second.block.size;
        blocks_.erase(found);
        return file;
    }

    void note_locked(std::string words)
    {
        ++status_.lost;
        if (status_.notes.size() == most_notes)
            status_.notes.erase(status_.notes.begin());
        status_.notes.push_back(std::move(words));
    }

    // ---- Without

    [[nodiscard]] std::uint64_t next_serial()
    {
        std::scoped_lock const lock(mutex_);
        return ++serials_;
    }

    /// Ends the stay of a block in memory.
    void depart(departure const& one)
    {
        file_of written;
        std::string problem;
        if (one.block.level.disk) {
            try {
                written = write(one.id, one.serial, one.block);
            } catch (storage_error const& failed) {
                problem = failed.what();
            }
        }
        std::unique_lock lock(mutex_);
        auto const found = blocks_.find(one.id);
        if (found == blocks_.end() || found->second.serial != one.serial) {
            lock.unlock();
            return discard(written); // dropped meanwhile
        }
        found->second.leaving = false;
        if (!problem.empty() && one.block.only_copy) {
            memory_bytes_ += one.block.size; // better too much in memory than nothing at all
            return note_locked(problem + "; the partition stays in memory");
        }
        if (written.name.empty()) {
            blocks_.erase(found);
            if (!problem.empty())
                note_locked(problem + "; the partition will be computed again");
            return;
        }
        found->second.block.content = {};
        found->second.file = written;
    }

    void lose(block_id id, std::uint64_t serial, std::string const& why)
    {
        file_of file;
        {
            std::scoped_lock const lock(mutex_);
            auto const found = blocks_.find(id);
            if (found == blocks_.end() || found->second.serial != serial)
                return;
            file = erase(found);
            note_locked(why);
        }
        discard(file);
    }

    [[nodiscard]] Storage files()
    {
        std::scoped_lock const lock(scratch_mutex_);
        if (!scratch_) {
            own_scratch_ = make_owner<scratch_directory>();
            scratch_.emplace(own_scratch_->storage());
        }
        return *scratch_;
    }

    [[nodiscard]] file_of write(block_id id, std::uint64_t serial, new_block const& block)
    {
        auto const bytes =
            block.content.bytes
                ? block.content.bytes
                : std::make_shared<std::vector<std::byte> const>(block.encode(block.content.records.get()));
        file_of const made{"block-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + "-"
                               + std::to_string(id.dataset) + "-" + std::to_string(id.partition) + "-"
                               + std::to_string(serial),
                           bytes->size()};
        try {
            auto file = files().create(made.name);
            std::vector<std::byte> front;
            for (std::uint64_t sum = checksum(*bytes, serial), i = 0; i < sizeof(sum); ++i)
                front.push_back(static_cast<std::byte>(sum >> (8 * i)));
            file.append(front);
            file.append(*bytes); // and no sync: it need not outlive the process
        } catch (...) {
            discard(made);
            throw;
        }
        return made;
    }

    [[nodiscard]] std::shared_ptr<std::vector<std::byte> const> read(std::uint64_t serial, file_of const& file)
    {
        auto const storage = files();
        auto bytes = storage.read(file.name);
        std::uint64_t sum = 0;
        if (bytes.size() == file.size + sizeof(sum)) {
            sum = detail::load_low_first<std::uint64_t>(bytes.data());
            bytes.erase(bytes.begin(), bytes.begin() + sizeof(sum));
            if (checksum(bytes, serial) == sum)
                return std::make_shared<std::vector<std::byte> const>(std::move(bytes));
        }
        throw storage_error("the kept partition " + storage.describe() + "/" + file.name + " is damaged");
    }

    /// A file that cannot be removed stays: nobody reads it.
    void discard(file_of const& file) noexcept
    {
        if (file.name.empty())
            return;
        try {
            files().remove(file.name);
        } catch (...) {
        }
    }

    std::size_t const limit_;
    std::atomic<std::uint64_t> datasets_{0};
    mutable std::mutex mutex_; // guards all below
    block_map blocks_;
    std::uint64_t memory_bytes_ = 0;
    std::uint64_t clock_ = 0;
    std::uint64_t serials_ = 0;
    block_store_status status_;
    std::mutex scratch_mutex_; // guards what follows
    std::optional<Storage> scratch_;
    owner<scratch_directory> own_scratch_;
};

/// The same with a storage of whatever type.
using block_store = basic_block_store<any_storage>;

/// A block store that is made when it is first asked for, so that a program that persists nothing has none.
///
/// *Threads*: all calls, at once.
template <storage Storage>
class basic_block_store_cell {
public:
    /// As for the store.
    explicit basic_block_store_cell(std::size_t memory_limit = unlimited_memory,
                                    std::optional<Storage> scratch = std::nullopt)
        : memory_limit_(memory_limit)
        , scratch_(std::move(scratch))
    {}

    [[nodiscard]] std::shared_ptr<basic_block_store<Storage>> get()
    {
        std::scoped_lock const lock(mutex_);
        if (!store_)
            store_ = std::make_shared<basic_block_store<Storage>>(memory_limit_, scratch_);
        return store_;
    }

private:
    std::mutex mutex_;
    std::size_t memory_limit_;
    std::optional<Storage> scratch_;
    std::shared_ptr<basic_block_store<Storage>> store_;
};

/// The same with storages of whatever type.
using block_store_cell = basic_block_store_cell<any_storage>;

} // namespace tidemark
