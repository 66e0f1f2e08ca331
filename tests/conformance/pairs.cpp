// SPDX-License-Identifier: BSL-1.0
//
// pairs: the operators on pairs, of one stream and of two.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

/// What makes pairs of the elements; without words they are pairs. "..., reduceByKey <how>" is left to the runner.
pairing pairs_by(test_case const& one, char const* role)
{
    auto const words = one.function(role);
    return words ? pairing_of(words->substr(0, words->find(", reduceByKey"))) : as_pair;
}

value as_value(std::vector<value> const& values) { return value(values); }
value as_value(std::optional<value> const& some) { return some.value_or(value()); }
value as_value(value const& some) { return some; }

/// A pair of two sides as the file writes it.
struct both_as_list {
    template <typename First, typename Second>
    value operator()(std::pair<First, Second> const& both) const
    {
        return value::pair(as_value(both.first), as_value(both.second));
    }
};

// ---- One stream

result run_flat_map_values(test_case const& one)
{
    expect_plain(one);
    check_stream(one, [pairs = pairs_by(one, "before"), f = expansion_of(one.required_function("flatMapValues"))](
                          auto stream) { return stream | tidemark::map(pairs) | tidemark::flat_map_values(f); });
    return {};
}

result run_reduce_and_flat_map_values(test_case const& one)
{
    expect_plain(one);
    std::string const sign = ", reduceByKey ";
    auto how = one.function("reduce");
    if (auto const before = one.function("before").value_or(""); !how && before.find(sign) != std::string::npos)
        how = before.substr(before.find(sign) + sign.size());
    if (!how)
        throw not_covered("no function \"reduce\"");
    check_stream(one, [pairs = pairs_by(one, "before"), reduce = reduction_of(*how),
                       f = expansion_of(one.required_function("flatMapValues")),
                       parts = partitions_of(one)](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::reduce_by_key(reduce, parts) | tidemark::flat_map_values(f);
    });
    return {};
}

result run_group_by_key(test_case const& one)
{
    expect_plain(one);
    check_stream(
        one,
        [pairs = pairs_by(one, "before"), parts = partitions_of(one)](auto stream) {
            return stream | tidemark::map(pairs) | tidemark::group_by_key(parts)
                   | tidemark::map_values([](std::vector<value> const& values) { return value(values); });
        },
        1, groups::values);
    return {};
}

/// With and without partial results before the exchange; a case may name a function of the values behind it.
result run_combine_by_key(test_case const& one)
{
    expect_plain(one);
    auto const pairs = pairs_by(one, "before");
    auto const create = creation_of(one.required_function("create"));
    auto const merge = merging_of(one.required_function("merge"));
    auto const merge_combiners = combiner_merging_of(one.required_function("mergeCombiners"));
    auto const words = one.function("mapValues");
    auto const after = words ? mapping_of(*words) : mapping([](value const& some) { return some; });
    auto const parts = partitions_of(one);
    check_stream(one, [=](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::combine_by_key(create, merge, merge_combiners, parts)
               | tidemark::map_values(after);
    });
    check_stream(one, [=](auto stream) {
        return stream | tidemark::map(pairs)
               | tidemark::combine_by_key(create, merge, merge_combiners, parts, tidemark::combine_late)
               | tidemark::map_values(after);
    });
    return {};
}

// ---- Two streams

/// What `meet` makes of both inputs, as pairs.
template <typename Meet>
result check_two(test_case const& one, Meet meet, groups where = groups::none)
{
    expect_plain(one);
    check_stream(
        one,
        [meet, left = pairs_by(one, "first"), right = pairs_by(one, "second")](auto first, auto second) {
            return meet(first | tidemark::map(left), second | tidemark::map(right));
        },
        1, where);
    return {};
}

template <typename Operator>
runner run_meeting(Operator meet, groups where = groups::none)
{
    return [meet, where](test_case const& one) {
        return check_two(
            one,
            [meet, parts = partitions_of(one)](auto first, auto second) {
                return meet(first, second, parts) | tidemark::map_values(both_as_list{});
            },
            where);
    };
}

result run_left_outer_join_and_count(test_case const& one)
{
    return check_two(one, [parts = partitions_of(one)](auto first, auto second) {
        return tidemark::left_outer_join(first, second, parts) | tidemark::count();
    });
}

} // namespace

void add_pair_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "flatMapValues"] = run_flat_map_values;
        families[in_a_run + "reduceByKey+flatMapValues"] = run_reduce_and_flat_map_values;
        families[in_a_run + "groupByKey"] = run_group_by_key;
        families[in_a_run + "combineByKey"] = run_combine_by_key;
        families[in_a_run + "combineByKey+mapValues"] = run_combine_by_key;
        families[in_a_run + "cogroup"] = run_meeting(tidemark::cogroup, groups::sides);
        families[in_a_run + "join"] = run_meeting(tidemark::join);
        families[in_a_run + "leftOuterJoin"] = run_meeting(tidemark::left_outer_join);
        families[in_a_run + "rightOuterJoin"] = run_meeting(tidemark::right_outer_join);
        families[in_a_run + "fullOuterJoin"] = run_meeting(tidemark::full_outer_join);
        families[in_a_run + "leftOuterJoin+count"] = run_left_outer_join_and_count;
    }
}

} // namespace tidemark_test
