// SPDX-License-Identifier: BSL-1.0
//
// count_by_value: how often each word occurs.

#include "../support/show.hpp"
#include "../support/words.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "ebb"});
    support::show("counts", support::sorted(words | tide::count_by_value() | tide::collect()));

    auto const lines = rc.parallelize(std::vector<std::string>{"ebb and flow", "flow and ebb and flow"});
    auto const words_in = [](std::string const& line) { return support::word_range(line); };
    support::show("of views",
                  support::sorted(lines | tide::flat_map(words_in) | tide::count_by_value() | tide::collect()));
}
