// SPDX-License-Identifier: BSL-1.0
//
// compressed_state.test: an application whose states and windows are compressed in its checkpoint, from restart to restart.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/state_export.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <checkpoint/run_lengths.hpp>
#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using compression_cases::run_lengths;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::foreach_rdd;
using tidemark::memory_storage;

constexpr int key_count = 50;

/// The number under each key.
constexpr auto under_all_keys = [](int number) {
    std::vector<std::pair<std::string, int>> all;
    for (int key = 0; key < key_count; ++key)
        all.emplace_back(std::string(40, 'k') + std::to_string(key), number);
    return all;
};
constexpr auto add = [](std::string const&, std::optional<int> value, tidemark::state<int>& state) {
    state.update(state.get_option().value_or(0) + *value);
    return state.get();
};
constexpr auto latest = [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
    return values.empty() ? before : values.back();
};
constexpr auto plus = [](int one, int other) { return one + other; };
constexpr auto minus = [](int one, int other) { return one - other; };

/// The values of all keys, by output, in the last batch that ran.
using seen = std::map<std::string, std::vector<int>>;

tidemark::application program(checkpoint_directory const& where, std::shared_ptr<seen> const& out)
{
    auto const ssc = tidemark::streaming_context(1_s, where, tidemark::settings{.partitions = 2, .threads = 1});
    auto const numbers =
        ssc.source_stream<"numbers">(counting_source(std::make_shared<script>())) | tidemark::flat_map(under_all_keys);
    auto const to = [out](std::string name) {
        return [out, name](auto const& rdd) {
            auto& values = (*out)[name];
            values.clear();
            for (auto const& [key, value] : rdd | tidemark::collect())
                values.push_back(value);
        };
    };
    auto const plain = [out](auto const& rdd) { (*out)["sums"] = rdd | tidemark::collect(); };
    return ssc.application(numbers | tidemark::map_with_state<"sums">(tidemark::state_spec(add), checkpoint_every(2_s))
                               | foreach_rdd<"sums out">(plain),
                           numbers | tidemark::update_state_by_key<"latest">(latest, checkpoint_every(2_s))
                               | foreach_rdd<"latest out">(to("latest")),
                           numbers | tidemark::window<"last three">(3_s) | checkpoint_every(3_s)
                               | tidemark::reduce_by_key(plus) | foreach_rdd<"window out">(to("window")),
                           numbers | tidemark::reduce_by_key_and_window<"by inverse">(plus, minus, 3_s)
                               | foreach_rdd<"inverse out">(to("inverse")));
}

/// What batch n, which brings n under each key, must show.
seen expected(int n)
{
    auto const of_all = [](int value) { return std::vector<int>(key_count, value); };
    int last_three = 0;
    for (int i = std::max(1, n - 2); i <= n; ++i)
        last_three += i;
    return {{"sums", of_all(n * (n + 1) / 2)},
            {"latest", of_all(n)},
            {"window", of_all(last_three)},
            {"inverse", of_all(last_three)}};
}

} // namespace

TEST_CASE("states and windows go on from compressed checkpoints, and without compression again",
          "[runtime][compression]")
{
    memory_storage disk;
    auto const out = std::make_shared<seen>();
    std::set<std::string> compressed;
    int last = 0;
    for (int start = 0; start < 6; ++start) {
        auto const place = checkpoint_directory(disk);
        auto const where = start % 3 == 2 ? place.decompressed_by(run_lengths{}) : place.compressed_by(run_lengths{});
        {
            tidemark::testing::driver run(program(where, out));
            run.start();
            for (auto const& note : notes_of(run))
                CHECK_FALSE(contains(note, "cannot be used"));
            last += 4;
            run.run_to(batch_time(1000 * last));
            CHECK(*out == expected(last));
            if (start % 2 == 0)
                run.stop();
        }
        disk = disk.kill();
        if (start == 1) { // a program without the compression names a stage, and changes nothing
            auto const before = disk.read("manifest");
            auto const words = words_of<tidemark::incompatible_checkpoint>([&] {
                tidemark::testing::driver run(program(checkpoint_directory(disk), out));
                run.start();
            });
            CHECK(contains(words, "is compressed by compression 300"));
            CHECK(disk.read("manifest") == before);
            disk = disk.kill();
        }
        auto const found = tidemark::inspect_checkpoint(memory_storage(disk));
        for (auto const& state : found.commits.back().states)
            if (!state.compressions.empty())
                compressed.insert(state.stage);
    }
    CHECK(compressed == std::set<std::string>{"by inverse", "last three", "latest", "sums"});
    auto const where = checkpoint_directory(disk).decompressed_by(run_lengths{});
    std::size_t states = 0;
    tidemark::for_each_state<std::string, int>(where, "sums", [&](std::string const&, int) { ++states; });
    CHECK(states == key_count);
}
