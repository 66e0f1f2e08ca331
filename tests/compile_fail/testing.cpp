// SPDX-License-Identifier: BSL-1.0
//
// testing: tests of a pipeline that must not compile.

#include <tidemark/operators.hpp>
#include <tidemark/testing.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace tide = tidemark;

struct news {
    std::string text;
};

#if TIDEMARK_EXPECT_FAILURE == 1
auto const build = [](auto words) {
    return words | tide::map([](std::string const& text) { return std::pair(1, news{text}); });
};
// expect alone: tidemark::testing: the records that the stream gives are compared with those of an uncut run
auto const found = tide::testing::difference_after_any_cut(
    tide::testing::pipeline_under_test<std::string, decltype(build)>({}, build));
#elif TIDEMARK_EXPECT_FAILURE == 2
auto const build = [](auto words) { return words; };
// expect: tidemark::testing: the batch interval is no literal; write it as `500_ms`
auto const found = tide::testing::run_batches<std::string>({}, build, {}, std::chrono::milliseconds(500));
#else
auto const build = [](auto words) {
    return words | tide::map([](std::string const& text) { return std::pair(1, text); });
};
auto const found = tide::testing::difference_after_any_cut(
    tide::testing::pipeline_under_test<std::string, decltype(build)>({}, build));
#endif
