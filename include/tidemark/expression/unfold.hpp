// SPDX-License-Identifier: BSL-1.0
//
// unfold: takes apart what a function gave for several records: a range or an optional.

#pragma once

#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/range_record.hpp>

#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

template <typename T>
inline constexpr bool is_optional_v = false;
template <typename T>
inline constexpr bool is_optional_v<std::optional<T>> = true;

} // namespace detail

/// What `flat_map` takes apart: anything with `begin` and `end`, range-v3's views included, or an optional.
template <typename T>
concept unfoldable = detail::is_optional_v<std::remove_cvref_t<T>> || requires(std::remove_reference_t<T>& several) {
    std::begin(several) != std::end(several);
    *std::begin(several);
};

namespace detail {

template <typename T>
struct unfolded {
    using type = range_record_t<T>;
};
template <typename T>
    requires is_optional_v<std::remove_cvref_t<T>>
struct unfolded<T> {
    using type = typename std::remove_cvref_t<T>::value_type;
};

} // namespace detail

/// The type of the records that an `unfoldable` gives.
template <unfoldable T>
using unfolded_t = typename detail::unfolded<T>::type;

namespace detail {

/// Gives each element to `next` until `next` is done.
template <typename Several, typename Next>
void unfold(Several&& several, Next next)
{
    if constexpr (is_optional_v<std::remove_cvref_t<Several>>) {
        if (several)
            next(*std::forward<Several>(several));
    } else {
        auto const end = std::end(several);
        for (auto it = std::begin(several); it != end && !next.done(); ++it)
            next(record_at<Several>(it));
    }
}

/// Gives single records to `Next` through a chunk where it takes chunks.
template <typename Filler, typename Next>
struct filling {
    Filler& filler;
    Next& next;

    template <typename Value>
    void operator()(Value&& value)
    {
        filler.push(next, std::forward<Value>(value));
    }

    [[nodiscard]] bool done() const { return filler.done(next); }
};

} // namespace detail
} // namespace tidemark
