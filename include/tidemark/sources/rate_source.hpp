// SPDX-License-Identifier: BSL-1.0
//
// rate_source: numbers that come at a steady rate, for trying out and measuring.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/sources/detail/called_source.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// A number of a `rate_source`, and the batch that it came with.
template <typename Number>
using basic_rate_record = std::pair<batch_time, Number>;
/// What `rate_stream` gives.
using rate_record = basic_rate_record<std::int64_t>;

namespace detail {

/// What is written down of a batch: which numbers it has. Also the position: where the next one begins.
struct rate_plan {
    std::int64_t first = 0;
    std::int64_t amount = 0;
    std::int64_t carried = 0; ///< Thousandths of a record that earlier batches had too much for them.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & first & amount & carried;
    }
};

/// `amount` numbers from `first` on, made as they are read.
template <typename Number>
class rate_dataset final : public dataset<basic_rate_record<Number>> {
public:
    rate_dataset(batch_time time, std::int64_t first, std::int64_t amount, std::size_t partitions)
        : time_(time)
        , first_(first)
        , amount_(amount)
        , partitions_(std::min<std::uint64_t>(partitions, static_cast<std::uint64_t>(amount)))
    {}

    [[nodiscard]] std::size_t partitions() const override { return partitions_; }

    void feed(std::size_t partition, any_sink<basic_rate_record<Number>>& out) override
    {
        auto const end = first_ + begin_of(partition + 1);
        std::vector<basic_rate_record<Number>> some;
        some.reserve(std::min<std::size_t>(chunk_records, static_cast<std::size_t>(amount_)));
        for (auto next = first_ + begin_of(partition); next != end && !out.done(); some.clear()) {
            auto const stop = next + std::min(end - next, static_cast<std::int64_t>(chunk_records));
            for (; next != stop; ++next)
                some.emplace_back(time_, static_cast<Number>(next));
            out.take_chunk(some);
        }
    }

private:
    [[nodiscard]] std::int64_t begin_of(std::size_t partition) const
    {
        auto const place = static_cast<std::int64_t>(partition);
        auto const all = static_cast<std::int64_t>(partitions_);
        return amount_ / all * place + std::min(place, amount_ % all);
    }

    batch_time time_;
    std::int64_t first_;
    std::int64_t amount_;
    std::size_t partitions_;
};

} // namespace detail

/// The running side of `basic_rate_source`.
template <typename Number>
class rate_reader final : public source_reader<basic_rate_record<Number>> {
public:
    using record_type = basic_rate_record<Number>;

    rate_reader(std::int64_t records_per_second, source_environment const& environment)
        : per_batch_(records_per_second * environment.batch.count())
        , partitions_(environment.partitions)
    {}

    [[nodiscard]] batch_input<record_type> plan(batch_time time) override
    {
        auto const due = per_batch_ + next_.carried;
        return give(time, {next_.first, due / 1000, due % 1000});
    }

    [[nodiscard]] batch_input<record_type> replay(batch_time time, std::span<std::byte const> plan) override
    {
        return give(time, from_bytes<detail::rate_plan>(plan));
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return to_bytes(next_); }
    void seek(std::span<std::byte const> position) override { next_ = from_bytes<detail::rate_plan>(position); }

private:
    struct fixed_amount {
        std::uint64_t amount;
        std::uint64_t operator()() const { return amount; }
    };

    [[nodiscard]] batch_input<record_type> give(batch_time time, detail::rate_plan planned)
    {
        next_ = {planned.first + planned.amount, 0, planned.carried};
        return {std::make_shared<detail::rate_dataset<Number>>(time, planned.first, planned.amount, partitions_),
                to_bytes(planned), fixed_amount{static_cast<std::uint64_t>(planned.amount)}};
    }

    std::int64_t per_batch_; ///< In thousandths of a record.
    std::size_t partitions_;
    detail::rate_plan next_;
};

/// The pairs (batch time, number), with the numbers 0, 1, 2 ... without a gap: in each batch as many as
/// `records_per_second` gives for its interval. What is left of a record there comes with a later batch.
///
/// *Partitions* as the settings say, into slices of nearly equal length. A batch of no record has no partition.
/// *After recovery* gives each planned batch again, and goes on behind it, at the rate of the newer program. Batches
/// that are skipped leave no gap. *Throws* `config_error` from `open` for a rate that cannot work.
template <typename Number>
class basic_rate_source : public detail::called_source<basic_rate_source<Number>> {
    using called_source = detail::called_source<basic_rate_source>;

public:
    using record_type = basic_rate_record<Number>;

    static constexpr std::string_view name = "rate";
    static constexpr bool replayable = true;
    static constexpr bool plans_repeat = true;

    explicit basic_rate_source(std::int64_t records_per_second)
        : called_source("rate_source")
        , records_per_second_(records_per_second)
    {}

    [[nodiscard]] std::string describe() const
    {
        return "rate(" + std::to_string(records_per_second_) + " records per second)";
    }

    [[nodiscard]] std::unique_ptr<rate_reader<Number>> open(source_environment const& environment) const
    {
        auto const most = (std::numeric_limits<std::int64_t>::max() - 1000) / environment.batch.count();
        if (records_per_second_ < 1 || records_per_second_ > most)
            throw this->wrong("records_per_second is " + std::to_string(records_per_second_) + "; pass 1 to "
                              + std::to_string(most));
        return std::make_unique<rate_reader<Number>>(records_per_second_, environment);
    }

private:
    std::int64_t records_per_second_;
};

/// The source of 64-bit numbers.
using rate_source = basic_rate_source<std::int64_t>;

} // namespace tidemark
