// SPDX-License-Identifier: BSL-1.0
//
// streaming_context: where streams come from, and where outputs become an application.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/rdd/accumulator.hpp>
#include <tidemark/stream/broadcast.hpp>
#include <tidemark/stream/lineage.hpp>
#include <tidemark/stream/shared_values.hpp>
#include <tidemark/stream/stream_leaf.hpp>
#include <tidemark/stream/upgrade.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

struct file_source_options; // of the sources' room, which completes the members that take them
struct socket_text_options;
template <typename Record>
struct queue_options;

/// What a context knows at run time.
struct context_properties {
    node_id id;
    std::string application_name{default_application_name};
    tidemark::settings settings;
    std::optional<checkpoint_directory> directory;
    std::shared_ptr<shared_values> shared = std::make_shared<shared_values>();
    std::optional<duration> remember{}; ///< For how long datasets are kept beyond their batches.
    tidemark::upgrade upgrade{};        ///< What differs from the checkpoints of older versions.
};

namespace detail {

/// Of what is a queue for `queue_stream`, the records; the sources' room says it.
template <typename Queue>
struct queued;

/// The rules for an accumulator of a stream.
template <typename Value, bool Named, bool Checkpointed>
struct stream_accumulator_rules {
    static_assert(Named,
                  "tidemark::accumulator: it has no name, by which its value is found after a restart; give it one, "
                  "as in ssc.accumulator<\"hits\">(0)");
    static_assert(!Checkpointed || serializable<Value>,
                  "tidemark::accumulator: the value must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static constexpr bool value = true;
};

/// The rules for a broadcast value.
template <typename Value, bool Named, bool Checkpointed>
struct broadcast_rules {
    static_assert(Named,
                  "tidemark::broadcast: it has no name, by which its value is found after a restart; give it one, "
                  "as in ssc.broadcast<\"stop-words\">(words)");
    static_assert(!Checkpointed || serializable<Value>,
                  "tidemark::broadcast: the value must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static constexpr bool value = true;
};

template <typename Source>
struct broadcast_value {
    using type = Source;
};
template <std::invocable Source>
struct broadcast_value<Source> {
    using type = std::remove_cvref_t<std::invoke_result_t<Source&>>;
};

} // namespace detail

/// Makes streams of one batch interval, and an application out of outputs. Made by `streaming_context`; a value, which
/// touches nothing.
///
/// `Batch` is the batch interval as a slide; `Checkpointed` whether there is a checkpoint directory.
template <slide Batch, bool Checkpointed>
class basic_streaming_context {
public:
    /// Of its streams, for those who look at types.
    using level = stream_level<Batch, Checkpointed>;

    /// For `streaming_context`, which makes contexts.
    basic_streaming_context(Batch batch, context_properties properties)
        : batch_(batch)
        , properties_(std::move(properties))
    {}

    /// The same context for an application of this name, which stands in its checkpoints and errors. The default is
    /// "application".
    [[nodiscard]] basic_streaming_context named(std::string application_name) const
    {
        auto changed = *this;
        changed.properties_.application_name = std::move(application_name);
        return changed;
    }

    /// The same context, whose streams keep their datasets for at least `span`, for `application::slice`. A stream below
    /// a window keeps them for as long as the window looks back as well; what a state gives is copied in each batch.
    /// Without it a dataset goes when its batch is done.
    ///
    /// *Throws* `usage_error` when it was said before. A span that is not positive is refused at `application()`.
    /// Example: `examples/operators/slice.cpp`.
    [[nodiscard]] basic_streaming_context remembering(duration span) const
    {
        if (properties_.remember)
            throw usage_error("tidemark::streaming_context::remembering: the context remembers "
                              + to_string(*properties_.remember) + " already; say it once");
        auto changed = *this;
        changed.properties_.remember = span;
        return changed;
    }
    /// A number is no duration.
    void remembering(number_without_unit auto) const = delete; // a duration needs a unit: `ssc.remembering(10_s)`

    /// The same context for a program in which what was called `before` is now called `now`: a stage with a state, a
    /// window, a source, an output, an accumulator or a broadcast value. A checkpoint that has the new name already is
    /// taken as it is, so this may stay in the program.
    ///
    /// *Throws* `usage_error` when `before` has been renamed or dropped already, or is `now`.
    [[nodiscard]] basic_streaming_context renamed(std::string before, std::string now) const
    {
        expect_unsaid("renamed", before);
        if (before == now)
            throw usage_error("tidemark::streaming_context::renamed: \"" + now
                              + "\" is the old and the new name; say what "
                                "it was called before");
        auto changed = *this;
        changed.properties_.upgrade.renamed.emplace(std::move(before), std::move(now));
        return changed;
    }

    /// The same context for a program that does without what a checkpoint holds under `name`: the state of a stage or
    /// window, the position of a source and its part in batches that are not done. What is dropped is gone with the
    /// commits that hold it.
    ///
    /// *Throws* `usage_error` when the name has been renamed or dropped already.
    /// Example: `examples/operators/migrated.cpp`.
    [[nodiscard]] basic_streaming_context dropping(std::string name) const
    {
        expect_unsaid("dropping", name);
        auto changed = *this;
        changed.properties_.upgrade.dropped.insert(std::move(name));
        return changed;
    }

    /// The same context for a program whose stage of this name once held states of type `Old`: `function(Old)` makes of
    /// each the state that it holds now. Several types may be said, one call each. Where the type has only grown, a
    /// class version does as well.
    ///
    /// The name is the present one. A stage that is not there, or holds something else, is refused at `application()`.
    /// *Threads*: `function` is called from several threads at once, during `start`.
    /// Example: `examples/operators/migrated.cpp`.
    template <typename Old, fixed_string Name, std::invocable<Old> Function>
    [[nodiscard]] basic_streaming_context migrated(Function function) const; // see runtime/migrated.hpp
    /// What takes no `Old`.
    template <typename Old, fixed_string Name, typename Function>
    void migrated(Function) const = delete; // the function must take the old type: `migrated<old, "hits">(f)`

    /// The time between two batches.
    [[nodiscard]] duration batch_duration() const { return batch_.value(); }
    /// For applications: what it was made with.
    [[nodiscard]] context_properties const& properties() const { return properties_; }

    /// A stream from any source: see `stream_source`. The name is the source's identity in the checkpoint; without one it is known by its
    /// place.
    template <fixed_string Name = "", typename Source>
    [[nodiscard]] auto source_stream(Source source) const
    {
        if constexpr (detail::source_rules<Source>::value)
            return stream_leaf<Source, level, !Name.view().empty()>(std::move(source), properties_.id, batch_,
                                                                    std::string(Name.view()));
    }

    /// A value that functions of steps, states and outputs add to: `auto hits = ssc.accumulator<"hits">(0)`, then
    /// `hits += x` in a function that holds a copy. See `accumulator`.
    ///
    /// `Initial` is a number, a collection of all that is added, or a type with `add(x)` and `merge(V const&)`.
    /// An update counts when its batch is done, and counts once, whatever failed, was tried again or was repeated after
    /// a crash; a batch that is not done counts nothing. The name is its identity in the checkpoint.
    /// *After recovery* the value is that of the last commit, to which the batches that run again add.
    /// With a checkpoint directory, an application whose functions add to an accumulator of another context, or to one
    /// that was made after `application`, ends with `usage_error`.
    /// Example: `examples/operators/accumulator.cpp`.
    template <fixed_string Name = "", typename Initial = std::int64_t>
    [[nodiscard]] auto accumulator(Initial initial = Initial{}) const
    {
        using value = accumulated_t<Initial>;
        static_assert(detail::accumulator_rules<Initial>::value);
        static_assert(detail::stream_accumulator_rules<value, !Name.view().empty(), Checkpointed>::value);
        auto made =
            tidemark::accumulator<value>::make(std::string(Name.view()), static_cast<value>(std::move(initial)));
        properties_.shared->add(made.shared_cell());
        return made;
    }

    /// An immutable value that functions of steps, states and outputs share: `ssc.broadcast<"stop-words">(make)`, or a
    /// value instead of the function that makes it. `make()` is called once, at the first start.
    ///
    /// What is made is saved with the commits. *After recovery* the saved value is there, whatever this program would
    /// make, and a batch that runs again sees what it saw the first time. `update` gives later batches another one.
    /// The name is its identity in the checkpoint.
    /// Example: `examples/operators/broadcast.cpp`.
    template <fixed_string Name = "", typename Source>
    [[nodiscard]] auto broadcast(Source source) const
    {
        using value = typename detail::broadcast_value<Source>::type;
        static_assert(detail::broadcast_rules<value, !Name.view().empty(), Checkpointed>::value);
        std::function<value()> make;
        if constexpr (std::invocable<Source&>)
            make = std::move(source);
        else
            make = [source = std::move(source)] { return source; };
        auto made = tidemark::broadcast<value>::from(std::string(Name.view()), std::move(make));
        properties_.shared->add(made.shared_cell());
        return made;
    }

    /// A running thing out of the description: all outputs in the order in which they run. Completed in the runtime's
    /// room.
    template <typename... Outputs>
    [[nodiscard]] auto application(Outputs... outputs) const;

    // Of several streams of this context and of one slide: completed in <tidemark/stream/transform.hpp>.

    /// In each batch the rdd that `function(rdds...)` makes of one rdd of each stream, or `function(rdds..., batch_time)`.
    template <typename Function, stream_expression First, stream_expression... Rest>
    [[nodiscard]] auto transform(Function function, First first, Rest... rest) const;

    /// The same for a list made at run time: `function(std::vector<rdd<T>> const&)`, or with a batch time after it.
    /// *Throws* `config_error` for an empty list.
    template <stream_expression Stream, typename Function>
    [[nodiscard]] auto transform(std::vector<Stream> streams, Function function) const;

    /// All records of all streams, those of the first one first. *Throws* `config_error` for an empty list.
    template <stream_expression Stream>
    [[nodiscard]] auto union_(std::vector<Stream> streams) const;

    // Sources: completed in <tidemark/sources/streams.hpp>.

    /// The lines of the files that appear in `directory`. See `text_file_source`. Example:
    /// `examples/operators/text_file_stream.cpp`.
    template <fixed_string Name = "">
    [[nodiscard]] auto text_file_stream(std::string directory) const;
    /// The same with options.
    template <fixed_string Name = "">
    [[nodiscard]] auto text_file_stream(std::string directory, file_source_options options) const;

    /// The records of `record_bytes` bytes each of the files that appear in `directory`. See `binary_records_source`.
    /// Example: `examples/operators/binary_records_stream.cpp`.
    template <fixed_string Name = "">
    [[nodiscard]] auto binary_records_stream(std::string directory, std::int64_t record_bytes) const;
    /// The same with options.
    template <fixed_string Name = "">
    [[nodiscard]] auto binary_records_stream(std::string directory, std::int64_t record_bytes,
                                             file_source_options options) const;

    /// The lines that a TCP server sends. See `socket_text_source`. Example:
    /// `examples/operators/socket_text_stream.cpp`.
    template <fixed_string Name = "">
    [[nodiscard]] auto socket_text_stream(std::string host, int port) const;
    /// The same with options.
    template <fixed_string Name = "">
    [[nodiscard]] auto socket_text_stream(std::string host, int port, socket_text_options options) const;

    /// The batches of a queue. See `queue_source` and `record_queue_source`. Example:
    /// `examples/operators/queue_stream.cpp`.
    template <fixed_string Name = "", typename Queue>
    [[nodiscard]] auto queue_stream(Queue queue) const;
    /// The same with options.
    template <fixed_string Name = "", typename Queue>
    [[nodiscard]] auto queue_stream(Queue queue, queue_options<typename detail::queued<Queue>::type> options) const;

    /// The elements of any range, `records_per_batch` at a time. See `range_source`. Example:
    /// `examples/operators/queue_stream.cpp`.
    template <fixed_string Name = "", typename Range>
    [[nodiscard]] auto from_range(Range range, std::size_t records_per_batch) const;

    /// The pairs (batch time, number) with the numbers 0, 1, 2 ..., so many in a second. See `rate_source`.
    /// Example: `examples/operators/rate_stream.cpp`.
    template <fixed_string Name = "">
    [[nodiscard]] auto rate_stream(std::int64_t records_per_second) const;
    /// A fraction is no rate.
    template <fixed_string Name = "">
    void rate_stream(std::floating_point auto) const = delete; // whole records a second: `ssc.rate_stream(100)`

private:
    void expect_unsaid(char const* call, std::string const& name) const
    {
        if (properties_.upgrade.renamed.contains(name) || properties_.upgrade.dropped.contains(name))
            throw usage_error("tidemark::streaming_context::" + std::string(call) + ": \"" + name
                              + "\" has been renamed or dropped already; say it once");
    }

    [[no_unique_address]] Batch batch_;
    context_properties properties_;
};

namespace detail {

template <std::int64_t Ms>
struct batch_duration_rules {
    static_assert(Ms > 0, "tidemark::streaming_context: the batch duration is not positive; pass at least 1_ms");
    static constexpr bool value = true;
};

template <typename Duration, typename... Directory>
[[nodiscard]] auto make_streaming_context(Duration batch, settings const& how, Directory... where)
{
    auto const interval = slide_of(batch);
    if constexpr (decltype(interval)::is_static)
        static_assert(batch_duration_rules<decltype(interval)::count>::value);
    using context = basic_streaming_context<std::remove_const_t<decltype(interval)>, (sizeof...(Directory) == 1)>;
    return context(
        interval,
        {{}, std::string(default_application_name), how, std::optional<checkpoint_directory>(std::move(where)...)});
}

} // namespace detail

/// `streaming_context<settings{...}>(10_s, directory)`: a context whose batches are 10 s long and whose checkpoints are
/// in `directory`.
///
/// The batch interval as a literal, and whether there is a directory, are part of the type, so that rules about them
/// are checked by the compiler. Without a directory there are no stateful stages, and a crash loses the batches that
/// were not done. Settings that break a rule do not compile as a template argument; given as the last argument they are
/// refused at `application()`.
template <settings S = settings{}, typename Duration>
[[nodiscard]] auto streaming_context(Duration batch)
{
    return detail::make_streaming_context(batch, checked_settings<S>::value);
}

/// The same with a checkpoint directory.
template <settings S = settings{}, typename Duration>
[[nodiscard]] auto streaming_context(Duration batch, checkpoint_directory where)
{
    return detail::make_streaming_context(batch, checked_settings<S>::value, std::move(where));
}

/// The same with settings that are known at run time only.
template <typename Duration>
[[nodiscard]] auto streaming_context(Duration batch, settings const& how)
{
    return detail::make_streaming_context(batch, how);
}

/// The same with both.
template <typename Duration>
[[nodiscard]] auto streaming_context(Duration batch, checkpoint_directory where, settings const& how)
{
    return detail::make_streaming_context(batch, how, std::move(where));
}

/// A path alone is no checkpoint directory.
template <settings S = settings{}, typename Duration, std::convertible_to<std::string> Path, typename... How>
void streaming_context(Duration, Path&&, How&&...) = delete; // a path is given as `checkpoint_directory("state")`

} // namespace tidemark
