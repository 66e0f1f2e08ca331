// SPDX-License-Identifier: BSL-1.0
//
// receiver_events.test: what listeners are told of sources that receive by themselves, and of what a batch was made of.

#include <tidemark/core/error.hpp>
#include <tidemark/monitoring/listener.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/sources/line_source.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/sources/text_file_source.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::foreach_rdd;
using tidemark::testing::driver;

constexpr auto read_all = [](auto const& rdd) { (void)(rdd | tidemark::collect()); };

tidemark::settings const small{.partitions = 2, .threads = 1};

template <typename Event>
std::vector<Event> all_of(driver const& run)
{
    std::vector<Event> found;
    for (auto const& event : run.events())
        if (auto const* const one = std::get_if<Event>(&event))
            found.push_back(*one);
    return found;
}

/// The order of what was told, receivers and frame only.
std::string order_of(driver const& run)
{
    std::string order;
    for (auto const& event : run.events()) {
        if (std::holds_alternative<tidemark::streaming_started>(event))
            order += "start ";
        if (std::holds_alternative<tidemark::receiver_started>(event))
            order += "receives ";
        if (std::holds_alternative<tidemark::receiver_error>(event))
            order += "error ";
        if (std::holds_alternative<tidemark::receiver_stopped>(event))
            order += "ends ";
        if (std::holds_alternative<tidemark::batch_submitted>(event))
            order += "batch ";
        if (std::holds_alternative<tidemark::streaming_stopped>(event))
            order += "stop ";
    }
    return order;
}

/// Both ends of a pipe.
class pipe_pair {
public:
    pipe_pair()
    {
        if (::pipe(ends_) != 0)
            throw std::runtime_error("no pipe");
    }
    pipe_pair(pipe_pair const&) = delete;
    pipe_pair& operator=(pipe_pair const&) = delete;
    ~pipe_pair()
    {
        close_input();
        ::close(ends_[0]);
    }

    [[nodiscard]] int output() const { return ends_[0]; }
    void close_input()
    {
        if (ends_[1] >= 0)
            ::close(std::exchange(ends_[1], -1));
    }

private:
    int ends_[2] = {-1, -1};
};

} // namespace

TEST_CASE("a receiver tells that it has started, and that it has stopped with the application", "[runtime][events]")
{
    pipe_pair const pipe;
    auto const ssc = tidemark::streaming_context(1_s, small);
    tidemark::line_source const input(pipe.output());
    driver run(ssc.application(ssc.source_stream<"lines">(input) | foreach_rdd(read_all)));
    run.start();
    CHECK_FALSE(run.next().failure);
    run.stop();
    CHECK(order_of(run) == "start receives batch ends stop ");
    auto const started = all_of<tidemark::receiver_started>(run).at(0).receiver;
    CHECK(started.source == "lines");
    CHECK(started.description == "lines(descriptor " + std::to_string(pipe.output()) + ")");
    CHECK(started.active);
    CHECK(started.last_error_message.empty());
    CHECK(started.last_error_time == -1);
    CHECK_FALSE(all_of<tidemark::receiver_stopped>(run).at(0).receiver.active);
    CHECK(all_of<tidemark::receiver_error>(run).empty());
}

TEST_CASE("a receiver whose input ends has stopped by itself, and says so once", "[runtime][events]")
{
    pipe_pair pipe;
    tidemark::line_source const input(pipe.output());
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream(input) | foreach_rdd(read_all)));
    run.start();
    pipe.close_input();
    CHECK(input.wait_until_ended());
    CHECK_FALSE(run.next().failure);
    run.stop();
    CHECK(order_of(run) == "start receives ends batch stop ");
}

TEST_CASE("a receiver tells its errors with the next batch, and is active while it tries again", "[runtime][events]")
{
    using kind = tidemark::receiver_change::kind;
    auto const source = std::make_shared<tidemark_test::script>();
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(
        ssc.application(ssc.source_stream<"feed">(tidemark_test::counting_source(source)) | foreach_rdd(read_all)));
    source->changes = {{kind::started, ""}};
    run.start();
    source->changes = {{kind::error, "refused"}};
    CHECK_FALSE(run.next().failure);
    CHECK_FALSE(run.next().failure);
    source->changes = {{kind::error, "reset"}, {kind::stopped, ""}};
    CHECK_FALSE(run.next().failure);
    CHECK(order_of(run) == "start receives error batch batch error ends batch ");
    auto const errors = all_of<tidemark::receiver_error>(run);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].receiver.source == "feed");
    CHECK(errors[0].receiver.description == "counting");
    CHECK(errors[0].receiver.active);
    CHECK(errors[0].receiver.last_error_message == "refused");
    CHECK(errors[0].receiver.last_error_time == 1000);
    auto const stopped = all_of<tidemark::receiver_stopped>(run).at(0).receiver;
    CHECK_FALSE(stopped.active);
    CHECK(stopped.last_error_message == "reset");
    CHECK(stopped.last_error_time == 3000);
}

TEST_CASE("an error that ends a receiver is told before its end", "[runtime][events]")
{
    int const descriptor = ::open("/", O_RDONLY | O_CLOEXEC); // a directory, of which no line can be read
    tidemark::line_source const input(descriptor);
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream(input) | foreach_rdd(read_all)));
    run.start();
    CHECK(input.wait_until_ended());
    CHECK_FALSE(run.next().failure);
    CHECK(order_of(run) == "start receives error ends batch ");
    CHECK(all_of<tidemark::receiver_stopped>(run).at(0).receiver.last_error_message.find("taken as its end")
          != std::string::npos);
    ::close(descriptor);
}

TEST_CASE("a source that does not receive by itself is no receiver", "[runtime][events]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream(tidemark::testing::batch_source<int>({})) | foreach_rdd(read_all)));
    run.start();
    CHECK_FALSE(run.next().failure);
    run.stop();
    CHECK(order_of(run) == "start batch stop ");
}

TEST_CASE("a file source tells which files a batch was made of", "[runtime][events]")
{
    reading::directory const files;
    auto const first = files.write("a", "1\n2\n", 500);
    auto const second = files.write("b", "3\n", 900);
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.text_file_stream<"plays">(files.path()) | foreach_rdd(read_all)));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK_FALSE(run.next().failure);
    auto const batches = all_of<tidemark::batch_completed>(run);
    REQUIRE(batches.size() == 2);
    auto const& input = batches[0].batch.inputs.at(0);
    CHECK(input.source == "plays");
    CHECK(input.records == 3);
    CHECK(input.metadata.at("Description") == first + "\n" + second);
    CHECK(input.description() == input.metadata.at("Description"));
    CHECK(all_of<tidemark::batch_submitted>(run).at(0).batch.inputs.at(0).description() == input.description());
    CHECK(batches[1].batch.inputs.at(0).metadata.empty());
    CHECK(batches[1].batch.inputs.at(0).description().empty());
}

TEST_CASE("a file that comes too late is a problem of its source, told once", "[runtime][events]")
{
    reading::directory const files;
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.text_file_stream<"plays">(files.path(), {.remember_at_least = 2_s})
                               | foreach_rdd(read_all)));
    run.start();
    run.run_to(batch_time(4000));
    CHECK(all_of<tidemark::source_problem>(run).empty());
    auto const late = files.write("late", "1\n", 2500); // the batch of 5 s takes what is younger than 3 s
    files.write("new", "2\n", 4500);
    run.run_to(batch_time(8000));
    auto const problems = all_of<tidemark::source_problem>(run);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].batch_time == 5000);
    CHECK(problems[0].source == "plays");
    CHECK(problems[0].reason
          == "1 file passed over: " + late
                 + "; when it came it had not been modified since 3000 ms; touch it to have it read, or raise "
                   "remember_at_least (2 s) where files take longer to come");
}

TEST_CASE("of very many files the first hundred are told", "[runtime][events]")
{
    reading::directory const files;
    for (int i = 100; i < 205; ++i)
        (void)files.write(std::to_string(i), "", 500);
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.text_file_stream(files.path()) | foreach_rdd(read_all)));
    run.start();
    CHECK_FALSE(run.next().failure);
    std::string const words(all_of<tidemark::batch_completed>(run).at(0).batch.inputs.at(0).description());
    CHECK(std::count(words.begin(), words.end(), '\n') == 100);
    CHECK(words.ends_with("/199\nand 5 more"));
}

TEST_CASE("the records of a batch are those of all its sources", "[runtime][events]")
{
    using tidemark::testing::batch_source;
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const two = ssc.source_stream<"two">(batch_source<int>({std::vector{1, 2}}));
    auto const three = ssc.source_stream<"three">(batch_source<int>({std::vector{1, 2, 3}}));
    driver run(
        ssc.application(two | foreach_rdd(read_all), three | foreach_rdd(read_all), two | foreach_rdd(read_all)));
    run.start();
    CHECK_FALSE(run.next().failure);
    auto const batch = all_of<tidemark::batch_completed>(run).at(0).batch;
    CHECK(batch.inputs.size() == 2);
    CHECK(batch.records() == 5);
}

TEST_CASE("a source gives one batch its input once", "[runtime][events]")
{
    tidemark::leaf_stage<tidemark::testing::batch_source<int>> stage(
        "numbers", tidemark::testing::batch_source<int>({std::vector{1}}));
    stage.open(reading::environment());
    stage.plan(batch_time(1000));
    CHECK_THROWS_AS(stage.plan(batch_time(1000)), tidemark::usage_error);
    CHECK_THROWS_AS(stage.missed(batch_time(1000)), tidemark::usage_error);
    CHECK_NOTHROW(stage.plan(batch_time(2000)));
}

TEST_CASE("delays are unknown until what they need is known", "[runtime][events]")
{
    tidemark::batch_info batch;
    batch.submission_time = 1000;
    CHECK_FALSE(batch.scheduling_delay());
    CHECK_FALSE(batch.processing_delay());
    CHECK_FALSE(batch.total_delay());
    batch.processing_start = 1010;
    CHECK(batch.scheduling_delay() == 10);
    CHECK_FALSE(batch.processing_delay());
    CHECK_FALSE(batch.total_delay());
    batch.processing_end = 1500;
    CHECK(batch.processing_delay() == 490);
    CHECK(batch.total_delay() == 500);
    tidemark::output_operation_info operation;
    CHECK_FALSE(operation.duration());
    operation.start = 5;
    CHECK_FALSE(operation.duration());
    operation.end = 7;
    CHECK(operation.duration() == 2);
}
