// SPDX-License-Identifier: BSL-1.0
//
// map_partitions: a function over a whole partition, seen as a view.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/expression/unfold.hpp>
#include <tidemark/operators/partition_view.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function from a partition of `Parent` to a range or an optional.
template <typename F, typename Parent>
concept partition_mapping =
    expression<Parent> && std::copy_constructible<F> && std::invocable<F const&, partition_view<record_t<Parent>>>
    && unfoldable<std::invoke_result_t<F const&, partition_view<record_t<Parent>>>>
    && record<unfolded_t<std::invoke_result_t<F const&, partition_view<record_t<Parent>>>>>;

/// Gathers the partition, and at its end passes on to `Next` what `call` makes of it.
template <typename Call, typename Record, typename Next>
struct map_partitions_sink {
    using result = unfolded_t<std::invoke_result_t<Call const&, partition_view<Record>>>;

    Call call;
    [[no_unique_address]] Next next;
    row<Record> records{};
    chunk_filler_for<result, Next> filler{};

    void operator()(Record const& value) { records.push_back(value); }
    void operator()(Record&& value) { records.push_back(std::move(value)); }

    void finish()
    {
        detail::unfold(std::invoke(std::as_const(call), partition_view<Record>(records)),
                       detail::filling<decltype(filler), Next>{filler, next});
        filler.flush(next);
        next.finish();
    }

    [[nodiscard]] bool done() const { return next.done(); }
};

/// `map_partitions(f, keep_partitioning)`: the program's word that `f` gives pairs with keys of its partition only.
struct keep_partitioning_t {};
/// The one value of `keep_partitioning_t`.
inline constexpr keep_partitioning_t keep_partitioning{};

namespace detail {

template <typename Result, typename Record>
inline constexpr bool same_keys_v = false;
template <typename Key, typename Value, typename Other>
inline constexpr bool same_keys_v<std::pair<Key, Value>, std::pair<Key, Other>> = true;

} // namespace detail

/// The step of `map_partitions`.
template <typename Mapping, bool KeepsKeys = false>
struct map_partitions_step {
    template <typename Record>
    using output = unfolded_t<std::invoke_result_t<Mapping const&, partition_view<Record>>>;

    static constexpr std::string_view name = "map_partitions";
    static constexpr bool keeps_keys = KeepsKeys;

    [[no_unique_address]] Mapping mapping;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return map_partitions_sink<Mapping const&, Record, Next>{mapping, std::move(next)};
    }
};

namespace detail {

struct map_partitions_fn : operator_base {
    template <expression Parent, std::move_constructible Mapping, std::same_as<keep_partitioning_t>... Keep>
        requires(sizeof...(Keep) <= 1)
    [[nodiscard]] constexpr auto operator()(Parent parent, Mapping mapping, Keep...) const
    {
        constexpr bool keeps_keys = sizeof...(Keep) == 1;
        static_assert(partition_mapping<Mapping, Parent>,
                      "tidemark::map_partitions: the function cannot be called with the partition; it must take "
                      "(tide::partition_view<record>), or any view, and give a range or an optional");
        if constexpr (partition_mapping<Mapping, Parent>) {
            using step = map_partitions_step<Mapping, keeps_keys>;
            static_assert(!keeps_keys
                              || same_keys_v<typename step::template output<record_t<Parent>>, record_t<Parent>>,
                          "tidemark::map_partitions: keep_partitioning is for functions from pairs to pairs with keys "
                          "of the same type; leave it out");
            return narrow<Parent, step>{std::move(parent), {std::move(mapping)}};
        } else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Mapping, std::same_as<keep_partitioning_t>... Keep>
        requires(!expression<Mapping> && sizeof...(Keep) <= 1)
    [[nodiscard]] constexpr auto operator()(Mapping mapping, Keep... keep) const
    {
        return closure<map_partitions_fn, Mapping, Keep...>(std::move(mapping), keep...);
    }

    void operator()() const = delete; // map_partitions needs a function: `records | map_partitions(f)`
};

} // namespace detail

/// `records | map_partitions(mapping)`: all elements of `mapping(view)`, once for each partition, empty ones included.
///
/// *Requires* a `mapping` callable with a `partition_view<record>` that gives a range or an optional; a lazy view over
/// the argument may be returned. It is called from several threads, one partition each.
/// `map_partitions(mapping, keep_partitioning)` says that it gives pairs with keys that the partition has, so that
/// later steps by key need not exchange them; where that is not so, a key may be found in two partitions.
/// *Keeps* no state, but holds one partition of records for the time of the call. *Partitions* as its parent does.
/// *Slides* with its parent, on a stream.
/// *After recovery* gives the same records again when `mapping` is deterministic.
/// See also: `map`. Example: `examples/operators/map_partitions.cpp`.
inline constexpr detail::map_partitions_fn map_partitions{};

} // namespace tidemark
