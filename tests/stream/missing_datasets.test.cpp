// SPDX-License-Identifier: BSL-1.0
//
// missing_datasets.test: a batch without a dataset is not an empty one; what each operator makes of it.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::collect;
using tidemark::foreach_rdd;
using tidemark::testing::batch_source;
using tidemark::testing::driver;
using tidemark::testing::optional_batches;
using tidemark_test::contains;
using tidemark_test::what;

using count = std::pair<std::string, int>;
using some = std::vector<count>;

/// What comes of batches 1 to 4, of which the first and the third have no dataset, and the fourth an empty one: "none" for no job, the number of
/// records, or the words of a failure.
template <typename Build>
std::vector<std::string> outcomes(Build const& build)
{
    tidemark::memory_storage const storage;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)),
                                                 tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
    auto const pairs =
        ssc.source_stream(batch_source<count>({std::nullopt, some{{"a", 1}, {"b", 2}}, std::nullopt, some{}}));
    std::string now;
    driver run(ssc.application(
        build(pairs) | foreach_rdd([&now](auto const& batch) { now = std::to_string((batch | collect()).size()); })));
    run.start();
    std::vector<std::string> all;
    for (int batch = 1; batch <= 4; ++batch) {
        now = "none";
        auto const outcome = run.next();
        all.push_back(outcome.failure ? what(outcome.failure) : now);
        if (outcome.fatal)
            break;
    }
    return all;
}

using words = std::vector<std::string>;
auto const same = [](auto const& x) { return x; };
words const passed_on{"none", "2", "none", "0"};

/// Whether just the batches without a dataset fail, and with these words.
bool only_missing_fail(words const& found, std::string const& with)
{
    return found.size() == 4 && contains(found[0], with) && !contains(found[1], with) && contains(found[2], with)
           && !contains(found[3], with);
}

} // namespace

TEST_CASE("a narrow step has no dataset where its parent has none", "[stream][missing]")
{
    CHECK(outcomes([](auto s) { return s | tidemark::map(same); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::filter([](auto const&) { return true; }); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::flat_map([](count const& c) { return std::optional(c); }); })
          == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::map_values(same); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::flat_map_values([](int n) { return std::optional(n); }); })
          == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::key_by([](count const& c) { return c.second; }); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::sample(1.0, 1); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::coalesce(1); }) == passed_on);
    CHECK(outcomes([](auto s) {
              return s | tidemark::map_partitions([](auto view) { return some(view.begin(), view.end()); });
          })
          == passed_on);
}

TEST_CASE("a step by key has no dataset where its parent has none", "[stream][missing]")
{
    CHECK(outcomes([](auto s) { return s | tidemark::reduce_by_key(std::plus<>{}); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::combine_by_key(same, std::plus<>{}, std::plus<>{}); })
          == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::group_by_key(); }) == passed_on);
    CHECK(outcomes([](auto s) { return s | tidemark::partition_by(3); }) == passed_on);
}

TEST_CASE("checkpoint_every and a dstream pass a missing dataset on", "[stream][missing]")
{
    CHECK(outcomes([](auto s) { return s | tidemark::checkpoint_every(2_s); }) == passed_on);
    CHECK(outcomes([](auto s) { return tidemark::dstream<count>(s | tidemark::map(same)); }) == passed_on);
}

TEST_CASE("an output has no job for a batch without a dataset, and a batch without a job makes no events",
          "[stream][missing]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const numbers = ssc.source_stream(batch_source<int>({std::vector{1}, std::nullopt, std::vector{3}}));
    std::vector<std::int64_t> times;
    driver run(ssc.application(
        numbers | foreach_rdd([&times](auto const&, tidemark::batch_time time) { times.push_back(time.count()); })));
    run.start();
    run.run_to(tidemark::batch_time(3000));
    CHECK(times == std::vector<std::int64_t>{1000, 3000});
    std::vector<std::int64_t> submitted;
    std::vector<std::int64_t> completed;
    for (auto const& event : run.events()) {
        if (auto const* const batch = std::get_if<tidemark::batch_submitted>(&event))
            submitted.push_back(batch->batch.batch_time);
        if (auto const* const batch = std::get_if<tidemark::batch_completed>(&event))
            completed.push_back(batch->batch.batch_time);
    }
    CHECK(submitted == times);
    CHECK(completed == times);
}

TEST_CASE("a window unites the datasets that exist", "[stream][missing]")
{
    CHECK(outcomes([](auto s) { return s | tidemark::window(2_s); }) == words{"0", "2", "2", "0"});
}

TEST_CASE("union_, transform, transform_with and count fail without a dataset", "[stream][missing]")
{
    auto const both = [](auto const& a, auto const& b) { return a | tidemark::union_(b); };
    CHECK(only_missing_fail(outcomes([](auto s) { return s | tidemark::union_(s | tidemark::map(same)); }),
                            "tidemark::union_: the first stream has no dataset for batch"));
    CHECK(only_missing_fail(outcomes([](auto s) { return s | tidemark::transform(same); }),
                            "tidemark::transform: the stream has no dataset for batch"));
    CHECK(only_missing_fail(outcomes([&](auto s) { return s | tidemark::transform_with(s, both); }),
                            "tidemark::transform_with: stream 1 of 2 has no dataset for batch"));
    CHECK(only_missing_fail(outcomes([](auto s) { return s | tidemark::count(); }),
                            "tidemark::count: there is no dataset for batch"));
}

TEST_CASE("update_state_by_key gives nothing before the first dataset, and all states without one later",
          "[stream][missing]")
{
    auto const last = [](std::vector<int> const& values, std::optional<int> before) {
        return values.empty() ? before : std::optional(values.back());
    };
    CHECK(outcomes([&](auto s) { return s | tidemark::update_state_by_key<"u">(last); })
          == words{"none", "2", "2", "2"});
}

TEST_CASE("map_with_state takes a missing dataset as an empty one", "[stream][missing]")
{
    auto const set = [](std::string const&, std::optional<int> value, tidemark::state<int>& it) {
        it.update(*value);
        return *value;
    };
    auto const tracked = [&](auto s) { return s | tidemark::map_with_state<"m">(tidemark::state_spec(set)); };
    CHECK(outcomes(tracked) == words{"0", "2", "0", "0"});
    CHECK(outcomes([&](auto s) { return tracked(s) | tidemark::state_snapshots(); }) == words{"0", "2", "2", "2"});
}
