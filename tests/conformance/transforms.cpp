// SPDX-License-Identifier: BSL-1.0
//
// transforms: functions of whole batches, of one stream or several, and what a running application has of its streams.

#include "functions.hpp"
#include "pipelines.hpp"
#include "words.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/stream/transform.hpp>

#include <functional>
#include <iterator>

namespace tidemark_test {
namespace {

using tidemark::batch_time;
using dataset = tidemark::rdd<value>;

/// A function of one dataset and the batch time, and one of several.
using dataset_function = std::function<dataset(dataset const&, batch_time)>;
using datasets_function = std::function<dataset(std::vector<dataset> const&)>;

/// Allows only the parameters of a case that runs in one go.
void expect_uncut(test_case const& one) { one.expect_only({"batches_to_run", "input_partitions", "batch_ms"}); }

/// `words` without `begin`, if they begin so.
std::string without(std::string const& begin, std::string const& words)
{
    return words.starts_with(begin) ? words.substr(begin.size()) : words;
}

/// "dataset map ...", "dataset filter ...", or what is done with every element.
dataset_function dataset_function_of(std::string const& words)
{
    if (words == "add the batch time in ms to every element")
        return [](dataset const& all, batch_time time) {
            return all | tidemark::map([ms = time.count()](value const& x) { return value(x.integer() + ms); });
        };
    auto const what = without("dataset ", words);
    if (what.starts_with("filter "))
        return [keep = predicate_of(without("filter ", what))](dataset const& all, batch_time) {
            return all | tidemark::filter(keep);
        };
    auto step = without("map ", what);
    if (step == "to decimal string")
        step = "integer to its decimal string";
    return [f = mapping_of(step)](dataset const& all, batch_time) { return all | tidemark::map(f); };
}

dataset union_of(std::vector<dataset> const& all)
{
    auto sum = all.front();
    for (auto one = std::next(all.begin()); one != all.end(); ++one)
        sum = sum | tidemark::union_(*one);
    return sum;
}

/// The values of each key on the left and on the right, as a list of two lists.
dataset joined(std::vector<dataset> const& both)
{
    using list = value::list;
    auto const left = both.at(0) | tidemark::map([](value const& pair) {
                          return value_pair(pair.elements().at(0), value::pair(list{pair.elements().at(1)}, list{}));
                      });
    auto const right = both.at(1) | tidemark::map([](value const& pair) {
                           return value_pair(pair.elements().at(0), value::pair(list{}, list{pair.elements().at(1)}));
                       });
    auto const meet = [](value const& some, value const& others) {
        list sides;
        for (std::size_t side = 0; side < 2; ++side) {
            auto all = some.elements().at(side).elements();
            auto const& more = others.elements().at(side).elements();
            all.insert(all.end(), more.begin(), more.end());
            sides.emplace_back(std::move(all));
        }
        return value(std::move(sides));
    };
    return left | tidemark::union_(right) | tidemark::reduce_by_key(meet)
           | tidemark::flat_map([](value_pair const& met) {
                 list pairs;
                 for (auto const& one : met.second.elements().at(0).elements())
                     for (auto const& other : met.second.elements().at(1).elements())
                         pairs.push_back(value::pair(met.first, value::pair(one, other)));
                 return pairs;
             });
}

datasets_function datasets_function_of(std::string const& words)
{
    if (words == "inner join of the two datasets")
        return joined;
    if (words == "union of the two datasets" || words == "union of the three datasets"
        || words == "union of the datasets")
        return union_of;
    throw not_covered("unknown function \"" + words + "\"");
}

/// The function of a side, "map x to (x, ...)" among them; without one the elements as they are.
mapping side_of(test_case const& one, std::string const& name)
{
    auto const words = one.function(name);
    if (!words)
        return std::identity();
    if (!words->starts_with("map "))
        return mapping_of(*words);
    return [pair = pairing_of(*words)](value const& x) {
        auto const made = pair(x);
        return value::pair(made.first, made.second);
    };
}

// ---- Families

result run_transform(test_case const& one)
{
    expect_uncut(one);
    one.expect_only_functions({"transform"});
    auto const f = dataset_function_of(one.required_function("transform"));
    check_stream(one, [f](auto stream) {
        return stream | tidemark::transform([f](auto const& batch, batch_time time) { return f(batch, time); });
    });
    return {};
}

result run_transform_with(test_case const& one)
{
    using namespace tidemark::literals;
    using tidemark::testing::batch_source;
    expect_uncut(one);
    one.expect_only_functions({"first", "second", "transform"});
    auto const f = datasets_function_of(one.required_function("transform"));
    auto const options = options_of(one);
    auto const ssc = tidemark::streaming_context(1_s, options.settings);
    auto const source = [&](json::array const& input) {
        return ssc.source_stream(batch_source<value>(to_batches<value>(input), options.input_partitions));
    };
    auto const input = source(one.input());
    tidemark::dstream<value> const first = input | tidemark::map(side_of(one, "first"));
    tidemark::dstream<value> const second =
        (one.has_second_input() ? source(one.second_input()) : input) | tidemark::map(side_of(one, "second"));
    outputs found;
    tidemark::testing::driver run(ssc.application(
        first | tidemark::transform_with(second, [f](dataset const& a, dataset const& b) { return f({a, b}); })
        | tidemark::foreach_rdd(
            [&found](auto const& rdd, batch_time time) { found[time.count() / 1000] = rdd | tidemark::collect(); })));
    run.start();
    run.run_to(batch_time() + batches(static_cast<std::int64_t>(one.batches_to_run())));
    expect_same(expected_outputs(one, 1), found, one.unordered(), "");
    return {};
}

/// "s, s mapped by +4, s mapped by +8": by how much each of the streams is moved.
std::vector<std::int64_t> shifts_of(std::string words)
{
    std::vector<std::int64_t> shifts;
    for (bool more = true; more;) {
        auto const comma = words.find(", ");
        auto const stream = words.substr(0, comma);
        more = comma != std::string::npos;
        words = more ? words.substr(comma + 2) : "";
        if (stream == "s")
            shifts.push_back(0);
        else if (auto const by = numbers_in(stream, "s mapped by +#"))
            shifts.push_back(by->front());
        else
            throw not_covered("unknown stream \"" + stream + "\"");
    }
    return shifts;
}

/// As a list of streams, and those of three by their types.
result run_context_transform(test_case const& one)
{
    expect_uncut(one);
    one.expect_only_functions({"streams", "transform"});
    auto const f = datasets_function_of(one.required_function("transform"));
    auto const shifts = shifts_of(one.required_function("streams"));
    auto const moved = [](auto const& stream, std::int64_t by) {
        return stream | tidemark::map([by](value const& x) { return value(x.integer() + by); });
    };
    auto const any_context = tidemark::streaming_context(tidemark::duration(1000));
    check_stream(one, [&](auto stream) {
        std::vector<tidemark::dstream<value>> all;
        for (auto const by : shifts)
            all.emplace_back(moved(stream, by));
        return any_context.transform(all, f);
    });
    if (shifts.size() == 3)
        check_stream(one, [&](auto stream) {
            return any_context.transform([f](auto const& a, auto const& b, auto const& c) { return f({a, b, c}); },
                                         moved(stream, shifts[0]), moved(stream, shifts[1]), moved(stream, shifts[2]));
        });
    return {};
}

/// Each row of what is expected is all that one query gives.
result run_slice(test_case const& one)
{
    using tidemark::testing::batch_source;
    one.expect_only({"batch_ms", "slide_ms", "zero_time_ms", "queries_ms"});
    auto const slide = one.number("slide_ms").value_or(one.number("batch_ms").value_or(1000));
    auto const zero = one.number("zero_time_ms").value_or(0);
    if (zero % slide != 0)
        throw not_covered("a zero time that is no multiple of the slide");
    auto const queries = one.parameter("queries_ms");
    if (queries == nullptr)
        throw not_covered("no queries");
    // A stream of that slide is the source of a context with batches of that length.
    auto const ssc = tidemark::streaming_context(tidemark::duration(slide), tidemark::settings{.threads = 1})
                         .remembering(tidemark::duration(slide * static_cast<std::int64_t>(one.input().size() + 1)));
    auto const stream = ssc.source_stream(batch_source<value>(to_batches<value>(one.input())));
    tidemark::testing::driver run(ssc.application(stream | tidemark::foreach_rdd([](auto const&) {})),
                                  batch_time(zero));
    run.start();
    run.run_to(batch_time(zero + slide * static_cast<std::int64_t>(one.input().size())));
    outputs expected;
    outputs found;
    std::int64_t number = 0;
    if (queries->as_array().size() != one.expected().size())
        throw not_covered("another number of queries than of answers");
    for (auto const& query : queries->as_array()) {
        auto const& ends = query.as_array();
        ++number;
        for (auto const& element : one.expected().at(static_cast<std::size_t>(number - 1)).as_array())
            expected[number].push_back(to_value(element));
        auto& all = found[number];
        for (auto const& batch :
             run.slice(stream, batch_time(to_value(ends.at(0)).integer()), batch_time(to_value(ends.at(1)).integer())))
            for (auto const& element : batch | tidemark::collect())
                all.push_back(element);
        (void)expected[number];
    }
    expect_same(expected, found, one.unordered(), "the query of that number: ");
    return {};
}

} // namespace

bool transform_fails(std::string const& operation, std::string const& how)
{
    using namespace tidemark::literals;
    using tidemark::testing::batch_source;
    bool const none = how == "function returns null";
    auto const gives_none = [none](dataset const& some) { return none ? dataset(nullptr, nullptr) : some; };
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const source = [&](bool missing) -> tidemark::dstream<value> {
        auto const batch = missing ? json::value(nullptr) : json::value(json::array{1});
        return ssc.source_stream(batch_source<value>(to_batches<value>(json::array{batch})));
    };
    auto const first = source(!none);
    auto const second = source(how == "null batches in both parents");
    auto const failure = [&](auto const& stream) {
        tidemark::testing::driver run(ssc.application(
            stream | tidemark::foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::collect()); })));
        run.start();
        return run.next().failure != nullptr;
    };
    if (operation == "transform")
        return failure(first | tidemark::transform(gives_none));
    if (operation == "transformWith")
        return failure(
            first | tidemark::transform_with(second, [&](dataset const& a, dataset const&) { return gives_none(a); }));
    if (operation == "context.transform")
        return failure(ssc.transform(std::vector{first, second},
                                     [&](std::vector<dataset> const& all) { return gives_none(all.front()); }));
    throw not_covered("no " + operation + " yet");
}

void add_transform_families(family_table& families)
{
    families["transform"] = run_transform;
    families["transform (dataset, time)"] = run_transform;
    families["transformWith"] = run_transform_with;
    families["context.transform"] = run_context_transform;
    families["slice"] = run_slice;
}

} // namespace tidemark_test
