// SPDX-License-Identifier: BSL-1.0
//
// get_active_or_create: the application that runs in this process, or else a new one, with what its checkpoint holds.

#include <tidemark/tidemark.hpp>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

std::atomic<int> batches_done = 0;

tide::application counting(tide::checkpoint_directory where)
{
    std::cout << "made\n";
    auto const ssc = tide::streaming_context(10_ms, where).named("counting");
    return ssc.application(ssc.queue_stream<"numbers">(std::vector<std::vector<int>>{{1, 2}, {3}})
                           | tide::foreach_rdd<"batches">([](auto const&) { ++batches_done; }));
}

/// What any part of the program calls that wants the application to run.
tide::application running()
{
    auto app = tide::get_active_or_create(tide::checkpoint_directory("checkpoint"), counting);
    if (app.phase() == tide::application_phase::initialized)
        app.start();
    return app;
}

int main()
{
    std::cout << std::boolalpha << "active at first: " << tide::get_active().has_value() << "\n";
    auto const app = running(); // it ends with the last handle
    running();                  // the same one
    std::cout << "active: " << tide::get_active()->name() << "\n";
    while (batches_done < 2)
        std::this_thread::yield();
    tide::get_active()->stop();
    std::cout << "active after stop: " << tide::get_active().has_value() << "\n";
    running().stop(); // another one, behind the batches that have been committed
}
