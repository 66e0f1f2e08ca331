// SPDX-License-Identifier: BSL-1.0
//
// driver.test: what tests of a user get of a batch that fails, and of batches of another interval.

#include <tidemark/operators.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::testing::batches;

} // namespace

TEST_CASE("a test hears of a batch that fails, by an exception or by its outcome", "[testing][driver]")
{
    auto const ssc = tidemark::streaming_context(1_s);
    tidemark::testing::driver run(
        ssc.application(ssc.queue_stream(batches<int>{{1}, {2}, {3}}) | tidemark::foreach_rdd([](auto const& rdd) {
                            for (auto const number : rdd | tidemark::collect())
                                if (number != 1)
                                    throw std::runtime_error("not one");
                        })));
    run.start();
    CHECK_NOTHROW(run.run_next());
    CHECK_THROWS_WITH(run.run_next(), "not one");
    CHECK(run.next().failure != nullptr);
}

TEST_CASE("batches of a pipeline under test are as long as those of its program", "[testing][run_batches]")
{
    // 1500 ms is no multiple of 1 s, and 1 s two batches of this program.
    auto const build = [](auto numbers) {
        return numbers | tidemark::window(1_s, 500_ms) | tidemark::checkpoint_every(1500_ms);
    };
    CHECK(tidemark::testing::run_batches<int>({{1}, {2}, {3}}, build, {}, 500_ms) == batches<int>{{1}, {1, 2}, {2, 3}});
    using program = tidemark::testing::pipeline_under_test<int, decltype(build), decltype(500_ms)>;
    program const pipeline(tidemark::testing::all_present(batches<int>{{1}, {2}, {3}}), build);
    CHECK(pipeline.uncut().at(2) == std::vector{1, 2});
    CHECK(tidemark::testing::difference_after_any_cut(pipeline).empty());
}
