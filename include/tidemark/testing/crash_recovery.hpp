// SPDX-License-Identifier: BSL-1.0
//
// crash_recovery: checks that a pipeline that is killed anywhere and restarted gives what it gives in one run.

#pragma once

#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/type_list.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace tidemark::testing {
namespace detail {

/// Whether `==` compiles for `T`: pairs, tuples and containers only seem to have it where what they are made of has none.
template <typename T>
[[nodiscard]] consteval bool comparable()
{
    constexpr auto all = []<typename... Parts>(type_list<Parts...>) { return (comparable<Parts>() && ...); };
    if constexpr (saved_as_v<T> == saved_as::members)
        return std::equality_comparable<T>;
    else
        return std::equality_comparable<T> && all(parts_t<T>());
}

} // namespace detail

/// Where `found` first differs from `expected`, in words; empty when it does not. The order within a batch is ignored.
template <typename Record>
[[nodiscard]] std::string first_difference(output_batches<Record> const& expected, output_batches<Record> const& found)
{
    static_assert(detail::comparable<Record>(),
                  "tidemark::testing: the records that the stream gives are compared with those of an uncut run; give "
                  "their types an operator ==");
    auto const records = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " record" : " records"); };
    for (auto const& [number, wanted] : expected) {
        auto const batch = "batch " + std::to_string(number) + ": ";
        auto const got = found.find(number);
        if (got == found.end())
            return batch + "expected " + records(wanted.size()) + ", found no output";
        if (got->second.size() != wanted.size())
            return batch + "expected " + records(wanted.size()) + ", found " + records(got->second.size());
        if constexpr (detail::comparable<Record>()) // else it is told above
            if (!std::is_permutation(wanted.begin(), wanted.end(), got->second.begin()))
                return batch + "the records differ, " + records(wanted.size()) + " each";
    }
    for (auto const& [number, records_found] : found)
        if (!expected.contains(number))
            return "batch " + std::to_string(number) + ": expected no output, found " + records(records_found.size());
    return "";
}

/// Kills `pipeline`, a `pipeline_under_test`, after each of its batches in turn, restarts it, and compares all output
/// with that of an uncut run. Gives the first difference in words; empty when there is none.
template <typename Pipeline>
[[nodiscard]] std::string difference_after_any_cut(Pipeline const& pipeline)
{
    auto const expected = pipeline.uncut();
    for (std::size_t cut = 0; cut < pipeline.batches_to_run(); ++cut)
        if (auto difference = first_difference(expected, pipeline.cut_after(cut)); !difference.empty())
            return "cut after batch " + std::to_string(cut) + ": " + difference;
    return "";
}

/// What ends a process.
enum class ending : unsigned char {
    kill,      ///< The process dies; everything it has written remains.
    power_loss ///< The machine dies; of what was not synced a part remains, chosen by the seed.
};

/// As `difference_after_any_cut`, but the run ends at each single operation that changes the checkpoint, in the middle
/// of batches and commits. The restarted run may die as well, at an operation chosen by `seed`, before a last run
/// completes.
///
/// *Throws* what a batch throws for reasons other than the crash.
template <typename Pipeline>
[[nodiscard]] std::string difference_after_any_crash(Pipeline const& pipeline, ending how = ending::kill,
                                                     std::uint64_t seed = 1)
{
    using output = output_batches<typename Pipeline::record_type>;
    auto const last = pipeline.batches_to_run();
    auto const expected = pipeline.uncut();
    fault_plan const counting;
    {
        output out;
        pipeline.run(any_storage(faulty_storage(memory_storage(), counting)), last, out);
    }
    auto const after = [&](memory_storage const& storage, std::uint64_t crash) {
        return how == ending::kill ? storage.kill() : storage.crash(seed + crash);
    };
    auto const dies = [&](memory_storage const& storage, std::uint64_t at, output& out) {
        fault_plan const plan(seed + at);
        plan.crash_after_changes(at);
        try {
            pipeline.run(any_storage(faulty_storage(storage, plan)), last, out);
        } catch (simulated_crash const&) {
        }
    };
    for (std::uint64_t at = 0; at <= counting.changes(); ++at) {
        output out;
        memory_storage const first;
        dies(first, at, out);
        auto const second = after(first, at);
        dies(second, (at * 5 + seed * 3) % (counting.changes() + 1), out);
        pipeline.run(any_storage(after(second, at + 1)), last, out);
        if (auto const difference = first_difference(expected, out); !difference.empty())
            return "crash after " + std::to_string(at) + " changes, seed " + std::to_string(seed) + ": " + difference;
    }
    return "";
}

} // namespace tidemark::testing
