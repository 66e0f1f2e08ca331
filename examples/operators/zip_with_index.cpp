// SPDX-License-Identifier: BSL-1.0
//
// zip_with_index: records with their places, and with numbers of their own.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "sea"}, 2);
    support::show("places", words | tide::zip_with_index() | tide::collect());
    support::show("unique numbers", words | tide::zip_with_unique_id() | tide::collect());
}
