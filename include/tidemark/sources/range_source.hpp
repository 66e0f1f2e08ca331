// SPDX-License-Identifier: BSL-1.0
//
// range_source: the elements of any range, a batch at a time.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/called_source.hpp>
#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/stream/source.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

// What <ranges> has names for, without all of it.
template <typename Range>
using walk_iterator_t = decltype(std::ranges::begin(std::declval<Range&>()));
template <typename Range>
using walk_end_t = decltype(std::ranges::end(std::declval<Range&>()));
template <typename Range>
using walked_value_t = std::iter_value_t<walk_iterator_t<Range>>;

} // namespace detail

/// A range of values that can be copied and then walked from its beginning, lazy and endless ones included.
template <typename Range>
concept walkable_range = std::copy_constructible<Range> && std::input_iterator<detail::walk_iterator_t<Range>>
                         && std::sentinel_for<detail::walk_end_t<Range>, detail::walk_iterator_t<Range>>
                         && std::copy_constructible<detail::walked_value_t<Range>>;

namespace detail {

/// A copy of a range, and how far it has been walked.
template <typename Range>
class range_walk {
public:
    using value = walked_value_t<Range>;

    explicit range_walk(Range const& range)
        : range_(range)
        , next_(std::ranges::begin(range_))
        , end_(std::ranges::end(range_))
    {}
    range_walk(range_walk const&) = delete;
    range_walk& operator=(range_walk const&) = delete;
    ~range_walk() = default;

    /// Leaves out `amount` elements, or as many as there are.
    void skip(std::uint64_t amount)
    {
        std::ranges::advance(next_, static_cast<std::iter_difference_t<walk_iterator_t<Range>>>(amount), end_);
    }

    [[nodiscard]] std::vector<value> take(std::uint64_t amount)
    {
        std::vector<value> taken;
        for (; amount > 0 && next_ != end_; --amount, ++next_)
            taken.push_back(*next_);
        return taken;
    }

private:
    Range range_;
    walk_iterator_t<Range> next_;
    walk_end_t<Range> end_;
};

/// What is written down of a batch: which elements of the range it takes.
struct range_plan {
    std::uint64_t first = 0;
    std::uint64_t amount = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & first & amount;
    }
};

} // namespace detail

/// The running side of `range_source`.
template <walkable_range Range>
class range_reader final : public source_reader<detail::walked_value_t<Range>> {
public:
    using record = detail::walked_value_t<Range>;

    range_reader(std::shared_ptr<Range const> range, std::uint64_t records_per_batch, std::size_t partitions)
        : range_(std::move(range))
        , records_per_batch_(records_per_batch)
        , partitions_(partitions)
    {}

    [[nodiscard]] batch_input<record> plan(batch_time) override
    {
        auto const first = taken_;
        auto records = walk_from(first, records_per_batch_);
        auto plan = to_bytes(detail::range_plan{first, records.size()});
        return detail::memory_input(std::move(records), partitions_, std::move(plan));
    }

    /// *Throws* `source_error` when the program's range has become shorter.
    [[nodiscard]] batch_input<record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        auto const planned = from_bytes<detail::range_plan>(plan);
        auto records = walk_from(planned.first, planned.amount);
        if (records.size() < planned.amount)
            throw source_error("the batch of " + to_string(time) + " was planned with " + std::to_string(planned.amount)
                               + " elements of the range from number " + std::to_string(planned.first)
                               + " on; found only " + std::to_string(records.size())
                               + ". Give range_source the range of the earlier run, or a longer one");
        return detail::memory_input(std::move(records), partitions_, {plan.begin(), plan.end()});
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return to_bytes(taken_); }

    void seek(std::span<std::byte const> position) override
    {
        taken_ = from_bytes<std::uint64_t>(position);
        walk_.reset();
    }

private:
    /// A walk that failed half-way is begun anew the next time.
    [[nodiscard]] std::vector<record> walk_from(std::uint64_t first, std::uint64_t amount)
    {
        auto walk = first == taken_ ? std::move(walk_) : nullptr;
        if (!walk) {
            walk = std::make_unique<detail::range_walk<Range>>(*range_);
            walk->skip(first);
        }
        auto records = walk->take(amount);
        walk_ = std::move(walk);
        taken_ = first + records.size();
        return records;
    }

    std::shared_ptr<Range const> range_;
    std::uint64_t records_per_batch_;
    std::size_t partitions_;
    std::uint64_t taken_ = 0;
    std::unique_ptr<detail::range_walk<Range>> walk_;
};

/// The elements of `range`, `records_per_batch` of them in each batch; empty batches after its end.
///
/// Takes containers, views of the standard library and of range-v3, and what computes its elements as it is walked. The
/// range is copied at the start and walked by one thread; what it refers to must outlive the application.
/// *Partitions* each batch as the settings say, into slices of nearly equal length.
/// *After recovery* skips what was given out, so the range must give the same elements each time it is walked; skipping
/// is one step only where the range has random access and a size. *Throws* `config_error` from `open` when
/// `records_per_batch` is 0.
template <walkable_range Range>
class range_source : public detail::called_source<range_source<Range>> {
    using called_source = detail::called_source<range_source>;

public:
    using record_type = detail::walked_value_t<Range>;

    static constexpr std::string_view name = "range";
    static constexpr bool replayable = true;
    static constexpr bool plans_repeat = true;

    range_source(Range range, std::uint64_t records_per_batch)
        : called_source("range_source")
        , range_(std::make_shared<Range const>(std::move(range)))
        , records_per_batch_(records_per_batch)
    {}

    [[nodiscard]] std::string describe() const
    {
        return "range(" + std::to_string(records_per_batch_) + " records per batch)";
    }

    [[nodiscard]] std::unique_ptr<range_reader<Range>> open(source_environment const& environment) const
    {
        if (records_per_batch_ == 0)
            throw this->wrong("records_per_batch is 0; pass at least 1");
        return std::make_unique<range_reader<Range>>(range_, records_per_batch_, environment.partitions);
    }

private:
    std::shared_ptr<Range const> range_;
    std::uint64_t records_per_batch_;
};

} // namespace tidemark
