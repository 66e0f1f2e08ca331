// SPDX-License-Identifier: BSL-1.0
//
// binary_records_stream: records of four bytes from the files of a directory. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

tide::batch_time const start(1'000'000'000'000);

/// Writes a file as of the time at which the program starts.
void write_file(std::string const& name, std::string const& bytes)
{
    auto const path = std::filesystem::path("in") / name;
    std::ofstream(path) << bytes;
    std::chrono::sys_time<std::chrono::milliseconds> const time(std::chrono::milliseconds(start.count()));
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(time));
}

std::string text_of(std::vector<std::byte> const& record)
{
    std::string text;
    for (auto const byte : record)
        text.push_back(static_cast<char>(byte));
    return text;
}

int main()
{
    std::filesystem::create_directory("in");
    write_file("one", "tideebb.");
    write_file("two", "flow");
    write_file(".three", "none"); // hidden
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(1_s);
    auto const records =
        ssc.binary_records_stream<"records">("in", 4, tide::file_source_options{.existing = tide::read_existing::all});
    tide::testing::driver run(ssc.application(records | tide::map(text_of) | tide::foreach_rdd([](auto const& rdd) {
                                                  support::show("batch", support::sorted(rdd | tide::collect()));
                                              })),
                              start);
    run.start();
    run.run_next(); // all that is there at the first start
    run.run_next();
}
