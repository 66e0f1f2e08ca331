// SPDX-License-Identifier: BSL-1.0
//
// restore: a start from a checkpoint with a large state, until the first batch could run, against a plain read of the files
// of its state into memory, both with two threads and out of the page cache; with more and more deltas behind the
// bases, as a start finds them; and the bases against the same counts from a Boost archive into an unordered map.
// Targets: the base alone at least 0.65 times as fast as the read, with deltas as large as the state 0.5 times; ten times
// as fast as Boost.
//
// Usage: restore [keys = 10000000 [rounds = 7 [directory = the working directory]]].

#include "support/counted_keys.hpp"
#include "support/measuring.hpp"

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/utility.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace tide = tidemark;

namespace {

using namespace tide::literals;
using batches = benchmark::key_batches;
using plain_map =
    std::unordered_map<std::uint64_t, std::pair<std::int64_t, std::int64_t>>; // counts, with an update's time

constexpr std::size_t threads = 2;
constexpr std::size_t deltas_in_all = 1000;

/// The sum over all keys depends on each count and not on their order.
std::uint64_t mixed(std::uint64_t key, std::int64_t count)
{
    auto const both = ((key + 1) * 0x9E3779B97F4A7C15U) ^ (static_cast<std::uint64_t>(count) * 0xC2B2AE3D27D4EB4FU);
    return both * (both >> 32U | 1U);
}

constexpr auto count_up = [](std::uint64_t key, std::optional<std::int64_t> value, tide::state<std::int64_t>& state) {
    state.update(state.get_option().value_or(0) + value.value_or(0));
    return mixed(key, state.get());
};

/// After so many batches, as large as all keys together, the deltas are as large as the state.
constexpr std::size_t batches_in_all_keys = 500;

/// An application that adds `step` for each record, and the sum over what its last batches gave.
class counting_application {
public:
    counting_application(tide::local_directory const& where, std::uint64_t first_keys, batches const& input,
                         std::int64_t step = 1)
        : run_(made(where, first_keys, input, step, *sum_))
    {}

    void restore()
    {
        run_.restore();
        next_ = run_.next_time();
    }

    /// With no time between batches: bases are written only where there are too many deltas.
    void run_batches(std::size_t count)
    {
        for (; count != 0; --count, next_ += 1_s)
            if (auto const outcome = run_.engine().run(*run_.engine().generate(next_)); outcome.failure)
                std::rethrow_exception(outcome.failure);
    }

    /// Makes all that has run durable.
    void commit()
    {
        (void)run_.save("now");
        run_.drop_savepoint("now");
    }

    [[nodiscard]] std::uint64_t sum() const { return *sum_; }

private:
    static tide::testing::driver made(tide::local_directory const& where, std::uint64_t first_keys,
                                      batches const& input, std::int64_t step, std::atomic<std::uint64_t>& sum)
    {
        tide::settings const how{.partitions = threads, .threads = threads};
        auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(where), how);
        auto const counted =
            ssc.queue_stream<"keys">(input) | tide::map([step](std::uint64_t key) { return std::pair(key, step); })
            | tide::map_with_state<"counts">(
                tide::state_spec<std::int64_t>(count_up).initial_state(benchmark::zero_counts(first_keys)),
                tide::checkpoint_every(10'000_s));
        return tide::testing::driver(ssc.application(counted | tide::foreach_rdd([&sum](auto const& rdd) {
                                                         for (auto const each : rdd | tide::collect())
                                                             sum += each;
                                                     })));
    }

    std::unique_ptr<std::atomic<std::uint64_t>> sum_ = std::make_unique<std::atomic<std::uint64_t>>(0);
    tide::testing::driver run_;
    tide::batch_time next_{};
};

/// Reads the first bytes of the state's files, as many as count, each thread its part of each file; in `kept` bytes at a
/// time: all of them into fresh memory, or fewer over and over again into the same.
class plain_reader {
public:
    plain_reader(std::string const& path, std::uint64_t bytes)
    {
        for (auto const& entry : std::filesystem::directory_iterator(path))
            if (entry.path().filename().string().starts_with("state-") && bytes != 0) {
                auto const part = std::min<std::uint64_t>(bytes, entry.file_size());
                files_.emplace_back(entry.path().string(), part);
                bytes -= part;
            }
    }

    void read(bool afresh) const
    {
        std::array<std::unique_ptr<char[]>, threads> memory;
        std::vector<std::jthread> workers;
        for (std::size_t mine = 0; mine < threads; ++mine)
            workers.emplace_back([this, afresh, mine, &memory] { read_part(afresh, mine, memory[mine]); });
    }

private:
    static constexpr std::size_t piece = std::size_t{1} << 20U;

    void read_part(bool afresh, std::size_t mine, std::unique_ptr<char[]>& memory) const
    {
        std::uint64_t all = piece;
        for (auto const& [name, bytes] : files_)
            all += afresh ? bytes / threads + piece : 0;
        memory = std::make_unique_for_overwrite<char[]>(all);
        std::uint64_t at = 0;
        for (auto const& [name, bytes] : files_) {
            int const file = ::open(name.c_str(), O_RDONLY);
            auto const end = bytes / threads * (mine + 1);
            for (auto from = bytes / threads * mine; from < end; from += piece) {
                auto const wanted = std::min<std::uint64_t>(piece, end - from);
                if (::pread(file, memory.get() + at, wanted, static_cast<::off_t>(from))
                    != static_cast<::ssize_t>(wanted))
                    std::abort();
                at += afresh ? wanted : 0;
            }
            ::close(file);
        }
    }

    std::vector<std::pair<std::string, std::uint64_t>> files_;
};

/// How many bytes of state the newest commit refers to.
struct state_bytes {
    std::uint64_t bases = 0;
    std::uint64_t deltas = 0;
};

state_bytes bytes_of(tide::local_directory const& directory)
{
    auto const found = tide::inspect_checkpoint(directory);
    state_bytes bytes;
    for (auto const& group : found.commits.at(*found.chosen).record->stages.front().groups) {
        bytes.bases += group.bytes.size();
        for (auto const& run : group.runs)
            bytes.deltas += run.bytes.size();
    }
    return bytes;
}

/// The shortest of a few runs.
template <typename Work>
double least_seconds(std::size_t rounds, Work const& work)
{
    auto least = benchmark::seconds(work);
    for (; rounds > 1; --rounds)
        least = std::min(least, benchmark::seconds(work));
    return least;
}

/// Restores what the directory holds, and reads as many bytes, in turn.
void measure(std::string const& path, std::size_t deltas, std::size_t rounds)
{
    tide::local_directory const directory(path);
    auto const [bases, runs] = bytes_of(directory);
    plain_reader const reader(path, bases + runs);
    benchmark::pairs times;
    for (std::size_t round = 0; round < rounds + 1; ++round) {
        counting_application run(directory, 0, {});
        auto const ours = benchmark::seconds([&] { run.restore(); });
        auto const theirs = benchmark::seconds([&] { reader.read(true); });
        if (round != 0)
            times.add(ours, theirs);
    }
    auto const again = least_seconds(rounds, [&] { reader.read(false); });
    auto const mega = 1e-6 * static_cast<double>(bases + runs);
    benchmark::report(
        {deltas == 0 ? "restart, only bases" : "restart, " + std::to_string(deltas) + " batches behind the bases",
         "reading as many bytes", deltas == 0 ? 1 / 0.65 : 2.0, std::to_string(std::llround(mega)) + " MB"},
        times, static_cast<double>(bases + runs));
    std::printf("%4zu batches behind the bases: %4.0f MB, of which deltas %4.0f; restored in %6.0f ms, read in %6.0f "
                "(into the same memory %6.0f); %.2f of the read's speed\n",
                deltas, mega, 1e-6 * static_cast<double>(runs), 1e3 * benchmark::median(times.ours),
                1e3 * benchmark::median(times.theirs), 1e3 * again, 1 / times.ratio());
    std::fflush(stdout);
    benchmark::note_recovery("recovery time", "tidemark", "reading the bytes", "batches since the bases were written",
                             deltas, 1e3 * benchmark::median(times.ours), 1e3 * benchmark::median(times.theirs));
}

void write_archive(std::string const& file, plain_map const& counts)
{
    std::ofstream stream(file, std::ios::binary);
    boost::archive::binary_oarchive(stream) << counts;
}

plain_map read_archive(std::string const& file)
{
    std::ifstream stream(file, std::ios::binary);
    boost::archive::binary_iarchive archive(stream);
    plain_map counts;
    archive >> counts;
    return counts;
}

/// Restores the bases that the directory holds, and reads the same counts as an archive into a map, in turn.
void compare_with_archive(std::string const& path, std::string const& archive, std::uint64_t keys, std::size_t rounds)
{
    tide::local_directory const directory(path);
    benchmark::pairs times;
    for (std::size_t round = 0; round < rounds + 1; ++round) {
        counting_application run(directory, 0, {});
        auto const ours = benchmark::seconds([&] { run.restore(); });
        auto const theirs = benchmark::seconds([&] { (void)read_archive(archive); });
        if (round != 0)
            times.add(ours, theirs);
    }
    benchmark::report(
        {"restart, only bases", "a Boost archive into an unordered map", 0.1, std::to_string(keys) + " keys"}, times,
        static_cast<double>(keys));
}

/// The sum over all keys of a restored application, by a batch in which each comes and adds nothing.
std::uint64_t sum_of(tide::local_directory const& directory, std::uint64_t keys, std::size_t batches_before)
{
    batches input(batches_before + 1);
    for (std::uint64_t key = 0; key < keys; ++key)
        input.back().push_back(key);
    counting_application run(directory, 0, input, 0);
    run.restore();
    run.run_batches(1);
    return run.sum();
}

int run_all(std::uint64_t keys, std::size_t rounds, std::string const& path)
{
    auto const input = benchmark::drawn_keys(keys, deltas_in_all, keys / batches_in_all_keys);
    auto const copy = path + "/copy";
    auto const copied = [&] {
        std::filesystem::remove_all(copy);
        std::filesystem::copy(path + "/run", copy);
        std::filesystem::remove(copy + "/LOCK");
        return copy;
    };
    plain_map counts;
    for (auto const& [key, none] : benchmark::zero_counts(keys))
        counts.emplace(key, std::pair(none, std::int64_t{0}));
    write_archive(path + "/archive", counts);
    {
        counting_application run(tide::local_directory(path + "/run"), keys, input);
        run.restore();
        std::size_t done = 0;
        for (std::size_t const deltas : {0U, 10U, 30U, 100U, 300U, 500U, 700U, 1000U}) {
            for (std::size_t i = done; i < deltas; ++i)
                for (auto const key : input[i])
                    ++counts.at(key).first;
            run.run_batches(deltas - done);
            done = deltas;
            if (deltas != 0)
                run.commit();
            measure(copied(), deltas, rounds);
            if (deltas == 0)
                compare_with_archive(copy, path + "/archive", keys, rounds);
        }
    }
    std::uint64_t expected = 0;
    for (auto const& [key, count] : counts)
        expected += mixed(key, count.first);
    auto const found = sum_of(tide::local_directory(copied()), keys, deltas_in_all);
    if (found != expected)
        std::printf("the restored state is another one than the map's\n");
    return found == expected ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 3, "restore");
    return run_all(benchmark::argument(argc, argv, 1, 10'000'000), benchmark::argument(argc, argv, 2, 7),
                   folder.path());
}
