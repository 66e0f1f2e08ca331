// SPDX-License-Identifier: BSL-1.0
//
// postgres.test: a real process that is killed with SIGKILL again and again, while its PostgreSQL server crashes and
// comes back, has each line in the database once.

#include <tidemark/operators.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <examples/support/postgres_sink.hpp>
#include <integration/killed_program.hpp>
#include <integration/postgres_server.hpp>
#include <support/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <utility>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;

constexpr auto child_case = "a process that fills PostgreSQL and is going to be killed";

// ---- The program that is killed

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
        end_in_results(lines, where));
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
        child victim = start(patient ? 60'000 : 1);
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
    child last = start(60'000);
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

    auto const database = [&] { return support::postgres_database(server->connection()); };
    CHECK(difference(expected, rows_of(database(), "SELECT text, count(*) FROM line GROUP BY text")) == "");
    CHECK(difference(expected, rows_of(database(), "SELECT text, amount FROM total")) == "");
}

TEST_CASE("a process that fills PostgreSQL and is going to be killed", "[.][kill-child]")
{
    auto const* const where = std::getenv("TIDEMARK_KILL_DIRECTORY");
    auto const* const connection = std::getenv("TIDEMARK_KILL_CONNECTION");
    auto const* const patience = std::getenv("TIDEMARK_KILL_PATIENCE");
    if (where == nullptr || connection == nullptr || patience == nullptr)
        return;
    run_until_killed(where, 300, {"end"}, [&](tidemark::checkpoint_directory checkpoint) {
        return program(where, connection, std::chrono::milliseconds(std::atoi(patience)), std::move(checkpoint));
    });
}
