// SPDX-License-Identifier: BSL-1.0
//
// video_hits: counts how often each video is played in each hour, and shows the ten that lead after each batch.
//
// A play that comes late still counts for its hour, for as long as --accept-late says; after that its hour is
// forgotten. A play for a forgotten hour is dropped and counted as dropped: it does not begin the hour again at 1.

#include "support/command_line.hpp"
#include "support/hit_tracking.hpp"
#include "support/play_generator.hpp"
#include "support/plays.hpp"

#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using support::hits;

namespace {

constexpr std::array counting_options{
    support::option{"--directory", "<directory>", "where the files of plays appear; default plays"},
    support::option{"--checkpoint", "<directory>", "where the counts are kept; default ./video_hits.checkpoint"},
    support::option{"--interval", "<time>", "the batch interval; default 10s"},
    support::option{"--commit-every", "<time>", "a multiple of the interval; default six intervals"},
    support::option{"--threads", "<n>", "default 0: one per core"},
    support::option{"--accept-late", "<time>", "how long after its hour a play counts, or always; default 1h"},
    support::option{"--existing", "", "at the first start, read existing files as well"},
    support::option{"--until-lines", "<n>", "end when that many lines have been read, those before a restart included"},
    support::option{"--final-table", "<file>", "at a clean end, write all counts there, sorted; - prints them"},
    support::option{"--save", "<name>", "make a savepoint of this name, of the first batch or the second"},
    support::option{"--report", "", "a line about each batch and commit"},
    support::option{"--help", "", "this text"},
};

constexpr std::array generating_options{
    support::option{"--directory", "<directory>", "where to write; default plays"},
    support::option{"--files", "<n>", "default 10"},
    support::option{"--records", "<n>", "lines in each file; default 1000"},
    support::option{"--seed", "<n>", "the same plays for the same seed; default 1"},
    support::option{"--videos", "<n>", "how many there are; default 1000"},
    support::option{"--every", "<time>", "how long to wait after each file"},
    support::option{"--from", "<time>", "when the plays begin, 2019-03-17T21:00 in UTC; default: they happen now"},
    support::option{"--span", "<time>", "with --from, over which time they are spread; default 3h"},
    support::option{"--bad-every", "<n>", "one in so many lines is malformed"},
    support::option{"--help", "", "this text"},
};

constexpr std::string_view usage =
    R"(video_hits [options]           counts the plays in files, as they appear in a directory
video_hits generate [options]  makes up such files

A line says which video was played, by which client and when, in milliseconds
since 1970:
  video-935,client-17,1552859040000
Other lines are counted and skipped. After each batch with plays the program
shows the ten videos of the batch that were played most in an hour: video, end
of the hour, plays so far; ties are in the order of names. All times are UTC.
Ctrl-C ends the program cleanly. Killed and started again with the same
checkpoint directory, it counts every line exactly once, including those of
files that appeared in the meantime.

Counting:
)";

constexpr std::string_view notes = R"(
A play of an hour that ended longer ago than --accept-late is dropped, as is one
of an hour that begins more than an hour from now. Use --accept-late always for
old recordings.

Exits with 0, with 2 when the command line is wrong, with 1 when something failed.
)";

std::string help()
{
    return std::string(usage) + support::help_of(counting_options) + "\nMaking up plays:\n"
           + support::help_of(generating_options) + std::string(notes);
}

struct settings {
    std::string directory;
    std::string checkpoint;
    tide::duration interval;
    tide::duration commit_every;
    std::size_t threads;
    std::optional<tide::duration> accept_late;
    bool existing;
    std::optional<std::int64_t> until_lines;
    std::string final_table;
    std::string save;
    bool report;
};

settings settings_of(support::command_line const& line)
{
    if (!line.arguments().empty())
        throw support::usage_problem("found \"" + line.arguments().front()
                                     + "\"; expected options only, or generate before them");
    settings wanted{};
    wanted.directory = line.text("--directory", "plays");
    wanted.checkpoint = line.text("--checkpoint", "video_hits.checkpoint");
    wanted.interval = line.duration("--interval", tide::duration(10'000));
    wanted.commit_every = line.duration("--commit-every", wanted.interval * 6);
    wanted.threads = static_cast<std::size_t>(line.number("--threads", 0, 0, 1024));
    if (line.text("--accept-late", "") != "always")
        wanted.accept_late = line.duration("--accept-late", tide::duration(support::hour_ms));
    wanted.existing = line.has("--existing");
    if (line.has("--until-lines"))
        wanted.until_lines = support::parse_number("--until-lines", line.text("--until-lines", ""), 1);
    wanted.final_table = line.text("--final-table", "");
    wanted.save = line.text("--save", "");
    wanted.report = line.has("--report");
    if (!std::filesystem::is_directory(wanted.directory))
        throw support::usage_problem("there is no directory \"" + wanted.directory
                                     + "\"; expected one to read plays from");
    return wanted;
}

/// What became of a line; counted over the whole life of the checkpoint.
enum class fate : std::uint8_t { play, bad, dropped };

std::pair<fate, std::int64_t> fate_of(std::string const& line)
{
    return {support::parse_play(line) ? fate::play : fate::bad, 1};
}

std::optional<std::pair<fate, std::int64_t>> dropped(hits const& one)
{
    return one.second == 0 ? std::optional(std::pair(fate::dropped, std::int64_t{1})) : std::nullopt;
}

std::optional<std::int64_t> add_up(std::vector<std::int64_t> const& more, std::optional<std::int64_t> sum)
{
    return std::accumulate(more.begin(), more.end(), sum.value_or(0));
}

bool is_counted(hits const& one) { return one.second != 0; }

std::int64_t latest(std::int64_t, std::int64_t later) { return later; }

void print_top_10(std::vector<hits> const& leading, tide::batch_time time)
{
    if (leading.empty())
        return;
    std::string const rule(25, '=');
    auto text = "Top 10 at time " + support::format_timestamp(time.count()) + "\n" + rule + "\n";
    for (auto const& one : leading)
        text += support::line_of(one) + "\n";
    std::cout << text << rule << "\n" << std::flush;
}

/// What the batches report to `main`: they write it one after the other, and `main` reads it after the end.
struct progress {
    std::int64_t plays = 0;
    std::int64_t bad = 0;
    std::int64_t dropped = 0;
    std::vector<hits> table;

    void note(std::vector<std::pair<fate, std::int64_t>> const& totals)
    {
        for (auto const& [what, sum] : totals)
            (what == fate::play ? plays : what == fate::bad ? bad : dropped) = sum;
    }
};

tide::application describe(settings const& wanted, progress& so_far, tide::checkpoint_directory where)
{
    // The batches missed while the program was down run one after the other at a restart, so that a crash does not
    // decide whether a play came too late.
    auto const ssc =
        tide::streaming_context(wanted.interval, std::move(where),
                                tide::settings{.threads = wanted.threads, .down_time = tide::catch_up::each})
            .named("video_hits");
    tide::text_file_options how;
    how.existing = wanted.existing ? tide::read_existing::all : tide::read_existing::none;
    auto const lines =
        ssc.text_file_stream<"plays">(std::filesystem::absolute(wanted.directory).lexically_normal().string(), how);

    auto tracking = tide::state_spec(support::track_hits{wanted.accept_late});
    if (wanted.accept_late)
        tracking = tracking.timeout(support::track_hits::idle_limit(*wanted.accept_late));
    auto const tracked = lines | tide::flat_map(support::parse_play) | tide::map(support::by_video_and_hour)
                         | tide::map_with_state<"video-hits">(tracking, tide::checkpoint_every(wanted.commit_every));

    // There is one record for each play; the last one of each video and hour has the count after the batch.
    auto top = tracked | tide::filter(is_counted) | tide::reduce_by_key(latest)
               | tide::foreach_rdd<"top">([](auto const& last, tide::batch_time time) {
                     print_top_10(last | tide::top(10, &hits::second), time);
                 });

    auto totals = lines | tide::map(fate_of) | tide::union_(tracked | tide::flat_map(dropped))
                  | tide::reduce_by_key(std::plus<>{})
                  | tide::update_state_by_key<"totals">(add_up, tide::checkpoint_every(wanted.commit_every))
                  | tide::foreach_rdd<"totals">([&so_far, until = wanted.until_lines](auto const& sums) {
                        so_far.note(sums | tide::collect());
                        if (until && so_far.plays + so_far.bad >= *until)
                            if (auto app = tide::get_active())
                                app->request_stop();
                    });

    // The final table is read in every batch, because no batch knows whether it is the last.
    auto table = tracked | tide::state_snapshots()
                 | tide::foreach_rdd<"table">([&so_far, needed = !wanted.final_table.empty()](auto const& all) {
                       if (needed)
                           so_far.table = all | tide::collect();
                   });
    return ssc.application(std::move(top), std::move(totals), std::move(table));
}

void write_table(std::vector<hits> table, std::string const& name)
{
    std::sort(table.begin(), table.end());
    std::string text;
    for (auto const& one : table)
        text += support::line_of(one) + "\n";
    if (name == "-") {
        std::cout << text << std::flush;
        return;
    }
    std::ofstream out(name, std::ios::trunc);
    out << text;
    out.close();
    if (!out)
        throw tide::storage_error("cannot write the table to " + name);
}

int count_hits(settings const& wanted)
{
    progress so_far;
    tide::stop_on_signals signals;
    auto app = tide::get_or_create(
        tide::checkpoint_directory(std::filesystem::path(wanted.checkpoint)),
        [&](tide::checkpoint_directory where) { return describe(wanted, so_far, std::move(where)); });
    if (wanted.report)
        app.listen(tide::listening(
            std::make_shared<tide::batch_report>([](std::string_view line) { std::cout << line << std::flush; })));
    app.start();
    signals.watch(app);
    if (!wanted.save.empty())
        (void)app.save(wanted.save);
    app.await_termination();
    if (!wanted.final_table.empty())
        write_table(std::move(so_far.table), wanted.final_table);
    std::cerr << so_far.plays - so_far.dropped << " plays counted, " << so_far.dropped
              << " dropped because of their time, " << so_far.bad << " bad lines skipped\n";
    return 0;
}

int generate(support::command_line const& line)
{
    if (!line.arguments().empty())
        throw support::usage_problem("found \"" + line.arguments().front() + "\"; expected options only");
    support::play_generation how;
    how.directory = line.text("--directory", "plays");
    how.files = line.number("--files", how.files, 1, 1'000'000);
    how.records = line.number("--records", how.records, 1, 10'000'000);
    how.seed = static_cast<std::uint64_t>(line.number("--seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
    how.videos = line.number("--videos", how.videos, 1, 1'000'000'000);
    how.bad_every = line.number("--bad-every", 0, 1, std::numeric_limits<std::int64_t>::max());
    how.every = line.duration("--every", how.every);
    how.span = line.duration("--span", tide::duration(how.span)).count();
    if (line.has("--from")) {
        how.from = support::parse_timestamp(line.text("--from", ""));
        if (!how.from)
            throw support::usage_problem("bad --from \"" + line.text("--from", "")
                                         + "\"; expected a time like 2019-03-17T21:00");
    }
    support::generate_plays(how);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return support::run_main("video_hits", argc, argv, [](auto words) {
        bool const generating = !words.empty() && std::string_view(words.front()) == "generate";
        auto const known = generating ? std::span<support::option const>(generating_options) : counting_options;
        support::command_line const line(generating ? words.subspan(1) : words, known);
        if (line.has("--help")) {
            std::cout << help();
            return 0;
        }
        return generating ? generate(line) : count_hits(settings_of(line));
    });
}
