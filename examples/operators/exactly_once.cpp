// SPDX-License-Identifier: BSL-1.0
//
// exactly_once: what came through a pipe is logged, and is in the files once, though its batches run twice.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace tide = tidemark;
using namespace tidemark::literals;

/// The lines of the pipe `from`, saved, and an output that may be unable to finish its batches.
auto saved_lines(tide::line_source const& input, bool finishes)
{
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(
        1_s, tide::checkpoint_directory("checkpoint"));
    auto const lines = ssc.source_stream<"lines">(input) | tide::write_ahead_log();
    return ssc.application(lines | tide::foreach_rdd<"finish">([finishes](auto const& rdd) {
                               for (auto const& line : rdd | tide::collect())
                                   std::cout << (finishes ? "finished " : "cannot finish ") << line << '\n';
                               if (!finishes)
                                   throw std::runtime_error("not now");
                           }),
                           lines | tide::save_as_text_files<"saved">("batches/lines") | tide::exactly_once());
}

void print_saved()
{
    for (auto const& batch : std::filesystem::directory_iterator("batches")) {
        std::ifstream in(batch.path() / "part-00000");
        for (std::string line; std::getline(in, line);)
            std::cout << "saved " << line << '\n';
    }
}

int main()
{
    int ends[2];
    std::string const text = "tide\nebb\n";
    if (::pipe(ends) != 0 || ::write(ends[1], text.data(), text.size()) < 0)
        return 1;
    ::close(ends[1]);

    tide::line_source const input(ends[0]);
    {
        tide::testing::driver run(saved_lines(input, false));
        run.start();
        while (!input.ended())
            (void)run.next(); // some fail
        print_saved();
    } // as a kill would end it

    tide::testing::driver run(saved_lines(input, true));
    run.start(); // its batches run again, with the lines that the pipe no longer has
    print_saved();
}
