// SPDX-License-Identifier: BSL-1.0
//
// saved_json: saved values as JSON, read by the words of their schema, without their type.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/saved_shape.hpp>
#include <tidemark/core/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

/// Appends text as a JSON string; what is no UTF-8 becomes U+FFFD.
inline void append_json_text(std::string& out, std::string_view text)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    auto const continues = [&](std::size_t from, std::size_t many) {
        for (std::size_t i = from; i < from + many; ++i)
            if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U)
                return false;
        return true;
    };
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[i];
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else if (byte < 0x80) {
            out += text[i];
        } else {
            std::size_t const more = byte >= 0xc2 && byte < 0xe0   ? 1U
                                     : byte >= 0xe0 && byte < 0xf0 ? 2U
                                     : byte >= 0xf0 && byte < 0xf5 ? 3U
                                                                   : 0U;
            if (more != 0 && continues(i + 1, more)) {
                out += text.substr(i, more + 1);
                i += more;
            } else {
                out += "\xef\xbf\xbd";
            }
        }
    }
    out += '"';
}

inline void append_json_bytes(std::string& out, std::span<std::byte const> bytes)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (auto const byte : bytes) {
        out += digits[std::to_integer<unsigned>(byte) >> 4U];
        out += digits[std::to_integer<unsigned>(byte) & 15U];
    }
    out += '"';
}

template <typename Number>
void append_json_number(std::string& out, Number number)
{
    std::array<char, 64> room{};
    auto const end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
    out.append(room.data(), end);
}

/// Reads values of saved shapes and appends them as JSON.
class json_reader {
public:
    json_reader(input_archive& in, std::string& out)
        : in_(in)
        , out_(out)
    {}

    void value(saved_shape const& shape)
    {
        using kind = saved_shape::kind;
        switch (shape.what()) {
        case kind::boolean:
            out_ += in_.load_flag() ? "true" : "false";
            return;
        case kind::character:
            return character(shape.number());
        case kind::signed_integer: {
            auto const unused = 64 - 8 * shape.number();
            return append_json_number(out_, static_cast<std::int64_t>(bits(shape.number()) << unused)
                                                >> static_cast<int>(unused));
        }
        case kind::unsigned_integer:
            return append_json_number(out_, bits(shape.number()));
        case kind::floating:
            return floating(shape.number());
        case kind::raw:
            return append_json_bytes(out_, {in_.take(shape.number()), shape.number()});
        case kind::own:
            throw incompatible_checkpoint("a class that saves itself (version " + std::to_string(shape.number())
                                          + ") can only be read by a program that has it, to which "
                                            "tidemark::for_each_state gives the states of a stage");
        case kind::structure:
            return within(shape, around_.size());
        case kind::array:
            return elements(shape.parts().front(), shape.number());
        case kind::product:
            return product(shape.parts());
        case kind::text: {
            auto const size = in_.load_count(1);
            return append_json_text(out_, {reinterpret_cast<char const*>(in_.take(size)), size});
        }
        case kind::sequence:
            return elements(shape.parts().front(),
                            in_.load_count(std::max<std::size_t>(1, shape.parts().front().size().first)));
        case kind::dictionary:
            return dictionary(shape.parts().front(), shape.parts().back());
        case kind::optional:
            if (in_.load_flag())
                value(shape.parts().front());
            else
                out_ += "null";
            return;
        case kind::variant: {
            auto const index = in_.load_index(shape.parts().size());
            out_ += "{\"alternative\":";
            append_json_number(out_, index);
            out_ += ",\"value\":";
            value(shape.parts()[index]);
            out_ += '}';
            return;
        }
        case kind::unit:
            out_ += "null";
            return;
        case kind::above:
            if (shape.number() == 0 || shape.number() > around_.size())
                throw incompatible_checkpoint("a schema speaks of a structure around it that is not there");
            return within(*around_[around_.size() - shape.number()], around_.size() - shape.number());
        }
    }

private:
    static constexpr std::size_t deepest = 500;

    [[nodiscard]] std::uint64_t bits(std::size_t bytes)
    {
        auto const* const from = in_.take(bytes);
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            number |= std::to_integer<std::uint64_t>(from[i]) << 8U * i;
        return number;
    }

    void character(std::size_t bytes)
    {
        auto const found = bits(bytes);
        if (found < 0x80) {
            char const one = static_cast<char>(found);
            append_json_text(out_, {&one, 1});
        } else
            append_json_number(out_, found);
    }

    void floating(std::size_t bytes)
    {
        auto const found = bits(bytes);
        auto const number =
            bytes == 4 ? std::bit_cast<float>(static_cast<std::uint32_t>(found)) : std::bit_cast<double>(found);
        if (number > std::numeric_limits<double>::max())
            out_ += "\"inf\"";
        else if (number < std::numeric_limits<double>::lowest())
            out_ += "\"-inf\"";
        else if (!(number == number))
            out_ += "\"nan\"";
        else if (bytes == 4)
            append_json_number(out_, static_cast<float>(number));
        else
            append_json_number(out_, number);
    }

    /// An element without bytes of its own is marked by one.
    void elements(saved_shape const& element, std::size_t count)
    {
        bool const fills = element.size() == std::pair(std::size_t{0}, true);
        out_ += '[';
        for (std::size_t i = 0; i < count; ++i) {
            if (i != 0)
                out_ += ',';
            value(element);
            if (fills)
                in_.load_filler();
        }
        out_ += ']';
    }

    void product(std::vector<saved_shape> const& parts)
    {
        out_ += '[';
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i != 0)
                out_ += ',';
            value(parts[i]);
        }
        out_ += ']';
    }

    /// An object where keys are text, else a list of pairs.
    void dictionary(saved_shape const& key, saved_shape const& mapped)
    {
        auto const least = key.size().first + mapped.size().first;
        bool const object = key.what() == saved_shape::kind::text;
        out_ += object ? '{' : '[';
        auto const count = in_.load_count(std::max<std::size_t>(1, least));
        for (std::size_t i = 0; i < count; ++i) {
            if (i != 0)
                out_ += ',';
            out_ += object ? "" : "[";
            value(key);
            out_ += object ? ':' : ',';
            value(mapped);
            out_ += object ? "" : "]";
            if (least == 0)
                in_.load_filler();
        }
        out_ += object ? '}' : ']';
    }

    /// The members of `shape`, around which there are the first `above` structures.
    void within(saved_shape const& shape, std::size_t above)
    {
        if (++level_ > deepest)
            in_.damaged("a value nested more than " + std::to_string(deepest) + " deep");
        auto const before = around_;
        around_.resize(above);
        around_.push_back(&shape);
        if (shape.number() != 0)
            static_cast<void>(in_.load_version());
        out_ += '{';
        for (std::size_t i = 0; i < shape.parts().size(); ++i) {
            if (i != 0)
                out_ += ',';
            append_json_text(out_, shape.names()[i]);
            out_ += ':';
            value(shape.parts()[i]);
        }
        out_ += '}';
        around_ = before;
        --level_;
    }

    input_archive& in_;
    std::string& out_;
    std::vector<saved_shape const*> around_; // the structures that are being read, from the outermost
    std::size_t level_ = 0;
};

} // namespace detail

/// Appends the next value of `in` to `out` as JSON.
///
/// Structures are objects, as are maps whose keys are strings; other maps are lists of pairs. Times and durations are
/// numbers in the unit of their type, enumerations their numbers, raw bytes hexadecimal text, an empty optional `null`,
/// a variant an object with the number of its alternative.
/// *Throws* `corrupt_checkpoint` for bytes that are no such value; `incompatible_checkpoint` for a class that saves
/// itself.
inline void append_saved_json(std::string& out, saved_shape const& shape, input_archive& in)
{
    detail::json_reader(in, out).value(shape);
}

} // namespace tidemark
