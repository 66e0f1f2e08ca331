// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/state/keyed_state.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using tidemark::key_hash;
using states = tidemark::keyed_state<std::string, std::int64_t>;
using record = tidemark::travelling<std::string, std::int64_t>;

std::string name_of(std::uint64_t n) { return "the name of a key that has no short form " + std::to_string(n); }

std::map<std::string, std::int64_t> contents(states const& all)
{
    std::map<std::string, std::int64_t> found;
    all.for_each(0, [&](std::string const& key, tidemark::held_state<std::int64_t> const& held) {
        found.emplace(key, held.value);
    });
    return found;
}

/// Adds each value to its key's state; a negative one takes the state away.
void track(states& all, std::vector<record> records, std::int64_t now)
{
    all.track<std::int64_t>(
        0, std::span(records), now, false,
        [](std::string const&, std::optional<std::int64_t> value, tidemark::state<std::int64_t>& held) {
            if (*value >= 0)
                held.update(held.get_option().value_or(0) + *value);
            else if (held.exists())
                held.remove();
            return 0;
        },
        [](int) {});
}

} // namespace

TEST_CASE("random batches of string keys, some taken back, give what a map gives", "[state][keyed_state]")
{
    auto const seed = GENERATE(1U, 2U, 3U);
    std::mt19937 random(seed);
    states all(1);
    std::map<std::string, std::int64_t> model;
    for (std::int64_t batch = 1; batch <= 300; ++batch) {
        std::vector<record> records;
        auto next = model;
        auto const take_back = random() % 3 == 0;
        for (auto left = random() % 200; left > 0; --left) {
            auto const key = name_of(random() % 150);
            auto const value = static_cast<std::int64_t>(random() % 10) - 4;
            records.push_back({key_hash(key), key, value});
            if (value >= 0)
                next[key] += value;
            else
                next.erase(key);
        }
        track(all, std::move(records), batch);
        REQUIRE(contents(all) == next);
        if (random() % 2 == 0)
            all.forget_changes(0);
        if (take_back)
            all.rollback(0);
        else {
            model = next;
            all.finish(0);
            all.settle(0);
        }
        REQUIRE(contents(all) == model);
    }
}
