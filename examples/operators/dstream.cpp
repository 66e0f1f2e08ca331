// SPDX-License-Identifier: BSL-1.0
//
// dstream: a list of streams that is made at run time, united by the context.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    auto const ssc = tide::streaming_context(1_s);
    auto const numbers = ssc.source_stream(tide::testing::batch_source<int>({std::vector{1, 2}, std::vector{3}}));
    std::vector<tide::dstream<int>> tables;
    for (int const times : {1, 10, 100})
        tables.emplace_back(numbers | tide::map([times](int x) { return times * x; }));
    tide::testing::driver run(ssc.application(
        ssc.union_(tables) | tide::foreach_rdd([](auto const& rdd) { support::show("all", rdd | tide::collect()); })));
    run.start();
    run.run_to(tide::batch_time(2000));
}
