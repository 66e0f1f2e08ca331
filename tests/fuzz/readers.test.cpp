// SPDX-License-Identifier: BSL-1.0
//
// readers.test: whatever becomes of saved bytes, every reader ends, and with an error of the library if with any.

#include <fuzz/readers.hpp>
#include <fuzz/seeds.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace {

fuzz::reader const& reader_of(fuzz::seed const& some)
{
    return *std::find_if(fuzz::readers.begin(), fuzz::readers.end(),
                         [&](auto const& one) { return one.name == some.reader; });
}

/// Some damage: flipped bits, other bytes, pieces that are cut out, doubled, or come from elsewhere.
std::vector<std::byte> damaged(std::vector<std::byte> input, std::vector<std::byte> const& other, std::mt19937& random)
{
    auto const below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
    for (auto left = 1 + below(4); left != 0; --left) {
        auto const at = below(input.size() + 1);
        auto const place = input.begin() + static_cast<std::ptrdiff_t>(at);
        auto const some = below(std::min<std::size_t>(input.size() - at, 40) + 1);
        switch (below(6)) {
        case 0:
            if (at < input.size())
                *place ^= static_cast<std::byte>(1U << below(8));
            break;
        case 1:
            if (at < input.size())
                *place = static_cast<std::byte>(below(256));
            break;
        case 2:
            input.erase(place, place + static_cast<std::ptrdiff_t>(some));
            break;
        case 3: {
            std::vector<std::byte> const piece(place, place + static_cast<std::ptrdiff_t>(some));
            input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
            break;
        }
        case 4: {
            auto const from = below(other.size() + 1);
            auto const many = std::min<std::size_t>(other.size() - from, below(64));
            input.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from),
                         other.begin() + static_cast<std::ptrdiff_t>(from + many));
            break;
        }
        default:
            input.resize(at);
        }
    }
    return input;
}

} // namespace

TEST_CASE("sound bytes are read by every reader", "[fuzz]")
{
    std::vector<std::string_view> seen;
    for (auto const& seed : fuzz::seeds()) {
        INFO(seed.reader);
        seen.push_back(seed.reader);
        if (seed.reader == "part") // read to its end; what its mark should say of it is not in the input
            CHECK(fuzz::refused(reader_of(seed), seed.input));
        else
            reader_of(seed).read(seed.input);
    }
    for (auto const& one : fuzz::readers)
        CHECK(std::find(seen.begin(), seen.end(), one.name) != seen.end());
}

TEST_CASE("damaged bytes are refused by an error of the library, or read as something else", "[fuzz]")
{
    auto const number = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << number);
    std::mt19937 random(number);
    auto const seeds = fuzz::seeds();
    std::size_t refused = 0;
    std::size_t runs = 0;
    for (auto const& seed : seeds)
        for (int i = 0; i < 400; ++i, ++runs)
            refused += fuzz::refused(reader_of(seed), damaged(seed.input, seeds[random() % seeds.size()].input, random))
                           ? 1U
                           : 0U;
    CHECK(refused > runs / 4);
}
