// SPDX-License-Identifier: BSL-1.0
//
// count_by_value: how often each record occurs.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/expression/partition_number.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace tidemark {

/// The records of `Parent`, each once, with the number of times that it occurs.
template <expression Parent>
struct counted_by_value : boundary<Parent> {
    using record_type = std::pair<owned_t<record_t<Parent>>, std::int64_t>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "count_by_value";
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    partition_number partitions;

    counted_by_value(Parent before, partition_number asked)
        : boundary<Parent>(std::move(before))
        , partitions(checked_partitions(name, asked))
    {}
};

namespace detail {

struct count_by_value_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, partition_number partitions = {}) const
    {
        static_assert(hashable_key<record_t<Parent>>,
                      "tidemark::count_by_value: the record cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<owned_t<record_t<Parent>>>,
                      "tidemark::count_by_value: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (hashable_key<record_t<Parent>>)
            return counted_by_value<Parent>(std::move(parent), partitions);
        else
            return parent; // so that no other error follows
    }

    [[nodiscard]] auto operator()(partition_number partitions = {}) const
    {
        return closure<count_by_value_fn, partition_number>(checked_partitions("count_by_value", partitions));
    }
};

} // namespace detail

/// `records | count_by_value()`: each record once, in a pair with the number of times that it occurs, a
/// `std::int64_t`. `count_by_value(n)` lays the pairs out in `n` partitions.
///
/// *Requires* records with `==` and a `key_hash`. Equal records are counted within each partition before the exchange,
/// where that pays. Of records that are views of characters the result has strings, each made once.
/// *Keeps* no state. *Partitions* by key-group. *Slides* with its parent, on a stream; a batch without a dataset has
/// none here either. Wide.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
/// See also: `distinct`, `count`, `reduce_by_key`. Example: `examples/operators/count_by_value.cpp`.
inline constexpr detail::count_by_value_fn count_by_value{};

} // namespace tidemark
