// SPDX-License-Identifier: BSL-1.0
//
// filter: the records that satisfy a predicate.

#pragma once

#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lanes.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/operators/speculative.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace tidemark {

/// A predicate over the records of `Parent`.
template <typename F, typename Parent>
concept record_predicate =
    expression<Parent> && std::copy_constructible<F> && std::predicate<F const&, record_t<Parent> const&>;

/// Keeps a lane that is kept already where it satisfies `predicate`, too.
template <typename Predicate, typename Record, typename Next>
struct filter_lanes {
    Predicate const& predicate;
    Next next;

    void operator()(Record const& value, bool keep)
    {
        bool const wanted = static_cast<bool>(std::invoke(predicate, value)); // before `keep`: no branch
        next(value, keep & wanted);
    }
};

/// Passes on to `Next` what satisfies `predicate`.
template <typename Predicate, typename Record, typename Next>
struct filter_sink {
    Predicate const& predicate;
    [[no_unique_address]] Next next;
    chunk_buffer_for<Record, Record> buffer{};

    void operator()(Record const& value)
    {
        if (std::invoke(predicate, value))
            next(value);
    }

    void operator()(Record&& value)
    {
        if (std::invoke(predicate, std::as_const(value)))
            next(std::move(value));
    }

    void chunk(std::span<Record const> records)
        requires chunk_sink<Next, Record>
    {
        auto to = open_lanes<Record>(next, buffer);
        for (auto const& value : records)
            to(value, static_cast<bool>(std::invoke(predicate, value)));
        close_lanes<Record>(next, to);
    }

    [[nodiscard]] auto lanes()
        requires is_speculative_v<Predicate> && chunk_sink<Next, Record>
    {
        auto to = open_lanes<Record>(next, buffer);
        return filter_lanes<Predicate, Record, decltype(to)>{predicate, to};
    }

    template <typename To>
    void close(filter_lanes<Predicate, Record, To> const& lanes)
    {
        close_lanes<Record>(next, lanes.next);
    }

    void finish() { next.finish(); }
    [[nodiscard]] bool done() const { return next.done(); }
};

/// The step of `filter`.
template <typename Predicate>
struct filter_step {
    template <typename Record>
    using output = Record;

    static constexpr std::string_view name = "filter";
    static constexpr bool keeps_keys = true;

    [[no_unique_address]] Predicate predicate;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return filter_sink<Predicate, Record, Next>{predicate, std::move(next)};
    }
};

namespace detail {

struct filter_fn : operator_base {
    template <expression Parent, std::move_constructible Predicate>
    [[nodiscard]] constexpr auto operator()(Parent parent, Predicate predicate) const
    {
        static_assert(record_predicate<Predicate, Parent>,
                      "tidemark::filter: the predicate cannot be called with the record; it must take (record const&) "
                      "and give a bool");
        if constexpr (record_predicate<Predicate, Parent>) {
            check_speculation<Predicate, record_t<Parent>>();
            return narrow<Parent, filter_step<Predicate>>{std::move(parent), {std::move(predicate)}};
        } else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Predicate>
    [[nodiscard]] constexpr auto operator()(Predicate predicate) const
    {
        return closure<filter_fn, Predicate>(std::move(predicate));
    }

    void operator()() const = delete; // filter needs a predicate: `records | filter(predicate)`
};

} // namespace detail

/// `records | filter(predicate)`: the records for which `predicate(record)` is true, in their order.
///
/// *Requires* a `predicate` over one record; it is called from several threads, one partition each.
/// *Keeps* no state. *Partitions* as its parent does; a partition may become empty. *Slides* with its parent, on a
/// stream.
/// *After recovery* gives the same records again when `predicate` is deterministic.
/// See also: `flat_map` with a function that gives an optional; `speculative`. Example: `examples/operators/filter.cpp`.
inline constexpr detail::filter_fn filter{};

} // namespace tidemark
