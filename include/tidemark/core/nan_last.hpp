// SPDX-License-Identifier: BSL-1.0
//
// nan_last: an order of numbers in which NaN has a place.

#pragma once

#include <concepts>

namespace tidemark {

/// `<`, by which a NaN is larger than every number, and no larger than another.
struct nan_last {
    template <typename T>
    [[nodiscard]] bool operator()(T const& left, T const& right) const
    {
        if constexpr (std::floating_point<T>)
            return left < right || (is_nan(right) && !is_nan(left));
        else
            return left < right;
    }

private:
    template <typename T>
    [[nodiscard]] static bool is_nan(T number)
    {
        return !(number == number); // <cmath> is large, and this is all that is wanted of it
    }
};

} // namespace tidemark
