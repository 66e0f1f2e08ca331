// SPDX-License-Identifier: BSL-1.0
//
// receiving_reader: a source reader with a thread of its own that receives what no one can ask for twice.

#pragma once

#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark {

/// Runs `receive` of the derived class between `start` and `stop`; a batch takes what has arrived.
///
/// What `receive` throws is told as an error of the receiver, and it is called again after a delay, for ever, unless it
/// has ended the buffer before. When it comes back the receiver has stopped. The derived class calls `stop` in its
/// destructor, while what `receive` uses is still there. Example: `examples/operators/receiver.cpp`.
///
/// A receiver that acknowledges to its sender does so when `store` comes back with true.
template <typename Record>
class receiving_reader : public source_reader<Record> {
public:
    void start() override
    {
        buffer_->begin();
        thread_ = std::jthread([this](std::stop_token stop) { receive_again(stop); });
    }

    /// Waits until `receive` has come back, or waits in `store` for a batch that takes its records. Who overrides `stop` so
    /// that `receive` wakes up overrides this, too, where a log may be behind the source.
    void finish() override
    {
        if (!is_logged_)
            return stop();
        finishing_ = true;
        buffer_->finish();
        thread_.request_stop();
        buffer_->wait_until_settled();
    }

    /// Ends the thread and waits for it. What has arrived can still be planned.
    void stop() override
    {
        buffer_->give_up_log();
        thread_.request_stop();
        if (thread_.joinable())
            thread_.join();
        buffer_->abandon();
    }

    /// Behind `finish` waits as that does.
    [[nodiscard]] bool drained() const override
    {
        if (finishing_)
            buffer_->wait_until_settled();
        return buffer_->empty();
    }

    [[nodiscard]] batch_input<Record> plan(batch_time time) override
    {
        auto records = buffer_->take();
        if (is_logged_)
            not_written_.emplace_back(time, buffer_->taken());
        return input_of(std::move(records));
    }

    /// Gives an empty dataset: what the earlier run had received went with it.
    [[nodiscard]] batch_input<Record> replay(batch_time, std::span<std::byte const>) override
    {
        return detail::memory_input(std::vector<Record>(), partitions_);
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return {}; }
    void seek(std::span<std::byte const>) override {}

    void limit_rate(double records_per_second) override { buffer_->limit_rate(records_per_second); }

    /// What went wrong last, in receiving; nothing if nothing did. *Threads*: any, at any time.
    [[nodiscard]] std::optional<std::string> last_error() const { return buffer_->last_error(); }
    [[nodiscard]] std::optional<std::string> take_error() override { return buffer_->take_error(); }
    [[nodiscard]] std::vector<receiver_change> take_receiver_changes() override { return buffer_->take_changes(); }

    /// With a log, notes that the records of the batch are in it, for `store`. Whoever overrides it calls this one.
    void planned(batch_time time) override
    {
        while (!not_written_.empty() && not_written_.front().first <= time) {
            buffer_->note_logged(not_written_.front().second);
            not_written_.erase(not_written_.begin());
        }
    }

    /// For a log of what this source receives, called before `start`: from now on `store` waits for it.
    receive_buffer<Record>& begin_log()
    {
        is_logged_ = true;
        buffer_->expect_log();
        return *buffer_;
    }
    /// For the same: such records as the input of a batch.
    [[nodiscard]] batch_input<Record> input_of(std::vector<Record> records) const
    {
        return detail::memory_input(std::move(records), partitions_);
    }

    /// What lies between the thread and the batches.
    [[nodiscard]] receive_buffer<Record> const& received() const { return *buffer_; }

protected:
    /// `partitions`: into how many a batch is cut. `restart_delay`: from an exception to the next call of `receive`.
    receiving_reader(std::shared_ptr<receive_buffer<Record>> buffer, std::size_t partitions,
                     duration restart_delay = duration(2000))
        : buffer_(std::move(buffer))
        , partitions_(partitions)
        , restart_delay_(std::clamp(restart_delay, duration::zero(), longest_duration))
    {}

    /// Where `receive` puts its records, and says how it fares.
    [[nodiscard]] receive_buffer<Record>& buffer() { return *buffer_; }

    /// Adds records that hold `bytes` bytes, and waits until a log has them: true, and the sender need not send them
    /// again. False when it is called behind a request to stop, which adds nothing, and when the application ends without a
    /// batch for them, which a graceful stop does not. Where there is no `write_ahead_log` behind the source it does not wait.
    [[nodiscard]] bool store(std::vector<Record> records, std::size_t bytes, std::stop_token stop)
    {
        if (is_logged_ && stop.stop_requested())
            return false;
        auto const last = buffer_->add(std::move(records), bytes, stop);
        return buffer_->wait_until_logged(last, stop);
    }

private:
    /// What the thread does: adds to `buffer()` what arrives, and comes back soon after `stop` is requested, or when no
    /// more will come.
    virtual void receive(std::stop_token stop) = 0;

    void receive_again(std::stop_token const& stop)
    {
        do {
            try {
                receive(stop);
                break;
            } catch (std::exception const& failure) {
                note_failure(failure.what(), stop);
            } catch (...) {
                note_failure("an exception that is no std::exception", stop);
            }
        } while (is_to_receive(stop) && wait_for_restart(stop));
        buffer_->abandon();
    }

    [[nodiscard]] bool is_to_receive(std::stop_token const& stop) const
    {
        return !stop.stop_requested() && buffer_->is_open();
    }

    void note_failure(std::string words, std::stop_token const& stop)
    {
        if (is_to_receive(stop))
            words += "; next attempt after " + to_string(restart_delay_);
        buffer_->note_error(std::move(words));
    }

    /// False when `stop` was requested before the time was over.
    [[nodiscard]] bool wait_for_restart(std::stop_token const& stop) const
    {
        std::mutex mutex;
        std::condition_variable_any stopped; // notified by the stop request alone
        std::unique_lock lock(mutex);
        (void)stopped.wait_for(lock, stop, restart_delay_, [] { return false; });
        return !stop.stop_requested();
    }

    std::shared_ptr<receive_buffer<Record>> buffer_;
    std::size_t partitions_;
    duration restart_delay_;
    std::vector<std::pair<batch_time, std::uint64_t>> not_written_; // plans, and up to which record
    bool is_logged_ = false;
    bool finishing_ = false;
    std::jthread thread_;
};

} // namespace tidemark
