// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_inspector: what a checkpoint directory holds, whether every byte of it is sound, and the states in it. Never
// writes.

#include "support/command_line.hpp"
#include "support/timestamp.hpp"

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#if __has_include(<lz4.h>)
#include <tidemark/checkpoint/lz4_compression.hpp>
#endif
#include <tidemark/checkpoint/merged_group.hpp>
#include <tidemark/checkpoint/saved_json.hpp>
#if __has_include(<zstd.h>)
#include <tidemark/checkpoint/zstd_compression.hpp>
#endif
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tide = tidemark;

namespace {

constexpr std::array options{
    support::option{"--state", "<stage>", "print the states of this stage, a line of JSON each, and nothing else"},
    support::option{"--batch", "<ms>", "of the commit of this batch; default: the one that a start would use"},
    support::option{"--retained", "<n>", "how many commits the program keeps, its `retained_commits`; default: 3"},
    support::option{"--help", "", "this text"},
};

std::string help()
{
    return "checkpoint_inspector [options] <directory>\n\n"
           "Lists the commits of a checkpoint with their stages, sizes and ages, and its savepoints, and reads every "
           "byte that they refer to.\n\n"
           + support::help_of(options)
           + "\nSaved entries are those of bases and changes, removals included: a key may have several.\n"
             "\nEnds with 0 when the newest commit and all savepoints are sound, with 3 when one is not, or there is "
             "no\n"
             "commit; with 2 when the command line is wrong, with 1 when something failed.\n";
}

std::string age_of(tide::batch_time time)
{
    using namespace std::chrono;
    auto const now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    auto const seconds = (now - time.count()) / 1000;
    if (seconds < 0)
        return "in the future";
    if (seconds < 120)
        return std::to_string(seconds) + " s old";
    if (seconds < 7200)
        return std::to_string(seconds / 60) + " min old";
    return std::to_string(seconds / 3600) + " h old";
}

/// How much space the compressed states of a commit take.
void print_sizes(tide::inspected_commit const& commit)
{
    for (auto const& state : commit.states) {
        if (state.compressions.empty())
            continue;
        std::cout << "  stage \"" << state.stage << "\": " << state.bytes << " bytes in " << state.stored_bytes;
        for (auto const& compression : state.compressions)
            std::cout << (compression == *state.compressions.begin() ? ", compressed by " : " and ") << compression;
        std::cout << "\n";
    }
}

/// How many key-groups the application has.
std::uint64_t key_groups_of(tide::commit_record const& commit)
{
    auto const saved = commit.settings.find("key_groups");
    return saved == commit.settings.end() ? 0 : tide::from_bytes<std::uint64_t>(saved->second);
}

/// Whether a group holds keys or records of the program: those of a keyed stage that are numbered past the last key-group
/// hold what the stage needs for itself.
bool is_of_program(tide::stage_image const& stage, std::uint32_t group, std::uint64_t key_groups)
{
    return stage.key_schema.empty() || group < key_groups;
}

void print_commit(tide::inspected_commit const& commit, bool is_chosen)
{
    std::cout << "commit of batch " << commit.time.count() << " (" << support::format_timestamp(commit.time.count())
              << " UTC, " << age_of(commit.time) << "), record " << commit.sequence << " in " << commit.segment << ", "
              << commit.bytes << " bytes";
    for (auto const& file : commit.files)
        std::cout << ", state in " << file;
    std::cout << "\n";
    if (!commit.problem.empty()) {
        std::cout << (commit.lacks_compression ? "  CANNOT BE READ BY THIS TOOL: " : "  CANNOT BE USED: ")
                  << commit.problem << "\n";
        print_sizes(commit);
        return;
    }
    std::cout << (is_chosen ? "  sound; a start goes on from here\n" : "  sound\n");
    print_sizes(commit);
    auto const key_groups = key_groups_of(*commit.record);
    for (auto const& stage : commit.record->stages) {
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0; // puts and removals: how many keys are left, the groups do not say
        std::size_t runs = 0;
        std::size_t groups = 0;
        for (auto const& group : stage.groups) {
            if (!is_of_program(stage, group.group, key_groups))
                continue;
            ++groups;
            bytes += group.bytes.size();
            entries += group.records;
            for (auto const& run : group.runs) {
                bytes += run.bytes.size();
                entries += run.put + run.gone;
                ++runs;
            }
        }
        std::cout << "  stage \"" << stage.name << "\" (" << stage.kind << ", version " << stage.version
                  << "): " << groups << " groups with " << runs << " changes, " << entries << " saved entries, "
                  << bytes << " bytes\n";
        if (!stage.key_schema.empty())
            std::cout << "    keys   " << stage.key_schema << "\n";
        std::cout << "    states " << stage.state_schema << "\n";
    }
    for (auto const& [source, position] : commit.record->positions)
        std::cout << "  source \"" << source << "\": a position of " << position.size() << " bytes\n";
    for (auto const& [name, value] : commit.record->accumulators)
        std::cout << "  accumulator \"" << name << "\": " << value.size() << " bytes\n";
}

bool print_savepoint(tide::inspected_savepoint const& savepoint)
{
    if (!savepoint.problem.empty()) {
        std::cout << "savepoint \"" << savepoint.name << "\"\n  CANNOT BE USED: " << savepoint.problem << "\n";
        return false;
    }
    std::cout << "savepoint \"" << savepoint.name << "\" of batch " << savepoint.time.count() << " ("
              << support::format_timestamp(savepoint.time.count()) << " UTC, " << age_of(savepoint.time) << "), record "
              << savepoint.sequence << ", " << savepoint.bytes << " bytes";
    for (auto const& file : savepoint.files)
        std::cout << ", state in " << file;
    std::cout << "\n";
    return true;
}

int list(tide::checkpoint_inspection const& found)
{
    std::cout << "application \"" << found.application << "\", store " << found.store_id << ", started "
              << found.generation << (found.generation == 1 ? " time\n\n" : " times\n\n");
    for (auto const& file : found.files)
        std::cout << file.name << ", " << file.bytes << " bytes" << (file.needed ? "" : ", not needed, and harmless")
                  << "\n";
    std::cout << "\n";
    auto const swept =
        std::count_if(found.commits.begin(), found.commits.end(), [](auto const& one) { return one.swept; });
    if (swept != 0)
        std::cout << swept << (swept == 1 ? " older commit" : " older commits") << ", whose files are swept as usual\n";
    std::set<tide::batch_time> listed;
    bool is_listed_twice = false;
    for (std::size_t i = 0; i < found.commits.size(); ++i)
        if (!found.commits[i].swept) {
            print_commit(found.commits[i], found.chosen == i);
            is_listed_twice = !listed.insert(found.commits[i].time).second || is_listed_twice;
        }
    if (found.commits.empty())
        std::cout << "no commit\n";
    bool sound = !found.commits.empty() && found.chosen == found.commits.size() - 1;
    for (auto const& savepoint : found.savepoints)
        sound = print_savepoint(savepoint) && sound;
    for (auto const time : found.planned)
        std::cout << "batch " << time.count() << " is planned and would run again\n";
    for (auto const& [time, output] : found.done)
        std::cout << "batch " << time.count() << ": output \"" << output << "\" is done\n";
    if (!found.notes.empty() || is_listed_twice)
        std::cout << "\n";
    if (is_listed_twice)
        std::cout << "note: a start writes the commit that it goes on from once more, so a batch is listed twice\n";
    for (auto const& note : found.notes)
        std::cout << "note: " << note << "\n";
    return sound ? 0 : 3;
}

/// A line for each key of a key-group. How many there are.
std::uint64_t print_keyed(tide::stage_image const& stage, tide::group_image const& saved)
{
    auto const group = tide::merged_group(saved, stage.key_schema, stage.state_schema);
    tide::saved_shape const key(stage.key_schema);
    tide::saved_shape const state(stage.state_schema);
    tide::input_archive in(group.bytes);
    for (std::uint64_t left = group.records; left != 0; --left) {
        std::string line = "{\"key\":";
        tide::append_saved_json(line, key, in);
        line += ",\"state\":";
        tide::append_saved_json(line, state, in);
        line += ",\"updated\":" + std::to_string(tide::load<std::int64_t>(in)) + "}\n";
        std::cout << line;
    }
    return group.records;
}

/// A line for each record of a block of a window: one batch of its parent. How many there are.
std::uint64_t print_pane(tide::stage_image const& stage, tide::group_image const& group)
{
    tide::saved_shape const record(stage.state_schema);
    tide::input_archive in(group.bytes);
    auto const time = tide::load<std::int64_t>(in);
    if (stage.version >= 2)
        (void)tide::load<std::uint64_t>(in); // how its keys lie
    std::uint64_t printed = 0;
    for (auto partitions = tide::load<std::uint64_t>(in); partitions != 0; --partitions)
        for (auto records = in.load_count(1); records != 0; --records, ++printed) {
            std::string line = "{\"batch\":" + std::to_string(time) + ",\"record\":";
            tide::append_saved_json(line, record, in);
            std::cout << line << "}\n";
        }
    return printed;
}

int print_states(tide::checkpoint_inspection const& found, std::string const& name,
                 std::optional<tide::batch_time> batch)
{
    auto const commit = batch          ? std::find_if(found.commits.rbegin(), found.commits.rend(),
                                                      [&](auto const& one) { return one.time == *batch; })
                        : found.chosen ? found.commits.rend() - static_cast<std::ptrdiff_t>(*found.chosen + 1)
                                       : found.commits.rend();
    if (commit == found.commits.rend())
        throw support::usage_problem(batch ? "there is no commit of batch " + std::to_string(batch->count())
                                           : "there is no commit that can be used");
    if (!commit->record)
        throw support::usage_problem("the commit of batch " + std::to_string(commit->time.count())
                                     + (commit->swept ? " is older than those that are kept: " : " cannot be read: ")
                                     + commit->problem);
    auto const& stages = commit->record->stages;
    auto const stage = std::find_if(stages.begin(), stages.end(), [&](auto const& one) { return one.name == name; });
    if (stage == stages.end())
        throw support::usage_problem("there is no stage \"" + name + "\" in the commit of batch "
                                     + std::to_string(commit->time.count()));
    auto const key_groups = key_groups_of(*commit->record);
    std::uint64_t printed = 0;
    std::size_t batches = 0; // of a window with an inverse, behind the values that it keeps
    for (auto const& group : stage->groups) {
        if (stage->key_schema.empty())
            printed += print_pane(*stage, group);
        else if (is_of_program(*stage, group.group, key_groups))
            printed += print_keyed(*stage, group);
        else if (stage->kind == "reduce_by_key_and_window" && group.group > key_groups)
            ++batches;
    }
    if (printed == 0)
        std::cerr << "checkpoint_inspector: no " << (stage->key_schema.empty() ? "records" : "states")
                  << " in this stage\n";
    if (batches != 0)
        std::cerr << "checkpoint_inspector: these are the values of the whole window; the records of its " << batches
                  << (batches == 1 ? " batch" : " batches") << ", which it holds as well, are not printed\n";
    return 0;
}

/// With the compressions that are at hand.
tide::checkpoint_directory place(std::string const& directory)
{
    tide::checkpoint_directory made(directory);
#if __has_include(<lz4.h>)
    made = made.decompressed_by(tide::lz4_compression{});
#endif
#if __has_include(<zstd.h>)
    made = made.decompressed_by(tide::zstd_compression{});
#endif
    return made;
}

} // namespace

int main(int argc, char** argv)
{
    return support::run_main("checkpoint_inspector", argc, argv, [](auto words) {
        support::command_line const line(words, options);
        if (line.has("--help")) {
            std::cout << help();
            return 0;
        }
        if (line.arguments().size() != 1)
            throw support::usage_problem("expected one directory");
        auto const& directory = line.arguments().front();
        if (!std::filesystem::is_directory(directory))
            throw support::usage_problem("there is no directory \"" + directory + "\"");
        auto const retained =
            line.number("--retained", tide::settings{}.retained_commits, 1, tide::most_retained_commits);
        auto const found = tide::inspect_checkpoint(place(directory).storage(), static_cast<std::size_t>(retained));
        if (!line.has("--state"))
            return list(found);
        std::optional<tide::batch_time> batch;
        if (line.has("--batch"))
            batch.emplace(line.number("--batch", 0, 0, std::numeric_limits<std::int64_t>::max()));
        return print_states(found, line.text("--state", ""), batch);
    });
}
