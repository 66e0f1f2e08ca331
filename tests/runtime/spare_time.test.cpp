// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using entry = std::pair<int, int>;

/// Fifty keys in the first batch, and one of them in each of the others.
std::vector<std::vector<entry>> batches(int count)
{
    std::vector<std::vector<entry>> all(static_cast<std::size_t>(count));
    for (int key = 0; key < 50; ++key)
        all.front().emplace_back(key, 1);
    for (int batch = 1; batch < count; ++batch)
        all[static_cast<std::size_t>(batch)].emplace_back(batch, batch);
    return all;
}

} // namespace

TEST_CASE("bases are written between batches, so that a start has few changes to go through", "[runtime][spare_time]")
{
    tidemark::memory_storage const disk;
    tidemark::manual_clock clock;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(disk),
                                                 {.partitions = 1, .key_groups = 1, .threads = 1});
    auto const add = [](int, std::optional<int> value, tidemark::state<int>& state) {
        state.update(state.get_option().value_or(0) + *value);
        return 0;
    };
    auto app = ssc.application(
        ssc.queue_stream<"numbers">(batches(8))
        | tidemark::map_with_state<"sums">(tidemark::state_spec<int>(add), tidemark::checkpoint_every(1_s))
        | tidemark::foreach_rdd([](auto const&) {}));
    app.start(tidemark::any_clock(clock));
    for (std::int64_t second = 1; second <= 8; ++second) {
        clock.wait_for_waiter(tidemark::batch_time(1000 * second));
        clock.set(tidemark::batch_time(1000 * second));
        std::this_thread::sleep_for(std::chrono::milliseconds(20)); // so that there is time to spare
    }
    app.stop(true);
    auto const commit = tidemark::inspect_checkpoint(disk).commits.back().record.value();
    CHECK(commit.time == tidemark::batch_time(8000));
    auto const& group = commit.stages.at(0).groups.at(0);
    REQUIRE(group.group == 0);
    CHECK(group.runs.size()
          < 7); // all changes since the first batch are less than the state, so no batch writes a base
}
