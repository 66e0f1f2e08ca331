// SPDX-License-Identifier: BSL-1.0
//
// random_draw: how often a record is drawn, by chance that a seed fixes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <numbers>

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

/// Draws any number of times, by a Poisson distribution with mean `fraction`: the sum of one draw of mean 1 for each
/// whole in it, and of one for the rest, whose events count with the probability of the rest.
///
/// *Source:* multiplication of uniform numbers; D. E. Knuth, "The Art of Computer Programming", volume 2, 3.4.1.
class poisson_draw {
public:
    explicit poisson_draw(double fraction)
        : wholes_(static_cast<std::size_t>(fraction))
        , rest_(fraction - static_cast<double>(wholes_))
    {}

    [[nodiscard]] std::size_t operator()(partition_random& random) const
    {
        std::size_t drawn = 0;
        for (std::size_t whole = 0; whole < wholes_; ++whole)
            drawn += events(random);
        for (auto left = rest_ > 0 ? events(random) : 0; left > 0; --left)
            if (random.next_fraction() < rest_)
                ++drawn;
        return drawn;
    }

private:
    /// How many events there are where 1 is expected.
    [[nodiscard]] static std::size_t events(partition_random& random)
    {
        constexpr auto none = 1 / std::numbers::e;
        std::size_t happened = 0;
        for (auto product = random.next_fraction(); product > none; product *= random.next_fraction())
            ++happened;
        return happened;
    }

    std::size_t wholes_;
    double rest_;
};

} // namespace tidemark
