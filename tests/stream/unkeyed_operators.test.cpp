// SPDX-License-Identifier: BSL-1.0
//
// unkeyed_operators.test: steps without keys in the batches of a stream, missing and empty ones included.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using tidemark::rdd;
using tidemark::testing::batches;
using tidemark::testing::optional_batches;
using tidemark::testing::run_batches;
using tidemark_test::contains;
using tidemark_test::words_of;

constexpr tidemark::testing::run_options two_slices{.input_partitions = 2};

/// Sums and counts of what `build` makes of batches, with a batch without a dataset between them.
template <typename Build>
auto with_a_gap(Build build)
{
    optional_batches<int> const input{std::vector{3, 1, 2}, std::nullopt, std::vector<int>{}, std::vector{5, 5}};
    return tidemark::testing::pipeline_under_test<int, Build>(input, build, two_slices).uncut();
}

template <typename Build>
std::string failure_of(Build build)
{
    return words_of<tidemark::source_error>([&] { (void)with_a_gap(build); });
}

} // namespace

TEST_CASE("glom and reduce give nothing for a batch without a dataset", "[stream][glom][reduce]")
{
    using parts = std::vector<std::vector<int>>;
    auto const glommed = with_a_gap([](auto numbers) { return numbers | tidemark::glom(); });
    CHECK(glommed
          == tidemark::testing::output_batches<std::vector<int>>{
              {1, parts{{3}, {1, 2}}}, {3, parts{{}, {}}}, {4, parts{{5}, {5}}}});
    auto const sums = with_a_gap([](auto numbers) { return numbers | tidemark::reduce(std::plus<>{}); });
    CHECK(sums == tidemark::testing::output_batches<int>{{1, {6}}, {3, {}}, {4, {10}}});
    auto const sorted = with_a_gap([](auto numbers) { return numbers | tidemark::sort_by(std::identity{}); });
    CHECK(sorted == tidemark::testing::output_batches<int>{{1, {1, 2, 3}}, {3, {}}, {4, {5, 5}}});
    auto const fewer = with_a_gap([](auto numbers) { return numbers | tidemark::coalesce(1) | tidemark::glom(); });
    CHECK(fewer == tidemark::testing::output_batches<std::vector<int>>{{1, {{3, 1, 2}}}, {3, {{}}}, {4, {{5, 5}}}});
    auto const counts = with_a_gap([](auto numbers) { return numbers | tidemark::count_by_value(1); });
    CHECK(counts.size() == 3);
    CHECK(counts.at(4) == std::vector<std::pair<int, std::int64_t>>{{5, 2}});
}

TEST_CASE("views that are counted in a stream are strings in its later stages", "[stream][count_by_value][views]")
{
    constexpr auto letters = [](std::string const& word) {
        std::vector<std::string_view> all;
        for (std::size_t at = 0; at < word.size(); ++at)
            all.push_back(std::string_view(word).substr(at, 1));
        return all;
    };
    constexpr auto add = [](std::string const& letter, std::optional<std::int64_t> more,
                            tidemark::state<std::int64_t>& total) {
        total.update(total.get_option().value_or(0) + more.value_or(0));
        return std::pair(letter, total.get());
    };
    auto const totals = run_batches(batches<std::string>{{"abba", "b"}, {}, {"ca"}}, [=](auto words) {
        return words | tidemark::flat_map(letters) | tidemark::count_by_value()
               | tidemark::map_with_state<"letters">(tidemark::state_spec<std::int64_t>(add))
               | tidemark::sort_by_key();
    });
    using some = std::vector<std::pair<std::string, std::int64_t>>;
    CHECK(totals == std::vector<some>{{{"a", 2}, {"b", 3}}, {}, {{"a", 3}, {"c", 1}}});
}

TEST_CASE("repartition, zip, cartesian, intersection and union_all fail for a batch without a dataset",
          "[stream][repartition][zip][union_all]")
{
    CHECK(contains(failure_of([](auto numbers) { return numbers | tidemark::repartition(3); }),
                   "tidemark::repartition: there is no dataset for batch"));
    CHECK(contains(failure_of([](auto numbers) { return numbers | tidemark::zip(numbers); }),
                   "tidemark::zip: the first stream has no dataset for batch"));
    CHECK(contains(failure_of([](auto numbers) { return numbers | tidemark::cartesian(numbers); }),
                   "tidemark::cartesian: the first stream has no dataset for batch"));
    CHECK(contains(failure_of([](auto numbers) { return numbers | tidemark::subtract(numbers); }),
                   "tidemark::subtract: the first stream has no dataset for batch"));
    CHECK(contains(failure_of([](auto numbers) { return tidemark::union_all(std::vector{numbers, numbers}); }),
                   "tidemark::union_all: stream 1 of 2 has no dataset for batch"));
}

TEST_CASE("repartition gives so many partitions in each batch, also in an empty one", "[stream][repartition]")
{
    using parts = std::vector<std::vector<int>>;
    auto const found = run_batches<int>(
        {{1, 2, 3, 4}, {}}, [](auto numbers) { return numbers | tidemark::repartition(3) | tidemark::glom(); });
    CHECK(found == batches<std::vector<int>>{parts{{1}, {2}, {3, 4}}, parts{{}, {}, {}}});
}

TEST_CASE("streams are zipped, numbered and united batch by batch", "[stream][zip][zip_with_index][union_all]")
{
    using pairs = std::vector<std::pair<int, int>>;
    auto const doubled = tidemark::map([](int x) { return 2 * x; });
    CHECK(run_batches<int>(
              {{1, 2}, {}, {3}}, [&](auto numbers) { return numbers | tidemark::zip(numbers | doubled); }, two_slices)
          == batches<std::pair<int, int>>{pairs{{1, 2}, {2, 4}}, {}, pairs{{3, 6}}});
    CHECK(run_batches<int>(
              {{7, 8, 9}, {}, {3}}, [](auto numbers) { return numbers | tidemark::zip_with_index(); }, two_slices)
          == batches<std::pair<int, std::int64_t>>{{{7, 0}, {8, 1}, {9, 2}}, {}, {{3, 0}}});
    CHECK(run_batches<int>({{1, 2}, {}, {3}},
                           [&](auto numbers) {
                               std::vector<decltype(numbers | doubled)> list;
                               list.push_back(numbers | doubled);
                               list.push_back(numbers | doubled);
                               return tidemark::union_all(list);
                           })
          == batches<int>{{2, 4, 2, 4}, {}, {6, 6}});
}

TEST_CASE("united streams of different slides are refused at the start", "[stream][union_all]")
{
    using namespace tidemark::literals;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const numbers = ssc.source_stream(tidemark::testing::batch_source<int>({}));
    std::vector const list{numbers | tidemark::window(tidemark::duration(2000), tidemark::duration(1000)),
                           numbers | tidemark::window(tidemark::duration(2000), tidemark::duration(2000))};
    auto const words = words_of<tidemark::config_error>(
        [&] { (void)ssc.application(tidemark::union_all(list) | tidemark::foreach_rdd([](auto const&) {})); });
    CHECK(contains(words, "tidemark::union_all: the two streams have different slides"));
    CHECK(contains(words, "(found 1 s and 2 s)"));
}

TEST_CASE("the rdd of a batch takes every action", "[stream][actions]")
{
    using namespace tidemark::literals;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 2});
    auto const numbers = ssc.source_stream(tidemark::testing::batch_source<int>({std::vector{4, 2, 3}}, 2));
    std::vector<std::string> seen;
    auto const look = [&seen](auto const& records) {
        seen.push_back(std::to_string((records | tidemark::reduce_records(std::plus<>{})).value_or(-1)) + " "
                       + std::to_string(records | tidemark::fold_records(1, std::plus<>{})) + " "
                       + std::to_string((records | tidemark::take_ordered(1)).size()) + " "
                       + (records | tidemark::is_empty() ? "empty" : "not empty"));
    };
    tidemark::testing::driver run(
        ssc.application(numbers | tidemark::foreach_rdd([&](auto const& batch) {
                            look(batch);
                            look(rdd<int>(batch | tidemark::sort_by(std::identity{}) | tidemark::map(std::negate<>{})));
                        })));
    run.start();
    run.run_to(tidemark::batch_time(2000));
    CHECK(seen == std::vector<std::string>{"9 10 1 not empty", "-9 -8 1 not empty", "-1 1 0 empty", "-1 1 0 empty"});
}

TEST_CASE("sorted and sampled streams give the same after any cut", "[stream][recovery]")
{
    auto const build = [](auto numbers) {
        return numbers | tidemark::sample_with_replacement(1.5, 3) | tidemark::distinct()
               | tidemark::sort_by(std::identity{}) | tidemark::zip_with_index();
    };
    optional_batches<int> const input{std::vector{3, 1, 2, 9, 8}, std::nullopt, std::vector<int>{},
                                      std::vector{5, 5, 7}};
    tidemark::testing::pipeline_under_test<int, decltype(build)> const tested(input, build, two_slices);
    auto const whole = tested.uncut();
    for (std::size_t cut = 0; cut <= 4; ++cut) {
        INFO("cut after batch " << cut);
        CHECK(tested.cut_after(cut) == whole);
    }
}
