// SPDX-License-Identifier: BSL-1.0
//
// missing_datasets: what becomes of a batch in which a parent of an operation has no dataset.

#include "pipelines.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/stream/transform.hpp>
#include <tidemark/stream/window/window.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidemark_test {
namespace {

using stream = tidemark::dstream<value>;
using dataset = tidemark::rdd<value>;
using tidemark::testing::batch_source;

/// What a row says of the parents in the batch, and of the function of the operation.
struct situation {
    bool first_is_missing = false;
    bool second_is_missing = false;
    bool empty = false;      ///< The parents' datasets are empty.
    bool gives_none = false; ///< The function gives no dataset.
};

/// Nothing for unknown words. The batch of one parent is that of the first, in some order; both orders are tried.
std::optional<situation> situation_of(std::string words)
{
    if (words == "function returns null")
        return situation{.gives_none = true};
    for (std::string const parents : {" in parent", " in one parent", " in the parent", " in either parent"})
        if (words.ends_with(parents))
            words.erase(words.size() - parents.size());
    if (words == "null batch" || words == "null batch in first parent" || words == "null batch in the first parent")
        return situation{.first_is_missing = true};
    if (words == "null batch in second parent" || words == "null batch in the second parent")
        return situation{.second_is_missing = true};
    for (std::string const batches : {"null batch", "null batches"})
        if (words == batches + " in both parents" || words == batches + " in all parents")
            return situation{.first_is_missing = true, .second_is_missing = true};
    for (std::string const batches : {"empty batch", "empty batches"})
        if (words == batches || words == batches + " in both parents")
            return situation{.empty = true};
    return std::nullopt;
}

/// What an operation makes of one parent, or of two; `gives_none` is for those that take a function of datasets.
struct operation {
    std::function<stream(stream const& first, stream const& second, bool gives_none)> make;
    bool of_two = false;
    bool takes_datasets = false;
};

std::pair<value, value> with_one(value const& key) { return {key, value(1)}; }

template <typename Step>
operation of_one(Step const& step)
{
    return {[step](stream const& first, stream const&, bool) -> stream { return first | step; }};
}

/// A step that makes pairs of pairs; what is in them does not matter.
template <typename Step>
operation of_pairs(Step const& step)
{
    return of_one(tidemark::map(&with_one) | step | tidemark::map([](auto const& pair) { return pair.first; }));
}

template <typename Meet>
operation of_two(Meet meet)
{
    return {[meet](stream const& first, stream const& second, bool) -> stream { return meet(first, second); }, true};
}

template <typename Meet>
operation meeting(Meet meet)
{
    return of_two([meet](stream const& first, stream const& second) {
        return meet(first | tidemark::map(&with_one), second | tidemark::map(&with_one))
               | tidemark::map([](auto const& pair) { return pair.first; });
    });
}

template <typename Make>
operation of_datasets(bool of_two, Make make)
{
    return {[make](stream const& first, stream const& second, bool gives_none) -> stream {
                return make(first, second, [gives_none](dataset const& some) {
                    return gives_none ? dataset(nullptr, nullptr) : some;
                });
            },
            of_two, true};
}

value left(value const& one, value const&) { return one; }
std::vector<value> alone(value const& some) { return {some}; }
std::optional<value> keep(std::vector<value> const&, std::optional<value> state) { return state; }
value track(value const& key, std::optional<value>, tidemark::state<value>&) { return key; }

std::map<std::string, operation, std::less<>> const& operations()
{
    static std::map<std::string, operation, std::less<>> const all{
        {"map", of_one(tidemark::map([](value const& some) { return some; }))},
        {"filter", of_one(tidemark::filter([](value const&) { return true; }))},
        {"flatMap", of_one(tidemark::flat_map(&alone))},
        {"glom", of_one(tidemark::glom() | tidemark::map([](std::vector<value> const& part) { return value(part); }))},
        {"reduce", of_one(tidemark::reduce(&left))},
        {"countByValue",
         of_one(tidemark::count_by_value() | tidemark::map([](auto const& pair) { return pair.first; }))},
        {"count", of_one(tidemark::count() | tidemark::map([](std::int64_t n) { return value(n); }))},
        {"repartition", of_one(tidemark::repartition(2))},
        {"window", of_one(tidemark::window(tidemark::duration(2000)))},
        {"mapValues", of_pairs(tidemark::map_values([](value const& some) { return some; }))},
        {"flatMapValues", of_pairs(tidemark::flat_map_values(&alone))},
        {"reduceByKey", of_pairs(tidemark::reduce_by_key(&left))},
        {"groupByKey", of_pairs(tidemark::group_by_key())},
        {"updateStateByKey", of_pairs(tidemark::update_state_by_key<"states">(&keep))},
        {"mapWithState",
         of_one(tidemark::map(&with_one) | tidemark::map_with_state<"states">(tidemark::state_spec(&track)))},
        {"union", of_two([](stream const& first, stream const& second) { return first | tidemark::union_(second); })},
        {"context.union", of_two([](stream const& first, stream const& second) {
             return tidemark::union_all(std::vector{first, second});
         })},
        {"join", meeting(tidemark::join)},
        {"leftOuterJoin", meeting(tidemark::left_outer_join)},
        {"rightOuterJoin", meeting(tidemark::right_outer_join)},
        {"fullOuterJoin", meeting(tidemark::full_outer_join)},
        {"cogroup", meeting(tidemark::cogroup)},
        {"transform",
         of_datasets(false, [](stream const& first, stream const&, auto f) { return first | tidemark::transform(f); })},
        {"transformWith", of_datasets(true,
                                      [](stream const& first, stream const& second, auto f) {
                                          return first
                                                 | tidemark::transform_with(
                                                     second, [f](dataset const& a, dataset const&) { return f(a); });
                                      })},
        {"context.transform", of_datasets(true,
                                          [](stream const& first, stream const& second, auto f) {
                                              return tidemark::streaming_context(tidemark::duration(1000))
                                                  .transform(std::vector{first, second},
                                                             [f](std::vector<dataset> const& both) {
                                                                 return f(both.front());
                                                             });
                                          })},
    };
    return all;
}

enum class outcome : unsigned char { fails, has_none, has_dataset };

outcome outcome_of(operation const& some, situation const& now)
{
    auto const ssc = tidemark::streaming_context(tidemark::duration(1000),
                                                 tidemark::checkpoint_directory(tidemark::memory_storage()),
                                                 tidemark::settings{.threads = 1});
    auto const source = [&](bool missing) -> stream {
        json::value const batch = now.empty ? json::array() : json::array{1};
        return ssc.source_stream(batch_source<value>(to_batches<value>(json::array{missing ? json::value() : batch})));
    };
    bool has_dataset = false;
    tidemark::testing::driver run(
        ssc.application(some.make(source(now.first_is_missing), source(now.second_is_missing), now.gives_none)
                        | tidemark::foreach_rdd([&has_dataset](auto const& rdd) {
                              (void)(rdd | tidemark::collect());
                              has_dataset = true;
                          })));
    run.start();
    if (run.next().failure != nullptr)
        return outcome::fails;
    return has_dataset ? outcome::has_dataset : outcome::has_none;
}

/// A row names an operation and what there is of its parents. A batch that has an output, or none, is "ok"; a table may
/// have other words for the second.
row_answer missing_dataset(json::value const& row, json::value const& asked)
{
    auto const& words = items(row, 2, 2);
    std::string const name(words[0].as_string());
    std::string const what(words[1].as_string());
    auto const found = operations().find(name);
    auto now = situation_of(what);
    if (found == operations().end() || !now || (now->gives_none && !found->second.takes_datasets))
        throw not_covered("unknown row " + to_text(row));
    if (!found->second.of_two && (now->second_is_missing || what.find("both") != std::string::npos))
        throw not_covered(name + " has one parent only");
    auto const came = outcome_of(found->second, *now);
    if (found->second.of_two && now->first_is_missing != now->second_is_missing) {
        std::swap(now->first_is_missing, now->second_is_missing);
        if (outcome_of(found->second, *now) != came)
            throw difference(name + " differs when the other parent has no dataset");
    }
    if (came == outcome::has_none)
        for (auto const* none : {"no dataset", "no output", "nothing"})
            if (asked == json::array{none})
                return in_words(none);
    return in_words(came == outcome::fails ? "error" : "ok");
}

} // namespace

void add_missing_dataset_families(family_table& families)
{
    families["union/transform with a parent that produces no dataset"] = [](test_case const& one) {
        one.expect_only({});
        return check_asked_rows(one, missing_dataset);
    };
}

} // namespace tidemark_test
