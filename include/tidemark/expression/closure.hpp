// SPDX-License-Identifier: BSL-1.0
//
// closure: an operator with its arguments that waits for the expression on the left of the pipe.

#pragma once

#include <tidemark/expression/expression.hpp>

#include <concepts>
#include <cstddef>
#include <iosfwd>
#include <type_traits>
#include <utility>

namespace tidemark {

/// What every closure derives from; it makes the pipe operator find the closure.
struct closure_base {};

template <typename C>
concept closure_object = std::is_base_of_v<closure_base, std::remove_cvref_t<C>>;

/// What the function object of every operator and action derives from, so that the pipe can tell an operator that was
/// not called.
struct operator_base {};

template <typename F>
concept operator_object = std::is_base_of_v<operator_base, std::remove_cvref_t<F>>;

namespace detail {

template <std::size_t Index, typename Argument>
struct closure_argument {
    [[no_unique_address]] Argument value;
};

template <typename Indices, typename... Arguments>
struct closure_arguments;

/// As a std::tuple, which takes 1 MB of the compiler's memory, twenty times as much, for each step of a chain.
template <std::size_t... Index, typename... Arguments>
struct closure_arguments<std::index_sequence<Index...>, Arguments...> : closure_argument<Index, Arguments>... {};

} // namespace detail

/// `Fn` with all of its arguments but the first. `expression | closure` means `Fn{}(expression, arguments...)`.
template <typename Fn, typename... Arguments>
class closure : public closure_base {
public:
    constexpr explicit closure(Arguments... arguments)
        : arguments_{{std::move(arguments)}...}
    {}

    template <expression Parent>
    [[nodiscard]] constexpr auto operator()(Parent&& parent) const&
    {
        return call(std::forward<Parent>(parent), arguments_, std::index_sequence_for<Arguments...>{});
    }

    template <expression Parent>
    [[nodiscard]] constexpr auto operator()(Parent&& parent) &&
    {
        return call(std::forward<Parent>(parent), std::move(arguments_), std::index_sequence_for<Arguments...>{});
    }

private:
    template <typename Parent, typename Held, std::size_t... I>
    static constexpr auto call(Parent&& parent, Held&& arguments, std::index_sequence<I...>)
    {
        static_assert(
            requires {
                Fn{}(std::forward<Parent>(parent),
                     std::forward<Held>(arguments).detail::template closure_argument<I, Arguments>::value...);
            }, "tidemark: this operator does not take this expression with these arguments; actions and checkpoint "
               "take an rdd, which a stream gives in foreach_rdd and transform; windows, states and outputs take a "
               "stream");
        return Fn{}(std::forward<Parent>(parent), // NOLINTNEXTLINE(bugprone-use-after-move): each gives its own part
                    std::forward<Held>(arguments).detail::template closure_argument<I, Arguments>::value...);
    }

    [[no_unique_address]] detail::closure_arguments<std::index_sequence_for<Arguments...>, Arguments...> arguments_;
};

/// Two closures in a row: `(first | second)(e)` means `e | first | second`.
template <typename First, typename Second>
class closure_pair : public closure_base {
public:
    constexpr closure_pair(First first, Second second)
        : first_(std::move(first))
        , second_(std::move(second))
    {}

    template <expression Parent>
    [[nodiscard]] constexpr auto operator()(Parent&& parent) const
    {
        return second_(first_(std::forward<Parent>(parent)));
    }

private:
    [[no_unique_address]] First first_;
    [[no_unique_address]] Second second_;
};

/// Applies the operator on the right to the expression on the left; the operator itself checks what it requires.
template <expression Parent, closure_object Closure>
[[nodiscard]] constexpr auto operator|(Parent&& parent, Closure&& waiting)
{
    return std::forward<Closure>(waiting)(std::forward<Parent>(parent));
}

/// Joins two waiting operators into one.
template <closure_object First, closure_object Second>
[[nodiscard]] constexpr auto operator|(First first, Second second)
{
    return closure_pair<First, Second>(std::move(first), std::move(second));
}

// ---- The usual mistakes

template <expression Parent, operator_object Operator>
void operator|(Parent&&, Operator&&) = delete; // call the operator: `records | map(f)`, `records | count()`

template <closure_object First, operator_object Second>
void operator|(First&&, Second&&) = delete; // call the operator: `map(f) | count()`

template <closure_object Closure, expression Parent>
void operator|(Closure&&, Parent&&) = delete; // the expression stands on the left of the pipe: `records | map(f)`

template <expression First, expression Second>
void operator|(First&&, Second&&) = delete; // two expressions are united by `first | union_(second)`

template <expression E>
void begin(E&&) = delete; // an action gives the records: `for (auto const& x : rdd | collect())`

template <expression E>
void operator<<(std::ostream&, E const&) = delete; // `<<` binds tighter than `|`: `out << (rdd | reduce(f))`

} // namespace tidemark
