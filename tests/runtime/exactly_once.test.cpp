// SPDX-License-Identifier: BSL-1.0
//
// exactly_once.test: what a batch reads is on disk before it runs, what a receiver got is logged, and a transaction
// takes each batch once.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/sources/block_log.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/fault_verdict.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using Catch::Matchers::Contains;
using tidemark::any_storage;
using tidemark::at_most_once;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::config_error;
using tidemark::dstream;
using tidemark::exactly_once;
using tidemark::fault_plan;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::save_in_transactions;
using tidemark::storage_operation;
using tidemark::write_ahead_log;
using tidemark::testing::driver;

/// A database in memory: rows by batch, the notes of batches, and how it is to fail.
struct table {
    std::map<std::int64_t, std::vector<int>> batches;
    std::set<std::string> notes;
    std::vector<std::string> calls;
    std::set<int> refused; ///< Records that it does not take.

    class transaction {
    public:
        transaction(table& into, std::string note, std::int64_t time)
            : into_(&into)
            , note_(std::move(note))
            , time_(time)
        {}
        void write(int record)
        {
            if (into_->refused.contains(record))
                throw std::runtime_error("the database refuses " + std::to_string(record));
            rows_.push_back(record);
        }
        void commit()
        {
            auto& rows = into_->batches[time_];
            rows.insert(rows.end(), rows_.begin(), rows_.end());
            into_->notes.insert(note_);
        }

    private:
        table* into_;
        std::string note_;
        std::int64_t time_;
        std::vector<int> rows_;
    };
};

struct table_sink {
    std::shared_ptr<table> into;

    std::optional<table::transaction> begin(std::string const& output, batch_time time)
    {
        auto note = output + " " + std::to_string(time.count());
        bool const there = into->notes.contains(note);
        into->calls.push_back(note + (there ? " again" : ""));
        if (there)
            return std::nullopt;
        return table::transaction(*into, std::move(note), time.count());
    }
};

/// A sender that gives what waits, and forgets it once that is acknowledged.
struct mailbox {
    std::optional<tidemark::partitioned<bool>> waiting = tidemark::partitioned<bool>();
    std::vector<std::string> calls;
    bool cannot_acknowledge = false;
    bool cannot_plan = false;
};

struct mailbox_source {
    using record_type = bool;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "mailbox";

    std::shared_ptr<mailbox> from;

    struct reader final : tidemark::source_reader<bool> {
        explicit reader(std::shared_ptr<mailbox> box)
            : from(std::move(box))
        {}
        tidemark::batch_input<bool> plan(batch_time time) override
        {
            note("plan", time);
            if (from->cannot_plan)
                throw std::runtime_error("nothing is to be had");
            auto taken = std::exchange(from->waiting, tidemark::partitioned<bool>());
            if (!taken)
                return {nullptr, tidemark::to_bytes(time.count()), {}, "nothing"};
            return {std::make_shared<tidemark::stored_dataset<bool>>(*std::move(taken)),
                    tidemark::to_bytes(time.count()),
                    {},
                    "some"};
        }
        tidemark::batch_input<bool> replay(batch_time time, std::span<std::byte const> plan) override
        {
            note("replay " + std::to_string(tidemark::from_bytes<std::int64_t>(plan)) + " at", time);
            return {std::make_shared<tidemark::stored_dataset<bool>>(tidemark::partitioned<bool>()), {}, {}};
        }
        void planned(batch_time time) override
        {
            note("planned", time);
            if (from->cannot_acknowledge)
                throw std::runtime_error("nobody hears it");
        }
        void committed(batch_time time) override { note("committed", time); }
        std::vector<std::byte> position() const override { return tidemark::to_bytes(7); }
        void seek(std::span<std::byte const> position) override
        {
            from->calls.push_back("seek " + std::to_string(tidemark::from_bytes<int>(position)));
        }
        void note(std::string const& what, batch_time time) const
        {
            from->calls.push_back(what + " " + std::to_string(time.count()));
        }

        std::shared_ptr<mailbox> from;
    };

    [[nodiscard]] std::string describe() const { return "mailbox"; }
    [[nodiscard]] std::unique_ptr<reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(from);
    }
};

/// A receiver that keeps a position of its own, and notes where it is sent back to.
struct meter_source {
    using record_type = int;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "meter";

    std::shared_ptr<std::vector<int>> sought;

    struct reader final : tidemark::receiving_reader<int> {
        explicit reader(std::shared_ptr<std::vector<int>> to)
            : receiving_reader(std::make_shared<tidemark::receive_buffer<int>>(100), 1)
            , sought(std::move(to))
        {}
        reader(reader const&) = delete;
        reader& operator=(reader const&) = delete;
        ~reader() override { stop(); }

        void receive(std::stop_token stop) override { buffer().add({1}, 4, stop); }
        std::vector<std::byte> position() const override { return tidemark::to_bytes(7); }
        void seek(std::span<std::byte const> position) override
        {
            sought->push_back(tidemark::from_bytes<int>(position));
        }

        std::shared_ptr<std::vector<int>> sought;
    };

    [[nodiscard]] std::string describe() const { return "meter"; }
    [[nodiscard]] std::unique_ptr<reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(sought);
    }
};

/// A source of words, which cannot give them again.
struct word_source {
    using record_type = std::string;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "mailbox"; // as if its records had changed

    [[nodiscard]] std::string describe() const { return "words"; }
    struct reader final : tidemark::source_reader<std::string> {
        tidemark::batch_input<std::string> plan(batch_time) override { return {}; }
        tidemark::batch_input<std::string> replay(batch_time, std::span<std::byte const>) override { return {}; }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}
    };
    [[nodiscard]] std::unique_ptr<reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>();
    }
};

auto context(any_storage storage)
{
    return tidemark::streaming_context(1_s, checkpoint_directory(std::move(storage)),
                                       tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1})
        .named("shop");
}

using shapes = std::vector<std::vector<bool>>; // of a batch: its records by partition

} // namespace

namespace {

/// Two batches of numbers into a table, on `disk`, after those that an earlier run has left.
template <typename Finish>
std::shared_ptr<table> deliver(any_storage const& disk, std::size_t more, Finish const& finish)
{
    auto const ssc = context(disk);
    auto got = std::make_shared<table>();
    auto const numbers = ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()));
    driver run(ssc.application(finish(numbers | save_in_transactions<"rows">(table_sink{got}))));
    run.start();
    for (; more > 0; --more)
        REQUIRE_FALSE(run.next().failure);
    return got;
}

/// Runs a batch whose only output does its work, of which the log then does not know.
tidemark::batch_engine::outcome next_without_done(driver& run, fault_plan const& plan)
{
    auto const appends = plan.operations(storage_operation::append);
    plan.fail(storage_operation::append, appends + 1); // behind that of the plan
    return run.next();
}

constexpr auto once = [](auto out) { return std::move(out) | exactly_once(); };
constexpr auto again = [](auto out) { return out; };

/// How many batches a restart knows to be planned.
std::size_t planned_on(any_storage const& disk)
{
    auto const ssc = context(disk);
    auto const numbers = ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()));
    driver run(ssc.application(numbers | save_in_transactions<"rows">(table_sink{std::make_shared<table>()})));
    run.restore();
    return run.engine().plan().planned.size();
}

} // namespace

TEST_CASE("what an exactly-once output has delivered is planned on disk, whatever a loss of power takes",
          "[runtime][exactly_once]")
{
    std::size_t lost = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        memory_storage const sure;
        CHECK(deliver(sure, 2, once)->batches.size() == 2);
        CHECK(planned_on(sure.crash(seed)) == 2);

        memory_storage const unsure;
        (void)deliver(unsure, 2, again);
        lost += 2 - planned_on(unsure.crash(seed));

        // What a killed process had only written is durable before the next one delivers.
        memory_storage const killed = unsure.kill();
        (void)deliver(killed, 0, once);
        CHECK(planned_on(killed.crash(seed)) == 2);
    }
    CHECK(lost != 0); // so this disk does lose what is not synced
}

TEST_CASE("a batch that runs again has what its receiver got, by partition, none and no dataset apart",
          "[runtime][exactly_once][write_ahead_log]")
{
    memory_storage const disk;
    auto const box = std::make_shared<mailbox>();
    std::map<std::int64_t, shapes> seen;
    auto const start = [&] {
        auto const ssc = context(disk);
        auto const flags = ssc.source_stream<"flags">(mailbox_source{box}) | write_ahead_log();
        return driver(ssc.application(flags | foreach_rdd<"seen">([&seen](auto const& rdd, batch_time time) {
                                          shapes parts;
                                          for (auto const& part : rdd | tidemark::glom() | tidemark::collect())
                                              parts.emplace_back(part.begin(), part.end());
                                          if (seen.contains(time.count()))
                                              throw std::runtime_error("seen twice");
                                          seen[time.count()] = parts;
                                          throw std::runtime_error("so that it is not done");
                                      })));
    };
    shapes const first{{true, false}, {}, {false}};
    {
        auto run = start();
        run.start();
        box->waiting = tidemark::partitioned<bool>{{true, false}, {}, {false}};
        CHECK(run.next().failure);
        CHECK(run.next().failure); // nothing has come
        box->waiting.reset();
        CHECK_FALSE(run.next().failure); // there is no dataset
    }
    CHECK(seen == std::map<std::int64_t, shapes>{{1000, first}, {2000, {}}});
    CHECK(box->calls
          == std::vector<std::string>{"committed 0", "plan 1000", "planned 1000", "plan 2000", "planned 2000",
                                      "plan 3000", "planned 3000"});
    box->calls.clear();
    seen.clear();
    box->waiting = tidemark::partitioned<bool>{{true}};
    auto run = start();
    run.restore();
    for (auto const time : run.to_repeat())
        (void)run.run(time);
    CHECK(seen == std::map<std::int64_t, shapes>{{1000, first}, {2000, {}}});
    CHECK(box->calls
          == std::vector<std::string>{"seek 7", "replay 1000 at 1000", "planned 1000", "replay 2000 at 2000",
                                      "planned 2000", "replay 3000 at 3000", "planned 3000"});
    CHECK(run.next().failure);
    CHECK(seen[4000] == shapes{{true}});
}

TEST_CASE("a restart says which source has lost what had come for the batches that run again",
          "[runtime][exactly_once][write_ahead_log]")
{
    auto const box = std::make_shared<mailbox>();
    auto const restarted = [&box](auto const& source) {
        memory_storage const disk;
        auto const start = [&](std::int64_t now) {
            auto const ssc = context(disk);
            return driver(
                ssc.application(source(ssc.source_stream<"flags">(mailbox_source{box}))
                                | foreach_rdd<"fails">([](auto const&) { throw std::runtime_error("again"); })),
                batch_time(now));
        };
        {
            auto run = start(0);
            run.start();
            CHECK(notes_of(run).empty());
            CHECK(run.next().failure);
            CHECK(run.next().failure);
        }
        auto run = start(2000);
        run.restore();
        CHECK(run.to_repeat().size() == 2);
        return notes_of(run);
    };
    auto const notes = restarted([](auto stream) { return stream; });
    REQUIRE(notes.size() == 1);
    CHECK(notes.front()
          == "what the source \"flags\" (mailbox) had received for the batches from 1000 ms to 2000 ms is lost, for it "
             "cannot give it again; tide::write_ahead_log() behind it keeps such records");
    CHECK(restarted([](auto stream) { return stream | write_ahead_log(); }).empty());
}

TEST_CASE("a source keeps its own position when its log of blocks comes, stays, goes, or all logs go",
          "[runtime][exactly_once][block_log]")
{
    memory_storage const disk;
    memory_storage const blocks;
    auto const sought = std::make_shared<std::vector<int>>();
    std::int64_t now = 0;
    std::vector<std::string> notes;
    auto const run_once = [&](auto const& logged) {
        auto const ssc = context(disk);
        driver run(ssc.application(logged(ssc.source_stream<"meter">(meter_source{sought}))
                                   | foreach_rdd<"out">([](auto const&) {})),
                   batch_time(now));
        run.start();
        notes = notes_of(run);
        REQUIRE_FALSE(run.next().failure);
        run.stop();
        now += 2000;
        return std::exchange(*sought, {});
    };
    auto const plans = [](auto stream) { return stream | write_ahead_log(); };
    auto const all = [&](auto stream) { return stream | write_ahead_log(tidemark::block_log{blocks, 1_ms}); };
    auto const none = [](auto stream) { return stream | at_most_once(); };
    CHECK(run_once(plans).empty());
    CHECK(run_once(all) == std::vector{7});
    CHECK(run_once(all) == std::vector{7});
    CHECK(notes.empty());
    CHECK(run_once(plans) == std::vector{7});
    CHECK(notes
          == std::vector<std::string>{
              "blocks that the source \"meter\" has left in memory stay there, in no batch, until it "
              "has that block_log again"});
    CHECK(run_once(plans) == std::vector{7});
    CHECK(notes.empty());
    CHECK(run_once(all) == std::vector{7});
    CHECK(run_once(none) == std::vector{7});
}

TEST_CASE("a start misses the log of blocks that the last commit tells of, and leaves all as it was",
          "[runtime][exactly_once][block_log]")
{
    memory_storage const disk;
    auto const sought = std::make_shared<std::vector<int>>();
    auto const start = [&](tidemark::any_storage const& blocks, tidemark::on_unreadable unreadable, std::int64_t now) {
        auto const ssc = context(disk);
        return driver(ssc.application(ssc.source_stream<"meter">(meter_source{sought})
                                      | write_ahead_log(tidemark::block_log{
                                          .directory = blocks, .interval = 1_ms, .unreadable = unreadable})
                                      | foreach_rdd<"out">([](auto const&) {})),
                      batch_time(now));
    };
    memory_storage const blocks;
    {
        auto run = start(blocks, tidemark::on_unreadable::fail, 0);
        run.start();
    }
    auto const before = disk.list();
    CHECK_THROWS_AS(start(memory_storage(), tidemark::on_unreadable::fail, 2000).start(), tidemark::corrupt_checkpoint);
    CHECK(disk.list() == before);
    {
        auto run = start(memory_storage(), tidemark::on_unreadable::start_fresh, 2000);
        run.start();
        auto const notes = notes_of(run);
        REQUIRE(notes.size() == 1);
        CHECK_THAT(notes.front(), Contains("the source \"meter\": the checkpoint tells of a log of received blocks")
                                      && Contains("a log without blocks was begun"));
        CHECK_FALSE(run.next().failure);
        run.stop();
    }
    CHECK_THROWS_AS(start(blocks, tidemark::on_unreadable::fail, 4000).start(), tidemark::corrupt_checkpoint);
}

TEST_CASE("a start says where the blocks of a source stay that is gone or dropped",
          "[runtime][exactly_once][block_log]")
{
    memory_storage const disk;
    auto const sought = std::make_shared<std::vector<int>>();
    {
        auto const ssc = context(disk);
        driver run(ssc.application(ssc.source_stream<"meter">(meter_source{sought})
                                   | write_ahead_log(tidemark::block_log{memory_storage(), 1_ms})
                                   | foreach_rdd<"out">([](auto const&) {})),
                   batch_time(0));
        run.start();
        run.stop();
    }
    auto const told = [&](auto const& ssc) {
        driver run(ssc.application(ssc.template source_stream<"gauge">(meter_source{sought}) | at_most_once()
                                   | foreach_rdd<"out">([](auto const&) {})),
                   batch_time(1000));
        run.start();
        std::string all;
        for (auto const& note : notes_of(run))
            all += note + '\n';
        return all;
    };
    auto const dropping = GENERATE(false, true);
    CHECK_THAT(dropping ? told(context(disk).dropping("meter")) : told(context(disk)),
               Contains("blocks that the source \"meter\" has left in memory stay there, in no batch"));
}

TEST_CASE(
    "a source that could not plan a batch does not hear that it was written, nor what it has of it after a restart",
    "[runtime][exactly_once][write_ahead_log]")
{
    memory_storage const disk;
    auto const box = std::make_shared<mailbox>();
    auto const start = [&] {
        auto const ssc = context(disk);
        return driver(ssc.application(ssc.source_stream<"flags">(mailbox_source{box}) | write_ahead_log()
                                      | foreach_rdd<"out">([](auto const&) {})));
    };
    box->cannot_plan = true;
    {
        auto run = start();
        run.start();
        CHECK(run.next().failure);
    }
    CHECK(box->calls == std::vector<std::string>{"committed 0", "plan 1000"});
    box->calls.clear();
    box->cannot_plan = false;
    box->waiting = tidemark::partitioned<bool>{{true}};
    auto run = start();
    run.start();
    CHECK(box->waiting->size() == 1); // for the next batch, whose plan will be written
    CHECK(std::find(box->calls.begin(), box->calls.end(), "plan 1000") == box->calls.end());
}

TEST_CASE("a receiver that cannot acknowledge is a problem of its source, and the batch runs",
          "[runtime][exactly_once][write_ahead_log]")
{
    auto const box = std::make_shared<mailbox>();
    box->cannot_acknowledge = true;
    auto const ssc = context(memory_storage());
    std::size_t batches = 0;
    driver run(ssc.application(ssc.source_stream<"flags">(mailbox_source{box}) | write_ahead_log()
                               | foreach_rdd<"out">([&batches](auto const&) { ++batches; })));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK(batches == 1);
    std::vector<std::string> told;
    for (auto const& event : run.events())
        if (auto const* const problem = std::get_if<tidemark::source_problem>(&event))
            told.push_back(problem->source + ": " + problem->reason);
    CHECK(told == std::vector<std::string>{"flags: nobody hears it"});
}

TEST_CASE("each batch is one transaction: whole, in order, once", "[runtime][exactly_once][save_in_transactions]")
{
    memory_storage const disk;
    auto const into = std::make_shared<table>();
    auto const start = [&] {
        auto const ssc = context(disk);
        auto const numbers = ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()))
                             | tidemark::flat_map([](int number) { return std::vector{number * 10, number * 10 + 1}; });
        return driver(
            ssc.application(numbers | save_in_transactions<"rows">(table_sink{into}) | exactly_once(),
                            numbers | foreach_rdd<"fails">([](auto const&) { throw std::runtime_error("not done"); })));
    };
    into->refused = {21};
    {
        auto run = start();
        run.start();
        CHECK(run.next().failure);
        CHECK(what(run.next().failure) == "the database refuses 21");
        CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {10, 11}}});
    }
    into->refused.clear();
    auto run = start();
    run.restore();
    for (auto const time : run.to_repeat())
        (void)run.run(time); // "fails" does so again
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {10, 11}}, {2000, {20, 21}}});
    CHECK(into->calls == std::vector<std::string>{"shop/rows 1000", "shop/rows 2000", "shop/rows 2000"});
}

TEST_CASE("a batch that the database has is left alone, though the log does not know", "[runtime][exactly_once]")
{
    auto const into = std::make_shared<table>();
    into->batches[1000] = {-1};
    into->notes.insert("shop/rows 1000");
    auto const ssc = context(memory_storage());
    driver run(ssc.application(ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()))
                               | save_in_transactions<"rows">(table_sink{into}) | exactly_once()));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK_FALSE(run.next().failure);
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {-1}}, {2000, {2}}});
}

TEST_CASE("what a batch adds to accumulators counts, though the database has the batch",
          "[runtime][exactly_once][accumulator]")
{
    memory_storage const disk;
    auto const into = std::make_shared<table>();
    auto const seen_after_batch_2 = [&] {
        auto const ssc = context(any_storage(disk));
        auto const seen = ssc.accumulator<"seen">();
        driver run(ssc.application(ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()))
                                   | map([seen](int number) { return seen += 1, number; })
                                   | save_in_transactions<"rows">(table_sink{into}) | exactly_once()));
        into->notes.insert("shop/rows 1000"); // the process had died between the two commits
        run.start();
        run.run_to(batch_time(2000));
        return seen.value();
    };
    CHECK(seen_after_batch_2() == 2);
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{2000, {2}}});
}

TEST_CASE("applications that share a database are told apart by their names", "[runtime][exactly_once]")
{
    auto const into = std::make_shared<table>();
    auto const run_two = [&](auto const& ssc) {
        driver run(ssc.application(ssc.template source_stream<"numbers">(counting_source(std::make_shared<script>()))
                                   | save_in_transactions<"rows">(table_sink{into}) | exactly_once()));
        run.start();
        run.run_to(batch_time(2000));
    };
    run_two(context(any_storage(memory_storage())));
    run_two(context(any_storage(memory_storage())).named("stall"));
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {1, 1}}, {2000, {2, 2}}});

    auto const nameless = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()));
    CHECK(contains(words_of<config_error>([&] { run_two(nameless); }),
                   "tidemark::save_in_transactions: the application has no name"));
}

TEST_CASE("a batch that the database has under the former name of its output is left alone",
          "[runtime][exactly_once][upgrade]")
{
    memory_storage const disk;
    auto const into = std::make_shared<table>();
    auto const numbers = [](auto const& ssc) {
        return ssc.template source_stream<"numbers">(counting_source(std::make_shared<script>()));
    };
    {
        fault_plan const plan(0);
        auto const ssc = context(any_storage(tidemark::faulty_storage(disk, plan)));
        driver run(ssc.application(numbers(ssc) | save_in_transactions<"rows">(table_sink{into}) | exactly_once()));
        run.start();
        REQUIRE_FALSE(run.next().failure);
        CHECK(next_without_done(run, plan).failure);
    }
    auto const ssc = context(any_storage(disk)).renamed("rows", "lines");
    driver run(ssc.application(numbers(ssc) | save_in_transactions<"lines">(table_sink{into}) | exactly_once()));
    run.start();
    REQUIRE_FALSE(run.next().failure);
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {1}}, {2000, {2}}, {3000, {3}}});
    CHECK(into->notes == std::set<std::string>{"shop/lines 3000", "shop/rows 1000", "shop/rows 2000"});
}

namespace {

/// A checkpoint in which the batch at 1 s is planned and not done; its source got one record.
template <typename Source>
memory_storage unfinished(Source const& source_of)
{
    memory_storage disk;
    auto const box = std::make_shared<mailbox>();
    auto const ssc = context(any_storage(disk));
    driver run(ssc.application(source_of(ssc.template source_stream<"flags">(mailbox_source{box}))
                               | foreach_rdd<"out">([](auto const&) { throw std::runtime_error("not done"); })));
    run.start();
    box->waiting = tidemark::partitioned<bool>{{true}};
    CHECK(run.next().failure);
    return disk.kill();
}

constexpr auto logged = [](auto stream) { return std::move(stream) | write_ahead_log(); };
constexpr auto plain = [](auto stream) { return stream; };
constexpr auto lossy = [](auto stream) { return std::move(stream) | at_most_once(); };

/// How many records the batches have that a start on `disk` repeats.
template <typename Source>
std::int64_t repeated(memory_storage const& disk, Source const& source_of)
{
    auto const ssc = context(any_storage(disk));
    std::int64_t records = 0;
    driver run(
        ssc.application(source_of(ssc.template source_stream<"flags">(mailbox_source{std::make_shared<mailbox>()}))
                        | foreach_rdd<"out">([&](auto const& rdd) { records += rdd | tidemark::count_records(); })));
    run.start();
    return records;
}

} // namespace

TEST_CASE("a log that is taken away while batches need it is missed, and one that is put there is not in the way",
          "[runtime][exactly_once][write_ahead_log][upgrade]")
{
    auto const in_log = unfinished(logged);
    CHECK(repeated(in_log.kill(), logged) == 1);
    for (auto const& words : {words_of<tidemark::incompatible_checkpoint>([&] { (void)repeated(in_log, plain); }),
                              words_of<tidemark::incompatible_checkpoint>([&] { (void)repeated(in_log, lossy); })})
        CHECK(contains(words, "the checkpoint holds what source \"flags\" received for batch 1000 ms, which is not "
                              "committed, and this program does not log that source"));
    CHECK(repeated(in_log, logged) == 1); // it is all there still

    CHECK(repeated(unfinished(plain), logged) == 0); // what it got went with the process
}

TEST_CASE("records that are logged as another type are told before anything runs",
          "[runtime][exactly_once][write_ahead_log][upgrade]")
{
    auto const disk = unfinished(logged);
    auto const ssc = context(any_storage(disk));
    driver run(ssc.application(ssc.source_stream<"flags">(word_source()) | write_ahead_log()
                               | foreach_rdd<"out">([](auto const&) {})));
    auto const words = words_of<tidemark::incompatible_checkpoint>([&] { run.start(); });
    CHECK(contains(words, "as records bool, and this program expects string"));
}

TEST_CASE("a directory that a batch has written stays when its repeat has lost the input",
          "[runtime][exactly_once][save_as_text_files]")
{
    auto const folder = std::filesystem::temp_directory_path() / ("tidemark-lost-input-" + std::to_string(::getpid()));
    tidemark::detail::scratch_directory const gone_at_the_end(folder);
    memory_storage const disk;
    auto const box = std::make_shared<mailbox>();
    auto const start = [&](any_storage const& storage) {
        auto const ssc = context(storage);
        return driver(ssc.application(ssc.source_stream<"flags">(mailbox_source{box}) | at_most_once()
                                      | tidemark::save_as_text_files<"files">((folder / "batch").string())
                                      | exactly_once()));
    };
    {
        fault_plan const plan(0);
        auto run = start(any_storage(tidemark::faulty_storage(disk, plan)));
        run.start();
        box->waiting = tidemark::partitioned<bool>{{true, false}};
        CHECK(next_without_done(run, plan).failure);
    }
    auto const part = folder / "batch-1000" / "part-00000";
    auto const first_size = std::filesystem::file_size(part);
    CHECK(first_size > 0);
    auto run = start(any_storage(disk));
    run.start();
    REQUIRE(run.to_repeat() == std::vector{batch_time(1000)});
    CHECK(std::filesystem::exists(part));
    CHECK(std::filesystem::file_size(part) == first_size);
}

TEST_CASE("no batch runs after one that has ended the application", "[runtime][driver]")
{
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()),
                                                 tidemark::settings{.threads = 1, .max_uncommitted = 2});
    std::size_t runs = 0;
    driver run(ssc.application(ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()))
                               | foreach_rdd<"out">([&](auto const&) {
                                     ++runs;
                                     throw std::runtime_error("never done");
                                 })));
    run.start();
    for (int batch = 1; batch <= 6; ++batch)
        CHECK(run.next().fatal == (batch > 2));
    CHECK(runs == 3);
}

TEST_CASE("what a dstream hides of exactly-once is refused by application()", "[runtime][exactly_once]")
{
    auto const ssc = context(memory_storage());
    auto const box = std::make_shared<mailbox>();
    auto const into = table_sink{std::make_shared<table>()};
    auto const ones = map([](bool flag) { return flag ? 1 : 0; });
    auto const words_for = [&](auto stream) {
        return words_of<config_error>([&] {
            (void)ssc.application(stream | foreach_rdd<"first">([](auto const&) {}),
                                  stream | ones | save_in_transactions<"rows">(into) | exactly_once());
        });
    };
    auto const raw = ssc.source_stream<"raw">(mailbox_source{box});
    auto const nameless = ssc.source_stream(mailbox_source{box}) | write_ahead_log();
    auto const fine = ssc.source_stream<"fine">(mailbox_source{box}) | at_most_once();
    CHECK(contains(words_for(dstream(raw)), "the source \"raw\" of the output \"rows\" has no name, or cannot give a "
                                            "batch again after a crash"));
    CHECK(contains(words_for(dstream(dstream(nameless) | map([](bool flag) { return flag; }))),
                   "of the output \"rows\""));
    CHECK(words_for(dstream(fine)) == "");
}
