// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace journal_cases;
using Catch::Matchers::Contains;
using tidemark::any_storage;
using tidemark::journal;

any_storage new_storage() { return any_storage(tidemark::memory_storage()); }

/// Two starts of a process: commits 1, 2 and 3; batch 4 planned and published, batch 5 planned.
any_storage small_checkpoint()
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
        opened.log.plan(plan_of(2), false);
        opened.log.commit(commit_of(2));
        opened.log.plan(plan_of(3), true);
        opened.log.done(done_of(3), true);
    }
    auto opened = journal::open(storage, options());
    opened.log.commit(commit_of(3));
    opened.log.plan(plan_of(4), true);
    opened.log.done(done_of(4), true);
    opened.log.plan(plan_of(5), true);
    return storage;
}

/// Whether all that was found is true, though it may be old or incomplete.
bool is_true(tidemark::recovered const& state)
{
    if (!state.commit) {
        return false; // there were commits
    }
    auto const time = state.commit->time.count();
    bool const commit = time >= 1 && time <= 3 && *state.commit == commit_of(time);
    bool const plans = std::ranges::all_of(state.plans, [&](auto const& plan) {
        return plan.time.count() > time && plan.time.count() <= 5 && plan == plan_of(plan.time.count());
    });
    bool const dones = std::ranges::all_of(state.dones, [&](auto const& done) {
        return done.time.count() > time && done.time.count() <= 4 && done == done_of(done.time.count());
    });
    return commit && plans && dones;
}

bool is_whole(tidemark::recovered const& state)
{
    return is_true(state) && *state.commit == commit_of(3) && state.plans == std::vector{plan_of(4), plan_of(5)}
           && state.dones == std::vector{done_of(4)};
}

/// Reads `storage` with `content` in place of the file `name`, and says what is wrong with the outcome; empty when
/// nothing is.
std::string problem_with(any_storage storage, std::string const& name, bytes const& content, bool must_be_noted)
{
    put(storage, name, content);
    try {
        auto const state = tidemark::read_checkpoint(storage, "test");
        if (!is_true(state)) {
            return "a wrong value";
        }
        if (must_be_noted && state.notes.empty()) {
            return "not noticed";
        }
        return is_whole(state) || !state.notes.empty() ? "" : "something is missing without a word";
    } catch (tidemark::corrupt_checkpoint const&) {
        return "";
    } catch (std::exception const& problem) {
        return std::string("another exception: ") + problem.what();
    }
}

/// The state file that the newest commit reads; the others are read only when it fails.
bool is_read(std::string const& name, std::string const& newest_state)
{
    return !name.starts_with("state-") || name == newest_state;
}

bytes with_version(bytes file, std::uint32_t version)
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        file[8 + i] = static_cast<std::byte>((version >> (8 * i)) & 0xffU);
        length |= std::to_integer<std::size_t>(file[12 + i]) << (8 * i);
    }
    std::uint64_t const sum = tidemark::checksum(std::span(file).first(length - 8), 0);
    for (std::size_t i = 0; i < 8; ++i) {
        file[length - 8 + i] = static_cast<std::byte>((sum >> (8 * i)) & 0xffU);
    }
    return file;
}

} // namespace

// ---- Every bit, every length

TEST_CASE("every flipped bit of every file is noticed, and never gives a wrong value", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    REQUIRE(is_whole(tidemark::read_checkpoint(storage, "test")));
    auto const newest_state = names(storage, "state-").back();
    for (auto const& name : storage.list()) {
        if (!name.starts_with("log-") && !name.starts_with("state-") && name != "manifest") {
            continue;
        }
        auto const whole = storage.read(name);
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            auto const problem = problem_with(storage, name, flipped(whole, bit), is_read(name, newest_state));
            if (!problem.empty()) {
                FAIL(name << ", byte " << bit / 8 << ", bit " << bit % 8 << ": " << problem);
            }
        }
        put(storage, name, whole);
    }
}

TEST_CASE("an older commit is verified as closely when it is needed", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    auto const states = names(storage, "state-");
    REQUIRE(states.size() == 3);
    damage(storage, states[2]);
    auto const whole = storage.read(states[1]);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        put(storage, states[1], flipped(whole, bit));
        auto const state = tidemark::read_checkpoint(storage, "test");
        REQUIRE(state.commit);
        REQUIRE(*state.commit == commit_of(1));
    }
}

TEST_CASE("a file of any shorter or longer length never gives a wrong value", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    auto const newest_state = names(storage, "state-").back();
    auto const newest_log = names(storage, "log-").back();
    for (auto const& name : storage.list()) {
        if (!name.starts_with("log-") && !name.starts_with("state-") && name != "manifest") {
            continue;
        }
        auto const whole = storage.read(name);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            // A cut of the last segment between two records looks like a crash: what is gone, nobody misses.
            auto const cut = bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            if (name == newest_log) {
                put(storage, name, cut);
                auto const state = tidemark::read_checkpoint(storage, "test");
                REQUIRE(is_true(state));
            } else if (auto const problem = problem_with(storage, name, cut, is_read(name, newest_state));
                       !problem.empty()) {
                FAIL(name << " cut to " << length << ": " << problem);
            }
        }
        for (int const filler : {0x00, 0xff, 0x54}) {
            auto longer = whole;
            longer.resize(whole.size() + 70, static_cast<std::byte>(filler));
            bool const is_room = name.starts_with("log-") && filler == 0; // for records that did not come
            bool const must_be_noted =
                !name.starts_with("state-") && !is_room; // a crash leaves more behind what a commit needs
            auto const problem = problem_with(storage, name, longer, must_be_noted);
            INFO(name << " longer by " << filler);
            CHECK(problem.empty());
        }
        put(storage, name, whole);
    }
}

TEST_CASE("a journal that opened a damaged checkpoint goes on as if it were new", "[checkpoint][journal][damage]")
{
    auto const original = small_checkpoint();
    for (auto const& name : names(original, "")) {
        if (!name.starts_with("log-") && !name.starts_with("state-") && name != "manifest") {
            continue;
        }
        for (std::size_t byte = 0; byte < original.size(name); ++byte) {
            auto const storage = copy_of(original);
            put(storage, name, flipped(storage.read(name), byte * 8 + byte % 8));
            std::int64_t found = 0;
            {
                auto opened = journal::open(storage, options());
                REQUIRE(is_true(opened.state));
                found = opened.state.commit->time.count();
                opened.log.plan(plan_of(found + 1), true);
                opened.log.commit(commit_of(found + 1));
            }
            auto const again = tidemark::read_checkpoint(storage, "test");
            REQUIRE(again.commit);
            REQUIRE(*again.commit == commit_of(found + 1));
        }
    }
}

// ---- What is said and done about it

TEST_CASE("a fallback says which file was damaged and where", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    auto const newest = names(storage, "state-").back();
    damage(storage, newest);
    auto const opened = journal::open(storage, options());
    REQUIRE(opened.state.commit);
    CHECK(*opened.state.commit == commit_of(2));
    CHECK(opened.state.unusable_commits == 1);
    CHECK(times_of(opened.state.plans) == std::vector<std::int64_t>{3, 4, 5});
    CHECK(opened.state.dones == std::vector{done_of(3), done_of(4)});
    auto const notes = text_of(opened.state.notes);
    CHECK(notes.find(newest + ", offset ") != std::string::npos);
    CHECK(notes.find("expected") != std::string::npos);
    CHECK(notes.find("found") != std::string::npos);
    CHECK(storage.exists(newest)); // evidence, until k commits stand
}

TEST_CASE("a start keeps the state files of a commit whose record is damaged", "[checkpoint][journal][damage]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
        opened.log.commit(commit_of(2));
    }
    auto const log = names(storage, "log-").front();
    put(storage, log, flipped(storage.read(log), (storage.size(log) - 1) * 8));
    auto const opened = journal::open(storage, options());
    CHECK(opened.state.commit == commit_of(1));
    CHECK(opened.state.records_dropped == 1);
    CHECK(opened.state.unusable_commits == 1);
    CHECK(names(storage, "state-").size() == 2);
}

TEST_CASE("a commit of which nothing is left counts by the manifest, a copy of one does not",
          "[checkpoint][journal][damage]")
{
    struct {
        std::string_view what;
        std::uint64_t segment_bytes;
        bool started_again; ///< which copies commit 2 into a file of the new process
        std::size_t lost;   ///< which of the log's files
        std::int64_t found;
        std::size_t unusable;
    } const cases[] = {
        {"commit 2, alone in its file", 1, false, 1, 1, 1},
        {"the only copy of commit 2", 1, true, 2, 1, 1},
        {"a copy of commit 2, which is in the file of commit 1 too", 1'000'000, true, 1, 2, 0},
    };
    for (auto const& at : cases) {
        INFO(at.what);
        auto settings = options();
        settings.segment_bytes = at.segment_bytes;
        auto const storage = new_storage();
        {
            auto opened = journal::open(storage, settings);
            opened.log.commit(commit_of(1));
            opened.log.commit(commit_of(2));
        }
        if (at.started_again)
            (void)journal::open(storage, settings);
        storage.remove(names(storage, "log-").at(at.lost));
        auto const state = tidemark::read_checkpoint(storage, "test");
        INFO(text_of(state.notes));
        CHECK(state.commit == commit_of(at.found));
        CHECK(state.unusable_commits == at.unusable);
        CHECK_THAT(text_of(state.notes), Contains("expected the commit in record"));
    }
}

TEST_CASE("each commit that cannot be used counts once", "[checkpoint][journal][damage]")
{
    auto settings = options();
    std::size_t const header = [&] { // the length of what a log file begins with
        auto const empty = new_storage();
        (void)journal::open(empty, settings);
        return empty.size(names(empty, "log-").front());
    }();
    auto const storage = new_storage();
    auto const run = [&](std::uint64_t segment_bytes, std::vector<std::int64_t> const& commits) {
        settings.segment_bytes = segment_bytes;
        auto opened = journal::open(storage, settings);
        for (auto const n : commits)
            opened.log.commit(commit_of(n));
    };
    auto const spoil = [&](std::string const& name, std::size_t byte) {
        put(storage, name, flipped(storage.read(name), byte * 8));
    };
    auto const newest_log = [&] { return names(storage, "log-").back(); };
    std::int64_t found = 0;
    std::size_t unusable = 0;
    std::string note;

    SECTION("not a damaged copy, where what it is a copy of can be read")
    {
        run(1'000'000, {1, 2});
        run(1'000'000, {});
        spoil(newest_log(), storage.size(newest_log()) - 1);
        found = 2;
        note = "the commit of batch 2 ms in log-0000000002-0000000001 cannot be used: its record is damaged";
    }
    SECTION("not a damaged one that an earlier start has given up")
    {
        run(1'000'000, {1, 2, 3});
        auto const log = newest_log();
        auto const end = storage.size(log) - 1;
        damage(storage, names(storage, "state-").back());
        run(1'000'000, {});
        spoil(log, end);
        found = 2;
        note = "expected the records";
    }
    SECTION("one that is gone, and a damaged one behind it")
    {
        run(1, {1, 2});
        run(1'000'000, {3}); // behind the only copy of commit 2
        spoil(newest_log(), header);
        spoil(newest_log(), storage.size(newest_log()) - 1);
        found = 1;
        unusable = 2;
        note = "expected the commit in record";
    }
    SECTION("one of which a copy is gone, and the state is damaged")
    {
        run(1'000'000, {1, 2});
        run(1'000'000, {});
        damage(storage, names(storage, "state-").back());
        spoil(newest_log(), header);
        found = 1;
        unusable = 1;
        note = "the commit of batch 2 ms in log-0000000001-0000000001 cannot be used";
    }
    SECTION("one with two copies, of which one is damaged and one is gone")
    {
        run(1, {1, 2});
        run(1, {});
        run(1, {});
        auto const logs = names(storage, "log-");
        REQUIRE(logs.size() == 3); // commit 1, and the two copies
        spoil(logs[1], storage.size(logs[1]) - 1);
        storage.remove(logs[2]);
        found = 1;
        unusable = 1;
        note = "the commit of batch 2 ms in " + logs[1] + " cannot be used";
    }
    auto const state = tidemark::read_checkpoint(storage, "test");
    INFO(text_of(state.notes));
    CHECK(state.commit == commit_of(found));
    CHECK(state.unusable_commits == unusable);
    CHECK_THAT(text_of(state.notes), Contains(note));
}

TEST_CASE("a state file under another one's name is told by its header", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    auto const states = names(storage, "state-");
    put(storage, states[2], storage.read(states[1]));
    auto const state = tidemark::read_checkpoint(storage, "test");
    CHECK(*state.commit == commit_of(2));
    CHECK(text_of(state.notes).find(states[2] + ", offset 16: ") != std::string::npos);
}

TEST_CASE("a commit that a fallback gave up does not come back", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    auto const given_up = names(storage, "state-").back();
    auto const content = storage.read(given_up);
    damage(storage, given_up);
    {
        auto opened = journal::open(storage, options(5));
        CHECK(*opened.state.commit == commit_of(2));
    }
    put(storage, given_up, content); // it was a bad cable, say
    CHECK(*tidemark::read_checkpoint(storage, "test").commit == commit_of(2));
    {
        // Not even when the copy that the later start made is damaged in its turn: the header has 72 bytes, the
        // record's 64.
        auto const copy = copy_of(storage);
        auto const log = names(copy, "log-").back();
        put(copy, log, flipped(copy.read(log), (72 + 64 + 10) * 8));
        auto const state = tidemark::read_checkpoint(copy, "test");
        CHECK_FALSE(state.notes.empty());
        CHECK(*state.commit == commit_of(2));
    }
    {
        auto opened = journal::open(storage, options(5));
        CHECK(*opened.state.commit == commit_of(2));
        opened.log.commit(commit_of(4));
    }
    damage(storage, names(storage, "state-").back());
    CHECK(*tidemark::read_checkpoint(storage, "test").commit == commit_of(2));
}

TEST_CASE("a damaged record before a newer commit is noted, counted, and not needed", "[checkpoint][journal][damage]")
{
    auto const storage = new_storage();
    std::size_t before = 0;
    auto opened = journal::open(storage, options());
    auto const log = names(storage, "log-").front();
    opened.log.commit(commit_of(1));
    before = storage.size(log);
    opened.log.plan(plan_of(2), true);
    opened.log.commit(commit_of(2));
    opened.log.plan(plan_of(3), true);
    for (std::size_t const at : {before, before + 70}) { // in its header, in its payload
        auto const copy = copy_of(storage);
        put(copy, log, flipped(copy.read(log), at * 8));
        auto const state = tidemark::read_checkpoint(copy, "test");
        REQUIRE(state.commit);
        CHECK(*state.commit == commit_of(2));
        CHECK(state.plans == std::vector{plan_of(3)});
        CHECK(state.records_dropped == 1);
        CHECK(text_of(state.notes).find(log + ", offset " + std::to_string(at < before + 64 ? before : before + 64))
              != std::string::npos);
    }
}

TEST_CASE("when no commit can be read it is an error, and nothing is changed", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    for (auto const& name : names(storage, "state-")) {
        damage(storage, name);
    }
    SECTION("with a manifest") {}
    SECTION("without one") { storage.remove("manifest"); }
    SECTION("with a damaged one") { damage(storage, "manifest"); }
    SECTION("without a log")
    {
        for (auto const& name : names(storage, "log-")) {
            storage.remove(name);
        }
    }
    auto const before = storage.list();
    try {
        (void)journal::open(storage, options());
        FAIL("a silent fresh start");
    } catch (tidemark::corrupt_checkpoint const& problem) {
        CHECK(std::string(problem.what()).find("start_fresh") != std::string::npos);
    }
    CHECK(storage.list() == before);
}

TEST_CASE("a damaged manifest of which nothing else is left is no new checkpoint", "[checkpoint][journal][damage]")
{
    auto const storage = new_storage();
    { // before the first commit, too: the segment that the manifest lists was there
        (void)journal::open(storage, options());
    }
    for (auto const& name : names(storage, "log-"))
        storage.remove(name);
    for (bool const empty : {false, true}) {
        auto const copy = copy_of(storage);
        if (empty)
            put(copy, "manifest", {});
        else
            damage(copy, "manifest");
        try {
            (void)journal::open(copy, options());
            FAIL("a silent fresh start");
        } catch (tidemark::corrupt_checkpoint const& problem) {
            CHECK_THAT(problem.what(), Contains("manifest") && Contains("start_fresh"));
        }
        CHECK(copy.list() == std::vector<std::string>{"manifest"});
        auto asking = options();
        asking.unreadable = tidemark::on_unreadable::start_fresh;
        CHECK_FALSE(journal::open(copy, asking).state.commit);
    }
}

TEST_CASE("the only commit is missed even when its record is the last of the log", "[checkpoint][journal][damage]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
    }
    auto const log = names(storage, "log-").front();
    auto const whole = storage.read(log);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        put(storage, log, bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
        REQUIRE_THROWS_AS(tidemark::read_checkpoint(storage, "test"), tidemark::corrupt_checkpoint);
    }
    // Its header ends at byte 72; the manifest can stand in for that.
    for (std::size_t bit = 8 * 72; bit < whole.size() * 8; ++bit) {
        put(storage, log, flipped(whole, bit));
        REQUIRE_THROWS_AS(tidemark::read_checkpoint(storage, "test"), tidemark::corrupt_checkpoint);
    }
}

TEST_CASE("start_fresh sets an unreadable checkpoint aside and says where", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    for (auto const& name : names(storage, "state-")) {
        damage(storage, name);
    }
    auto fresh = options();
    fresh.unreadable = tidemark::on_unreadable::start_fresh;
    {
        auto opened = journal::open(storage, fresh);
        CHECK_FALSE(opened.state.commit);
        CHECK(opened.state.plans.empty());
        CHECK(text_of(opened.state.notes).find("set aside as ") != std::string::npos);
        CHECK(names(storage, "state-").empty());
        opened.log.commit(commit_of(1));
    }
    CHECK(*journal::open(storage, options()).state.commit == commit_of(1));
}

TEST_CASE("start_fresh leaves a readable checkpoint where it is", "[checkpoint][journal][damage]")
{
    auto const storage = small_checkpoint();
    damage(storage, names(storage, "state-").back());
    auto fresh = options();
    fresh.unreadable = tidemark::on_unreadable::start_fresh;
    CHECK(*journal::open(storage, fresh).state.commit == commit_of(2));
}

TEST_CASE("a newer version of the format is refused by name, whichever file has it", "[checkpoint][journal][format]")
{
    auto const original = small_checkpoint();
    for (auto const& name :
         {std::string("manifest"), names(original, "log-").back(), names(original, "state-").back()}) {
        auto const storage = copy_of(original);
        put(storage, name, with_version(storage.read(name), 2));
        REQUIRE(is_whole(tidemark::read_checkpoint(storage, "test"))); // the test's own sum is right
        put(storage, name, with_version(storage.read(name), 4));
        auto fresh = options();
        fresh.unreadable = tidemark::on_unreadable::start_fresh;
        try {
            (void)journal::open(storage, fresh);
            FAIL("it was taken");
        } catch (tidemark::incompatible_checkpoint const& problem) {
            std::string const words = problem.what();
            CHECK(words.find(name) != std::string::npos);
            CHECK(words.find("version 4") != std::string::npos);
            CHECK(words.find("up to version 3") != std::string::npos);
        }
    }
}
