// SPDX-License-Identifier: BSL-1.0
//
// unions: unions of streams, and operators over a stream without a dataset.

#include "functions.hpp"
#include "pipelines.hpp"
#include "words.hpp"

#include <tidemark/operators.hpp>

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

/// Two sources in one context.
void check_union_of_sources(test_case const& one)
{
    using namespace tidemark::literals;
    using tidemark::testing::batch_source;
    auto const options = options_of(one);
    auto const ssc = tidemark::streaming_context(1_s, options.settings);
    auto const source = [&](json::array const& input) {
        return ssc.source_stream(batch_source<value>(to_batches<value>(input), options.input_partitions));
    };
    outputs found;
    tidemark::testing::driver run(
        ssc.application(source(one.input()) | tidemark::union_(source(one.second_input()))
                        | tidemark::foreach_rdd([&found](auto const& rdd, tidemark::batch_time time) {
                              found[time.count() / 1000] = rdd | tidemark::collect();
                          })));
    run.start();
    run.run_to(tidemark::batch_time() + batches(static_cast<std::int64_t>(one.batches_to_run())));
    expect_same(expected_outputs(one, 1), found, one.unordered(), "");
}

result run_union(test_case const& one)
{
    expect_plain(one);
    if (one.has_second_input()) {
        check_union_of_sources(one);
        return {};
    }
    std::string const same = "the same stream mapped by ";
    auto const words = one.required_function("other");
    if (!words.starts_with(same))
        throw not_covered("unknown stream \"" + words + "\"");
    check_stream(one, [f = mapping_of(words.substr(same.size()))](auto stream) {
        return stream | tidemark::union_(stream | tidemark::map(f));
    });
    return {};
}

/// "the stream mapped by +4, by -2 and by +8; union of all four": 4, -2, 8. Nothing for other words.
std::vector<std::int64_t> shifts_in(std::string words)
{
    std::string const begin = "the stream mapped by ";
    auto const end = words.find("; union of all");
    if (!words.starts_with(begin) || end == std::string::npos)
        return {};
    words = words.substr(begin.size(), end - begin.size());
    std::vector<std::int64_t> shifts;
    std::istringstream in(words);
    for (std::string part; in >> part;) {
        auto const digits = part.substr(0, part.find(','));
        if (auto const up = numbers_in(digits, "+#"))
            shifts.push_back((*up)[0]);
        else if (auto const down = numbers_in(digits, "#"); down && (*down)[0] < 0)
            shifts.push_back((*down)[0]);
        else if (digits != "and" && digits != "by")
            return {};
    }
    return shifts;
}

/// Of several streams: by repetition, and as a list.
result run_context_union(test_case const& one)
{
    expect_plain(one);
    auto const words = one.required_function("others");
    auto const shifts = shifts_in(words);
    if (shifts.empty())
        throw not_covered("unknown streams \"" + words + "\"");
    check_stream(one, [shifts](auto stream) {
        auto const shifted = [&](std::int64_t n) {
            return stream | tidemark::map(mapping([n](value const& x) { return value(x.integer() + n); }));
        };
        std::vector<decltype(shifted(0))> list{shifted(0)};
        for (auto const n : shifts)
            list.push_back(shifted(n));
        return tidemark::union_all(std::move(list));
    });
    if (shifts.size() == 2)
        check_stream(one, [shifts](auto stream) {
            auto const shifted = [&](std::int64_t n) {
                return stream | tidemark::map([n](value const& x) { return value(x.integer() + n); });
            };
            return stream | tidemark::union_(shifted(shifts[0])) | tidemark::union_(shifted(shifts[1]));
        });
    return {};
}

/// Whether a batch fails in which the second stream that `join(first, second)` takes has this input.
template <typename Join>
bool fails(json::value const& second, Join const& join)
{
    using namespace tidemark::literals;
    using tidemark::testing::batch_source;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const source = [&ssc](json::value const& batch) {
        return ssc.source_stream(batch_source<value>(to_batches<value>(json::array{batch})));
    };
    tidemark::testing::driver run(
        ssc.application(join(source(json::array{1}), source(second))
                        | tidemark::foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::collect()); })));
    run.start();
    return run.next().failure != nullptr;
}

template <typename Join>
row_answer failure_without_dataset(std::string const& name, Join const& join)
{
    if (fails(json::array{2}, join))
        throw difference(name + " fails though both streams have a dataset");
    return in_words(fails(nullptr, join) ? "error" : "ok");
}

/// A row names an operation and which of its parents has no dataset in some batch.
row_answer missing_dataset(json::value const& row)
{
    auto const& words = row.as_array();
    std::string const name(words.at(0).as_string());
    std::string const what(words.at(1).as_string());
    if (name == "union" && what == "null batch in one parent")
        return failure_without_dataset(
            name, [](auto first, auto second) { return std::move(first) | tidemark::union_(std::move(second)); });
    if (name == "context.union" && (what == "null batch" || what == "null batch in one parent"))
        return failure_without_dataset(name, [](auto first, auto second) {
            return tidemark::union_all(std::vector{std::move(first), std::move(second)});
        });
    if (name == "repartition" && (what == "null batch" || what == "null batch in parent"))
        return failure_without_dataset(name, [](auto, auto second) { return second | tidemark::repartition(2); });
    if (name == "count" && (what == "null batch" || what == "null batch in parent"))
        return failure_without_dataset(name, [](auto, auto second) { return second | tidemark::count(); });
    if (name != "union" && name != "context.union" && name != "repartition" && name != "count")
        return in_words(transform_fails(name, what) ? "error" : "ok");
    throw not_covered("unknown row " + to_text(row));
}

} // namespace

void add_union_families(family_table& families)
{
    families["union"] = run_union;
    families["context.union"] = run_context_union;
    families["union/transform with a parent that produces no dataset"] = [](test_case const& one) {
        return check_rows(one, missing_dataset);
    };
}

} // namespace tidemark_test
