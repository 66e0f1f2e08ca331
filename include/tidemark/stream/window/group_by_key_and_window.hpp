// SPDX-License-Identifier: BSL-1.0
//
// group_by_key_and_window: all values of each key of the last batches.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// How the values of a batch become a list for each key.
struct window_group_aggregation {
    template <typename Value>
    using combined = std::vector<Value>;

    static constexpr std::string_view name = "group_by_key";
    static constexpr bool combines_early = false; // lists are no shorter than their values

    template <typename Value>
    [[nodiscard]] static std::vector<Value> create(Value value)
    {
        std::vector<Value> one;
        one.push_back(std::move(value));
        return one;
    }

    template <typename Value>
    static void merge(std::vector<Value>& values, Value&& value)
    {
        values.push_back(std::move(value));
    }

    template <typename Value>
    static void merge_combined(std::vector<Value>& values, std::vector<Value>&& more)
    {
        values.insert(values.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
};

/// How the lists of several batches become one.
struct window_lists_aggregation {
    template <typename List>
    using combined = List;

    static constexpr std::string_view name = "group_by_key_and_window";
    static constexpr bool combines_early = false;

    template <typename List>
    [[nodiscard]] static List create(List&& values)
    {
        return std::move(values);
    }

    template <typename List>
    static void merge(List& values, List&& more)
    {
        window_group_aggregation::merge_combined(values, std::move(more));
    }

    template <typename List>
    static void merge_combined(List& values, List&& more)
    {
        merge(values, std::move(more));
    }
};

namespace detail {

template <fixed_string Name>
struct group_by_key_and_window_fn {
    template <expression Parent, slide Window, typename Every>
    [[nodiscard]] auto operator()(Parent parent, Window window, Every every) const
    {
        static_assert(stream_expression<Parent>,
                      "tidemark::group_by_key_and_window: this is an rdd, and only streams have windows");
        static_assert(pair_expression<Parent>,
                      "tidemark::group_by_key_and_window: the records are no pairs; map them to "
                      "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || keyed_expression<Parent>,
                      "tidemark::group_by_key_and_window: the key cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::group_by_key_and_window: the records are or hold pointers, references or views, which "
                      "may outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (stream_expression<Parent> && keyed_expression<Parent> && lasting<record_t<Parent>>) {
            keyed<Parent, window_group_aggregation> batches(std::move(parent), {});
            auto covered = window_fn<Name>{}(std::move(batches), window, every);
            using covered_type = decltype(covered);
            return keyed<covered_type, window_lists_aggregation>(std::move(covered), {});
        } else
            return parent; // so that no other error follows
    }
};

} // namespace detail

/// `pairs | group_by_key_and_window<"name">(window_duration, slide_duration)`: at each multiple of the slide duration
/// every key of the batches in the last window duration, with a `std::vector` of its values, the oldest batch first.
///
/// Each batch is grouped once and kept. A key without data in the window is absent. What is said of the durations and
/// the name at `window` holds here. Where the values are joined to one, `reduce_by_key_and_window` keeps much less.
/// *Requires* pairs with a hashable key. *Keeps* the batches of one window. *Partitions* by key-group. *Slides* by the
/// slide duration. Wide.
/// *When a batch cannot be computed*, the outputs over each window that covers it fail, and later windows go on.
/// See also: `reduce_by_key_and_window`. Example: `examples/operators/group_by_key_and_window.cpp`.
template <fixed_string Name = "", window_length Window, typename... Every>
    requires(sizeof...(Every) <= 1 && (window_length<Every> && ...))
[[nodiscard]] auto group_by_key_and_window(Window window_duration, Every... slide_duration)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(slide_duration...);
    return closure<detail::group_by_key_and_window_fn<Name>, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>>(covered, often);
}

/// A window by key is laid out as the pairs before it, else, and with an inverse, as `settings.partitions` says.
template <fixed_string Name = "", typename Window, typename... Options>
    requires laid_out_window<Window, Options...>
void group_by_key_and_window(Window, Options...) = delete; // no partitioner: `partition_by(n)` before it, or settings

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename... Arguments>
[[nodiscard]] auto group_by_key_and_window(Parent parent, Arguments... arguments)
{
    return std::move(parent) | group_by_key_and_window<Name>(std::move(arguments)...);
}

} // namespace tidemark
