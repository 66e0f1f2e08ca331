// SPDX-License-Identifier: BSL-1.0
//
// unprotected_wide: the wide dependencies of an expression that are not followed by a checkpoint.

#pragma once

#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/expression.hpp>

#include <boost/hana/fwd/tuple.hpp>

#include <string_view>
#include <type_traits>

namespace tidemark {

/// A wide dependency in the type of an expression: an element of `unprotected_wide_t<E>`.
template <typename Node>
struct wide_dependency {
    static constexpr std::string_view name = Node::name;
    using node = Node;
};

namespace detail {

/// Whether nothing before `E` is computed again once `E` is there, because `E` is in files or in a stream's commits.
template <typename E>
inline constexpr bool protects_v = [] {
    if constexpr (requires { E::protects_lineage; })
        return E::protects_lineage;
    else
        return requires { typename E::stage; };
}();

template <typename Done, typename E>
struct unprotected;

/// Those in `Done` and those of all parents, each once.
template <typename Done, typename Parents>
struct unprotected_of_all {
    using type = Done;
};
template <typename Done, typename First, typename... Rest>
struct unprotected_of_all<Done, type_list<First, Rest...>>
    : unprotected_of_all<typename unprotected<Done, First>::type, type_list<Rest...>> {};

template <typename Done, typename Type>
struct with_type;
template <typename... Done, typename Type>
struct with_type<boost::hana::tuple<Done...>, Type> {
    using type = std::conditional_t<(std::is_same_v<Done, Type> || ...), boost::hana::tuple<Done...>,
                                    boost::hana::tuple<Done..., Type>>;
};

template <typename E, bool Wide>
struct with_itself {
    template <typename Done>
    using of = Done;
};
template <typename E>
struct with_itself<E, true> {
    template <typename Done>
    using of = typename with_type<Done, wide_dependency<E>>::type;
};

template <typename Done, typename E>
struct unprotected {
    using before = typename unprotected_of_all<Done, typename E::parents>::type;
    using type = typename with_itself<E, E::depends == dependency::wide>::template of<before>;
};
template <typename Done, typename E>
    requires protects_v<E>
struct unprotected<Done, E> {
    using type = Done;
};

} // namespace detail

/// The wide dependencies in the type of `E` that no checkpoint follows, ancestors first: a Hana tuple of
/// `wide_dependency`s. When a partition after one is lost, all partitions before it may have to be computed again.
///
/// Checkpoints are `checkpoint` on an rdd, and `checkpoint_every` and the states on a stream. A `local_checkpoint` does
/// not count. What an `rdd<T>` hides is not seen. To look into the tuple, include `<boost/hana/tuple.hpp>`.
template <expression E>
using unprotected_wide_t = typename detail::unprotected<boost::hana::tuple<>, std::remove_cvref_t<E>>::type;

/// Whether there is none of them: for the user's own `static_assert`.
template <expression E>
inline constexpr bool is_protected_v = std::is_same_v<unprotected_wide_t<E>, boost::hana::tuple<>>;

} // namespace tidemark
