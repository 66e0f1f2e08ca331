// SPDX-License-Identifier: BSL-1.0
//
// batch_report.test: the lines that people read.

#include <tidemark/monitoring/batch_report.hpp>
#include <tidemark/monitoring/listener.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using lines = std::vector<std::string>;
using tidemark::batch_info;

/// What a report writes about some events.
lines reported(std::vector<tidemark::streaming_event> const& events)
{
    lines written;
    auto const tell = tidemark::listening(
        std::make_shared<tidemark::batch_report>([&written](std::string_view line) { written.emplace_back(line); }));
    for (auto const& event : events)
        tell(event);
    return written;
}

batch_info batch(std::int64_t time, std::uint64_t records)
{
    batch_info info;
    info.batch_time = time;
    info.inputs = {{"in", records}};
    info.processing = std::chrono::microseconds(1234);
    return info;
}

} // namespace

TEST_CASE("a batch is a line with its time, records, processing time and states", "[monitoring][batch_report]")
{
    auto info = batch(2000, 7);
    info.stages = {{"hits", "map_with_state", 1, 9'999}, {"recent", "window", 20, 10'240}};
    CHECK(reported({tidemark::batch_completed{info}})
          == lines{"batch 2000 ms: 7 records in 1.2 ms; hits 1 keys, 9999 B; recent 20 records, 10.0 KiB\n"});
}

TEST_CASE("a batch without records is left out, unless something failed in it", "[monitoring][batch_report]")
{
    auto idle = batch(2000, 0);
    CHECK(reported({tidemark::batch_completed{idle}}).empty());
    idle.outputs.resize(2);
    idle.outputs[1].name = "out";
    idle.outputs[1].failure = "no paper";
    CHECK(reported({tidemark::batch_completed{idle}})
          == lines{"batch 2000 ms: 0 records in 1.2 ms\n  out failed: no paper\n"});
}

TEST_CASE("commits, troubles of sources and what a restart has found are lines, too", "[monitoring][batch_report]")
{
    CHECK(reported({tidemark::streaming_started{0, 4000, 2, {"a record was cut short"}},
                    tidemark::source_problem{5000, "in", "connection refused"},
                    tidemark::commit_completed{5000, 20 << 20U, std::chrono::milliseconds(3)},
                    tidemark::commit_failed{6000, "the disk is full"}, tidemark::listener_problem{1, "no ink"},
                    tidemark::streaming_stopped{6500}, tidemark::streaming_stopped{6600, 3}})
          == lines{"note: a record was cut short\n",
                   "restored the commit of batch 4000 ms; 2 batches to run again or to catch up with\n",
                   "source in: connection refused\n", "commit 5000 ms: 20.0 MiB in 3.0 ms\n",
                   "commit 6000 ms failed: the disk is full\n", "listener 1 threw: no ink\n",
                   "stopped; 3 batches have not been done\n"});
    CHECK(reported({tidemark::streaming_started{}}).empty());
    CHECK(reported({tidemark::streaming_started{0, 4000, 2, {}, 1}})
          == lines{"restored the commit of batch 4000 ms; 2 batches to run again or to catch up with; newer ones that "
                   "cannot be used: 1\n"});
}
