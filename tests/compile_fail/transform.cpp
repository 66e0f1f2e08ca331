// SPDX-License-Identifier: BSL-1.0
//
// transform: functions of whole batches that must not compile, and what the compiler says of each.

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/literals.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using count = std::pair<std::string, int>;
using updates = tide::partition_updates<std::string, int, int>;

auto same = [](auto const& rdd) { return rdd; };
auto both = [](auto const& rdd, auto const& other) { return rdd | tide::union_(other); };
auto first = [](std::vector<tide::rdd<count>> const& all) { return all.front(); };
auto takes_text = [](std::string const&) { return 0; };

std::vector<count> keep(updates all)
{
    std::vector<count> states;
    for (auto const& one : all)
        states.emplace_back(one.key, one.state.value_or(0));
    return states;
}

void program(tide::checkpoint_directory where)
{
    auto const ssc = tide::streaming_context(10_s, where);
    auto const pairs = ssc.source_stream(tide::testing::batch_source<count>({}));
    std::vector<tide::dstream<count>> const list{pairs};

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::transform: the function cannot be called with the batch; it must take (auto rdd), one for each stream
    (void)(pairs | tide::transform(takes_text));
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::transform: the function gives no rdd
    (void)(pairs | tide::transform([](auto const& rdd) { return rdd | tide::count_records(); }));
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::transform: the streams have different slides
    (void)(pairs | tide::transform_with(pairs | tide::window(20_s, 20_s), both));
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::transform: the records are or hold pointers, references or views
    (void)(pairs | tide::transform([](auto const& rdd) {
               return rdd | tide::map([](count const& pair) { return std::string_view(pair.first); });
           }));
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::transform: this is an rdd, and only streams have batches
    (void)(tide::rdd_context().parallelize(std::vector<count>{}, 1) | tide::transform(same));
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::transform: the function cannot be called with the batch of a list of streams
    (void)ssc.transform(list, takes_text);
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::update_partition: the function does not tell the type of the states
    (void)tide::update_partition([](auto all) { return all; });
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::update_state_by_key: the function cannot be called with the values
    (void)(pairs | tide::update_state_by_key<"s">(tide::update_partition<int>(takes_text)));
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: transform needs a function: `stream | transform(f)`
    (void)(pairs | tide::transform());
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: transform_with needs the other stream: `first | transform_with(second, f)`
    (void)(pairs | tide::transform_with());
#else
    (void)(pairs | tide::transform(same) | tide::transform_with(pairs, both));
    (void)ssc.transform(list, first);
    (void)ssc.transform(both, pairs, list.front());
    (void)(pairs | tide::update_state_by_key<"s">(tide::update_partition(keep)));
#endif
}
