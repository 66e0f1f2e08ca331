// SPDX-License-Identifier: BSL-1.0
//
// queue_stream: batches from a list, from a queue that the program fills, and, by from_range, from any range.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

/// Prints the batches of `stream`; one without a dataset is passed over.
template <typename Context, typename Stream>
tide::testing::driver printing(Context const& ssc, Stream const& stream)
{
    tide::testing::driver run(ssc.application(stream | tide::foreach_rdd([](auto const& rdd, tide::batch_time time) {
                                                  support::show("  " + to_string(time), rdd | tide::collect());
                                              })));
    run.start();
    return run;
}

int main()
{
    auto const ssc = tide::streaming_context<tide::settings{.threads = 1}>(1_s);
    tide::batch_time const end(4000);

    std::vector<std::optional<std::vector<int>>> const list{std::vector{1, 2}, std::nullopt, std::vector{3}};
    std::cout << "a list, one element for each batch; the second is no dataset:\n";
    printing(ssc, ssc.queue_stream(list)).run_to(end);
    std::cout << "a list at once:\n";
    printing(ssc, ssc.queue_stream(list, {.one_at_a_time = false})).run_to(end);
    std::cout << "a list, and what follows it:\n";
    printing(ssc, ssc.queue_stream(list, {.when_empty = std::vector{0}})).run_to(end);

    std::cout << "a queue that the program fills:\n";
    tide::record_queue<std::string> queue;
    auto run = printing(ssc, ssc.queue_stream(queue));
    queue.push({"ebb", "flow"});
    run.run_next();
    run.run_next();
    queue.push({"sea"});
    run.run_next();

    std::cout << "a range, three elements for each batch:\n";
    auto const squares = ranges::views::iota(1, 6) | ranges::views::transform([](int x) { return x * x; });
    printing(ssc, ssc.from_range(squares, 3)).run_to(tide::batch_time(3000));
}
