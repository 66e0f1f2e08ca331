// SPDX-License-Identifier: BSL-1.0
//
// saved_shape: a schema, taken apart: what saved bytes are made of, for those who lack the types.

#pragma once

#include <tidemark/core/error.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tidemark {

/// A schema, taken apart, so that a program without the types can read what was saved.
///
/// *Throws* `incompatible_checkpoint` for words that `schema_of` of this version does not use.
class saved_shape {
public:
    enum class kind : std::uint8_t {
        boolean,
        character,
        signed_integer,
        unsigned_integer,
        floating,
        raw, ///< bytes of which nothing more is known
        own, ///< a class that saves itself: only the program that has it knows how long it is
        structure,
        array,
        product,
        text,
        sequence, ///< sets included
        dictionary,
        optional,
        variant,
        unit,
        above ///< a structure around this place
    };

    explicit saved_shape(std::string_view schema)
    {
        *this = parse(schema, 0);
        if (!schema.empty())
            throw not_understood(schema);
    }

    [[nodiscard]] kind what() const { return what_; }
    /// Bytes of a number, of raw bytes; elements of an array; levels up; the version of a class or structure.
    [[nodiscard]] std::size_t number() const { return number_; }
    /// Members, elements, alternatives, key and value.
    [[nodiscard]] std::vector<saved_shape> const& parts() const { return parts_; }
    /// The names of the members.
    [[nodiscard]] std::vector<std::string> const& names() const { return names_; }

    /// The first class below that saves itself, as its schema has it; nothing when all can be read.
    [[nodiscard]] std::optional<std::string> unreadable() const
    {
        if (what_ == kind::own)
            return "class(version " + std::to_string(number_) + ")";
        for (auto const& part : parts_)
            if (auto found = part.unreadable())
                return found;
        return std::nullopt;
    }

    /// The least bytes that a value takes, and whether it always takes that many.
    [[nodiscard]] std::pair<std::size_t, bool> size() const
    {
        switch (what_) {
        case kind::boolean:
            return {1, true};
        case kind::character:
        case kind::signed_integer:
        case kind::unsigned_integer:
        case kind::floating:
        case kind::raw:
            return {number_, true};
        case kind::unit:
            return {0, true};
        case kind::array: {
            auto const [least, fixed] = parts_.front().size();
            return {number_ * least, fixed};
        }
        case kind::structure:
        case kind::product: {
            std::pair<std::size_t, bool> all{0, true};
            if (what_ == kind::structure && number_ != 0)
                all = {1, false}; // its version goes before it
            for (auto const& part : parts_) {
                auto const [least, fixed] = part.size();
                all = {all.first + least, all.second && fixed};
            }
            return all;
        }
        default:
            return {1, false};
        }
    }

private:
    saved_shape() = default;

    static constexpr unsigned deepest = 500;

    [[nodiscard]] static incompatible_checkpoint not_understood(std::string_view rest)
    {
        return incompatible_checkpoint("a schema goes on with \"" + std::string(rest.substr(0, 40))
                                       + "\", which this version does not know; use the version that wrote it");
    }

    static bool take(std::string_view& words, std::string_view front)
    {
        if (!words.starts_with(front))
            return false;
        words.remove_prefix(front.size());
        return true;
    }
    static void expect(std::string_view& words, std::string_view front)
    {
        if (!take(words, front))
            throw not_understood(words);
    }

    static std::size_t take_number(std::string_view& words)
    {
        std::size_t number = 0;
        auto const [end, problem] = std::from_chars(words.data(), words.data() + words.size(), number);
        if (problem != std::errc())
            throw not_understood(words);
        words.remove_prefix(static_cast<std::size_t>(end - words.data()));
        return number;
    }

    [[nodiscard]] static saved_shape parse(std::string_view& words, unsigned level)
    {
        if (level == deepest)
            throw not_understood(words);
        saved_shape shape;
        auto const is = [&](std::string_view word, kind what) {
            shape.what_ = what;
            return take(words, word);
        };
        if (is("bool", kind::boolean) || is("string", kind::text) || is("unit", kind::unit))
            return shape;
        if (take(words, "enum(")) {
            shape = parse(words, level + 1);
            expect(words, ")");
        } else if (is("char", kind::character)) {
            shape.number_ =
                words.starts_with('1') || words.starts_with('3') || words.starts_with('8') ? take_number(words) / 8 : 1;
        } else if (is("int", kind::signed_integer) || is("uint", kind::unsigned_integer)
                   || is("float", kind::floating)) {
            shape.number_ = take_number(words) / 8;
            if (shape.number_ != 1 && shape.number_ != 2 && shape.number_ != 4 && shape.number_ != 8)
                throw not_understood(words);
        } else if (is("bytes(", kind::raw) || is("up(", kind::above) || is("class(version ", kind::own)) {
            shape.number_ = take_number(words);
            expect(words, ")");
        } else if (is("struct", kind::structure)) {
            shape.parse_members(words, level);
        } else if (is("array(", kind::array)) {
            shape.number_ = take_number(words);
            expect(words, ")");
            shape.parse_parts(words, level);
        } else if (is("duration<", kind::signed_integer)) {
            shape = parse_duration(words);
        } else if (take(words, "time_point<")) {
            if (!take(words, "system") && !take(words, "steady"))
                expect(words, "clock");
            expect(words, ",duration<");
            shape = parse_duration(words);
            expect(words, ">");
        } else if (is("pair", kind::product) || is("tuple", kind::product) || is("sequence", kind::sequence)
                   || is("set", kind::sequence) || is("multiset", kind::sequence) || is("map", kind::dictionary)
                   || is("multimap", kind::dictionary) || is("optional", kind::optional)
                   || is("variant", kind::variant)) {
            shape.parse_parts(words, level);
        } else {
            throw not_understood(words);
        }
        return shape;
    }

    [[nodiscard]] static saved_shape parse_duration(std::string_view& words)
    {
        auto shape = parse(words, 0);
        expect(words, ",");
        static_cast<void>(take_number(words));
        expect(words, "/");
        static_cast<void>(take_number(words));
        expect(words, ">");
        return shape;
    }

    void parse_members(std::string_view& words, unsigned level)
    {
        if (take(words, "(version ")) {
            number_ = take_number(words);
            expect(words, ")");
        }
        expect(words, "{");
        while (!take(words, "}")) {
            if (!parts_.empty())
                expect(words, ",");
            auto const name = words.substr(0, words.find(':'));
            names_.emplace_back(name);
            words.remove_prefix(name.size());
            expect(words, ":");
            parts_.push_back(parse(words, level + 1));
        }
    }

    void parse_parts(std::string_view& words, unsigned level)
    {
        expect(words, "<");
        while (!take(words, ">")) {
            if (!parts_.empty())
                expect(words, ",");
            parts_.push_back(parse(words, level + 1));
        }
        auto const wanted = what_ == kind::dictionary                                                    ? 2U
                            : what_ == kind::sequence || what_ == kind::optional || what_ == kind::array ? 1U
                                                                                                         : 0U;
        if (wanted != 0 && parts_.size() != wanted)
            throw not_understood(words);
    }

    kind what_ = kind::unit;
    std::size_t number_ = 0;
    std::vector<saved_shape> parts_;
    std::vector<std::string> names_;
};

} // namespace tidemark
