// SPDX-License-Identifier: BSL-1.0
//
// transform: whatever can be done with an rdd, done with the rdds of each batch.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const always = rc.parallelize(std::vector<std::string>{"end"});
    tide::testing::batches<std::string> const input{{"a", "b"}, {}, {"c"}};
    support::show_batches(tide::testing::run_batches<std::string>(input, [always](auto words) {
        return words | tide::transform([always](auto const& batch, tide::batch_time time) {
                   auto const when = std::to_string(time.count() / 1000);
                   return batch | tide::map([when](std::string const& word) { return word + "@" + when; })
                          | tide::union_(always);
               });
    }));
}
