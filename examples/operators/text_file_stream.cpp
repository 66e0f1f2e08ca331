// SPDX-License-Identifier: BSL-1.0
//
// text_file_stream: the lines of new files, each file in the batch in which it was written. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace tide = tidemark;
using namespace tidemark::literals;

/// Writes a file elsewhere and moves it to where it is read, as of so many milliseconds since 1970.
void write_file(std::string const& name, std::string const& text, std::int64_t when)
{
    std::ofstream(name) << text;
    std::chrono::sys_time<std::chrono::milliseconds> const time{std::chrono::milliseconds(when)};
    std::filesystem::last_write_time(name, std::chrono::file_clock::from_sys(time));
    std::filesystem::rename(name, "in/" + name);
}

int main()
{
    std::filesystem::create_directory("in");
    tide::batch_time const start(1'000'000'000'000);
    write_file("before", "from before the start\n", start.count() - 1500);
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(1_s);
    tide::testing::driver run(
        ssc.application(ssc.text_file_stream("in") | tide::foreach_rdd([](auto const& rdd, tide::batch_time time) {
                            support::show(to_string(time), support::sorted(rdd | tide::collect()));
                        })),
        start);
    run.start();
    write_file("one", "ebb\nflow\n", start.count() + 500);
    run.run_next();
    write_file("two.tmp", "sea\n", start.count() + 1500);
    write_file(".hidden", "none\n", start.count() + 1500);
    run.run_next();
    run.run_next();
}
