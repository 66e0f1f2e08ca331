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

/// Of so many streams.
datasets_function datasets_function_of(std::string const& words, std::size_t streams)
{
    if (words == "inner join of the two datasets" && streams == 2)
        return joined;
    std::string const meeting = "union of ";
    if (words == "union of the datasets"
        || (words.starts_with(meeting) && says_all(words.substr(meeting.size()), streams)))
        return union_of;
    throw not_covered("unknown function \"" + words + "\"");
}

/// The function of a side, "map x to (x, ...)" among them; without one the elements as they are.
mapping side_of(test_case const& one, std::string const& name)
{
    auto const words = one.function(name);
    return words ? mapping_of(*words) : mapping(std::identity());
}

// ---- Families

result run_transform(test_case const& one)
{
    expect_plain(one);
    one.expect_only_functions({"transform"});
    auto const f = dataset_function_of(one.required_function("transform"));
    check_stream(one, [f](auto stream) {
        return stream | tidemark::transform([f](auto const& batch, batch_time time) { return f(batch, time); });
    });
    return {};
}

result run_transform_with(test_case const& one)
{
    expect_plain(one);
    one.expect_only_functions({"first", "second", "transform"});
    auto const meet = [f = datasets_function_of(one.required_function("transform"), 2), left = side_of(one, "first"),
                       right = side_of(one, "second")](auto first, auto second) {
        tidemark::dstream<value> const one_side = first | tidemark::map(left);
        tidemark::dstream<value> const other_side = second | tidemark::map(right);
        return one_side
               | tidemark::transform_with(other_side, [f](dataset const& a, dataset const& b) { return f({a, b}); });
    };
    if (one.has_second_input())
        check_stream(one, meet);
    else
        check_stream(one, [meet](auto stream) { return meet(stream, stream); });
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
        else if (auto const up = numbers_in(stream, "s mapped by +#"))
            shifts.push_back(up->front());
        else if (auto const down = numbers_in(stream, "s mapped by #"); down && down->front() < 0)
            shifts.push_back(down->front());
        else
            throw not_covered("unknown stream \"" + stream + "\"");
    }
    return shifts;
}

/// As a list of streams, and those of three by their types.
result run_context_transform(test_case const& one)
{
    expect_plain(one);
    one.expect_only_functions({"streams", "transform"});
    auto const shifts = shifts_of(one.required_function("streams"));
    auto const f = datasets_function_of(one.required_function("transform"), shifts.size());
    auto const moved = [](auto const& stream, std::int64_t by) {
        return stream | tidemark::map([by](value const& x) { return value(x.integer() + by); });
    };
    auto const any_context = tidemark::streaming_context(batch_of(one));
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

/// All that one query gives. The library starts at a multiple of the batch only: with another zero time, its grid is
/// asked which batches the query covers.
std::vector<value> slice_of(test_case const& one, tidemark::duration slide, std::int64_t zero, json::array const& ends)
{
    using tidemark::testing::batch_source;
    auto const size = std::ssize(one.input());
    batch_time const from(ends.at(0).as_int64());
    batch_time const to(ends.at(1).as_int64());
    std::vector<value> all;
    if (zero % slide.count() != 0) {
        tidemark::batch_grid const grid(batch_time(zero), slide);
        for (auto const time : grid.slice(from, to, slide))
            if (auto const place = (time - grid.start_time()) / slide; place < size)
                for (auto const& element : one.input()[static_cast<std::size_t>(place)].as_array())
                    all.push_back(to_value(element));
        return all;
    }
    // A stream of that slide is the source of a context with batches of that length.
    auto const ssc =
        tidemark::streaming_context(slide, tidemark::settings{.threads = 1}).remembering(slide * (size + 1));
    auto const stream = ssc.source_stream(batch_source<value>(to_batches<value>(one.input())));
    tidemark::testing::driver run(ssc.application(stream | tidemark::foreach_rdd([](auto const&) {})),
                                  batch_time(zero));
    run.start();
    run.run_to(batch_time(zero) + slide * size);
    for (auto const& batch : run.slice(stream, from, to))
        for (auto const& element : batch | tidemark::collect())
            all.push_back(element);
    return all;
}

/// Each row of what is expected is all that one query gives.
result run_slice(test_case const& one)
{
    one.expect_only({"batch_ms", "slide_ms", "zero_time_ms", "queries_ms"});
    tidemark::duration const slide(one.within("slide_ms", 1, 86'400'000, batch_of(one).count()));
    auto const zero = one.number("zero_time_ms").value_or(0);
    auto const* const queries = one.parameter("queries_ms");
    if (queries == nullptr)
        throw not_covered("no queries");
    if (queries->as_array().size() != one.expected().size())
        throw not_covered("another number of queries than of answers");
    outputs expected;
    outputs found;
    for (std::size_t place = 0; place < one.expected().size(); ++place) {
        auto const number = static_cast<std::int64_t>(place + 1);
        expected[number] = to_value(one.expected()[place]).elements();
        found[number] = slice_of(one, slide, zero, items(queries->as_array()[place], 2, 2));
    }
    expect_same(expected, found, one.unordered(), "the query of that number: ");
    return {};
}

} // namespace

void add_transform_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "transform"] = run_transform;
        families[in_a_run + "transform (dataset, time)"] = run_transform;
        families[in_a_run + "transformWith"] = run_transform_with;
        families[in_a_run + "context.transform"] = run_context_transform;
    }
    families["slice"] = run_slice;
}

} // namespace tidemark_test
