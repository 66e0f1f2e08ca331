// SPDX-License-Identifier: BSL-1.0
//
// tables_checkpoint: intervals of checkpoints: their defaults, and what is refused at start.

#include "cases.hpp"

#include <spark_model/start_validation.hpp>

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/stream/window/reduce_by_key_and_window.hpp>
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

// ---- Defaults

template <typename Operator>
number interval_of(number slide, std::optional<number> given, Operator make)
{
    auto const pairs = checkpointed_pairs(duration(slide));
    if (given)
        return (pairs | make() | tidemark::checkpoint_every(duration(*given))).interval().count();
    return (pairs | make()).interval().count();
}

number plus(number a, number b) { return a + b; }
number minus(number a, number b) { return a - b; }

constexpr auto map_with_state = [] { return tidemark::map_with_state(tidemark::state_spec(&track)); };
constexpr auto update_state = [] { return tidemark::update_state_by_key(&keep); };

/// A window as long as its slide, which is the batch.
number interval_of_window(number slide, std::optional<number> given)
{
    return interval_of(slide, given, [slide] {
        return tidemark::reduce_by_key_and_window(&plus, &minus, duration(slide), duration(slide));
    });
}

/// A stream that need not be checkpointed has the interval that it is given.
row_answer interval_of_free(std::string const& kind, std::optional<number> given)
{
    for (auto const* known : {"map",
                              "filter",
                              "flatMap",
                              "glom",
                              "mapPartitions",
                              "mapValues",
                              "flatMapValues",
                              "window",
                              "reduce",
                              "count",
                              "countByValue",
                              "reduceByKey",
                              "groupByKey",
                              "combineByKey",
                              "reduceByKeyAndWindow",
                              "reduceByWindow",
                              "groupByKeyAndWindow",
                              "repartition",
                              "transform",
                              "transformWith",
                              "union",
                              "input",
                              "cogroup",
                              "join",
                              "leftOuterJoin",
                              "rightOuterJoin",
                              "fullOuterJoin",
                              "mapWithState"})
        if (kind == known)
            return {given ? json::value(*given) : json::value()};
    throw not_covered("unknown kind \"" + kind + '"');
}

/// Streams that must be checkpointed, by the interval that the library gives them. The others have none but a given one;
/// the visible stream of mapWithState passes it on.
row_answer default_interval(json::value const& line)
{
    auto const& row = fields(line, {"kind", "slide"}, {"explicit"});
    std::string const kind(row.at("kind").as_string());
    auto const slide = number_in(row, "slide", 1);
    std::optional<number> given;
    if (row.contains("explicit") && !row.at("explicit").is_null())
        given = number_in(row, "explicit", 1);
    for (std::string const name : {"mapWithState", "mapWithState internal state stream", "mapWithState state stream"})
        if (kind == name)
            return {interval_of(slide, given, map_with_state)};
    if (kind.starts_with("updateStateByKey"))
        return {interval_of(slide, given, update_state)};
    for (std::string const operation : {"reduceByKeyAndWindow", "reduceByWindow", "window"})
        for (std::string const how : {" inverse", " (inverse)", " with inverse", " (inverse, filter)",
                                      " with an inverse", " incremental", " (incremental)"})
            if (kind == operation + how || kind == how.substr(1) + " " + operation)
                return {interval_of_window(slide, given)};
    for (std::string const name : {"countByWindow", "countByValueAndWindow", "incremental window", "inverse window"})
        if (kind == name)
            return {interval_of_window(slide, given)};
    for (std::string const how :
         {" without inverse", " (no inverse)", " naive", " (naive)", " visible stream", " without an inverse"})
        if (kind.ends_with(how))
            return interval_of_free(kind.substr(0, kind.size() - how.size()), given);
    return interval_of_free(kind, given);
}

// ---- Validation

/// The words of the case for the words of the library.
std::string in_short(std::string const& problem)
{
    if (problem.find("is smaller than the stream's slide") != std::string::npos
        || problem.find("the checkpoint interval is not positive") != std::string::npos)
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

/// Spark's answer to problems that ours does not have. A table may have its own words for them, with one that is named.
row_answer refused_by_spark(json::value const& asked, std::string const& named, std::string const& why)
{
    bool const meant = asked.is_string() && asked.get_string().starts_with("error: ")
                       && std::string(asked.get_string()).find(named) != std::string::npos;
    return {meant ? asked : json::value("error: " + named), why, json::value("ok")};
}

/// The one of `names` that is in the answer; else the first.
std::string asked_for(json::value const& asked, std::vector<std::string> const& names)
{
    auto const text = to_text(asked);
    for (auto const& name : names)
        if (text.find(name) != std::string::npos)
            return name;
    return names.front();
}

row_answer validation(json::value const& line, json::value const& asked)
{
    auto const& row = fields(line, {"slide", "dir"}, {"interval", "persisted", "explicit_remember"});
    auto const given = [&row](std::string_view name) {
        return row.contains(name) && !row.at(name).is_null() ? &row.at(name) : nullptr;
    };
    spark_model::stream_at_start stream{.slide = number_in(row, "slide", 1), .directory = row.at("dir").as_bool()};
    auto const* const interval = given("interval");
    stream.interval = interval != nullptr ? interval->as_int64() : tidemark::default_checkpoint_ms(stream.slide);
    if (auto const* const persisted = given("persisted"))
        stream.persisted = persisted->as_bool();
    if (auto const* const remembers = given("explicit_remember"))
        stream.remembers = remembers->as_int64();
    auto const ours = start_with(duration(stream.slide), duration(stream.interval), stream.directory);
    auto const problem = spark_model::problem_of(stream);
    if (ours == "ok" && problem == spark_model::start_problem::not_persisted)
        return refused_by_spark(asked, asked_for(asked, {"persist", "storage level"}),
                                "states are always kept; there are no storage levels "
                                "(our test: \"over a thousand batches nothing grows that is kept for each batch\")");
    if (ours == "ok" && problem == spark_model::start_problem::remembers_too_little)
        return refused_by_spark(asked, "remember",
                                "no state hangs on how long datasets are remembered "
                                "(our test: \"over a thousand batches nothing grows that is kept for each batch\")");
    return {json::value(ours)};
}

} // namespace

void add_checkpoint_families(family_table& families)
{
    families["default dataset checkpoint interval"] = table_of(default_interval);
    families["start-time validation"] = [](test_case const& one) {
        one.expect_only({});
        return check_asked_rows(one, validation);
    };
}

} // namespace tidemark_test
