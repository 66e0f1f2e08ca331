// SPDX-License-Identifier: BSL-1.0
//
// glom: each partition as one record.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/narrow.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Gathers the partition, and at its end passes it on to `Next`.
template <typename Record, typename Next>
struct glom_sink {
    [[no_unique_address]] Next next;
    std::vector<Record> records{};

    void operator()(Record const& value) { records.push_back(value); }
    void operator()(Record&& value) { records.push_back(std::move(value)); }

    void finish()
    {
        next(std::move(records));
        next.finish();
    }

    [[nodiscard]] bool done() const { return next.done(); }
};

/// The step of `glom`.
struct glom_step {
    template <typename Record>
    using output = std::vector<Record>;

    static constexpr std::string_view name = "glom";

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return glom_sink<Record, Next>{std::move(next)};
    }
};

namespace detail {

struct glom_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] constexpr auto operator()(Parent parent) const
    {
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::glom: the records are or hold pointers, references or views, which may outlive what "
                      "they look into; map them to what owns its memory, as std::string");
        return narrow<Parent, glom_step>{std::move(parent), {}};
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<glom_fn>(); }
};

} // namespace detail

/// `records | glom()`: one record for each partition, a `std::vector` of its records; an empty one for an empty
/// partition.
///
/// *Keeps* no state, but holds a partition of records until its end. *Partitions* as its parent does.
/// *Slides* with its parent, on a stream.
/// See also: `map_partitions`, which sees a partition without copying it. Example: `examples/operators/glom.cpp`.
inline constexpr detail::glom_fn glom{};

} // namespace tidemark
