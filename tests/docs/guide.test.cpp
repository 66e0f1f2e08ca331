// SPDX-License-Identifier: BSL-1.0
//
// guide.test: what the pages of the guide show, as they show it; a test compares the two.

#include <support/catch.hpp>

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/tuple.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <signal.h> // kill
#include <unistd.h>

// clang-format off

namespace tide = tidemark;
using namespace tidemark::literals;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> words_of(std::string const& line)
{
    std::istringstream text(line);
    return {std::istream_iterator<std::string>(text), {}};
}

std::int64_t count_up(std::string const& /*word*/, std::optional<std::int64_t> more, tide::state<std::int64_t>& total)
{
    total.update(total.get_option().value_or(0) + more.value_or(0));
    return total.get();
}

auto pairs_of(auto lines)
{
    return lines | tide::flat_map(words_of)
           | tide::map([](std::string const& word) { return std::pair(word, std::int64_t{1}); })
           | tide::reduce_by_key(std::plus<>());
}

struct visit {
    int hits = 0;
    int misses = 0;
};

constexpr std::int64_t fewest_batches(tide::duration interval, tide::duration work, tide::duration commit)
{
    auto const spare = interval - work; // of each batch
    return (commit.count() + spare.count() - 1) / spare.count();
}
static_assert(fewest_batches(60s, 30s, 210s) == 7);

} // namespace

BOOST_HANA_ADAPT_STRUCT(visit, hits, misses);

TEST_CASE("the type of a stream tells what operators.md says that it tells", "[docs][operators]")
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(tide::memory_storage()));
    auto counts = pairs_of(ssc.text_file_stream<"texts">("texts"))
                  | tide::map_with_state<"counts">(tide::state_spec(count_up), tide::checkpoint_every(2_s));

    static_assert(tide::stage_count_v<decltype(counts)> == 3);
    static_assert(tide::is_wide_v<decltype(counts)>);
    static_assert(tide::policy_of<"counts", decltype(counts)>::interval() == tide::duration(2000));
    static_assert(tide::valid<decltype(counts)>);           // names tell the states apart
    constexpr auto lineage = tide::describe<decltype(counts)>();
    using stages = tide::stateful_stages_t<decltype(counts)>; // a Hana tuple, of <boost/hana/tuple.hpp>

    CHECK(std::string_view(lineage).find("map_with_state") != std::string_view::npos);
    static_assert(sizeof(stages) != 0);
}

TEST_CASE("a loop over an rdd is cut by checkpoints, as rdds.md says", "[docs][rdds]")
{
    using row = int;
    tide::rdd_context const rc(1, tide::checkpoint_directory(tide::memory_storage()));
    auto const load = [](tide::rdd_context<true> const& from) { return from.parallelize(std::vector<row>{1, 2}); };
    auto const improve = [](row one) { return one + 1; };
    int const rounds = 3'000;

    tide::rdd<row> table = load(rc);
    for (int round = 0; round < rounds; ++round) {
        table = table | tide::map(improve);
        if (round % 500 == 499)
            table = table | tide::checkpoint();
    }

    CHECK(tide::collect(table) == std::vector<row>{3'001, 3'002});
}

TEST_CASE("listeners say what state.md and tuning.md show", "[docs][monitoring]")
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(tide::memory_storage()));
    auto app = ssc.application(ssc.queue_stream<"lines">(std::vector<std::vector<std::string>>{{"the sea"}, {"the mark"}})
                               | tide::map(&std::string::size) | tide::foreach_rdd<"out">([](auto const& rdd) { (void)tide::collect(rdd); }));
    std::ostringstream said;
    std::ostringstream reported;
    auto* const out = std::cout.rdbuf(said.rdbuf());
    auto* const err = std::cerr.rdbuf(reported.rdbuf());

    app.listen(tide::listening(std::make_shared<tide::batch_report>([](std::string_view line) { std::cerr << line; })));
    app.listen(tide::listening(
        std::make_shared<tide::delay_report>([](std::string_view lines) { std::cerr << lines; }, 100)));

    struct commit_costs {
        void on(tide::commit_completed const& event) const
        {
            std::cout << event.bytes << " bytes in " << event.duration.count() / 1'000'000 << " ms\n";
        }
    };
    app.listen(tide::listening(std::make_shared<commit_costs>()));

    struct delays {
        void on(tide::batch_completed const& event) const
        {
            std::cout << event.batch.batch_time << " ms: " << event.batch.total_delay().value_or(0) << " ms\n";
        }
    };
    app.listen(tide::listening(std::make_shared<delays>()));

    tide::testing::driver run(app);
    run.start();
    (void)run.next();
    (void)run.next();
    run.stop();
    std::cout.rdbuf(out);
    std::cerr.rdbuf(err);

    CHECK(said.str().find("2000 ms: ") != std::string::npos);
    CHECK(said.str().find(" bytes in ") != std::string::npos);
    CHECK(reported.str().find("2000") != std::string::npos);
    CHECK(reported.str().find("total delay of 2 batches, ms: ") != std::string::npos);
}

TEST_CASE("a signal ends an application, as the tutorial says", "[docs][tutorial]")
{
    tide::stop_on_signals signals;      // first thing in main: SIGINT and SIGTERM

    auto const ssc = tide::streaming_context(10_ms);
    auto app = ssc.application(ssc.rate_stream(100) | tide::foreach_rdd([](auto const&) { ::kill(::getpid(), SIGTERM); }));

    app.start();
    signals.watch(app);
    app.await_termination();            // throws what an output or a function threw

    CHECK(app.phase() == tide::application_phase::stopped);
}

TEST_CASE("a pipeline is tested as the tutorial shows", "[docs][tutorial]")
{
    auto const out = tidemark::testing::run_batches<std::string>(
        {{"the sea the tide"}, {"the mark"}, {}},
        [](auto lines) { return lines | tide::flat_map(words_of); });
    // out == {{"the", "sea", "the", "tide"}, {"the", "mark"}, {}}

    CHECK(out == std::vector<std::vector<std::string>>{{"the", "sea", "the", "tide"}, {"the", "mark"}, {}});
}

TEST_CASE("renamed, dropping, migrated and savepoints are written as upgrades.md shows", "[docs][upgrades]")
{
    auto const where = tide::checkpoint_directory(tide::memory_storage());

    auto const ssc = tide::streaming_context(10_s, where)
        .renamed("clicks", "visits")                                          // what was called clicks is visits now
        .dropping("old-totals")                                               // nobody reads them any more
        .migrated<int, "visits">([](int hits) { return visit{hits, 0}; });    // once it was a number

    auto const plain = tide::streaming_context(10_ms, where);
    auto app = plain.application(plain.rate_stream<"numbers">(100) | tide::foreach_rdd<"out">([](auto const&) {}));
    app.start();

    app.save("before-upgrade");            // from any thread; durable when it returns
    app.drop_savepoint("before-upgrade");

    app.stop();
    CHECK(app.phase() == tide::application_phase::stopped);
    (void)ssc;
}
// clang-format on
