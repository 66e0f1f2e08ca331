// SPDX-License-Identifier: BSL-1.0
//
// flat_map_values: any number of values for each pair; the key, and with it the partition, stays.

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

/// A function from the values of `Parent` to a range or an optional.
template <typename F, typename Parent>
concept value_expansion =
    pair_expression<Parent> && std::copy_constructible<F> && std::regular_invocable<F const&, mapped_t<Parent> const&>
    && unfoldable<std::invoke_result_t<F const&, mapped_t<Parent> const&>>
    && record<unfolded_t<std::invoke_result_t<F const&, mapped_t<Parent> const&>>>;

/// Passes the key with each element of `expansion(value)` on to `Next`.
template <typename Expansion, typename Pair, typename Next>
struct flat_map_values_sink {
    using key = typename Pair::first_type;
    using value = typename Pair::second_type;
    using result = std::pair<key, unfolded_t<std::invoke_result_t<Expansion const&, value const&>>>;
    using filler_type = chunk_filler_for<result, Next>;

    Expansion const& expansion;
    [[no_unique_address]] Next next;
    filler_type filler{};

    void operator()(Pair const& pair) { emit(pair.first, std::invoke(expansion, pair.second)); }

    void operator()(Pair&& pair)
    {
        if constexpr (std::invocable<Expansion const&, value&&>)
            emit(pair.first, std::invoke(expansion, std::move(pair.second)));
        else
            emit(pair.first, std::invoke(expansion, std::as_const(pair.second)));
    }

    void finish()
    {
        filler.flush(next);
        next.finish();
    }

    [[nodiscard]] bool done() const { return next.done(); }

private:
    /// Puts the key before each element.
    struct with_key {
        key const& first;
        detail::filling<filler_type, Next> out;

        template <typename Element>
        void operator()(Element&& element)
        {
            out(result(first, std::forward<Element>(element)));
        }
        [[nodiscard]] bool done() const { return out.done(); }
    };

    template <typename Several>
    void emit(key const& first, Several&& several)
    {
        detail::unfold(std::forward<Several>(several), with_key{first, {filler, next}});
        if constexpr (!self_contained<result>)
            filler.flush(next); // its elements may refer to the record, which goes now
    }
};

/// The step of `flat_map_values`.
template <typename Expansion>
struct flat_map_values_step {
    template <typename Pair>
    using output = std::pair<typename Pair::first_type,
                             unfolded_t<std::invoke_result_t<Expansion const&, typename Pair::second_type const&>>>;

    static constexpr std::string_view name = "flat_map_values";
    static constexpr bool keeps_keys = true;

    [[no_unique_address]] Expansion expansion;

    template <typename Pair, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return flat_map_values_sink<Expansion, Pair, Next>{expansion, std::move(next)};
    }
};

namespace detail {

struct flat_map_values_fn : operator_base {
    template <expression Parent, std::move_constructible Expansion>
    [[nodiscard]] constexpr auto operator()(Parent parent, Expansion expansion) const
    {
        static_assert(pair_expression<Parent>, "tidemark::flat_map_values: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || value_expansion<Expansion, Parent>,
                      "tidemark::flat_map_values: the function cannot be called with the value; it must take "
                      "(value const&) and give a range or an optional");
        if constexpr (value_expansion<Expansion, Parent>)
            return narrow<Parent, flat_map_values_step<Expansion>>{std::move(parent), {std::move(expansion)}};
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Expansion>
    [[nodiscard]] constexpr auto operator()(Expansion expansion) const
    {
        return closure<flat_map_values_fn, Expansion>(std::move(expansion));
    }

    void operator()() const = delete; // flat_map_values needs a function: `pairs | flat_map_values(f)`
};

} // namespace detail

/// `pairs | flat_map_values(expansion)`: the key with each element of `expansion(value)`, a range or an optional, for
/// each pair. A pair whose value gives no element is dropped.
///
/// *Requires* pairs, and an `expansion` callable with one value; it is called from several threads, one partition each.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* gives the same pairs again when `expansion` is deterministic.
/// See also: `map_values`, `flat_map`. Example: `examples/operators/flat_map_values.cpp`.
inline constexpr detail::flat_map_values_fn flat_map_values{};

} // namespace tidemark
