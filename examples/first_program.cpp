// SPDX-License-Identifier: BSL-1.0
//
// first_program: counts the words of every file that appears in a directory, and goes on counting after a crash.

#include <tidemark/tidemark.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

std::vector<std::string> words_of(std::string const& line)
{
    std::istringstream text(line);
    return {std::istream_iterator<std::string>(text), {}};
}

std::int64_t count_up(std::string const& /*word*/, std::optional<std::int64_t> more, tide::state<std::int64_t>& total)
{
    total.update(total.get_option().value_or(0) + more.value_or(0));
    return total.get();
}

tide::application word_counts(tide::checkpoint_directory where)
{
    auto ssc = tide::streaming_context(1_s, where).named("word-counts");
    auto counts = ssc.text_file_stream<"texts">("texts", {.existing = tide::read_existing::all})
                  | tide::flat_map(words_of)
                  | tide::map([](std::string const& word) { return std::pair(word, std::int64_t{1}); })
                  | tide::reduce_by_key(std::plus<>())
                  | tide::map_with_state<"counts">(tide::state_spec(count_up), tide::checkpoint_every(2_s));
    return ssc.application(counts | tide::state_snapshots() | tide::foreach_rdd<"top">([](auto const& rdd) {
                               for (auto const& [word, count] :
                                    rdd | tide::top(3, [](auto const& pair) { return pair.second; }))
                                   std::printf("%s %lld  ", word.c_str(), static_cast<long long>(count));
                               std::printf("\n");
                           }));
}

int main()
try {
    std::filesystem::create_directory("texts");
    auto app = tide::get_or_create(tide::checkpoint_directory("state"), word_counts);
    app.start();
    if (!app.await_termination_for(std::chrono::seconds(5)))
        app.stop();
} catch (std::exception const& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
}
