// SPDX-License-Identifier: BSL-1.0
//
// intersection: the records that two expressions have in common; subtract: those that only the first one has.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/same_slide.hpp>
#include <tidemark/operators/union_.hpp>

#include <string_view>
#include <utility>

namespace tidemark {

/// Which records of two collections are wanted.
enum class set_question : unsigned char { in_both, in_first_only };

/// The records that `Asked` asks for.
template <expression First, expression Second, set_question Asked>
struct compared : pair_boundary<First, Second> {
    using record_type = record_t<First>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name =
        Asked == set_question::in_both ? std::string_view("intersection") : std::string_view("subtract");

    using pair_boundary<First, Second>::pair_boundary;
};

/// An expression of the same level and record type as `First`, with records that can be compared and hashed.
template <typename Second, typename First>
concept comparable_with = unitable_with<Second, First> && hashable_key<record_t<First>> && lasting<record_t<First>>;

namespace detail {

template <set_question Asked>
struct comparison_fn : operator_base {
    template <expression First, expression Second>
    [[nodiscard]] auto operator()(First first, Second second) const
    {
        static_assert(comparable_with<Second, First>,
                      "tidemark::intersection, subtract: the two expressions have records of different types, or "
                      "records without == and key_hash, or that are views, or one is an rdd and the other a stream");
        if constexpr (comparable_with<Second, First>) {
            static_assert(same_slide<First, Second>::value,
                          "tidemark::intersection, subtract: the two streams have different slides; "
                          "use streams of one slide, or give the slower one's slide to window on the other");
            return compared<First, Second, Asked>(std::move(first), std::move(second));
        } else
            return first; // so that no other error follows
    }

    template <expression Second>
    [[nodiscard]] auto operator()(Second second) const
    {
        return closure<comparison_fn, Second>(std::move(second));
    }

    void
    operator()() const = delete; // the other expression is missing: `first | intersection(second)`, `subtract(second)`
};

} // namespace detail

/// `first | intersection(second)`: the records that both have, each once.
///
/// *Requires* one record type, with `==` and a `key_hash`, and, on streams, one slide and one context.
/// *Keeps* no state. *Partitions* by key-group. Wide.
/// *Fails* for a batch in which one of the streams has no dataset.
/// See also: `subtract`, `distinct`. Example: `examples/operators/intersection.cpp`.
inline constexpr detail::comparison_fn<set_question::in_both> intersection{};

/// `first | subtract(second)`: the records of `first` that are not in `second`, as often as `first` has them; equal
/// ones come out as copies of the first of them. The rest as `intersection`.
/// Example: `examples/operators/intersection.cpp`.
inline constexpr detail::comparison_fn<set_question::in_first_only> subtract{};

} // namespace tidemark
