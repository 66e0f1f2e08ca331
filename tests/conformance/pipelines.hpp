// SPDX-License-Identifier: BSL-1.0
//
// pipelines: runs a stream over the input of a case, in one run and, where the case says so, killed and restarted.

#pragma once

#include "cases.hpp"
#include "outputs.hpp"
#include "value.hpp"

#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark_test {

/// A batch lasts one second, so batch n has the time n s.
[[nodiscard]] inline tidemark::duration batches(std::int64_t n) { return tidemark::duration(n * 1000); }

// ---- Records of a case as records of other types, and back

template <typename Record>
[[nodiscard]] Record to_record(value const& from)
{
    return from;
}
template <>
[[nodiscard]] inline std::int64_t to_record<std::int64_t>(value const& from)
{
    return from.integer();
}
template <>
[[nodiscard]] inline std::string to_record<std::string>(value const& from)
{
    return from.text();
}

template <>
[[nodiscard]] inline value_pair to_record<value_pair>(value const& from)
{
    return {from.elements().at(0), from.elements().at(1)};
}

[[nodiscard]] inline value from_record(value const& some) { return some; }
[[nodiscard]] inline value from_record(std::int64_t some) { return some; }
[[nodiscard]] inline value from_record(std::string const& some) { return some; }
template <typename First, typename Second>
[[nodiscard]] value from_record(std::pair<First, Second> const& some)
{
    return value::pair(from_record(some.first), from_record(some.second));
}

template <typename Record>
[[nodiscard]] tidemark::testing::optional_batches<Record> to_batches(json::array const& input)
{
    tidemark::testing::optional_batches<Record> all;
    for (auto const& batch : input) {
        if (batch.is_null()) {
            all.emplace_back();
            continue;
        }
        auto& records = all.emplace_back(std::in_place).value();
        for (auto const& element : batch.as_array())
            records.push_back(to_record<Record>(to_value(element)));
    }
    return all;
}

template <typename Record>
[[nodiscard]] outputs from_batches(tidemark::testing::output_batches<Record> const& from)
{
    outputs all;
    for (auto const& [number, records] : from)
        for (auto& into = all[number]; auto const& each : records)
            into.push_back(from_record(each));
    return all;
}

[[nodiscard]] inline tidemark::testing::run_options options_of(test_case const& one)
{
    if (one.number("batch_ms").value_or(1000) != 1000)
        throw not_covered("batches of another length than 1000 ms");
    tidemark::testing::run_options options;
    options.batches_to_run = one.batches_to_run();
    options.input_partitions = static_cast<std::size_t>(one.number("input_partitions").value_or(1));
    return options;
}

// ---- Runs

/// Allows only the parameters that every case over a stream may have.
inline void expect_plain(test_case const& one)
{
    one.expect_only({"batches_to_run", "input_partitions", "batch_ms", "stop_after_batch", "rerun_from_batch"});
}

/// Kills the pipeline after batch `cut` and restarts it. Which batches run again is our own rule: all behind the last
/// commit.
template <typename Pipeline>
void expect_recovery(Pipeline const& pipeline, outputs const& expected, bool unordered, std::size_t cut)
{
    auto const when = "killed after batch " + std::to_string(cut);
    auto const last = static_cast<std::int64_t>(pipeline.batches_to_run());
    auto const stop = static_cast<std::int64_t>(cut);
    tidemark::memory_storage const storage;
    tidemark::testing::output_batches<typename Pipeline::record_type> before;
    pipeline.run(tidemark::any_storage(storage), cut, before);
    expect_same(between(expected, 1, stop), from_batches(before), unordered, when + ", before that, ");

    tidemark::testing::output_batches<typename Pipeline::record_type> after;
    pipeline.run(tidemark::any_storage(storage.kill()), pipeline.batches_to_run(), after);
    auto const again = from_batches(after);
    auto const first = again.empty() ? stop + 1 : std::min(again.begin()->first, stop + 1);
    expect_same(between(expected, first, last), again, unordered, when + ", after the restart, ");
}

/// Runs what `build` makes of the input stream and compares. A case of recovery is killed after the batch that it
/// names, and after every other.
///
/// *Throws* `difference`.
template <typename Record = value, typename Build>
void check_stream(test_case const& one, Build build, std::int64_t slide = 1)
{
    tidemark::testing::pipeline_under_test<Record, Build> const pipeline(to_batches<Record>(one.input()),
                                                                         std::move(build), options_of(one));
    auto const expected = expected_outputs(one, slide);
    expect_same(expected, from_batches(pipeline.uncut()), one.unordered(), "");
    if (one.number("stop_after_batch"))
        for (std::size_t cut = 0; cut <= one.batches_to_run(); ++cut)
            expect_recovery(pipeline, expected, one.unordered(), cut);
}

/// As `check_stream`, in one run of batches as long as the case says.
template <typename Build>
void check_stream_of_its_length(test_case const& one, Build const& build)
{
    auto const batch = tidemark::duration(one.number("batch_ms").value_or(1000));
    tidemark::settings const settings{.threads = 1};
    auto const slices = static_cast<std::size_t>(one.number("input_partitions").value_or(1));
    auto const ssc =
        tidemark::streaming_context(batch, tidemark::checkpoint_directory(tidemark::memory_storage()), settings);
    auto const input =
        ssc.source_stream(tidemark::testing::batch_source<value>(to_batches<value>(one.input()), slices));
    outputs found;
    tidemark::testing::driver run(
        ssc.application(build(input) | tidemark::foreach_rdd([&](auto const& rdd, tidemark::batch_time time) {
                            auto& records = found[time.count() / batch.count()];
                            for (auto const& each : rdd | tidemark::collect())
                                records.push_back(from_record(each));
                        })));
    run.start();
    run.run_to(tidemark::batch_time() + static_cast<std::int64_t>(one.batches_to_run()) * batch);
    expect_same(expected_outputs(one, 1), found, one.unordered(), "");
}

} // namespace tidemark_test
