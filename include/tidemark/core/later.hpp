// SPDX-License-Identifier: BSL-1.0
//
// later: types that a template needs only when it is used itself.

#pragma once

namespace tidemark {

namespace detail {

template <typename T, typename... Parameters>
struct later_type {
    using type = T;
};

} // namespace detail

/// `T`, for variables in a template with these parameters.
///
/// The compiler makes the class of a variable as soon as it reads the template, unless the type depends on the parameters.
/// This one does; it is for classes that cost much, as containers of the library's own types do.
template <typename T, typename... Parameters>
using later = typename detail::later_type<T, Parameters...>::type;

} // namespace tidemark
