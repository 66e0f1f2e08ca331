// SPDX-License-Identifier: BSL-1.0
//
// exactly_once.test: what a batch reads is on disk before it runs, what a receiver got is logged, and a transaction
// takes each batch once.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::at_most_once;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::config_error;
using tidemark::dstream;
using tidemark::exactly_once;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::save_in_transactions;
using tidemark::write_ahead_log;
using tidemark::testing::driver;

/// A database in memory: rows by batch, and how it is to fail.
struct table {
    std::map<std::int64_t, std::vector<int>> batches;
    std::vector<std::string> calls;
    std::set<int> refused; ///< Records that it does not take.

    class transaction {
    public:
        transaction(table& into, std::int64_t time)
            : into_(&into)
            , time_(time)
        {}
        void write(int record)
        {
            if (into_->refused.contains(record))
                throw std::runtime_error("the database refuses " + std::to_string(record));
            rows_.push_back(record);
        }
        void commit() { into_->batches[time_] = std::move(rows_); }

    private:
        table* into_;
        std::int64_t time_;
        std::vector<int> rows_;
    };
};

struct table_sink {
    std::shared_ptr<table> into;

    std::optional<table::transaction> begin(std::string const& output, batch_time time)
    {
        bool const there = into->batches.contains(time.count());
        into->calls.push_back(output + " " + std::to_string(time.count()) + (there ? " again" : ""));
        if (there)
            return std::nullopt;
        return table::transaction(*into, time.count());
    }
};

/// A sender that gives what waits, and forgets it once that is acknowledged.
struct mailbox {
    std::optional<tidemark::partitioned<bool>> waiting = tidemark::partitioned<bool>();
    std::vector<std::string> calls;
    bool cannot_acknowledge = false;
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

auto context(any_storage storage)
{
    return tidemark::streaming_context(1_s, checkpoint_directory(std::move(storage)),
                                       tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
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
    CHECK(into->calls == std::vector<std::string>{"rows 1000", "rows 2000", "rows 2000"});
}

TEST_CASE("a batch that the database has is left alone, though the log does not know", "[runtime][exactly_once]")
{
    auto const into = std::make_shared<table>();
    into->batches[1000] = {-1};
    auto const ssc = context(memory_storage());
    driver run(ssc.application(ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()))
                               | save_in_transactions<"rows">(table_sink{into}) | exactly_once()));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK_FALSE(run.next().failure);
    CHECK(into->batches == std::map<std::int64_t, std::vector<int>>{{1000, {-1}}, {2000, {2}}});
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
