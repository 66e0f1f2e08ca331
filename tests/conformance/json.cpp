// SPDX-License-Identifier: BSL-1.0
//
// json: reads, compares and prints; the one file that holds Boost.JSON itself.

#include "json.hpp"

#include <boost/json/src.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tidemark_test {

json::value read_json(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot open " + path);
    std::string const text(std::istreambuf_iterator<char>(file), {});
    if (file.bad())
        throw std::runtime_error("cannot read " + path);
    json::error_code problem;
    auto parsed = json::parse(text, problem);
    if (problem)
        throw std::runtime_error(path + " is no JSON: " + problem.message());
    return parsed;
}

value to_value(json::value const& some)
{
    switch (some.kind()) {
    case json::kind::null:
        return {};
    case json::kind::int64:
        return some.get_int64();
    case json::kind::double_:
        return some.get_double();
    case json::kind::string:
        return std::string(some.get_string());
    case json::kind::array: {
        value::list elements;
        for (auto const& element : some.get_array())
            elements.push_back(to_value(element));
        return elements;
    }
    default:
        throw not_covered("an element that is no record: " + to_text(some));
    }
}

namespace {

bool same_members(json::object const& left, json::object const& right, order how)
{
    return left.size() == right.size() && std::all_of(left.begin(), left.end(), [&](auto const& member) {
               auto const* const other = right.if_contains(member.key());
               return other != nullptr && same(member.value(), *other, how);
           });
}

bool same_elements(json::array const& left, json::array const& right, order how)
{
    auto const equal = [how](json::value const& one, json::value const& other) {
        return same(one, other, how == order::free_in_lists ? order::free : order::fixed);
    };
    return left.size() == right.size()
           && (how == order::free ? std::is_permutation(left.begin(), left.end(), right.begin(), equal)
                                  : std::equal(left.begin(), left.end(), right.begin(), equal));
}

} // namespace

bool same(json::value const& left, json::value const& right, order how)
{
    if (left.is_object() && right.is_object())
        return same_members(left.get_object(), right.get_object(), how);
    if (left.is_array() && right.is_array())
        return same_elements(left.get_array(), right.get_array(), how);
    if (left.is_number() && right.is_number() && (left.is_double() || right.is_double()))
        return same_number(left.to_number<double>(), right.to_number<double>());
    return left == right;
}

std::string to_text(json::value const& some) { return json::serialize(some); }

} // namespace tidemark_test
