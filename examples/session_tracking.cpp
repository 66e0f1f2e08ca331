// SPDX-License-Identifier: BSL-1.0
//
// session_tracking: the clicks of users become sessions, and each session that is over a row of an SQLite database.
//
//   session_tracking <folder of clicks> <database> <clicks to wait for>
//
// A line of a file is a click, "user milliseconds", as in "ann 1552859040000". Two clicks of a user that are more than
// half an hour apart belong to two sessions. The last session of a user is over when no click has come for five
// seconds. However often the program is killed, each session is in the database once. It ends when the sessions there
// have so many clicks in all.

#include "support/run_until.hpp"
#include "support/sqlite_sink.hpp"

#include <tidemark/tidemark.hpp>

#include <boost/hana/define_struct.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace std::chrono_literals;
using namespace tidemark::literals;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t longest_pause = std::chrono::milliseconds(30min).count();

/// A session that still goes on; a Hana structure is saved member by member.
struct open_session {
    BOOST_HANA_DEFINE_STRUCT(open_session, (std::int64_t, first), (std::int64_t, last), (std::int64_t, clicks));
};

/// A session that is over, as a row: user, first click, last click, number of clicks.
using session = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>;

session ended(std::string const& user, open_session const& open) { return {user, open.first, open.last, open.clicks}; }

std::pair<std::string, std::int64_t> click_of(std::string const& line)
{
    auto const blank = line.find(' ');
    return {line.substr(0, blank), std::stoll(line.substr(blank + 1))};
}

/// Called for each user with clicks in a batch, and once more when none have come for a while. Gives what is over.
std::vector<session> track(std::string const& user, std::optional<std::vector<std::int64_t>> clicks,
                           tide::state<open_session>& state)
{
    if (state.is_timing_out())
        return {ended(user, state.get())};
    std::sort(clicks->begin(), clicks->end()); // a batch may have several files
    std::vector<session> over;
    auto open = state.exists() ? state.get() : open_session{clicks->front(), clicks->front(), 0};
    for (auto const click : *clicks) {
        if (click - open.last > longest_pause) {
            over.push_back(ended(user, open));
            open = {click, click, 0};
        }
        open.last = click;
        ++open.clicks;
    }
    state.update(open);
    return over;
}

tide::application sessions_into_database(fs::path const& folder, fs::path const& database)
{
    auto const ssc = tide::streaming_context(100_ms, tide::checkpoint_directory(database.string() + ".checkpoint"))
                         .named("sessions");
    support::sqlite_sink const table(database, "INSERT INTO sessions VALUES (?, ?, ?, ?)");
    return ssc.application(
        ssc.text_file_stream<"clicks">(folder.string(), tide::text_file_options{.existing = tide::read_existing::all})
        | tide::map(click_of) | tide::group_by_key()
        | tide::map_with_state<"open">(tide::state_spec(track).timeout(5_s), tide::checkpoint_every(1_s))
        | tide::flat_map([](std::vector<session> const& over) { return over; })
        | tide::save_in_transactions<"sessions">(table) | tide::exactly_once());
}

/// The sessions in the database, a line each; adds up their clicks.
std::string sessions(fs::path const& database, std::int64_t& clicks)
{
    std::string lines;
    support::sqlite_database(database).each_row("SELECT user, first, last, clicks FROM sessions ORDER BY user, first",
                                                [&](auto const& row) {
                                                    lines += row[0] + " " + row[1] + " " + row[2] + " " + row[3] + "\n";
                                                    clicks += std::stoll(row[3]);
                                                });
    return lines;
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 4)
        throw std::invalid_argument("usage: session_tracking <folder of clicks> <database> <clicks to wait for>");
    fs::path const database(argv[2]);
    auto const wanted = std::stoll(argv[3]);
    support::sqlite_database(database).run(
        "CREATE TABLE IF NOT EXISTS sessions(user TEXT, first INTEGER, last INTEGER, clicks INTEGER)");
    auto app = sessions_into_database(argv[1], database);
    return support::run_until(app, wanted, [&](std::int64_t& clicks) { return sessions(database, clicks); });
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
