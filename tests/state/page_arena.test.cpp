// SPDX-License-Identifier: BSL-1.0

#include <tidemark/state/detail/page_arena.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

using tidemark::detail::page_arena;

constexpr std::size_t mega = std::size_t{1} << 20U;

/// Bytes of memory that the process has.
std::size_t resident()
{
    std::size_t all = 0;
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> all >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool is_zero(void const* memory, std::size_t bytes)
{
    auto const* const begin = static_cast<char const*>(memory);
    return std::all_of(begin, begin + bytes, [](char byte) { return byte == 0; });
}

} // namespace

TEST_CASE("pieces of a page arena begin at pages, are all zeros and lie apart", "[state][page_arena]")
{
    page_arena arena;
    std::vector<std::pair<char*, std::size_t>> pieces;
    for (std::size_t i = 0; i < 300; ++i) { // more than a region of 64 MiB holds
        auto const bytes = 200'000 + i * 1000;
        auto* const piece = static_cast<char*>(arena.allocate(bytes));
        REQUIRE(reinterpret_cast<std::uintptr_t>(piece) % page_arena::page == 0);
        REQUIRE(is_zero(piece, bytes));
        std::memset(piece, static_cast<int>(i % 255 + 1), bytes);
        pieces.emplace_back(piece, bytes);
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        auto const [piece, bytes] = pieces[i];
        CHECK(std::all_of(piece, piece + bytes, [i](char byte) { return byte == static_cast<char>(i % 255 + 1); }));
    }
    for (auto const& [piece, bytes] : pieces)
        arena.deallocate(piece, bytes);

    auto* const again = arena.allocate(mega);
    CHECK(is_zero(again, mega)); // though it has the place of the first
    arena.deallocate(again, mega);
}

TEST_CASE("what is given back to a page arena goes to the system, also between others", "[state][page_arena]")
{
    page_arena arena;
    std::vector<void*> pieces;
    for (int i = 0; i < 100; ++i) {
        pieces.push_back(arena.allocate(mega));
        std::memset(pieces.back(), 1, mega);
    }
    auto const full = resident();
    for (std::size_t i = 0; i < pieces.size(); i += 2)
        arena.deallocate(pieces[i], mega);
    CHECK(resident() < full - 45 * mega);
    for (std::size_t i = 1; i < pieces.size(); i += 2)
        arena.deallocate(pieces[i], mega);
    CHECK(resident() < full - 95 * mega);
}

TEST_CASE("a page arena has room for what is larger than a region", "[state][page_arena]")
{
    page_arena arena;
    auto const bytes = 70 * mega;
    auto* const piece = static_cast<char*>(arena.allocate(bytes));
    piece[0] = piece[bytes - 1] = 1;
    auto const full = resident();
    arena.deallocate(piece, bytes);
    CHECK(resident() <= full);
    CHECK_THROWS_AS(arena.allocate(std::size_t{1} << 60U), std::bad_alloc);
}

TEST_CASE("threads share a page arena", "[state][page_arena]")
{
    page_arena arena;
    std::vector<std::jthread> workers;
    std::vector<int> wrong(4);
    for (std::size_t worker = 0; worker < wrong.size(); ++worker)
        workers.emplace_back([&, worker] {
            for (std::size_t round = 0; round < 200; ++round) {
                auto const bytes = mega + round * 4096;
                auto* const piece = static_cast<char*>(arena.allocate(bytes));
                wrong[worker] += piece[0] == 0 && piece[bytes - 1] == 0 ? 0 : 1;
                piece[0] = piece[bytes - 1] = 1;
                arena.deallocate(piece, bytes);
            }
        });
    workers.clear();
    CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("a container may take its memory where tables do", "[state][page_arena]")
{
    std::vector<char, tidemark::detail::table_allocator<char>> bytes;
    for (int i = 0; i < 1'000'000; ++i) // from operator new to the arena
        bytes.push_back(static_cast<char>(i % 100));
    CHECK(bytes[0] == 0);
    CHECK(bytes[999'999] == 99);
    auto const copy = bytes;
    CHECK(copy == bytes);
    CHECK_THROWS_AS((tidemark::detail::table_allocator<std::uint64_t>().allocate(~std::size_t{0} / 4)),
                    std::bad_array_new_length);
}
