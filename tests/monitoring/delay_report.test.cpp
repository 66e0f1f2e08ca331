// SPDX-License-Identifier: BSL-1.0
//
// delay_report.test: percentiles, which batches are kept, and the lines.

#include <tidemark/monitoring/delay_report.hpp>
#include <tidemark/monitoring/listener.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using tidemark::delay_report;
using tidemark::percentile;
using delays = std::vector<std::int64_t>;

static_assert(tidemark::streaming_listener<delay_report>);

tidemark::batch_completed batch(std::int64_t waited, std::int64_t processed)
{
    tidemark::batch_info info;
    info.submission_time = 1000;
    info.processing_start = 1000 + waited;
    info.processing_end = 1000 + waited + processed;
    return {info};
}

} // namespace

TEST_CASE("a percentile is one of the values", "[monitoring][delay_report]")
{
    CHECK(percentile({}, 50) == std::nullopt);
    CHECK(percentile({7}, 0) == 7);
    CHECK(percentile({7}, 100) == 7);
    delays const ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    CHECK(percentile(ten, 0) == 1);
    CHECK(percentile(ten, 5) == 1);
    CHECK(percentile(ten, 10) == 2);
    CHECK(percentile(ten, 25) == 3);
    CHECK(percentile(ten, 50) == 6);
    CHECK(percentile(ten, 95) == 10);
    CHECK(percentile(ten, 100) == 10);
    CHECK(percentile(ten, -5) == 1);
    CHECK(percentile(ten, 200) == 10);
}

TEST_CASE("a delay report keeps the last ten batches unless it is told otherwise", "[monitoring][delay_report]")
{
    delay_report ten({});
    delay_report two({}, 2);
    delay_report none({}, 0); // keeps one
    for (std::int64_t i = 1; i <= 12; ++i)
        for (auto* const each : {&ten, &two, &none})
            each->on(batch(1, i));
    CHECK(ten.processing_times() == delays{3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    CHECK(ten.total_delays() == delays{4, 5, 6, 7, 8, 9, 10, 11, 12, 13});
    CHECK(two.processing_times() == delays{11, 12});
    CHECK(none.processing_times() == delays{12});
}

TEST_CASE("a delay report writes two lines after each batch", "[monitoring][delay_report]")
{
    std::string written;
    auto const tell =
        tidemark::listening(std::make_shared<delay_report>([&written](std::string_view lines) { written = lines; }));
    tell(batch(20, 10));
    CHECK(written
          == "total delay of 1 batches, ms: 0% 30, 5% 30, 10% 30, 25% 30, 50% 30, 75% 30, 90% 30, 95% 30, 100% 30\n"
             "processing time of 1 batches, ms: 0% 10, 5% 10, 10% 10, 25% 10, 50% 10, 75% 10, 90% 10, 95% 10, "
             "100% 10\n");
    tell(batch(0, 5));
    CHECK(written
          == "total delay of 2 batches, ms: 0% 5, 5% 5, 10% 5, 25% 5, 50% 30, 75% 30, 90% 30, 95% 30, 100% 30\n"
             "processing time of 2 batches, ms: 0% 5, 5% 5, 10% 5, 25% 5, 50% 10, 75% 10, 90% 10, 95% 10, 100% 10\n");
}

TEST_CASE("a delay that is not known is left out", "[monitoring][delay_report]")
{
    std::string written;
    delay_report report([&written](std::string_view lines) { written += lines; });
    report.on(tidemark::batch_completed{});
    CHECK(written.empty());
    CHECK(report.total_delays().empty());
}
