// SPDX-License-Identifier: BSL-1.0
//
// run_batches: batches in, batches out; on a manual clock, without threads, files or waiting.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark::testing {

/// How `run_batches` runs.
struct run_options {
    std::size_t batches_to_run = 0;   ///< 0 for as many as there are input batches.
    std::size_t input_partitions = 1; ///< How many slices each input batch is cut into.
    tidemark::settings settings{.threads = 1};
};

/// The output of a stream by batch number (1, 2, ...); batches without a dataset are missing.
template <typename Record>
using output_batches = std::map<std::int64_t, std::vector<Record>>;

/// A stream over `input` in batches of 1 s, or of `Batch`, from zero time 0, with checkpoints in memory, that can be
/// run, killed and restarted.
///
/// `build` makes the stream to watch out of the input stream. Batch n is that of n times the batch interval.
template <typename In, typename Build, typename Batch = static_duration<1000>>
class pipeline_under_test {
    static_assert(
        requires { static_duration<Batch::count>(); },
        "tidemark::testing: the batch interval is no literal; write it as `500_ms`, so that the intervals of the "
        "pipeline are checked against it");

public:
    using input_stream = stream_leaf<batch_source<In>, stream_level<static_slide<Batch::count>, true>>;
    using output_stream = std::invoke_result_t<Build const&, input_stream>;
    using record_type = record_t<output_stream>;

    pipeline_under_test(optional_batches<In> input, Build build, run_options options = {}, Batch = {})
        : input_(std::move(input))
        , build_(std::move(build))
        , options_(options)
    {}

    [[nodiscard]] std::size_t batches_to_run() const
    {
        return options_.batches_to_run == 0 ? input_.size() : options_.batches_to_run;
    }

    /// Starts on what `storage` holds and runs every batch up to number `last`; a batch that runs again replaces its
    /// earlier output. The run ends as a kill would end it, without a commit. *Throws* what the batches throw.
    void run(any_storage const& storage, std::size_t last, output_batches<record_type>& out) const
    {
        auto ssc = streaming_context(Batch(), checkpoint_directory(storage), options_.settings);
        auto watched = build_(ssc.source_stream(batch_source<In>(input_, options_.input_partitions)));
        driver run(ssc.application(std::move(watched) | foreach_rdd([&out](auto const& rdd, batch_time time) {
                                       out[time.count() / Batch::count] = rdd | collect();
                                   })));
        run.start();
        run.run_to(batch_time(static_cast<std::int64_t>(last) * Batch::count));
    }

    /// All batches in one run.
    [[nodiscard]] output_batches<record_type> uncut() const
    {
        output_batches<record_type> out;
        run(any_storage(memory_storage()), batches_to_run(), out);
        return out;
    }

    /// All batches in two runs: killed after batch `cut`, and restarted on what was written by then.
    [[nodiscard]] output_batches<record_type> cut_after(std::size_t cut) const
    {
        output_batches<record_type> out;
        memory_storage storage;
        run(any_storage(storage), cut, out);
        run(any_storage(storage.kill()), batches_to_run(), out);
        return out;
    }

private:
    optional_batches<In> input_;
    Build build_;
    run_options options_;
};

/// `list` as batches that all have a dataset.
template <typename Record>
[[nodiscard]] optional_batches<Record> all_present(batches<Record> const& list)
{
    return {list.begin(), list.end()};
}

/// Runs `build` over `input`, batch by batch, and gives the output of each batch that has a dataset.
///
///     run_batches<int>({{1, 2}, {}, {3}}, [](auto numbers) { return numbers | tidemark::map(twice); })
///         == batches<int>{{2, 4}, {}, {6}}
///
/// Batches of another interval than 1 s: `run_batches<int>(input, build, {}, 500_ms)`.
template <typename In, typename Build, typename Batch = static_duration<1000>>
[[nodiscard]] auto run_batches(batches<In> const& input, Build build, run_options options = {}, Batch batch = {})
{
    using pipeline = pipeline_under_test<In, Build, Batch>;
    batches<typename pipeline::record_type> list;
    auto const out = pipeline(all_present(input), std::move(build), options, batch).uncut();
    for (auto const& [number, records] : out)
        list.push_back(records);
    return list;
}

} // namespace tidemark::testing
