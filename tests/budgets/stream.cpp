// SPDX-License-Identifier: BSL-1.0
//
// stream: five operators and a state, as a program has them that counts words for ever.

#include <tidemark/runtime/engine_elsewhere.hpp>
#include <tidemark/tidemark.hpp>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace tide = tidemark;

namespace {

using namespace tidemark::literals;

std::pair<std::string, std::int64_t> add(std::string const& word, std::optional<std::int64_t> more,
                                         tide::state<std::int64_t>& total)
{
    total.update(total.get_option().value_or(0) + more.value_or(0));
    return {word, total.get()};
}

} // namespace

int main()
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory("state"));
    auto const words = ssc.text_file_stream<"texts">("texts")
                       | tide::flat_map([](std::string const& line) { return std::optional(line); })
                       | tide::map([](std::string const& word) { return std::pair(word, std::int64_t(1)); })
                       | tide::reduce_by_key(std::plus<>()) | tide::map_with_state<"totals">(tide::state_spec(add));
    auto app = ssc.application(words | tide::foreach_rdd<"out">([](auto const& totals) {
                                   for (auto const& [word, total] : totals | tide::collect())
                                       std::printf("%s %lld\n", word.c_str(), static_cast<long long>(total));
                               }));
    app.start();
    app.await_termination();
}
