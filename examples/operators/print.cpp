// SPDX-License-Identifier: BSL-1.0
//
// print: the first records of each batch on the screen, all of them in files, and what a function does with them.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using height = std::pair<std::string, double>;

int main()
{
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(1_s).named("harbour");
    auto const heights =
        ssc.queue_stream(std::vector<std::vector<height>>{{{"Brest", 7.5}, {"Dover", 6}, {"Kiel", 0.1}}, {}});
    tide::testing::driver run(ssc.application(
        heights | tide::print(2), heights | tide::save_as_text_files("saved/heights", "txt"),
        heights | tide::foreach_rdd<"how many">([](auto const& rdd, tide::output_batch const& batch) {
            std::cout << batch.name << " of " << batch.time << ": " << tide::count_records(rdd) << "\n\n";
        })));
    run.start();
    run.run_to(tide::batch_time(2000));

    for (auto const* const name : {"heights-1000.txt", "heights-2000.txt"}) {
        std::cout << name << ":\n";
        std::ifstream in("saved/" + std::string(name) + "/part-00000");
        for (std::string line; std::getline(in, line);)
            std::cout << "  " << line << "\n";
    }
}
