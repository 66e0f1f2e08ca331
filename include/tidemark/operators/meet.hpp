// SPDX-License-Identifier: BSL-1.0
//
// meet: what joins, cogroup and subtract_by_key require of their two sides.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/meetings.hpp>
#include <tidemark/expression/same_slide.hpp>
#include <tidemark/operators/keyed_expression.hpp>

#include <concepts>
#include <utility>

namespace tidemark {

/// Pairs of the same level and with keys of the same type as those of `First`.
template <typename Second, typename First>
concept meets_with = keyed_expression<First> && keyed_expression<Second> && std::same_as<key_t<First>, key_t<Second>>
                     && level_t<First>::is_stream == level_t<Second>::is_stream;

namespace detail {

template <typename Meeting>
struct meet_fn : operator_base {
    template <expression First, expression Second, std::copy_constructible... How>
        requires(sizeof...(How) <= 1)
    [[nodiscard]] auto operator()(First first, Second second, How... how) const
    {
        static_assert(pair_expression<First> && pair_expression<Second>,
                      "tidemark::join: the records of a side are no pairs; map them to std::pair(key, value) first");
        if constexpr (pair_expression<First> && pair_expression<Second>) {
            static_assert(std::same_as<key_t<First>, key_t<Second>>,
                          "tidemark::join: the keys of the two sides have different types; map them to one type first");
            static_assert(hashable_key<key_t<First>>,
                          "tidemark::join: the key cannot be hashed or compared; give it == and a tidemark_key_hash, "
                          "or adapt it with BOOST_HANA_ADAPT_STRUCT");
            static_assert(level_t<First>::is_stream == level_t<Second>::is_stream,
                          "tidemark::join: one side is an rdd and the other a stream; join an rdd within transform");
            static_assert(lasting<record_t<First>> && lasting<record_t<Second>>,
                          "tidemark::join: the records of a side are or hold pointers, references or views, which may "
                          "outlive what they look into; map them to what owns its memory, as std::string");
        }
        if constexpr (meets_with<Second, First>) {
            static_assert(same_slide<First, Second>::value,
                          "tidemark::join: the two streams have different slides; use streams of one slide, or give "
                          "the slower one's slide to window on the other");
            return met<First, Second, Meeting>(std::move(first), std::move(second),
                                               told<key_t<First>>(std::move(how)...));
        } else
            return first; // so that no other error follows
    }

    template <expression Second, std::copy_constructible... How>
        requires(sizeof...(How) <= 1 && !(... || expression<How>))
    [[nodiscard]] auto operator()(Second second, How... how) const
    {
        return closure<meet_fn, Second, How...>(std::move(second), std::move(how)...);
    }

    void operator()() const = delete; // the other side is missing: `pairs | join(others)`
};

} // namespace detail
} // namespace tidemark
