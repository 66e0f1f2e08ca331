// SPDX-License-Identifier: BSL-1.0
//
// durable_write: one commit of 2.4 MB of state after the other, from its hand-over until it is durable: with files that take
// the space of older ones, written past the page cache, and a log with room for records; without the room; without the one,
// and without either; and the same bytes written and synced by hand over an old file, past the cache. In turn, each after a
// pause.
// Targets: a median of at most 2 ms, and of 60 MB at most 1.33 times the same bytes by hand.
//
// Usage: durable_write [commits = 200 [kilobytes = 2400 [groups = 1 [directory = the working directory]]]].

#include "support/direct_file.hpp"
#include "support/measuring.hpp"

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/storage/local_directory.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

/// How long state files become for commits of so many bytes.
std::uint64_t segment_for(std::size_t bytes)
{
    return std::clamp<std::uint64_t>(30 * bytes, std::uint64_t{1} << 17U, std::uint64_t{64} << 20U);
}

/// A file that goes through the page cache.
class buffered_file {
public:
    explicit buffered_file(tide::local_file file)
        : file_(std::move(file))
    {}

    void append(std::span<std::byte const> bytes) { file_.append(bytes); }
    void sync() { file_.sync(); }
    void reserve(std::uint64_t size) { file_.reserve(size); }
    [[nodiscard]] std::uint64_t size() const { return file_.size(); }

private:
    tide::local_file file_;
};

/// A directory whose files go through the page cache.
struct buffered_directory : tide::local_directory {
    explicit buffered_directory(tide::local_directory const& some)
        : local_directory(some)
    {}
    [[nodiscard]] buffered_file create(std::string const& name) const
    {
        return buffered_file(local_directory::create(name));
    }
    [[nodiscard]] buffered_file overwrite(std::string const& from, std::string const& name) const
    {
        return buffered_file(local_directory::overwrite(from, name));
    }
    [[nodiscard]] buffered_directory folder(std::string const& name) const
    {
        return buffered_directory(local_directory::folder(name));
    }
    [[nodiscard]] bool recycles() const { return recycles_files; }

    bool recycles_files = true;
};

/// Commits that replace all groups of a state by others.
class committer {
public:
    committer(tide::any_storage const& storage, std::size_t bytes, std::uint32_t groups, bool log_has_room = true)
        : opened_(tide::journal::open(storage, options(bytes, log_has_room)))
        , bytes_(bytes)
        , groups_(groups)
    {}

    /// In milliseconds.
    double commit(std::int64_t n)
    {
        tide::commit_record record;
        record.time = tide::batch_time(n);
        record.batch_ms = 1;
        record.graph = "numbers -> counts";
        record.stages.push_back({"counts", "map_with_state", "text", "int64", 1, {}});
        tide::stage_changes changes;
        for (std::uint32_t group = 0; group < groups_; ++group)
            changes.bases.push_back({group, 1, std::vector<std::byte>(bytes_ / groups_, static_cast<std::byte>(n))});
        opened_.log.change(record.time, "counts", std::move(changes));
        auto const report = opened_.log.commit(record);
        return std::chrono::duration<double, std::milli>(report.duration).count();
    }

private:
    static tide::journal_options options(std::size_t bytes, bool log_has_room)
    {
        tide::journal_options made;
        made.application = "durable_write";
        made.state_segment_bytes = segment_for(bytes);
        if (!log_has_room)
            made.log_room_bytes = 0;
        return made;
    }

    tide::opened_journal opened_;
    std::size_t bytes_;
    std::uint32_t groups_;
};

/// What is to be reached: by the median, in milliseconds, and by the ratio; 0 where nothing is.
struct targets {
    double median = 0;
    double ratio = 0;
};

/// `taken` and, in turn with it, `by_hand`, in milliseconds.
void report(std::string const& name, std::string const& size, std::vector<double> const& taken,
            std::vector<double> const& by_hand, double bytes, targets const& most = {})
{
    std::printf("%-34s p50 %6.2f ms   p95 %6.2f ms   max %6.2f ms\n", name.c_str(), benchmark::median(taken),
                benchmark::quantile(taken, 0.95), benchmark::quantile(taken, 1));
    benchmark::note_figure({name, "", most.median, size}, "ms", taken);
    benchmark::report({name, "the same bytes by hand", most.ratio, size}, {taken, by_hand}, 1e3 * bytes);
}

void run_all(std::int64_t commits, std::size_t bytes, std::uint32_t groups, std::string const& path)
{
    tide::local_directory const raw_directory(path + "/raw");
    {
        auto probe = raw_directory.create("probe");
        std::puts(probe.write_direct() != 0 ? "the file system takes direct writes"
                                            : "the file system refuses direct writes: all goes through the cache");
    }
    auto const recycling = buffered_directory(tide::local_directory(path + "/recycled"));
    auto appending = buffered_directory(tide::local_directory(path + "/appended"));
    appending.recycles_files = false;
    committer direct(tide::local_directory(path + "/direct"), bytes, groups);
    committer growing(tide::local_directory(path + "/growing"), bytes, groups, false);
    committer recycled(recycling, bytes, groups);
    committer appended(appending, bytes, groups);
    benchmark::direct_file raw(path + "/raw/bytes", bytes, segment_for(bytes)); // the same bytes, by hand
    // Until files have been used again.
    auto const warm_up = static_cast<std::int64_t>(3 * segment_for(bytes) / bytes);
    std::vector<double> taken[5];
    for (std::int64_t n = 1; n <= warm_up + commits; ++n) {
        auto const measure = [&](std::size_t which, auto const& work) {
            if (n > warm_up)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            auto const time = work();
            if (n > warm_up)
                taken[which].push_back(time);
        };
        measure(0, [&] { return appended.commit(n); });
        measure(1, [&] { return recycled.commit(n); });
        measure(2, [&] { return direct.commit(n); });
        measure(3, [&] { return growing.commit(n); });
        raw.begin_again_at_end();
        measure(4, [&] { return raw.write(); });
    }
    auto const size = std::to_string(bytes / 1000) + " KB in " + std::to_string(groups)
                      + (groups == 1 ? " group, " : " groups, ") + std::to_string(commits) + " commits";
    auto const told = [&](std::string const& name, std::size_t which, targets const& most = {}) {
        report(name, size, taken[which], taken[4], static_cast<double>(bytes), most);
    };
    told("commit, new files, cached", 0);
    told("commit, recycled files, cached", 1);
    told("commit, recycled files, direct", 2, bytes < 10'000'000 ? targets{2, 0} : targets{0, 1 / 0.75});
    told("the same, a log without room", 3);
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 4, "durable_write");
    run_all(static_cast<std::int64_t>(benchmark::argument(argc, argv, 1, 200)),
            static_cast<std::size_t>(benchmark::argument(argc, argv, 2, 2400)) * 1000,
            static_cast<std::uint32_t>(benchmark::argument(argc, argv, 3, 1)), folder.path());
}
