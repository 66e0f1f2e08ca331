// SPDX-License-Identifier: BSL-1.0
//
// control_window: sixteen control bytes of a table looked at together, with SSE2 or without.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidemark::detail {

/// What a control byte says of its slot. An occupied one also holds six bits of the hash.
struct control {
    static constexpr unsigned char empty = 0x00;
    static constexpr unsigned char erased = 0x01; // empty, but a search goes on
    static constexpr unsigned char occupied = 0x80;
    static constexpr unsigned char dirty = 0x40;

    [[nodiscard]] static constexpr unsigned char for_hash(std::uint64_t hash) noexcept
    {
        return static_cast<unsigned char>(occupied | (hash >> 58)); // far from the bits of group and place
    }
};

/// Eight control bytes in one word.
struct control_word {
    static constexpr std::size_t width = 8;

    /// Takes the dirty bit from `width` bytes.
    static void clean(unsigned char* bytes) noexcept
    {
        constexpr std::uint64_t dirty_bits = 0x0101010101010101 * std::uint64_t{control::dirty};
        std::uint64_t word;
        std::memcpy(&word, bytes, sizeof word);
        word &= ~dirty_bits;
        std::memcpy(bytes, &word, sizeof word);
    }
};

/// Sixteen control bytes in two words. Each answer has bit i set for byte i.
class portable_control_window {
public:
    static constexpr std::size_t width = 16;

    explicit portable_control_window(unsigned char const* bytes) noexcept
        : words_{load(bytes), load(bytes + 8)}
    {}

    /// Those whose byte, the dirty bit left out, is `wanted`.
    [[nodiscard]] std::uint32_t match(unsigned char wanted) const noexcept
    {
        std::uint64_t const pattern = each_byte * wanted;
        return zeros((words_[0] & ~dirty_bits) ^ pattern) | zeros((words_[1] & ~dirty_bits) ^ pattern) << 8;
    }

    [[nodiscard]] std::uint32_t empty() const noexcept { return zeros(words_[0]) | zeros(words_[1]) << 8; }
    [[nodiscard]] std::uint32_t occupied() const noexcept { return tops(words_[0]) | tops(words_[1]) << 8; }
    [[nodiscard]] std::uint32_t dirty() const noexcept { return tops(words_[0] << 1) | tops(words_[1] << 1) << 8; }

private:
    static constexpr std::uint64_t each_byte = 0x0101010101010101;
    static constexpr std::uint64_t dirty_bits = each_byte * control::dirty;
    static constexpr std::uint64_t below_top = each_byte * 0x7f;

    static std::uint64_t load(unsigned char const* bytes) noexcept
    {
        std::uint64_t word = 0;
        if constexpr (std::endian::native == std::endian::little)
            std::memcpy(&word, bytes, sizeof word);
        else
            for (unsigned i = 0; i < 8; ++i)
                word |= std::uint64_t{bytes[i]} << (8 * i);
        return word;
    }

    /// The top bit of each byte, gathered into eight bits.
    static std::uint32_t tops(std::uint64_t word) noexcept
    {
        return static_cast<std::uint32_t>(((word >> 7) & each_byte) * 0x0102040810204080 >> 56);
    }

    static std::uint32_t zeros(std::uint64_t word) noexcept { return tops(~(((word & below_top) + below_top) | word)); }

    std::uint64_t words_[2];
};

#if defined(__SSE2__)

/// The same in one register. In the compilers' own terms: <emmintrin.h>, which has names for them, is longer than all
/// tables of tidemark together.
class sse2_control_window {
public:
    static constexpr std::size_t width = 16;

    explicit sse2_control_window(unsigned char const* bytes) noexcept { std::memcpy(&bytes_, bytes, sizeof bytes_); }

    [[nodiscard]] std::uint32_t match(unsigned char wanted) const noexcept
    {
        return mask((bytes_ & all(static_cast<unsigned char>(~control::dirty))) == all(wanted));
    }

    [[nodiscard]] std::uint32_t empty() const noexcept { return mask(bytes_ == bytes_type{}); }
    [[nodiscard]] std::uint32_t occupied() const noexcept { return mask(bytes_); }
    [[nodiscard]] std::uint32_t dirty() const noexcept { return mask(bytes_ + bytes_); } // shifted by one

private:
    using bytes_type = unsigned char __attribute__((vector_size(16)));

    static bytes_type all(unsigned char byte) noexcept { return byte - bytes_type{}; }
    template <typename Bytes> // a comparison gives signed ones
    static std::uint32_t mask(Bytes bytes) noexcept
    {
        using signed_bytes = char __attribute__((vector_size(16)));
        return static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128(reinterpret_cast<signed_bytes>(bytes)));
    }

    bytes_type bytes_;
};

using control_window = sse2_control_window;

#else

using control_window = portable_control_window;

#endif

} // namespace tidemark::detail
