// SPDX-License-Identifier: BSL-1.0
//
// flat_map: any number of records for each record: all of a range, or the value of an optional.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace tide = tidemark;

std::vector<int> up_to(int number)
{
    std::vector<int> all;
    for (int each = 1; each <= number; ++each)
        all.push_back(each);
    return all;
}

std::optional<int> parse(std::string const& text)
{
    int number = 0;
    auto const* const end = text.data() + text.size();
    return std::from_chars(text.data(), end, number).ptr == end ? std::optional(number) : std::nullopt;
}

int main()
{
    tide::rdd_context const rc;
    support::show("up to each", rc.parallelize(std::vector{2, 0, 3}) | tide::flat_map(up_to) | tide::collect());
    auto const texts = rc.parallelize(std::vector<std::string>{"7", "seven", "8"});
    support::show("numbers", texts | tide::flat_map(parse) | tide::collect());
}
