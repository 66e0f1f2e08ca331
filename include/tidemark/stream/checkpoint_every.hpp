// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_every: how often a commit must be made at least, as a policy of a state or as a step on any stream.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace tidemark {

/// A stream at which a commit is due at `Interval`. Its datasets are kept for the time of their batch, so they are
/// computed once.
template <stream_expression Parent, slide Interval>
struct checkpointed : boundary<Parent> {
    using record_type = record_t<Parent>;
    using interval_type = Interval;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "checkpoint_every";
    static constexpr bool protects_lineage = true;

    Interval interval;

    checkpointed(Parent before, Interval every)
        : boundary<Parent>(std::move(before))
        , interval(every)
    {}
};

namespace detail {

/// Whether `Interval` on `Slide` keeps the rules, as far as the types tell.
template <slide Interval, slide Slide>
[[nodiscard]] consteval bool interval_checked()
{
    if constexpr (Interval::is_static && Slide::is_static)
        return checkpoint_interval_rules<Interval::count, Slide::count>::value;
    else
        return true;
}

} // namespace detail

/// What `checkpoint_every` gives: a policy for a stateful operator, and a step on any stream.
template <slide Interval>
class checkpoint_policy : public closure_base {
public:
    constexpr explicit checkpoint_policy(Interval every)
        : interval_(every)
    {}

    [[nodiscard]] constexpr given_interval<Interval> policy() const { return {interval_}; }

    template <stream_expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        static_assert(level_t<Parent>::is_checkpointed,
                      "tidemark::checkpoint_every: the context has no checkpoint directory; "
                      "pass a tide::checkpoint_directory to streaming_context");
        static_assert(detail::interval_checked<Interval, slide_t<Parent>>());
        if constexpr (requires { parent.with_policy(policy()); })
            return parent.with_policy(policy()); // a state has one interval, and this is it
        else
            return checkpointed<Parent, Interval>(std::move(parent), interval_);
    }

private:
    [[no_unique_address]] Interval interval_;
};

/// `checkpoint_every(d)`: commit at least every `d`, a positive multiple of the stream's slide.
///
/// Given to a stateful operator it replaces the default, which is the smallest multiple of the slide that is at least
/// 10 s, and for `map_with_state` ten slides. As a step, `stream | checkpoint_every(d)`, it adds a stage that asks for
/// commits. A commit is made in each batch in which some stage's interval is due, counted from the zero time, and
/// always covers all stages.
///
/// *Requires* a context with a checkpoint directory. *Keeps*, as a step, the batch until it is done. *Partitions* and
/// *Slides* as its parent does. Narrow.
/// *Does not compile* for a literal that is no positive multiple of the stream's slide; the same rule runs at
/// `application()` for other durations.
/// See also: `checkpoint`, for rdds. Example: `examples/operators/checkpoint_every.cpp`.
template <std::int64_t Ms>
[[nodiscard]] constexpr auto checkpoint_every(static_duration<Ms> every)
{
    return checkpoint_policy(slide_of(every));
}

/// The same with an interval that is known at run time only.
[[nodiscard]] constexpr auto checkpoint_every(duration every) { return checkpoint_policy(slide_of(every)); }

/// A number is no duration.
void checkpoint_every(number_without_unit auto) = delete; // a duration needs a unit: `checkpoint_every(10_s)`

} // namespace tidemark
