// SPDX-License-Identifier: BSL-1.0
//
// seeded: random numbers that are the same for the same seed, on every machine.

#pragma once

#include <cstdint>

namespace tidemark::detail {

/// Draws numbers for faults. *Source*: SplitMix64 of Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators".
class seeded {
public:
    explicit constexpr seeded(std::uint64_t seed) noexcept
        : state_(seed)
    {}

    [[nodiscard]] constexpr std::uint64_t next() noexcept
    {
        state_ += 0x9E3779B97F4A7C15;
        std::uint64_t mixed = (state_ ^ (state_ >> 30U)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31U);
    }

    /// A number from 0 to `limit - 1`; 0 for no limit at all. The slight bias towards small ones does not matter here.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t limit) noexcept
    {
        return limit == 0 ? 0 : next() % limit;
    }

    [[nodiscard]] constexpr bool coin() noexcept { return below(2) == 0; }

private:
    std::uint64_t state_;
};

} // namespace tidemark::detail
