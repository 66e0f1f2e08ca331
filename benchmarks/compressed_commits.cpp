// SPDX-License-Identifier: BSL-1.0
//
// compressed_commits: a commit of all of a state, as it is and compressed by LZ4 and zstd, in turn, from its hand-over until
// it is durable; how many bytes that writes; and how long it takes to read it. The states: counters, 24 bytes each with
// their key, and counters under names.
//
// Usage: compressed_commits [entries = 1000000 [rounds = 15 [directory = the working directory]]].

#include "support/measuring.hpp"

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/lz4_compression.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/zstd_compression.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

constexpr std::uint32_t key_groups = 128;

using groups = std::vector<tide::group_image>;

/// The groups of a state of so many entries; `append(out, number)` saves the key of an entry. Most counts are small, and
/// most entries were updated in one of the last hundred batches.
template <typename Append>
groups state_of(std::uint64_t entries, Append const& append)
{
    std::mt19937_64 random(1);
    std::geometric_distribution<std::int64_t> count(0.01);
    groups made;
    for (std::uint32_t group = 0; group < key_groups; ++group) {
        tide::output_archive out;
        auto const records = entries / key_groups;
        for (std::uint64_t i = 0; i < records; ++i) {
            append(out, random() % (10 * entries)); // a table has them in no order
            out << count(random) << static_cast<std::int64_t>(1'700'000'000'000 + 1000 * (random() % 100));
        }
        made.push_back({group, records, {out.bytes().begin(), out.bytes().end()}});
    }
    return made;
}

/// Commits of the whole state to a directory.
class committer {
public:
    committer(std::string name, tide::checkpoint_directory const& place)
        : name_(std::move(name))
        , storage_(place.storage())
        , opened_(tide::journal::open(storage_, options()))
    {}

    void commit(std::int64_t n, groups state, bool counts)
    {
        tide::commit_record record;
        record.time = tide::batch_time(n);
        record.batch_ms = 1;
        record.graph = "numbers -> counts";
        record.stages.push_back({"counts", "map_with_state", "text", "int64", 1, {}});
        opened_.log.change(record.time, "counts", {false, std::move(state), {}, {}});
        auto const report = opened_.log.commit(record);
        bytes_ = report.bytes;
        if (counts)
            commits_.push_back(std::chrono::duration<double, std::milli>(report.duration).count());
    }

    void read(groups const& expected)
    {
        tide::recovered found;
        reads_.push_back(1e3
                         * benchmark::seconds([&] { found = tide::read_checkpoint(storage_, options().application); }));
        if (!found.commit || found.commit->stages.front().groups != expected)
            throw tide::corrupt_checkpoint("what was read is not what was written");
    }

    /// Beside `plain`, which was written and read in turn with it.
    void report(double raw, std::string const& size, committer const& plain) const
    {
        std::printf("  %-8s %7.2f MB, %4.1f %%   commit p50 %7.2f ms   p95 %7.2f ms   read p50 %7.2f ms\n",
                    name_.c_str(), static_cast<double>(bytes_) / 1e6, 100 * static_cast<double>(bytes_) / raw,
                    benchmark::median(commits_), benchmark::quantile(commits_, 0.95), benchmark::median(reads_));
        if (this == &plain)
            return;
        benchmark::note_figure({name_ + ": bytes written", "those of the state", 0, size}, "%",
                               {100 * static_cast<double>(bytes_) / raw});
        benchmark::report({name_ + ": commit of all of a state", "not compressed", 0, size}, {commits_, plain.commits_},
                          1e3 * raw);
        benchmark::report({name_ + ": reading all of a state", "not compressed", 0, size}, {reads_, plain.reads_},
                          1e3 * raw);
    }

private:
    static tide::journal_options options()
    {
        tide::journal_options made;
        made.application = "compressed_commits";
        return made;
    }

    std::string name_;
    tide::any_storage storage_;
    tide::opened_journal opened_;
    std::uint64_t bytes_ = 0;
    std::vector<double> commits_;
    std::vector<double> reads_;
};

void run(char const* what, groups const& state, std::int64_t rounds, std::string const& path)
{
    double raw = 0;
    for (auto const& group : state)
        raw += static_cast<double>(group.bytes.size());
    std::printf("%s, %.2f MB\n", what, raw / 1e6);
    std::vector<committer> all;
    auto const place = [&](std::string const& name) { return tide::checkpoint_directory(path + "/" + what + name); };
    all.emplace_back("none", place("none"));
    all.emplace_back("lz4", place("lz4").compressed_by(tide::lz4_compression{}));
    all.emplace_back("zstd -1", place("zstd-1").compressed_by(tide::zstd_compression{-1}));
    all.emplace_back("zstd 1", place("zstd1").compressed_by(tide::zstd_compression{1}));
    all.emplace_back("zstd 3", place("zstd3").compressed_by(tide::zstd_compression{3}));
    auto const warm_up = 10; // until files are used again
    for (std::int64_t n = 1; n <= warm_up + rounds; ++n)
        for (auto& each : all)
            each.commit(n, state, n > warm_up);
    for (std::int64_t n = 0; n < std::min<std::int64_t>(rounds, 5); ++n)
        for (auto& each : all)
            each.read(state);
    auto const size = std::to_string(state.size() * state.front().records) + ' ' + what;
    for (auto const& each : all)
        each.report(raw, size, all.front());
}

} // namespace

int main(int argc, char** argv)
{
    auto const entries = benchmark::argument(argc, argv, 1, 1'000'000);
    auto const rounds = static_cast<std::int64_t>(benchmark::argument(argc, argv, 2, 15));
    benchmark::new_folder const folder(argc, argv, 3, "compressed_commits");
    run("counters", state_of(entries, [](auto& out, std::uint64_t number) { out << number; }), rounds, folder.path());
    run("names",
        state_of(entries,
                 [](auto& out, std::uint64_t number) {
                     out << "customer-" + std::to_string(number) + "@shop-" + std::to_string(number % 100);
                 }),
        rounds, folder.path());
}
