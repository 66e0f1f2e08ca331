// SPDX-License-Identifier: BSL-1.0
//
// words: the words of a line, as a lazy range of views into it.

#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace support {

namespace detail {

/// ASCII letters and digits, and every byte of a character beyond ASCII in UTF-8; the locale has no say.
[[nodiscard]] constexpr std::array<bool, 256> word_bytes()
{
    std::array<bool, 256> table{};
    for (std::size_t byte = 0; byte < table.size(); ++byte)
        table[byte] = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
                      || byte >= 0x80;
    return table;
}

inline constexpr auto is_word_byte = word_bytes();

} // namespace detail

/// The longest runs of word bytes in a line. It and what it gives are valid as long as the line is.
class word_range {
public:
    class iterator {
    public:
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::forward_iterator_tag;

        constexpr iterator() = default;

        [[nodiscard]] constexpr std::string_view operator*() const { return {begin_, length_}; }

        constexpr iterator& operator++()
        {
            find(begin_ + length_);
            return *this;
        }
        constexpr iterator operator++(int)
        {
            auto const before = *this;
            ++*this;
            return before;
        }

        [[nodiscard]] friend constexpr bool operator==(iterator const& left, iterator const& right)
        {
            return left.begin_ == right.begin_;
        }

    private:
        friend word_range;

        constexpr iterator(char const* from, char const* end)
            : end_(end)
        {
            find(from);
        }

        constexpr void find(char const* from)
        {
            while (from != end_ && !in_word(*from))
                ++from;
            begin_ = from;
            while (from != end_ && in_word(*from))
                ++from;
            length_ = static_cast<std::size_t>(from - begin_);
        }

        [[nodiscard]] static constexpr bool in_word(char byte)
        {
            return detail::is_word_byte[static_cast<unsigned char>(byte)];
        }

        char const* begin_ = nullptr;
        std::size_t length_ = 0;
        char const* end_ = nullptr;
    };

    constexpr explicit word_range(std::string_view line)
        : line_(line)
    {}

    [[nodiscard]] constexpr iterator begin() const { return {line_.data(), line_.data() + line_.size()}; }
    [[nodiscard]] constexpr iterator end() const { return {line_.data() + line_.size(), line_.data() + line_.size()}; }

private:
    std::string_view line_;
};

/// ASCII capitals as small letters; all other bytes stay.
[[nodiscard]] constexpr char to_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

} // namespace support
