// SPDX-License-Identifier: BSL-1.0
//
// count_by_value_and_window: how often each value occurs in the last batches.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/stream/window/incremental_window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

struct with_one {
    template <typename Record>
    [[nodiscard]] std::pair<Record, std::int64_t> operator()(Record const& record) const
    {
        return {record, 1};
    }
};

struct is_counted {
    template <typename Pair>
    [[nodiscard]] bool operator()(Pair const& pair) const
    {
        return pair.second != 0;
    }
};

template <fixed_string Name>
struct count_by_value_and_window_fn {
    template <expression Parent, slide Window, typename Every, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Window window, Every every, Policy policy) const
    {
        using record_type = record_t<Parent>;
        static_assert(stream_expression<Parent>,
                      "tidemark::count_by_value_and_window: this is an rdd, and only streams have windows; "
                      "use reduce_by_key on an rdd");
        static_assert(level_t<Parent>::is_checkpointed,
                      "tidemark::count_by_value_and_window: the context has no checkpoint directory, which the counts "
                      "need; pass a tide::checkpoint_directory to streaming_context, or use window and reduce_by_key");
        static_assert(hashable_key<record_type>,
                      "tidemark::count_by_value_and_window: the record cannot be hashed or compared; give it == and a "
                      "tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(serializable<record_type>,
                      "tidemark::count_by_value_and_window: the record must be serializable to survive a restart; "
                      "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<record_type>,
                      "tidemark::count_by_value_and_window: the records are or hold pointers, references or views, "
                      "which may outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (checkpointed_stream<Parent> && hashable_key<record_type> && serializable<record_type>)
            return incremental_window_fn<Name>{}(map_fn{}(std::move(parent), with_one{}), std::plus<std::int64_t>(),
                                                 std::minus<std::int64_t>(), window, every, is_counted{}, policy);
        else
            return parent; // so that no other error follows
    }
};

} // namespace detail

/// `records | count_by_value_and_window<"name">(window_duration, slide_duration, checkpoint_every(d))`: at each multiple
/// of the slide duration every value that occurs in the last window duration, with how often it does, as a pair of the
/// record and a `std::int64_t`. Slide duration and policy may be left out.
///
/// Only the values of batches that come and go are touched; a value that is gone is forgotten.
/// *Requires* a context with a checkpoint directory, hashable and serializable records. *Keeps* a number for each value
/// of the window, and for each value of each of its batches. *Partitions* by key-group. *Slides* by the slide duration.
/// Wide.
/// See also: `count_by_window`, `reduce_by_key_and_window`. Example: `examples/operators/count_by_value_and_window.cpp`.
template <fixed_string Name = "", window_length Window, typename... Options>
    requires window_options<Options...>
[[nodiscard]] auto count_by_value_and_window(Window window_duration, Options... options)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(options...);
    auto const policy = detail::policy_among(options...);
    return closure<detail::count_by_value_and_window_fn<Name>, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>, std::remove_const_t<decltype(policy)>>(covered, often, policy);
}

/// A window by key is laid out as the pairs before it, else, and with an inverse, as `settings.partitions` says.
template <fixed_string Name = "", typename Window, typename... Options>
    requires laid_out_window<Window, Options...>
void count_by_value_and_window(Window, Options...) = delete; // no partitioner: `partition_by(n)` before it, or settings

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename... Arguments>
[[nodiscard]] auto count_by_value_and_window(Parent parent, Arguments... arguments)
{
    return std::move(parent) | count_by_value_and_window<Name>(std::move(arguments)...);
}

} // namespace tidemark
