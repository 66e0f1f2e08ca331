// SPDX-License-Identifier: BSL-1.0
//
// window_blocks: how the panes of a sliding window are cut into blocks, for each key at other panes.

#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark {

/// Cuts panes into blocks as long as the window, so that a window covers the end of one block and the beginning of the
/// next. Keys belong by their hash to phases, whose blocks end at different panes: where, depends on the key and the
/// numbers of panes alone. Windows of up to `widest_columns` panes have 64 phases at most, few enough that keys of one
/// phase can lie side by side, and a slide ends the blocks of a 64th of the keys; wider ones have as many as panes.
class window_blocks {
public:
    static constexpr std::int64_t widest_columns = 4096;

    /// *Requires* a positive width, in panes.
    explicit constexpr window_blocks(std::int64_t width)
        : width_(width)
    {}

    [[nodiscard]] constexpr std::int64_t width() const { return width_; }
    [[nodiscard]] constexpr std::size_t phases() const
    {
        return static_cast<std::size_t>(width_ <= 64 || width_ > widest_columns ? width_ : 64);
    }
    /// By the half of the hash that does not choose the key-group.
    [[nodiscard]] constexpr std::size_t phase_of(std::uint64_t hash) const
    {
        return static_cast<std::uint32_t>(hash) % phases();
    }

    /// The number of the block that a pane is in.
    [[nodiscard]] constexpr std::int64_t block_of(std::size_t phase, std::int64_t pane) const
    {
        return (shifted(phase, pane) - place_of(phase, pane)) / width_;
    }
    /// How far behind the beginning of its block a pane is: from 0, less than the width.
    [[nodiscard]] constexpr std::int64_t place_of(std::size_t phase, std::int64_t pane) const
    {
        auto const rest = shifted(phase, pane) % width_;
        return rest < 0 ? rest + width_ : rest;
    }

private:
    [[nodiscard]] constexpr std::int64_t shifted(std::size_t phase, std::int64_t pane) const
    {
        return pane + static_cast<std::int64_t>(phase) * width_ / static_cast<std::int64_t>(phases());
    }

    std::int64_t width_;
};

} // namespace tidemark
