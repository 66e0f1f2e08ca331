// SPDX-License-Identifier: BSL-1.0
//
// expressions: leaves for tests that only look at types.

#pragma once

#include <tidemark/expression/expression.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <string_view>

namespace tidemark_test {

template <typename Record>
using rdd_of = tidemark::rdd_leaf<Record, false>;

/// A stream without a source.
template <typename Record, tidemark::slide Slide = tidemark::static_slide<1000>, bool Checkpointed = false>
struct stream_of : tidemark::expression_base {
    using record_type = Record;
    using level = tidemark::stream_level<Slide, Checkpointed>;
    using parents = tidemark::type_list<>;

    static constexpr auto depends = tidemark::dependency::none;
    static constexpr std::string_view name = "stream";

    Slide ticks{};

    [[nodiscard]] constexpr Slide slide() const { return ticks; }
};

} // namespace tidemark_test
