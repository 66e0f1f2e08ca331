// SPDX-License-Identifier: BSL-1.0
//
// dstream_made_elsewhere.test: functions in another source file than those who call them; see dstream.test.cpp.

#include <stream/dstream_functions.hpp>

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/runtime/application.hpp>

namespace tidemark_test {

tidemark::dstream<int> even_halves(tidemark::dstream<int> const& numbers)
{
    return numbers | tidemark::filter([](int x) { return x % 2 == 0; }) | tidemark::map([](int x) { return x / 2; });
}

} // namespace tidemark_test
