// SPDX-License-Identifier: BSL-1.0
//
// state_datasets.test: an rdd of a state or a window that is kept longer than its batch, or than its application.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;

using count = std::pair<std::string, int>;
using counts = std::vector<count>;

std::string const long_name = "a name that a string does not hold in itself";

std::optional<int> add(std::vector<int> const& values, std::optional<int> state)
{
    int total = state.value_or(0);
    for (int const each : values)
        total += each;
    return total;
}

count track(std::string const& key, std::optional<int> value, tidemark::state<int>& held)
{
    held.update((held.exists() ? held.get() : 0) + value.value_or(0));
    return {key, held.get()};
}

bool is_positive(count const& pair) { return pair.second > 0; }

/// What the rdds of `step` hold of three batches: each read when the application has gone.
template <typename Step>
std::vector<std::function<counts()>> kept_rdds(Step const& step)
{
    std::vector<std::function<counts()>> kept;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::memory_storage()),
                                                 {.partitions = 2, .threads = 1});
    auto const pairs = ssc.source_stream(tidemark::testing::batch_source<count>(
        {counts{{long_name, 1}, {"b", 2}}, counts{{"b", 3}}, counts{{long_name, 4}}}));
    tidemark::testing::driver run(ssc.application(step(pairs) | tidemark::foreach_rdd([&kept](auto const& rdd) {
                                                      kept.push_back([last = rdd] {
                                                          auto all = last | tidemark::collect();
                                                          std::sort(all.begin(), all.end());
                                                          return counts(all.begin(), all.end());
                                                      });
                                                  })));
    run.start();
    for (int batch = 0; batch < 3; ++batch)
        CHECK_FALSE(run.next().failure);
    return kept;
}

} // namespace

TEST_CASE("the states of the last batch can be read when their application has gone", "[runtime][state_datasets]")
{
    counts const sums{{long_name, 5}, {"b", 5}};
    CHECK(kept_rdds([](auto s) { return s | tidemark::update_state_by_key(&add); }).back()() == sums);
    CHECK(kept_rdds([](auto s) {
              return s | tidemark::map_with_state(tidemark::state_spec(&track)) | tidemark::state_snapshots();
          }).back()()
          == sums);
    CHECK(kept_rdds([](auto s) {
              return s | tidemark::reduce_by_key_and_window(std::plus{}, std::minus{}, 2_s, 1_s, &is_positive);
          }).back()()
          == counts{{long_name, 4}, {"b", 3}});
}

TEST_CASE("what a step over a state has computed can be read when its application has gone",
          "[runtime][state_datasets]")
{
    CHECK(kept_rdds([](auto s) { return s | tidemark::map_with_state(tidemark::state_spec(&track)); }).front()()
          == counts{{long_name, 1}, {"b", 2}});
    CHECK(kept_rdds([](auto s) { return s | tidemark::window(2_s); }).at(1)()
          == counts{{long_name, 1}, {"b", 2}, {"b", 3}});
    CHECK(kept_rdds([](auto s) { return s | tidemark::reduce_by_key_and_window(std::plus{}, 2_s); }).at(1)()
          == counts{{long_name, 1}, {"b", 5}});
    CHECK(kept_rdds([](auto s) {
              return s
                     | tidemark::transform([](auto const& rdd) { return rdd | tidemark::reduce_by_key(std::plus{}); });
          }).front()()
          == counts{{long_name, 1}, {"b", 2}});
}

TEST_CASE("the states of an earlier batch are an error when their application has gone, too",
          "[runtime][state_datasets]")
{
    auto const kept = kept_rdds([](auto s) { return s | tidemark::update_state_by_key(&add); });
    REQUIRE(kept.size() == 3);
    for (std::size_t batch = 0; batch < 2; ++batch)
        CHECK(
            contains(words_of<tidemark::usage_error>(kept[batch]), "were asked for while the stage was at batch 3000"));
}
