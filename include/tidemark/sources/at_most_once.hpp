// SPDX-License-Identifier: BSL-1.0
//
// at_most_once: the program says of a source that it may lose records in a crash.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/stream/stream_leaf.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// `Source`, of which the program has said that losing records is accepted.
template <stream_source Source>
class lossy_source {
public:
    using record_type = typename Source::record_type;

    static constexpr std::string_view name = Source::name;
    static constexpr bool replayable = Source::replayable;
    static constexpr bool loss_accepted = true;

    explicit lossy_source(Source source)
        : source_(std::move(source))
    {}

    [[nodiscard]] std::string describe() const { return source_.describe(); }
    [[nodiscard]] auto open(source_environment const& environment) const { return source_.open(environment); }

private:
    Source source_;
};

namespace detail {

template <typename E>
inline constexpr bool is_stream_leaf = false;
template <typename Source, typename Level, bool Named>
inline constexpr bool is_stream_leaf<stream_leaf<Source, Level, Named>> = true;

/// A leaf like `leaf`, with another source, made of its own and what else is given.
template <template <typename> typename Other, typename Source, typename Level, bool Named, typename... More>
[[nodiscard]] auto leaf_with(stream_leaf<Source, Level, Named> leaf, More... more)
{
    return stream_leaf<Other<Source>, Level, Named>(Other<Source>(std::move(leaf.source), std::move(more)...),
                                                    std::move(leaf.context), leaf.interval, std::move(leaf.label));
}

struct at_most_once_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        static_assert(is_stream_leaf<Parent>,
                      "tidemark::at_most_once: it is said of a source; put it directly behind the source's stream");
        if constexpr (is_stream_leaf<Parent>) {
            static_assert(!Parent::replayable,
                          "tidemark::at_most_once: this source can be read again, so nothing is lost; leave it out");
            return leaf_with<lossy_source>(std::move(parent));
        } else {
            return parent; // so that no other error follows
        }
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<at_most_once_fn>(); }
};

} // namespace detail

/// `source_stream | at_most_once()`: the program accepts that records of this source which had arrived and were not
/// committed are lost in a crash, and may use it below an output of `exactly_once`. Nothing else changes.
///
/// A batch that runs again is empty: where it was not finished before the crash, nothing of it is delivered.
/// *Requires* the stream of a source that cannot be read again.
/// See also: `write_ahead_log`, `exactly_once`. Example: `examples/operators/socket_text_stream.cpp`.
inline constexpr detail::at_most_once_fn at_most_once{};

} // namespace tidemark
