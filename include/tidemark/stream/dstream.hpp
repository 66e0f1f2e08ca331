// SPDX-License-Identifier: BSL-1.0
//
// dstream: any stream of one record type, as a type that can be named.

#pragma once

#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/level.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

namespace tidemark {

struct job_graph;
template <typename Graph>
class basic_graph_builder;
/// What makes the running stages of an application out of its expressions.
using graph_builder = basic_graph_builder<job_graph>;
template <typename Record>
class dataset_stage;

/// A stream whose type is not known any more.
template <typename Record>
class hidden_stream {
public:
    hidden_stream() = default;
    hidden_stream(hidden_stream const&) = delete;
    hidden_stream& operator=(hidden_stream const&) = delete;
    virtual ~hidden_stream() = default;

    [[nodiscard]] virtual duration slide() const = 0;
    /// The stage that gives the stream's datasets in the application that is being built.
    [[nodiscard]] virtual std::shared_ptr<dataset_stage<Record>> build(graph_builder& builder) const = 0;
};

namespace detail {

/// What a `dstream` hides. In `<tidemark/runtime.hpp>`: a file that makes one of another stream includes that.
template <stream_expression E>
auto hidden_by_the_runtime(E stream, node_id const& id);

} // namespace detail

/// Any stream with records `T`: for class members, for functions in a source file, for lists made at run time.
///
/// Erasing ends a stage: the steps before it are compiled where the `dstream` is made, and run once for all who read
/// it. What its type hides is checked by `application()`, in the words that the compiler has for it elsewhere: the
/// slide, and whether the context has a checkpoint directory. A state above it that has no name is known by what stands
/// between, and not by what is hidden: give it a name.
///
///     std::vector<tide::dstream<line>> all;
///     for (auto const& directory : directories)
///         all.emplace_back(ssc.text_file_stream(directory) | tide::map(parse));
///     auto merged = ssc.union_(all);
template <record T>
class dstream : public expression_base {
public:
    using record_type = T;
    using level = stream_level<dynamic_slide, true>;
    using parents = type_list<>;

    static constexpr dependency depends = dependency::none;
    static constexpr std::string_view name = "dstream";

    template <stream_expression E>
        requires(!std::same_as<E, dstream> && std::same_as<record_t<E>, T>)
    dstream(E stream) // NOLINT(google-explicit-constructor): a dstream<T> is any stream of T
        : hidden_(detail::hidden_by_the_runtime(std::move(stream), id))
    {}

    dstream(dstream const&) = default;
    dstream& operator=(dstream const&) = default; // and no moves: a handle that was moved from would be none
    ~dstream() = default;

    [[nodiscard]] dynamic_slide slide() const { return {hidden_->slide()}; }

    node_id id;

    /// What it hides; for the runtime.
    [[nodiscard]] hidden_stream<T> const& hidden() const { return *hidden_; }

private:
    std::shared_ptr<hidden_stream<T> const> hidden_;
};

template <stream_expression E>
dstream(E) -> dstream<record_t<E>>;

} // namespace tidemark
