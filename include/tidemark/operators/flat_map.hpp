// SPDX-License-Identifier: BSL-1.0
//
// flat_map: any number of records for each record.

#pragma once

#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/expression/self_contained.hpp>
#include <tidemark/expression/unfold.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function of one record of `Parent` that gives a range or an optional.
template <typename F, typename Parent>
concept record_expansion =
    expression<Parent> && std::copy_constructible<F> && std::regular_invocable<F const&, record_t<Parent> const&>
    && unfoldable<std::invoke_result_t<F const&, record_t<Parent> const&>>
    && record<unfolded_t<std::invoke_result_t<F const&, record_t<Parent> const&>>>;

/// Passes each element of `expansion(record)` on to `Next`.
template <typename Expansion, typename Record, typename Next>
struct flat_map_sink {
    using result = unfolded_t<std::invoke_result_t<Expansion const&, Record const&>>;

    Expansion const& expansion;
    [[no_unique_address]] Next next;
    chunk_filler_for<result, Next> filler{};

    void operator()(Record const& value) { emit(std::invoke(expansion, value)); }

    void operator()(Record&& value)
    {
        if constexpr (std::invocable<Expansion const&, Record&&>)
            emit(std::invoke(expansion, std::move(value)));
        else
            emit(std::invoke(expansion, std::as_const(value)));
    }

    void finish()
    {
        filler.flush(next);
        next.finish();
    }

    [[nodiscard]] bool done() const { return next.done(); }

private:
    template <typename Several>
    void emit(Several&& several)
    {
        detail::unfold(std::forward<Several>(several), detail::filling<decltype(filler), Next>{filler, next});
        if constexpr (!self_contained<result>)
            filler.flush(next); // its elements may refer to the record, which goes now
    }
};

/// The step of `flat_map`.
template <typename Expansion>
struct flat_map_step {
    template <typename Record>
    using output = unfolded_t<std::invoke_result_t<Expansion const&, Record const&>>;

    static constexpr std::string_view name = "flat_map";

    [[no_unique_address]] Expansion expansion;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return flat_map_sink<Expansion, Record, Next>{expansion, std::move(next)};
    }
};

namespace detail {

struct flat_map_fn : operator_base {
    template <expression Parent, std::move_constructible Expansion>
    [[nodiscard]] constexpr auto operator()(Parent parent, Expansion expansion) const
    {
        static_assert(record_expansion<Expansion, Parent>,
                      "tidemark::flat_map: the function cannot be called with the record; it must take (record const&) "
                      "and give a range or an optional");
        if constexpr (record_expansion<Expansion, Parent>)
            return narrow<Parent, flat_map_step<Expansion>>{std::move(parent), {std::move(expansion)}};
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Expansion>
    [[nodiscard]] constexpr auto operator()(Expansion expansion) const
    {
        return closure<flat_map_fn, Expansion>(std::move(expansion));
    }

    void operator()() const = delete; // flat_map needs a function: `records | flat_map(f)`
};

} // namespace detail

/// `records | flat_map(expansion)`: all elements of `expansion(record)`, a range or an optional, for each record.
///
/// *Requires* an `expansion` callable with one record; it is called from several threads, one partition each. Its
/// elements may be views into the record: they pass the remaining steps of the stage before the record is destroyed. A
/// view cannot cross into a later stage or a result.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* gives the same records again when `expansion` is deterministic.
/// See also: `map`, `filter`. Example: `examples/operators/flat_map.cpp`.
inline constexpr detail::flat_map_fn flat_map{};

} // namespace tidemark
