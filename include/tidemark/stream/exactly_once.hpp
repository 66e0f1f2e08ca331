// SPDX-License-Identifier: BSL-1.0
//
// exactly_once: an output whose work is there once for each batch, whatever crashes.

#pragma once

#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/stream/output.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace tidemark {

/// An action that may run again for a batch, with the same records, and leaves what the first run has left. Its type
/// says so with `static constexpr bool idempotent = true`.
template <typename Action>
concept idempotent_action = requires { requires Action::idempotent; };

/// A source that gives a planned batch again, or one of which the program has said that it may lose records.
template <typename Source>
concept repeatable_source = Source::replayable || requires { requires Source::loss_accepted; };

namespace detail {

template <typename E>
inline constexpr bool sources_repeatable_v = true;
template <typename E>
inline constexpr bool sources_named_v = true;

template <typename Parents>
inline constexpr bool all_sources_repeatable_v = true;
template <typename... Parents>
inline constexpr bool all_sources_repeatable_v<type_list<Parents...>> = (sources_repeatable_v<Parents> && ...);
template <typename Parents>
inline constexpr bool all_sources_named_v = true;
template <typename... Parents>
inline constexpr bool all_sources_named_v<type_list<Parents...>> = (sources_named_v<Parents> && ...);

template <typename E>
    requires requires { typename E::source_type; }
inline constexpr bool sources_repeatable_v<E> = repeatable_source<typename E::source_type>;
template <typename E>
    requires(!requires { typename E::source_type; })
inline constexpr bool sources_repeatable_v<E> = all_sources_repeatable_v<typename E::parents>;
template <typename E>
    requires requires { typename E::source_type; }
inline constexpr bool sources_named_v<E> = E::is_named;
template <typename E>
    requires(!requires { typename E::source_type; })
inline constexpr bool sources_named_v<E> = all_sources_named_v<typename E::parents>;

/// What the compiler can tell of an output that is to be delivered exactly once.
template <typename Parent, bool Named, typename Action>
struct exactly_once_rules {
    static_assert(level_t<Parent>::is_checkpointed, "tidemark::exactly_once: the context has no checkpoint directory; "
                                                    "pass a tide::checkpoint_directory to streaming_context");
    static_assert(idempotent_action<Action>,
                  "tidemark::exactly_once: this output would do its work twice when a batch runs again; end the stream "
                  "with save_as_text_files, save_as_object_files or save_in_transactions, or say in your action's type "
                  "`static constexpr bool idempotent = true`");
    static_assert(Named, "tidemark::exactly_once: the output has no name, by which a restart knows what was delivered; "
                         "give it one, as in save_as_text_files<\"counts\">(prefix)");
    static_assert(sources_named_v<Parent>,
                  "tidemark::exactly_once: a source of this output has no name, by which a restart finds its batches; "
                  "give it one, as in text_file_stream<\"lines\">(directory)");
    static_assert(sources_repeatable_v<Parent>,
                  "tidemark::exactly_once: a source of this output cannot give a batch again after a crash; put "
                  "`| tide::write_ahead_log()` behind the source, or accept that with `| tide::at_most_once()`");
    static constexpr bool value = true;
};

} // namespace detail

/// What `exactly_once()` gives: it waits for an output on the left of the pipe.
struct exactly_once_closure {};

namespace detail {

struct exactly_once_fn {
    [[nodiscard]] constexpr exactly_once_closure operator()() const { return {}; }
};

} // namespace detail

/// `output | exactly_once()`: the work of the output is there once for each batch, however often the program crashes.
///
/// The input of a batch is on disk, safe from a loss of power, before the batch runs; a batch that runs again has the
/// same input and the same states; and the output leaves the same as before. So the functions of the stream must be
/// deterministic. Each batch waits for one sync of the checkpoint's log.
///
/// *Requires* a context with a checkpoint directory, a name for the output and for each source above it, an action that
/// is `idempotent`, and sources that can be read again, are logged with `write_ahead_log` or are said to lose records,
/// with `at_most_once`. What a `dstream` hides of this is checked at `application()`, which throws `config_error`.
/// See also: `save_in_transactions`. Example: `examples/operators/exactly_once.cpp`.
inline constexpr detail::exactly_once_fn exactly_once{};

/// The promise behind an output; the compiler checks what it can of it.
template <stream_expression Parent, fixed_string Name, typename Action>
[[nodiscard]] auto operator|(output<Parent, Name, Action> out, exactly_once_closure)
{
    using rules = detail::exactly_once_rules<Parent, !Name.view().empty(), Action>;
    static_assert(rules::value);
    return output<Parent, Name, Action, delivery::exactly_once>(std::move(out.parent), std::move(out.action), out.kind);
}

// ---- The usual mistakes

/// Says that it is said already.
template <stream_expression Parent, fixed_string Name, typename Action>
void operator|(output<Parent, Name, Action, delivery::exactly_once>, exactly_once_closure)
{
    static_assert(sizeof(Parent) == 0, "tidemark::exactly_once: it is said of this output already; say it once");
}

/// Says that it is said of an output.
template <expression Parent>
Parent operator|(Parent parent, exactly_once_closure)
{
    static_assert(
        sizeof(Parent) == 0,
        "tidemark::exactly_once: it is said of an output, and this is a stream; put it behind the output, as in "
        "stream | save_as_text_files<\"counts\">(prefix) | exactly_once()");
    return parent; // so that no other error follows
}

template <typename Left>
    requires(expression<Left> || output_operation<Left>)
void operator|(Left const&, detail::exactly_once_fn) = delete; // call it: `output | exactly_once()`

} // namespace tidemark
