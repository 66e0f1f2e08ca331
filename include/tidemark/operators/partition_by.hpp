// SPDX-License-Identifier: BSL-1.0
//
// partition_by: pairs laid out by key, each as it is.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/keyed_expression.hpp>

#include <concepts>
#include <utility>

namespace tidemark {
namespace detail {

struct partition_by_fn : operator_base {
    template <expression Parent, std::copy_constructible How>
    [[nodiscard]] auto operator()(Parent parent, How how) const
    {
        static_assert(pair_expression<Parent>, "tidemark::partition_by: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || keyed_expression<Parent>,
                      "tidemark::partition_by: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::partition_by: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (keyed_expression<Parent>)
            return laid_out<Parent>(std::move(parent), told<key_t<Parent>>(std::move(how)));
        else
            return parent; // so that no other error follows
    }

    template <std::copy_constructible How>
        requires(!expression<How>)
    [[nodiscard]] constexpr auto operator()(How how) const
    {
        return closure<partition_by_fn, How>(std::move(how));
    }

    void operator()() const = delete; // partition_by needs a partitioner: `pairs | partition_by(8)`
};

} // namespace detail

/// `pairs | partition_by(partitioner)`: the same pairs, laid out by a number of partitions, by `hash_partitioner(n)` or
/// by a partitioner of the program's. What follows by key then needs no exchange.
///
/// *Requires* pairs with a hashable key. *Keeps* no state. *Partitions* by `partitioner`; each partition has its pairs
/// in the order of the parent's partitions and of the pairs in them. *Slides* with its parent, on a stream. Wide; pairs
/// that are laid out in that way already pass through.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`; what computes it throws one for a key that
/// the partitioner puts into a partition that does not exist.
/// See also: `join`, `reduce_by_key`. Example: `examples/operators/partition_by.cpp`.
inline constexpr detail::partition_by_fn partition_by{};

} // namespace tidemark
