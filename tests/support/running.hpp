// SPDX-License-Identifier: BSL-1.0
//
// running: what tests of running applications have in common.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/testing/driver.hpp>

#include <support/words_of.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tidemark_test {

/// The words of an exception; empty when there is none.
inline std::string what(std::exception_ptr const& failure)
{
    if (!failure)
        return "";
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& problem) {
        return problem.what();
    }
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// What the start had to say of the checkpoint.
inline std::vector<std::string> notes_of(tidemark::testing::driver const& run)
{
    for (auto const& event : run.events())
        if (auto const* const started = std::get_if<tidemark::streaming_started>(&event))
            return started->notes;
    return {};
}

/// The batch times of all commits that `run` made, that of its first start (0) included.
inline std::vector<std::int64_t> commits_of(tidemark::testing::driver const& run)
{
    std::vector<std::int64_t> times;
    for (auto const& event : run.events())
        if (auto const* const commit = std::get_if<tidemark::commit_completed>(&event))
            times.push_back(commit->batch_time);
    return times;
}

/// What a test tells a `counting_source` to do, and what it has done.
struct script {
    std::set<std::int64_t> fail_plan;                 ///< Numbers of batches whose `plan` throws.
    std::set<std::int64_t> fail_replay;               ///< Numbers of batches whose `replay` throws.
    std::set<std::int64_t> no_dataset;                ///< Numbers of batches without a dataset.
    std::set<std::int64_t> fail_committed;            ///< Numbers of batches whose `committed` throws.
    bool fail_start = false;                          ///< Whether `start` throws.
    std::optional<std::string> problem;               ///< What the source says is wrong.
    std::vector<tidemark::receiver_change> changes{}; ///< What has happened to its receiver.
    std::vector<std::string> calls;                   ///< "plan 1", "replay 2" ...: the calls so far.
    bool stopped = false;                             ///< Whether `stop` was called.
    std::int64_t not_drained_before = 0;              ///< Drained once all batches with smaller numbers are planned.
};

/// Number n arrives for batch n; a batch gets all numbers that have arrived and were not in an earlier one. For batches
/// of 1 s from zero time 0.
class counting_source {
public:
    using record_type = int;
    static constexpr bool replayable = true;
    static constexpr bool plans_repeat = true;
    static constexpr std::string_view name = "counting";

    explicit counting_source(std::shared_ptr<script> what)
        : script_(std::move(what))
    {}

    [[nodiscard]] std::string describe() const { return "counting"; }
    [[nodiscard]] std::unique_ptr<tidemark::source_reader<int>> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(script_);
    }

private:
    class reader final : public tidemark::source_reader<int> {
    public:
        explicit reader(std::shared_ptr<script> what)
            : script_(std::move(what))
        {}

        void start() override
        {
            if (script_->fail_start)
                throw tidemark::source_error("nothing to read from");
        }
        void stop() override { script_->stopped = true; }
        std::optional<std::string> take_error() override { return script_->problem; }
        std::vector<tidemark::receiver_change> take_receiver_changes() override
        {
            return std::exchange(script_->changes, {});
        }
        bool drained() const override { return next_ >= script_->not_drained_before; }

        tidemark::batch_input<int> plan(tidemark::batch_time time) override
        {
            auto const number = time.count() / 1000;
            script_->calls.push_back("plan " + std::to_string(number));
            if (script_->fail_plan.contains(number))
                throw std::runtime_error("no plan for " + std::to_string(number));
            return give(number, {next_, number});
        }
        tidemark::batch_input<int> replay(tidemark::batch_time time, std::span<std::byte const> plan) override
        {
            auto const number = time.count() / 1000;
            script_->calls.push_back("replay " + std::to_string(number));
            if (script_->fail_replay.contains(number))
                throw std::runtime_error("no replay for " + std::to_string(number));
            return give(number, tidemark::from_bytes<range>(plan));
        }
        std::vector<std::byte> position() const override { return tidemark::to_bytes(next_); }
        void seek(std::span<std::byte const> position) override
        {
            next_ = tidemark::from_bytes<std::int64_t>(position);
        }
        void committed(tidemark::batch_time time) override
        {
            if (script_->fail_committed.contains(time.count() / 1000))
                throw std::runtime_error("cannot forget");
        }

    private:
        using range = std::pair<std::int64_t, std::int64_t>; // both ends included

        tidemark::batch_input<int> give(std::int64_t batch, range numbers)
        {
            next_ = numbers.second + 1;
            if (script_->no_dataset.contains(batch))
                return {nullptr, tidemark::to_bytes(numbers), {}};
            tidemark::row<int> records;
            for (auto number = numbers.first; number <= numbers.second; ++number)
                records.push_back(static_cast<int>(number));
            auto const size = records.size();
            return {std::make_shared<tidemark::stored_dataset<int>>(tidemark::partitioned<int>{std::move(records)}),
                    tidemark::to_bytes(numbers), [size] { return size; }};
        }

        std::shared_ptr<script> script_;
        std::int64_t next_ = 1;
    };

    std::shared_ptr<script> script_;
};

} // namespace tidemark_test
