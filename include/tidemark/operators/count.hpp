// SPDX-License-Identifier: BSL-1.0
//
// count: the number of records as an expression of one record.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tidemark {

/// How `count` counts.
struct count_fold {
    template <typename Record>
    using result = std::int64_t;

    static constexpr std::string_view name = "count";
    static constexpr bool needs_dataset = true;

    [[nodiscard]] static std::int64_t empty() { return 0; }

    template <typename Record>
    static void add(std::int64_t& total, Record const&)
    {
        ++total;
    }

    template <typename Record>
    static void add_if(std::int64_t& total, Record const&, bool keep)
    {
        total += static_cast<std::int64_t>(keep);
    }

    static void add_many(std::int64_t& total, std::size_t records) { total += static_cast<std::int64_t>(records); }

    static void merge(std::int64_t& total, std::int64_t other) { total += other; }
};

namespace detail {

struct count_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        return gathered<Parent, count_fold>(std::move(parent), {});
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<count_fn>(); }
};

} // namespace detail

/// `records | count()`: one record, the number of records as `std::int64_t`; 0 where there are none.
///
/// *Keeps* no state. *Partitions*: one. *Slides* with its parent, on a stream; fails for a batch without a dataset.
/// Wide.
/// See also: `count_records`, the action. Example: `examples/operators/count.cpp`.
inline constexpr detail::count_fn count{};

} // namespace tidemark
