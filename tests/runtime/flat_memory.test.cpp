// SPDX-License-Identifier: BSL-1.0
//
// flat_memory.test: what is kept does not grow with the number of batches.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::foreach_rdd;
using tidemark::memory_storage;
using tidemark::testing::driver;

constexpr auto by_last_digit = [](int number) { return std::pair(number % 10, number); };
constexpr auto read_all = [](auto const& rdd) { (void)(rdd | tidemark::collect()); };

/// Every kind of stage at once, some of it shared, some of it read by nobody.
template <typename Context>
tidemark::application program(Context const& ssc, std::shared_ptr<script> const& source)
{
    auto const pairs = ssc.template source_stream<"numbers">(counting_source(source)) | tidemark::map(by_last_digit)
                       | tidemark::reduce_by_key(std::plus<>{});
    auto const tracked = pairs
                         | tidemark::map_with_state<"tracked">(
                             tidemark::state_spec([](int digit, std::optional<int>, tidemark::state<int>& state) {
                                 if (!state.is_timing_out())
                                     state.update(1);
                                 return std::pair(digit, 1);
                             }).timeout(5_s),
                             checkpoint_every(3_s));
    auto const updated =
        pairs
        | tidemark::update_state_by_key<"updated">(
            [](std::vector<int> const&, std::optional<int>) { return std::optional(1); }, checkpoint_every(2_s));
    return ssc.application(pairs | tidemark::union_(updated) | tidemark::count() | foreach_rdd<"a">(read_all),
                           tracked | tidemark::window(4_s, 2_s) | foreach_rdd<"b">(read_all),
                           tracked | tidemark::state_snapshots() | checkpoint_every(1_s) | foreach_rdd<"c">(read_all),
                           pairs | tidemark::window(3_s) | foreach_rdd<"d">([](auto const&) {}));
}

} // namespace

TEST_CASE("over a thousand batches nothing grows that is kept for each batch", "[runtime][flat_memory]")
{
    memory_storage const disk;
    auto const source = std::make_shared<script>();
    driver run(program(
        tidemark::streaming_context(1_s, checkpoint_directory(disk), {.partitions = 2, .key_groups = 4, .threads = 1}),
        source));
    run.start();
    std::size_t most_datasets = 0;
    std::size_t most_files = 0;
    std::uint64_t most_bytes = 0;
    for (int batch = 1; batch <= 1000; ++batch) {
        REQUIRE_FALSE(run.next().failure);
        std::uint64_t bytes = 0;
        for (auto const& name : disk.list())
            bytes += disk.size(name);
        auto const datasets = run.engine().datasets_kept();
        if (batch <= 20) {
            most_datasets = std::max(most_datasets, datasets);
            most_files = std::max(most_files, disk.list().size());
        }
        if (batch <= 250)
            most_bytes = std::max(most_bytes, bytes);
        INFO("batch " << batch);
        REQUIRE(datasets <= most_datasets);
        REQUIRE(datasets <= 10); // four panes of one window, three of the other, and what is between batches
        REQUIRE(disk.list().size() <= most_files + 2);
        REQUIRE(bytes <= most_bytes + (std::uint64_t{5} << 20U)); // one log segment and a little
    }
    CHECK(commits_of(run).back() == 1'000'000);
}

TEST_CASE("a restart keeps the plans of an earlier run only until they have run", "[runtime][flat_memory]")
{
    memory_storage disk;
    auto const source = std::make_shared<script>();
    auto const ssc = [&] {
        return tidemark::streaming_context(1_s, checkpoint_directory(disk),
                                           {.partitions = 2, .key_groups = 4, .threads = 1});
    };
    {
        auto const context = ssc();
        driver run(context.application(context.source_stream<"numbers">(counting_source(source))
                                       | checkpoint_every(20_s) | foreach_rdd<"out">(read_all)));
        run.start();
        run.run_to(batch_time(10'000));
    }
    disk = disk.kill();
    auto const context = ssc();
    driver run(context.application(context.source_stream<"numbers">(counting_source(source)) | checkpoint_every(20_s)
                                   | foreach_rdd<"out">(read_all)));
    run.restore();
    CHECK(run.engine().plans_kept() == 20); // plans and what was done, of ten batches
    run.repeat();
    CHECK(run.engine().plans_kept() == 0);
}
