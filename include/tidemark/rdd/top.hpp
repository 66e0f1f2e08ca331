// SPDX-License-Identifier: BSL-1.0
//
// top: the largest records of an rdd.

#pragma once

#include <tidemark/core/nan_last.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

namespace tidemark {

/// A function of a record whose results can be ordered.
template <typename F, typename E>
concept record_projection =
    rdd_expression<E> && std::invocable<F const&, record_t<E> const&> && requires(F const& f, record_t<E> const& r) {
        { std::invoke(f, r) < std::invoke(f, r) } -> std::convertible_to<bool>;
    };

namespace detail {

template <typename T>
concept less_comparable = requires(T const& left, T const& right) {
    { left < right } -> std::convertible_to<bool>;
};

/// Larger projections first; among equal ones the smaller key of a pair, else the smaller record.
template <typename Projection>
struct larger_first {
    Projection projection;

    template <typename Record>
    bool operator()(Record const& left, Record const& right) const
    {
        auto const& a = std::invoke(projection, left);
        auto const& b = std::invoke(projection, right);
        constexpr nan_last less;
        if (less(b, a))
            return true;
        if (less(a, b))
            return false;
        if constexpr (is_pair_v<Record>) {
            if constexpr (less_comparable<typename Record::first_type>)
                return less(left.first, right.first);
            else
                return false;
        } else if constexpr (less_comparable<Record>)
            return less(left, right);
        else
            return false;
    }
};

/// Orders the places of records, equal ones as they came.
template <typename Record, typename Order>
struct by_place {
    row<Record> const& records;
    Order const& order;

    bool operator()(std::size_t left, std::size_t right) const
    {
        if (order(records[left], records[right]))
            return true;
        return !order(records[right], records[left]) && left < right;
    }
};

} // namespace detail

/// Keeps the first `limit` records by `Order`, in memory for 64 more than twice as many.
template <typename Record, typename Order>
class top_sink {
public:
    top_sink(row<Record>& out, std::size_t limit, Order const& order)
        : out_(&out)
        , limit_(limit)
        , order_(&order)
    {}

    void operator()(Record value)
    {
        out_->push_back(std::move(value));
        if (out_->size() >= 64 && (out_->size() - 64) / 2 >= limit_)
            cut(*out_, limit_, *order_);
    }
    void finish() { cut(*out_, limit_, *order_); }
    [[nodiscard]] bool done() const { return limit_ == 0; }

    static void cut(row<Record>& records, std::size_t limit, Order const& order)
    {
        std::vector<std::size_t> places(records.size());
        std::iota(places.begin(), places.end(), std::size_t{0});
        auto const end = places.begin() + static_cast<std::ptrdiff_t>(std::min(limit, places.size()));
        std::partial_sort(places.begin(), end, places.end(), detail::by_place<Record, Order>{records, order});
        row<Record> best;
        best.reserve(std::min(limit, places.size()));
        for (auto place = places.begin(); place != end; ++place)
            best.push_back(std::move(records[*place]));
        records = std::move(best);
    }

private:
    row<Record>* out_;
    std::size_t limit_;
    Order const* order_;
};

namespace detail {

struct top_fn : operator_base {
    template <rdd_expression E, std::move_constructible Projection>
    [[nodiscard]] std::vector<record_t<E>> operator()(E const& e, std::size_t limit, Projection projection) const
    {
        static_assert(record_projection<Projection, E>,
                      "tidemark::top: the projection cannot be called with the record, or what it gives cannot be "
                      "ordered; it must take (record const&) and give something with <");
        static_assert(lasting<record_t<E>>,
                      "tidemark::top: the records are or hold pointers, references or views, which may outlive what "
                      "they look into; map them to what owns its memory, as std::string");
        if constexpr (record_projection<Projection, E>)
            return largest(e, limit, std::move(projection));
        else
            return {};
    }

    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e, std::size_t limit) const
    {
        return (*this)(e, limit, std::identity{});
    }

    [[nodiscard]] constexpr auto operator()(std::size_t limit) const { return closure<top_fn, std::size_t>(limit); }

    template <typename Projection>
        requires(!expression<Projection>)
    [[nodiscard]] constexpr auto operator()(std::size_t limit, Projection projection) const
    {
        return closure<top_fn, std::size_t, Projection>(limit, std::move(projection));
    }

    void operator()() const = delete; // top needs a number: `records | top(10)`

private:
    template <typename E, typename Projection>
    [[nodiscard]] static auto largest(E const& e, std::size_t limit, Projection projection)
    {
        using record = record_t<E>;
        using order = larger_first<Projection>;
        order const by{std::move(projection)};
        std::vector<record> result;
        if (limit == 0)
            return result;
        auto const line = pipeline_of(e);
        auto const& executor = environment_of(e).executor;
        line.prepare(executor);
        std::vector<row<record>> parts(line.partitions());
        auto one = [&](std::size_t partition) {
            parts[partition].clear(); // of an attempt that failed
            line.run(partition, top_sink<record, order>(parts[partition], limit, by));
        };
        executor.attempt(parts.size(), one);
        row<record> best;
        for (auto& part : parts)
            best.insert(best.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
        top_sink<record, order>::cut(best, limit, by);
        result.assign(std::make_move_iterator(best.begin()), std::make_move_iterator(best.end()));
        return result;
    }
};

} // namespace detail

/// `rdd | top(n)`: the `n` largest records, largest first. `rdd | top(n, projection)`: those with the largest
/// projections.
///
/// Among equal projections the smaller key of a pair comes first, or else the smaller record, where they can be
/// ordered; else the one that stands first. A NaN is larger than every number; what holds one deeper has no order.
/// *Throws* and *Threads* as `collect`; `projection` is called from several threads too.
/// See also: `take_ordered`, which takes the smallest. Example: `examples/actions.cpp`.
inline constexpr detail::top_fn top{};

} // namespace tidemark
