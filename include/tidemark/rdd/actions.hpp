// SPDX-License-Identifier: BSL-1.0
//
// actions: what ends an rdd expression and computes it: collect, count_records, take.

#pragma once

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace tidemark {

/// Keeps the first records and then wants no more.
template <typename Record>
class take_sink {
public:
    take_sink(std::vector<Record>& out, std::size_t limit)
        : out_(&out)
        , limit_(limit)
    {}

    void operator()(Record const& value)
    {
        if (!done())
            out_->push_back(value);
    }
    void operator()(Record&& value)
    {
        if (!done())
            out_->push_back(std::move(value));
    }
    void finish() {}
    [[nodiscard]] bool done() const { return out_->size() >= limit_; }

private:
    std::vector<Record>* out_;
    std::size_t limit_;
};

namespace detail {

struct collect_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e) const
    {
        static_assert(lasting<record_t<E>>,
                      "tidemark::collect: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        auto parts = collect_partitions(pipeline_of(e), environment_of(e).executor);
        std::size_t total = 0;
        for (auto const& part : parts)
            total += part.size();
        std::vector<record_t<E>> all;
        all.reserve(total);
        for (auto& part : parts)
            all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
        return all;
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<collect_fn>(); }
};

struct count_records_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] std::int64_t operator()(E const& e) const
    {
        return fold_all(pipeline_of(e), count_fold{}, environment_of(e).executor);
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<count_records_fn>(); }
};

struct take_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e, std::size_t limit) const
    {
        static_assert(lasting<record_t<E>>,
                      "tidemark::take: the records are or hold pointers, references or views, which may outlive what "
                      "they look into; map them to what owns its memory, as std::string");
        auto const line = pipeline_of(e);
        std::vector<record_t<E>> first;
        if (limit == 0)
            return first;
        auto const& executor = environment_of(e).executor;
        line.prepare(executor);
        std::size_t before = 0; // records of the partitions that are through
        auto one = [&](std::size_t partition) {
            while (first.size() > before) // of an attempt that failed
                first.pop_back();
            line.run(partition, take_sink<record_t<E>>(first, limit));
        };
        held_updates held; // of all its partitions, or of none
        for (std::size_t partition = 0; partition < line.partitions() && before < limit; ++partition) {
            executor.attempt_here(partition, one);
            before = first.size();
        }
        held.keep();
        return first;
    }

    [[nodiscard]] constexpr auto operator()(std::size_t limit) const { return closure<take_fn, std::size_t>(limit); }

    void operator()() const = delete; // take needs a number: `records | take(10)`
};

} // namespace detail

/// `rdd | collect()`: all records, in the order of the partitions, as a `std::vector`.
///
/// *Threads*: runs the partitions on the executor of the rdd's context, and comes back when all have ended. Each action
/// runs the steps of the last stage anew; what crossed a wide dependency is kept.
/// A partition that fails is tried again, as often as the context says.
/// *Throws* what a function in the steps threw: that of the lowest partition, when several did.
/// See also: `take`, `collect_as_map`. Example: `examples/operators/map.cpp`.
inline constexpr detail::collect_fn collect{};

/// `rdd | count_records()`: the number of records. *Threads* and *Throws* as `collect`.
/// See also: `count`, the operator; `is_empty`. Example: `examples/operators/persist.cpp`.
inline constexpr detail::count_records_fn count_records{};

/// `rdd | take(n)`: the first `n` records, or all when there are fewer. Computes only as many partitions of
/// the last stage as it needs, one after the other in the calling thread. *Throws* what a function in the steps threw.
/// See also: `first_record`, `take_ordered`. Example: `examples/operators/cache.cpp`.
inline constexpr detail::take_fn take{};

} // namespace tidemark
