// SPDX-License-Identifier: BSL-1.0
//
// slice: the last batches of a running application, while its context remembers them.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    auto const ssc = tide::streaming_context(1_s).remembering(3_s);
    auto const numbers =
        ssc.source_stream(tide::testing::batch_source<int>({std::vector{1, 2}, std::vector{3}, std::vector{4}}));
    tide::testing::driver run(ssc.application(numbers | tide::foreach_rdd([](auto const&) {})));
    run.start();
    run.run_to(tide::batch_time(3000));
    for (auto const& batch :
         run.slice(numbers, tide::batch_time(2000), tide::batch_time(3000))) // as application::slice
        support::show("batch", batch | tide::collect());
}
