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

void expect_pairs(test_case const& one)
{
    one.expect_only({"batches_to_run", "input_partitions", "batch_ms", "numPartitions", "partitions"});
}

/// How many partitions the result has; as many as the context says where the case says nothing.
std::size_t partitions_of(test_case const& one)
{
    auto const spark = one.number("numPartitions");
    return static_cast<std::size_t>(spark ? *spark : one.number("partitions").value_or(8));
}

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
    expect_pairs(one);
    check_stream(one, [pairs = pairs_by(one, "before"), f = expansion_of(one.required_function("flatMapValues"))](
                          auto stream) { return stream | tidemark::map(pairs) | tidemark::flat_map_values(f); });
    return {};
}

result run_reduce_and_flat_map_values(test_case const& one)
{
    expect_pairs(one);
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
    expect_pairs(one);
    check_stream(one, [pairs = pairs_by(one, "before"), parts = partitions_of(one)](auto stream) {
        return stream | tidemark::map(pairs) | tidemark::group_by_key(parts)
               | tidemark::map_values([](std::vector<value> const& values) { return value(values); });
    });
    return {};
}

/// With and without partial results before the exchange; a case may name a function of the values behind it.
result run_combine_by_key(test_case const& one)
{
    expect_pairs(one);
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

/// Two sources in one context, of pairs, and what `meet` makes of them.
template <typename Meet>
result check_two(test_case const& one, Meet meet)
{
    using namespace tidemark::literals;
    using tidemark::testing::batch_source;
    expect_pairs(one);
    auto const options = options_of(one);
    auto const ssc = tidemark::streaming_context(1_s, options.settings);
    auto const source = [&](json::array const& input, char const* role) {
        return ssc.source_stream(batch_source<value>(to_batches<value>(input), options.input_partitions))
               | tidemark::map(pairs_by(one, role));
    };
    outputs found;
    tidemark::testing::driver run(ssc.application(
        meet(source(one.input(), "first"), source(one.second_input(), "second"))
        | tidemark::foreach_rdd([&found](auto const& rdd, tidemark::batch_time time) {
              for (auto& into = found[time.count() / 1000]; auto const& each : rdd | tidemark::collect())
                  into.push_back(from_record(each));
          })));
    run.start();
    run.run_to(tidemark::batch_time() + batches(static_cast<std::int64_t>(one.batches_to_run())));
    expect_same(expected_outputs(one, 1), found, one.unordered(), "");
    return {};
}

template <typename Operator>
runner run_meeting(Operator meet)
{
    return [meet](test_case const& one) {
        return check_two(one, [&](auto first, auto second) {
            return meet(std::move(first), std::move(second), partitions_of(one)) | tidemark::map_values(both_as_list{});
        });
    };
}

result run_left_outer_join_and_count(test_case const& one)
{
    return check_two(one, [&](auto first, auto second) {
        return tidemark::left_outer_join(std::move(first), std::move(second), partitions_of(one)) | tidemark::count();
    });
}

} // namespace

void add_pair_families(family_table& families)
{
    families["flatMapValues"] = run_flat_map_values;
    families["reduceByKey+flatMapValues"] = run_reduce_and_flat_map_values;
    families["groupByKey"] = run_group_by_key;
    families["combineByKey"] = run_combine_by_key;
    families["combineByKey+mapValues"] = run_combine_by_key;
    families["cogroup"] = run_meeting(tidemark::cogroup);
    families["join"] = run_meeting(tidemark::join);
    families["leftOuterJoin"] = run_meeting(tidemark::left_outer_join);
    families["rightOuterJoin"] = run_meeting(tidemark::right_outer_join);
    families["fullOuterJoin"] = run_meeting(tidemark::full_outer_join);
    families["leftOuterJoin+count"] = run_left_outer_join_and_count;
}

} // namespace tidemark_test
