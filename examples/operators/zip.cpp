// SPDX-License-Identifier: BSL-1.0
//
// zip: records of two expressions, place by place.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "sea"}, 2);
    support::show("words and lengths", words | tide::zip(words | tide::map(&std::string::size)) | tide::collect());
}
