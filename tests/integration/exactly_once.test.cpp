// SPDX-License-Identifier: BSL-1.0
//
// exactly_once.test: a real process that is killed with SIGKILL again and again delivers each line once, to files and
// to a database, from files and from a sender that forgets what it was acknowledged.

#include <tidemark/operators.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <examples/support/sqlite_sink.hpp>
#include <integration/killed_program.hpp>
#include <support/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;

constexpr auto child_case = "a process that delivers exactly once and is going to be killed";

// ---- A sender: each file of a folder is a message, named by its number; what is acknowledged is deleted.

class message_reader final : public tidemark::source_reader<std::string> {
public:
    message_reader(fs::path folder, std::size_t partitions)
        : folder_(std::move(folder))
        , partitions_(partitions)
    {}

    tidemark::batch_input<std::string> plan(tidemark::batch_time time) override
    {
        std::set<std::int64_t> waiting;
        for (auto const& entry : fs::directory_iterator(folder_))
            waiting.insert(std::stoll(entry.path().filename().string()));
        std::vector<std::string> lines;
        for (auto const message : waiting) {
            if (message <= last_)
                continue; // sent again: it was received, but the acknowledgement was lost
            std::ifstream in(folder_ / std::to_string(message));
            for (std::string line; std::getline(in, line);)
                lines.push_back(line);
            last_ = message;
        }
        given_[time] = last_;
        auto const records = lines.size();
        tidemark::partitioned<std::string> parts(partitions_);
        for (std::size_t i = 0; i < records; ++i)
            parts[i % partitions_].push_back(std::move(lines[i]));
        return {std::make_shared<tidemark::stored_dataset<std::string>>(std::move(parts)), tidemark::to_bytes(last_),
                [records] { return records; }};
    }

    /// The messages are gone; only where they ended is known.
    tidemark::batch_input<std::string> replay(tidemark::batch_time, std::span<std::byte const> plan) override
    {
        last_ = tidemark::from_bytes<std::int64_t>(plan);
        return {std::make_shared<tidemark::stored_dataset<std::string>>(tidemark::partitioned<std::string>()), {}, {}};
    }

    void planned(tidemark::batch_time time) override
    {
        auto const given = given_.extract(time);
        for (auto const& entry : fs::directory_iterator(folder_))
            if (!given.empty() && std::stoll(entry.path().filename().string()) <= given.mapped())
                fs::remove(entry.path());
    }

    std::vector<std::byte> position() const override { return tidemark::to_bytes(last_); }
    void seek(std::span<std::byte const> position) override { last_ = tidemark::from_bytes<std::int64_t>(position); }

private:
    fs::path folder_;
    std::size_t partitions_;
    std::int64_t last_ = -1;
    std::map<tidemark::batch_time, std::int64_t> given_;
};

class message_source {
public:
    using record_type = std::string;
    static constexpr std::string_view name = "messages";
    static constexpr bool replayable = false;

    explicit message_source(fs::path folder)
        : folder_(std::move(folder))
    {}

    [[nodiscard]] std::string describe() const { return "messages(" + folder_.string() + ")"; }
    [[nodiscard]] std::unique_ptr<message_reader> open(tidemark::source_environment const& environment) const
    {
        return std::make_unique<message_reader>(folder_, environment.partitions);
    }

private:
    fs::path folder_;
};

// ---- The program that is killed

tidemark::application program(fs::path const& where, tidemark::checkpoint_directory checkpoint)
{
    auto const ssc = tidemark::streaming_context(
                         40_ms, std::move(checkpoint),
                         tidemark::settings{.partitions = 3, .key_groups = 8, .threads = 2, .retained_commits = 2})
                         .named("lines");
    auto const from_files = ssc.text_file_stream<"files">(
        (where / "in").string(), tidemark::text_file_options{.existing = tidemark::read_existing::all});
    auto const from_sender =
        ssc.source_stream<"messages">(message_source(where / "messages")) | tidemark::write_ahead_log();
    auto const lines = from_files | tidemark::union_(from_sender);
    auto const ones = lines | tidemark::map(beside_one{});
    auto const totals = ones | tidemark::update_state_by_key<"totals">(add, tidemark::checkpoint_every(40_ms));
    auto const table = [&](char const* insert) { return support::sqlite_sink(where / "lines.db", insert); };
    return ssc.application(
        lines | tidemark::save_as_text_files<"text">((where / "out" / "batch").string()) | tidemark::exactly_once(),
        ones | tidemark::save_in_transactions<"rows">(table("INSERT INTO line VALUES (?, ?)"))
            | tidemark::exactly_once(),
        totals
            | tidemark::save_in_transactions<"totals">(
                table("INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount"))
            | tidemark::exactly_once(),
        end_in_results(lines, where));
}

// ---- The one that kills

tally lines_of_batches(fs::path const& folder)
{
    tally all;
    for (auto const& batch : fs::directory_iterator(folder))
        if (!batch.path().filename().string().starts_with(".")) // one that was being written when it was killed
            for (auto const& [line, times] : lines_in(batch.path()))
                all[line] += times;
    return all;
}

} // namespace

TEST_CASE("a process killed at any moment delivers each line once", "[integration][exactly_once]")
{
    auto const seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto const below = [&random](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };

    scratch const place({"in", "messages", "out", "results"});
    auto const database = place.path() / "lines.db";
    {
        support::sqlite_database made(database);
        made.run("CREATE TABLE line(text TEXT, amount INTEGER)");
        made.run("CREATE TABLE total(text TEXT PRIMARY KEY, amount INTEGER)");
    }
    tally expected;
    int published = 0;
    auto const publish = [&](char const* folder, int lines) {
        std::string text;
        for (int i = 0; i < lines; ++i) {
            auto const line = std::string(folder) + " " + std::to_string(published) + "-" + std::to_string(i);
            text += line + "\n";
            expected[line] = 1;
        }
        write_file(place.path() / folder / std::to_string(published++), text);
    };
    auto const start = [&] {
        return child(child_case, {{"TIDEMARK_KILL_DIRECTORY", place.path().string()}}, place.path() / "child-output");
    };

    auto const kills = kills_wanted(300);
    for (int round = 0; round < kills; ++round) {
        publish("in", 3);
        publish("messages", 2);
        child victim = start();
        victim.wait_for_events(static_cast<std::size_t>(below(12)));
        publish("messages", 2);
        std::this_thread::sleep_for(std::chrono::microseconds(below(90'000))); // anywhere in a batch or commit
        victim.kill();
        REQUIRE(victim.wait() == -SIGKILL);
    }
    write_file(place.path() / "in" / "last", std::string(last_word) + "\n");
    expected[std::string(last_word)] = 1;
    child last = start();
    INFO("the last run wrote to " << (place.path() / "child-output"));
    REQUIRE(last.wait() == 0);

    CHECK(difference(expected, lines_of_batches(place.path() / "out")) == "");
    CHECK(difference(expected,
                     rows_of(support::sqlite_database(database), "SELECT text, count(*) FROM line GROUP BY text"))
          == "");
    CHECK(difference(expected, rows_of(support::sqlite_database(database), "SELECT text, amount FROM total")) == "");
}

TEST_CASE("a process that delivers exactly once and is going to be killed", "[.][kill-child]")
{
    auto const* const where = std::getenv("TIDEMARK_KILL_DIRECTORY");
    if (where == nullptr)
        return;
    run_until_killed(where, 120, {"end"},
                     [&](tidemark::checkpoint_directory checkpoint) { return program(where, std::move(checkpoint)); });
}
