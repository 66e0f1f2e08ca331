// SPDX-License-Identifier: BSL-1.0
//
// bytes: numbers, texts and blobs to bytes, low byte first, and back within bounds.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/text_bytes.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Bytes one after the other in memory, in whatever container.
template <typename Bytes>
concept byte_range = std::convertible_to<Bytes const&, std::span<std::byte const>>;

/// The house form for damage: which file, where in it, what should be there and what is.
[[nodiscard]] inline corrupt_checkpoint damage_at(std::string_view file, std::uint64_t offset,
                                                  std::string_view expected, std::string_view found)
{
    return corrupt_checkpoint(std::string(file) + ", offset " + std::to_string(offset) + ": expected "
                              + std::string(expected) + ", found " + std::string(found));
}

/// Whether `bytes` are those of `text`, which is as long.
[[nodiscard]] inline bool spells(std::span<std::byte const> bytes, std::string_view text)
{
    return std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

/// Collects the bytes of one record or header.
class byte_writer {
public:
    template <std::unsigned_integral Number>
    void number(Number value)
    {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            bytes_.push_back(static_cast<std::byte>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xffU));
        }
    }

    void signed_number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }

    void count(std::size_t value)
    {
        if (value > std::numeric_limits<std::uint32_t>::max()) {
            throw checkpoint_error("a list or text of " + std::to_string(value)
                                   + " elements does not fit into a checkpoint; at most 4294967295 do");
        }
        number(static_cast<std::uint32_t>(value));
    }

    void text(std::string_view value)
    {
        count(value.size());
        characters(value);
    }

    void characters(std::string_view value) { raw(text_bytes(value)); }

    void blob(std::span<std::byte const> value)
    {
        number(static_cast<std::uint64_t>(value.size()));
        raw(value);
    }

    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

    void raw(std::span<std::byte const> value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<std::byte const> view() const { return bytes_; }
    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Walks over bytes that are already in memory. Never reads past them and never believes a length that exceeds them.
class byte_reader {
public:
    /// `file` and `offset` say where `bytes` come from; they are for messages, and `file` must outlive the reader.
    byte_reader(std::span<std::byte const> bytes, std::string_view file, std::uint64_t offset)
        : bytes_(bytes)
        , file_(file)
        , offset_(offset)
    {}

    template <std::unsigned_integral Number>
    [[nodiscard]] Number number()
    {
        auto const raw_bytes = raw(sizeof(Number));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            value |= std::to_integer<std::uint64_t>(raw_bytes[i]) << (8 * i);
        }
        return static_cast<Number>(value);
    }

    [[nodiscard]] std::int64_t signed_number() { return static_cast<std::int64_t>(number<std::uint64_t>()); }

    /// The number of elements that follow, each of which takes at least `least_bytes`.
    [[nodiscard]] std::size_t count(std::size_t least_bytes)
    {
        std::size_t const value = number<std::uint32_t>();
        if (value > left() / least_bytes) {
            throw damage("at most " + std::to_string(left() / least_bytes) + " elements", std::to_string(value));
        }
        return value;
    }

    [[nodiscard]] std::string text()
    {
        std::string value;
        for (std::byte const b : raw(number<std::uint32_t>())) {
            value.push_back(static_cast<char>(b));
        }
        return value;
    }

    [[nodiscard]] std::vector<std::byte> blob()
    {
        auto const value = raw(number<std::uint64_t>());
        return {value.begin(), value.end()};
    }

    [[nodiscard]] std::span<std::byte const> raw(std::uint64_t size)
    {
        if (size > left()) {
            throw damage(std::to_string(size) + " more bytes", std::to_string(left()));
        }
        auto const value = bytes_.subspan(at_, static_cast<std::size_t>(size));
        at_ += value.size();
        return value;
    }

    void expect_end() const
    {
        if (left() != 0) {
            throw damage("the end", std::to_string(left()) + " more bytes");
        }
    }

    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

    [[nodiscard]] corrupt_checkpoint damage(std::string_view expected, std::string_view found) const
    {
        return damage_at(file_, offset_ + at_, expected, found);
    }

private:
    std::span<std::byte const> bytes_;
    std::string_view file_;
    std::uint64_t offset_;
    std::size_t at_ = 0;
};

} // namespace tidemark::detail
