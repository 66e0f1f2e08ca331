// SPDX-License-Identifier: BSL-1.0
//
// supervised: a program for a supervisor: it ends cleanly when it is asked to, and its exit code says whether a restart helps.

#include <tidemark/tidemark.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

std::int64_t count_up(std::string const& /*parity*/, std::optional<std::int64_t> more, tide::state<std::int64_t>& total)
{
    total.update(total.get_option().value_or(0) + more.value_or(0));
    return total.get();
}

tide::application parities(tide::checkpoint_directory where)
{
    auto ssc = tide::streaming_context(100_ms, where).named("parities");
    auto counts = ssc.rate_stream<"numbers">(100) | tide::map([](auto const& pair) {
                      return std::pair(std::string(pair.second % 2 == 0 ? "even" : "odd"), std::int64_t{1});
                  })
                  | tide::reduce_by_key(std::plus<>())
                  | tide::map_with_state<"counts">(tide::state_spec(count_up), tide::checkpoint_every(200_ms));
    auto app = ssc.application(counts | tide::foreach_rdd<"nothing">([](auto const& rdd) {
                                   (void)(rdd | tide::count_records()); // a real program would write somewhere
                               }));
    app.listen(tide::listening(
        std::make_shared<tide::batch_report>([](std::string_view line) { std::cerr << line << std::flush; })));
    return app;
}

constexpr int restart_helps = 1; // an output failed, a disk was full, another process still runs
constexpr int somebody_must_look = 3;

int main()
try {
    tide::stop_on_signals signals; // first of all: threads inherit that the signals are blocked
    auto app = tide::get_or_create(tide::checkpoint_directory("state"), parities);
    app.start();
    signals.watch(app);
    app.await_termination();
    return 0;
} catch (tide::config_error const& problem) { // the program itself is wrong
    std::cerr << problem.what() << '\n';
    return somebody_must_look;
} catch (tide::usage_error const& problem) { // as above, found out while it ran
    std::cerr << problem.what() << '\n';
    return somebody_must_look;
} catch (tide::incompatible_checkpoint const& problem) { // the checkpoint is another program's, or another version's
    std::cerr << problem.what() << '\n';
    return somebody_must_look;
} catch (tide::corrupt_checkpoint const& problem) { // no commit verifies
    std::cerr << problem.what() << '\n';
    return somebody_must_look;
} catch (tide::source_error const& problem) { // an input is missing, or is not what it was
    std::cerr << problem.what() << '\n';
    return somebody_must_look;
} catch (std::exception const& problem) {
    std::cerr << problem.what() << '\n';
    return restart_helps;
}
