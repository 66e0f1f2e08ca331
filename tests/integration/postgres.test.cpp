// SPDX-License-Identifier: BSL-1.0
//
// postgres.test: a real process that is killed with SIGKILL again and again, while its PostgreSQL server crashes and
// comes back, has each line in the database once.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/get_or_create.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <integration/killed_program.hpp>
#include <integration/postgres_server.hpp>
#include <support/catch.hpp>

#include "../../examples/support/postgres_sink.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;

constexpr auto child_case = "a process that fills PostgreSQL and is going to be killed";
constexpr std::string_view last_word = "END"; // alone in the file that is published last

// ---- The program that is killed

std::optional<std::int64_t> add(std::vector<std::int64_t> const& values, std::optional<std::int64_t> before)
{
    for (auto const value : values)
        before = before.value_or(0) + value;
    return before;
}

struct beside_one {
    std::pair<std::string, std::int64_t> operator()(std::string const& line) const { return {line, 1}; }
};

tidemark::application program(fs::path const& where, std::string const& connection, std::chrono::milliseconds patience,
                              tidemark::checkpoint_directory checkpoint)
{
    // What was missed is one batch: the totals of a long run are many rows, and each batch writes them all.
    auto const ssc = tidemark::streaming_context(40_ms, std::move(checkpoint),
                                                 tidemark::settings{.partitions = 3,
                                                                    .key_groups = 8,
                                                                    .threads = 2,
                                                                    .retained_commits = 2,
                                                                    .down_time = tidemark::catch_up::merged})
                         .named("lines");
    auto const lines = ssc.text_file_stream<"files">(
        (where / "in").string(), tidemark::text_file_options{.existing = tidemark::read_existing::all});
    auto const ones = lines | tidemark::map(beside_one{});
    auto const totals = ones | tidemark::update_state_by_key<"totals">(add, tidemark::checkpoint_every(40_ms));
    auto const table = [&](char const* insert) { return support::postgres_sink(connection, insert, patience); };
    return ssc.application(
        ones | tidemark::save_in_transactions<"rows">(table("INSERT INTO line VALUES ($1, $2)"))
            | tidemark::exactly_once(),
        totals
            | tidemark::save_in_transactions<"totals">(
                table("INSERT INTO total VALUES ($1, $2) ON CONFLICT (text) DO UPDATE SET amount = excluded.amount"))
            | tidemark::exactly_once(),
        lines | tidemark::foreach_rdd<"end">([where](auto const& rdd) {
            for (auto const& line : rdd | tidemark::collect())
                if (line == last_word)
                    write_file(where / "results" / "end", "");
        }));
}

// ---- The one that kills

tally rows_of(std::string const& connection, std::string const& query)
{
    tally all;
    support::postgres_database(connection).each_row(query, [&](auto const& row) { all[row[0]] = std::stoll(row[1]); });
    return all;
}

/// How often to kill; a number in the environment replaces `otherwise`.
int kills_wanted(int otherwise)
{
    auto const* const asked = std::getenv("TIDEMARK_KILLS");
    return asked == nullptr ? otherwise : std::atoi(asked);
}

} // namespace

TEST_CASE("each line is in PostgreSQL once, whenever the process is killed and the server crashes",
          "[integration][postgres][exactly_once]")
{
    auto const server = postgres_server::start();
    if (!server)
        return;
    auto const seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto const below = [&random](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };
    auto const pass = [&below](int milliseconds) {
        std::this_thread::sleep_for(std::chrono::microseconds(below(1000 * milliseconds)));
    };

    scratch const place({"in", "results"});
    support::postgres_database(server->connection()
                               + " options='-c synchronous_commit=on'") // to be there after a crash
        .run("CREATE TABLE line(text text, amount bigint); CREATE TABLE total(text text PRIMARY KEY, amount bigint)");
    tally expected;
    int published = 0;
    auto const publish = [&](int lines) {
        std::string text;
        for (int i = 0; i < lines; ++i) {
            auto const line = std::to_string(published) + "-" + std::to_string(i);
            text += line + "\n";
            expected[line] = 1;
        }
        write_file(place.path() / "in" / std::to_string(published++), text);
    };
    auto const start = [&](int patience) {
        return child(child_case,
                     {{"TIDEMARK_KILL_DIRECTORY", place.path().string()},
                      {"TIDEMARK_KILL_CONNECTION", server->connection()},
                      {"TIDEMARK_KILL_PATIENCE", std::to_string(patience)}},
                     place.path() / "child-output");
    };

    auto const printed = [&] {
        std::ifstream in(place.path() / "child-output");
        return std::string(std::istreambuf_iterator<char>(in), {});
    };

    auto const kills = kills_wanted(60);
    int stops = 0;
    int failures = 0;
    for (int round = 0; round < kills; ++round) {
        publish(3);
        // Every other one does not wait for the server: then its outputs fail, and the next process runs them again.
        bool const patient = round % 2 == 0;
        child const victim = start(patient ? 60'000 : 1);
        victim.wait_for_events(static_cast<std::size_t>(below(12)));
        publish(3);
        pass(90); // anywhere in a batch, a transaction or a commit
        bool const crash = round % 3 == 0;
        bool const comes_back = below(2) == 0; // before the process is killed
        if (crash) {
            server->stop_immediately();
            ++stops;
            pass(60);
        }
        if (crash && comes_back) {
            server->start_again();
            publish(3);
            victim.wait_for_events(static_cast<std::size_t>(below(6)));
            pass(90);
        }
        victim.kill();
        auto const status = victim.wait();
        bool const gave_up = crash && !patient && status == 1;
        if (!gave_up && status != -SIGKILL)
            FAIL("in round " << round << " the process has ended with " << status << ": " << printed());
        failures += gave_up ? 1 : 0;
        if (crash && !comes_back)
            server->start_again();
    }

    // A process that is not killed goes on behind a crash of the server.
    publish(3);
    child const last = start(60'000);
    last.wait_for_events(6);
    server->stop_immediately();
    ++stops;
    publish(3);
    pass(200);
    server->start_again();
    write_file(place.path() / "in" / "last", std::string(last_word) + "\n");
    expected[std::string(last_word)] = 1;
    auto const ended = last.wait();
    CAPTURE(printed());
    REQUIRE(ended == 0);
    std::cout << kills - failures << " kills of the process, " << stops << " crashes of the server, " << failures
              << " failures of the process after one, " << expected.size() << " lines\n";

    CHECK(difference(expected, rows_of(server->connection(), "SELECT text, count(*) FROM line GROUP BY text")) == "");
    CHECK(difference(expected, rows_of(server->connection(), "SELECT text, amount FROM total")) == "");
}

TEST_CASE("a process that fills PostgreSQL and is going to be killed", "[.][kill-child]")
{
    auto const* const where = std::getenv("TIDEMARK_KILL_DIRECTORY");
    auto const* const progress = std::getenv("TIDEMARK_KILL_PROGRESS");
    auto const* const connection = std::getenv("TIDEMARK_KILL_CONNECTION");
    auto const* const patience = std::getenv("TIDEMARK_KILL_PATIENCE");
    if (where == nullptr || progress == nullptr || connection == nullptr || patience == nullptr)
        return;
    ::alarm(300); // should the last word never come
    fs::path const place(where);
    int const told = std::atoi(progress);
    auto app = tidemark::get_or_create(
        tidemark::checkpoint_directory(place / "checkpoint"), [&](tidemark::checkpoint_directory checkpoint) {
            return program(place, connection, std::chrono::milliseconds(std::atoi(patience)), std::move(checkpoint));
        });
    app.listen([&](tidemark::streaming_event const& event) {
        if (::write(told, "e", 1) != 1)
            return;
        if (std::holds_alternative<tidemark::batch_completed>(event) && fs::exists(place / "results" / "end"))
            app.request_stop();
    });
    ::signal(SIGPIPE, SIG_IGN); // nobody may be listening
    app.start();
    app.await_termination();
}
