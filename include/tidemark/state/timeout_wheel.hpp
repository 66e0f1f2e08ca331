// SPDX-License-Identifier: BSL-1.0
//
// timeout_wheel: finds the entries of one key-group that may have been idle for too long, without looking at the rest.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace tidemark {

/// A lazy timeout wheel: each entry waits in the bucket of the time at which it would expire if it were never touched
/// again.
///
/// Touching an entry costs nothing here: when its time has come it is looked at, and put back for its last update plus
/// the timeout if there was one in the meantime. An entry expires at the first batch time `now` with
/// `last update < now - timeout`; exactly at `last update + timeout` it still lives.
///
/// An entry is named by a number that stays while it lives, as `keyed_table::index_of`. It waits in 8 bytes (with
/// 32-bit numbers), whatever its key (about 14 with the room that vectors keep), and is found in half the time that hashing its key would take.
/// When the numbers change (`keyed_table::layout`), and after a restore, the wheel is rebuilt from the table, which has
/// all that it holds: `restart`, then `schedule` for every entry. The wheel need not be told of erased entries: their
/// number is looked at when its time comes, or stands for the next entry of that number, whose time cannot be earlier.
///
/// All times are milliseconds. Every expiry is exact as long as batch times and updates do not go back.
/// *Threads*: no two calls at once.
template <std::unsigned_integral Entry>
class basic_timeout_wheel {
    struct load_nothing {
        void operator()(std::uint32_t) const noexcept {}
    };

public:
    static constexpr std::int64_t longest = longest_duration.count(); ///< The longest timeout.

    /// A wheel for one key-group. `phase`, for example the number of the group, spreads the opening of buckets over
    /// batches.
    ///
    /// *Throws* `config_error` unless 0 < `timeout` <= `longest`.
    explicit basic_timeout_wheel(std::int64_t timeout, std::int64_t now, std::uint32_t phase = 0)
        : timeout_(checked(timeout))
        , width_((timeout + buckets_wanted - 1) / buckets_wanted)
        , shift_(static_cast<std::int64_t>(phase * 0x9e3779b9U) % width_)
        , buckets_(static_cast<std::size_t>(timeout / width_ + 2))
        , open_(bucket_of(now))
    {}

    [[nodiscard]] std::int64_t timeout() const noexcept { return timeout_; }

    /// How many entries wait, erased ones included.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] std::size_t memory_bytes() const noexcept
    {
        auto bytes = waiting_.capacity() * sizeof(std::uint64_t) + buckets_.capacity() * sizeof(bucket);
        for (bucket const& each : buckets_)
            bytes += each.capacity() * sizeof(later);
        return bytes + opened_.capacity() * sizeof(soon) + due_.capacity() * sizeof(Entry);
    }

    /// Forgets every entry, and goes on from `now`.
    void restart(std::int64_t now) noexcept
    {
        for (bucket& each : buckets_)
            bucket().swap(each);
        opened_.clear();
        due_.clear();
        waiting_.clear();
        size_ = 0;
        open_ = bucket_of(now);
    }

    /// Makes the entry wait from its `last_update` on. Does nothing if that number waits already, so it is called for
    /// new entries only, not when one is touched.
    void schedule(Entry entry, std::int64_t last_update)
    {
        open_until(last_update); // it is not later than now, and what is opened early is looked at no earlier
        auto const word = entry / 64;
        auto const bit = std::uint64_t{1} << entry % 64;
        if (word >= waiting_.size())
            waiting_.resize(std::max<std::size_t>(word + 1, waiting_.size() + waiting_.size() / 2));
        if ((waiting_[word] & bit) == 0) {
            place(entry, last_update + timeout_);
            waiting_[word] |= bit;
            ++size_;
        }
    }

    /// Calls `look(entry, horizon)` once for each entry whose time has come, `horizon` being `now - timeout`.
    ///
    /// `look` gives the last update of the entry if it lives on, and nothing if it is gone: erased some time ago, or
    /// expired now, because its last update is before `horizon`, and erased by `look`. It must not call the wheel or
    /// insert into the table. When it throws, the entry waits as before, and is looked at again by the next `expire`.
    /// `load(entry)` is called some entries earlier, for what `look` will need of memory.
    template <std::invocable<std::uint32_t, std::int64_t> Look, std::invocable<std::uint32_t> Load = load_nothing>
        requires std::convertible_to<std::invoke_result_t<Look&, std::uint32_t, std::int64_t>,
                                     std::optional<std::int64_t>>
    void expire(std::int64_t now, Look look, Load load = {})
    {
        open_until(now);
        take_due(now);
        for (; !due_.empty(); due_.pop_back()) {
            if (due_.size() > load_ahead)
                load(due_[due_.size() - 1 - load_ahead]);
            auto const entry = due_.back();
            std::optional<std::int64_t> const last_update = look(entry, now - timeout_);
            if (last_update) {
                place(entry, *last_update + timeout_);
            } else {
                waiting_[entry / 64] &= ~(std::uint64_t{1} << entry % 64);
                --size_;
            }
        }
    }

private:
    static constexpr std::int64_t buckets_wanted = 256;
    static constexpr std::size_t load_ahead = 16;

    /// In a bucket that is not open: the time counts from the start of the bucket.
    struct later {
        Entry entry;
        std::uint32_t offset;
    };

    struct soon {
        std::int64_t due;
        Entry entry;
    };

    struct is_due {
        std::int64_t now;

        bool operator()(soon const& each) const noexcept { return each.due < now; }
    };

    using bucket = std::vector<later>;

    static std::int64_t checked(std::int64_t timeout)
    {
        if (timeout <= 0 || timeout > longest) {
            throw config_error("tidemark::timeout: " + std::to_string(timeout)
                               + " ms is not a timeout; give one from 1 ms to " + std::to_string(longest) + " ms");
        }
        return timeout;
    }

    [[nodiscard]] std::int64_t bucket_of(std::int64_t time) const noexcept
    {
        auto const shifted = time - shift_;
        return shifted / width_ - (shifted % width_ < 0 ? 1 : 0);
    }

    [[nodiscard]] std::int64_t start_of(std::int64_t number) const noexcept { return number * width_ + shift_; }

    [[nodiscard]] bucket& at(std::int64_t number) noexcept
    {
        auto const amount = static_cast<std::int64_t>(buckets_.size());
        auto const index = number % amount;
        return buckets_[static_cast<std::size_t>(index < 0 ? index + amount : index)];
    }

    void place(Entry entry, std::int64_t due)
    {
        auto const number = bucket_of(due);
        if (number <= open_) {
            opened_.push_back({due, entry});
        } else {
            // Beyond the ring, for an update later than now, it gets the place of an earlier bucket: looked at early,
            // and moved on.
            at(number).push_back({entry, static_cast<std::uint32_t>(due - start_of(number))});
        }
    }

    // Searching the whole open bucket in each batch is cheap, even where a bucket is wider than a batch: it holds one
    // entry in 256. First all are taken, then all are looked at, so that what they need is loaded in time.
    void take_due(std::int64_t now)
    {
        auto const from = std::partition(opened_.begin(), opened_.end(), std::not_fn(is_due{now}));
        due_.reserve(due_.size() + static_cast<std::size_t>(opened_.end() - from));
        for (auto each = from; each != opened_.end(); ++each)
            due_.push_back(each->entry);
        opened_.erase(from, opened_.end());
    }

    void open_until(std::int64_t now)
    {
        auto const last = bucket_of(now);
        auto const ring = static_cast<std::int64_t>(buckets_.size());
        while (open_ < last) {
            // After a pause longer than the ring, the steps in between would find nothing.
            auto const next = open_ + 1;
            bucket& opening = at(next);
            if (!opening.empty()) {
                opened_.reserve(opened_.size() + opening.size());
                for (later const& each : opening)
                    opened_.push_back({start_of(next) + each.offset, each.entry});
                bucket().swap(opening);
            }
            open_ = next;
            if (last - open_ > ring && std::all_of(buckets_.begin(), buckets_.end(), is_empty))
                open_ = last;
        }
    }

    static bool is_empty(bucket const& each) noexcept { return each.empty(); }

    std::int64_t timeout_;
    std::int64_t width_; // of a bucket
    std::int64_t shift_; // of all buckets' borders
    std::vector<bucket> buckets_;
    std::int64_t open_;                  // the number of the open bucket; those before it are empty
    std::vector<soon> opened_;           // of the open bucket and before
    std::vector<Entry> due_;             // to be looked at; empty unless a look has thrown
    std::vector<std::uint64_t> waiting_; // a bit for each entry that waits
    std::size_t size_ = 0;
};

/// The same for the entries of a `keyed_table`.
using timeout_wheel = basic_timeout_wheel<std::uint32_t>;

} // namespace tidemark
