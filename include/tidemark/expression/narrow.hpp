// SPDX-License-Identifier: BSL-1.0
//
// narrow: a step that works on the partitions of its parent one by one, and fuses with what stands before it.

#pragma once

#include <tidemark/expression/expression.hpp>

#include <utility>

namespace tidemark {

/// The node of every operator that is no more than a step.
///
/// A step names the record it makes of one (`output<Record>`), its `name`, and gives the sink that stands before the
/// next one: `before<Record>(next)`. Sinks take `operator()(record&&)` and `operator()(record const&)`, may take
/// `chunk(std::span<record const>)` and give `lanes()`, and forward `finish()` and `done()`.
template <expression Parent, typename Step>
struct narrow : expression_base {
    using record_type = typename Step::template output<record_t<Parent>>;
    using level = level_t<Parent>;
    using parents = type_list<Parent>;
    using step_type = Step;

    static constexpr dependency depends = dependency::narrow;
    static constexpr auto name = Step::name;

    Parent parent;
    [[no_unique_address]] Step step;

    constexpr narrow(Parent before, Step then)
        : parent(std::move(before))
        , step(std::move(then))
    {}

    [[nodiscard]] constexpr auto slide() const
        requires level::is_stream
    {
        return parent.slide();
    }
};

} // namespace tidemark
