// SPDX-License-Identifier: BSL-1.0
//
// window_blocks: how the panes of a sliding window are cut into blocks, for each key at other panes.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tidemark {

/// Cuts panes into blocks as long as the window, so that a window covers the end of one block and the beginning of the
/// next. Keys belong by their hash to one of a few phases, whose blocks end at different panes, so that no slide ends
/// the blocks of all keys. Where a block ends depends on the key and the numbers of panes alone.
class window_blocks {
public:
    /// *Requires* a positive width, in panes.
    explicit constexpr window_blocks(std::int64_t width)
        : width_(width)
    {}

    [[nodiscard]] constexpr std::int64_t width() const { return width_; }
    [[nodiscard]] constexpr std::size_t phases() const
    {
        return static_cast<std::size_t>(std::min<std::int64_t>(width_, most_phases));
    }
    [[nodiscard]] constexpr std::size_t phase_of(std::uint64_t hash) const { return (hash >> 32U) % phases(); }

    /// The number of the block that a pane is in.
    [[nodiscard]] constexpr std::int64_t block_of(std::size_t phase, std::int64_t pane) const
    {
        return (shifted(phase, pane) - place_of(phase, pane)) / width_;
    }
    /// How far behind the beginning of its block a pane is: 0 up to the width.
    [[nodiscard]] constexpr std::int64_t place_of(std::size_t phase, std::int64_t pane) const
    {
        auto const rest = shifted(phase, pane) % width_;
        return rest < 0 ? rest + width_ : rest;
    }

private:
    static constexpr std::int64_t most_phases = 64;

    [[nodiscard]] constexpr std::int64_t shifted(std::size_t phase, std::int64_t pane) const
    {
        return pane + static_cast<std::int64_t>(phase) * width_ / static_cast<std::int64_t>(phases());
    }

    std::int64_t width_;
};

} // namespace tidemark
