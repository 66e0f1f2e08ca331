// SPDX-License-Identifier: BSL-1.0
//
// run_through_crashes: a program that writes a checkpoint, crashed at a change, and again while it goes on.

#pragma once

#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <future>

namespace journal_cases {

/// Calls `run(storage)` until it ends: it crashes after `at` changes, and again after fewer than `again` ones in the next
/// two starts. Between starts the disk is as a kill leaves it for seed 0, else as a loss of power does. Calls `seen(plan)`
/// after each start, counts the crashes, and gives the disk.
///
/// Each start is a thread of its own: the thread sanitizer takes a function that an exception has left past a `catch` of
/// other types for one that still runs, and would keep tens of thousands of them on one stack.
template <typename Run, typename Seen>
tidemark::memory_storage run_through_crashes(std::uint64_t seed, std::uint64_t at, std::uint64_t again,
                                             std::uint64_t& crashes, Run const& run, Seen const& seen)
{
    tidemark::memory_storage disk;
    bool crashed = true;
    for (std::uint64_t start = 0; crashed; ++start) {
        INFO("seed " << seed << ", crash after " << at << " changes, start " << start);
        tidemark::fault_plan const plan(seed);
        if (start == 0)
            plan.crash_after_changes(at);
        else if (start < 3)
            plan.crash_after_changes((at * 5 + seed * 3 + start) % again);
        crashed = false;
        try {
            std::async(std::launch::async, [&] {
                run(tidemark::any_storage(tidemark::faulty_storage(disk, plan)));
            }).get();
        } catch (tidemark::simulated_crash const&) {
            crashed = true;
            ++crashes;
        }
        seen(plan);
        disk = seed == 0 ? disk.kill() : disk.crash(seed * 101 + start);
    }
    return disk;
}
template <typename Run>
tidemark::memory_storage run_through_crashes(std::uint64_t seed, std::uint64_t at, std::uint64_t again,
                                             std::uint64_t& crashes, Run const& run)
{
    return run_through_crashes(seed, at, again, crashes, run, [](tidemark::fault_plan const&) {});
}

} // namespace journal_cases
