// SPDX-License-Identifier: BSL-1.0
//
// state_export: the states of a stopped program as a plain Boost archive, and the next program that begins with them.

#include <tidemark/checkpoint/state_export.hpp>
#include <tidemark/checkpoint/state_import.hpp>
#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/archive/text_iarchive.hpp>
#include <boost/archive/text_oarchive.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using play = std::pair<std::string, std::int64_t>;

std::int64_t add(std::string const&, std::optional<std::int64_t> seconds, tide::state<std::int64_t>& state)
{
    state.update(state.get_option().value_or(0) + *seconds);
    return state.get();
}

/// Two batches of a program that keeps its states in `directory`, as `specification` says.
template <typename Specification>
void run(std::string const& directory, std::vector<play> const& plays, Specification specification)
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(directory));
    tide::testing::driver driver(ssc.application(ssc.from_range<"plays">(plays, 2)
                                                 | tide::map_with_state<"watched">(specification)
                                                 | tide::foreach_rdd([](auto const&) {})));
    driver.start();
    driver.run_next();
    driver.run_next();
    driver.stop();
}

void print(std::string const& directory)
{
    std::map<std::string, std::int64_t> sorted;
    auto const from = tide::for_each_state<std::string, std::int64_t>(
        directory, "watched", [&](std::string const& video, std::int64_t seconds) { sorted[video] = seconds; });
    std::cout << from.states << " states of " << from.kind << " after batch " << from.time.count() << " ms\n";
    for (auto const& [video, seconds] : sorted)
        std::cout << "  " << video << ": " << seconds << " s\n";
}

int main()
{
    run("old", {{"surf", 30}, {"cats", 5}, {"surf", 12}, {"cats", 1}}, tide::state_spec(add));
    print("old");

    {
        std::ofstream file("watched.txt");
        boost::archive::text_oarchive archive(file);
        tide::export_state<std::string, std::int64_t>("old", "watched", archive);
    }

    std::ifstream file("watched.txt");
    boost::archive::text_iarchive archive(file);
    auto const states = tide::import_state<std::string, std::int64_t>(archive);
    run("new", {{"surf", 8}, {"dogs", 4}}, tide::state_spec(add).initial_state(states));
    print("new");
}
