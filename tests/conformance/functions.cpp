// SPDX-License-Identifier: BSL-1.0
//
// functions: the tables of known descriptions of functions without a state.

#include "functions.hpp"
#include "vocabulary.hpp"
#include "words.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace tidemark_test {
namespace {

/// `words` up to a remark in brackets.
std::string without_remark(std::string const& words) { return words.substr(0, words.find(" (")); }

/// Nothing, `value()`, of nothing.
value largest(std::vector<value> const& values)
{
    value most = values.empty() ? value() : values.front();
    for (auto const& each : values)
        most = std::max(most.integer(), each.integer());
    return most;
}

std::vector<value> letters_of(value const& text)
{
    std::vector<value> letters;
    for (char const letter : text.text())
        letters.emplace_back(std::string(1, letter));
    return letters;
}

std::vector<value> numbers_below(value const& limit)
{
    std::vector<value> all;
    for (std::int64_t i = 0; i < limit.integer(); ++i)
        all.emplace_back(i);
    return all;
}

} // namespace

mapping mapping_of(std::string const& words)
{
    static vocabulary<mapping> const known{
        plain<mapping>("integer to its decimal string",
                       [](value const& x) { return value(std::to_string(x.integer())); }),
        plain<mapping>("string to its first letter", [](value const& text) { return value(text.text().substr(0, 1)); }),
        plain<mapping>("string written twice", [](value const& text) { return value(text.text() + text.text()); }),
        plain<mapping>("string to its length",
                       [](value const& text) { return value(static_cast<std::int64_t>(text.text().size())); }),
        plain<mapping>("line to integer",
                       [](value const& line) { return value(std::int64_t{std::stoll(line.text())}); }),
        plain<mapping>("state -> counter", [](value const& state) { return state.elements().at(0); }),
        plain<mapping>(
            "sum divided by n as a real number",
            [](value const& pair) { return value(pair.elements().at(0).real() / pair.elements().at(1).real()); }),
        plain<mapping>("keep the key of each pair", [](value const& pair) { return pair.elements().at(0); }),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && !found->is_list)
        return [call = found->call](value const& x) { return value(call(x.integer()).front()); };
    refuse(words);
}

expansion expansion_of(std::string const& words)
{
    static vocabulary<expansion> const known{
        plain<expansion>("string to its letters", letters_of),
        plain<expansion>("v -> 0, 1, ..., v-1", numbers_below),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && found->is_list)
        return [call = found->call](value const& x) {
            auto const all = call(x.integer());
            return std::vector<value>(all.begin(), all.end());
        };
    refuse(words);
}

predicate predicate_of(std::string const& words)
{
    static vocabulary<predicate> const known{
        plain<predicate>("x is even", [](value const& x) { return x.integer() % 2 == 0; }),
        plain<predicate>("x is odd", [](value const& x) { return x.integer() % 2 != 0; }),
        {"x > #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() > limit; }; }},
        {"x < #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() < limit; }; }},
        {"x >= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() >= limit; }; }},
        {"x <= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() <= limit; }; }},
        {"x is not #",
         [](numbers const& n) { return [other = n[0]](value const& x) { return x.integer() != other; }; }},
        {"x is divisible by #",
         [](numbers const& n) { return [by = n[0]](value const& x) { return x.integer() % by == 0; }; }},
        {"string is longer than #",
         [](numbers const& n) {
             return [limit = n[0]](value const& x) { return static_cast<std::int64_t>(x.text().size()) > limit; };
         }},
        {"x is a multiple of #",
         [](numbers const& n) { return [of = n[0]](value const& x) { return x.integer() % of == 0; }; }},
    };
    std::string const contains = "string contains the letter ";
    if (words.starts_with(contains))
        return [letter = words.substr(contains.size())](value const& text) {
            return text.text().find(letter) != std::string::npos;
        };
    std::string const starts = "string starts with the letter ";
    if (words.starts_with(starts))
        return [letter = words.substr(starts.size())](value const& text) { return text.text().starts_with(letter); };
    return known_or_refused(known, words);
}

reduction reduction_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("addition", added),
        plain<reduction>("maximum",
                         [](value const& x, value const& y) { return value(std::max(x.integer(), y.integer())); }),
        plain<reduction>("minimum",
                         [](value const& x, value const& y) { return value(std::min(x.integer(), y.integer())); }),
        plain<reduction>("multiplication",
                         [](value const& x, value const& y) { return value(x.integer() * y.integer()); }),
    };
    return known_or_refused(known, without_remark(words));
}

reduction inverse_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("subtraction",
                         [](value const& all, value const& leaving) {
                             return all.is_integer() && leaving.is_integer() ? value(all.integer() - leaving.integer())
                                                                             : value(all.real() - leaving.real());
                         }),
        plain<reduction>("division", [](value const& all,
                                        value const& leaving) { return value(all.integer() / leaving.integer()); }),
    };
    return known_or_refused(known, without_remark(words));
}

pair_predicate pair_predicate_of(std::string const& words)
{
    static vocabulary<pair_predicate> const known{
        {"keep pairs whose value is not #",
         [](numbers const& n) {
             return [unwanted = value(n[0])](value_pair const& pair) { return !(pair.second == unwanted); };
         }},
        {"keep pairs whose value is #",
         [](numbers const& n) {
             return [wanted = value(n[0])](value_pair const& pair) { return pair.second == wanted; };
         }},
    };
    if (auto found = find(known, words))
        return *std::move(found);
    std::string const of_value = "keep pairs whose value ";
    if (words.starts_with(of_value)) // "... is even", "... > 5"
        return [keep = predicate_of("x " + words.substr(of_value.size()))](value_pair const& pair) {
            return keep(pair.second);
        };
    refuse(words);
}

value_pair as_pair(value const& some) { return {some.elements().at(0), some.elements().at(1)}; }

pairing pairing_of(std::string const& words)
{
    auto const with_number = [](numbers const& n) {
        return [number = n[0]](value const& x) { return value_pair(x, number); };
    };
    if (words.starts_with("map x to (x, \"") && words.ends_with("\")"))
        return [text = words.substr(14, words.size() - 16)](value const& x) { return value_pair(x, text); };
    if (auto const found = numbers_in(words, "map x to (x mod #, x)"))
        return [by = found->at(0)](value const& x) { return value_pair(x.integer() % by, x); };
    static vocabulary<pairing> const known{
        {"map x to (x, #)", with_number},
        {"map each string x to (x, #)", with_number},
        {"map each string x to the pair (x, #)", with_number},
    };
    std::string const with_text = "map x to (x, \"";
    if (words.starts_with(with_text) && words.ends_with("\")"))
        return [text = words.substr(with_text.size(), words.size() - with_text.size() - 2)](value const& x) {
            return value_pair(x, text);
        };
    return known_or_refused(known, words);
}

namespace {

/// Two lists of numbers, place by place.
value added_by_place(value const& left, value const& right)
{
    value::list sums;
    for (std::size_t i = 0; i < left.elements().size(); ++i)
        sums.push_back(added(left.elements()[i], right.elements().at(i)));
    return value(sums);
}

/// Of two pairs: the larger of the first numbers, and the sum of the second ones.
value larger_and_sum(value const& left, value const& right)
{
    return value::pair(std::max(left.elements().at(0).integer(), right.elements().at(0).integer()),
                       added(left.elements().at(1), right.elements().at(1)));
}

value joined_lists(value const& left, value const& right)
{
    auto all = left.elements();
    all.insert(all.end(), right.elements().begin(), right.elements().end());
    return value(all);
}

} // namespace

mapping creation_of(std::string const& words)
{
    static vocabulary<mapping> const known{
        {"v -> (v, #)",
         [](numbers const& n) { return [with = n[0]](value const& v) { return value::pair(v, with); }; }},
        plain<mapping>("identity", [](value const& v) { return v; }),
        plain<mapping>("v -> v", [](value const& v) { return v; }),
        plain<mapping>("v -> [v]", [](value const& v) { return value(value::list{v}); }),
        plain<mapping>("v -> list of v", [](value const& v) { return value(value::list{v}); }),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return mapping_of(words);
}

reduction merging_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        {"(sum, n), v -> (sum + v, n + #)",
         [](numbers const& n) {
             return [by = n[0]](value const& so_far, value const& v) {
                 return added_by_place(so_far, value::pair(v, by));
             };
         }},
        plain<reduction>(
            "append", [](value const& so_far, value const& v) { return joined_lists(so_far, value(value::list{v})); }),
        plain<reduction>("c, v -> c + v", added),
        {"(m, n), v -> (max(m, v), n + #)",
         [](numbers const& n) {
             return [by = n[0]](value const& so_far, value const& v) {
                 return larger_and_sum(so_far, value::pair(v, by));
             };
         }},
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return reduction_of(words);
}

reduction combiner_merging_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("component-wise addition", added_by_place),
        plain<reduction>("concatenation", joined_lists),
        plain<reduction>("(max of maxima, sum of counts)", larger_and_sum),
        plain<reduction>("a, b -> a + b", added),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return reduction_of(words);
}

partition_function partition_function_of(std::string const& words)
{
    static vocabulary<partition_function> const known{
        plain<partition_function>("one element per partition: the sum of the partition",
                                  [](std::vector<value> const& all) { return total(all); }),
        plain<partition_function>("one element per partition: the maximum of the partition",
                                  [](std::vector<value> const& all) { return largest(all); }),
        plain<partition_function>(
            "one element per partition: the number of its elements",
            [](std::vector<value> const& all) { return value(static_cast<std::int64_t>(all.size())); }),
    };
    return known_or_refused(known, words);
}

} // namespace tidemark_test
