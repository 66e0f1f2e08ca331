// SPDX-License-Identifier: BSL-1.0
//
// window.test: the records of the last batches together.

#include <tidemark/operators.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::duration;
using tidemark::window;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using numbers = std::vector<int>;
using out_batches = output_batches<int>;

template <typename Build>
auto run(optional_batches<int> input, Build build, std::size_t batches_to_run = 0)
{
    tidemark::testing::run_options const options{.batches_to_run = batches_to_run,
                                                 .settings = {.partitions = 2, .key_groups = 4, .threads = 1}};
    return tidemark::testing::pipeline_under_test<int, Build>(std::move(input), std::move(build), options).uncut();
}

optional_batches<int> const counted{numbers{0}, numbers{1}, numbers{2}, numbers{3}, numbers{4}, numbers{5}};

} // namespace

TEST_CASE("a window covers the last batches, at each slide, and the first ones are short", "[stream][window]")
{
    struct {
        int width;
        int every;
        out_batches expected;
    } const table[] = {
        {1, 1, {{1, {0}}, {2, {1}}, {3, {2}}, {4, {3}}, {5, {4}}, {6, {5}}}},
        {2, 1, {{1, {0}}, {2, {0, 1}}, {3, {1, 2}}, {4, {2, 3}}, {5, {3, 4}}, {6, {4, 5}}}},
        {2, 2, {{2, {0, 1}}, {4, {2, 3}}, {6, {4, 5}}}},
        {4, 2, {{2, {0, 1}}, {4, {0, 1, 2, 3}}, {6, {2, 3, 4, 5}}}},
        {2, 3, {{3, {1, 2}}, {6, {4, 5}}}}, // some batches are in no window
        {9,
         1,
         {{1, {0}}, {2, {0, 1}}, {3, {0, 1, 2}}, {4, {0, 1, 2, 3}}, {5, {0, 1, 2, 3, 4}}, {6, {0, 1, 2, 3, 4, 5}}}},
        {1, 6, {{6, {5}}}},
        {3, 7, {}},
    };
    for (auto const& row : table) {
        INFO("window " << row.width << " s every " << row.every << " s");
        CHECK(run(counted, [&](auto s) { return s | window(duration(1000 * row.width), duration(1000 * row.every)); })
              == row.expected);
    }
    CHECK(run(
              counted, [](auto s) { return s | window(4_s, 2_s); }, 8)
          == out_batches{{2, {0, 1}}, {4, {0, 1, 2, 3}}, {6, {2, 3, 4, 5}}, {8, {4, 5}}});
}

TEST_CASE("a window without a slide moves with its parent", "[stream][window]")
{
    CHECK(run(counted, [](auto s) { return s | window(2_s); })
          == run(counted, [](auto s) { return s | window(2_s, 1_s); }));
    CHECK(run(counted, [](auto s) { return window(s, 2_s, 2_s) | window(4_s); }) // twice two batches, every two
          == out_batches{{2, {0, 1}}, {4, {0, 1, 2, 3}}, {6, {2, 3, 4, 5}}});
}

TEST_CASE("a window of windows has records once for each window that they are in", "[stream][window]")
{
    CHECK(run(counted, [](auto s) { return s | window(2_s) | window(2_s); })
          == out_batches{
              {1, {0}}, {2, {0, 0, 1}}, {3, {0, 1, 1, 2}}, {4, {1, 2, 2, 3}}, {5, {2, 3, 3, 4}}, {6, {3, 4, 4, 5}}});
    CHECK(run(counted, [](auto s) { return s | window(2_s) | window(3_s, 3_s); })
          == out_batches{{3, {0, 0, 1, 1, 2}}, {6, {2, 3, 3, 4, 4, 5}}});
}

TEST_CASE("batches without a dataset are left out of windows, which exist all the same", "[stream][window]")
{
    CHECK(run({numbers{1}, std::nullopt, numbers{}, std::nullopt, std::nullopt, numbers{6}},
              [](auto s) { return s | window(2_s); })
          == out_batches{{1, {1}}, {2, {1}}, {3, {}}, {4, {}}, {5, {}}, {6, {6}}});
}

TEST_CASE("the steps before a window run once for each record, those after it for each window", "[stream][window]")
{
    int before = 0;
    int after = 0;
    auto const counting = [](int* calls) {
        return [calls](int number) {
            ++*calls;
            return 10 * number;
        };
    };
    auto const out = run(counted, [&](auto s) {
        return s | tidemark::map(counting(&before)) | window(3_s, 1_s) | tidemark::map(counting(&after));
    });
    CHECK(out.at(6) == numbers{300, 400, 500});
    CHECK(before == 6);
    CHECK(after == 1 + 2 + 3 + 3 + 3 + 3);
}

TEST_CASE("without a checkpoint directory a window takes records that cannot be saved", "[stream][window]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    std::vector<int> last;
    auto const app =
        ssc.application(ssc.source_stream(tidemark::testing::batch_source<int>({numbers{1}, numbers{2, 3}, numbers{4}}))
                        | tidemark::map([](int number) { return std::make_shared<int>(number); }) | window(2_s)
                        | tidemark::foreach_rdd([&last](auto const& rdd) {
                              last.clear();
                              for (auto const& each : rdd | tidemark::collect())
                                  last.push_back(*each);
                          }));
    tidemark::testing::driver running(app);
    running.start();
    running.run_to(tidemark::batch_time(3000));
    CHECK(last == numbers{2, 3, 4});
}

TEST_CASE("what follows a window with a slide of its own has a batch at each slide, and at no other time",
          "[stream][window]")
{
    auto const sizes = run(counted, [](auto s) {
        return s | window(2_s, 2_s) | tidemark::count()
               | tidemark::map([](std::int64_t n) { return static_cast<int>(n); });
    });
    CHECK(sizes == out_batches{{2, {2}}, {4, {2}}, {6, {2}}});
    auto const united =
        run(counted, [](auto s) { return s | window(2_s, 2_s) | tidemark::union_(s | window(1_s, 2_s)); });
    CHECK(united == out_batches{{2, {0, 1, 1}}, {4, {2, 3, 3}}, {6, {4, 5, 5}}});
    auto const reduced = run(counted, [](auto s) {
        return s | window(2_s, 2_s) | tidemark::map([](int number) { return std::pair(0, number); })
               | tidemark::reduce_by_key([](int left, int right) { return left + right; })
               | tidemark::map([](auto const& pair) { return pair.second; });
    });
    CHECK(reduced == out_batches{{2, {1}}, {4, {5}}, {6, {9}}});
}

TEST_CASE("records of bool pass through a window like any others", "[stream][window]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    std::vector<int> last;
    tidemark::testing::driver running(
        ssc.application(ssc.queue_stream(std::vector<std::vector<bool>>{{true, false}, {false, true, true}})
                        | window(2_s) | tidemark::foreach_rdd([&last](auto const& rdd) {
                              last.clear();
                              for (bool const each : rdd | tidemark::collect())
                                  last.push_back(each ? 1 : 0);
                          })));
    running.start();
    running.run_to(tidemark::batch_time(2000));
    CHECK(last == numbers{1, 0, 0, 1, 1});
}

TEST_CASE("a window keeps its partitions, one batch after the other", "[stream][window]")
{
    auto const sizes = [](auto s) {
        return s | window(2_s)
               | tidemark::map_partitions([](auto part) { return std::vector{static_cast<int>(part.size())}; });
    };
    tidemark::testing::pipeline_under_test<int, decltype(sizes)> const halves(
        {numbers{1, 2, 3}, numbers{}, numbers{4}}, sizes, {.input_partitions = 2, .settings = {.threads = 1}});
    CHECK(halves.uncut().at(2).size() == 4);
    CHECK(halves.uncut().at(3).size() == 4);
}
