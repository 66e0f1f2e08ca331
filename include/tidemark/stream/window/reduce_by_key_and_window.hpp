// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key_and_window: one value for each key of the last batches, recomputed or kept up to date with an inverse.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/stream/window/incremental_window.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// How `reduce_by_key_and_window` joins the values of the batches.
template <typename Reduction>
struct window_reduce_aggregation : reduce_aggregation<Reduction> {
    static constexpr std::string_view name = "reduce_by_key_and_window";
};

namespace detail {

/// What every form asks of its pairs and of the function that joins values.
template <typename Parent, typename Reduction>
[[nodiscard]] consteval bool window_reduction_checked()
{
    static_assert(stream_expression<Parent>,
                  "tidemark::reduce_by_key_and_window: this is an rdd, and only streams have windows; "
                  "use reduce_by_key on an rdd");
    static_assert(pair_expression<Parent>, "tidemark::reduce_by_key_and_window: the records are no pairs; map them to "
                                           "std::pair(key, value) first");
    if constexpr (pair_expression<Parent>) {
        static_assert(keyed_expression<Parent>,
                      "tidemark::reduce_by_key_and_window: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(value_reduction<Reduction, Parent>,
                      "tidemark::reduce_by_key_and_window: the function cannot be called with two values; it must take "
                      "(value const&, value const&) and give a value");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::reduce_by_key_and_window: the records are or hold pointers, references or views, "
                      "which may outlive what they look into; map them to what owns its memory, as std::string");
        return stream_expression<Parent> && keyed_expression<Parent> && value_reduction<Reduction, Parent>
               && lasting<record_t<Parent>>;
    } else
        return false;
}

template <fixed_string Name>
struct reduce_by_key_and_window_fn {
    template <expression Parent, typename Reduction, slide Window, typename Every>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, Window window, Every every) const
    {
        if constexpr (window_reduction_checked<Parent, Reduction>()) {
            auto batches = reduce_by_key_fn{}(std::move(parent), reduction);
            auto covered = window_fn<Name>{}(std::move(batches), window, every);
            using covered_type = decltype(covered);
            return keyed<covered_type, window_reduce_aggregation<Reduction>>(std::move(covered),
                                                                             {{std::move(reduction)}});
        } else
            return parent; // so that no other error follows
    }

    template <expression Parent, typename Reduction, typename Inverse, slide Window, typename Every, typename Filter,
              typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, Inverse inverse, Window window, Every every,
                                  Filter filter, Policy policy) const
    {
        if constexpr (window_reduction_checked<Parent, Reduction>())
            return checked(std::move(parent), std::move(reduction), std::move(inverse), window, every,
                           std::move(filter), policy);
        else
            return parent; // so that no other error follows
    }

private:
    template <typename Parent, typename Reduction, typename Inverse, typename Window, typename Every, typename Filter,
              typename Policy>
    [[nodiscard]] static auto checked(Parent parent, Reduction reduction, Inverse inverse, Window window, Every every,
                                      Filter filter, Policy policy)
    {
        static_assert(level_t<Parent>::is_checkpointed,
                      "tidemark::reduce_by_key_and_window: the context has no checkpoint directory, which a window "
                      "with an inverse needs; pass a tide::checkpoint_directory to streaming_context, or leave the "
                      "inverse out");
        static_assert(serializable<key_t<Parent>>,
                      "tidemark::reduce_by_key_and_window: the key must be serializable to survive a restart; "
                      "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(serializable<mapped_t<Parent>>,
                      "tidemark::reduce_by_key_and_window: the value must be serializable to survive a restart; "
                      "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(value_inverse<Inverse, Parent>,
                      "tidemark::reduce_by_key_and_window: the inverse cannot be called with two values; it must take "
                      "(all value const&, leaving value const&) and give a value");
        static_assert(window_filter<Filter, Parent>,
                      "tidemark::reduce_by_key_and_window: the filter cannot be called with the pair; it must take "
                      "(std::pair<key, value> const&) and give a bool");
        if constexpr (level_t<Parent>::is_checkpointed && serializable<key_t<Parent>> && serializable<mapped_t<Parent>>
                      && value_inverse<Inverse, Parent> && window_filter<Filter, Parent>)
            return incremental_window_fn<Name>{}(std::move(parent), std::move(reduction), std::move(inverse), window,
                                                 every, std::move(filter), policy);
        else
            return parent; // so that no other error follows
    }
};

} // namespace detail

/// `pairs | reduce_by_key_and_window<"name">(f, window_duration, slide_duration)`: at each multiple of the slide duration
/// every key of the batches in the last window duration, with its values joined by `f` in their order.
///
/// The same as `reduce_by_key(f)`, a `window`, and `reduce_by_key(f)` again, at a cost that the length of the window does
/// not change: each batch is joined once and kept, and a slide touches the values of the batches that come and go, and
/// each key once. A key without data in the window is absent. How often `f` is called is not said. What is said of the
/// durations and the name at `window` holds here.
/// *Requires* pairs with a hashable key and an associative `f` of two values; it is called from several threads.
/// *Keeps* the batches of one window, twice a value for each key of each; of numbers up to five times, in windows whose keys
/// are missing from most batches. *Partitions* by key-group, keys in unspecified order. *Slides* by the slide duration.
/// Wide.
/// *When a batch cannot be computed*, the outputs over each window that covers it fail, and later windows go on.
/// See also: the form with an inverse, `group_by_key_and_window`. Example:
/// `examples/operators/reduce_by_key_and_window.cpp`.
template <fixed_string Name = "", typename Reduction, window_length Window, typename... Every>
    requires(!expression<Reduction> && !window_length<Reduction> && sizeof...(Every) <= 1
             && (window_length<Every> && ...))
[[nodiscard]] auto reduce_by_key_and_window(Reduction f, Window window_duration, Every... slide_duration)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(slide_duration...);
    return closure<detail::reduce_by_key_and_window_fn<Name>, Reduction, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>>(std::move(f), covered, often);
}

/// `pairs | reduce_by_key_and_window<"name">(f, inverse, window_duration, slide_duration, filter, checkpoint_every(d))`:
/// the same, kept up to date: `inverse(all, leaving)` takes what leaves the window out of a key's value, `f(rest,
/// entering)` adds what comes in. Slide duration, filter and policy may be left out.
///
/// Only the keys of batches that come and go are touched, so the cost of a slide does not depend on the window. The
/// result is that of the form without an inverse for every key with data in the window, with a slide longer than the
/// window, too, as long as `inverse(f(x, y), y)` is `x`. Of sums of floating point numbers that is not quite true: they
/// drift, until a key has had no data in the window.
/// **A key without data in the window stays**, with what the inverse has left of it, 0 for sums, unless the slide is longer
/// than the window: then a window holds the keys that have data, and no others. With a `filter` only the
/// pairs are given for which `filter(pair)` is true, and such a key is forgotten when it is false. A filter changes no
/// value: what it drops is still in the window.
/// *Requires* a context with a checkpoint directory; pairs with a hashable key, key and value serializable; functions
/// that are called from several threads, one key-group each.
/// *Keeps* a value for each key, and the batches of one window. *Partitions* by key-group. *Slides* by the slide
/// duration. Wide.
/// *When a function throws*, every value of the stage is as before the batch, and the application stops after it.
/// See also: the form without an inverse, `map_with_state`. Example: `examples/operators/reduce_by_key_and_window.cpp`.
template <fixed_string Name = "", typename Reduction, typename Inverse, window_length Window, typename... Options>
    requires(!expression<Reduction> && !window_length<Reduction> && !window_length<Inverse>
             && filtered_window_options<Options...>)
[[nodiscard]] auto reduce_by_key_and_window(Reduction f, Inverse inverse, Window window_duration, Options... options)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(options...);
    auto keep = detail::filter_among(options...);
    auto const policy = detail::policy_among(options...);
    return closure<detail::reduce_by_key_and_window_fn<Name>, Reduction, Inverse,
                   std::remove_const_t<decltype(covered)>, std::remove_const_t<decltype(often)>, decltype(keep),
                   std::remove_const_t<decltype(policy)>>(std::move(f), std::move(inverse), covered, often,
                                                          std::move(keep), policy);
}

/// Without an inverse there is neither a filter nor a checkpoint interval.
template <fixed_string Name = "", typename Reduction, window_length Window, typename... Options>
    requires(!expression<Reduction> && !window_length<Reduction> && !(window_length<Options> && ...)
             && !laid_out_window<Reduction, Options...>)
void reduce_by_key_and_window(Reduction, Window, Options...) = delete; // a filter or policy needs an inverse behind `f`

/// A window by key is laid out as the pairs before it, else, and with an inverse, as `settings.partitions` says.
template <fixed_string Name = "", typename F, typename... Options>
    requires laid_out_window<F, Options...>
void reduce_by_key_and_window(F, Options...) = delete; // no partitioner: `partition_by(n)` before it, or settings

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename... Arguments>
[[nodiscard]] auto reduce_by_key_and_window(Parent parent, Arguments... arguments)
{
    return std::move(parent) | reduce_by_key_and_window<Name>(std::move(arguments)...);
}

} // namespace tidemark
