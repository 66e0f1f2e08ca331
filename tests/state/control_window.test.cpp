// SPDX-License-Identifier: BSL-1.0

#include <tidemark/state/detail/control_window.hpp>

#include <support/catch.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

namespace {

using tidemark::detail::control;
using window_bytes = std::array<unsigned char, 16>;

/// One byte at a time.
template <typename Test>
std::uint32_t expected(window_bytes const& bytes, Test test)
{
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        mask |= test(bytes[i]) ? std::uint32_t{1} << i : 0;
    return mask;
}

template <typename Window>
void compare_with_single_bytes()
{
    std::mt19937 random(2);
    std::array<unsigned char, 8> const common = {control::empty, control::erased, 0x80, 0x81, 0xc0, 0xc1, 0xbf, 0xff};
    for (int round = 0; round < 5000; ++round) {
        window_bytes bytes{};
        for (unsigned char& byte : bytes)
            byte = round % 2 == 0 ? common[random() % common.size()] : static_cast<unsigned char>(random());
        Window const window(bytes.data());
        unsigned char const wanted = static_cast<unsigned char>(control::occupied | (random() % 64));
        for (unsigned char tag : {wanted, static_cast<unsigned char>(bytes[5] & 0xbf)})
            REQUIRE(window.match(tag) == expected(bytes, [&](unsigned char byte) { return (byte & 0xbf) == tag; }));
        REQUIRE(window.empty() == expected(bytes, [](unsigned char byte) { return byte == 0; }));
        REQUIRE(window.occupied() == expected(bytes, [](unsigned char byte) { return byte >= 0x80; }));
        REQUIRE(window.dirty() == expected(bytes, [](unsigned char byte) { return (byte & 0x40) != 0; }));
    }
}

} // namespace

TEST_CASE("a window answers as its bytes do one by one, in registers and without", "[state][control_window]")
{
    SECTION("the one in use") { compare_with_single_bytes<tidemark::detail::control_window>(); }
    SECTION("the portable one") { compare_with_single_bytes<tidemark::detail::portable_control_window>(); }
}

TEST_CASE("an occupied control byte is never dirty at first, and holds the top bits of the hash",
          "[state][control_window]")
{
    CHECK(control::for_hash(0) == 0x80);
    CHECK(control::for_hash(~std::uint64_t{0}) == 0xbf);
    CHECK(control::for_hash(std::uint64_t{5} << 58) == 0x85);
}

TEST_CASE("cleaning takes the dirty bit and nothing else", "[state][control_window]")
{
    std::array<unsigned char, 8> bytes = {0x00, 0x01, 0x80, 0xc0, 0xff, 0xbf, 0x81, 0xc1};
    tidemark::detail::control_word::clean(bytes.data());
    CHECK(bytes == std::array<unsigned char, 8>{0x00, 0x01, 0x80, 0x80, 0xbf, 0xbf, 0x81, 0x81});
}
