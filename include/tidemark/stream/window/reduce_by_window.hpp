// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_window: one value for all records of the last batches, recomputed or kept up to date with an inverse.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/stream/window/incremental_window.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that joins two records of `Parent`, which can be assigned, into one.
template <typename F, typename Parent>
concept window_reduction =
    expression<Parent> && std::copy_constructible<F> && std::copyable<record_t<Parent>>
    && std::regular_invocable<F const&, record_t<Parent> const&, record_t<Parent> const&>
    && std::convertible_to<std::invoke_result_t<F const&, record_t<Parent> const&, record_t<Parent> const&>,
                           record_t<Parent>>;

/// A record or none. A row rather than an optional, which compilers warn about when it is moved while it may be empty.
template <typename Record>
struct window_sum {
    row<Record> held;

    window_sum(std::nullopt_t) {} // NOLINT(google-explicit-constructor): it is that value
};

/// All records joined into one, or nothing where there are none.
template <typename Reduction>
struct window_fold {
    template <typename Record>
    using result = window_sum<Record>;

    static constexpr std::string_view name = "reduce_by_window";
    static constexpr bool needs_dataset = false;

    [[no_unique_address]] Reduction reduction;

    [[nodiscard]] static constexpr std::nullopt_t empty() { return std::nullopt; }

    template <typename Record>
    void add(window_sum<Record>& total, Record const& one) const
    {
        if (total.held.empty())
            total.held.push_back(one);
        else
            total.held.front() = static_cast<Record>(std::invoke(reduction, std::as_const(total.held.front()), one));
    }

    template <typename Record>
    void merge(window_sum<Record>& total, window_sum<Record>&& other) const
    {
        if (total.held.empty())
            total = std::move(other);
        else if (!other.held.empty())
            add(total, other.held.front());
    }
};

namespace detail {

/// The key under which all records of a stream meet.
struct under_one_key {
    template <typename Record>
    [[nodiscard]] std::pair<bool, Record> operator()(Record const& record) const
    {
        return {true, record};
    }
};

struct without_key {
    template <typename Pair>
    [[nodiscard]] typename Pair::second_type operator()(Pair const& pair) const
    {
        return pair.second;
    }
};

struct what_there_is {
    template <typename Record>
    [[nodiscard]] row<Record> operator()(window_sum<Record> const& some) const
    {
        return some.held;
    }
};

template <typename Parent, typename Reduction>
[[nodiscard]] consteval bool record_reduction_checked()
{
    static_assert(stream_expression<Parent>,
                  "tidemark::reduce_by_window: this is an rdd, and only streams have windows; use an action on an rdd");
    static_assert(window_reduction<Reduction, Parent>,
                  "tidemark::reduce_by_window: the function cannot be called with two records; it must take "
                  "(record const&, record const&) and give a record");
    static_assert(lasting<record_t<Parent>>,
                  "tidemark::reduce_by_window: the records are or hold pointers, references or views, which may "
                  "outlive what they look into; map them to what owns its memory, as std::string");
    return stream_expression<Parent> && window_reduction<Reduction, Parent> && lasting<record_t<Parent>>;
}

template <fixed_string Name>
struct reduce_by_window_fn {
    template <expression Parent, typename Reduction, slide Window, typename Every>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, Window window, Every every) const
    {
        if constexpr (record_reduction_checked<Parent, Reduction>()) {
            auto batches = joined(std::move(parent), reduction);
            return joined(window_fn<Name>{}(std::move(batches), window, every), std::move(reduction));
        } else
            return parent; // so that no other error follows
    }

    template <expression Parent, typename Reduction, typename Inverse, slide Window, typename Every, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, Inverse inverse, Window window, Every every,
                                  Policy policy) const
    {
        if constexpr (record_reduction_checked<Parent, Reduction>()) {
            static_assert(level_t<Parent>::is_checkpointed,
                          "tidemark::reduce_by_window: the context has no checkpoint directory, which a window with an "
                          "inverse needs; pass a tide::checkpoint_directory to streaming_context, or leave the inverse "
                          "out");
            static_assert(serializable<record_t<Parent>>,
                          "tidemark::reduce_by_window: the record must be serializable to survive a restart; "
                          "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
            static_assert(window_reduction<Inverse, Parent>,
                          "tidemark::reduce_by_window: the inverse cannot be called with two records; it must take "
                          "(all record const&, leaving record const&) and give a record");
            if constexpr (level_t<Parent>::is_checkpointed
                          && serializable<record_t<Parent>> && window_reduction<Inverse, Parent>) {
                auto pairs = map_fn{}(std::move(parent), under_one_key{});
                return map_fn{}(incremental_window_fn<Name>{}(std::move(pairs), std::move(reduction),
                                                              std::move(inverse), window, every, keep_for_good{},
                                                              policy),
                                without_key{});
            } else
                return parent; // so that no other error follows
        } else
            return parent; // so that no other error follows
    }

private:
    template <typename Parent, typename Reduction>
    [[nodiscard]] static auto joined(Parent parent, Reduction reduction)
    {
        gathered<Parent, window_fold<Reduction>> all(std::move(parent), {std::move(reduction)});
        return flat_map_fn{}(std::move(all), what_there_is{});
    }
};

} // namespace detail

/// `records | reduce_by_window<"name">(f, window_duration, slide_duration)`: at each multiple of the slide duration one
/// record, those of the batches in the last window duration joined by `f`, from left to right in the order of batches,
/// partitions and records; none when there are none.
///
/// Each batch is joined once and kept. What is said of the durations and the name at `window` holds here.
/// *Requires* an associative `f` of two records; it is called from several threads, one partition each.
/// *Keeps* one record for each batch of a window. *Partitions*: one. *Slides* by the slide duration. Wide.
/// *When a batch cannot be computed*, the outputs over each window that covers it fail, and later windows go on.
/// See also: `reduce_by_key_and_window`, `count_by_window`. Example: `examples/operators/reduce_by_window.cpp`.
template <fixed_string Name = "", typename Reduction, window_length Window, typename... Every>
    requires(!expression<Reduction> && !window_length<Reduction> && sizeof...(Every) <= 1
             && (window_length<Every> && ...))
[[nodiscard]] auto reduce_by_window(Reduction f, Window window_duration, Every... slide_duration)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(slide_duration...);
    return closure<detail::reduce_by_window_fn<Name>, Reduction, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>>(std::move(f), covered, often);
}

/// `records | reduce_by_window<"name">(f, inverse, window_duration, slide_duration, checkpoint_every(d))`: the same, kept
/// up to date with `inverse(all, leaving)`, as `reduce_by_key_and_window` with one key for all records. Slide duration
/// and policy may be left out.
///
/// No record before the first one has come; then always one: **what the inverse has left stays** when the window is
/// empty, 0 for sums. *Requires* a context with a checkpoint directory, serializable records. *Partitions* by key-group,
/// of which one has the record.
/// *When a function throws*, the value is as before the batch, and the application stops after it.
template <fixed_string Name = "", typename Reduction, typename Inverse, window_length Window, typename... Options>
    requires(!expression<Reduction> && !window_length<Reduction> && !window_length<Inverse>
             && window_options<Options...>)
[[nodiscard]] auto reduce_by_window(Reduction f, Inverse inverse, Window window_duration, Options... options)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(options...);
    auto const policy = detail::policy_among(options...);
    return closure<detail::reduce_by_window_fn<Name>, Reduction, Inverse, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>, std::remove_const_t<decltype(policy)>>(
        std::move(f), std::move(inverse), covered, often, policy);
}

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename... Arguments>
[[nodiscard]] auto reduce_by_window(Parent parent, Arguments... arguments)
{
    return std::move(parent) | reduce_by_window<Name>(std::move(arguments)...);
}

} // namespace tidemark
