// SPDX-License-Identifier: BSL-1.0
//
// receiving_reader: a source reader with a thread of its own that receives what no one can ask for twice.

#pragma once

#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <memory>
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
/// The derived class calls `stop` in its destructor, while what `receive` uses is still there.
template <typename Record>
class receiving_reader : public source_reader<Record> {
public:
    void start() override
    {
        buffer_->begin();
        thread_ = std::jthread([this](std::stop_token stop) { receive(stop); });
    }

    /// Ends the thread and waits for it. What has arrived can still be planned.
    void stop() override
    {
        thread_.request_stop();
        if (thread_.joinable())
            thread_.join();
        buffer_->abandon();
    }

    [[nodiscard]] bool drained() const override { return buffer_->empty(); }

    [[nodiscard]] batch_input<Record> plan(batch_time) override
    {
        return detail::memory_input(buffer_->take(), partitions_);
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

    /// What lies between the thread and the batches.
    [[nodiscard]] receive_buffer<Record> const& received() const { return *buffer_; }

protected:
    receiving_reader(std::shared_ptr<receive_buffer<Record>> buffer, std::size_t partitions)
        : buffer_(std::move(buffer))
        , partitions_(partitions)
    {}

    [[nodiscard]] receive_buffer<Record>& buffer() { return *buffer_; }

private:
    /// The thread's whole life: comes back soon after `stop` is requested, and lets nothing be thrown.
    virtual void receive(std::stop_token stop) = 0;

    std::shared_ptr<receive_buffer<Record>> buffer_;
    std::size_t partitions_;
    std::jthread thread_;
};

} // namespace tidemark
