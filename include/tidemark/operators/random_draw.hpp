// SPDX-License-Identifier: BSL-1.0
//
// random_draw: how often a record is drawn, by chance that a seed fixes.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tidemark {

/// Uniform 64-bit random numbers for one partition: the same for the same seed and partition, on every machine.
///
/// *Source:* SplitMix64; G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014.
class partition_random {
public:
    constexpr partition_random(std::uint64_t seed, std::uint64_t partition)
        : state_(mixed(mixed(seed + step) + partition * step))
    {}

    [[nodiscard]] constexpr std::uint64_t next() { return mixed(state_ += step); }

    /// Uniform in [0, 1), with 53 random bits.
    [[nodiscard]] constexpr double next_fraction() { return static_cast<double>(next() >> 11U) * 0x1p-53; }

private:
    static constexpr std::uint64_t step = 0x9e3779b97f4a7c15;

    static constexpr std::uint64_t mixed(std::uint64_t word)
    {
        word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9;
        word = (word ^ (word >> 27U)) * 0x94d049bb133111eb;
        return word ^ (word >> 31U);
    }

    std::uint64_t state_;
};

/// Draws once or not at all, with probability `fraction`.
class bernoulli_draw {
public:
    explicit bernoulli_draw(double fraction)
        : fraction_(fraction)
    {}

    [[nodiscard]] std::size_t operator()(partition_random& random) const
    {
        return random.next_fraction() < fraction_ ? 1 : 0;
    }

private:
    double fraction_;
};

/// Draws any number of times, by a Poisson distribution with mean `fraction`.
///
/// *Source:* multiplication of uniform numbers; D. E. Knuth, "The Art of Computer Programming", volume 2, 3.4.1. A
/// large mean is drawn as the sum of several small ones, so that `exp` of it does not underflow.
class poisson_draw {
public:
    explicit poisson_draw(double fraction)
        : parts_(static_cast<std::size_t>(std::ceil(fraction / largest_part)))
        , limit_(parts_ == 0 ? 1 : std::exp(-fraction / static_cast<double>(parts_)))
    {}

    [[nodiscard]] std::size_t operator()(partition_random& random) const
    {
        std::size_t drawn = 0;
        for (std::size_t part = 0; part < parts_; ++part)
            for (auto product = random.next_fraction(); product > limit_; product *= random.next_fraction())
                ++drawn;
        return drawn;
    }

private:
    static constexpr double largest_part = 64; // exp(-64) is far above the smallest double

    std::size_t parts_;
    double limit_;
};

} // namespace tidemark
