// SPDX-License-Identifier: BSL-1.0
//
// broadcast: a value that all functions share, the same for a batch whenever it runs.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <set>
#include <string>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

std::set<std::string> read_stop_words() { return {"the", "a"}; } // from a file, say: called at the first start only

int main()
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(tide::memory_storage()));
    auto const stop = ssc.broadcast<"stop-words">(read_stop_words);
    auto const words = ssc.queue_stream<"words">(std::vector<std::vector<std::string>>{
        {"the", "tide", "and", "the", "time"}, {"a", "wave", "and", "a", "shore"}});
    tide::testing::driver run(ssc.application(
        words | tide::filter([stop](std::string const& word) { return !stop.value().contains(word); })
        | tide::foreach_rdd<"print">([](auto const& rdd) { support::show("words", rdd | tide::collect()); })));
    run.start();
    run.run_next();
    stop.update({"the", "a", "and"}); // from the next batch on, and in every repeat of it
    run.run_next();
}
