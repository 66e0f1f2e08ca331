// SPDX-License-Identifier: BSL-1.0
//
// testing_a_pipeline: a pipeline of your own under test: its results, every cut, every crash, and a disk that fails.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

/// How many of each word there have been.
std::pair<std::string, int> count_up(std::string const& word, std::optional<int>, tide::state<int>& count)
{
    count.update(count.get_option().value_or(0) + 1);
    return {word, count.get()};
}

/// The pipeline. A program gives it a text_file_stream; here it gets batches that the test makes.
constexpr auto running_counts = [](auto words) {
    return words | tide::map([](std::string const& word) { return std::pair(word, 1); })
           | tide::map_with_state<"counts">(tide::state_spec(count_up), tide::checkpoint_every(2_s));
};

void expect(std::string_view what, bool holds) { std::cout << what << (holds ? ": yes\n" : ": NO\n"); }

int main()
{
    using words = std::vector<std::string>;
    using counts = std::vector<std::pair<std::string, int>>;
    std::vector<words> const input{{"sea"}, {"tide", "sea"}, {}, {"sea"}};

    // Results, batch by batch: on a manual clock, without threads, files or waiting.
    auto const out = tide::testing::run_batches<std::string>(input, running_counts);
    expect("counts run on", out.at(3) == counts{{"sea", 3}});
    expect("an empty batch gives an empty one", out.at(2).empty());

    // Killed after each batch in turn, or at each single operation on the disk, and started again.
    tide::testing::pipeline_under_test<std::string, decltype(running_counts)> const pipeline(
        tide::testing::all_present(input), running_counts,
        {.settings = {.partitions = 2, .key_groups = 4, .threads = 1}});
    expect("no cut shows", tide::testing::difference_after_any_cut(pipeline).empty());
    expect("no kill shows", tide::testing::difference_after_any_crash(pipeline).empty());
    expect("no loss of power shows",
           tide::testing::difference_after_any_crash(pipeline, tide::testing::ending::power_loss).empty());

    // A disk on which a sync fails: the batches go on, and an event reports the failed commit.
    tide::fault_plan const faults;
    auto const ssc =
        tide::streaming_context(1_s, tide::checkpoint_directory(tide::faulty_storage(tide::memory_storage(), faults)));
    tide::testing::driver run(
        ssc.application(running_counts(ssc.queue_stream(input))
                        | tide::foreach_rdd([](auto const& rdd) { (void)(rdd | tide::collect()); })));
    run.start();
    faults.fail(tide::storage_operation::sync, faults.operations(tide::storage_operation::sync));
    for (int batch = 1; batch <= 10; ++batch)
        (void)run.next();
    bool const failed = std::any_of(run.events().begin(), run.events().end(), [](auto const& event) {
        return std::holds_alternative<tide::commit_failed>(event);
    });
    expect("a commit failed", failed);
}
