// SPDX-License-Identifier: BSL-1.0
//
// backpressure.test: what receivers are told of their rate, by the settings and by how the batches went.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::settings;
using tidemark::testing::driver;

/// So many records in each batch; remembers what it is told.
struct told_source {
    using record_type = int;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "told";

    std::size_t records;
    std::shared_ptr<std::vector<double>> rates = std::make_shared<std::vector<double>>();

    struct reader final : tidemark::source_reader<int> {
        reader(std::size_t how_many, std::shared_ptr<std::vector<double>> told)
            : records(how_many)
            , rates(std::move(told))
        {}
        void limit_rate(double records_per_second) override { rates->push_back(records_per_second); }
        tidemark::batch_input<int> plan(batch_time) override
        {
            return {std::make_shared<tidemark::stored_dataset<int>>(
                        tidemark::partitioned<int>{tidemark::row<int>(records)}),
                    {},
                    [amount = records] { return amount; }};
        }
        tidemark::batch_input<int> replay(batch_time time, std::span<std::byte const>) override { return plan(time); }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}

        std::size_t records;
        std::shared_ptr<std::vector<double>> rates;
    };

    [[nodiscard]] std::string describe() const { return "told"; }
    [[nodiscard]] std::unique_ptr<reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(records, rates);
    }
};

using rates = std::vector<double>;

/// Runs three batches of 1 s with 1000 records each, which take 2 s, 2 s and 1 s, and gives what the source was told.
rates told(settings const& how)
{
    told_source const source{1000};
    auto const ssc = tidemark::streaming_context(1_s, how);
    std::vector<std::int64_t> const lengths{2000, 2000, 1000};
    std::size_t number = 0;
    std::function<void()> work;
    driver run(ssc.application(ssc.source_stream(source) | tidemark::foreach_rdd([&](auto const&) { work(); })));
    work = [&] { run.clock().set(run.clock().now() + tidemark::duration(lengths.at(number++))); };
    run.start();
    for (std::size_t batch = 0; batch < lengths.size(); ++batch)
        REQUIRE_FALSE(run.next().failure);
    return *source.rates;
}

} // namespace

TEST_CASE("without a limit nothing is said of rates", "[runtime][backpressure]") { CHECK(told({}).empty()); }

TEST_CASE("the largest rate is told once, before the start", "[runtime][backpressure]")
{
    CHECK(told({.max_receive_rate = 700, .initial_receive_rate = 300}) == rates{700});
}

TEST_CASE("under back-pressure the rate follows the batches, up to the largest", "[runtime][backpressure]")
{
    // 1000 records in 2 s: 500 in a second, which the first batch sets and the second confirms; then in 1 s: 1000.
    CHECK(told({.backpressure = true}) == rates{500, 1000});
    CHECK(told({.max_receive_rate = 800, .backpressure = true}) == rates{800, 500, 800});
    CHECK(told({.max_receive_rate = 800, .backpressure = true, .initial_receive_rate = 200}) == rates{200, 500, 800});
    CHECK(told({.backpressure = true, .gains = {.minimum_rate = 600}}) == rates{600, 1000});
}

TEST_CASE("rates that break a rule are refused", "[runtime][backpressure]")
{
    using tidemark_test::contains;
    auto const words_for = [](settings const& how) {
        return tidemark_test::words_of<tidemark::config_error>([&] { (void)told(how); });
    };
    CHECK(contains(words_for({.max_receive_rate = 5, .initial_receive_rate = 6}),
                   "initial_receive_rate is above max_receive_rate; lower it (found 6)"));
    CHECK(contains(words_for({.gains = {.integral = -1}}), "gains has a number that is negative or not finite"));
    CHECK(contains(words_for({.gains = {.minimum_rate = 0}}), "gains has a number that is negative or not finite"));
}
