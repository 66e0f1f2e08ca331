// SPDX-License-Identifier: BSL-1.0
//
// speculative: the program's word that a function may be called with records that a filter has dropped.

#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that is marked by `speculative`.
template <typename F>
class speculative_function {
public:
    constexpr explicit speculative_function(F function)
        : function_(std::move(function))
    {}

    template <typename... Arguments>
        requires std::invocable<F const&, Arguments...>
    constexpr decltype(auto) operator()(Arguments&&... arguments) const
        noexcept(std::is_nothrow_invocable_v<F const&, Arguments...>)
    {
        return std::invoke(function_, std::forward<Arguments>(arguments)...);
    }

private:
    [[no_unique_address]] F function_;
};

/// Whether a function is marked by `speculative`.
template <typename F>
inline constexpr bool is_speculative_v = false;
template <typename F>
inline constexpr bool is_speculative_v<speculative_function<F>> = true;

namespace detail {

/// Checks that a function that is marked cannot throw when it is called with an `Argument`.
template <typename F, typename Argument>
constexpr void check_speculation()
{
    if constexpr (is_speculative_v<F>)
        static_assert(std::is_nothrow_invocable_v<F const&, Argument const&>,
                      "tidemark::speculative: the function may throw, and it is called with records that a filter has "
                      "dropped; declare it noexcept if it is defined for every one of them, or leave the mark out");
}

struct speculative_fn {
    template <std::move_constructible F>
    [[nodiscard]] constexpr auto operator()(F function) const
    {
        return speculative_function<F>(std::move(function));
    }

    void operator()() const = delete; // speculative needs a function: `map(speculative(f))`
};

} // namespace detail

/// `map(speculative(f))`: the program's word that `f` is pure and defined for every value of its argument, also for
/// what an earlier filter drops; `map`, `map_values` and `filter` may then call it with those, too.
///
/// A run of marked steps, and the step before it, computes whole chunks without a branch and brings the records that
/// are kept together behind it. That pays for functions of a few operations behind a filter whose answers cannot be
/// foretold. The results are the same.
/// *Requires* an `f` that is `noexcept` for the record, and has no effects: how often it is called is not specified.
/// Records that do not travel in chunks, and other operators, take no notice of the mark.
/// See also: `filter`. Example: `examples/operators/speculative.cpp`.
inline constexpr detail::speculative_fn speculative{};

} // namespace tidemark
