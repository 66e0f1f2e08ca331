// SPDX-License-Identifier: BSL-1.0
//
// distinct: each record once.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/expression/partition_number.hpp>

#include <string_view>
#include <utility>

namespace tidemark {

/// The records of `Parent`, each once.
template <expression Parent>
struct distinct_records : boundary<Parent> {
    using record_type = owned_t<record_t<Parent>>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "distinct";
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    partition_number partitions;

    distinct_records(Parent before, partition_number asked)
        : boundary<Parent>(std::move(before))
        , partitions(checked_partitions(name, asked))
    {}
};

namespace detail {

struct distinct_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, partition_number partitions = {}) const
    {
        static_assert(hashable_key<record_t<Parent>>,
                      "tidemark::distinct: the record cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<owned_t<record_t<Parent>>>,
                      "tidemark::distinct: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        if constexpr (hashable_key<record_t<Parent>>)
            return distinct_records<Parent>(std::move(parent), partitions);
        else
            return parent; // so that no other error follows
    }

    [[nodiscard]] auto operator()(partition_number partitions = {}) const
    {
        return closure<distinct_fn, partition_number>(checked_partitions("distinct", partitions));
    }
};

} // namespace detail

/// `records | distinct()`: each record once; of equal ones the first by partition and place. `distinct(n)` lays them
/// out in `n` partitions.
///
/// *Requires* records with `==` and a `key_hash`. Of records that are views of characters the result has strings.
/// *Keeps* no state. *Partitions* by key-group. *Slides* with its parent, on a stream; a batch without a dataset has
/// none here either. Wide.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
/// See also: `count_by_value`. Example: `examples/operators/distinct.cpp`.
inline constexpr detail::distinct_fn distinct{};

} // namespace tidemark
