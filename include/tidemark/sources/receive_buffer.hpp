// SPDX-License-Identifier: BSL-1.0
//
// receive_buffer: records between the thread that receives them and the batches that take them.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/stream/source.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// A buffer of bounded size: when it is full, the receiving thread waits, and with it whoever sends.
///
/// It is full when it holds `limit` bytes or more, so it exceeds the limit by one addition at most. With a limit of the
/// rate, records wait in the receiving thread until their time has come, and go in some at a time.
/// *Threads*: all members may be called from several threads at once.
template <typename Record>
class receive_buffer {
public:
    /// `limit`: how many bytes may wait for a batch, as `add` counts them.
    explicit receive_buffer(std::size_t limit)
        : limit_(limit)
    {}

    /// Adds records that hold `bytes` bytes, once the buffer is not full or `stop` is requested: nothing received is
    /// dropped. Gives the number of the last of them, counted from 1.
    std::uint64_t add(std::vector<Record> records, std::size_t bytes, std::stop_token stop)
    {
        std::unique_lock lock(mutex_);
        auto left = records.size();
        do {
            room_.wait(lock, stop, [this] { return bytes_ < limit_; });
            wait_for_turn(lock, stop);
            auto const amount = stop.stop_requested() ? left : std::min(left, at_once());
            auto const share = amount == left ? bytes : bytes / left * amount;
            bytes -= share;
            bytes_ += share;
            received_ += amount;
            append(records, records.size() - left, amount);
            left -= amount;
            if (rate_ > 0)
                next_ = std::max(next_, clock::now()) + duration_of(static_cast<double>(amount) / rate_);
            changed_.notify_all();
        } while (left != 0);
        return received_;
    }

    /// From now on at most so many records per second are added; what waits for its time does so at the new rate.
    void limit_rate(double records_per_second)
    {
        std::scoped_lock const lock(mutex_);
        auto const now = clock::now();
        if (rate_ > 0 && next_ > now)
            next_ = now + duration_of(seconds(next_ - now).count() * rate_ / records_per_second);
        rate_ = records_per_second;
        room_.notify_all();
    }

    /// Everything that has arrived.
    [[nodiscard]] std::vector<Record> take()
    {
        std::scoped_lock const lock(mutex_);
        bytes_ = 0;
        taken_ = received_;
        room_.notify_all();
        changed_.notify_all();
        return std::exchange(waiting_, {});
    }

    /// The number of the last record that was taken; 0 before the first.
    [[nodiscard]] std::uint64_t taken() const
    {
        std::scoped_lock const lock(mutex_);
        return taken_;
    }

    /// From now on what is taken goes into a log, and `wait_until_logged` waits for that.
    void expect_log()
    {
        std::scoped_lock const lock(mutex_);
        expects_log_ = true;
    }

    /// The records up to the one of that number are in the log.
    void note_logged(std::uint64_t number)
    {
        std::scoped_lock const lock(mutex_);
        logged_ = std::max(logged_, number);
        log_.notify_all();
    }

    /// Waits until the record of that number and all before it are in the log: true, at once where there is no log; or
    /// until `stop` is requested and no batch follows: false.
    [[nodiscard]] bool wait_until_logged(std::uint64_t number, std::stop_token stop)
    {
        std::unique_lock lock(mutex_);
        auto const asked = asked_.insert(number);
        log_.notify_all();
        changed_.notify_all();
        auto const is_logged = [this, number] { return !expects_log_ || logged_ >= number; };
        if (!log_.wait(lock, stop, is_logged))
            log_.wait(lock, [&] { return is_logged() || !finishing_; });
        asked_.erase(asked);
        return is_logged();
    }

    /// From now on a request to stop leaves those alone who wait for a log: batches follow, which take what there is.
    void finish()
    {
        std::scoped_lock const lock(mutex_);
        finishing_ = true;
    }
    /// No batch follows any more.
    void give_up_log()
    {
        std::scoped_lock const lock(mutex_);
        finishing_ = false;
        log_.notify_all();
    }
    /// Waits until nothing more comes before the log has what is here: the receiver has stopped, or waits for the log.
    void wait_until_settled() const
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock,
                      [this] { return phase_ != phase::receiving || (!asked_.empty() && *asked_.rbegin() > logged_); });
    }

    /// Waits for so long, and less when it heeds those who wait in `wait_until_logged` for records that can be taken; or until
    /// `stop` is requested: false.
    [[nodiscard]] bool wait_for_block(duration length, bool heeds_askers, std::stop_token stop)
    {
        std::unique_lock lock(mutex_);
        (void)log_.wait_for(lock, stop, length,
                            [this, heeds_askers] { return heeds_askers && !asked_.empty() && received_ > taken_; });
        return !stop.stop_requested();
    }

    /// Begins to receive. What an earlier run has left stays.
    void begin()
    {
        std::scoped_lock const lock(mutex_);
        changes_.push_back({receiver_change::kind::started});
        become(phase::receiving);
    }
    /// Nothing more will come: the end of the input was reached.
    void end()
    {
        std::scoped_lock const lock(mutex_);
        become(phase::ended);
    }
    /// Nothing more will come, though the input has not ended.
    void abandon()
    {
        std::scoped_lock const lock(mutex_);
        if (phase_ != phase::ended)
            become(phase::abandoned);
    }

    /// Whether more may come: it has begun, and was neither ended nor abandoned.
    [[nodiscard]] bool is_open() const
    {
        std::scoped_lock const lock(mutex_);
        return phase_ == phase::receiving;
    }

    [[nodiscard]] bool empty() const
    {
        std::scoped_lock const lock(mutex_);
        return waiting_.empty();
    }

    /// Whether the input has ended and all of it has been taken.
    [[nodiscard]] bool exhausted() const
    {
        std::scoped_lock const lock(mutex_);
        return is_exhausted();
    }

    /// Waits until the input has ended and all of it has been taken: true; or until it was abandoned: false.
    [[nodiscard]] bool wait_until_exhausted() const
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_exhausted() || phase_ == phase::abandoned; });
        return is_exhausted();
    }

    /// Waits until `amount` records have been received since the buffer was made: true; or until no more will come:
    /// false.
    [[nodiscard]] bool wait_until_received(std::uint64_t amount) const
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock,
                      [&] { return received_ >= amount || phase_ == phase::ended || phase_ == phase::abandoned; });
        return received_ >= amount;
    }

    /// Notes what has gone wrong, in place of what was noted before.
    void note_error(std::string words)
    {
        std::scoped_lock const lock(mutex_);
        error_ = std::move(words);
        untold_ = error_;
        ++errors_;
        if (changes_.empty() || changes_.back().what != receiver_change::kind::error)
            changes_.push_back({receiver_change::kind::error});
        changes_.back().message = *error_;
        changed_.notify_all();
    }

    [[nodiscard]] std::optional<std::string> last_error() const
    {
        std::scoped_lock const lock(mutex_);
        return error_;
    }

    /// What has gone wrong since the last call, if anything: the last of it.
    [[nodiscard]] std::optional<std::string> take_error()
    {
        std::scoped_lock const lock(mutex_);
        return std::exchange(untold_, std::nullopt);
    }

    /// What has happened since the last call, in order; of errors in a row the last one.
    [[nodiscard]] std::vector<receiver_change> take_changes()
    {
        std::scoped_lock const lock(mutex_);
        return std::exchange(changes_, {});
    }

    /// Waits until `amount` errors have been noted: true; or until no more will come: false.
    [[nodiscard]] bool wait_until_failed(std::uint64_t amount) const
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return errors_ >= amount || phase_ == phase::ended || phase_ == phase::abandoned; });
        return errors_ >= amount;
    }

private:
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    static constexpr double pieces_per_second = 10; // in which records of a limited rate are added

    /// At most a day, so that no sum overflows.
    [[nodiscard]] static clock::duration duration_of(double length)
    {
        return std::chrono::duration_cast<clock::duration>(seconds(std::min(length, 86'400.0)));
    }

    /// How many records may be added in one go.
    [[nodiscard]] std::size_t at_once() const
    {
        constexpr auto all = std::numeric_limits<std::size_t>::max();
        auto const piece = rate_ / pieces_per_second;
        return rate_ == 0 || piece >= 1e15 ? all : std::max<std::size_t>(static_cast<std::size_t>(piece), 1);
    }

    /// Moves `amount` records from the place `first` on to the end of those that wait.
    void append(std::vector<Record>& records, std::size_t first, std::size_t amount)
    {
        if (waiting_.empty() && amount == records.size()) {
            waiting_ = std::move(records);
            return;
        }
        auto const from = records.begin() + static_cast<std::ptrdiff_t>(first);
        waiting_.insert(waiting_.end(), std::make_move_iterator(from),
                        std::make_move_iterator(from + static_cast<std::ptrdiff_t>(amount)));
    }

    void wait_for_turn(std::unique_lock<std::mutex>& lock, std::stop_token const& stop)
    {
        while (rate_ > 0 && !stop.stop_requested() && clock::now() < next_) {
            auto const turn = next_; // not `next_` itself: the condition reads its deadline without the mutex
            room_.wait_until(lock, stop, turn, [this, turn] { return next_ != turn; });
        }
    }

    enum class phase : unsigned char { idle, receiving, ended, abandoned };

    /// With the mutex.
    void become(phase next)
    {
        if (phase_ == phase::receiving && next != phase::receiving)
            changes_.push_back({receiver_change::kind::stopped});
        phase_ = next;
        changed_.notify_all();
    }

    [[nodiscard]] bool is_exhausted() const { return phase_ == phase::ended && waiting_.empty(); }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::condition_variable_any room_;
    std::condition_variable_any log_;
    std::vector<Record> waiting_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    double rate_ = 0;          // records per second; 0: without a limit
    clock::time_point next_{}; // when more may be added
    std::uint64_t received_ = 0;
    std::uint64_t taken_ = 0;  // of those, the number of the last
    std::uint64_t logged_ = 0; // the same
    bool expects_log_ = false;
    bool finishing_ = false;
    std::multiset<std::uint64_t> asked_; // the records that are waited for
    std::uint64_t errors_ = 0;
    std::optional<std::string> error_;
    std::optional<std::string> untold_;
    std::vector<receiver_change> changes_;
    phase phase_ = phase::idle;
};

} // namespace tidemark
