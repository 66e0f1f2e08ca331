// SPDX-License-Identifier: BSL-1.0
//
// window_total: the value of one key over a window, kept up to date with an inverse.

#pragma once

#include <tidemark/state/window_pane.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace tidemark {

/// All values of a key in a window, joined, and the number of its batches in which the key occurs. When that
/// is 0, the total is what the inverse has left.
template <typename Value>
using window_total = std::pair<Value, std::uint32_t>;

/// The total of a key after a change; `before` is null for a key that had none. Nothing when there is still none.
///
/// Where nothing of the old window remains, the total is made of the new values alone, without the inverse.
template <typename Key, typename Value, typename Aggregation, typename Inverse>
[[nodiscard]] std::optional<window_total<Value>> total_after(window_change<Key, Value> const& change,
                                                             window_total<Value> const* before,
                                                             Aggregation const& aggregation, Inverse const& inverse)
{
    auto const& [hash, key, leaving, entering] = change;
    auto const had = before != nullptr ? before->second : 0;
    auto const stay = had > leaving.count() ? had - leaving.count() : 0;
    if (stay == 0 && entering.count() != 0)
        return window_total<Value>{entering.value(), entering.count()};
    if (before == nullptr)
        return std::nullopt;
    window_total<Value> after{before->first, stay + entering.count()};
    auto& total = after.first;
    if (leaving.count() != 0)
        total = static_cast<Value>(std::invoke(inverse, std::as_const(total), leaving.value()));
    if (entering.count() != 0)
        aggregation.merge(total, entering.value());
    return after;
}

} // namespace tidemark
