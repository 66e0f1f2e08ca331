// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/sources/file_selector.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using tidemark::batch_time;
using tidemark::duration;
using tidemark::file_info;
using tidemark::file_selection;
using tidemark::file_selector;
using tidemark::read_existing;
using names = std::vector<std::string>;

struct file {
    std::string name;
    std::int64_t modified;
    std::int64_t visible; ///< From when on a listing shows it.
};

file_selector selector(read_existing existing, std::int64_t created, std::int64_t batch = 1000)
{
    return {duration(batch), duration(60'000), existing, batch_time(created), tidemark::not_hidden};
}

std::vector<file_info> listed_at(std::int64_t time, std::vector<file> const& files)
{
    std::vector<file_info> listed;
    for (auto const& one : files)
        if (one.visible <= time)
            listed.push_back({one.name, one.modified, 10});
    return listed;
}

names names_of(std::vector<file_info> const& files)
{
    names result;
    for (auto const& one : files)
        result.push_back(one.path);
    return result;
}

names select(file_selector& chooser, std::int64_t time, std::vector<file> const& files)
{
    return names_of(chooser.select(batch_time(time), listed_at(time, files)));
}

// ---- The rules, batch by batch

struct selection_row {
    char const* what;
    std::int64_t batch;
    std::int64_t created;
    read_existing existing;
    std::vector<std::int64_t> times;
    std::vector<file> files;
    std::vector<names> expected;
};

// The first four rows are the vectors `source/file-selection`.
std::vector<selection_row> const selection_rows{
    {"each file in the first batch that is not before it",
     1000,
     0,
     read_existing::none,
     {1000, 2000, 3000},
     {{"a", 500, 500}, {"b", 1000, 1000}, {"c", 1001, 1001}, {".hidden", 1500, 1500}, {"d", 2500, 2500}},
     {{"a", "b"}, {"c"}, {"d"}}},
    {"none that is as old as the start or older",
     1000,
     5000,
     read_existing::none,
     {6000, 7000},
     {{"old", 4000, 4000}, {"edge", 5000, 5000}, {"new", 5001, 5001}},
     {{"new"}, {}}},
    {"older ones within the span, when asked for",
     1000,
     5000,
     read_existing::recent,
     {6000, 7000},
     {{"old", 4000, 4000}, {"edge", 5000, 5000}, {"new", 5001, 5001}},
     {{"edge", "new", "old"}, {}}},
    {"none that shows up later than the span",
     1000,
     0,
     read_existing::none,
     {70000},
     {{"late", 9000, 69500}, {"ok", 10001, 69500}},
     {{"ok"}}},
    {"the threshold itself is excluded, the batch time included",
     1000,
     0,
     read_existing::none,
     {70000, 71000},
     {{"at the threshold", 10000, 0},
      {"after it", 10001, 0},
      {"at the batch", 70000, 0},
      {"after the batch", 70001, 0}},
     {{"after it", "at the batch"}, {"after the batch"}}},
    {"a file that shows up late, within the span, in the batch that sees it",
     1000,
     0,
     read_existing::none,
     {1000, 2000, 3000},
     {{"late", 500, 2001}},
     {{}, {}, {"late"}}},
    {"recent ones only as far back as the span",
     1000,
     100'000,
     read_existing::recent,
     {101'000},
     {{"too old", 41'000, 0}, {"in it", 41'001, 0}},
     {{"in it"}}},
    {"all of them, then by the ordinary rules",
     1000,
     100'000,
     read_existing::all,
     {101'000, 102'000},
     {{"ancient", -5, 0}, {"old", 1, 0}, {"old and late", 2, 101'500}, {"future", 101'500, 0}},
     {{"ancient", "old"}, {"future"}}},
    {"the span is whole batches: 7 s batches make it 63 s",
     7000,
     0,
     read_existing::none,
     {70'000},
     {{"out", 7000, 0}, {"in", 7001, 0}},
     {{"in"}}},
    {"a batch longer than the least span is the span",
     90'000,
     0,
     read_existing::none,
     {180'000},
     {{"out", 90'000, 0}, {"in", 90'001, 0}},
     {{"in"}}},
    {"batches that were left out lose nothing",
     1000,
     0,
     read_existing::none,
     {1000, 200'000, 201'000},
     {{"first", 1000, 0}, {"in the gap", 2000, 2000}, {"long after", 150'000, 150'000}},
     {{"first"}, {"in the gap", "long after"}, {}}},
};

TEST_CASE("files are selected by their time of modification and the batches before", "[sources][file_selector]")
{
    for (auto const& row : selection_rows) {
        INFO(row.what);
        auto chooser = selector(row.existing, row.created, row.batch);
        std::vector<names> selected;
        for (auto const time : row.times)
            selected.push_back(select(chooser, time, row.files));
        CHECK(selected == row.expected);
    }
}

TEST_CASE("the remembered span is whole batches", "[sources][file_selector]")
{
    struct {
        std::int64_t batch, at_least, expected;
    } const rows[] = {
        {1000, 60'000, 60'000}, {7000, 60'000, 63'000}, {60'000, 60'000, 60'000}, {61'000, 60'000, 61'000}, {1, 1, 1}};
    for (auto const& row : rows)
        CHECK(tidemark::remembered_span(duration(row.batch), duration(row.at_least)) == duration(row.expected));
}

TEST_CASE("a file is taken once while it is remembered, even if its time changes", "[sources][file_selector]")
{
    auto chooser = selector(read_existing::none, 0);
    CHECK(select(chooser, 1000, {{"a", 500, 0}}) == names{"a"});
    CHECK(select(chooser, 60'000, {}) == names{});
    CHECK(select(chooser, 61'000, {{"a", 60'500, 0}}) == names{}); // the batch of 1 s is 60 s back: still remembered
    CHECK(select(chooser, 62'000, {{"a", 60'500, 0}}) == names{"a"});
}

TEST_CASE("files of one name in different directories are different files, listed twice they are one",
          "[sources][file_selector]")
{
    auto chooser = selector(read_existing::none, 0);
    CHECK(select(chooser, 1000, {{"y/a", 5, 0}, {"x/a", 5, 0}, {"y/a", 5, 0}}) == names{"x/a", "y/a"});
    CHECK(chooser.may_take("z/a"));
    CHECK_FALSE(chooser.may_take("x/a"));
    CHECK_FALSE(chooser.may_take("z/.a"));
    CHECK(chooser.may_take(".z/a"));
}

TEST_CASE("what a batch could not see is taken by a later one, however late", "[sources][file_selector]")
{
    auto chooser = selector(read_existing::none, 0);
    CHECK(select(chooser, 1000, {}) == names{});
    for (std::int64_t time = 2000; time < 100'000; time += 1000)
        chooser.miss(batch_time(time));
    CHECK(select(chooser, 100'000, {{"a", 1500, 0}}) == names{"a"});
    CHECK(select(chooser, 101'000, {{"a", 1500, 0}, {"b", 1500, 0}}) == names{});
}

TEST_CASE("all existing files wait for the first batch that can see them", "[sources][file_selector]")
{
    auto chooser = selector(read_existing::all, 500'000);
    chooser.miss(batch_time(501'000));
    CHECK(select(chooser, 502'000, {{"old", 1, 0}}) == names{"old"});
    CHECK(select(chooser, 503'000, {{"old", 1, 0}, {"older", 0, 0}}) == names{});
}

TEST_CASE("a file that comes too late is told once, and no other one is", "[sources][file_selector]")
{
    std::vector<file> const files{
        {"before", -5, 0},           // left since the start
        {"taken", 500, 0},           // taken, and forgotten in the batch of 62 s
        {"in time", 3001, 62'500},   // at 63 s those count that were modified after 3 s
        {"late", 3000, 62'500},      //
        {"later", 9000, 70'500},     // at 71 s, after 11 s
        {".hidden", 1000, 62'500},   //
        {"from before", -9, 62'500}, // moved here, as old as it was
    };
    auto chooser = selector(read_existing::none, 0);
    std::vector<names> told;
    for (std::int64_t time = 1000; time <= 75'000; time += 1000) {
        (void)select(chooser, time, files);
        if (auto const late = names_of(chooser.late()); !late.empty())
            told.push_back(late);
    }
    CHECK(told == std::vector<names>{{"from before", "late"}, {"later"}});
}

TEST_CASE("what is old when a run begins is not told, and what was told may be told when it is back",
          "[sources][file_selector]")
{
    std::vector<file> const one{{"a", 500, 0}};
    for (auto const existing : {read_existing::none, read_existing::recent}) {
        auto chooser = selector(existing, 100'000);
        CHECK(select(chooser, 101'000, one) == names{});
        CHECK(chooser.late().empty());
        (void)select(chooser, 102'000, {});
        (void)select(chooser, 103'000, one);
        CHECK(names_of(chooser.late()) == names{"a"});
        (void)select(chooser, 104'000, one);
        CHECK(chooser.late().empty());
    }
    auto first = selector(read_existing::none, 0);
    (void)select(first, 1000, one);
    auto resumed = selector(read_existing::none, 200'000);
    resumed.seek(first.position());
    for (std::int64_t time = 2000; time < 70'000; time += 1000) {
        (void)select(resumed, time, one);
        CHECK(resumed.late().empty());
    }
}

// ---- After a restart

TEST_CASE("a selection goes on from its saved position", "[sources][file_selector]")
{
    std::vector<file> const files{{"a", 500, 0}, {"b", 1500, 0}, {"c", 2500, 0}, {"late", 600, 2500}};
    auto uncut = selector(read_existing::none, 0);
    CHECK(select(uncut, 1000, files) == names{"a"});
    CHECK(select(uncut, 2000, files) == names{"b"});

    auto const saved = tidemark::to_bytes(uncut.position());
    auto resumed = selector(read_existing::none, 50'000); // the clock of the restart does not count
    resumed.seek(tidemark::from_bytes<file_selection>(saved));
    CHECK(select(resumed, 3000, files) == names{"c", "late"});
    CHECK(select(uncut, 3000, files) == names{"c", "late"});
    CHECK(tidemark::to_bytes(resumed.position()) == tidemark::to_bytes(uncut.position()));
}

TEST_CASE("a replayed batch counts as taken, under the threshold of its run", "[sources][file_selector]")
{
    std::vector<file> const files{{"a", 500, 0}, {"b", 1500, 0}};
    auto first = selector(read_existing::none, 0);
    auto const taken = first.select(batch_time(1000), listed_at(1000, files));
    auto const threshold = first.position().threshold;

    auto resumed = selector(read_existing::none, 50'000); // nothing was committed: no position
    resumed.replay(batch_time(1000), threshold, taken);
    CHECK(select(resumed, 2000, files) == names{"b"});
}

TEST_CASE("a longer span in the newer program does not bring forgotten files back", "[sources][file_selector]")
{
    auto chooser = selector(read_existing::none, 0);
    CHECK(select(chooser, 1000, {{"a", 500, 0}}) == names{"a"});
    CHECK(select(chooser, 70'000, {{"a", 500, 0}}) == names{});
    CHECK(select(chooser, 150'000, {{"a", 500, 0}}) == names{});

    file_selector wider(duration(1000), duration(600'000), read_existing::none, batch_time(0), tidemark::not_hidden);
    wider.seek(chooser.position());
    CHECK(select(wider, 151'000, {{"a", 500, 0}}) == names{});
}

} // namespace
