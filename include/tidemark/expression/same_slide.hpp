// SPDX-License-Identifier: BSL-1.0
//
// same_slide: whether two streams have the same slide, as far as their types tell.

#pragma once

#include <tidemark/expression/expression.hpp>

#include <type_traits>

namespace tidemark {

/// True unless both slides are known from the types and differ. Slides that are known only at run time are compared by
/// `application()`.
template <expression First, expression Second>
struct same_slide : std::true_type {};

template <stream_expression First, stream_expression Second>
    requires(slide_t<First>::is_static && slide_t<Second>::is_static)
struct same_slide<First, Second> : std::is_same<slide_t<First>, slide_t<Second>> {};

} // namespace tidemark
