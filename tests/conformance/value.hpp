// SPDX-License-Identifier: BSL-1.0
//
// value: one record type for all cases: nothing, a number, a text, or a list of values.

#pragma once

#include <tidemark/core/key_hash.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tidemark_test {

/// What a vector file calls an element. A pair is a list of two; `null`, an absent side, is `value()`.
class value {
public:
    using list = std::vector<value>;

    value() = default;
    value(int number)
        : held_(std::int64_t{number})
    {}
    value(std::int64_t number)
        : held_(number)
    {}
    value(double number)
        : held_(number)
    {}
    value(char const* text)
        : held_(std::string(text))
    {}
    value(std::string text)
        : held_(std::move(text))
    {}
    value(list elements)
        : held_(std::move(elements))
    {}

    /// A list of two.
    [[nodiscard]] static value pair(value first, value second)
    {
        return value(list{std::move(first), std::move(second)});
    }

    [[nodiscard]] bool is_number() const { return is_integer() || std::holds_alternative<double>(held_); }
    [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(held_); }
    [[nodiscard]] bool is_text() const { return std::holds_alternative<std::string>(held_); }
    [[nodiscard]] bool is_list() const { return std::holds_alternative<list>(held_); }
    [[nodiscard]] bool is_pair() const { return is_list() && elements().size() == 2; }

    // *Throw* `std::bad_variant_access` for another kind of value.

    [[nodiscard]] std::int64_t integer() const { return std::get<std::int64_t>(held_); }
    [[nodiscard]] double real() const
    {
        return is_integer() ? static_cast<double>(integer()) : std::get<double>(held_);
    }
    [[nodiscard]] std::string const& text() const { return std::get<std::string>(held_); }
    [[nodiscard]] list const& elements() const { return std::get<list>(held_); }

    /// `5` and `5.0` are equal as numbers, and so are their hashes.
    [[nodiscard]] friend bool operator==(value const& left, value const& right)
    {
        if (left.is_number() && right.is_number() && left.is_integer() != right.is_integer())
            return left.real() == right.real();
        return left.held_ == right.held_;
    }

    [[nodiscard]] friend std::uint64_t tidemark_key_hash(value const& key)
    {
        if (key.is_number())
            return tidemark::key_hash(key.real());
        if (key.is_text())
            return tidemark::key_hash(key.text());
        return key.is_list() ? tidemark::key_hash(key.elements()) : 0;
    }

    /// As in the vector file, with the fewest digits of a number that tell it from all others.
    friend void write(std::string& out, value const& some)
    {
        if (some.is_integer())
            out += std::to_string(some.integer());
        else if (some.is_number())
            out += shortest(some.real());
        else if (some.is_text())
            out += '"' + some.text() + '"';
        else if (some.is_list()) {
            char const* between = "[";
            for (auto const& element : some.elements()) {
                out += std::exchange(between, ", ");
                write(out, element);
            }
            out += some.elements().empty() ? "[]" : "]";
        } else
            out += "null";
    }

    /// As a line of output: a text without its quotes, a pair as `(key,value)`.
    friend std::ostream& operator<<(std::ostream& out, value const& some)
    {
        if (some.is_text())
            return out << some.text();
        if (some.is_pair())
            return out << '(' << some.elements()[0] << ',' << some.elements()[1] << ')';
        std::string line;
        write(line, some);
        return out << line;
    }

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & held_;
    }

private:
    /// With a point where there is no exponent, so that it is read back as a real number.
    [[nodiscard]] static std::string shortest(double number)
    {
        char digits[32];
        auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        std::string text(digits, end);
        return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    }

    std::variant<std::monostate, std::int64_t, double, std::string, list> held_;
};

/// Whether two numbers are the same but for what rounding does to them: the readers and printers of numbers that a file
/// has gone through may be wrong in the last digit.
[[nodiscard]] inline bool same_number(double left, double right)
{
    return left == right || std::abs(left - right) <= 1e-12 * std::max(std::abs(left), std::abs(right));
}

/// Equal, real numbers by `same_number`.
[[nodiscard]] inline bool same(value const& left, value const& right)
{
    if (left.is_list() && right.is_list())
        return std::equal(left.elements().begin(), left.elements().end(), right.elements().begin(),
                          right.elements().end(), [](value const& a, value const& b) { return same(a, b); });
    if (left.is_number() && right.is_number() && !(left.is_integer() && right.is_integer()))
        return same_number(left.real(), right.real());
    return left == right;
}

/// A record of a keyed stream.
using value_pair = std::pair<value, value>;

} // namespace tidemark_test
