// SPDX-License-Identifier: BSL-1.0
//
// restored: what a start reads of a sound commit into stages, accumulators and sources, with any bytes at all in the place of
// one saved value.

#pragma once

#include <tidemark/checkpoint.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fuzz {

using word_count = std::pair<std::string, int>;

inline word_count track(std::string const& word, std::optional<int> more, tidemark::state<int>& state)
{
    state.update(state.get_option().value_or(0) + more.value_or(0));
    return {word, state.get()};
}

inline std::optional<std::vector<int>> last_three(std::vector<int> const& more, std::optional<std::vector<int>> kept)
{
    auto all = std::move(kept).value_or(std::vector<int>());
    all.insert(all.end(), more.begin(), more.end());
    return std::vector(all.end() - std::min<std::ptrdiff_t>(3, std::ssize(all)), all.end());
}

/// An application that keeps state of each kind in `files`.
inline tidemark::testing::driver stateful_application(tidemark::memory_storage const& files)
{
    using namespace tidemark::literals;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(files),
                                                 tidemark::settings{.partitions = 2, .key_groups = 2, .threads = 1})
                         .named("fuzz");
    auto const seen = ssc.accumulator<"seen">();
    auto const dropped = ssc.accumulator<"dropped">(std::vector<std::string>());
    auto const stop = ssc.broadcast<"stop">([] { return std::set<std::string>{"the"}; });
    auto const words = ssc.queue_stream<"words">(std::vector<std::vector<std::string>>{
                           {"the", "tide", "turns"}, {"tide", "and", "time"}, {"the", "time"}, {}, {"tide", "wave"}})
                       | tidemark::map([seen, dropped, stop](std::string const& word) {
                             seen += 1;
                             if (stop.value().contains(word))
                                 dropped.add(word);
                             return word_count(word, 1);
                         });
    auto const counted = tidemark::foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::count_records()); });
    return tidemark::testing::driver(ssc.application(
        words | tidemark::map_with_state<"tracked">(tidemark::state_spec(track).timeout(100_s)) | counted,
        words | tidemark::update_state_by_key<"kept">(last_three) | counted,
        words | tidemark::window(3_s) | tidemark::checkpoint_every(1_s) | counted,
        words | tidemark::reduce_by_key_and_window<"recent">(std::plus<>{}, std::minus<>{}, 3_s) | counted));
}

/// What such an application has saved after three batches.
inline tidemark::commit_record const& sound_commit()
{
    static tidemark::commit_record const made = [] {
        tidemark::memory_storage const files;
        auto run = stateful_application(files);
        run.start();
        run.run_to(tidemark::batch_time(3000));
        run.stop();
        return tidemark::read_checkpoint(files, "fuzz").commit.value();
    }();
    return made;
}

/// Calls `group(stage, image)` for each group of a stage, and `value(bytes)` for each other value.
template <typename Commit, typename Group, typename Value>
void each_saved(Commit& commit, Group const& group, Value const& value)
{
    for (auto& stage : commit.stages)
        for (auto& each : stage.groups)
            group(each);
    for (auto* const named : {&commit.accumulators, &commit.settings, &commit.positions})
        for (auto& [name, bytes] : *named)
            value(bytes);
}

/// A checkpoint with this commit: the bases first, and the runs behind them.
inline tidemark::memory_storage checkpoint_of(tidemark::commit_record commit)
{
    tidemark::memory_storage const files;
    auto log = tidemark::journal::open(tidemark::any_storage(files), {.application = "fuzz"}).log;
    std::map<tidemark::batch_time, std::map<std::string, tidemark::stage_changes>> changes;
    auto bases = commit;
    bases.time = commit.zero;
    for (auto& stage : bases.stages)
        for (auto& group : stage.groups)
            for (auto& run : std::exchange(group.runs, {}))
                changes[run.time][stage.name].runs.push_back({group.group, std::move(run)});
    static_cast<void>(log.commit(bases));
    for (auto& [time, stages] : changes)
        for (auto& [name, changed] : stages)
            log.change(time, name, std::move(changed));
    for (auto& stage : commit.stages)
        stage.groups.clear(); // as they are, with those changes
    static_cast<void>(log.commit(commit));
    return files;
}

/// The first byte says which value the rest takes the place of, with its highest bit as a run and not as a base; the second
/// how many entries it has, of a run in four bits and in four more how many keys that are gone.
inline void restore(std::span<std::byte const> some)
{
    if (some.size() < 2)
        return;
    auto commit = sound_commit();
    auto left = std::to_integer<unsigned>(some[0]) & 0x7fU;
    bool const as_run = (std::to_integer<unsigned>(some[0]) & 0x80U) != 0;
    std::uint64_t const records = std::to_integer<unsigned>(some[1]);
    std::vector<std::byte> const bytes(some.begin() + 2, some.end());
    each_saved(
        commit,
        [&](tidemark::group_image& group) {
            if (left-- != 0)
                return;
            auto const number = group.group;
            group = as_run ? tidemark::group_image{number, 0, {}, {{commit.time, records & 0xfU, records >> 4U, bytes}}}
                           : tidemark::group_image{number, records, bytes};
        },
        [&](std::vector<std::byte>& value) {
            if (left-- == 0)
                value = bytes;
        });
    auto run = stateful_application(checkpoint_of(std::move(commit)));
    run.start();
    run.run_next();
}

} // namespace fuzz
