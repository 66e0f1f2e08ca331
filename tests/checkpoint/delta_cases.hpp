// SPDX-License-Identifier: BSL-1.0
//
// delta_cases: a keyed state whose changes follow from the number of the batch, written to a journal change by change.

#pragma once

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/journal_cases.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace delta_cases {

using journal_cases::bytes;

/// What the keys of one group hold; a key and a value are a byte each.
using group_model = std::map<int, int>;
/// The groups of a stage.
using state_model = std::map<std::uint32_t, group_model>;

inline constexpr std::uint32_t group_count = 5; // the last one changes only in the first batch
inline constexpr int key_count = 100;

inline void append(bytes& out, int value) { out.push_back(static_cast<std::byte>(value)); }

/// What a batch does: a value for each key that it puts, nothing for each that goes.
inline std::map<std::uint32_t, std::map<int, std::optional<int>>> changes_of(std::int64_t n)
{
    std::map<std::uint32_t, std::map<int, std::optional<int>>> changes;
    if (n == 1)
        for (std::uint32_t group = 0; group < group_count; ++group)
            for (int key = 0; key < key_count; ++key)
                changes[group][key] = key;
    for (std::uint32_t group = 0; group + 1 < group_count; ++group) {
        auto const random = static_cast<int>((n * 7 + group * 5) % 11);
        if (random > 8)
            continue; // nothing, in some batches
        changes[group][random] = static_cast<int>(n * 3 + group) % 251;
        if (random % 3 == 0)
            changes[group][random + 2] = std::nullopt;
    }
    return changes;
}

inline void apply_batch(state_model& state, std::int64_t n)
{
    for (auto const& [group, changes] : changes_of(n))
        for (auto const& [key, value] : changes)
            if (value)
                state[group][key] = *value;
            else
                state[group].erase(key);
}

/// The state after the batch `n`.
inline state_model state_after(std::int64_t n)
{
    state_model state;
    for (std::int64_t i = 1; i <= n; ++i)
        apply_batch(state, i);
    return state;
}

inline tidemark::group_image base_of(state_model const& state, std::uint32_t group)
{
    tidemark::group_image image{group, 0, {}};
    if (auto const found = state.find(group); found != state.end())
        for (auto const& [key, value] : found->second) {
            append(image.bytes, key);
            append(image.bytes, value);
            ++image.records;
        }
    return image;
}

/// The runs of the batch `n`.
inline tidemark::stage_changes runs_of(std::int64_t n)
{
    tidemark::stage_changes made;
    for (auto const& [group, changes] : changes_of(n)) {
        tidemark::group_run run{tidemark::batch_time(n), 0, 0, {}};
        bytes gone;
        for (auto const& [key, value] : changes)
            if (value) {
                append(run.bytes, key);
                append(run.bytes, *value);
                ++run.put;
            } else {
                append(gone, key);
                ++run.gone;
            }
        run.bytes.insert(run.bytes.end(), gone.begin(), gone.end());
        made.runs.push_back({group, run});
    }
    return made;
}

/// What was saved of a stage: each base with its runs. *Throws* `std::logic_error` where a run is out of order.
inline state_model state_in(tidemark::stage_image const& stage)
{
    state_model state;
    for (auto const& image : stage.groups) {
        auto& group = state[image.group];
        auto const put = [&group](bytes const& from, std::size_t at) {
            group[std::to_integer<int>(from.at(at))] = std::to_integer<int>(from.at(at + 1));
        };
        for (std::size_t i = 0; i < image.records; ++i)
            put(image.bytes, 2 * i);
        tidemark::batch_time last{-1};
        for (auto const& run : image.runs) {
            if (run.time <= last)
                throw std::logic_error("a run that is not later than the one before");
            last = run.time;
            for (std::size_t i = 0; i < run.put; ++i)
                put(run.bytes, 2 * i);
            for (std::size_t i = 0; i < run.gone; ++i)
                group.erase(std::to_integer<int>(run.bytes.at(2 * run.put + i)));
        }
    }
    return state;
}

/// The commit of the batch `n`, whose state is in the changes.
inline tidemark::commit_record commit_after(std::int64_t n)
{
    auto record = journal_cases::commit_of(n);
    record.stages.resize(1);
    record.stages.front().groups.clear();
    return record;
}

/// What is wrong with a commit; empty when nothing is.
inline std::string problem_with(tidemark::commit_record const& found)
{
    auto plain = found;
    plain.stages.front().groups.clear();
    plain.settings.erase("savepoint"); // of a copy
    if (plain != commit_after(found.time.count()))
        return "another record";
    auto expected = state_after(found.time.count());
    auto state = state_in(found.stages.front());
    std::erase_if(expected, [](auto const& group) { return group.second.empty(); });
    std::erase_if(state, [](auto const& group) { return group.second.empty(); });
    return state == expected ? "" : "another state";
}

/// Hands the changes of the batch `n` to the journal, with the bases that are due. `state` becomes that after the batch.
template <typename Journal>
void write_batch(Journal& log, state_model& state, std::int64_t n,
                 tidemark::spare_time spare = tidemark::spare_time::some)
{
    apply_batch(state, n);
    tidemark::batch_time const time(n);
    log.change(time, "counts", runs_of(n));
    while (auto const due = log.base_due(spare))
        log.put_due_base(time, due->stage, base_of(state, due->group));
    log.write_state();
}

/// Two commits are kept, in small files; `segment_bytes`: of those of state.
inline tidemark::journal_options small_files(std::uint64_t segment_bytes = 1000)
{
    auto made = journal_cases::options(2);
    made.segment_bytes = 1500;
    made.state_segment_bytes = segment_bytes;
    return made;
}

/// What a run was told is durable, and what it began.
struct progress {
    std::int64_t committed = 0;
    std::int64_t committing = 0;
};

/// What is wrong with what a start found, after runs that got as far as `done`; empty when nothing is.
inline std::string problem_after(tidemark::recovered const& found, progress const& done)
{
    auto const time = found.commit ? found.commit->time.count() : 0;
    if (time < done.committed || time > done.committing)
        return "found commit " + std::to_string(time) + " instead of " + std::to_string(done.committed);
    return found.commit ? problem_with(*found.commit) : "";
}

/// Goes on from `found`, in which nothing may be wrong. *Throws* `std::logic_error`.
inline void go_on_from(tidemark::recovered const& found, progress& done)
{
    if (auto const problem = problem_after(found, done); !problem.empty())
        throw std::logic_error(problem);
    done.committed = done.committing = found.commit ? found.commit->time.count() : 0;
}

/// Commits, and up to `retries` times more when that fails.
inline void commit(tidemark::journal& log, std::int64_t n, int retries)
{
    for (;; --retries) {
        try {
            log.commit(commit_after(n));
            return;
        } catch (tidemark::checkpoint_error const&) {
            if (retries == 0)
                throw;
        }
    }
}

/// Runs an application from where the checkpoint stands to batch `last`, committing every third.
inline void run(tidemark::any_storage const& storage, progress& done, std::int64_t last, int retries = 0,
                std::uint64_t segment_bytes = 1000)
{
    auto opened = tidemark::journal::open(storage, small_files(segment_bytes));
    go_on_from(opened.state, done);
    auto state = state_after(done.committed);
    for (auto n = done.committed + 1; n <= last; ++n) {
        write_batch(opened.log, state, n, n % 4 == 0 ? tidemark::spare_time::some : tidemark::spare_time::none);
        if (n % 3 == 0) {
            done.committing = n;
            commit(opened.log, n, retries);
            done.committed = n;
        }
    }
}

/// How many operations, or changes, a run up to `last` makes when nothing fails; `on` gives the storage that it uses.
template <typename On>
tidemark::fault_plan plan_of_a_whole_run(std::int64_t last, On const& on)
{
    tidemark::fault_plan plan;
    progress done;
    run(on(tidemark::any_storage(tidemark::faulty_storage(tidemark::memory_storage(), plan))), done, last);
    return plan;
}

} // namespace delta_cases
