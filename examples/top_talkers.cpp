// SPDX-License-Identifier: BSL-1.0
//
// top_talkers: which hosts of a network have sent the most bytes lately, over a window that slides.
//
//   top_talkers generate <flows> <seed>   prints made-up flows, the same for the same seed
//   top_talkers <file of flows>           plays them back, 200 every 50 ms
//
// A line is a flow, "source destination bytes", as in "10.0.0.7 10.0.1.2 1500". A window is the last 1000 flows, and
// slides by 400. For each window the program prints its number and the three hosts that have sent the most in it. It
// ends when the last flow has left the window.

#include "support/play_generator.hpp"

#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/tidemark.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

namespace {

constexpr std::size_t flows_per_batch = 200;
constexpr std::size_t talkers_shown = 3;

struct flow {
    std::string source;
    std::string destination;
    std::int64_t bytes = 0;
};

/// Some hosts talk far more than others, and which ones these are changes every 2000 flows.
void generate(std::int64_t flows, std::uint64_t seed)
{
    support::random_numbers random(seed);
    for (std::int64_t number = 0; number < flows; ++number) {
        auto const host = (random.below(1 + random.below(50)) + 7 * (number / 2000)) % 50;
        std::cout << "10.0.0." << host << " 10.0.1." << random.below(250) << ' ' << 40 + random.below(1461) << '\n';
    }
}

std::vector<flow> read_flows(std::string const& name)
{
    std::ifstream file(name);
    std::vector<flow> flows;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        flow each;
        if (!(words >> each.source >> each.destination >> each.bytes))
            throw std::runtime_error(name + ": line " + std::to_string(flows.size() + 1) + " is \"" + line
                                     + "\"; expected source, destination and bytes");
        flows.push_back(std::move(each));
    }
    if (!file.eof())
        throw std::runtime_error("cannot read " + name);
    return flows;
}

using talker = std::pair<std::string, std::int64_t>;

talker by_source(flow const& one) { return {one.source, one.bytes}; }
std::int64_t plus(std::int64_t left, std::int64_t right) { return left + right; }
std::int64_t minus(std::int64_t all, std::int64_t leaving) { return all - leaving; }
bool is_talking(talker const& host) { return host.second != 0; }

/// Prints a window, and stops the application at the first one in which nobody talks after somebody has.
struct print_top {
    int number = 0;
    bool begun = false;

    template <typename Rdd>
    void operator()(Rdd const& talkers)
    {
        ++number;
        auto const leading = talkers | tide::top(talkers_shown, &talker::second);
        if (!leading.empty())
            std::cout << "window " << number << '\n';
        for (auto const& [host, bytes] : leading)
            std::cout << "  " << host << ' ' << bytes << '\n';
        if (begun && leading.empty())
            tide::get_active()->request_stop();
        begun = !leading.empty();
    }
};

/// With an inverse a slide costs what comes and what goes, however long the window is; a host that falls silent is
/// dropped by the filter. Such a window is a state, and lives in a checkpoint: here in one that ends with the program.
void play_back(std::vector<flow> const& flows)
{
    auto const ssc = tide::streaming_context(50_ms, tide::checkpoint_directory(tide::memory_storage()));
    auto app = ssc.application(ssc.from_range<"flows">(flows, flows_per_batch) | tide::map(by_source)
                               | tide::reduce_by_key_and_window<"talkers">(plus, minus, 250_ms, 100_ms, is_talking)
                               | tide::foreach_rdd<"top">(print_top{}));
    app.start();
    app.await_termination();
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc == 4 && std::string(argv[1]) == "generate")
        generate(std::stoll(argv[2]), std::stoull(argv[3]));
    else if (argc == 2)
        play_back(read_flows(argv[1]));
    else
        throw std::invalid_argument("usage: top_talkers generate <flows> <seed>, or top_talkers <file of flows>");
    return 0;
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
