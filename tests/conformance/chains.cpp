// SPDX-License-Identifier: BSL-1.0
//
// chains: operations that are several steps in a row, "flatMap+reduceByKey", each by the function of its own role.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/state_snapshots.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/stream/window/window.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidemark_test {
namespace {

using stream = tidemark::dstream<value>;
using step = std::function<stream(test_case const&, stream const&)>;
using meeting = std::function<stream(test_case const&, stream const&, stream const&)>;

// ---- Pairs as values, and back

auto as_pairs() { return tidemark::map(&as_pair); }

value as_value(value const& some) { return some; }
value as_value(std::int64_t some) { return value(some); }
value as_value(std::vector<value> const& some) { return value(some); }
value as_value(std::optional<value> const& some) { return some.value_or(value()); }
template <typename First, typename Second>
value as_value(std::pair<First, Second> const& some)
{
    return value::pair(as_value(some.first), as_value(some.second));
}

auto as_values()
{
    return tidemark::map([](auto const& some) { return as_value(some); });
}

// ---- Steps

tidemark::duration slide_of(test_case const& one) { return batches(one, one.within("slide", 1, 1'000'000, 1)); }

stream updated(test_case const& one, stream const& before)
{
    auto const interval = one.within("checkpoint_interval", 1, 1'000'000, 10);
    return before | as_pairs()
           | tidemark::update_state_by_key<"states">(update_of(one.required_function("update")),
                                                     tidemark::checkpoint_every(batches(one, interval)))
           | as_values();
}

/// The records, or the states after the batch.
template <typename Then>
stream tracked(test_case const& one, stream const& before, Then const& then)
{
    auto const interval = one.within("checkpoint_interval", 1, 1'000'000, 10);
    auto const spec = tidemark::state_spec(tracking_of(one.required_function("mapping"), batch_of(one)));
    return then(before | as_pairs()
                | tidemark::map_with_state<"states">(spec, tidemark::checkpoint_every(batches(one, interval))))
           | as_values();
}

std::map<std::string, step, std::less<>> const& steps()
{
    using one_of = test_case const&;
    using on = stream const&;
    static std::map<std::string, step, std::less<>> const all{
        {"map", [](one_of one, on s) -> stream { return s | tidemark::map(mapping_of(one.required_function("map"))); }},
        {"filter",
         [](one_of one, on s) -> stream {
             auto const words = one.required_function("filter");
             if (!words.starts_with("keep pairs "))
                 return s | tidemark::filter(predicate_of(words));
             return s | as_pairs() | tidemark::filter(pair_predicate_of(words)) | as_values();
         }},
        {"flatMap",
         [](one_of one, on s) -> stream {
             return s | tidemark::flat_map(expansion_of(one.required_function("flatMap")));
         }},
        {"count", [](one_of, on s) -> stream { return s | tidemark::count() | as_values(); }},
        {"countByValue", [](one_of, on s) -> stream { return s | tidemark::count_by_value() | as_values(); }},
        {"reduce",
         [](one_of one, on s) -> stream {
             return s | tidemark::reduce(reduction_of(one.required_function("reduce")));
         }},
        {"window",
         [](one_of one, on s) -> stream {
             return s | tidemark::window(batches(one, one.within("window", 1, 1'000'000)), slide_of(one));
         }},
        {"mapValues",
         [](one_of one, on s) -> stream {
             return s | as_pairs() | tidemark::map_values(mapping_of(one.required_function("mapValues"))) | as_values();
         }},
        {"flatMapValues",
         [](one_of one, on s) -> stream {
             return s | as_pairs() | tidemark::flat_map_values(expansion_of(one.required_function("flatMapValues")))
                    | as_values();
         }},
        {"reduceByKey",
         [](one_of one, on s) -> stream {
             return s | as_pairs() | tidemark::reduce_by_key(reduction_of(one.required_function("reduce")))
                    | as_values();
         }},
        {"groupByKey", [](one_of, on s) -> stream { return s | as_pairs() | tidemark::group_by_key() | as_values(); }},
        {"updateStateByKey", updated},
        {"mapWithState", [](one_of one, on s) { return tracked(one, s, [](auto records) { return records; }); }},
        {"mapWithState.stateSnapshots",
         [](one_of one, on s) {
             return tracked(one, s, [](auto records) { return records | tidemark::state_snapshots(); });
         }},
    };
    return all;
}

template <typename Meet>
meeting of_pairs(Meet meet)
{
    return [meet](test_case const&, stream const& first, stream const& second) -> stream {
        return meet(first | as_pairs(), second | as_pairs()) | as_values();
    };
}

std::map<std::string, meeting, std::less<>> const& meetings()
{
    static std::map<std::string, meeting, std::less<>> const all{
        {"union",
         [](test_case const&, stream const& first, stream const& second) -> stream {
             return first | tidemark::union_(second);
         }},
        {"join", of_pairs(tidemark::join)},
        {"leftOuterJoin", of_pairs(tidemark::left_outer_join)},
        {"rightOuterJoin", of_pairs(tidemark::right_outer_join)},
        {"fullOuterJoin", of_pairs(tidemark::full_outer_join)},
        {"cogroup", of_pairs(tidemark::cogroup)},
    };
    return all;
}

// ---- Chains

std::vector<std::string> parts_of(std::string operation)
{
    std::vector<std::string> parts;
    std::string const sign = "+";
    for (auto place = operation.find(sign); place != std::string::npos; place = operation.find(sign)) {
        parts.push_back(operation.substr(0, place));
        operation.erase(0, place + 1);
    }
    parts.push_back(operation);
    return parts;
}

/// What makes pairs of the elements of an input, where the case has words for it.
stream prepared(test_case const& one, stream const& input, std::string const& role)
{
    auto const words = one.function(role);
    return words ? stream(input | tidemark::map([pair = pairing_of(*words)](value const& some) {
                              return as_value(pair(some));
                          }))
                 : input;
}

bool needs_pairs(std::string const& part)
{
    return part == "mapValues" || part == "flatMapValues" || part == "reduceByKey" || part == "groupByKey"
           || part == "updateStateByKey" || part.starts_with("mapWithState");
}

/// The steps from `first` on. A role has one function, so a step stands once only. What makes pairs stands before the
/// first step that needs them.
stream chained(test_case const& one, std::vector<std::string> const& parts, std::size_t first, stream input)
{
    auto const keyed = std::find_if(parts.begin() + std::ptrdiff_t(first), parts.end(), needs_pairs) - parts.begin();
    for (auto place = first; place < parts.size(); ++place) {
        if (std::ptrdiff_t(place) == keyed)
            input = prepared(one, input, "before");
        input = steps().at(parts[place])(one, input);
    }
    return input;
}

result run_chain(test_case const& one, std::vector<std::string> const& parts)
{
    expect_plain(one, {"window", "slide", "checkpoint_interval"});
    bool const slides = std::ranges::find(parts, "window") != parts.end();
    auto const slide = slides ? one.within("slide", 1, 1'000'000, 1) : 1;
    auto const where = parts.back() == "groupByKey" ? groups::values : groups::none;
    auto const two = meetings().find(parts.front());
    if (two != meetings().end())
        check_stream(
            one,
            [&](auto first, auto second) {
                auto const met = two->second(one, prepared(one, first, "first"), prepared(one, second, "second"));
                return chained(one, parts, 1, met);
            },
            slide, where);
    else
        check_stream(one, [&](auto input) { return chained(one, parts, 0, input); }, slide, where);
    return {};
}

bool can_run(std::vector<std::string> const& parts)
{
    bool const two = meetings().contains(parts.front());
    for (auto place = parts.begin() + (two ? 1 : 0); place != parts.end(); ++place)
        if (!steps().contains(*place) || std::ranges::count(parts, *place) != 1)
            return false;
    return parts.size() > 1;
}

} // namespace

runner chain_of(std::string operation)
{
    std::string const in_a_run = "recovery: ";
    if (operation.starts_with(in_a_run))
        operation.erase(0, in_a_run.size());
    auto const parts = parts_of(operation);
    if (!can_run(parts))
        return {};
    return [parts](test_case const& one) { return run_chain(one, parts); };
}

} // namespace tidemark_test
