// SPDX-License-Identifier: BSL-1.0
//
// block_log: what a source has received is in a log of its own before a batch takes it.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/logged_batch.hpp>
#include <tidemark/sources/received_block.hpp>
#include <tidemark/sources/received_block_tracker.hpp>
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
/// What arrives in an interval is a block, safe from a loss of power when it is written, by one sync each. A block goes with
/// the plan of the batch that takes it, which holds its records then. A source has a directory of its own for them; a second
/// one that is given the same is refused at its start.
/// *After recovery* blocks that were in no batch's plan go to the first new batch.
/// *Throws* `config_error`, when the source is opened, for settings that cannot work.
struct block_log {
    any_storage directory;  ///< Touched when the application starts.
    duration interval{200}; ///< How long what has arrived may wait for its block, at least 1 ms.
    /// While blocks of so many bytes wait for a batch no other one is made: the source's buffer fills, and the sender waits.
    std::uint64_t waiting_bytes = std::uint64_t{64} << 20;

    static constexpr bool logs_received = true;
    template <typename Source>
    using source = block_logged_source<Source>;
};

namespace detail {

/// A block as bytes: the schema of its records, and the records.
template <typename Record>
using block_content = std::pair<std::string, std::vector<Record>>;

/// The blocks of a source: durable until the plan of their batch is. *Threads*: one at a time.
template <typename Record>
class durable_blocks {
public:
    /// Takes the directory over. *Throws* `storage_error`, `corrupt_checkpoint`; `incompatible_checkpoint` when a block holds
    /// other records.
    explicit durable_blocks(any_storage const& directory)
        : tracker_(directory, {.file_bytes = std::uint64_t{8} << 20})
    {
        auto const schema = schema_of<Record>();
        auto all = tracker_.blocks_after(std::nullopt);
        auto const waiting = tracker_.unallocated();
        all.insert(all.end(), waiting.begin(), waiting.end());
        for (auto const& each : all) {
            input_archive in(each.location);
            if (auto const found = load<std::string>(in); !schema_reads(schema, found))
                throw incompatible_checkpoint(
                    "the blocks in " + directory.describe() + " hold records " + found + ", and this program expects "
                    + schema
                    + "; give them their former type, or run the program that wrote them to a "
                      "clean stop first");
            next_ = std::max(next_, std::uint64_t{std::stoull(each.id)} + 1);
        }
        for (auto const& each : waiting)
            waiting_bytes_ += each.location.size();
    }

    [[nodiscard]] std::uint64_t waiting_bytes() const { return waiting_bytes_; }
    [[nodiscard]] std::vector<std::string> notes() const { return tracker_.notes(); }
    [[nodiscard]] bool empty() const { return !tracker_.has_unallocated() && tracker_.blocks_after(taken_).empty(); }

    /// Makes a block durable. *Throws* `storage_error`; then there is no such block.
    void add(std::vector<Record> const& records)
    {
        received_block block{{}, std::to_string(next_), records.size()};
        block.location = to_bytes(block_content<Record>(schema_of<Record>(), records));
        auto const bytes = block.location.size();
        tracker_.add(std::move(block));
        ++next_;
        waiting_bytes_ += bytes;
    }

    /// The records of all blocks that are in no plan. They belong to the batch of `time`, and `note_taken` says that its
    /// plan has been made; else the next batch is given them, too.
    [[nodiscard]] std::vector<Record> take(batch_time time)
    {
        if (tracker_.has_unallocated() && tracker_.allocate(time))
            waiting_bytes_ = 0;
        std::vector<Record> all;
        for (auto const& each : tracker_.blocks_after(taken_)) {
            auto records = from_bytes<block_content<Record>>(each.location).second;
            all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
        }
        return all;
    }

    void note_taken(batch_time time) { taken_ = later(taken_, time); }

    /// The plans up to that of `time` are written, with their blocks.
    void note_planned(batch_time time)
    {
        planned_ = later(planned_, time);
        note_taken(time);
    }

    /// Forgets the blocks that are in plans. *Throws* `storage_error`; they are forgotten the next time, then.
    void forget_planned()
    {
        if (planned_ && tracker_.has_allocated())
            tracker_.cleanup(*planned_ + duration(1));
    }

private:
    [[nodiscard]] static batch_time later(std::optional<batch_time> known, batch_time time)
    {
        return known ? std::max(*known, time) : time;
    }

    received_block_tracker tracker_;
    std::uint64_t next_ = 1;
    std::uint64_t waiting_bytes_ = 0;
    std::optional<batch_time> taken_;   // blocks of batches up to it are in plans,
    std::optional<batch_time> planned_; // and up to this one those are written
};

} // namespace detail

/// The running side of a `block_logged_source`: a thread that makes blocks, and batches that take them.
template <typename Record>
class block_logged_reader final : public source_reader<Record> {
public:
    /// *Throws* what `detail::durable_blocks` does.
    block_logged_reader(std::unique_ptr<receiving_reader<Record>> inner, block_log const& log)
        : inner_(std::move(inner))
        , received_(&inner_->begin_log())
        , interval_(std::min(log.interval, longest_duration))
        , waiting_bytes_(log.waiting_bytes)
        , blocks_(log.directory)
    {
        for (auto const& note : blocks_.notes())
            note_error(note);
    }
    block_logged_reader(block_logged_reader const&) = delete;
    block_logged_reader& operator=(block_logged_reader const&) = delete;
    ~block_logged_reader() override { end_thread(); }

    void start() override
    {
        inner_->start();
        thread_ = std::jthread([this](std::stop_token stop) { make_blocks(stop); });
    }

    /// What has arrived is in a block then, or told as an error.
    void stop() override
    {
        inner_->stop();
        if (!thread_.joinable())
            return;
        end_thread();
        make_block();
    }

    [[nodiscard]] bool drained() const override
    {
        std::scoped_lock const lock(mutex_);
        return inner_->drained() && unlogged_.empty() && blocks_.empty();
    }

    [[nodiscard]] batch_input<Record> plan(batch_time time) override
    {
        std::scoped_lock const lock(mutex_);
        take_received();
        auto records = blocks_.take(time);
        records.insert(records.end(), unlogged_.begin(), unlogged_.end());
        auto input = detail::logged(inner_->input_of(std::move(records)));
        not_written_.emplace_back(time, received_->taken());
        unlogged_.clear(); // the plan has them
        blocks_.note_taken(time);
        last_planned_ = time;
        return input;
    }

    /// Gives what the plan holds, and no block of that batch again.
    [[nodiscard]] batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        std::scoped_lock const lock(mutex_);
        stand_behind(time);
        if (!detail::logged_schema(plan))
            return inner_->replay(time, plan);
        auto batch = std::get<2>(from_bytes<detail::logged_plan<Record>>(plan));
        auto told = inner_->replay(time, batch.plan);
        return detail::logged_input(std::move(batch), {}, std::move(told.description));
    }

    [[nodiscard]] std::vector<std::byte> position() const override
    {
        std::scoped_lock const lock(mutex_);
        return detail::encode_block_position(last_planned_.value_or(batch_time(0)).count(), inner_->position());
    }

    void seek(std::span<std::byte const> position) override
    {
        std::scoped_lock const lock(mutex_);
        auto const mine = detail::decode_block_position(position);
        if (mine)
            stand_behind(batch_time(mine->planned));
        inner_->seek(mine ? std::span<std::byte const>(mine->source) : position);
    }

    void planned(batch_time time) override
    {
        std::scoped_lock const lock(mutex_);
        blocks_.note_planned(time);
        while (!not_written_.empty() && not_written_.front().first <= time) {
            received_->note_logged(not_written_.front().second);
            not_written_.erase(not_written_.begin());
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
        if (auto mine = std::exchange(error_, std::nullopt))
            return mine;
        return inner_->take_error();
    }

private:
    void make_blocks(std::stop_token const& stop)
    {
        while (received_->wait_for_block(interval_, stop))
            make_block();
    }

    /// One block of what has arrived. If it cannot be written, the next one has it, or a plan.
    void make_block()
    {
        std::scoped_lock const lock(mutex_);
        try {
            if (blocks_.waiting_bytes() >= waiting_bytes_)
                return;
            take_received();
            if (unlogged_.empty())
                return;
            blocks_.add(unlogged_);
            unlogged_.clear();
            if (not_written_.empty())
                received_->note_logged(received_->taken());
            else // what came before is in a plan that is not written yet
                not_written_.back().second = received_->taken();
        } catch (std::exception const& failure) {
            note_error(failure.what());
        } catch (...) { // `serialize` of the program may throw anything
            note_error("an exception that is no std::exception");
        }
    }

    void take_received()
    {
        auto arrived = received_->take();
        if (unlogged_.empty())
            unlogged_ = std::move(arrived);
        else
            unlogged_.insert(unlogged_.end(), std::make_move_iterator(arrived.begin()),
                             std::make_move_iterator(arrived.end()));
    }

    void stand_behind(batch_time time)
    {
        blocks_.note_planned(time);
        last_planned_ = last_planned_ ? std::max(*last_planned_, time) : time;
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
    std::vector<Record> unlogged_;                                  // taken, and neither in a block nor in a plan
    std::vector<std::pair<batch_time, std::uint64_t>> not_written_; // plans, and up to which record
    std::optional<batch_time> last_planned_;
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
        return inner ? std::make_unique<block_logged_reader<record_type>>(std::move(inner), log_) : nullptr;
    }

private:
    Source source_;
    block_log log_;
};

} // namespace tidemark
