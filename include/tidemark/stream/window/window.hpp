// SPDX-License-Identifier: BSL-1.0
//
// window: the records of the last batches together.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/time/duration.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// The rules for a window over a stream, where the compiler knows the numbers.
template <std::int64_t WindowMs, std::int64_t EveryMs, std::int64_t SlideMs>
struct window_rules {
    static_assert(positive_multiple_ms<WindowMs, SlideMs>::value,
                  "tidemark::window: the window duration is not a positive multiple of the parent's slide; "
                  "pass a multiple of the parent's slide");
    static_assert(positive_multiple_ms<EveryMs, SlideMs>::value,
                  "tidemark::window: the slide duration is not a positive multiple of the parent's slide; "
                  "pass a multiple of the parent's slide");

    static constexpr bool value = true;
};

/// The same rules at run time: nothing, or what is wrong.
[[nodiscard]] inline std::vector<std::string> window_problems(duration window, duration every, duration slide)
{
    std::vector<std::string> found;
    auto const check = [&](duration given, char const* which) {
        if (given <= duration::zero() || given % slide != duration::zero())
            found.push_back(std::string("tidemark::window: the ") + which
                            + " duration is not a positive multiple of the parent's slide; pass a multiple of the "
                              "parent's slide (found "
                            + to_string(given) + " on a slide of " + to_string(slide) + ")");
    };
    check(window, "window");
    check(every, "slide");
    return found;
}

/// The node of `window`.
template <stream_expression Parent, fixed_string Name, slide Window, slide Every>
struct windowed : expression_base {
    using record_type = record_t<Parent>;
    using level = typename level_t<Parent>::template with_slide<Every>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "window";
    static constexpr std::string_view kind = "window";
    static constexpr std::string_view given_name = Name.view();

    node_id id;
    Parent parent;
    [[no_unique_address]] Window window_duration;
    [[no_unique_address]] Every slide_duration;

    windowed(Parent before, Window covered, Every often)
        : parent(std::move(before))
        , window_duration(covered)
        , slide_duration(often)
    {}

    [[nodiscard]] auto slide() const { return slide_duration; }
};

namespace detail {

struct parent_slide {};

template <typename Every, typename Parent>
struct window_slide {
    using type = Every;
};
template <typename Parent>
struct window_slide<parent_slide, Parent> {
    using type = slide_t<Parent>;
};

/// Whether the batches of `Parent` can be kept; says what is wrong.
template <expression Parent>
[[nodiscard]] consteval bool window_checked()
{
    constexpr bool is_stream = stream_expression<Parent>;
    constexpr bool is_kept = !level_t<Parent>::is_checkpointed || serializable<record_t<Parent>>;
    static_assert(is_stream, "tidemark::window: this is an rdd, and only streams have windows; put it on the stream, "
                             "before foreach_rdd or transform");
    static_assert(
        !is_stream || is_kept || !lasting<record_t<Parent>>,
        "tidemark::window: the record must be serializable, because the context has a checkpoint directory and the "
        "window's batches survive a restart; give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(!is_stream || lasting<record_t<Parent>>,
                  "tidemark::window: the records are or hold pointers, references or views, which may outlive what "
                  "they look into; map them to what owns its memory, as std::string");
    return is_stream && is_kept && lasting<record_t<Parent>>;
}

template <fixed_string Name>
struct window_fn {
    template <expression Parent, typename Window, typename Every>
    [[nodiscard]] auto operator()(Parent parent, Window window, Every every) const
    {
        if constexpr (window_checked<Parent>()) {
            using every_type = typename window_slide<Every, Parent>::type;
            if constexpr (Window::is_static && every_type::is_static && slide_t<Parent>::is_static)
                static_assert(window_rules<Window::count, every_type::count, slide_t<Parent>::count>::value);
            if constexpr (std::same_as<Every, parent_slide>) {
                auto const own = parent.slide();
                return windowed<Parent, Name, Window, every_type>(std::move(parent), window, own);
            } else
                return windowed<Parent, Name, Window, every_type>(std::move(parent), window, every);
        } else
            return parent; // so that no other error follows
    }
};

} // namespace detail

/// `stream | window<"name">(window_duration, slide_duration)`: at each multiple of the slide duration the records of
/// the batches in the last window duration, the oldest batch first.
///
/// Without a slide duration it is the parent's slide. The first windows hold fewer batches. With a slide duration
/// longer than the window duration some batches are in no window. Both must be multiples of the parent's slide: checked
/// by the compiler for literals, at `application()` for other durations. The name is the identity of the kept batches
/// in the checkpoint; without one they are known by the durations and the operators that the window stands on, and a
/// checkpoint is refused when those have changed.
/// *Keeps* the batches of one window; they are saved with the checkpoint where there is one. *Partitions*: those of its
/// batches, one batch after the other. *Slides* by the slide duration. Narrow.
/// *When a batch cannot be computed*, the outputs over each window that covers it fail, and later windows go on.
/// See also: `union_`. Example: `examples/operators/window.cpp`.
template <fixed_string Name = "", typename Window>
    requires requires(Window covered) { slide_of(covered); }
[[nodiscard]] constexpr auto window(Window window_duration)
{
    auto const covered = slide_of(window_duration);
    return closure<detail::window_fn<Name>, std::remove_cv_t<decltype(covered)>, detail::parent_slide>(covered, {});
}

/// The same with a slide duration.
template <fixed_string Name = "", typename Window, typename Every>
    requires requires(Window covered, Every often) {
        slide_of(covered);
        slide_of(often);
    }
[[nodiscard]] constexpr auto window(Window window_duration, Every slide_duration)
{
    auto const covered = slide_of(window_duration);
    auto const often = slide_of(slide_duration);
    return closure<detail::window_fn<Name>, std::remove_cv_t<decltype(covered)>, std::remove_cv_t<decltype(often)>>(
        covered, often);
}

/// The stream as the first argument.
template <fixed_string Name = "", stream_expression Parent, typename... Durations>
[[nodiscard]] auto window(Parent parent, Durations... durations)
{
    return std::move(parent) | window<Name>(durations...);
}

} // namespace tidemark
