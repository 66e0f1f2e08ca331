// SPDX-License-Identifier: BSL-1.0
//
// zip: the records of two expressions, pairwise by position; cartesian: each with each.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/same_slide.hpp>

#include <string_view>
#include <utility>

namespace tidemark {

/// Two expressions of one level whose records outlive the stage in which they were made.
template <typename Second, typename First>
concept pairable_with =
    expression<First> && expression<Second> && level_t<First>::is_stream == level_t<Second>::is_stream
    && lasting<record_t<First>> && lasting<record_t<Second>>;

/// The records of both, pairwise by position.
template <expression First, expression Second>
struct zipped : pair_boundary<First, Second> {
    using record_type = std::pair<record_t<First>, record_t<Second>>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "zip";

    using pair_boundary<First, Second>::pair_boundary;
};

/// Each record of the first with each of the second.
template <expression First, expression Second>
struct crossed : pair_boundary<First, Second> {
    using record_type = std::pair<record_t<First>, record_t<Second>>;

    static constexpr dependency depends = dependency::wide; // a partition feeds many, though nothing is exchanged
    static constexpr std::string_view name = "cartesian";
    static constexpr bool keeps_results = false;

    using pair_boundary<First, Second>::pair_boundary;
};

namespace detail {

struct zip_fn : operator_base {
    template <expression First, expression Second>
    [[nodiscard]] auto operator()(First first, Second second) const
    {
        static_assert(pairable_with<Second, First>,
                      "tidemark::zip: one is an rdd and the other a stream, or the records are or hold pointers, "
                      "references or views; use two of a kind, and map the records to what owns its memory");
        static_assert(same_slide<First, Second>::value,
                      "tidemark::zip: the two streams have different slides; "
                      "use streams of one slide, or give the slower one's slide to window on the other");
        if constexpr (pairable_with<Second, First> && same_slide<First, Second>::value)
            return zipped<First, Second>(std::move(first), std::move(second));
        else
            return first; // so that no other error follows
    }

    template <expression Second>
    [[nodiscard]] auto operator()(Second second) const
    {
        return closure<zip_fn, Second>(std::move(second));
    }

    void operator()() const = delete; // zip needs the other expression: `first | zip(second)`
};

struct cartesian_fn : operator_base {
    template <expression First, expression Second>
    [[nodiscard]] auto operator()(First first, Second second) const
    {
        static_assert(pairable_with<Second, First>,
                      "tidemark::cartesian: one is an rdd and the other a stream, or the records are or hold pointers, "
                      "references or views; use two of a kind, and map the records to what owns its memory");
        static_assert(same_slide<First, Second>::value,
                      "tidemark::cartesian: the two streams have different slides; "
                      "use streams of one slide, or give the slower one's slide to window on the other");
        if constexpr (pairable_with<Second, First> && same_slide<First, Second>::value)
            return crossed<First, Second>(std::move(first), std::move(second));
        else
            return first; // so that no other error follows
    }

    template <expression Second>
    [[nodiscard]] auto operator()(Second second) const
    {
        return closure<cartesian_fn, Second>(std::move(second));
    }

    void operator()() const = delete; // cartesian needs the other expression: `first | cartesian(second)`
};

} // namespace detail

/// `first | zip(second)`: pairs of the records of both that have the same position in the same partition.
///
/// *Requires* the same number of partitions, and of records in each of them; on streams, one slide and one context.
/// *Keeps* no state, but holds one partition of `first` while the other is read. Narrow; ends a stage.
/// *Fails* with `usage_error` where the numbers differ, naming the partition and both numbers; on streams for a batch
/// in which one of them has no dataset.
/// See also: `zip_with_index`, `cartesian`. Example: `examples/operators/zip.cpp`.
inline constexpr detail::zip_fn zip{};

/// `first | cartesian(second)`: each record of `first` in a pair with each of `second`.
///
/// *Requires*, on streams, one slide and one context. *Partitions*: each of `first` with each of `second`; partition
/// `i` of `first` and `j` of the `n` of `second` meet in partition `i * n + j`. Each partition of the parents is
/// computed as often as it meets another, unless it is kept, by `persist` or a wide dependency.
/// *Keeps* no state, but holds one partition of `second` while the other is read. Ends a stage.
/// *Fails*, on streams, for a batch in which one of them has no dataset.
/// See also: `zip`. Example: `examples/operators/cartesian.cpp`.
inline constexpr detail::cartesian_fn cartesian{};

} // namespace tidemark
