// SPDX-License-Identifier: BSL-1.0
//
// block_keeper: the partitions of one collection in a block store, each computed by one thread only.

#pragma once

#include <tidemark/checkpoint/saved_rows.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/execution/block_store.hpp>
#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/row.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// `std::ranges::sized_range`, without all of <ranges>.
template <typename T>
concept sized_container = requires(T const& some) {
    std::ranges::begin(some);
    std::ranges::end(some);
    std::ranges::size(some);
};

template <typename T>
concept seen_as_tuple = requires { std::tuple_size<T>::value; };

/// What `value` takes beside itself, as far as can be seen.
template <typename T>
[[nodiscard]] std::size_t bytes_beside(T const& value)
{
    std::size_t sum = 0;
    auto const add = [&sum](auto const&... parts) { sum = (sum + ... + bytes_beside(parts)); };
    if constexpr (chunkable<T>)
        return 0;
    else if constexpr (seen_as_tuple<T>)
        std::apply(add, value);
    else if constexpr (hana_struct<T>)
        tidemark::for_each_member(value, add);
    else if constexpr (sized_container<T> && requires { typename T::value_type; }) {
        using element = typename T::value_type;
        sum = std::ranges::size(value) * sizeof(element);
        if constexpr (!chunkable<element>)
            for (element const& one : value)
                sum += bytes_beside(one);
    }
    return sum;
}

} // namespace detail

/// About how much memory a row takes.
template <typename Record>
[[nodiscard]] std::size_t memory_size(row<Record> const& records)
{
    std::size_t sum = records.size() * sizeof(Record);
    if constexpr (!chunkable<Record>)
        for (auto const& record : records)
            sum += detail::bytes_beside(record);
    return sum;
}

/// The partitions of one collection in a block store, which go with it.
///
/// *Threads*: all calls, at once.
template <typename Record>
class block_keeper {
public:
    using row_ptr = std::shared_ptr<row<Record> const>;

    block_keeper(std::shared_ptr<block_store> store, block_level level, bool only_copy)
        : store_(std::move(store))
        , dataset_(store_->new_dataset())
        , level_(level)
        , only_copy_(only_copy)
    {}
    block_keeper(block_keeper const&) = delete;
    block_keeper& operator=(block_keeper const&) = delete;
    ~block_keeper() { store_->drop_all(dataset_); }

    [[nodiscard]] block_level level() const { return level_; }
    [[nodiscard]] kept_blocks kept() const { return store_->kept_of(dataset_); }
    [[nodiscard]] bool has(std::size_t partition) const { return store_->has({dataset_, partition}); }
    void drop(std::size_t partition) { store_->drop({dataset_, partition}); }
    void drop_all() { store_->drop_all(dataset_); }
    /// What the store calls a partition.
    [[nodiscard]] std::string name(std::size_t partition) const
    {
        return "rdd_" + std::to_string(dataset_) + "_" + std::to_string(partition);
    }

    /// The records of a partition; null when they are not kept.
    [[nodiscard]] row_ptr find(std::size_t partition)
    {
        auto const found = store_->get({dataset_, partition});
        if (!found)
            return nullptr;
        if (found->records)
            return std::static_pointer_cast<row<Record> const>(found->records);
        if constexpr (serializable<Record>)
            return std::make_shared<row<Record> const>(restore_row<Record>(*found->bytes));
        else
            return nullptr; // no level that saves is given for these records
    }

    /// Keeps a partition. *Throws* `storage_error` when it is to be on disk and cannot.
    void keep(std::size_t partition, row_ptr const& kept)
    {
        new_block block;
        block.level = level_;
        block.only_copy = only_copy_;
        if constexpr (serializable<Record>) {
            block.encode = [](void const* some) { return save_row<Record>(*static_cast<row<Record> const*>(some)); };
            if (level_.serialized)
                block.content.bytes = std::make_shared<std::vector<std::byte> const>(save_row<Record>(*kept));
        }
        if (!block.content.bytes)
            block.content.records = kept;
        block.size = block.content.bytes ? block.content.bytes->size() : memory_size<Record>(*kept);
        store_->put({dataset_, partition}, std::move(block));
    }

    /// The same; when it cannot be kept, the store is told why.
    void try_to_keep(std::size_t partition, row_ptr const& kept)
    {
        try {
            keep(partition, kept);
        } catch (storage_error const& problem) {
            store_->note(std::string(problem.what()) + "; the partition will be computed again");
        }
    }

    /// The records of a partition: those that are kept, or what `compute()` gives, which is called by one thread while
    /// others that ask for the same partition wait for it.
    template <typename Compute>
    [[nodiscard]] row_ptr find_or(std::size_t partition, Compute compute)
    {
        if (auto found = find(partition))
            return found;
        turn const mine(*this, partition);
        if (auto found = find(partition))
            return found;
        return compute();
    }

private:
    /// The right to compute a partition.
    class turn {
    public:
        turn(block_keeper& of, std::size_t partition)
            : of_(of)
            , partition_(partition)
        {
            std::unique_lock lock(of_.mutex_);
            of_.changed_.wait(lock, [&] { return !of_.computed_now_.contains(partition_); });
            of_.computed_now_.insert(partition_);
        }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        ~turn()
        {
            {
                std::scoped_lock const lock(of_.mutex_);
                of_.computed_now_.erase(partition_);
            }
            of_.changed_.notify_all();
        }

    private:
        block_keeper& of_;
        std::size_t partition_;
    };

    std::shared_ptr<block_store> store_;
    std::uint64_t dataset_;
    block_level level_;
    bool only_copy_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::size_t> computed_now_; // guarded by `mutex_`
};

} // namespace tidemark
