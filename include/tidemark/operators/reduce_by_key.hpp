// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key: one value for each key, by an associative function.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/operators/keyed_expression.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that joins two values of `Parent` into one; the values must be assignable.
template <typename F, typename Parent>
concept value_reduction =
    pair_expression<Parent> && std::copy_constructible<F> && std::copyable<mapped_t<Parent>>
    && std::regular_invocable<F const&, mapped_t<Parent> const&, mapped_t<Parent> const&>
    && std::convertible_to<std::invoke_result_t<F const&, mapped_t<Parent> const&, mapped_t<Parent> const&>,
                           mapped_t<Parent>>;

/// How values of a key are joined. What has been joined so far is left as it is when the function throws.
template <typename Reduction>
struct reduce_aggregation {
    template <typename Value>
    using combined = Value;

    static constexpr std::string_view name = "reduce_by_key";
    static constexpr bool combines_early = true;

    [[no_unique_address]] Reduction reduction;

    template <typename Value>
    [[nodiscard]] Value create(Value&& value) const
    {
        return std::forward<Value>(value);
    }

    template <typename Value>
    void merge(Value& sum, Value const& value) const
    {
        sum = static_cast<Value>(std::invoke(reduction, std::as_const(sum), value));
    }

    template <typename Value>
    void merge_combined(Value& sum, Value&& other) const
    {
        merge(sum, std::move(other));
    }
};

/// How `reduce_by_key` builds the value of a key, which nothing reads any more when the function throws: one that takes
/// its first argument by value, or by `&&`, is given its previous result without a copy.
template <typename Reduction>
struct consuming_reduce_aggregation : reduce_aggregation<Reduction> {
    template <typename Value>
    void merge(Value& sum, Value&& value) const
    {
        if constexpr (std::is_invocable_r_v<Value, Reduction const&, Value&&, Value const&>)
            sum = static_cast<Value>(std::invoke(this->reduction, std::move(sum), std::as_const(value)));
        else
            reduce_aggregation<Reduction>::merge(sum, std::move(value));
    }

    template <typename Value>
    void merge_combined(Value& sum, Value&& other) const
    {
        merge(sum, std::move(other));
    }
};

namespace detail {

struct reduce_by_key_fn : operator_base {
    template <expression Parent, std::move_constructible Reduction, std::copy_constructible... How>
        requires(sizeof...(How) <= 1)
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, How... how) const
    {
        static_assert(pair_expression<Parent>, "tidemark::reduce_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || keyed_expression<Parent>,
                      "tidemark::reduce_by_key: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(!pair_expression<Parent> || value_reduction<Reduction, Parent>,
                      "tidemark::reduce_by_key: the function cannot be called with two values; it must take "
                      "(value const&, value const&) and give a value");
        static_assert(!pair_expression<Parent> || lasting_pairs<Parent>,
                      "tidemark::reduce_by_key: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (keyed_expression<Parent> && value_reduction<Reduction, Parent>)
            return keyed<Parent, consuming_reduce_aggregation<Reduction>>(std::move(parent), {{std::move(reduction)}},
                                                                          told<owned_key_t<Parent>>(std::move(how)...));
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Reduction, std::copy_constructible... How>
        requires(!expression<Reduction> && sizeof...(How) <= 1)
    [[nodiscard]] constexpr auto operator()(Reduction reduction, How... how) const
    {
        return closure<reduce_by_key_fn, Reduction, How...>(std::move(reduction), std::move(how)...);
    }

    void operator()() const = delete; // reduce_by_key needs a function: `pairs | reduce_by_key(f)`
};

} // namespace detail

/// `pairs | reduce_by_key(reduction)`: each key once, with its values joined by `reduction`, from left to right in the
/// order of the parent's partitions and of the records in them. `reduce_by_key(reduction, partitioner)` lays the result
/// out by a number of partitions or a partitioner.
///
/// *Requires* pairs with a hashable key and an associative `reduction` of two values; it is called from several
/// threads, and not for a key with a single value. Values are joined within each partition before the exchange, where
/// that pays. A function that takes its first argument by value, or by `&&`, is given what it gave before to move from.
/// A key that is a `std::string_view` becomes a `std::string` in the result, made once for each key where values are
/// joined early.
/// *Keeps* no state. *Partitions* by `partitioner`; without one as a parent whose pairs are laid out by key, else as
/// the context. *Slides* with its parent, on a stream. Wide, but for a parent that is laid out in that way already.
/// *After recovery* gives the same pairs again when `reduction` is deterministic.
/// See also: `update_state_by_key` for a result over all batches. Example: `examples/operators/reduce_by_key.cpp`.
inline constexpr detail::reduce_by_key_fn reduce_by_key{};

} // namespace tidemark
