// SPDX-License-Identifier: BSL-1.0
//
// combine_by_key: for each key, what three functions make of its values.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/keyed_expression.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// What `Create` makes of the first value of a key.
template <typename Create, typename Value>
using created_t = std::decay_t<std::invoke_result_t<Create const&, Value>>;

/// A function from a value of `Parent` to an object that can be moved, assigned and copied.
template <typename F, typename Parent>
concept value_creation =
    pair_expression<Parent> && std::copy_constructible<F> && std::invocable<F const&, mapped_t<Parent>>
    && record<created_t<F, mapped_t<Parent>>> && std::movable<created_t<F, mapped_t<Parent>>>;

/// A function from a `Combined` and a `Next`, both of which it may move from, to a `Combined`.
template <typename F, typename Combined, typename Next>
concept combined_merging = std::copy_constructible<F> && std::invocable<F const&, Combined, Next>
                           && std::convertible_to<std::invoke_result_t<F const&, Combined, Next>, Combined>;

/// Sends values through the exchange one by one, so that `merge_combiners` is never called: for results that grow with
/// each value, which combining early would not make smaller.
struct combine_late_t {};
/// The one value of `combine_late_t`.
inline constexpr combine_late_t combine_late{};

/// How `combine_by_key` builds the result of a key.
template <typename Create, typename MergeValue, typename MergeCombiners, bool Early>
struct combine_aggregation {
    template <typename Value>
    using combined = created_t<Create, Value>;

    static constexpr std::string_view name = "combine_by_key";
    static constexpr bool combines_early = Early;
    static constexpr bool creates_once = Early;

    [[no_unique_address]] Create create_from;
    [[no_unique_address]] MergeValue merge_value;
    [[no_unique_address]] MergeCombiners merge_combiners;

    template <typename Value>
    [[nodiscard]] combined<Value> create(Value&& value) const
    {
        return std::invoke(create_from, std::move(value));
    }

    template <typename Combined, typename Value>
    void merge(Combined& so_far, Value&& value) const
    {
        so_far = static_cast<Combined>(std::invoke(merge_value, std::move(so_far), std::move(value)));
    }

    template <typename Combined>
    void merge_combined(Combined& so_far, Combined&& other) const
    {
        so_far = static_cast<Combined>(std::invoke(merge_combiners, std::move(so_far), std::move(other)));
    }
};

namespace detail {

template <typename Key>
[[nodiscard]] told_partitioner<Key> told_before(combine_late_t)
{
    return {};
}
template <typename Key, typename... How>
[[nodiscard]] told_partitioner<Key> told_before(How... how)
{
    return told<Key>(std::move(how)...);
}
template <typename Key, typename How>
[[nodiscard]] told_partitioner<Key> told_before(How how, combine_late_t)
{
    return told<Key>(std::move(how));
}

template <typename Parent, typename Create, typename MergeValue, typename MergeCombiners>
concept combining_functions =
    value_creation<Create, Parent>
    && combined_merging<MergeValue, created_t<Create, mapped_t<Parent>>, mapped_t<Parent>>
    && combined_merging<MergeCombiners, created_t<Create, mapped_t<Parent>>, created_t<Create, mapped_t<Parent>>>;

struct combine_by_key_fn : operator_base {
    template <expression Parent, std::move_constructible Create, std::move_constructible MergeValue,
              std::move_constructible MergeCombiners, std::copy_constructible... Options>
        requires(sizeof...(Options) <= 2)
    [[nodiscard]] auto operator()(Parent parent, Create create, MergeValue merge_value, MergeCombiners merge_combiners,
                                  Options... options) const
    {
        static_assert(pair_expression<Parent>, "tidemark::combine_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || keyed_expression<Parent>,
                      "tidemark::combine_by_key: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(!pair_expression<Parent> || lasting_pairs<Parent>,
                      "tidemark::combine_by_key: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (keyed_expression<Parent>) {
            static_assert(value_creation<Create, Parent>,
                          "tidemark::combine_by_key: the first function cannot be called with a value; it must take "
                          "(value const&) and give what is kept for the key");
            if constexpr (value_creation<Create, Parent>)
                static_assert(combining_functions<Parent, Create, MergeValue, MergeCombiners>,
                              "tidemark::combine_by_key: the second function must take (combined, value) and the third "
                              "(combined, combined), where combined is what the first one gives, and both give one");
            if constexpr (combining_functions<Parent, Create, MergeValue, MergeCombiners>) {
                static_assert(lasting<created_t<Create, mapped_t<Parent>>>,
                              "tidemark::combine_by_key: what the first function gives is or holds pointers, "
                              "references or views, which may outlive what they look into; give what owns its memory");
                constexpr bool early = !(... || std::same_as<Options, combine_late_t>);
                using aggregation = combine_aggregation<Create, MergeValue, MergeCombiners, early>;
                return keyed<Parent, aggregation>(
                    std::move(parent), {std::move(create), std::move(merge_value), std::move(merge_combiners)},
                    told_before<owned_key_t<Parent>>(std::move(options)...));
            } else
                return parent; // so that no other error follows
        } else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Create, std::move_constructible MergeValue,
              std::move_constructible MergeCombiners, std::copy_constructible... Options>
        requires(!expression<Create> && sizeof...(Options) <= 2)
    [[nodiscard]] constexpr auto operator()(Create create, MergeValue merge_value, MergeCombiners merge_combiners,
                                            Options... options) const
    {
        return closure<combine_by_key_fn, Create, MergeValue, MergeCombiners, Options...>(
            std::move(create), std::move(merge_value), std::move(merge_combiners), std::move(options)...);
    }

    void operator()() const =
        delete; // combine_by_key needs functions: `pairs | combine_by_key(create, merge_value, merge_combiners)`
};

} // namespace detail

/// `pairs | combine_by_key(create, merge_value, merge_combiners)`: each key once, with what the functions make of its
/// values, from left to right in the order of the parent's partitions and of the pairs in them.
///
/// In each partition of the parent `create(value)` is called for the first value of a key, and
/// `merge_value(combined, value)` for each later one; `merge_combiners(combined, combined)` joins what the partitions
/// gave. `combine_by_key(..., partitioner)` lays the result out by a number of partitions or a partitioner. With
/// `combine_late` as the last argument values are exchanged one by one, and `create` is called once for each key.
///
/// *Requires* pairs with a hashable key; the functions are called from several threads. They may move from their
/// arguments, so a function that takes a vector by value and returns it copies nothing.
/// A key that is a `std::string_view` becomes a `std::string` in the result.
/// *Keeps* no state. *Partitions* by `partitioner`; without one as a parent whose pairs are laid out by key, else as
/// the context. *Slides* with its parent, on a stream. Wide, but for a parent that is laid out in that way already.
/// *After recovery* gives the same pairs again when the functions are deterministic.
/// See also: `reduce_by_key`, `group_by_key`. Example: `examples/operators/combine_by_key.cpp`.
inline constexpr detail::combine_by_key_fn combine_by_key{};

} // namespace tidemark
