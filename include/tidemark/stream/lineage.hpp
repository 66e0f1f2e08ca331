// SPDX-License-Identifier: BSL-1.0
//
// lineage: what the type of a stream or of an output tells about its states, as constant expressions.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/lineage.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/stream/stateful/stateful_stage.hpp>

#include <boost/hana/fwd/tuple.hpp>

#include <type_traits>

namespace tidemark {
namespace detail {

template <typename E>
concept stateful_node = requires { typename E::stage; };

template <typename... Lists>
struct joined_lists {
    using type = type_list<>;
};
template <typename... Types>
struct joined_lists<type_list<Types...>> {
    using type = type_list<Types...>;
};
template <typename... First, typename... Second, typename... Rest>
struct joined_lists<type_list<First...>, type_list<Second...>, Rest...>
    : joined_lists<type_list<First..., Second...>, Rest...> {};

template <typename List, typename Type>
inline constexpr bool contains_v = false;
template <typename... Types, typename Type>
inline constexpr bool contains_v<type_list<Types...>, Type> = (std::is_same_v<Types, Type> || ...);

/// A list without repetitions, in the order of first occurrence.
template <typename Done, typename List>
struct distinct {
    using type = Done;
};
template <typename... Done, typename First, typename... Rest>
struct distinct<type_list<Done...>, type_list<First, Rest...>>
    : distinct<std::conditional_t<contains_v<type_list<Done...>, First>, type_list<Done...>, type_list<Done..., First>>,
               type_list<Rest...>> {};

/// All states on all paths, ancestors first.
template <typename E>
struct states_of;

template <typename Parents>
struct states_of_all;
template <typename... Parents>
struct states_of_all<type_list<Parents...>> : joined_lists<typename states_of<Parents>::type...> {};

template <typename E>
struct states_of {
    using type = typename states_of_all<typename E::parents>::type;
};
template <stateful_node E>
struct states_of<E> : joined_lists<typename states_of_all<typename E::parents>::type, type_list<typename E::stage>> {};
template <output_operation O>
struct states_of<O> : states_of<typename O::parent_type> {};

template <typename... Es>
using distinct_states_t =
    typename distinct<type_list<>, typename joined_lists<typename states_of<Es>::type...>::type>::type;

template <typename List>
struct as_hana_tuple;
template <typename... Types>
struct as_hana_tuple<type_list<Types...>> {
    using type = boost::hana::tuple<Types...>;
};

/// False when two different stages in the list have one name.
template <typename List>
inline constexpr bool names_distinct_v = true;
template <typename First, typename... Rest>
inline constexpr bool names_distinct_v<type_list<First, Rest...>> =
    ((First::name.empty() || First::name != Rest::name) && ...) && names_distinct_v<type_list<Rest...>>;

/// False when a name occurs twice on one path.
template <typename List, typename E>
inline constexpr bool path_names_distinct_v = true;
template <typename List, typename Parents>
inline constexpr bool all_path_names_distinct_v = true;
template <typename List, typename... Parents>
inline constexpr bool all_path_names_distinct_v<List, type_list<Parents...>> =
    (path_names_distinct_v<List, Parents> && ...);

template <typename... Seen, typename E>
    requires(!stateful_node<E> && !output_operation<E>)
inline constexpr bool path_names_distinct_v<type_list<Seen...>, E> =
    all_path_names_distinct_v<type_list<Seen...>, typename E::parents>;
template <typename... Seen, stateful_node E>
inline constexpr bool path_names_distinct_v<type_list<Seen...>, E> =
    (E::stage::name.empty() || ((Seen::name != E::stage::name) && ...))
    && all_path_names_distinct_v<type_list<Seen..., typename E::stage>, typename E::parents>;
template <typename... Seen, output_operation O>
inline constexpr bool path_names_distinct_v<type_list<Seen...>, O> =
    path_names_distinct_v<type_list<Seen...>, typename O::parent_type>;

template <fixed_string Name, typename List>
struct named_stage;
template <fixed_string Name, typename First, typename... Rest>
struct named_stage<Name, type_list<First, Rest...>>
    : std::conditional_t<First::name == Name.view(), std::type_identity<First>, named_stage<Name, type_list<Rest...>>> {
};
template <fixed_string Name>
struct named_stage<Name, type_list<>> {
    static_assert(Name.view().empty() && !Name.view().empty(),
                  "tidemark::policy_of: the expression has no stateful stage of that name; "
                  "name one with map_with_state<\"name\"> or update_state_by_key<\"name\">");
};

} // namespace detail

/// The states of one or several expressions or outputs: a Hana tuple of `stateful_stage`s, each type once, ancestors
/// first. To look into the tuple, include `<boost/hana/tuple.hpp>`.
template <typename... Es>
using stateful_stages_t = typename detail::as_hana_tuple<detail::distinct_states_t<Es...>>::type;

/// The checkpoint policy of the state called `Name`: a `static_policy` or `dynamic_policy`.
template <fixed_string Name, typename E>
using policy_of = typename detail::named_stage<Name, detail::distinct_states_t<E>>::type::policy;

/// True when names tell the states of the expressions or outputs apart: for the user's own `static_assert`.
template <typename... Es>
inline constexpr bool valid = detail::names_distinct_v<detail::distinct_states_t<Es...>>
                              && (detail::path_names_distinct_v<type_list<>, Es> && ...);

} // namespace tidemark
