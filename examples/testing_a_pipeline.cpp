// SPDX-License-Identifier: BSL-1.0
//
// testing_a_pipeline: a pipeline of your own under test: its results, every cut, every crash, a disk that fails, and the
// program itself under `kill -9`.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;
using namespace std::chrono_literals;

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

/// The pipeline as a program over real files: counts the words in `folder`/in until it has met END.
int count_in(std::string const& folder)
{
    std::atomic<bool> ended = false;
    auto app = tide::get_or_create(
        tide::checkpoint_directory(folder + "/state"), [&](tide::checkpoint_directory const& where) {
            auto const ssc = tide::streaming_context(10_ms, where);
            auto const words = ssc.text_file_stream<"words">(
                folder + "/in", tide::text_file_options{.existing = tide::read_existing::all});
            return ssc.application(running_counts(words) | tide::foreach_rdd<"counts">([&](auto const& rdd) {
                                       std::string lines;
                                       for (auto const& [word, count] : rdd | tide::collect()) {
                                           lines += word + ' ' + std::to_string(count) + '\n';
                                           ended = ended || word == "END";
                                       }
                                       std::ofstream(folder + "/counts", std::ios::app) << lines;
                                   }));
        });
    app.start();
    while (!ended)
        std::this_thread::sleep_for(5ms);
    app.stop();
    return 0;
}

constexpr std::size_t kills = 9;

/// Kills that program again and again, each time a bit later, and says whether its last run has counted everything once.
bool survives_kills(std::filesystem::path const& folder)
{
    std::filesystem::create_directories(folder / "in");
    auto publish = [&, number = 0](std::string const& text) mutable {
        std::ofstream(folder / "new") << text;
        std::filesystem::rename(folder / "new", folder / "in" / std::to_string(number++));
    };
    auto const program = tide::testing::child_process::this_program({folder.string()});
    std::set<std::string> expected{"END 1"};
    for (std::size_t round = 1; round <= kills; ++round) {
        tide::testing::child_process victim(program);
        publish("sea\n");
        expected.insert("sea " + std::to_string(round));
        std::this_thread::sleep_for(round * 20ms);
        victim.kill();
        victim.wait();
    }
    publish("END\n");
    if (tide::testing::child_process(program).wait() != 0)
        return false;
    std::set<std::string> found; // a kill may have repeated the output of a batch, with the same counts
    std::ifstream in(folder / "counts");
    for (std::string line; std::getline(in, line);)
        found.insert(line);
    return found == expected;
}

int main(int count, char** words_given)
{
    if (count == 2)
        return count_in(words_given[1]);

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
        (void)run.next(); // its outcome tells of the commit, too
    bool const failed = std::any_of(run.events().begin(), run.events().end(), [](auto const& event) {
        return std::holds_alternative<tide::commit_failed>(event);
    });
    expect("a commit failed", failed);

    // The program itself, as a process that is killed.
    auto const folder =
        std::filesystem::temp_directory_path() / ("testing_a_pipeline." + std::to_string(std::random_device()()));
    expect("no kill -9 shows", survives_kills(folder));
    std::filesystem::remove_all(folder);
}
