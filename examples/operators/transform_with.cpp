// SPDX-License-Identifier: BSL-1.0
//
// transform_with: a function of the batches of two streams.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::testing::batches<int> const input{{1, 2}, {}, {3}};
    support::show_batches(tide::testing::run_batches<int>(input, [](auto numbers) {
        auto const negative = numbers | tide::map([](int x) { return -x; });
        return numbers | tide::transform_with(negative, [](auto const& some, auto const& others) {
                   return some | tide::union_(others) | tide::filter([](int x) { return x != 1; });
               });
    }));
}
