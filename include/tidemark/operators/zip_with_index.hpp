// SPDX-License-Identifier: BSL-1.0
//
// zip_with_index: each record with its position among all; zip_with_unique_id: with a number that no other has.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace tidemark {

/// How records are numbered: by their position among all, or without counting other partitions.
enum class numbering : unsigned char { consecutive, unique };

/// The records of `Parent`, each with a number.
template <expression Parent, numbering How>
struct numbered : boundary<Parent> {
    using record_type = std::pair<record_t<Parent>, std::int64_t>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name =
        How == numbering::consecutive ? std::string_view("zip_with_index") : std::string_view("zip_with_unique_id");
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    using boundary<Parent>::boundary;
};

namespace detail {

template <numbering How>
struct numbering_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        return numbered<Parent, How>(std::move(parent));
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<numbering_fn>(); }
};

} // namespace detail

/// `records | zip_with_index()`: pairs of each record and its position, a `std::int64_t` from 0, counted through the
/// partitions in their order.
///
/// Where there are several partitions, the first action counts all but the last of them once, in a pass of its own; so
/// the functions before it must give the same records each time.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream; each batch counts from 0.
/// Narrow; ends a stage.
/// *After recovery* gives the same numbers again when the steps before it are deterministic.
/// See also: `zip_with_unique_id`, `zip`. Example: `examples/operators/zip_with_index.cpp`.
inline constexpr detail::numbering_fn<numbering::consecutive> zip_with_index{};

/// `records | zip_with_unique_id()`: pairs of each record and a `std::int64_t` that no other record has: `p`, `p + n`,
/// `p + 2n` ... in partition `p` of `n`. Nothing is counted beforehand. The rest as `zip_with_index`.
/// Example: `examples/operators/zip_with_index.cpp`.
inline constexpr detail::numbering_fn<numbering::unique> zip_with_unique_id{};

} // namespace tidemark
