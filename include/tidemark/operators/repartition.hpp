// SPDX-License-Identifier: BSL-1.0
//
// repartition: the same records in another number of partitions, evenly spread; coalesce: in fewer, without exchange.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/partition_number.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace tidemark {

/// The records of `Parent` in the given number of partitions.
template <expression Parent>
struct repartitioned : boundary<Parent> {
    using record_type = record_t<Parent>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "repartition";
    static constexpr bool needs_dataset = true; ///< Whether a batch without a dataset is an error.

    std::size_t partitions;

    repartitioned(Parent before, std::size_t asked)
        : boundary<Parent>(std::move(before))
        , partitions(checked_partitions(name, asked))
    {}
};

/// The partitions of `Parent`, neighbours joined until there are at most the given number.
template <expression Parent>
struct coalesced : boundary<Parent> {
    using record_type = record_t<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "coalesce";
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    std::size_t partitions;

    coalesced(Parent before, std::size_t asked)
        : boundary<Parent>(std::move(before))
        , partitions(checked_partitions(name, asked))
    {}
};

namespace detail {

struct repartition_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, std::size_t partitions) const
    {
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::repartition: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        return repartitioned<Parent>(std::move(parent), partitions);
    }

    [[nodiscard]] auto operator()(std::size_t partitions) const
    {
        return closure<repartition_fn, std::size_t>(checked_partitions("repartition", partitions));
    }

    void operator()() const = delete; // repartition needs a number: `records | repartition(8)`
};

struct coalesce_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, std::size_t partitions) const
    {
        return coalesced<Parent>(std::move(parent), partitions);
    }

    [[nodiscard]] auto operator()(std::size_t partitions) const
    {
        return closure<coalesce_fn, std::size_t>(checked_partitions("coalesce", partitions));
    }

    void operator()() const = delete; // coalesce needs a number: `records | coalesce(2)`
};

} // namespace detail

/// `records | repartition(n)`: the same records in exactly `n` partitions, some of them empty where records are few.
///
/// The order of all records is kept. They are cut into contiguous slices whose sizes differ by at most one, as
/// `parallelize` cuts a range, so the partition of a record depends only on its place among all records.
/// *Keeps* no state. *Slides* with its parent, on a stream; fails for a batch without a dataset. Wide.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
/// See also: `coalesce`. Example: `examples/operators/repartition.cpp`.
inline constexpr detail::repartition_fn repartition{};

/// `records | coalesce(n)`: the same records in at most `n` partitions: neighbouring partitions of the parent are read
/// one after the other. Where the parent has `n` or fewer, they stay as they are.
///
/// The order of all records is kept and nothing is exchanged, so partitions stay as uneven as the parent's.
/// *Keeps* no state. *Slides* with its parent, on a stream; a batch without a dataset has none here either. Narrow;
/// ends a stage.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
/// See also: `repartition`. Example: `examples/operators/repartition.cpp`.
inline constexpr detail::coalesce_fn coalesce{};

} // namespace tidemark
