// SPDX-License-Identifier: BSL-1.0
//
// unprotected_wide: the wide dependencies of an expression that no checkpoint stands behind.

#pragma once

#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/expression.hpp>

#include <boost/hana/tuple.hpp>

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

/// What stands before `E` is never computed again once `E` is there: it is in files, or in the commits of a stream.
template <typename E>
inline constexpr bool protects_v = [] {
    if constexpr (requires { E::protects_lineage; })
        return E::protects_lineage;
    else
        return requires { typename E::stage; };
}();

template <typename Done, typename E>
struct unprotected;

/// Those that `Done` holds, and those of all parents, each once.
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

/// The wide dependencies in the type of `E` behind which no checkpoint stands, ancestors first: a Hana tuple of
/// `wide_dependency`s. When a partition behind one is lost, all partitions before it may have to be computed again.
///
/// Checkpoints are `checkpoint` on an rdd, and on a stream `checkpoint_every` and the states. A `local_checkpoint`
/// protects from nothing. What an `rdd<T>` hides is not seen.
template <expression E>
using unprotected_wide_t = typename detail::unprotected<boost::hana::tuple<>, std::remove_cvref_t<E>>::type;

/// True when there is none of them: for the user's own `static_assert`.
template <expression E>
inline constexpr bool is_protected_v = std::is_same_v<unprotected_wide_t<E>, boost::hana::tuple<>>;

} // namespace tidemark
