// SPDX-License-Identifier: BSL-1.0
//
// broadcast.test: a value that a batch sees is the one that it sees whenever it runs.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/storage.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/fault_verdict.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::collect;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::streaming_context;
using tidemark::testing::batch_source;
using tidemark::testing::driver;

tidemark::settings const small{.partitions = 2, .threads = 2};
tidemark::testing::optional_batches<int> const input{std::vector{1}, std::vector{2}, std::vector{3}, std::vector{4}};

using words = std::set<std::string>;

/// What batches saw, by batch number.
using seen = std::map<std::int64_t, std::string>;

/// A program that shares `name`, and adds a batch's view of it to `out`.
struct program {
    program(any_storage const& disk, seen& out, std::string made, int* made_times = nullptr)
        : context(streaming_context(1_s, checkpoint_directory(disk), small))
        , name(context.broadcast<"name">([made, made_times] {
            if (made_times)
                ++*made_times;
            return made;
        }))
        , run(context.application(context.source_stream<"in">(batch_source<int>(input))
                                  | map([value = name](int x) { return value.value() + std::to_string(x); })
                                  | tidemark::checkpoint_every(3_s)
                                  | foreach_rdd<"out">([&out](auto const& rdd, batch_time time) {
                                        for (auto const& each : rdd | collect())
                                            out[time.count() / 1000] += each + " ";
                                    })))
    {}

    decltype(streaming_context(1_s, std::declval<checkpoint_directory>())) context;
    tidemark::broadcast<std::string> name;
    driver run;
};

} // namespace

TEST_CASE("a broadcast value is made once, at the first start, and is the same after a restart", "[stream][broadcast]")
{
    memory_storage const disk;
    seen out;
    int made = 0;
    {
        program first(any_storage(disk), out, "old", &made);
        CHECK(made == 0);
        CHECK(contains(words_of<tidemark::usage_error>([&] { (void)first.name.value(); }),
                       "tidemark::broadcast: \"name\" was asked for its value before its application had started"));
        first.run.start();
        CHECK(made == 1);
        CHECK(first.name.value() == "old");
        (void)first.run.next();
    }
    program second(any_storage(disk.kill()), out, "new", &made);
    second.run.start();
    (void)second.run.next();
    CHECK(made == 1);
    CHECK(out == seen{{1, "old1 "}, {2, "old2 "}});
}

TEST_CASE("an update is seen from the next generated batch on, and by no batch before", "[stream][broadcast]")
{
    memory_storage const disk;
    seen out;
    {
        program first(any_storage(disk), out, "a");
        first.run.start();
        auto& engine = first.run.engine();
        auto const one = engine.generate(batch_time(1000));
        first.name.update("b");
        first.name.update("c");
        CHECK(first.name.value() == "a");
        auto const two = engine.generate(batch_time(2000));
        auto const three = engine.generate(batch_time(3000));
        CHECK(!engine.run(*one).failure);
        CHECK(out == seen{{1, "a1 "}});
        CHECK(!engine.run(*two).failure);
        CHECK(first.name.value() == "c");
        CHECK(!engine.run(*three).failure); // committed
        first.name.update("d");
        auto const four = engine.generate(batch_time(4000)); // and dies before it runs
    }
    CHECK(out == seen{{1, "a1 "}, {2, "c2 "}, {3, "c3 "}});
    program second(any_storage(disk.kill()), out, "z");
    second.run.restore();
    CHECK(second.name.value() == "c"); // as committed
    second.run.repeat();
    CHECK(out == seen{{1, "a1 "}, {2, "c2 "}, {3, "c3 "}, {4, "d4 "}});
    CHECK(second.name.value() == "d");
}

TEST_CASE("a batch that is repeated sees what it saw, whatever change of the checkpoint the process dies at",
          "[stream][broadcast]")
{
    std::vector<seen> lives;
    auto const live = [&](any_storage const& storage, std::string const& who) {
        lives.emplace_back();
        try {
            program one(storage, lives.back(), who);
            one.run.restore();
            one.run.repeat();
            while (one.run.next_time() <= batch_time(4000)) {
                if (one.run.next_time() != batch_time(3000))
                    one.name.update(who + std::to_string(one.run.next_time().count() / 1000) + ":");
                (void)one.run.next();
            }
        } catch (tidemark::simulated_crash const&) {
        }
    };
    tidemark::fault_plan const counting;
    live(any_storage(tidemark::faulty_storage(memory_storage(), counting)), "x");
    CHECK(lives.front() == seen{{1, "x1:1 "}, {2, "x2:2 "}, {3, "x2:3 "}, {4, "x4:4 "}});
    std::set<std::string> last; // what was seen in the end
    for (std::uint64_t at = 0; at <= counting.changes(); ++at) {
        INFO("dies after " << at << " changes");
        lives.clear();
        memory_storage const disk;
        tidemark::fault_plan const end(at);
        end.crash_after_changes(at);
        live(any_storage(tidemark::faulty_storage(disk, end)), "x");
        auto const left = disk.kill();
        auto const then = at * 3 % (counting.changes() + 1);
        tidemark::fault_plan const second_end(then);
        second_end.crash_after_changes(then);
        live(any_storage(tidemark::faulty_storage(left, second_end)), "y");
        live(any_storage(left.kill()), "z");
        seen all;
        for (auto const& one : lives)
            for (auto const& [number, value] : one)
                CHECK(all.emplace(number, value).first->second == value);
        CHECK(all.size() == 4);
        last.insert(all[4]);
    }
    CHECK(last == std::set<std::string>{"x4:4 ", "y4:4 ", "z4:4 "});
}

TEST_CASE("a value that a program has anew is told by the plan of its first batch", "[stream][broadcast]")
{
    memory_storage disk;
    {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        driver run(ssc.application(ssc.source_stream<"in">(batch_source<int>(input)) | tidemark::checkpoint_every(3_s)
                                   | foreach_rdd<"out">([](auto const& rdd) { (void)(rdd | collect()); })));
        run.start();
        (void)run.next();
        run.stop();
    }
    seen out;
    {
        program second(any_storage(disk), out, "p");
        second.run.start();
        auto const two = second.run.engine().generate(batch_time(2000));
    }
    program third(any_storage(disk.kill()), out, "q");
    third.run.start();
    (void)third.run.next();
    CHECK(out == seen{{2, "p2 "}, {3, "p3 "}});
}

TEST_CASE("a broadcast value of another type is told by name, and one that is gone is kept", "[stream][broadcast]")
{
    memory_storage const disk;
    seen out;
    {
        program first(any_storage(disk), out, "a");
        first.run.start();
        (void)first.run.next();
        first.run.stop();
    }
    auto const numbers_only = [&](bool with_name) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        if (with_name)
            (void)ssc.broadcast<"name">(words{"a"});
        driver run(ssc.application(ssc.source_stream<"in">(batch_source<int>(input))
                                   | foreach_rdd<"out">([](auto const& rdd) { (void)(rdd | collect()); })),
                   batch_time(1000));
        run.start();
        (void)run.next();
        run.stop();
        return std::get<tidemark::streaming_started>(run.events().front()).notes;
    };
    CHECK(contains(words_of<tidemark::incompatible_checkpoint>([&] { (void)numbers_only(true); }),
                   "broadcast value \"name\": the checkpoint holds string, and this program expects set<string>"));
    CHECK(numbers_only(false)
          == std::vector<std::string>{
              "the broadcast value \"name\" of the checkpoint is not in this program; it is kept as it is"});
    program last(any_storage(disk), out, "b");
    last.run.start();
    CHECK(last.name.value() == "a");
}

TEST_CASE("without a checkpoint directory a broadcast value is simply shared", "[stream][broadcast]")
{
    struct closed { // cannot be saved
        std::unique_ptr<int> number;
    };
    auto const ssc = streaming_context(1_s, small);
    auto const shared = ssc.broadcast<"shared">([] { return closed{std::make_unique<int>(3)}; });
    int found = 0;
    driver run(ssc.application(ssc.source_stream(batch_source<int>(input))
                               | foreach_rdd([&found, shared](auto const&) { found = *shared.value().number; })));
    run.start();
    (void)run.next();
    CHECK(found == 3);
    shared.update(closed{std::make_unique<int>(4)});
    (void)run.next();
    CHECK(found == 4);
}
