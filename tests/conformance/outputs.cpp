// SPDX-License-Identifier: BSL-1.0
//
// outputs: batch by batch, what was expected beside what was found.

#include "outputs.hpp"

#include <algorithm>

namespace tidemark_test {
namespace {

std::vector<std::int64_t> batches_with_output(test_case const& one, std::int64_t slide)
{
    std::vector<std::int64_t> numbers;
    if (auto const* const named = one.parameter("output_batches"))
        for (auto const& number : named->as_array())
            numbers.push_back(number.as_int64());
    else
        for (auto number = slide; number <= static_cast<std::int64_t>(one.batches_to_run()); number += slide)
            numbers.push_back(number);
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

bool same_records(std::vector<value> const& left, std::vector<value> const& right, bool unordered)
{
    return left.size() == right.size()
           && (unordered ? std::is_permutation(left.begin(), left.end(), right.begin()) : left == right);
}

} // namespace

outputs expected_outputs(test_case const& one, std::int64_t slide)
{
    auto const numbers = batches_with_output(one, slide);
    if (numbers.size() != one.expected().size())
        throw difference(std::to_string(numbers.size()) + " batches should have output, and the case lists "
                         + std::to_string(one.expected().size()));
    outputs all;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        all[numbers[i]] = to_value(one.expected()[i]).elements();
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
