// SPDX-License-Identifier: BSL-1.0
//
// rate_stream: numbers at a steady rate, here five in two batches. A batch is one half second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    auto const ssc = tide::streaming_context<tide::settings{.threads = 1}>(500_ms);
    auto const numbers = ssc.rate_stream(5) | tide::map([](tide::rate_record const& record) { return record.second; });
    tide::testing::driver run(ssc.application(numbers | tide::foreach_rdd([](auto const& rdd, tide::batch_time time) {
                                                  support::show(to_string(time), rdd | tide::collect());
                                              })));
    run.start();
    run.run_to(tide::batch_time(2000));
}
