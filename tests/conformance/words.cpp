// SPDX-License-Identifier: BSL-1.0
//
// words: a matcher, and a parser by recursive descent that makes functions as it goes.

#include "words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace tidemark_test {
namespace {

using number = std::int64_t;
using values = std::vector<value>;
using value_function = std::function<value(values const&)>;

/// Takes a number, with its sign, off the front of `words`.
std::optional<number> take_number(std::string_view& words)
{
    number found = 0;
    auto const [end, problem] = std::from_chars(words.data(), words.data() + words.size(), found);
    if (problem != std::errc())
        return std::nullopt;
    words.remove_prefix(static_cast<std::size_t>(end - words.data()));
    return found;
}

/// Not what this parser can read; never leaves this file.
struct unreadable {};

/// `+`, `-`, `*`, `/`, `%` or `^` of two numbers; of integers an integer.
value calculated(char sign, value const& left, value const& right)
{
    auto const of = [sign](auto a, auto b) {
        return sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
    };
    if (sign == '^' || sign == '%') {
        auto const by = right.integer();
        if (sign == '%' && by != 0)
            return left.integer() % by;
        value power = 1;
        if (sign == '^' && by >= 0 && by < 64)
            for (number i = 0; i < by; ++i)
                power = calculated('*', power, left);
        else
            throw std::domain_error(std::string("no result of ") + sign + ' ' + std::to_string(by));
        return power;
    }
    if (!left.is_integer() || !right.is_integer())
        return of(left.real(), right.real());
    if (sign == '/' && right.integer() == 0)
        throw std::domain_error("a division by 0");
    return of(left.integer(), right.integer());
}

class arrow_parser {
public:
    arrow_parser(std::string_view variables, std::string_view body)
    {
        rest_ = variables;
        bool const in_brackets = take('(');
        do {
            skip_spaces();
            auto const end = std::min(rest_.find_first_of(",) "), rest_.size());
            variables_.push_back(rest_.substr(0, end));
            if (variables_.back().empty()
                || !std::all_of(rest_.begin(), rest_.begin() + std::ptrdiff_t(end), is_letter))
                throw unreadable{};
            rest_.remove_prefix(end);
        } while (take(','));
        if ((in_brackets && !take(')')) || !at_end())
            throw unreadable{};
        rest_ = body;
    }

    arrow whole()
    {
        arrow made;
        made.variables = variables_.size();
        made.is_list = take('[');
        std::vector<value_function> elements;
        if (!made.is_list)
            elements.push_back(sum_or_pair());
        else if (!take(']')) {
            do
                elements.push_back(sum_or_pair());
            while (take(','));
            expect(']');
        }
        if (!at_end())
            throw unreadable{};
        made.call = [elements](values const& given) {
            values all;
            for (auto const& element : elements)
                all.push_back(element(given));
            return all;
        };
        return made;
    }

private:
    static bool is_letter(char each) { return std::isalpha(static_cast<unsigned char>(each)) != 0; }

    void skip_spaces()
    {
        while (rest_.starts_with(' '))
            rest_.remove_prefix(1);
    }

    bool at_end()
    {
        skip_spaces();
        return rest_.empty();
    }

    bool take(char sign)
    {
        skip_spaces();
        bool const there = rest_.starts_with(sign);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }

    void expect(char sign)
    {
        if (!take(sign))
            throw unreadable{};
    }

    [[nodiscard]] bool begins_with_word(std::string_view word) const
    {
        return rest_.starts_with(word)
               && (rest_.size() == word.size() || std::isalnum(static_cast<unsigned char>(rest_[word.size()])) == 0);
    }

    bool take_word(std::string_view word)
    {
        skip_spaces();
        bool const there = begins_with_word(word);
        rest_.remove_prefix(there ? word.size() : 0);
        return there;
    }

    std::optional<std::size_t> take_variable()
    {
        for (std::size_t place = 0; place < variables_.size(); ++place)
            if (take_word(variables_[place]))
                return place;
        return std::nullopt;
    }

    static value_function both(char sign, value_function left, value_function right)
    {
        return [sign, left = std::move(left), right = std::move(right)](values const& given) {
            return calculated(sign, left(given), right(given));
        };
    }

    /// `(a, b)` alone is a pair; brackets with anything behind belong to a sum.
    value_function sum_or_pair()
    {
        auto const before = rest_;
        if (take('(')) {
            auto first = sum();
            if (take(',')) {
                auto second = sum();
                expect(')');
                return [first = std::move(first), second = std::move(second)](values const& given) {
                    return value::pair(first(given), second(given));
                };
            }
        }
        rest_ = before;
        return sum();
    }

    value_function sum()
    {
        auto left = product();
        while (true)
            if (take('+'))
                left = both('+', left, product());
            else if (take('-'))
                left = both('-', left, product());
            else
                return left;
    }

    value_function product()
    {
        auto left = factor();
        while (true)
            if (take('*'))
                left = both('*', left, factor());
            else if (take('/'))
                left = both('/', left, factor());
            else if (take('%') || take_word("mod"))
                left = both('%', left, factor());
            else
                return left;
    }

    value_function factor()
    {
        if (take('-'))
            return both('-', [](values const&) { return value(0); }, factor());
        skip_spaces();
        if (auto const fixed = take_number(rest_)) {
            value_function const times = [same = value(*fixed)](values const&) { return same; };
            skip_spaces();
            bool const more =
                rest_.starts_with('(') || (!rest_.empty() && is_letter(rest_.front()) && !begins_with_word("mod"));
            return more ? both('*', times, power(operand())) : power(times);
        }
        return power(operand());
    }

    value_function power(value_function base) { return take('^') ? both('^', base, factor()) : base; }

    value_function in_brackets()
    {
        auto inner = sum();
        expect(')');
        return inner;
    }

    value_function larger_or_smaller(bool larger)
    {
        expect('(');
        auto left = sum();
        expect(',');
        auto right = in_brackets();
        return [=](values const& given) {
            auto const a = left(given);
            auto const b = right(given);
            return (a.real() < b.real()) == larger ? b : a;
        };
    }

    value_function operand()
    {
        if (take('('))
            return in_brackets();
        for (bool const larger : {false, true})
            if (take_word(larger ? "max" : "min"))
                return larger_or_smaller(larger);
        if (auto const place = take_variable())
            return [place = *place](values const& given) { return given.at(place); };
        throw unreadable{};
    }

    std::vector<std::string_view> variables_;
    std::string_view rest_;
};

} // namespace

std::optional<std::vector<std::int64_t>> numbers_in(std::string_view words, std::string_view pattern)
{
    std::vector<std::int64_t> numbers;
    for (; !pattern.empty(); pattern.remove_prefix(1)) {
        if (pattern.front() == '#') {
            auto const found = take_number(words);
            if (!found)
                return std::nullopt;
            numbers.push_back(*found);
        } else if (words.starts_with(pattern.front()))
            words.remove_prefix(1);
        else
            return std::nullopt;
    }
    return words.empty() ? std::optional(std::move(numbers)) : std::nullopt;
}

bool says_all(std::string_view words, std::size_t count)
{
    static constexpr std::array<std::string_view, 11> names{"none", "one",   "two",   "three", "four", "five",
                                                            "six",  "seven", "eight", "nine",  "ten"};
    for (std::string_view const things : {" datasets", " streams"})
        if (words.ends_with(things))
            words.remove_suffix(things.size());
    for (std::string_view const begin : {"all ", "the "})
        if (words.starts_with(begin) && count < names.size() && words.substr(begin.size()) == names[count])
            return true;
    return words == "all" || words == "the" || (count == 2 && words == "both");
}

std::optional<arrow> arrow_of(std::string_view words)
{
    auto const sign = words.find(" -> ");
    if (sign == std::string_view::npos)
        return std::nullopt;
    try {
        return arrow_parser(words.substr(0, sign), words.substr(sign + 4)).whole();
    } catch (unreadable const&) {
        return std::nullopt;
    }
}

} // namespace tidemark_test
