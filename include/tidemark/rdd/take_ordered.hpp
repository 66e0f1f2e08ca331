// SPDX-License-Identifier: BSL-1.0
//
// take_ordered: the first records of an rdd in an order.

#pragma once

#include <tidemark/core/nan_last.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/top.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace tidemark {

/// A function that says whether one record of `E` comes before another.
template <typename F, typename E>
concept record_order = rdd_expression<E> && std::predicate<F const&, record_t<E> const&, record_t<E> const&>;

namespace detail {

struct take_ordered_fn : operator_base {
    template <rdd_expression E, std::move_constructible Order = std::less<>>
    [[nodiscard]] std::vector<record_t<E>> operator()(E const& e, std::size_t limit, Order order = {}) const
    {
        static_assert(record_order<Order, E>,
                      "tidemark::take_ordered: the order cannot be called with two records, or they have no <; it must "
                      "take (record const&, record const&) and give a bool");
        static_assert(
            lasting<record_t<E>>,
            "tidemark::take_ordered: the records are or hold pointers, references or views, which may outlive "
            "what they look into; map them to what owns its memory, as std::string");
        if constexpr (std::same_as<Order, std::less<>> && std::floating_point<record_t<E>>)
            return smallest(e, limit, nan_last());
        else if constexpr (record_order<Order, E>)
            return smallest(e, limit, order);
        else
            return {};
    }

    template <std::move_constructible Order = std::less<>>
        requires(!expression<Order>)
    [[nodiscard]] constexpr auto operator()(std::size_t limit, Order order = {}) const
    {
        return closure<take_ordered_fn, std::size_t, Order>(limit, std::move(order));
    }

    void operator()() const = delete; // take_ordered needs a number: `records | take_ordered(10)`

private:
    template <typename E, typename Order>
    [[nodiscard]] static auto smallest(E const& e, std::size_t limit, Order const& order)
    {
        using record = record_t<E>;
        using sink = top_sink<record, Order>;
        std::vector<record> result;
        if (limit == 0)
            return result;
        auto const line = pipeline_of(e);
        auto const& executor = environment_of(e).executor;
        line.prepare(executor);
        std::vector<row<record>> parts(line.partitions());
        auto one = [&](std::size_t partition) {
            parts[partition].clear(); // what an attempt that failed has left
            line.run(partition, sink(parts[partition], limit, order));
        };
        executor.attempt(parts.size(), one);
        row<record> best;
        for (auto& part : parts)
            best.insert(best.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
        sink::cut(best, limit, order);
        result.assign(std::make_move_iterator(best.begin()), std::make_move_iterator(best.end()));
        return result;
    }
};

} // namespace detail

/// `rdd | take_ordered(n)`: the `n` smallest records, smallest first. `rdd | take_ordered(n, order)`: the first `n` in
/// an order of two records, a strict weak one: `std::greater<>` is none for NaN. Without an order a NaN is larger than
/// every number; records that hold one deeper have none.
///
/// Among records of which neither comes before the other, the one that stands first does. *Throws* and *Threads* as
/// `collect`; `order` is called from several threads too.
/// See also: `top`, which takes the largest; `sort_by`. Example: `examples/actions.cpp`.
inline constexpr detail::take_ordered_fn take_ordered{};

} // namespace tidemark
