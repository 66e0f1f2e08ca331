// SPDX-License-Identifier: BSL-1.0
//
// tables_checkpoint: intervals of checkpoints: their defaults, and what is refused at start.

#include "cases.hpp"

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/testing/batch_source.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tidemark_test {
namespace {

using tidemark::duration;
using number = std::int64_t;
using counts = std::vector<std::pair<number, number>>;

number track(number const&, std::optional<number>, tidemark::state<number>&) { return 0; }

std::optional<number> keep(std::vector<number> const&, std::optional<number> state) { return state; }

/// Pairs on batches of this length, with a checkpoint directory.
auto checkpointed_pairs(duration batch)
{
    auto const ssc = tidemark::streaming_context(batch, tidemark::checkpoint_directory(tidemark::memory_storage()));
    return ssc.source_stream(tidemark::testing::batch_source<std::pair<number, number>>({}));
}

duration duration_in(json::object const& row, std::string_view name) { return duration(row.at(name).as_int64()); }

// ---- Defaults

template <typename Operator>
number interval_of(json::object const& row, Operator make)
{
    auto const pairs = checkpointed_pairs(duration_in(row, "slide"));
    if (row.contains("explicit"))
        return (pairs | make() | tidemark::checkpoint_every(duration_in(row, "explicit"))).interval().count();
    return (pairs | make()).interval().count();
}

/// Operators that do not exist yet: by the rule alone that they will share. A stream that need not be checkpointed has
/// no interval.
row_answer default_interval(json::value const& line)
{
    auto const& row = line.as_object();
    auto const kind = row.at("kind").as_string();
    if (kind == "mapWithState")
        return {interval_of(row, [] { return tidemark::map_with_state(tidemark::state_spec(&track)); })};
    if (kind == "updateStateByKey")
        return {interval_of(row, [] { return tidemark::update_state_by_key(&keep); })};
    if (row.contains("explicit"))
        return {row.at("explicit").as_int64()};
    for (auto const* must : {"nverse", "ncremental", "countByWindow", "countByValueAndWindow"})
        if (kind.find(must) != kind.npos)
            return {tidemark::default_checkpoint_ms(row.at("slide").as_int64())};
    for (auto const* free : {"map", "filter", "window", "reduceByKeyAndWindow", "reduceByKey", "input", "union"})
        if (kind == free)
            return {nullptr};
    throw not_covered("unknown kind " + to_text(kind));
}

// ---- Validation

/// The words of the case for the words of the library.
std::string in_short(std::string const& problem)
{
    if (problem.find("is smaller than the stream's slide") != std::string::npos)
        return "error: interval lower than slide";
    if (problem.find("is not a multiple of the stream's slide") != std::string::npos)
        return "error: interval not a multiple of slide";
    return "error: " + problem;
}

/// Without a directory the operator does not compile; its rule is a concept, which can be asked.
template <typename Context>
constexpr bool has_states = tidemark::checkpointed_stream<decltype(std::declval<Context>().source_stream(
    std::declval<tidemark::testing::batch_source<std::pair<number, number>>>()))>;

std::string start_with(duration slide, duration interval, bool directory)
{
    auto const without = tidemark::streaming_context(slide);
    auto const ssc = tidemark::streaming_context(slide, tidemark::checkpoint_directory(tidemark::memory_storage()));
    if (!(directory ? has_states<decltype(ssc)> : has_states<decltype(without)>))
        return "error: no checkpoint directory";
    auto const states = ssc.source_stream(tidemark::testing::batch_source<std::pair<number, number>>({}))
                        | tidemark::update_state_by_key(&keep, tidemark::checkpoint_every(interval));
    try {
        auto const ignore = [](auto const&) {};
        (void)ssc.application(states | tidemark::foreach_rdd(ignore));
        return "ok";
    } catch (tidemark::config_error const& problem) {
        return in_short(problem.what());
    }
}

row_answer validation(json::value const& line)
{
    auto const& row = line.as_object();
    for (auto const& field : row)
        if (field.key() != "slide" && field.key() != "interval" && field.key() != "dir")
            throw not_covered("unknown field \"" + std::string(field.key()) + "\"");
    return {json::value(start_with(duration_in(row, "slide"), duration_in(row, "interval"), row.at("dir").as_bool()))};
}

} // namespace

void add_checkpoint_families(family_table& families)
{
    families["default dataset checkpoint interval"] = [](test_case const& one) {
        return check_rows(one, default_interval);
    };
    families["start-time validation"] = [](test_case const& one) { return check_rows(one, validation); };
}

} // namespace tidemark_test
