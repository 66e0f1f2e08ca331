// SPDX-License-Identifier: BSL-1.0
//
// accumulator: what functions count on the side, each record once, across restarts.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    tide::memory_storage const disk; // in a program of yours: checkpoint_directory("state/")
    for (int start = 1; start <= 2; ++start) {
        auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(disk));
        auto const good = ssc.accumulator<"good">();
        auto const bad = ssc.accumulator<"bad">(std::vector<std::string>());

        auto const parse = [good, bad](std::string const& text) -> std::optional<int> {
            if (text.find_first_not_of("0123456789") != std::string::npos) {
                bad.add(text);
                return std::nullopt;
            }
            good += 1;
            return std::stoi(text);
        };
        auto const lines =
            ssc.queue_stream<"lines">(std::vector<std::vector<std::string>>{{"1", "two", "3"}, {"4"}, {"five"}});
        tide::testing::driver run(ssc.application(
            lines | tide::flat_map(parse)
            | tide::foreach_rdd<"numbers">([](auto const& rdd) { support::show("numbers", rdd | tide::collect()); })));
        run.start(); // the second time, behind what the first has done
        run.run_next();
        support::show("good so far", std::vector{good.value()});
        support::show("bad so far", bad.value());
    }
}
