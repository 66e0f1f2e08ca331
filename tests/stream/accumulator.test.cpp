// SPDX-License-Identifier: BSL-1.0
//
// accumulator.test: when updates in a stream count, what is saved of them, and what a restart makes of that.

#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::accumulator_value;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::collect;
using tidemark::config_error;
using tidemark::foreach_rdd;
using tidemark::incompatible_checkpoint;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::streaming_context;
using tidemark::usage_error;
using tidemark::testing::batch_source;
using tidemark::testing::driver;

struct only_add {
    void add(int) {}
};
struct pinned {
    std::unique_ptr<int> where;
    void add(int) {}
    void merge(pinned const&) {}
};

static_assert(accumulator_value<std::int64_t>);
static_assert(accumulator_value<double>);
static_assert(accumulator_value<std::vector<std::string>>);
static_assert(accumulator_value<std::deque<int>>);
static_assert(accumulator_value<std::set<int>>);
static_assert(!accumulator_value<bool>);
static_assert(!accumulator_value<only_add>, "it cannot be merged");
static_assert(!accumulator_value<pinned>, "it cannot be copied");
static_assert(!accumulator_value<int*>);
static_assert(std::is_same_v<tidemark::accumulated_t<int>, std::int64_t>);
static_assert(std::is_same_v<tidemark::accumulated_t<unsigned short>, std::uint64_t>);
static_assert(std::is_same_v<tidemark::accumulated_t<float>, double>);
static_assert(std::is_same_v<tidemark::accumulated_t<std::string>, std::string>);

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};
tidemark::testing::optional_batches<int> const input{std::vector{1, 2, 3}, std::vector{4}, std::vector{5, 6},
                                                     std::vector{7}};

auto source(std::size_t partitions = 1) { return batch_source<int>(input, partitions); }

constexpr auto read_all = [](auto const& rdd) { (void)(rdd | collect()); };

} // namespace

TEST_CASE("updates count when their batch is done", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, small);
    auto const hits = ssc.accumulator<"hits">(10);
    CHECK(hits.name() == "hits");
    CHECK(hits.value() == 10);
    std::vector<std::int64_t> during;
    driver run(ssc.application(ssc.source_stream(source()) | map([hits](int x) { return hits += x, x; })
                               | foreach_rdd([&, hits](auto const& rdd) {
                                     hits.add(100);
                                     (void)(rdd | collect());
                                     during.push_back(hits.value());
                                 })));
    run.start();
    CHECK(hits.value() == 10);
    CHECK(!run.next().failure);
    CHECK(hits.value() == 116);
    CHECK(!run.next().failure);
    CHECK(hits.value() == 220);
    CHECK(during == std::vector<std::int64_t>{10, 116});
}

TEST_CASE("a batch that is not done adds nothing, later ones do, and so does its repeat", "[stream][accumulator]")
{
    memory_storage const disk;
    bool broken = true;
    auto const live = [&](auto const& use) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const hits = ssc.accumulator<"hits">();
        auto const numbers = ssc.source_stream<"in">(source());
        driver run(
            ssc.application(numbers | map([hits](int x) { return hits += x, x; }) | foreach_rdd<"sound">(read_all),
                            numbers | foreach_rdd<"broken">([&, hits](auto const&, batch_time time) {
                                hits += 1000;
                                if (broken && time == batch_time(2000))
                                    throw std::runtime_error("broken");
                            })));
        use(run, hits);
    };
    live([](driver& run, auto const& hits) {
        run.start();
        CHECK(!run.next().failure);
        CHECK(hits.value() == 1006);
        CHECK(run.next().failure);
        CHECK(hits.value() == 1006);
        CHECK(!run.next().failure);
        CHECK(hits.value() == 1006 + 1011);
    });
    broken = false;
    live([](driver& run, auto const& hits) {
        run.restore();
        CHECK(hits.value() == 0); // as committed at the start
        run.repeat();
        CHECK(hits.value() == 3 * 1000 + 21);
        CHECK(!run.next().failure);
        CHECK(hits.value() == 4 * 1000 + 28);
        run.stop();
    });
    live([](driver& run, auto const& hits) {
        run.restore();
        CHECK(hits.value() == 4 * 1000 + 28);
    });
}

TEST_CASE("what was computed for an output that is done counts after a restart, which does not compute it again",
          "[stream][accumulator]")
{
    memory_storage const disk;
    int computed = 0;
    bool broken = true;
    auto const live = [&](auto const& use) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const hits = ssc.accumulator<"hits">();
        auto const numbers = ssc.source_stream<"in">(source());
        driver run(ssc.application(numbers | map([hits, &computed](int x) { return ++computed, hits += x, x; })
                                       | tidemark::checkpoint_every(1_s) | foreach_rdd<"sound">(read_all),
                                   numbers | foreach_rdd<"broken">([&](auto const&) {
                                       if (broken)
                                           throw std::runtime_error("broken");
                                   })));
        use(run, hits);
    };
    live([](driver& run, auto const&) {
        run.start();
        CHECK(run.next().failure);
    });
    CHECK(computed == 3);
    broken = false;
    live([](driver& run, auto const& hits) {
        run.restore();
        run.repeat();
        CHECK(hits.value() == 6);
    });
    CHECK(computed == 3);
}

TEST_CASE("what was computed for an output that is done, and is computed again for another one, counts once",
          "[stream][accumulator]")
{
    memory_storage const disk;
    bool broken = true;
    auto const live = [&](auto const& use) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const hits = ssc.accumulator<"hits">();
        auto const kept = ssc.source_stream<"in">(source()) | map([hits](int x) { return hits += x, x; })
                          | tidemark::checkpoint_every(1_s);
        driver run(
            ssc.application(kept | foreach_rdd<"sound">(read_all), kept | foreach_rdd<"broken">([&](auto const& rdd) {
                                                                       (void)(rdd | collect());
                                                                       if (broken)
                                                                           throw std::runtime_error("broken");
                                                                   })));
        use(run, hits);
    };
    live([](driver& run, auto const&) {
        run.start();
        CHECK(run.next().failure);
    });
    broken = false;
    live([](driver& run, auto const& hits) {
        run.restore();
        run.repeat();
        CHECK(hits.value() == 6);
    });
}

TEST_CASE("what was cached for an output that is done counts once, however the restart cuts the batch",
          "[stream][accumulator][cache]")
{
    for (std::size_t const partitions : {1U, 2U, 4U}) {
        memory_storage const disk;
        bool broken = true;
        auto const live = [&](std::size_t cut_in, auto const& use) {
            auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
            auto const hits = ssc.accumulator<"hits">();
            auto const kept = ssc.source_stream<"in">(source(cut_in)) | map([hits](int x) { return hits += x, x; })
                              | tidemark::cache();
            driver run(ssc.application(kept | foreach_rdd<"sound">(read_all),
                                       kept | foreach_rdd<"broken">([&](auto const& rdd) {
                                           (void)(rdd | collect());
                                           if (broken)
                                               throw std::runtime_error("broken");
                                       })));
            use(run, hits);
        };
        live(2, [](driver& run, auto const&) {
            run.start();
            CHECK(run.next().failure);
        });
        broken = false;
        live(partitions, [](driver& run, auto const& hits) {
            run.restore();
            run.repeat();
            CHECK(hits.value() == 6);
            CHECK_FALSE(run.next().failure);
            CHECK(hits.value() == 10);
        });
    }
}

TEST_CASE("what a batch had added counts no more when its plan is lost, for it is another batch then",
          "[stream][accumulator]")
{
    memory_storage const disk;
    int amount = 100;
    auto const live = [&](auto const& use) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const hits = ssc.accumulator<"hits">();
        driver run(ssc.application(ssc.source_stream<"in">(source())
                                   | foreach_rdd<"out">([hits, &amount](auto const&) { hits += amount; })),
                   batch_time(2000));
        use(run, hits);
    };
    live([](driver& run, auto const&) {
        run.start();
        CHECK(!run.next().failure);
        CHECK(!run.next().failure);
    });
    // A byte of the plan of the second batch, in the payload behind its block's header.
    auto const name = std::string("log-0000000001-0000000001");
    auto log = disk.read(name);
    std::size_t damaged = 0;
    auto const number_at = [&](std::size_t at, std::size_t bytes) {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            number |= std::to_integer<std::uint64_t>(log[at + i]) << 8U * i;
        return number;
    };
    std::uint64_t newest = 0;
    for (std::size_t at = 0; at + tidemark::snapshot_format::block_header_bytes < log.size(); ++at)
        if (number_at(at, 4) == tidemark::snapshot_format::block_magic
            && number_at(at + 4, 2) == std::uint64_t(tidemark::snapshot_format::block_kind::plan)
            && number_at(at + 24, 8) > newest) {
            newest = number_at(at + 24, 8);
            damaged = at + tidemark::snapshot_format::block_header_bytes;
        }
    REQUIRE(damaged != 0);
    log[damaged] ^= std::byte{1};
    disk.put(name, log);
    amount = 1;
    live([](driver& run, auto const& hits) {
        run.restore();
        run.repeat();
        CHECK(hits.value() == 100);
        CHECK(!run.next().failure);
        CHECK(hits.value() == 101);
    });
}

TEST_CASE("a step that two outputs run each for itself counts for each, one that they share once",
          "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(memory_storage())), small);
    auto const apart = ssc.accumulator<"apart">();
    auto const together = ssc.accumulator<"together">();
    auto const numbers = ssc.source_stream(source());
    auto const fused = numbers | map([apart](int x) { return apart += 1, x; });
    auto const kept = numbers | map([together](int x) { return together += 1, x; }) | tidemark::checkpoint_every(1_s);
    driver run(ssc.application(fused | foreach_rdd(read_all), fused | foreach_rdd(read_all),
                               kept | foreach_rdd(read_all), kept | foreach_rdd([](auto const& rdd) {
                                                                 (void)(rdd | collect());
                                                                 (void)(rdd | tidemark::count_records());
                                                             })));
    run.start();
    CHECK(!run.next().failure);
    CHECK(apart.value() == 2 * 3);
    CHECK(together.value() == 3);
}

TEST_CASE("what is collected stands in the order of partitions, whatever the threads", "[stream][accumulator]")
{
    for (std::size_t const threads : {1U, 4U}) {
        std::vector<int> many(1000);
        for (std::size_t i = 0; i < many.size(); ++i)
            many[i] = static_cast<int>(i);
        auto const ssc = streaming_context(1_s, {.partitions = 2, .threads = threads});
        auto const every = ssc.accumulator<"every">(std::vector<int>{-1});
        auto const sum = ssc.accumulator<"sum">(0.0f);
        driver run(ssc.application(ssc.source_stream(batch_source<int>({many}, 16)) | map([every, sum](int x) {
                                       every.add(x);
                                       sum += 1.0 / (x + 1);
                                       return x;
                                   })
                                   | foreach_rdd(read_all)));
        run.start();
        CHECK(!run.next().failure);
        many.insert(many.begin(), -1);
        CHECK(every.value() == many);
        static std::optional<double> first;
        CHECK(sum.value() == first.value_or(sum.value())); // to the last bit
        first = sum.value();
    }
}

TEST_CASE("an action that fails, and whose output goes on, adds nothing", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, {.threads = 2, .partition_attempts = 2});
    auto const hits = ssc.accumulator<"hits">();
    driver run(ssc.application(ssc.source_stream(source(3)) | foreach_rdd([hits](auto const& rdd) {
                                   try {
                                       (void)(rdd | map([hits](int x) {
                                                  hits += 1;
                                                  return x == 3 ? throw std::runtime_error("three") : x;
                                              })
                                              | collect());
                                   } catch (std::runtime_error const&) {
                                       hits += 50;
                                   }
                               })));
    run.start();
    CHECK(!run.next().failure);
    CHECK(hits.value() == 50);
    CHECK(!run.next().failure);
    CHECK(hits.value() == 51);
}

TEST_CASE("updates outside of a batch are refused, as nothing says that they count once", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, small);
    auto const hits = ssc.accumulator<"hits">();
    CHECK(contains(words_of<usage_error>([&] { hits += 1; }),
                   "tidemark::accumulator: \"hits\" was added to outside of a batch"));
    std::string words;
    driver run(ssc.application(ssc.source_stream(source()) | foreach_rdd([&](auto const&) {
                                   std::thread([&] { words = words_of<usage_error>([&] { hits += 1; }); }).join();
                               })));
    run.start();
    CHECK(!run.next().failure);
    CHECK(contains(words, "in the thread that calls them"));
    CHECK(hits.value() == 0);
}

TEST_CASE("an accumulator of an rdd context counts in a batch, too", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(memory_storage())), small);
    tidemark::rdd_context const rc;
    auto const hits = rc.accumulator();
    driver run(ssc.application(ssc.source_stream(source()) | map([hits](int x) { return hits += 1, x; })
                               | foreach_rdd(read_all)));
    run.start();
    CHECK(!run.next().failure);
    CHECK(hits.value() == 3);
}

TEST_CASE("an accumulator that no checkpoint would hold ends an application that has one", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(memory_storage())), small);
    auto const other = streaming_context(1_s, small);
    auto const ends_with = [&](auto const& make) {
        driver run(make());
        run.start();
        auto const result = run.next();
        CHECK(result.fatal);
        CHECK(
            contains(words_of<usage_error>([&] { std::rethrow_exception(result.failure); }),
                     "tidemark::accumulator: \"hits\" was made by another streaming_context, or after application()"));
    };
    auto const numbers = ssc.source_stream<"in">(source());
    ends_with([&] { // in a step
        return ssc.application(numbers | map([hits = other.accumulator<"hits">()](int x) { return hits += x, x; })
                               | foreach_rdd<"out">(read_all));
    });
    ends_with([&] { // in an output
        return ssc.application(numbers
                               | foreach_rdd<"out">([hits = other.accumulator<"hits">()](auto const&) { hits += 1; }));
    });
    ends_with([&] { // too late
        auto late = std::make_shared<std::optional<tidemark::accumulator<std::int64_t>>>();
        auto app = ssc.application(numbers | foreach_rdd<"out">([late](auto const&) { **late += 1; }));
        late->emplace(ssc.accumulator<"hits">());
        return app;
    });
}

TEST_CASE("one name for two accumulators or two broadcast values is refused", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, small);
    auto const copy = ssc.named("other");
    (void)ssc.accumulator<"hits">();
    (void)copy.accumulator<"hits">(0.0);
    (void)ssc.broadcast<"hits">(1);
    auto const stream = ssc.source_stream(source());
    auto const build = [&] { (void)ssc.application(stream | foreach_rdd(read_all)); };
    auto const words = words_of<config_error>(build);
    CHECK(
        contains(words, "tidemark::application: two accumulators have the name \"hits\"; give each a name of its own"));
    CHECK(!contains(words, "broadcast"));
    (void)copy.broadcast<"hits">(2);
    CHECK(contains(words_of<config_error>(build), "two broadcast values have the name \"hits\""));
}

TEST_CASE("an accumulator of another type is told by name, and the checkpoint stays as it is", "[stream][accumulator]")
{
    memory_storage const disk;
    auto const live = [&](auto initial) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const hits = ssc.accumulator<"hits">(initial);
        driver run(ssc.application(ssc.source_stream<"in">(source()) | foreach_rdd<"out">(read_all)));
        run.start();
        (void)run.next();
        return hits.value();
    };
    (void)live(7);
    auto const words = words_of<incompatible_checkpoint>([&] { (void)live(std::string("seven")); });
    CHECK(contains(words, "accumulator \"hits\": the checkpoint holds int64, and this program expects string"));
    CHECK(contains(words, "run the program that wrote it, or begin with an empty checkpoint directory"));
    CHECK(live(0) == 7);
}

TEST_CASE("an accumulator that the program no longer has is kept and told, and goes on when it is back",
          "[stream][accumulator]")
{
    memory_storage const disk;
    auto const live = [&](std::int64_t now, bool counting) {
        auto const ssc = streaming_context(1_s, checkpoint_directory(any_storage(disk)), small);
        auto const numbers = ssc.source_stream<"in">(source());
        std::int64_t found = -1;
        if (counting) {
            auto const hits = ssc.accumulator<"hits">();
            driver run(
                ssc.application(numbers | map([hits](int x) { return hits += x, x; }) | foreach_rdd<"out">(read_all)),
                batch_time(now));
            run.start();
            CHECK(!run.next().failure);
            run.stop();
            CHECK(notes_of(run).empty());
            found = hits.value();
        } else {
            driver run(ssc.application(numbers | foreach_rdd<"out">(read_all)), batch_time(now));
            run.start();
            CHECK(!run.next().failure);
            run.stop();
            CHECK(notes_of(run)
                  == std::vector<std::string>{
                      "the accumulator \"hits\" of the checkpoint is not in this program; its value is kept as it is"});
        }
        return found;
    };
    CHECK(live(0, true) == 6);
    (void)live(1000, false); // batch 2
    CHECK(live(2000, true) == 6 + 11);
}

TEST_CASE("a step that is tried again counts once in a stream", "[stream][accumulator]")
{
    auto const ssc = streaming_context(1_s, {.threads = 3});
    auto const hits = ssc.accumulator<"hits">();
    auto const tries = std::make_shared<std::atomic<int>>(0);
    driver run(ssc.application(ssc.source_stream(source(2)) | map([hits, tries](int x) {
                                   hits += 1;
                                   if (x == 3 && ++*tries < 4)
                                       throw std::runtime_error("not yet");
                                   return x;
                               })
                               | foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::take(10)); })));
    run.start();
    CHECK(!run.next().failure);
    CHECK(*tries == 4);
    CHECK(hits.value() == 3);
}
