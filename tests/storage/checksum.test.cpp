// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/checksum.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace {

using storages::bytes;
using tidemark::checksum;

/// The bytes that the self-test of the reference implementation (xxHash, `cli/xsum_sanity_check.c`) is made of.
std::vector<std::byte> sanity_bytes(std::size_t count)
{
    std::vector<std::byte> result;
    std::uint64_t generator = 2654435761U;
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back(static_cast<std::byte>(generator >> 56U));
        generator *= 11400714785074694797U;
    }
    return result;
}

TEST_CASE("checksum gives the published vectors of XXH64", "[storage][checksum]")
{
    // Of the reference implementation's self-test; computed again with version 4.1.0 of the Python package xxhash.
    struct {
        std::size_t length;
        std::uint64_t seed;
        std::uint64_t expected;
    } const rows[] = {
        {0, 0, 0xEF46DB3751D8E999},    {0, 2654435761, 0xAC75FDA2929B17EF},
        {1, 0, 0xE934A84ADB052768},    {1, 2654435761, 0x5014607643A9B4C3},
        {4, 0, 0x9136A0DCA57457EE},    {4, 2654435761, 0xCAAB286BD8E9FDB5},
        {14, 0, 0x8282DCC4994E35C8},   {14, 2654435761, 0xC3BD6BF63DEB6DF0},
        {222, 0, 0xB641AE8CB691C174},  {222, 2654435761, 0x20CB8AB7AE10C14A},
        {2367, 0, 0xA82418DDEC0EA581}, {2367, 2654435761, 0xA36A93C18052673A},
    };
    for (auto const& row : rows) {
        INFO(row.length << " bytes, seed " << row.seed);
        CHECK(checksum(sanity_bytes(row.length), row.seed) == row.expected);
    }
}

TEST_CASE("checksum of texts", "[storage][checksum]")
{
    // Computed with version 4.1.0 of the Python package xxhash.
    CHECK(checksum(bytes("a"), 0) == 0xD24EC4F1A98C6E5B);
    CHECK(checksum(bytes("a"), 20141025) == 0x9FE3CE221F1DD34A);
    CHECK(checksum(bytes("abc"), 0) == 0x44BC2CF5AD770999);
    CHECK(checksum(bytes("Nobody inspects the spammish repetition"), 0) == 0xFBCEA83C8A378BF1);
    CHECK(checksum(bytes("Nobody inspects the spammish repetition"), 20141025) == 0xCE06936136852706);
}

TEST_CASE("checksum is right for every length from 0 to 100, at every alignment", "[storage][checksum]")
{
    // The low bytes first of the checksums of bytes 0, 7, 14 ... of each length, with the length as seed, one after
    // another, and the checksum of all that: with version 4.1.0 of the Python package xxhash.
    for (std::size_t shift = 0; shift < 8; ++shift) {
        std::vector<std::byte> all(shift);
        for (std::size_t i = 0; i < 100; ++i) {
            all.push_back(static_cast<std::byte>(i * 7 % 256));
        }
        std::vector<std::byte> sums;
        for (std::size_t length = 0; length <= 100; ++length) {
            std::uint64_t const sum = checksum(std::span(all).subspan(shift, length), length);
            for (unsigned byte = 0; byte < 8; ++byte) {
                sums.push_back(static_cast<std::byte>(sum >> (8 * byte)));
            }
        }
        CHECK(checksum(sums, 0) == 0x5FE324DD08DCB58B);
    }
}

TEST_CASE("checksum notices each flipped bit and each missing byte", "[storage][checksum]")
{
    auto const whole = sanity_bytes(77);
    auto const expected = checksum(whole, 1);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto flipped = whole;
        flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        CHECK(checksum(flipped, 1) != expected);
    }
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CHECK(checksum(std::span(whole).first(length), 1) != expected);
    }
}

TEST_CASE("bytes have the same checksum in pieces and at once, whatever their number", "[storage][checksum]")
{
    auto const all = sanity_bytes(20'000);
    for (std::size_t length = 0; length <= all.size(); length += length % 96 == 0 ? 31 : 65)
        for (auto const piece : std::initializer_list<std::size_t>{32, 4096, 9984}) {
            INFO(length << " bytes in pieces of " << piece);
            auto const whole = std::span(all).first(length);
            tidemark::detail::running_checksum sum(length);
            for (auto rest = whole; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
                sum.add(rest.first(std::min(piece, rest.size())));
            CHECK(sum.value() == checksum(whole, length));
        }
}

} // namespace
