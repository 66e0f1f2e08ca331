// SPDX-License-Identifier: BSL-1.0
//
// upgrade.test: two versions of a program on one checkpoint directory: what the newer one takes over, and what it refuses.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <boost/serialization/version.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace upgrades {

/// A state whose second version has counts as well.
struct grown {
    int sum = 0;
    int count = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned version)
    {
        archive & sum;
        if (version >= 1)
            archive & count;
        else
            count = -1; // not known
    }
};

} // namespace upgrades

BOOST_CLASS_VERSION(upgrades::grown, 1)

namespace upgrades {

/// The same as the first version had it: under a schema of its own, version 0.
struct young {
    int sum = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & sum;
    }
};

} // namespace upgrades

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::config_error;
using tidemark::foreach_rdd;
using tidemark::incompatible_checkpoint;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::testing::driver;

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };

template <typename State>
auto adding()
{
    return [](std::vector<int> const& values, std::optional<State> before) -> std::optional<State> {
        State total = before.value_or(State{});
        for (int const value : values)
            total += static_cast<State>(value);
        return total;
    };
}

/// What the last batch gave, as text.
struct world {
    memory_storage disk;
    std::shared_ptr<script> source = std::make_shared<script>();
    std::shared_ptr<std::map<std::int64_t, std::string>> out = std::make_shared<std::map<std::int64_t, std::string>>();
    std::vector<std::string> notes;
    std::vector<std::int64_t> commits; ///< Of the last run.

    [[nodiscard]] auto context() const
    {
        return tidemark::streaming_context(1_s, checkpoint_directory(any_storage(disk)),
                                           tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
    }

    /// An output that writes down the sum of the values of each batch.
    [[nodiscard]] auto watch() const
    {
        return foreach_rdd<"out">([to = out](auto const& rdd, batch_time time) {
            std::string text;
            for (auto const& [key, value] : rdd | tidemark::collect())
                text += key + "=" + std::to_string(value);
            (*to)[time.count()] = text;
        });
    }

    /// Runs a program up to the time in seconds, ended by a kill, or cleanly.
    void run(tidemark::application app, std::int64_t last, bool cleanly = true)
    {
        driver run(std::move(app), batch_time(clock_ms));
        run.start();
        notes = notes_of(run);
        run.run_to(batch_time(1000 * last));
        if (cleanly)
            run.stop();
        commits = commits_of(run);
        disk = disk.kill();
        clock_ms = 1000 * last;
    }

    [[nodiscard]] std::string noted() const
    {
        std::string all;
        for (auto const& note : notes)
            all += note + "\n";
        return all;
    }

    /// The first version: sums of the numbers 1, 2, 3 ..., one a second.
    void run_first(std::int64_t last, bool cleanly = true)
    {
        auto const ssc = context();
        run(ssc.application(ssc.source_stream<"numbers">(counting_source(source)) | map(under_one_key)
                            | tidemark::update_state_by_key<"sum">(adding<int>(), checkpoint_every(2_s)) | watch()),
            last, cleanly);
    }

    std::int64_t clock_ms = 0;
    std::shared_ptr<int> made = std::make_shared<int>(0); ///< How often the broadcast value was made.
    std::map<std::int64_t, int> runs;                     ///< How often an output has run for a batch.
};

// The names in two versions of a program.
struct before {
    static constexpr tidemark::fixed_string source = "numbers";
    static constexpr tidemark::fixed_string state = "sum";
    static constexpr tidemark::fixed_string output = "out";
    static constexpr tidemark::fixed_string seen = "seen";
    static constexpr tidemark::fixed_string factor = "factor";
};
struct after {
    static constexpr tidemark::fixed_string source = "figures";
    static constexpr tidemark::fixed_string state = "total";
    static constexpr tidemark::fixed_string output = "result";
    static constexpr tidemark::fixed_string seen = "read";
    static constexpr tidemark::fixed_string factor = "scale";
};

/// The words of the refusal by a start of `app`.
template <typename Error>
std::string refusal(tidemark::application app)
{
    return words_of<Error>([&] {
        driver run(std::move(app));
        run.start();
    });
}

} // namespace

TEST_CASE("an upgrade may change functions, add states and windows, and change checkpoint interval and retention",
          "[runtime][upgrade]")
{
    world in;
    in.run_first(4);
    CHECK(in.out->at(4000) == "all=10");
    auto const ssc = tidemark::streaming_context(
        1_s, checkpoint_directory(any_storage(in.disk)),
        tidemark::settings{.partitions = 3, .key_groups = 4, .threads = 1, .retained_commits = 1});
    auto const numbers = ssc.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key);
    auto const twice = [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
        return adding<int>()(values, before).value() * 2;
    };
    auto added = std::make_shared<std::string>();
    std::vector<std::size_t> covered;
    in.run(ssc.application(numbers | tidemark::update_state_by_key<"sum">(twice, checkpoint_every(3_s)) | in.watch(),
                           numbers | tidemark::window<"last">(2_s) | foreach_rdd<"window">([&covered](auto const& rdd) {
                               covered.push_back((rdd | tidemark::collect()).size());
                           }),
                           numbers | tidemark::update_state_by_key<"new">(adding<int>())
                               | foreach_rdd<"more">([added](auto const& rdd) {
                                     *added = std::to_string((rdd | tidemark::collect()).front().second);
                                 })),
           9, false);
    CHECK(in.out->at(5000) == "all=30");                        // (10 + 5) * 2
    CHECK(*added == "35");                                      // 5 to 9
    CHECK(covered == std::vector<std::size_t>{1, 2, 2, 2, 2});  // it began empty
    CHECK(in.commits == std::vector<std::int64_t>{6000, 9000}); // every 3 s from the zero time
}

TEST_CASE("a stage that is gone is refused, unless the program drops its state", "[runtime][upgrade]")
{
    world in;
    in.run_first(4);
    auto const without = [&](auto const& ssc) {
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::update_state_by_key<"other">(adding<int>()) | in.watch());
    };
    auto const words = refusal<incompatible_checkpoint>(without(in.context()));
    CHECK(contains(words, "the state of stage \"sum\" (update_state_by_key), which this program does not have"));
    CHECK(contains(words, "streaming_context::dropping"));
    in.run(without(in.context().dropping("sum")), 5);
    CHECK(in.out->at(5000) == "all=5");
    CHECK(contains(in.noted(), "the state of stage \"sum\" (update_state_by_key) is dropped, as the program says"));
    in.run(without(in.context()), 6); // gone for good
    CHECK(in.out->at(6000) == "all=11");
}

TEST_CASE("stages, sources, outputs, accumulators and broadcast values may be renamed", "[runtime][upgrade]")
{
    world in;
    auto const version = [&](auto const& ssc, auto name) {
        auto const seen = ssc.template accumulator<decltype(name)::seen>(std::int64_t{0});
        auto const factor = ssc.template broadcast<decltype(name)::factor>([made = in.made] { return ++*made; });
        auto const numbers = ssc.template source_stream<decltype(name)::source>(counting_source(in.source));
        return ssc.application(
            numbers | map([seen](int number) {
                seen += number;
                return std::pair(std::string("all"), number);
            })
            | tidemark::update_state_by_key<decltype(name)::state>(adding<int>(), checkpoint_every(2_s))
            | foreach_rdd<decltype(name)::output>([&in, seen, factor](auto const& rdd, batch_time time) {
                  ++in.runs[time.count()];
                  (*in.out)[time.count()] = std::to_string((rdd | tidemark::collect()).front().second) + " "
                                            + std::to_string(seen.value()) + " " + std::to_string(factor.value());
              }));
    };
    in.run(version(in.context(), before{}), 5, false); // a commit of 4; batch 5 is planned and its output done
    CHECK(in.out->at(5000) == "15 10 1");
    auto const renamed = [&] {
        return in.context()
            .renamed("numbers", "figures")
            .renamed("sum", "total")
            .renamed("out", "result")
            .renamed("seen", "read")
            .renamed("factor", "scale");
    };
    in.run(version(renamed(), after{}), 6);
    CHECK(in.out->at(6000) == "21 15 1");
    CHECK(in.runs.at(5000) == 1);
    CHECK_FALSE(contains(in.noted(), "is not in"));
    in.run(version(renamed(), after{}), 7); // it may stay in the program
    CHECK(in.out->at(7000) == "28 21 1");
    in.run(version(in.context(), after{}), 8);
    CHECK(in.out->at(8000) == "36 28 1");
}

TEST_CASE("an output without a name that has another place runs again what was not committed", "[runtime][upgrade]")
{
    world in;
    auto const version = [&](auto const& ssc, auto... before) {
        auto const sums = ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                          | tidemark::update_state_by_key<"sum">(adding<int>(), checkpoint_every(2_s));
        return ssc.application((sums | foreach_rdd(before))...,
                               sums | foreach_rdd([&in](auto const&, batch_time time) { ++in.runs[time.count()]; }));
    };
    in.run(version(in.context()), 5, false); // a commit of 4; batch 5 is planned and its output done
    CHECK(in.runs.at(5000) == 1);
    in.run(version(in.context(), [](auto const&) {}), 6);
    CHECK(in.runs.at(4000) == 1);
    CHECK(in.runs.at(5000) == 2);
    CHECK(in.runs.at(6000) == 1);
}

TEST_CASE("a saved broadcast value stays whatever a newer program makes, until it is dropped", "[runtime][upgrade]")
{
    world in;
    auto const with = [&](auto const& ssc, auto first) {
        auto const factor = ssc.template broadcast<"factor">(first);
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source))
                               | foreach_rdd<"out">([&in, factor](auto const&, batch_time time) {
                                     (*in.out)[time.count()] = std::to_string(factor.value());
                                 }));
    };
    auto const without = [&](auto const& ssc) {
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source))
                               | foreach_rdd<"out">([](auto const&) {}));
    };
    in.run(without(in.context()), 1);
    in.run(with(in.context(), 2), 2);
    CHECK(in.out->at(2000) == "2"); // it is new
    in.run(with(in.context(), 3), 3);
    CHECK(in.out->at(3000) == "2");
    CHECK(contains(refusal<incompatible_checkpoint>(with(in.context(), 2.5)), "broadcast value \"factor\""));
    in.run(without(in.context()), 4);
    CHECK(contains(in.noted(), "the broadcast value \"factor\" of the checkpoint is not in this program; it is kept"));
    in.run(with(in.context(), 3), 5);
    CHECK(in.out->at(5000) == "2");
    in.run(without(in.context().dropping("factor")), 6);
    in.run(with(in.context(), 3), 7);
    CHECK(in.out->at(7000) == "3");
    in.run(with(in.context().renamed("other", "unused"), 4), 8);
    CHECK(in.out->at(8000) == "3");
}

TEST_CASE("a name is renamed or dropped once, and is not in the program then", "[runtime][upgrade]")
{
    world const in;
    auto const ssc = in.context().renamed("sum", "total").dropping("old");
    CHECK(contains(words_of<tidemark::usage_error>([&] { (void)ssc.renamed("sum", "x"); }), "renamed: \"sum\""));
    CHECK(contains(words_of<tidemark::usage_error>([&] { (void)ssc.dropping("sum"); }), "dropping: \"sum\""));
    CHECK(
        contains(words_of<tidemark::usage_error>([&] { (void)ssc.renamed("a", "a"); }), "is the old and the new name"));
    auto const program = [&](auto const& context) {
        return context.application(context.template source_stream<"numbers">(counting_source(in.source))
                                   | map(under_one_key) | tidemark::update_state_by_key<"sum">(adding<int>())
                                   | in.watch());
    };
    CHECK(contains(words_of<config_error>([&] { (void)program(ssc); }),
                   "tidemark::streaming_context::renamed: \"sum\" is said to have another name now"));
    CHECK(contains(words_of<config_error>([&] { (void)program(in.context().dropping("numbers")); }),
                   "tidemark::streaming_context::dropping: \"numbers\" is to be dropped at each start"));
    (void)program(in.context().dropping("out")); // a window's old name, say; nothing of an output is dropped
}

TEST_CASE("a source of another kind under the same name is refused, and may come under another name",
          "[runtime][upgrade]")
{
    world in;
    auto const counting = [&in](auto const& ssc) {
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::update_state_by_key<"sum">(adding<int>()) | in.watch());
    };
    in.run(counting(in.context()), 3);
    tidemark::record_queue<int> waiting;
    auto const queued = [&](auto const& ssc, auto const& numbers) {
        return ssc.application(numbers | map(under_one_key) | tidemark::update_state_by_key<"sum">(adding<int>())
                               | in.watch());
    };
    auto const ssc = in.context();
    auto const words = refusal<incompatible_checkpoint>(queued(ssc, ssc.queue_stream<"numbers">(waiting)));
    CHECK(contains(
        words, "the checkpoint holds the source \"numbers\" as counting, and in this program it is record_queue; "));
    CHECK(contains(words, "streaming_context::dropping"));
    auto const renamed = in.context().renamed("numbers", "others");
    CHECK(contains(refusal<incompatible_checkpoint>(queued(renamed, renamed.queue_stream<"others">(waiting))),
                   "the checkpoint holds the source \"numbers\" as counting"));
    waiting.push({10});
    auto const other = in.context().dropping("numbers");
    in.run(queued(other, other.queue_stream<"others">(waiting)), 4);
    CHECK(in.out->at(4000) == "all=16"); // 1 to 3, and 10
}

TEST_CASE("two stages of a checkpoint cannot become one", "[runtime][upgrade]")
{
    world in;
    auto const first = in.context();
    auto const numbers = first.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key);
    in.run(first.application(numbers | tidemark::update_state_by_key<"a">(adding<int>()) | in.watch(),
                             numbers | tidemark::update_state_by_key<"b">(adding<int>())
                                 | foreach_rdd<"more">([](auto const&) {})),
           4);
    auto const ssc = in.context().renamed("a", "b");
    CHECK(contains(refusal<incompatible_checkpoint>(
                       ssc.application(ssc.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                                       | tidemark::update_state_by_key<"b">(adding<int>()) | in.watch())),
                   "the stages \"a\" and \"b\", and both would be \"b\""));
}

TEST_CASE("a state of another type is refused, unless the program says how to make one of the other",
          "[runtime][upgrade]")
{
    world in;
    in.run_first(4);
    auto const program = [&](auto const& ssc) {
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::update_state_by_key<"sum">(adding<double>(), checkpoint_every(2_s))
                               | in.watch());
    };
    auto const words = refusal<incompatible_checkpoint>(program(in.context()));
    CHECK(contains(words, "stage \"sum\": the checkpoint holds states of int32, and this program expects float64"));
    CHECK(contains(words, "streaming_context::migrated"));
    auto const halved = [&] { return in.context().migrated<int, "sum">([](int sum) { return sum / 2.0; }); };
    in.run(program(halved()), 5);
    CHECK(in.out->at(5000) == "all=10.000000"); // 10 / 2 + 5
    in.run(program(halved()), 6);               // the checkpoint has the new type now
    CHECK(in.out->at(6000) == "all=16.000000");
    CHECK(contains(words_of<config_error>(
                       [&] { (void)program(in.context().migrated<int, "sum">([](int) { return std::string(); })); }),
                   "the function for stage \"sum\" does not give the states that the stage holds; return them from it "
                   "(found string, and the stage holds float64)"));
    CHECK(contains(
        words_of<config_error>([&] { (void)program(in.context().migrated<int, "none">([](int sum) { return sum; })); }),
        "there is no stage \"none\" with a state"));
}

TEST_CASE("a state whose class version has grown is read by its own serialize", "[runtime][upgrade]")
{
    world in;
    auto const program = [&](auto const& ssc, auto state) {
        using type = decltype(state);
        auto const add = [](std::vector<int> const& values, std::optional<type> before) -> std::optional<type> {
            type total = before.value_or(type{});
            for (int const value : values)
                total.sum += value;
            return total;
        };
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::update_state_by_key<"sum">(add, checkpoint_every(2_s))
                               | tidemark::map_values([](type const& held) {
                                     if constexpr (requires { held.count; })
                                         return 1000 * held.count + held.sum;
                                     else
                                         return held.sum;
                                 })
                               | in.watch());
    };
    in.run(program(in.context(), upgrades::young{}), 4);
    CHECK(in.out->at(4000) == "all=10");
    in.run(program(in.context(), upgrades::grown{}), 5);
    CHECK(in.out->at(5000) == "all=-985"); // a count of -1: it was read by version 0
    CHECK(contains(refusal<incompatible_checkpoint>(program(in.context(), upgrades::young{})), "class(version 1)"));
}

TEST_CASE("another batch duration is taken over after a clean stop, where no window holds batches of the old one",
          "[runtime][upgrade]")
{
    world in;
    in.run_first(5, false); // a commit of 4; 5 is planned
    auto const program = [&](auto duration) {
        auto const ssc =
            tidemark::streaming_context(duration, checkpoint_directory(any_storage(in.disk)),
                                        tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::update_state_by_key<"sum">(adding<int>()) | in.watch());
    };
    auto const words = refusal<incompatible_checkpoint>(program(2_s));
    CHECK(contains(words, "the checkpoint was made with batches of 1 s, and this program has batches of 2 s"));
    CHECK(contains(words, "is planned and not committed; run it with the old batch duration to a clean stop first"));
    in.run_first(5);
    in.run(program(2_s), 8); // 6 and 8: the numbers 6, and 7 and 8
    CHECK(in.out->at(6000) == "all=21");
    CHECK(in.out->at(8000) == "all=36");
    in.run(program(500_ms), 9);
    CHECK(in.out->at(8500) == "all=36");
    CHECK(in.out->at(9000) == "all=45");
}

TEST_CASE("a window keeps its batch duration, or is dropped with it", "[runtime][upgrade]")
{
    world in;
    auto const program = [&](auto const& ssc) {
        return ssc.application(ssc.template source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::window<"last">(4_s, 2_s) | tidemark::reduce_by_key(std::plus<>{})
                               | in.watch());
    };
    in.run(program(in.context()), 4);
    CHECK(in.out->at(4000) == "all=10");
    auto const slower = [&] {
        return tidemark::streaming_context(2_s, checkpoint_directory(any_storage(in.disk)),
                                           tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
    };
    auto const words = refusal<incompatible_checkpoint>(program(slower()));
    CHECK(contains(words, "the window \"last\" holds batches of the old ones"));
    CHECK(contains(words, "streaming_context.dropping(\"last\")"));
    auto const other = slower().dropping("last");
    in.run(other.application(other.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                             | tidemark::window<"newer">(4_s, 2_s) | tidemark::reduce_by_key(std::plus<>{})
                             | in.watch()),
           8);
    CHECK(in.out->at(8000) == "all=26"); // 5 to 8
}
