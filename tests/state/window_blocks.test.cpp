// SPDX-License-Identifier: BSL-1.0
//
// window_blocks.test: where the blocks of panes begin and end.

#include <tidemark/state/window_blocks.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>

namespace {

using tidemark::window_blocks;

static_assert(window_blocks(1).phases() == 1 && window_blocks(10).phases() == 10);
static_assert(window_blocks(65).phases() == 64 && window_blocks(window_blocks::widest_columns).phases() == 64);
static_assert(window_blocks(86'400).phases() == 86'400);
static_assert(window_blocks(7).block_of(0, -1) == -1 && window_blocks(7).place_of(0, -1) == 6);
static_assert(window_blocks(7).block_of(0, -7) == -1 && window_blocks(7).place_of(0, -8) == 6);
static_assert(window_blocks(1).block_of(0, -3) == -3 && window_blocks(1).place_of(0, -3) == 0);

} // namespace

TEST_CASE("blocks are as long as the window, and those of different phases end apart", "[state][window_blocks]")
{
    for (std::int64_t const width : {1, 2, 7, 64, 65, 1000}) {
        INFO("width " << width);
        window_blocks const cut(width);
        std::size_t most = 0;
        for (std::int64_t pane = -2 * width; pane < 2 * width; ++pane) {
            std::size_t begin = 0;
            for (std::size_t phase = 0; phase < cut.phases(); ++phase) {
                auto const place = cut.place_of(phase, pane);
                bool const first = place == 0;
                begin += first ? 1 : 0;
                if (place < 0 || place >= width || cut.block_of(phase, pane - 1) != cut.block_of(phase, pane) - first
                    || (!first && cut.place_of(phase, pane - 1) != place - 1))
                    FAIL("pane " << pane << " of phase " << phase);
            }
            most = begin > most ? begin : most;
        }
        CHECK(most == 1);
    }
}

TEST_CASE("keys of one key-group are of all phases", "[state][window_blocks]")
{
    window_blocks const cut(64);
    std::uint64_t seen = 0;
    for (std::uint64_t low = 0; low < 64; ++low)
        seen |= std::uint64_t{1} << cut.phase_of(std::uint64_t{5} << 32U | low); // the upper half chooses the group
    CHECK(seen == ~std::uint64_t{0});
}
