// SPDX-License-Identifier: BSL-1.0
//
// outputs: batch by batch, what was expected beside what was found.

#include "outputs.hpp"

#include <algorithm>

namespace tidemark_test {
namespace {

using batch_numbers = std::vector<std::int64_t>;

/// `all` without the batches that have no dataset in an input; with `leading`, only without those before the first
/// that has one.
batch_numbers with_dataset(test_case const& one, batch_numbers all, bool leading)
{
    std::int64_t first = 1;
    while (one.is_missing(first))
        ++first;
    std::erase_if(all, [&](std::int64_t number) { return one.is_missing(number) && (!leading || number < first); });
    return all;
}

batch_numbers batches_with_output(test_case const& one, std::int64_t slide)
{
    batch_numbers numbers;
    if (auto const* const named = one.parameter("output_batches")) {
        for (auto const& number : named->as_array())
            numbers.push_back(number.as_int64());
        return numbers;
    }
    for (auto number = slide; number <= static_cast<std::int64_t>(one.batches_to_run()); number += slide)
        numbers.push_back(number);
    for (bool const leading : {false, true})
        if (auto fewer = with_dataset(one, numbers, leading);
            numbers.size() != one.expected().size() && fewer.size() == one.expected().size())
            return fewer;
    return numbers;
}

std::string as_text(outputs const& all, std::int64_t number)
{
    auto const found = all.find(number);
    if (found == all.end())
        return "no dataset";
    std::string text;
    write(text, value(found->second));
    return text;
}

bool same_value(value const& left, value const& right) { return same(left, right); }

bool same_records(std::vector<value> const& left, std::vector<value> const& right, bool unordered)
{
    return left.size() == right.size()
           && (unordered ? std::is_permutation(left.begin(), left.end(), right.begin(), same_value)
                         : std::equal(left.begin(), left.end(), right.begin(), same_value));
}

/// A list in the order of what its elements look like.
value in_order(value const& group)
{
    auto const text = [](value const& some) {
        std::string looks;
        write(looks, some);
        return looks;
    };
    auto all = group.elements();
    std::ranges::sort(all, {}, text);
    return value(std::move(all));
}

} // namespace

outputs expected_outputs(test_case const& one, std::int64_t slide)
{
    auto const numbers = batches_with_output(one, slide);
    if (numbers.size() != one.expected().size())
        throw difference(std::to_string(numbers.size()) + " batches should have output, and the case lists "
                         + std::to_string(one.expected().size()));
    outputs all;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!one.expected()[i].is_array())
            throw not_covered("an expected batch that is no list: " + to_text(one.expected()[i]));
        all[numbers[i]] = to_value(one.expected()[i]).elements();
    }
    return all;
}

outputs in_order(outputs all, groups where)
{
    for (auto& [number, records] : all)
        for (auto& each : records) {
            if (where == groups::none)
                continue;
            auto const& pair = each.elements();
            auto const& group = pair.at(1);
            each = value::pair(pair.at(0), where == groups::values ? in_order(group)
                                                                   : value::pair(in_order(group.elements().at(0)),
                                                                                 in_order(group.elements().at(1))));
        }
    return all;
}

void expect_same(outputs const& expected, outputs const& found, bool unordered, std::string const& when)
{
    auto every = expected;
    every.insert(found.begin(), found.end());
    for (auto const& [number, records] : every) {
        auto const wanted = expected.find(number);
        auto const got = found.find(number);
        bool const both = wanted != expected.end() && got != found.end();
        if (!both || !same_records(wanted->second, got->second, unordered))
            throw difference(when + "batch " + std::to_string(number) + ": expected " + as_text(expected, number)
                             + ", found " + as_text(found, number));
    }
}

outputs between(outputs const& all, std::int64_t first, std::int64_t last)
{
    return {all.lower_bound(first), all.upper_bound(last)};
}

} // namespace tidemark_test
