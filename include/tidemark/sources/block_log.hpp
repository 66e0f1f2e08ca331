// SPDX-License-Identifier: BSL-1.0
//
// block_log: what a source has received is in a log of its own before a batch takes it.

#pragma once

#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/durable_blocks.hpp>
#include <tidemark/sources/detail/logged_batch.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/sources/write_ahead_log.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark {

template <stream_source Source>
class block_logged_source;

/// A log for blocks of received records that wait for a batch: `write_ahead_log(block_log{directory})`.
///
/// What arrives in an interval is a block, safe from a loss of power when it is written, by one sync; a batch that takes
/// blocks adds two. A block goes with the plan of that batch, which holds its records then. A source has a directory of its own
/// for them; a second one that is given the same is refused at its start. `plan` of the receiver is not called.
/// *After recovery* blocks that were in no plan go to the first batch that is planned anew, before what is received then.
/// *Throws*, when the application starts, `config_error` for settings that cannot work; `incompatible_checkpoint` for blocks of
/// another application, or of other records; `corrupt_checkpoint` for a damaged log, and where the directory does not hold the
/// log that the checkpoint tells of, as far as it went then. Then nothing in the directory has changed.
struct block_log {
    any_storage directory;  ///< Touched when the application starts.
    duration interval{200}; ///< How long what has arrived may wait for its block, at least 1 ms.
    /// While blocks of so many bytes wait for a batch no other one is made: the source's buffer fills, and the sender waits.
    std::uint64_t waiting_bytes = std::uint64_t{64} << 20;
    /// With `start_fresh` a log that is damaged, or another one than the checkpoint tells of, is set aside when the source
    /// starts, which a note of the start tells, and an empty one begun: what waited in the former for a batch is in none.
    on_unreadable unreadable = on_unreadable::fail;

    static constexpr bool logs_received = true;
    template <typename Source>
    using source = block_logged_source<Source>;
};

/// The running side of a `block_logged_source`: a thread that makes blocks, and batches that take them.
template <typename Record>
class block_logged_reader final : public source_reader<Record> {
public:
    /// `owner`: the name of the application. *Throws* what `detail::durable_blocks` does.
    block_logged_reader(std::unique_ptr<receiving_reader<Record>> inner, block_log const& log, std::string const& owner)
        : inner_(std::move(inner))
        , received_(&inner_->begin_log())
        , interval_(std::min(log.interval, longest_duration))
        , waiting_bytes_(log.waiting_bytes)
        , blocks_(log.directory, owner, log.unreadable)
    {}
    block_logged_reader(block_logged_reader const&) = delete;
    block_logged_reader& operator=(block_logged_reader const&) = delete;
    ~block_logged_reader() override { end_thread(); }

    void start() override
    {
        {
            std::scoped_lock const lock(mutex_);
            blocks_.begin();
        }
        inner_->start();
        thread_ = std::jthread([this](std::stop_token stop) { make_blocks(stop); });
    }

    [[nodiscard]] std::vector<std::string> start_notes() const override
    {
        auto all = inner_->start_notes();
        std::scoped_lock const lock(mutex_);
        for (auto& note : blocks_.notes())
            all.push_back(std::move(note));
        return all;
    }

    void finish() override { inner_->finish(); }

    /// What has arrived is in a block then, unless it is told as an error or too much waits for a batch; and whoever waits
    /// for that has his answer before the block can be given to a batch.
    void stop() override
    {
        if (thread_.joinable()) {
            inner_->finish();
            end_thread();
            if (make_block()) {
                inner_->stop();
                make_block(); // what came without waiting
                return;
            }
        }
        inner_->stop();
    }

    [[nodiscard]] bool drained() const override
    {
        if (!inner_->drained()) // which may wait for a block
            return false;
        std::scoped_lock const lock(mutex_);
        return received_->empty() && unlogged_.empty() && blocks_.empty();
    }

    /// While the log cannot be written, nothing, which is told: a later batch has it.
    [[nodiscard]] batch_input<Record> plan(batch_time time) override
    {
        std::scoped_lock const lock(mutex_);
        std::vector<Record> records;
        try {
            records = blocks_.take();
        } catch (storage_error const& failure) {
            note_error(failure.what());
            return planned_input({}, blocks_.taken());
        }
        if (!std::exchange(has_planned_, true))
            plans_elsewhere_ = blocks_.plans_elsewhere();
        take_received();
        records.insert(records.end(), unlogged_.begin(), unlogged_.end());
        auto const given = blocks_.last();
        auto input = planned_input(std::move(records), given);
        not_written_.push_back({time, given, received_->taken()});
        unlogged_.clear(); // the plan has them
        blocks_.note_taken(given);
        return input;
    }

    /// Gives what the plan holds, and no block again that it has.
    [[nodiscard]] batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        std::scoped_lock const lock(mutex_);
        if (!detail::logged_schema(plan))
            return inner_->replay(time, plan);
        auto batch = std::get<2>(from_bytes<detail::logged_plan<Record>>(plan));
        if (auto const blocks = detail::decode_block_position(batch.plan)) // else it was logged without blocks
            blocks_.note_replayed(*blocks);
        auto told = inner_->replay(time, batch.plan);
        return detail::logged_input(std::move(batch), {}, std::move(told.description));
    }

    [[nodiscard]] std::vector<std::byte> position() const override
    {
        std::scoped_lock const lock(mutex_);
        return detail::encode_block_position(blocks_.position(inner_->position()));
    }

    void seek(std::span<std::byte const> position) override
    {
        std::scoped_lock const lock(mutex_);
        auto const mine = detail::decode_block_position(position);
        blocks_.expect(mine);
        inner_->seek(mine ? std::span<std::byte const>(mine->source) : position);
    }

    void planned(batch_time time) override
    {
        std::scoped_lock const lock(mutex_);
        for (; !not_written_.empty() && not_written_.front().time <= time; not_written_.erase(not_written_.begin())) {
            blocks_.note_planned(not_written_.front().given);
            received_->note_logged(not_written_.front().last);
        }
        inner_->planned(time);
        blocks_.forget_planned();
    }

    void committed(batch_time time) override { inner_->committed(time); }
    void limit_rate(double records_per_second) override { inner_->limit_rate(records_per_second); }
    [[nodiscard]] std::vector<receiver_change> take_receiver_changes() override
    {
        return inner_->take_receiver_changes();
    }

    [[nodiscard]] std::optional<std::string> take_error() override
    {
        std::scoped_lock const lock(mutex_);
        for (auto* const mine : {&plans_elsewhere_, &error_})
            if (auto told = std::exchange(*mine, std::nullopt))
                return told;
        return inner_->take_error();
    }

private:
    /// A plan that is made and not known to be written.
    struct made_plan {
        batch_time time;
        std::int64_t given; ///< The number under which it was given blocks.
        std::uint64_t last; ///< The last record that is in the log when it is written.
    };

    [[nodiscard]] batch_input<Record> planned_input(std::vector<Record> records, std::int64_t given) const
    {
        auto input = inner_->input_of(std::move(records));
        input.plan = detail::encode_block_position(blocks_.position_in_plan(given));
        return detail::logged(std::move(input));
    }

    void make_blocks(std::stop_token const& stop)
    {
        for (bool can_log = true; received_->wait_for_block(interval_, can_log, stop);)
            can_log = make_block();
    }

    /// One block of what has arrived. If it cannot be written, the next one has it, or a plan, and no more is taken before.
    /// False where a further one would be in vain.
    bool make_block()
    {
        std::scoped_lock const lock(mutex_);
        if (blocks_.waiting_bytes() >= waiting_bytes_)
            return false;
        try {
            if (unlogged_.empty())
                take_received();
            if (unlogged_.empty())
                return true;
            blocks_.add(unlogged_);
            unlogged_.clear();
        } catch (std::exception const& failure) {
            note_error(failure.what());
            return false;
        } catch (...) { // `serialize` of the program may throw anything
            note_error("an exception that is no std::exception");
            return false;
        }
        if (not_written_.empty())
            received_->note_logged(received_->taken());
        else // what came before is in a plan that is not written yet
            not_written_.back().last = received_->taken();
        return true;
    }

    void take_received()
    {
        auto arrived = received_->take();
        unlogged_.insert(unlogged_.end(), std::make_move_iterator(arrived.begin()),
                         std::make_move_iterator(arrived.end()));
    }

    void note_error(std::string const& words) { error_ = "the log of received blocks: " + words; }

    void end_thread()
    {
        thread_.request_stop();
        if (thread_.joinable())
            thread_.join();
    }

    std::unique_ptr<receiving_reader<Record>> inner_;
    receive_buffer<Record>* received_; // of inner_
    duration interval_;
    std::uint64_t waiting_bytes_; // at which no block is made
    mutable std::mutex mutex_;    // guards what follows
    detail::durable_blocks<Record> blocks_;
    std::vector<Record> unlogged_; // taken, and neither in a block nor in a plan
    std::vector<made_plan> not_written_;
    bool has_planned_ = false;
    std::optional<std::string> plans_elsewhere_; // until it is told
    std::optional<std::string> error_;
    std::jthread thread_;
};

/// `Source`, whose records are in a log of blocks until a batch takes them, and then in the plan of that batch.
template <stream_source Source>
class block_logged_source {
public:
    using record_type = typename Source::record_type;

    static constexpr std::string_view name = Source::name;
    static constexpr bool replayable = true;
    static constexpr bool plan_holds_records = true;
    static constexpr bool logs_blocks = true;

    block_logged_source(Source source, block_log log)
        : source_(std::move(source))
        , log_(std::move(log))
    {}

    [[nodiscard]] std::string describe() const { return source_.describe(); }

    [[nodiscard]] std::unique_ptr<block_logged_reader<record_type>> open(source_environment const& environment) const
    {
        if (log_.interval < duration(1))
            throw config_error("tidemark::block_log: interval is " + to_string(log_.interval) + "; give at least 1 ms");
        if (log_.waiting_bytes == 0)
            throw config_error("tidemark::block_log: waiting_bytes is 0; give at least 1");
        auto inner = source_.open(environment);
        return inner
                   ? std::make_unique<block_logged_reader<record_type>>(std::move(inner), log_, environment.application)
                   : nullptr;
    }

private:
    Source source_;
    block_log log_;
};

} // namespace tidemark
