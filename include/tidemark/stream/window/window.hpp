// SPDX-License-Identifier: BSL-1.0
//
// window: the records of the last batches together.

#pragma once

#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// The rules for a window over a stream, where the compiler knows the numbers.
template <std::int64_t WindowMs, std::int64_t EveryMs, std::int64_t SlideMs>
struct window_rules {
    static_assert(WindowMs > 0 && WindowMs % SlideMs == 0,
                  "tidemark::window: the window duration is not a positive multiple of the parent's slide; "
                  "pass a multiple of the parent's slide");
    static_assert(EveryMs > 0 && EveryMs % SlideMs == 0,
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
template <stream_expression Parent, slide Window, slide Every>
struct windowed : expression_base {
    using record_type = record_t<Parent>;
    using level = typename level_t<Parent>::template with_slide<Every>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "window";
    static constexpr std::string_view kind = "window";

    node_id id;
    Parent parent;
    [[no_unique_address]] Window width;
    [[no_unique_address]] Every every;

    windowed(Parent before, Window wide, Every often)
        : parent(std::move(before))
        , width(wide)
        , every(often)
    {}

    [[nodiscard]] auto slide() const { return every; }
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

struct window_fn {
    template <stream_expression Parent, typename Window, typename Every>
    [[nodiscard]] auto operator()(Parent parent, Window window, Every every) const
    {
        using every_type = typename window_slide<Every, Parent>::type;
        static_assert(
            !level_t<Parent>::is_checkpointed || serializable<record_t<Parent>>,
            "tidemark::window: the record must be serializable, because the context has a checkpoint directory and the "
            "window's batches survive a restart; give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        if constexpr (Window::is_static && every_type::is_static && slide_t<Parent>::is_static)
            static_assert(window_rules<Window::count, every_type::count, slide_t<Parent>::count>::value);
        if constexpr (std::same_as<Every, parent_slide>) {
            auto const own = parent.slide();
            return windowed<Parent, Window, every_type>(std::move(parent), window, own);
        } else
            return windowed<Parent, Window, every_type>(std::move(parent), window, every);
    }
};

struct window_call {
    template <typename Width>
    [[nodiscard]] constexpr auto operator()(Width width) const
        requires requires { slide_of(width); }
    {
        return closure<window_fn, decltype(slide_of(width)), parent_slide>(slide_of(width), {});
    }

    template <typename Width, typename Every>
    [[nodiscard]] constexpr auto operator()(Width width, Every every) const
        requires requires {
            slide_of(width);
            slide_of(every);
        }
    {
        return closure<window_fn, decltype(slide_of(width)), decltype(slide_of(every))>(slide_of(width),
                                                                                        slide_of(every));
    }

    template <stream_expression Parent, typename... Durations>
    [[nodiscard]] auto operator()(Parent parent, Durations... durations) const
    {
        return std::move(parent) | (*this)(durations...);
    }
};

} // namespace detail

/// `stream | window(width, every)`: at each multiple of `every` the records of the batches in the last `width`, the oldest batch first.
///
/// `every` is the parent's slide where it is not given. The first windows, before `width` has passed, hold fewer batches. With `every` longer
/// than `width` some batches are in no window. Both must be multiples of the parent's slide: checked by the compiler for literals, at
/// `application()` for other durations.
/// *Keeps* the batches of one window; they are saved with the checkpoint where there is one. *Partitions*: those of its batches, one batch after the
/// other. *Slides* by `every`. Narrow.
/// See also: `union_`. Example: `examples/operators/window.cpp`.
inline constexpr detail::window_call window{};

} // namespace tidemark
