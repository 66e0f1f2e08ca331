// SPDX-License-Identifier: BSL-1.0
//
// words: a matcher, and a parser by recursive descent that makes functions as it goes.

#include "words.hpp"

#include <cctype>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace tidemark_test {
namespace {

using number = std::int64_t;
using number_function = std::function<number(number)>;

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

class arrow_parser {
public:
    arrow_parser(std::string_view variable, std::string_view body)
        : variable_(variable)
        , rest_(body)
    {}

    arrow whole()
    {
        arrow made;
        made.is_list = take('[');
        std::vector<number_function> elements{sum()};
        while (made.is_list && take(','))
            elements.push_back(sum());
        if (made.is_list && !take(']'))
            throw unreadable{};
        skip_spaces();
        if (!rest_.empty())
            throw unreadable{};
        made.call = [elements](number x) {
            std::vector<number> all;
            for (auto const& element : elements)
                all.push_back(element(x));
            return all;
        };
        return made;
    }

private:
    void skip_spaces()
    {
        while (rest_.starts_with(' '))
            rest_.remove_prefix(1);
    }

    bool take(char sign)
    {
        skip_spaces();
        bool const there = rest_.starts_with(sign);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }

    bool take_variable()
    {
        skip_spaces();
        bool const there = rest_.starts_with(variable_)
                           && (rest_.size() == variable_.size()
                               || std::isalnum(static_cast<unsigned char>(rest_[variable_.size()])) == 0);
        rest_.remove_prefix(there ? variable_.size() : 0);
        return there;
    }

    number_function sum()
    {
        auto left = product();
        while (true)
            if (take('+'))
                left = [left, right = product()](number x) { return left(x) + right(x); };
            else if (take('-'))
                left = [left, right = product()](number x) { return left(x) - right(x); };
            else
                return left;
    }

    number_function product()
    {
        auto left = factor();
        while (true)
            if (take('*'))
                left = [left, right = factor()](number x) { return left(x) * right(x); };
            else if (take('/'))
                left = [left, right = factor()](number x) { return left(x) / right(x); };
            else if (take('%'))
                left = [left, right = factor()](number x) { return left(x) % right(x); };
            else
                return left;
    }

    number_function factor()
    {
        if (take('-'))
            return [positive = factor()](number x) { return -positive(x); };
        if (take('(')) {
            auto inner = sum();
            if (!take(')'))
                throw unreadable{};
            return inner;
        }
        if (take_variable())
            return [](number x) { return x; };
        skip_spaces();
        auto const fixed = take_number(rest_);
        if (!fixed)
            throw unreadable{};
        if (take_variable())
            return [times = *fixed](number x) { return times * x; };
        if (take('(')) {
            auto inner = sum();
            if (!take(')'))
                throw unreadable{};
            return [times = *fixed, inner](number x) { return times * inner(x); };
        }
        return [same = *fixed](number) { return same; };
    }

    std::string_view variable_;
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
