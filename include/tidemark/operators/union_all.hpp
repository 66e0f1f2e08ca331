// SPDX-License-Identifier: BSL-1.0
//
// union_all: the records of a list of expressions, one after the other.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>

#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

struct union_all_fn : operator_base {
    template <expression E>
    [[nodiscard]] auto operator()(std::vector<E> list) const
    {
        if (list.empty())
            throw config_error("tidemark::union_all: an empty list; give at least one expression");
        return merged_all<E>(std::move(list));
    }

    void operator()() const = delete; // union_all needs a list: `union_all(std::vector{first, second, third})`
};

} // namespace detail

/// `union_all(list)`: all records of the expressions in a `std::vector`, duplicates included; the partitions of one
/// come after those of the one before.
///
/// *Requires* expressions of one type, such as `rdd<T>`, which any rdd converts to; on streams, one slide and one
/// context. *Keeps* no state. Narrow: the partitions are those of all.
/// *Throws* `config_error` for an empty list. *Fails* for a batch in which one of the streams has no dataset.
/// See also: `union_`. Example: `examples/operators/union_all.cpp`.
inline constexpr detail::union_all_fn union_all{};

} // namespace tidemark
