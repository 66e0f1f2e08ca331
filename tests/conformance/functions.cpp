// SPDX-License-Identifier: BSL-1.0
//
// functions: the tables of known descriptions of functions without a state.

#include "functions.hpp"
#include "vocabulary.hpp"
#include "words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

namespace tidemark_test {
namespace {

/// `words` up to a remark in brackets.
std::string without_remark(std::string const& words) { return words.substr(0, words.find(" (")); }

value larger(value const& left, value const& right) { return left.real() < right.real() ? right : left; }
value smaller(value const& left, value const& right) { return right.real() < left.real() ? right : left; }

/// All of them joined by `f`; nothing, `value()`, of nothing.
value reduced(std::vector<value> const& values, value (*f)(value const&, value const&))
{
    auto all = values.empty() ? value() : values.front();
    for (auto const& each : values)
        all = f(all, each);
    return all;
}

/// The characters of a text in UTF-8.
std::vector<value> letters_of(value const& text)
{
    std::vector<value> letters;
    std::string letter;
    for (char const unit : text.text()) {
        if ((static_cast<unsigned char>(unit) & 0xC0U) != 0x80U && !letter.empty())
            letters.emplace_back(std::exchange(letter, ""));
        letter += unit;
    }
    if (!letter.empty())
        letters.emplace_back(letter);
    return letters;
}

std::int64_t length_of(value const& text) { return std::ssize(letters_of(text)); }

value first_letter(value const& text)
{
    auto const letters = letters_of(text);
    return letters.empty() ? value("") : letters.front();
}

/// In ASCII.
value with_letters(value const& text, int (*change)(int))
{
    auto changed = text.text();
    for (auto& each : changed) {
        if ((static_cast<unsigned char>(each) & 0x80U) != 0)
            throw not_covered("upper and lower case of other letters than those of ASCII");
        each = static_cast<char>(change(static_cast<unsigned char>(each)));
    }
    return value(changed);
}

std::vector<value> words_in(value const& line)
{
    std::istringstream in(line.text());
    return {std::istream_iterator<std::string>(in), {}};
}

value swapped(value const& pair)
{
    if (!pair.is_pair())
        throw not_covered("an element that is no pair");
    return value::pair(pair.elements()[1], pair.elements()[0]);
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
        plain<mapping>("string to its first letter", first_letter),
        plain<mapping>("string written twice", [](value const& text) { return value(text.text() + text.text()); }),
        plain<mapping>("string to its length", [](value const& text) { return value(length_of(text)); }),
        plain<mapping>("string to upper case", [](value const& text) { return with_letters(text, std::toupper); }),
        plain<mapping>("string to lower case", [](value const& text) { return with_letters(text, std::tolower); }),
        plain<mapping>("swap key and value", swapped),
        plain<mapping>("identity", [](value const& x) { return x; }),
        plain<mapping>("line to integer",
                       [](value const& line) { return value(std::int64_t{std::stoll(line.text())}); }),
        plain<mapping>("state -> counter", [](value const& state) { return state.elements().at(0); }),
        plain<mapping>(
            "sum divided by n as a real number",
            [](value const& pair) { return value(pair.elements().at(0).real() / pair.elements().at(1).real()); }),
        plain<mapping>("keep the key of each pair", [](value const& pair) { return pair.elements().at(0); }),
        plain<mapping>("keep the value of each pair", [](value const& pair) { return pair.elements().at(1); }),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && !found->is_list && found->variables == 1)
        return [call = found->call](value const& x) { return call({x}).front(); };
    if (words.starts_with("map "))
        return [pair = pairing_of(words)](value const& x) {
            auto const made = pair(x);
            return value::pair(made.first, made.second);
        };
    refuse(words);
}

expansion expansion_of(std::string const& words)
{
    static vocabulary<expansion> const known{
        plain<expansion>("string to its letters", letters_of),
        plain<expansion>("line to words", words_in),
        plain<expansion>("line to its words", words_in),
        plain<expansion>("x -> x copies of x",
                         [](value const& x) {
                             return std::vector<value>(static_cast<std::size_t>(std::max(x.integer(), std::int64_t{0})),
                                                       x);
                         }),
        plain<expansion>("v -> 0, 1, ..., v-1", numbers_below),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && found->is_list && found->variables == 1)
        return [call = found->call](value const& x) { return call({x}); };
    refuse(words);
}

namespace {

double real(std::int64_t number) { return static_cast<double>(number); }

std::int64_t divisor(std::int64_t number)
{
    if (number == 0)
        throw not_covered("a division by 0");
    return number;
}

} // namespace

predicate predicate_of(std::string const& words)
{
    static vocabulary<predicate> const known{
        plain<predicate>("x is even", [](value const& x) { return x.integer() % 2 == 0; }),
        plain<predicate>("x is odd", [](value const& x) { return x.integer() % 2 != 0; }),
        {"x > #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.real() > real(limit); }; }},
        {"x < #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.real() < real(limit); }; }},
        {"x >= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.real() >= real(limit); }; }},
        {"x <= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.real() <= real(limit); }; }},
        {"x is #", [](numbers const& n) { return [other = value(n[0])](value const& x) { return x == other; }; }},
        {"x is not #",
         [](numbers const& n) { return [other = value(n[0])](value const& x) { return !(x == other); }; }},
        {"x is divisible by #",
         [](numbers const& n) { return [by = divisor(n[0])](value const& x) { return x.integer() % by == 0; }; }},
        {"x is not divisible by #",
         [](numbers const& n) { return [by = divisor(n[0])](value const& x) { return x.integer() % by != 0; }; }},
        {"string is longer than #",
         [](numbers const& n) { return [limit = n[0]](value const& x) { return length_of(x) > limit; }; }},
        {"string is shorter than #",
         [](numbers const& n) { return [limit = n[0]](value const& x) { return length_of(x) < limit; }; }},
        plain<predicate>("string is not empty", [](value const& x) { return !x.text().empty(); }),
        {"x is a multiple of #",
         [](numbers const& n) { return [of = divisor(n[0])](value const& x) { return x.integer() % of == 0; }; }},
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
        plain<reduction>("maximum", larger),
        plain<reduction>("minimum", smaller),
        plain<reduction>("multiplication",
                         [](value const& x, value const& y) {
                             return x.is_integer() && y.is_integer() ? value(x.integer() * y.integer())
                                                                     : value(x.real() * y.real());
                         }),
        plain<reduction>("string concatenation",
                         [](value const& x, value const& y) { return value(x.text() + y.text()); }),
        plain<reduction>("concatenation", [](value const& x, value const& y) { return value(x.text() + y.text()); }),
    };
    if (auto found = find(known, without_remark(words)))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && !found->is_list && found->variables == 2)
        return [call = found->call](value const& x, value const& y) { return call({x, y}).front(); };
    refuse(words);
}

reduction inverse_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("subtraction",
                         [](value const& all, value const& leaving) {
                             return all.is_integer() && leaving.is_integer() ? value(all.integer() - leaving.integer())
                                                                             : value(all.real() - leaving.real());
                         }),
        plain<reduction>("division",
                         [](value const& all, value const& leaving) {
                             return all.is_integer() && leaving.is_integer()
                                        ? value(all.integer() / divisor(leaving.integer()))
                                        : value(all.real() / leaving.real());
                         }),
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

value_pair as_pair(value const& some)
{
    if (!some.is_pair())
        throw not_covered("an element that is no pair");
    return {some.elements()[0], some.elements()[1]};
}

pairing pairing_of(std::string const& words)
{
    auto const with_number = [](numbers const& n) {
        return [number = n[0]](value const& x) { return value_pair(x, number); };
    };
    if (auto const found = numbers_in(words, "map x to (x mod #, x)"))
        return [by = divisor(found->at(0))](value const& x) { return value_pair(x.integer() % by, x); };
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
    if (auto found = find(known, words))
        return *std::move(found);
    std::string const mapped = "map x to ";
    if (auto const made = words.starts_with(mapped) ? arrow_of("x -> " + words.substr(mapped.size())) : std::nullopt)
        return [call = made->call](value const& x) { return as_pair(call({x}).front()); };
    refuse(words);
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
    return value::pair(larger(left.elements().at(0), right.elements().at(0)),
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

namespace {

std::vector<value> just(value some) { return {std::move(some)}; }

std::vector<value> size_of(std::vector<value> const& all) { return just(std::ssize(all)); }

} // namespace

partition_function partition_function_of(std::string const& words)
{
    static vocabulary<partition_function> const known{
        plain<partition_function>("one element per partition: the sum of the partition",
                                  [](std::vector<value> const& all) { return just(total(all)); }),
        plain<partition_function>("one element per partition: the maximum of the partition",
                                  [](std::vector<value> const& all) { return just(reduced(all, larger)); }),
        plain<partition_function>("one element per partition: the minimum of the partition",
                                  [](std::vector<value> const& all) { return just(reduced(all, smaller)); }),
        plain<partition_function>("one element per partition: the number of its elements", size_of),
        plain<partition_function>("one element per partition: the number of elements", size_of),
        plain<partition_function>("one element per partition: the count of the partition", size_of),
    };
    std::string const each = "every element times ";
    if (auto const times = numbers_in(words, each + "#"))
        return [f = mapping_of("x -> " + std::to_string((*times)[0]) + "x")](std::vector<value> const& all) {
            std::vector<value> mapped;
            std::ranges::transform(all, std::back_inserter(mapped), f);
            return mapped;
        };
    return known_or_refused(known, words);
}

} // namespace tidemark_test
