// SPDX-License-Identifier: BSL-1.0
//
// accumulators.test: whatever fails, is tried again, or is repeated after a crash, each batch is added once.

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

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::collect;
using tidemark::fault_plan;
using tidemark::faulty_storage;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::testing::driver;

std::vector<std::vector<int>> const input{{1, 2, 3, 4}, {5}, {}, {6, 7, 8, 9, 10, 11}, {12, 13}, {14, 15, 16}, {17}};
constexpr std::int64_t batches = 8; // one more than there is input

/// A type of a program's own: the smallest and the largest.
struct range {
    std::optional<int> low;
    std::optional<int> high;

    void add(int number)
    {
        low = std::min(low.value_or(number), number);
        high = std::max(high.value_or(number), number);
    }
    void merge(range const& other)
    {
        for (auto const& each : {other.low, other.high})
            if (each)
                add(*each);
    }
    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & low & high;
    }
    friend bool operator==(range const&, range const&) = default;
};

/// What the accumulators of the program below hold.
struct totals {
    std::int64_t seen = 100;  // by a step above a wide node that two outputs and a state share
    std::int64_t shared = 0;  // by a step above a wide node that two outputs share, and nothing else
    std::int64_t keys = 0;    // by a step of one output
    std::int64_t calls = 0;   // by an output itself
    std::int64_t updates = 0; // by the function of a state
    std::int64_t panes = 0;   // by a step before a window
    std::int64_t cached = 0;  // by a step that is cached; one output reads a part of it, a state behind that all
    double tenths = 0;
    std::multiset<int> every; // what the step of the first output saw
    range span;

    friend bool operator==(totals const&, totals const&) = default;
};

std::string in_words(totals const& all)
{
    std::string every;
    for (int const each : all.every)
        every += " " + std::to_string(each);
    return "seen " + std::to_string(all.seen) + ", shared " + std::to_string(all.shared) + ", keys "
           + std::to_string(all.keys) + ", calls " + std::to_string(all.calls) + ", updates "
           + std::to_string(all.updates) + ", panes " + std::to_string(all.panes) + ", cached "
           + std::to_string(all.cached) + ", tenths " + std::to_string(all.tenths) + ", every" + every + ", "
           + std::to_string(all.span.low.value_or(-1)) + " to " + std::to_string(all.span.high.value_or(-1));
}

/// Worked out from the input alone, as after the batches 1 to `last`.
totals expected(std::int64_t last)
{
    totals all;
    for (std::int64_t number = 1; number <= last; ++number) {
        ++all.calls;
        if (static_cast<std::size_t>(number) > input.size())
            continue;
        std::map<int, int> sums;
        for (int const each : input[static_cast<std::size_t>(number - 1)]) {
            ++all.seen;
            ++all.panes;
            ++all.cached;
            ++all.shared;
            all.span.add(each);
            sums[each % 3] += each;
        }
        for (auto const& [key, sum] : sums) {
            ++all.keys;
            ++all.updates;
            all.tenths += 0.1 * sum;
            all.every.insert(sum);
        }
    }
    return all;
}

/// What goes wrong in a life of the program.
struct trouble {
    std::map<std::string, std::int64_t> broken; ///< an output or "state", and in which batch it throws
    bool flaky = false;                         ///< steps throw at some records, the first time that they see them
};

/// How the program runs.
struct way {
    std::string name;
    std::int64_t commit_seconds = 2;
    std::size_t threads = 1;
    trouble first; ///< in the first life only
};

/// Throws for some numbers, the first time.
struct stumble {
    explicit stumble(bool on)
        : often(on)
    {}

    void operator()(int number) const
    {
        if (often && number % 4 == 1 && !seen->at(static_cast<std::size_t>(number)).exchange(true))
            throw std::runtime_error("stumbled");
    }

    bool often;
    std::shared_ptr<std::vector<std::atomic<bool>>> seen = std::make_shared<std::vector<std::atomic<bool>>>(100);
};

/// Several outputs that share a wide stage, a state and a window, all of which count.
class life {
public:
    life(any_storage const& storage, way const& how, trouble const& what)
        : context_(tidemark::streaming_context(1_s, tidemark::checkpoint_directory(storage),
                                               {.partitions = 2, .key_groups = 4, .threads = how.threads}))
        , run_(program(how, what))
    {}

    [[nodiscard]] totals now() const
    {
        totals all{seen_.value(),   shared_.value(),  keys_.value(),
                   calls_.value(),  updates_.value(), panes_.value(),
                   cached_.value(), tenths_.value(),  {},
                   span_.value()};
        auto const every = every_.value();
        all.every = {every.begin(), every.end()};
        return all;
    }
    [[nodiscard]] std::vector<int> every() const { return every_.value(); }
    [[nodiscard]] driver& run() { return run_; }

private:
    tidemark::application program(way const& how, trouble const& what)
    {
        auto const numbers =
            context_.source_stream<"numbers">(tidemark::testing::batch_source<int>({input.begin(), input.end()}, 3));
        auto const fails = [broken = what.broken](std::string const& who, batch_time time) {
            if (auto const found = broken.find(who); found != broken.end() && found->second * 1000 == time.count())
                throw std::runtime_error(who + " is broken");
        };
        auto const sums = numbers | map([seen = seen_, span = span_, trip = stumble(what.flaky)](int number) {
                              seen += 1;
                              span.add(number);
                              trip(number);
                              return std::pair(number % 3, number);
                          })
                          | tidemark::reduce_by_key(std::plus<>{});
        auto const totals_by_key =
            sums
            | tidemark::map_with_state<"totals">(
                tidemark::state_spec([updates = updates_, fails](batch_time time, int const& key,
                                                                 std::optional<int> value,
                                                                 tidemark::state<int>& state) -> std::optional<int> {
                    updates += 1;
                    state.update(state.get_option().value_or(0) + *value);
                    if (key == 1)
                        fails("state", time);
                    return state.get();
                }),
                tidemark::checkpoint_every(std::chrono::seconds(how.commit_seconds)));
        auto const recent = numbers | map([panes = panes_, trip = stumble(what.flaky)](int number) {
                                panes += 1;
                                trip(number);
                                return number;
                            })
                            | tidemark::window(2_s);
        auto const read_all = [fails](std::string who) {
            return [fails, who](auto const& rdd, batch_time time) {
                (void)(rdd | collect());
                fails(who, time);
            };
        };
        auto const by_key = sums
                            | map([keys = keys_, tenths = tenths_, every = every_,
                                   trip = stumble(what.flaky)](std::pair<int, int> const& sum) {
                                  keys += 1;
                                  tenths += 0.1 * sum.second;
                                  every.add(sum.second);
                                  trip(sum.first);
                                  return sum.second;
                              });
        auto const pairs = numbers | map([shared = shared_](int number) {
                               shared += 1;
                               return std::pair(number % 2, number);
                           })
                           | tidemark::reduce_by_key(std::plus<>{});
        auto const kept = numbers | map([cached = cached_, trip = stumble(what.flaky)](int number) {
                              cached += 1;
                              trip(number);
                              return std::pair(number % 2, number);
                          })
                          | tidemark::cache();
        auto const last_of_each = kept
                                  | tidemark::update_state_by_key<"last">(
                                      [](std::vector<int> const& fresh, std::optional<int> last) {
                                          return fresh.empty() ? last : std::optional(fresh.back());
                                      },
                                      tidemark::checkpoint_every(std::chrono::seconds(how.commit_seconds)));
        return context_.application(
            kept | foreach_rdd<"g">([fails](auto const& rdd, batch_time time) {
                (void)(rdd | tidemark::take(1));
                fails("g", time);
            }),
            last_of_each | foreach_rdd<"h">(read_all("h")), pairs | foreach_rdd<"e">(read_all("e")),
            pairs | foreach_rdd<"f">(read_all("f")), by_key | foreach_rdd<"a">(read_all("a")),
            sums | foreach_rdd<"b">([calls = calls_, fails](auto const& rdd, batch_time time) {
                calls += 1;
                (void)(rdd | tidemark::count_records());
                fails("b", time);
            }),
            totals_by_key | foreach_rdd<"c">(read_all("c")), recent | foreach_rdd<"d">(read_all("d")));
    }

    using context = decltype(tidemark::streaming_context(1_s, std::declval<tidemark::checkpoint_directory>()));

    context context_;
    tidemark::accumulator<std::int64_t> seen_ = context_.accumulator<"seen">(100);
    tidemark::accumulator<std::int64_t> shared_ = context_.accumulator<"shared">();
    tidemark::accumulator<std::int64_t> keys_ = context_.accumulator<"keys">();
    tidemark::accumulator<std::int64_t> calls_ = context_.accumulator<"calls">();
    tidemark::accumulator<std::int64_t> updates_ = context_.accumulator<"updates">();
    tidemark::accumulator<std::int64_t> panes_ = context_.accumulator<"panes">();
    tidemark::accumulator<std::int64_t> cached_ = context_.accumulator<"cached">();
    tidemark::accumulator<double> tenths_ = context_.accumulator<"tenths">(0.0);
    tidemark::accumulator<std::vector<int>> every_ = context_.accumulator<"every">(std::vector<int>());
    tidemark::accumulator<range> span_ = context_.accumulator<"span">(range());
    driver run_;
};

/// Differs from the oracle in the last bits of the sum at most; from an uncut run in nothing.
void expect(totals found, totals wanted)
{
    CHECK(std::abs(found.tenths - wanted.tenths) < 1e-9);
    found.tenths = wanted.tenths;
    if (!(found == wanted))
        FAIL_CHECK("expected " << in_words(wanted) << "\nfound    " << in_words(found));
}

/// The last life, in which nothing goes wrong: the value is that of the commit, then right after each batch.
std::pair<double, std::vector<int>> finish(any_storage const& storage, way const& how, trouble const& what = {})
{
    life last(storage, how, what);
    last.run().restore();
    auto next = last.run().next_time();
    std::int64_t number = 0;
    if (auto const again = last.run().to_repeat(); !again.empty())
        next = again.front();
    number = next.count() / 1000 - 1;
    expect(last.now(), expected(number));
    for (auto const time : last.run().to_repeat()) {
        auto const outcome = last.run().run(time);
        if (outcome.failure)
            std::rethrow_exception(outcome.failure);
        expect(last.now(), expected(++number));
    }
    while (number < batches) {
        auto const outcome = last.run().next();
        if (outcome.failure)
            std::rethrow_exception(outcome.failure);
        expect(last.now(), expected(++number));
    }
    return {last.now().tenths, last.every()};
}

/// A life that goes on, whatever fails, until it is over or dies.
void live(any_storage const& storage, way const& how, trouble const& what, std::int64_t last)
{
    try {
        life one(storage, how, what);
        one.run().restore();
        for (auto const time : one.run().to_repeat())
            if (one.run().run(time).fatal)
                return;
        while (one.run().next_time() <= batch_time(last * 1000))
            if (one.run().next().fatal)
                return;
    } catch (tidemark::simulated_crash const&) {
    }
}

std::vector<way> ways()
{
    std::vector<way> all{{"plain", 2, 1, {}},
                         {"a commit in every batch", 1, 1, {}},
                         {"threads", 3, 3, {}},
                         {"flaky steps", 2, 1, {{}, true}},
                         {"flaky steps and threads", 3, 3, {{}, true}}};
    for (std::string const who : {"a", "b", "c", "d", "e", "f", "g", "h", "state"})
        all.push_back({who + " fails", 2, 1, {{{who, who == "state" ? 4 : 2}}, false}});
    all.push_back({"all fail at once", 3, 1, {{{"a", 4}, {"b", 4}, {"c", 4}, {"d", 4}}, true}});
    return all;
}

} // namespace

TEST_CASE("an accumulator counts each batch once, cut and restarted between any two", "[laws][accumulators]")
{
    auto const whole = finish(any_storage(memory_storage()), {"uncut", 2, 1, {}});
    for (auto const& how : ways())
        for (std::int64_t cut = 0; cut <= batches; ++cut) {
            INFO(how.name << ", cut after batch " << cut);
            memory_storage const storage;
            live(any_storage(storage), how, how.first, cut);
            CHECK(finish(any_storage(storage.kill()), how) == whole);
        }
}

TEST_CASE("an accumulator counts each batch once, whatever change of the checkpoint the process dies at",
          "[laws][accumulators]")
{
    auto const whole = finish(any_storage(memory_storage()), {"uncut", 2, 1, {}});
    for (auto const& how : ways()) {
        fault_plan const counting;
        live(any_storage(faulty_storage(memory_storage(), counting)), how, how.first, batches);
        REQUIRE(counting.changes() > 20);
        for (std::uint64_t at = 0; at <= counting.changes(); ++at)
            for (bool const power_loss : {false, true}) {
                INFO(how.name << ", dies after " << at << " changes" << (power_loss ? ", power lost" : ""));
                auto const after = [&](memory_storage const& storage, std::uint64_t seed) {
                    return power_loss ? storage.crash(seed) : storage.kill();
                };
                fault_plan const first_end(at);
                first_end.crash_after_changes(at);
                memory_storage const first;
                live(any_storage(faulty_storage(first, first_end)), how, how.first, batches);
                auto const second = after(first, at);
                auto const then = (at * 5 + 3) % (counting.changes() + 1);
                fault_plan const second_end(then);
                second_end.crash_after_changes(then);
                live(any_storage(faulty_storage(second, second_end)), how, {}, batches);
                CHECK(finish(any_storage(after(second, at + 1)), how) == whole);
            }
    }
}

TEST_CASE("retries and threads change nothing in what is added, nor in which order", "[laws][accumulators]")
{
    auto const whole = finish(any_storage(memory_storage()), {"uncut", 2, 1, {}});
    for (std::size_t const threads : {1U, 2U, 4U})
        for (int round = 0; round < 5; ++round)
            CHECK(finish(any_storage(memory_storage()), {"again", 2, threads, {}}, {{}, true}) == whole);
}
