// SPDX-License-Identifier: BSL-1.0
//
// incremental_window: the node of windows by key that are kept up to date with an inverse.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/stream/stateful/stateful_stage.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// What takes values out of a joined one: `inverse(f(x, y), y)` is `x`.
template <typename F, typename Parent>
concept value_inverse = value_reduction<F, Parent>;

/// What says of a pair of key and value whether it is given out.
template <typename F, typename Parent>
concept window_filter =
    lets_all_pass_v<F> || (std::copy_constructible<F> && std::predicate<F const&, record_t<Parent> const&>);

/// The node: a stream of the keys of a window with their values joined, at each slide.
template <pair_expression Parent, fixed_string Name, typename Reduction, typename Inverse, slide Window, slide Every,
          typename Filter, typename Policy>
struct incremental_window : expression_base {
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using record_type = record_t<Parent>;
    using level = typename level_t<Parent>::template with_slide<Every>;
    using parents = type_list<Parent>;
    using filter_type = Filter;
    using policy_type = typename detail::resolved_policy<Policy, Every, &default_checkpoint_ms>::type;
    using stage = stateful_stage<Name, incremental_window, policy_type>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "reduce_by_key_and_window";
    static constexpr std::string_view kind = "reduce_by_key_and_window";

    node_id id;
    Parent parent;
    [[no_unique_address]] reduce_aggregation<Reduction> aggregation;
    [[no_unique_address]] Inverse inverse;
    [[no_unique_address]] Window window_duration;
    [[no_unique_address]] Every slide_duration;
    [[no_unique_address]] Filter filter;
    [[no_unique_address]] Policy policy;

    incremental_window(Parent before, reduce_aggregation<Reduction> how, Inverse back, Window covered, Every often,
                       Filter keep, Policy when)
        : parent(std::move(before))
        , aggregation(std::move(how))
        , inverse(std::move(back))
        , window_duration(covered)
        , slide_duration(often)
        , filter(std::move(keep))
        , policy(when)
    {}

    [[nodiscard]] auto slide() const { return slide_duration; }

    [[nodiscard]] duration interval() const
    {
        return detail::interval_of(policy, slide().value(), &default_checkpoint_ms);
    }

    template <typename Other>
        requires std::same_as<Policy, default_interval>
    [[nodiscard]] auto with_policy(Other other) const
    {
        return incremental_window<Parent, Name, Reduction, Inverse, Window, Every, Filter, Other>(
            parent, aggregation, inverse, window_duration, slide_duration, filter, other);
    }
};

/// A node of that kind.
template <typename N>
concept incremental_window_node = expression<N> && requires(N const& node) {
    node.inverse;
    node.window_duration;
    node.slide_duration;
};

namespace detail {

template <fixed_string Name>
struct incremental_window_fn {
    template <pair_expression Parent, typename Reduction, typename Inverse, slide Window, typename Every,
              typename Filter, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction, Inverse inverse, Window window, Every every,
                                  Filter filter, Policy policy) const
    {
        auto const often = slide_over(every, parent);
        using every_type = std::remove_const_t<decltype(often)>;
        static_assert(window_checked<Window, every_type, slide_t<Parent>>());
        static_assert(policy_checked<Policy, every_type>());
        return incremental_window<Parent, Name, Reduction, Inverse, Window, every_type, Filter, Policy>(
            std::move(parent), {std::move(reduction)}, std::move(inverse), window, often, std::move(filter), policy);
    }
};

} // namespace detail
} // namespace tidemark
