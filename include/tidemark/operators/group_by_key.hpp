// SPDX-License-Identifier: BSL-1.0
//
// group_by_key: all values of each key.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/operators/keyed_expression.hpp>

#include <concepts>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// How `group_by_key` builds the values of a key. They are exchanged one by one: grouping them earlier saves nothing.
struct group_aggregation {
    template <typename Value>
    using combined = std::vector<Value>;

    static constexpr std::string_view name = "group_by_key";
    static constexpr bool combines_early = false;

    template <typename Value>
    [[nodiscard]] std::vector<Value> create(Value&& value) const
    {
        std::vector<Value> group;
        group.push_back(std::move(value));
        return group;
    }

    template <typename Value>
    void merge(std::vector<Value>& group, Value&& value) const
    {
        group.push_back(std::move(value));
    }
};

namespace detail {

struct group_by_key_fn : operator_base {
    template <expression Parent, std::copy_constructible... How>
        requires(sizeof...(How) <= 1)
    [[nodiscard]] auto operator()(Parent parent, How... how) const
    {
        static_assert(pair_expression<Parent>, "tidemark::group_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || keyed_expression<Parent>,
                      "tidemark::group_by_key: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(!pair_expression<Parent> || lasting_pairs<Parent>,
                      "tidemark::group_by_key: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (keyed_expression<Parent>)
            return keyed<Parent, group_aggregation>(std::move(parent), {},
                                                    told<owned_key_t<Parent>>(std::move(how)...));
        else
            return parent; // so that no other error follows
    }

    template <std::copy_constructible... How>
        requires(sizeof...(How) <= 1 && !(... || expression<How>))
    [[nodiscard]] constexpr auto operator()(How... how) const
    {
        return closure<group_by_key_fn, How...>(std::move(how)...);
    }
};

} // namespace detail

/// `pairs | group_by_key()`: each key once, with all of its values in a `std::vector`, in the order of the parent's
/// partitions and of the pairs in them. `group_by_key(partitioner)` lays the result out by a number of partitions or a
/// partitioner.
///
/// *Requires* pairs with a hashable key, and memory for all values of a key at once. If the values are reduced in the
/// end, `reduce_by_key` and `combine_by_key` exchange less.
/// A key that is a `std::string_view` becomes a `std::string` in the result.
/// *Keeps* no state. *Partitions* by `partitioner`; without one as a parent whose pairs are laid out by key, else as
/// the context. *Slides* with its parent, on a stream. Wide, but for a parent that is laid out in that way already.
/// Example: `examples/operators/group_by_key.cpp`.
inline constexpr detail::group_by_key_fn group_by_key{};

} // namespace tidemark
