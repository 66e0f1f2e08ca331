// SPDX-License-Identifier: BSL-1.0
//
// union_: the records of two expressions, one after the other.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/same_slide.hpp>

#include <concepts>
#include <utility>

namespace tidemark {

/// An expression of the same level and record type as `First`.
template <typename Second, typename First>
concept unitable_with = expression<First> && expression<Second> && std::same_as<record_t<First>, record_t<Second>>
                        && level_t<First>::is_stream == level_t<Second>::is_stream;

namespace detail {

struct union_fn : operator_base {
    template <expression First, expression Second>
    [[nodiscard]] auto operator()(First first, Second second) const
    {
        static_assert(unitable_with<Second, First>, "tidemark::union_: the two expressions have records of different "
                                                    "types, or one is an rdd and the other a stream");
        if constexpr (unitable_with<Second, First>) {
            static_assert(same_slide<First, Second>::value,
                          "tidemark::union_: the two streams have different slides; "
                          "use streams of one slide, or give the slower one's slide to window on the other");
            return merged<First, Second>(std::move(first), std::move(second));
        } else
            return first; // so that no other error follows
    }

    template <expression Second>
    [[nodiscard]] auto operator()(Second second) const
    {
        return closure<union_fn, Second>(std::move(second));
    }

    void operator()() const = delete; // union_ needs the other expression: `first | union_(second)`
};

} // namespace detail

/// `first | union_(second)`: all records of both, duplicates included; the partitions of `first` come first.
///
/// *Requires* one record type and, on streams, one slide and one context. *Keeps* no state. Narrow: the partitions are
/// those of both.
/// *Fails* for a batch in which one of the streams has no dataset.
/// See also: `window`. Example: `examples/operators/union_.cpp`.
inline constexpr detail::union_fn union_{};

} // namespace tidemark
