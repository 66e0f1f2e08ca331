// SPDX-License-Identifier: BSL-1.0
//
// attempts.test: a partition of a stream's batch that fails is tried again, and nobody sees more than the time it took.

#include <tidemark/operators.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::collect;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::testing::batch_source;
using tidemark::testing::driver;

/// Throws at one record, the first `failures` times that it comes.
struct flaky {
    int record;
    int failures;
    std::shared_ptr<int> seen = std::make_shared<int>(0);

    int operator()(int number) const
    {
        if (number == record && (*seen)++ < failures)
            throw std::runtime_error("record " + std::to_string(number));
        return number;
    }
};

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };
constexpr auto total = [](std::string const&, std::optional<int> value, tidemark::state<int>& state) {
    state.update(state.get_option().value_or(0) + *value);
    return state.get();
};

std::vector<std::uint64_t> retries_of(driver const& run)
{
    std::vector<std::uint64_t> all;
    for (auto const& event : run.events())
        if (auto const* const completed = std::get_if<tidemark::output_operation_completed>(&event))
            all.push_back(completed->operation.retries);
    return all;
}

tidemark::testing::optional_batches<int> const input{std::vector{1, 2, 3}, std::vector{4, 5}, std::vector{6}};

} // namespace

TEST_CASE("what fails before a state or a window is tried again, and the state sees each record once",
          "[runtime][attempts]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(memory_storage()),
                                                 {.partitions = 2, .threads = 1});
    auto const numbers = ssc.source_stream<"numbers">(batch_source<int>(input));
    std::vector<std::vector<int>> totals;
    std::vector<std::vector<int>> windows;
    driver run(ssc.application(
        numbers | map(flaky{2, 3}) | map(under_one_key) | tidemark::map_with_state<"total">(tidemark::state_spec(total))
            | foreach_rdd<"totals">([&](auto const& rdd) { totals.push_back(rdd | collect()); }),
        numbers | map(flaky{5, 1}) | tidemark::window(2_s)
            | foreach_rdd<"windows">([&](auto const& rdd) { windows.push_back(rdd | collect()); })));
    run.start();
    run.run_to(batch_time(3000));
    CHECK(totals == std::vector<std::vector<int>>{{1, 3, 6}, {10, 15}, {21}});
    CHECK(windows == std::vector<std::vector<int>>{{1, 2, 3}, {1, 2, 3, 4, 5}, {4, 5, 6}});
    CHECK(retries_of(run) == std::vector<std::uint64_t>{3, 0, 0, 1, 0, 0});
}

TEST_CASE("a state's own function is never called again in a batch: what fails there is rolled back",
          "[runtime][attempts]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(memory_storage()),
                                                 {.partitions = 2, .threads = 1});
    int calls = 0;
    auto const broken = [&calls](std::string const&, std::optional<int>, tidemark::state<int>&) -> int {
        ++calls;
        throw std::runtime_error("never");
    };
    driver run(ssc.application(ssc.source_stream(batch_source<int>(input)) | map(under_one_key)
                               | tidemark::map_with_state<"total">(tidemark::state_spec(broken))
                               | foreach_rdd([](auto const& rdd) { (void)(rdd | collect()); })));
    run.start();
    CHECK(run.next().fatal);
    CHECK(calls == 1);
}

TEST_CASE("with one attempt a failure counts at once", "[runtime][attempts]")
{
    auto const ssc = tidemark::streaming_context(1_s, {.partitions = 2, .threads = 1, .partition_attempts = 1});
    driver run(ssc.application(ssc.source_stream(batch_source<int>(input)) | map(flaky{2, 1})
                               | foreach_rdd([](auto const& rdd) { (void)(rdd | collect()); })));
    run.start();
    CHECK(run.next().failure);
    CHECK(!run.next().failure);
    CHECK(retries_of(run) == std::vector<std::uint64_t>{0, 0});
}

TEST_CASE("a text file of an attempt that failed is written anew", "[runtime][attempts]")
{
    reading::directory const out;
    std::vector<int> many(20'000); // more than what is flushed at once
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = 10'000 + static_cast<int>(i);
    auto const ssc = tidemark::streaming_context(1_s, {.partitions = 2, .threads = 1});
    auto const save = [&](std::string const& name, int failures) {
        driver run(ssc.application(
            ssc.source_stream(batch_source<int>({many})) | map(flaky{25'000, failures})
            | tidemark::save_as_text_files(out.path(name))));
        run.start();
        CHECK(!run.next().failure);
        CHECK(retries_of(run).at(0) == static_cast<std::uint64_t>(failures));
        std::ifstream file(out.path(name + "-1000/part-00000"));
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    auto const sound = save("sound", 0);
    CHECK(sound.size() == 6 * many.size());
    CHECK(save("flaky", 2) == sound);
}
