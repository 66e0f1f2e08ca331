// SPDX-License-Identifier: BSL-1.0
//
// file_streams: streams of real files through a kill and the time in which nothing runs.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/testing/driver.hpp>

#include <sources/reading.hpp>

#include <algorithm>

namespace tidemark_test {
namespace {

using tidemark::batch_time;
using tidemark::duration;

/// What a case says of the batches, and where the files are.
struct file_case {
    json::array input;
    duration batch;
    duration window;
    duration slide;
    reduction reduce;
    reading::directory files{};

    [[nodiscard]] batch_time time_of(std::int64_t number) const { return batch_time() + batch * number; }
    [[nodiscard]] std::int64_t batches() const { return static_cast<std::int64_t>(input.size()); }

    /// The file of batch `number`, a line for each element, appears in the midst of its interval.
    void appear(std::int64_t number) const
    {
        auto const& elements = input.at(static_cast<std::size_t>(number - 1));
        if (elements.is_null())
            return;
        std::string text;
        for (auto const& each : elements.as_array())
            text += std::to_string(each.as_int64()) + "\n";
        files.write("file-" + std::to_string(number), text, (time_of(number) - batch / 2).count());
    }

    /// The library has no reduce_by_window here; this is what it means.
    [[nodiscard]] tidemark::application application(tidemark::any_storage const& where, outputs& found) const
    {
        auto const ssc =
            tidemark::streaming_context(batch, tidemark::checkpoint_directory(where), tidemark::settings{.threads = 1});
        auto const by_nothing = [](value const& some) { return value_pair(value(), some); };
        auto const sums = ssc.text_file_stream<"files">(files.path())
                          | tidemark::map([](std::string const& line) { return value(std::int64_t{std::stoll(line)}); })
                          | tidemark::map(by_nothing) | tidemark::reduce_by_key(reduce)
                          | tidemark::window(window, slide) | tidemark::reduce_by_key(reduce)
                          | tidemark::map([](value_pair const& sum) { return sum.second; });
        return ssc.application(sums | tidemark::foreach_rdd([&found, this](auto const& rdd, batch_time time) {
                                   found[(time - batch_time()) / batch] = rdd | tidemark::collect();
                               }));
    }
};

/// Batch `killed` runs when the driver dies; the files of `down` batches appear before it is there again.
outputs killed_in(file_case const& one, std::int64_t killed, std::int64_t down)
{
    tidemark::memory_storage const storage;
    outputs found;
    {
        tidemark::testing::driver first(one.application(tidemark::any_storage(storage), found));
        first.start();
        for (std::int64_t number = 1; number < killed; ++number) {
            one.appear(number);
            first.run_to(one.time_of(number));
        }
        one.appear(killed);
        first.clock().set(one.time_of(killed));
        (void)first.engine().generate(one.time_of(killed));
    }
    for (auto number = killed + 1; number <= killed + down; ++number)
        one.appear(number);
    tidemark::testing::driver second(one.application(tidemark::any_storage(storage.kill()), found),
                                     one.time_of(killed + down));
    second.start();
    for (auto number = killed + down + 1; number <= one.batches(); ++number) {
        one.appear(number);
        second.run_to(one.time_of(number));
    }
    return found;
}

/// All that came out, one value a batch.
void expect_values(test_case const& one, outputs const& found, std::string const& when)
{
    std::vector<value> wanted;
    for (auto const& each : one.expected())
        wanted.push_back(to_value(each));
    std::vector<value> got;
    for (auto const& [number, values] : found)
        got.insert(got.end(), values.begin(), values.end());
    if (one.unordered() ? !std::is_permutation(wanted.begin(), wanted.end(), got.begin(), got.end()) : wanted != got) {
        std::string text;
        write(text, value(got));
        throw difference(when + "found " + text);
    }
}

/// The case kills the driver once, between batches before and after of which there are equally many; here it is killed
/// in every batch that leaves time to be down.
result run_file_stream(test_case const& one)
{
    one.expect_only({"batch_ms", "window", "slide", "down_batches"});
    one.expect_only_functions({"map", "reduce"});
    if (auto const words = one.required_function("map"); words != "line to integer")
        throw not_covered("unknown function \"" + words + "\"");
    auto const words = one.required_function("reduce");
    duration const batch(one.required("batch_ms"));
    auto const run = [&](std::int64_t killed, std::int64_t down) {
        file_case const files{one.input(), batch, batch * one.required("window"),
                              batch * one.number("slide").value_or(1),
                              reduction_of(words.substr(0, words.find(" (no inverse)")))};
        expect_values(one, killed_in(files, killed, down),
                      "killed in batch " + std::to_string(killed) + " and down for " + std::to_string(down) + ": ");
    };
    auto const last = static_cast<std::int64_t>(one.input().size());
    auto const down = one.required("down_batches");
    if (down < 0 || down >= last)
        throw not_covered(std::to_string(down) + " batches of down time among " + std::to_string(last));
    for (std::int64_t killed = 1; killed + down <= last; ++killed)
        run(killed, down);
    return {verdict::passed, {"as reduce_by_key | window | reduce_by_key of one key; no reduce_by_window here"}};
}

} // namespace

void add_file_stream_families(family_table& families)
{
    families["recovery: file stream + reduceByWindow"] = run_file_stream;
}

} // namespace tidemark_test
