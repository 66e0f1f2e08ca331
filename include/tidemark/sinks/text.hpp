// SPDX-License-Identifier: BSL-1.0
//
// text: a record as a line of text.

#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tidemark {

/// Appends a record to a line: a pair or tuple as `(key,value)`, as Spark prints it; an optional as its value or
/// `none`, a range as `[a,b]`, numbers in their shortest exact form, and everything else by its own `operator<<`.
template <typename T>
void append_text(std::string& line, T const& value);

namespace detail {

template <typename T>
concept streamable = requires(std::ostream& out, T const& value) { out << value; };

template <typename T>
concept text_range = requires(T const& several) {
    std::begin(several) != std::end(several);
    *std::begin(several);
};

template <typename T>
inline constexpr bool is_tuple_like_v = false;
template <typename... Parts>
inline constexpr bool is_tuple_like_v<std::tuple<Parts...>> = true;
template <typename First, typename Second>
inline constexpr bool is_tuple_like_v<std::pair<First, Second>> = true;

// `Above` holds what is around `T`: a range may have elements of its own type.
template <typename T, typename... Above>
consteval bool is_written();

template <typename T, typename... Above>
inline constexpr bool all_written = false;
template <typename... Parts, typename... Above>
inline constexpr bool all_written<std::tuple<Parts...>, Above...> = (detail::is_written<Parts, Above...>() && ...);
template <typename First, typename Second, typename... Above>
inline constexpr bool all_written<std::pair<First, Second>, Above...> =
    all_written<std::tuple<First, Second>, Above...>;

template <typename T, typename... Above>
consteval bool is_written()
{
    if constexpr ((std::same_as<T, Above> || ...)
                  || std::is_arithmetic_v<T> || std::convertible_to<T const&, std::string_view>)
        return true;
    else if constexpr (is_tuple_like_v<T>)
        return all_written<T, Above...>;
    else if constexpr (requires(T const& maybe) { maybe.has_value(), *maybe; })
        return detail::is_written<std::remove_cvref_t<decltype(*std::declval<T const&>())>, T, Above...>();
    else if constexpr (streamable<T>)
        return true;
    else if constexpr (text_range<T>)
        return detail::is_written<std::remove_cvref_t<decltype(*std::begin(std::declval<T const&>()))>, T, Above...>();
    else
        return false;
}

/// Whether records can be written as text; says what is wrong.
template <typename Record>
consteval bool text_checked()
{
    static_assert(detail::is_written<Record>(),
                  "tidemark: the records cannot be written as text; give them an operator<<");
    return detail::is_written<Record>();
}

template <typename Number>
void append_number(std::string& line, Number value)
{
    std::array<char, 64> digits{};
    auto const written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    line.append(digits.data(), written.ptr);
}

/// Appends what is written to it to a line; all of <sstream> costs every file more.
class line_buffer : public std::streambuf {
public:
    explicit line_buffer(std::string& line)
        : line_(line)
    {}

private:
    int_type overflow(int_type character) override
    {
        if (!traits_type::eq_int_type(character, traits_type::eof()))
            line_ += traits_type::to_char_type(character);
        return traits_type::not_eof(character);
    }

    std::streamsize xsputn(char const* text, std::streamsize length) override
    {
        line_.append(text, static_cast<std::size_t>(length));
        return length;
    }

    std::string& line_;
};

struct append_parts {
    std::string& line;

    template <typename... Parts>
    void operator()(Parts const&... parts) const
    {
        char between = '(';
        ((line += std::exchange(between, ','), append_text(line, parts)), ...);
        line += ')';
    }
};

} // namespace detail

template <typename T>
void append_text(std::string& line, T const& value)
{
    if constexpr (std::same_as<T, bool>)
        line += value ? "true" : "false";
    else if constexpr (std::same_as<T, char>)
        line += value;
    else if constexpr (std::integral<T> || std::floating_point<T>)
        detail::append_number(line, value);
    else if constexpr (std::convertible_to<T const&, std::string_view>)
        line += std::string_view(value);
    else if constexpr (detail::is_tuple_like_v<T>)
        std::apply(detail::append_parts{line}, value);
    else if constexpr (requires { value.has_value(); }) {
        if (value)
            append_text(line, *value);
        else
            line += "none";
    } else if constexpr (detail::streamable<T>) {
        detail::line_buffer buffer(line);
        std::ostream out(&buffer);
        out << value;
    } else if constexpr (detail::text_range<T>) {
        line += '[';
        bool first = true;
        for (auto const& element : value) {
            if (!std::exchange(first, false))
                line += ',';
            append_text(line, element);
        }
        line += ']';
    } else
        static_assert(detail::streamable<T>,
                      "tidemark::append_text: the record cannot be written as text; give it an operator<<");
}

} // namespace tidemark
