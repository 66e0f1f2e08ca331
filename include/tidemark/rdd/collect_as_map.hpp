// SPDX-License-Identifier: BSL-1.0
//
// collect_as_map: the pairs of an rdd as a map.

#pragma once

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <concepts>
#include <map>
#include <utility>

namespace tidemark {

/// Pairs that a `std::map` can hold: keys with `<`, values that can be assigned.
template <typename E>
concept mappable_expression = rdd_expression<E> && pair_expression<E> && std::movable<mapped_t<E>>
                              && requires(key_t<E> const& left, key_t<E> const& right) {
                                     { left < right } -> std::convertible_to<bool>;
                                 };

namespace detail {

struct collect_as_map_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e) const
    {
        static_assert(mappable_expression<E>,
                      "tidemark::collect_as_map: the records are no pairs, or the key has no <, or the value cannot be "
                      "assigned; map them to std::pair(key, value) first, or use collect");
        static_assert(lasting<record_t<E>>,
                      "tidemark::collect_as_map: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (mappable_expression<E>) {
            std::map<key_t<E>, mapped_t<E>> all;
            for (auto& part : collect_partitions(pipeline_of(e), environment_of(e).executor))
                for (auto& pair : part)
                    all.insert_or_assign(std::move(pair.first), std::move(pair.second));
            return all;
        }
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<collect_as_map_fn>(); }
};

} // namespace detail

/// `pairs | collect_as_map()`: a `std::map` of all pairs; of pairs with one key the last one counts, in the order of the
/// partitions.
///
/// *Threads* and *Throws* as `collect`.
/// See also: `group_by_key`, for all values of a key. Example: `examples/actions.cpp`.
inline constexpr detail::collect_as_map_fn collect_as_map{};

} // namespace tidemark
