// SPDX-License-Identifier: BSL-1.0
//
// stream_leaf: a source as the beginning of a stream expression.

#pragma once

#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/stream/source.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// The records of `Source`, one dataset for each batch. `Named`: the program has given the source a name.
template <stream_source Source, typename Level, bool Named = false>
struct stream_leaf : expression_base {
    using record_type = typename Source::record_type;
    using level = Level;
    using parents = type_list<>;
    using source_type = Source;

    static constexpr dependency depends = dependency::none;
    static constexpr bool replayable = Source::replayable;
    static constexpr bool is_named = Named;
    static constexpr std::string_view name = Source::name;

    node_id id;
    node_id context; ///< Of the streaming context that made it.
    Source source;
    typename Level::slide_type interval; ///< The batch interval of that context.
    std::string label;                   ///< The name that the program gave, or nothing.

    stream_leaf(Source from, node_id const& made_by, typename Level::slide_type batch, std::string called)
        : context(made_by)
        , source(std::move(from))
        , interval(batch)
        , label(std::move(called))
    {}

    [[nodiscard]] auto slide() const { return interval; }
};

} // namespace tidemark
