// SPDX-License-Identifier: BSL-1.0
//
// key_index.test: keys and their places, also where hashes collide.

#include <tidemark/execution/key_index.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

/// The distinct keys in the order in which they came, found through an index with `hash`.
template <typename Hash>
std::vector<std::string> distinct(std::vector<std::string> const& keys, Hash const& hash)
{
    tidemark::key_index index;
    index.reset(keys.size());
    std::vector<std::string> found;
    for (auto const& key : keys) {
        auto const fresh = static_cast<std::uint32_t>(found.size());
        auto const place = index.find_or_insert(hash(key), fresh, [&](std::uint32_t at) { return found[at] == key; });
        if (place == fresh)
            found.push_back(key);
        else if (found[place] != key)
            found.push_back("wrong place for " + key);
    }
    return found;
}

using words = std::vector<std::string>;

} // namespace

TEST_CASE("an index knows the place of each key", "[execution][key_index]")
{
    auto const by_size = [](std::string const& key) { return std::uint64_t{key.size()}; };
    CHECK(distinct({"a", "bb", "a", "ccc", "bb", "a"}, by_size) == words{"a", "bb", "ccc"});
    CHECK(distinct({}, by_size).empty());
}

TEST_CASE("keys with the same tag or the same slot are told apart", "[execution][key_index]")
{
    words const keys{"a", "b", "a", "c", "d", "b", "e", "f", "g", "h", "a", "h"};
    words const expected{"a", "b", "c", "d", "e", "f", "g", "h"};
    CHECK(distinct(keys, [](std::string const&) { return std::uint64_t{0}; }) == expected);
    CHECK(distinct(keys, [](std::string const&) { return ~std::uint64_t{0}; })
          == expected); // the last slot: around the end
    // Same tag, different upper halves; then same slot, different tags.
    CHECK(distinct(keys, [](std::string const& key) { return static_cast<std::uint64_t>(key[0]) << 32U; }) == expected);
    CHECK(distinct(keys, [](std::string const& key) { return static_cast<std::uint64_t>(key[0]) << 16U; }) == expected);
}

TEST_CASE("an index can be emptied and used for other keys", "[execution][key_index]")
{
    tidemark::key_index index;
    auto const never = [](std::uint32_t) { return false; };
    index.reset(1);
    CHECK(index.find_or_insert(5, 0, never) == 0);
    index.reset(2);
    CHECK(index.find_or_insert(5, 9, [](std::uint32_t) { return true; }) == 9);
    CHECK(index.find_or_insert(5, 3, [](std::uint32_t at) { return at == 9; }) == 9);
}

TEST_CASE("an index agrees with a map over many random keys", "[execution][key_index]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    std::uniform_int_distribution<std::uint64_t> number(0, 999);
    tidemark::key_index index;
    index.reset(20'000);
    std::map<std::uint64_t, std::uint32_t> expected;
    std::vector<std::uint64_t> places;
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto const key = number(random);
        auto const fresh = static_cast<std::uint32_t>(places.size());
        auto const place = index.find_or_insert(key % 64, fresh, [&](std::uint32_t at) { return places[at] == key; });
        if (place == fresh)
            places.push_back(key);
        wrong += expected.try_emplace(key, fresh).first->second == place ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(places.size() == expected.size());
}
