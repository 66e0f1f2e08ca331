// SPDX-License-Identifier: BSL-1.0
//
// value: one record type for all cases: nothing, a number, a text, or a list of values.

#pragma once

#include <tidemark/core/key_hash.hpp>

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

    /// As in the vector file.
    friend void write(std::string& out, value const& some)
    {
        if (some.is_integer())
            out += std::to_string(some.integer());
        else if (some.is_number())
            out += std::to_string(some.real());
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

    /// As a line of output: a text without its quotes.
    friend std::ostream& operator<<(std::ostream& out, value const& some)
    {
        std::string line;
        write(line, some);
        return out << (some.is_text() ? some.text() : line);
    }

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & held_;
    }

private:
    [[nodiscard]] bool is_number() const { return is_integer() || std::holds_alternative<double>(held_); }

    std::variant<std::monostate, std::int64_t, double, std::string, list> held_;
};

/// A record of a keyed stream.
using value_pair = std::pair<value, value>;

} // namespace tidemark_test
