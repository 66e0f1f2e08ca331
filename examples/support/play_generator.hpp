// SPDX-License-Identifier: BSL-1.0
//
// play_generator: made-up plays, the same for the same seed, in files that appear one after the other.

#pragma once

#include "plays.hpp"

#include <tidemark/core/error.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace support {

/// What to make up.
struct play_generation {
    std::filesystem::path directory;
    std::int64_t files = 10;
    std::int64_t records = 1000; ///< In each file.
    std::uint64_t seed = 1;
    std::int64_t videos = 1000;
    std::int64_t bad_every = 0;         ///< Every so many lines one that is no play; 0: none.
    std::optional<std::int64_t> from{}; ///< The time of the first play; without it all happen when they are written.
    std::int64_t span = 3 * hour_ms;    ///< With `from`: over which time the plays are spread.
    std::chrono::milliseconds every{0}; ///< How long to wait after each file.
};

/// Random numbers by SplitMix64 (Steele, Lea and Flood, 2014): the same on every machine, unlike the distributions of
/// the standard library.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed)
        : state_(seed)
    {}

    [[nodiscard]] std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15U;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    /// From 0 to `limit` - 1.
    [[nodiscard]] std::int64_t below(std::int64_t limit)
    {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
    }

private:
    std::uint64_t state_;
};

/// Line number `number`, from 0, of all that are made up. `now` is when it is written.
[[nodiscard]] inline std::string made_up_line(play_generation const& how, random_numbers& random, std::int64_t number,
                                              std::int64_t now)
{
    constexpr std::int64_t delay = 5 * 60'000; // plays arrive up to so much later than they happen
    // Some videos are played far more often than others.
    auto const video = random.below(1 + random.below(how.videos));
    auto const client = random.below(100'000);
    auto const passed = static_cast<double>(number) / static_cast<double>(how.files * how.records);
    auto const begun = how.from ? *how.from + static_cast<std::int64_t>(passed * static_cast<double>(how.span)) : now;
    auto const at = begun - random.below(delay);
    if (how.bad_every != 0 && (number + 1) % how.bad_every == 0)
        return "video-" + std::to_string(video) + ",no time";
    return "video-" + std::to_string(video) + ",client-" + std::to_string(client) + "," + std::to_string(at);
}

/// Writes the files, each aside and then renamed, so that they appear complete.
///
/// With equal settings, and a `from`, equal files. *Throws* `tidemark::storage_error`.
inline void generate_plays(play_generation const& how)
{
    std::filesystem::create_directories(how.directory);
    random_numbers random(how.seed);
    for (std::int64_t file = 0; file < how.files; ++file) {
        auto digits = std::to_string(file + 1);
        digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
        auto const name = "plays-" + digits + ".csv";
        auto const aside = how.directory / ("." + name); // hidden, which no file stream takes
        auto const now =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
        std::ofstream out(aside, std::ios::trunc);
        for (std::int64_t record = 0; record < how.records; ++record)
            out << made_up_line(how, random, file * how.records + record, now.count()) << '\n';
        out.close();
        if (!out)
            throw tidemark::storage_error("cannot write the file " + aside.string());
        std::filesystem::rename(aside, how.directory / name);
        std::this_thread::sleep_for(how.every);
    }
}

} // namespace support
