// SPDX-License-Identifier: BSL-1.0
//
// save_as_object_files: each batch as a directory of checked files, read back as an rdd. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using plays = std::pair<std::string, int>;

int main()
{
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 2, .threads = 1}>(1_s);
    auto const stream = ssc.queue_stream(std::vector<std::vector<plays>>{{{"cats", 2}, {"dogs", 1}}, {{"cats", 5}}});
    tide::testing::driver run(ssc.application(stream | tide::save_as_object_files("plays", "bin")));
    run.start();
    run.run_to(tide::batch_time(2000));

    tide::rdd_context const rc;
    for (auto const* const name : {"plays-1000.bin", "plays-2000.bin"})
        support::show(name, rc.object_file<plays>(name) | tide::collect());
    try {
        (void)rc.object_file<std::string>("plays-1000.bin");
    } catch (tide::incompatible_file const& problem) {
        std::cout << problem.what() << "\n";
    }
}
