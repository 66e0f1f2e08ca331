// SPDX-License-Identifier: BSL-1.0
//
// page_rank: ranks pages by the links between them, in a loop over rdds whose lineage checkpoints keep short.
//
//   page_rank <file of links> <rounds>
//
// A line is a link, "from to". In each round a page gives its rank to the pages that it links to, in equal parts, and
// its new rank is 0.15 and 0.85 of what it gets. The program prints the ranks of all pages, highest first. To the
// standard error it writes how long the lineage was before and after each checkpoint.

#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

constexpr int rounds_per_checkpoint = 5;

using page = std::string;
using page_and_rank = std::pair<page, double>;
using neighbours = std::vector<page>;

std::pair<page, page> link_of(std::string const& line)
{
    auto const blank = line.find(' ');
    return {line.substr(0, blank), line.substr(blank + 1)};
}

/// What a page gives to its neighbours. 0 to itself, so that a page to which nobody links keeps its place.
std::vector<page_and_rank> spread(std::pair<page, std::pair<neighbours, double>> const& one)
{
    auto const& [from, value] = one;
    auto const& [to, rank] = value;
    std::vector<page_and_rank> parts{{from, 0.0}};
    for (auto const& neighbour : to)
        parts.emplace_back(neighbour, rank / static_cast<double>(to.size()));
    return parts;
}

double damped(double received) { return 0.15 + 0.85 * received; }

/// The number of steps that an action would go back through.
template <typename Rdd>
auto lineage_length(Rdd const& rdd)
{
    auto const text = tide::to_debug_string(rdd);
    return std::count(text.begin(), text.end(), '\n');
}

std::vector<page_and_rank> rank_pages(std::string const& file, int rounds)
{
    tide::rdd_settings how;
    how.clean_checkpoints = true; // with the last handle of each, since only the newest is needed
    tide::rdd_context const rc(4, tide::checkpoint_directory("page_rank.checkpoint"), how);
    auto const links =
        rc.text_file(file) | tide::map(link_of) | tide::distinct() | tide::group_by_key() | tide::cache();
    tide::rdd<page_and_rank> ranks = links | tide::map_values([](neighbours const&) { return 1.0; });
    for (int round = 1; round <= rounds; ++round) {
        ranks = links | tide::join(ranks) | tide::flat_map(spread) | tide::reduce_by_key(std::plus<>())
                | tide::map_values(damped);
        if (round % rounds_per_checkpoint != 0)
            continue;
        auto const before = lineage_length(ranks);
        ranks = ranks | tide::checkpoint(); // only a mark, until an action has run
        (void)tide::count_records(ranks);
        std::cerr << "round " << round << ": lineage " << before << " -> " << lineage_length(ranks) << '\n';
    }
    return ranks | tide::sort_by(&page_and_rank::second, tide::sort_order::descending) | tide::collect();
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 3)
        throw std::invalid_argument("usage: page_rank <file of links> <rounds>");
    for (auto const& [name, rank] : rank_pages(argv[1], std::stoi(argv[2])))
        std::printf("%s %.6f\n", name.c_str(), rank);
    return 0;
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
