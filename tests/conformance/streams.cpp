// SPDX-License-Identifier: BSL-1.0
//
// streams: the operators that need no time.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators.hpp>

#include <algorithm>
#include <functional>

namespace tidemark_test {
namespace {

/// Whether every element of the input has the kind that `is` asks for.
bool all_are(json::array const& input, bool (value::*is)() const)
{
    return std::ranges::all_of(input, [is](json::value const& batch) {
        return batch.is_null() || std::ranges::all_of(batch.as_array(), [is](json::value const& element) {
                   return (to_value(element).*is)();
               });
    });
}

// ---- Narrow steps

result run_map(test_case const& one)
{
    expect_plain(one);
    check_stream(one,
                 [f = mapping_of(one.required_function("map"))](auto stream) { return stream | tidemark::map(f); });
    return {};
}

result run_flat_map(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [f = expansion_of(one.required_function("flatMap"))](auto stream) {
        return stream | tidemark::flat_map(f);
    });
    return {};
}

/// With records of our own type, and with plain numbers.
result run_filter(test_case const& one)
{
    expect_plain(one);
    auto const keep = predicate_of(one.required_function("filter"));
    check_stream(one, [keep](auto stream) { return stream | tidemark::filter(keep); });
    if (all_are(one.input(), &value::is_integer))
        check_stream<std::int64_t>(
            one, [keep](auto stream) { return stream | tidemark::filter([keep](std::int64_t x) { return keep(x); }); });
    return {};
}

/// Of a case that names several of the steps above in a row, the one at `place`, as a step of one type: the functions
/// of the other two do nothing.
auto narrow_step(test_case const& one, std::string const& name)
{
    mapping change = std::identity();
    predicate keep = [](value const&) { return true; };
    expansion expand = [](value const& x) { return std::vector<value>{x}; };
    if (name == "map")
        change = mapping_of(one.required_function(name));
    else if (name == "filter")
        keep = predicate_of(one.required_function(name));
    else if (name == "flatMap")
        expand = expansion_of(one.required_function(name));
    else
        throw not_covered("unknown step \"" + name + "\"");
    return tidemark::map(std::move(change)) | tidemark::filter(std::move(keep)) | tidemark::flat_map(std::move(expand));
}

runner run_narrow_pair(std::string const& first, std::string const& second)
{
    return [=](test_case const& one) -> result {
        expect_plain(one);
        check_stream(one, [begin = narrow_step(one, first), end = narrow_step(one, second)](auto stream) {
            return stream | begin | end;
        });
        return {};
    };
}

result run_map_partitions(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [f = partition_function_of(one.required_function("mapPartitions"))](auto stream) {
        return stream | tidemark::map_partitions([f](tidemark::partition_view<value> partition) {
                   return f({partition.begin(), partition.end()});
               });
    });
    return {};
}

// ---- Counting

result run_count(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [](auto stream) { return stream | tidemark::count(); });
    if (all_are(one.input(), &value::is_integer))
        check_stream<std::int64_t>(one, [](auto stream) { return stream | tidemark::count(); });
    return {};
}

runner run_step_and_count(std::string const& name)
{
    return [=](test_case const& one) -> result {
        expect_plain(one);
        check_stream(one, [step = narrow_step(one, name)](auto stream) { return stream | step | tidemark::count(); });
        return {};
    };
}

result run_glom(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [](auto stream) { return stream | tidemark::glom(); });
    return {};
}

result run_reduce(test_case const& one)
{
    expect_plain(one);
    auto const words = one.required_function("reduce");
    check_stream(one, [f = reduction_of(words)](auto stream) { return stream | tidemark::reduce(f); });
    if (words == "addition" && all_are(one.input(), &value::is_integer))
        check_stream<std::int64_t>(one, [](auto stream) { return stream | tidemark::reduce(std::plus<>()); });
    return {};
}

result run_count_by_value(test_case const& one)
{
    expect_plain(one);
    auto const count = [partitions = partitions_of(one)](auto stream) {
        return tidemark::count_by_value(stream, partitions);
    };
    check_stream(one, count);
    if (all_are(one.input(), &value::is_integer))
        check_stream<std::int64_t>(one, count);
    if (all_are(one.input(), &value::is_text))
        check_stream<std::string>(one, count);
    return {};
}

// ---- Other numbers of partitions

/// The numbers that are said to be in a batch: none, those from the first to the last of two, or those of a longer list.
std::vector<std::int64_t> numbers_said(json::array const& set)
{
    std::vector<std::int64_t> all;
    for (auto const& each : set)
        all.push_back(each.as_int64());
    if (all.size() == 2) {
        auto const last = all[1];
        all.pop_back();
        for (auto number = all[0] + 1; number <= last; ++number)
            all.push_back(number);
        if (all[0] > last)
            all.clear();
    }
    return all;
}

/// Whether a batch has so many partitions as are expected, and in them the elements of the input, which are those that
/// are expected.
void check_spread(json::object const& expected, json::value const& input, std::vector<value> const& partitions,
                  std::string const& when)
{
    std::vector<value> found;
    for (auto const& partition : partitions)
        found.insert(found.end(), partition.elements().begin(), partition.elements().end());
    auto const are_found = [&](auto const& wanted) {
        return std::is_permutation(found.begin(), found.end(), wanted.begin(), wanted.end());
    };
    if (auto const number = number_in(expected, "partitions", 1); number != std::ssize(partitions))
        throw difference(when + std::to_string(partitions.size()) + " partitions, expected " + std::to_string(number));
    if (!are_found(to_value(input).elements()))
        throw difference(when + "other elements than in the input");
    if (auto const* const set = expected.if_contains("element_set")) {
        auto const said = numbers_said(set->as_array());
        if (!are_found(std::vector<value>(said.begin(), said.end())))
            throw difference(when + "other elements than expected");
    }
}

result run_repartition(test_case const& one)
{
    expect_plain(one);
    auto const build = [n = partitions_of(one)](auto stream) {
        return stream | tidemark::repartition(n) | tidemark::glom();
    };
    (void)one.required("numPartitions");
    outputs found;
    pipeline<value, decltype(build)>(one, build)
        .run(tidemark::any_storage(tidemark::memory_storage()), 0, static_cast<std::int64_t>(one.batches_to_run()),
             found);
    if (found.size() != one.expected().size())
        throw difference(std::to_string(found.size()) + " batches, expected " + std::to_string(one.expected().size()));
    auto expected = one.expected().begin();
    for (auto const& [number, partitions] : found) {
        auto const place = static_cast<std::size_t>(number - 1);
        check_spread(fields(*expected++, {"partitions"}, {"element_set"}),
                     place < one.input().size() ? one.input()[place] : json::value(json::array()), partitions,
                     "batch " + std::to_string(number) + ": ");
    }
    return {};
}

// ---- Keyed steps

/// What makes pairs of the elements: `before`, or they are pairs already. "..., reduceByKey <how>" behind it is left to
/// the runner.
pairing pairs_of(test_case const& one)
{
    auto const words = one.function("before");
    return words ? pairing_of(words->substr(0, words->find(", reduceByKey"))) : as_pair;
}

/// How values of a key are reduced: by the function "reduce", or by what stands in `before`.
reduction reduction_for(test_case const& one)
{
    if (auto const words = one.function("reduce"))
        return reduction_of(*words);
    std::string const sign = ", reduceByKey ";
    auto const before = one.required_function("before");
    auto const place = before.find(sign);
    if (place == std::string::npos)
        throw not_covered("no function \"reduce\"");
    return reduction_of(before.substr(place + sign.size()));
}

result run_map_values(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [pairs = pairs_of(one), f = mapping_of(one.required_function("mapValues"))](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::map_values(f);
    });
    return {};
}

/// Texts with a number each, as plain types.
void check_plain_sums(test_case const& one)
{
    auto const pairs = pairs_of(one);
    check_stream<std::string>(one, [pairs](auto stream) {
        return stream | tidemark::map([pairs](std::string const& text) {
                   return std::pair(text, pairs(text).second.integer());
               })
               | tidemark::reduce_by_key(std::plus<>());
    });
}

result run_reduce_by_key(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [pairs = pairs_of(one), f = reduction_for(one)](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::reduce_by_key(f);
    });
    if (all_are(one.input(), &value::is_text) && one.function("reduce") == "addition")
        check_plain_sums(one);
    return {};
}

result run_reduce_by_key_map_values(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [pairs = pairs_of(one), f = reduction_for(one),
                       g = mapping_of(one.required_function("mapValues"))](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::reduce_by_key(f) | tidemark::map_values(g);
    });
    return {};
}

result run_map_reduce_by_key(test_case const& one)
{
    if (one.function("map"))
        return chain_of("map+reduceByKey")(one);
    return run_reduce_by_key(one); // the map is the one that makes the pairs
}

} // namespace

void add_stream_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "map"] = run_map;
        families[in_a_run + "flatMap"] = run_flat_map;
        families[in_a_run + "filter"] = run_filter;
        families[in_a_run + "mapPartitions"] = run_map_partitions;
        families[in_a_run + "count"] = run_count;
        families[in_a_run + "glom"] = run_glom;
        families[in_a_run + "reduce"] = run_reduce;
        families[in_a_run + "countByValue"] = run_count_by_value;
        families[in_a_run + "mapValues"] = run_map_values;
        families[in_a_run + "reduceByKey"] = run_reduce_by_key;
        families[in_a_run + "map+reduceByKey"] = run_map_reduce_by_key;
        families[in_a_run + "reduceByKey+mapValues"] = run_reduce_by_key_map_values;
        for (std::string const first : {"map", "filter", "flatMap"}) {
            families[in_a_run + first + "+count"] = run_step_and_count(first);
            for (std::string const second : {"map", "filter", "flatMap"})
                if (first != second) // two functions of one role have no names to tell them apart
                    families[in_a_run + first + "+" + second] = run_narrow_pair(first, second);
        }
    }
    families["repartition"] = run_repartition;
}

} // namespace tidemark_test
