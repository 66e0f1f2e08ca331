// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/timeout_wheel.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using tidemark::timeout_wheel;
using times = std::map<std::uint32_t, std::int64_t>; // the last update of each entry that lives

/// What the wheel is for, without a wheel: every entry is looked at.
std::set<std::uint32_t> idle_for_too_long(times const& last_updates, std::int64_t horizon)
{
    std::set<std::uint32_t> idle;
    for (auto const& [entry, last] : last_updates)
        if (last < horizon)
            idle.insert(entry);
    return idle;
}

struct outcome {
    std::set<std::uint32_t> expired;
    std::vector<std::uint32_t> looked_at;
};

/// Expires from `last_updates` by the wheel.
outcome expire(timeout_wheel& wheel, times& last_updates, std::int64_t now)
{
    outcome result;
    wheel.expire(now, [&](std::uint32_t entry, std::int64_t horizon) -> std::optional<std::int64_t> {
        result.looked_at.push_back(entry);
        auto const found = last_updates.find(entry);
        if (found == last_updates.end())
            return std::nullopt;
        if (found->second < horizon) {
            result.expired.insert(entry);
            last_updates.erase(found);
            return std::nullopt;
        }
        return found->second;
    });
    return result;
}

bool each_once(std::vector<std::uint32_t> entries)
{
    std::sort(entries.begin(), entries.end());
    return std::adjacent_find(entries.begin(), entries.end()) == entries.end();
}

} // namespace

TEST_CASE("an entry expires one millisecond after its timeout, not with it", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live = {{7, 1000}};
    wheel.schedule(7, 1000);
    CHECK(expire(wheel, live, 1099).expired.empty());
    CHECK(expire(wheel, live, 1100).expired.empty());
    CHECK(expire(wheel, live, 1101).expired == std::set<std::uint32_t>{7});
    CHECK(wheel.size() == 0);
}

TEST_CASE("an entry that was touched is looked at once and lives for the timeout from then on",
          "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live = {{7, 0}};
    wheel.schedule(7, 0);
    live[7] = 60;
    CHECK(expire(wheel, live, 90).looked_at.empty());
    CHECK(expire(wheel, live, 110).looked_at == std::vector<std::uint32_t>{7});
    CHECK(expire(wheel, live, 150).looked_at.empty());
    CHECK(expire(wheel, live, 160).looked_at.empty());
    CHECK(expire(wheel, live, 170).expired == std::set<std::uint32_t>{7});
}

TEST_CASE("an entry whose last update is just at the horizon is looked at again by the next batch",
          "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live = {{7, 0}};
    wheel.schedule(7, 0);
    live[7] = 20;
    CHECK(expire(wheel, live, 120).expired.empty()); // 20 < 120 - 100 is false
    CHECK(expire(wheel, live, 130).expired == std::set<std::uint32_t>{7});
}

TEST_CASE("an entry that was erased meanwhile is dropped without a word", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live = {{7, 0}};
    wheel.schedule(7, 0);
    live.erase(7);
    auto const at_due = expire(wheel, live, 101);
    CHECK(at_due.expired.empty());
    CHECK(at_due.looked_at == std::vector<std::uint32_t>{7});
    CHECK(wheel.size() == 0);
}

TEST_CASE("a number that is used again waits once, however often it is erased and scheduled", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live;
    for (std::int64_t now = 0; now < 90; now += 10) {
        live[7] = now;
        wheel.schedule(7, now);
        live.erase(7);
    }
    live[7] = 90;
    wheel.schedule(7, 90);
    CHECK(wheel.size() == 1);
    CHECK(expire(wheel, live, 110).looked_at.size() == 1);
    CHECK(expire(wheel, live, 190).expired.empty());
    CHECK(expire(wheel, live, 200).expired == std::set<std::uint32_t>{7});
}

TEST_CASE("a look that throws leaves its entry waiting", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    times live = {{7, 0}, {8, 5}};
    wheel.schedule(7, 0);
    wheel.schedule(8, 5);
    CHECK_THROWS_AS(wheel.expire(200,
                                 [](std::uint32_t, std::int64_t) -> std::optional<std::int64_t> {
                                     throw std::runtime_error("a user's function");
                                 }),
                    std::runtime_error);
    CHECK(wheel.size() == 2);
    CHECK(expire(wheel, live, 200).expired == std::set<std::uint32_t>{7, 8});
}

TEST_CASE("a wheel that is restarted after a look has thrown looks at nothing old", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    wheel.schedule(7, 0);
    auto const fail = [](std::uint32_t, std::int64_t) -> std::optional<std::int64_t> {
        throw std::runtime_error("no");
    };
    CHECK_THROWS_AS(wheel.expire(200, fail), std::runtime_error);
    wheel.restart(200);
    CHECK_NOTHROW(wheel.expire(500, fail));
    CHECK(wheel.size() == 0);
}

TEST_CASE("a look that keeps what it should expire does not keep expire from ending", "[state][timeout_wheel]")
{
    timeout_wheel wheel(100, 0);
    wheel.schedule(7, 0);
    int looks = 0;
    auto const keep = [&](std::uint32_t, std::int64_t) -> std::optional<std::int64_t> {
        ++looks;
        return 0;
    };
    wheel.expire(500, keep);
    CHECK(looks == 1);
    wheel.expire(501, keep);
    CHECK(looks == 2);
}

TEST_CASE("an entry whose last update lies ahead waits for its timeout from then on", "[state][timeout_wheel]")
{
    timeout_wheel wheel(1000, 0);
    times live = {{7, 0}};
    wheel.schedule(7, 0);
    live[7] = 9000;
    for (std::int64_t now = 100; now <= 10'000; now += 100)
        REQUIRE(expire(wheel, live, now).expired.empty());
    CHECK(expire(wheel, live, 10'001).expired == std::set<std::uint32_t>{7});
}

TEST_CASE("a wheel is exact after a pause of any length", "[state][timeout_wheel]")
{
    timeout_wheel wheel(1000, 0, 3);
    times live;
    for (std::uint32_t entry = 0; entry < 50; ++entry) {
        live[entry] = entry * 20;
        wheel.schedule(entry, entry * 20);
    }
    std::int64_t const far = std::int64_t{1} << 45;
    CHECK(expire(wheel, live, far).expired.size() == 50);
    live[3] = far;
    wheel.schedule(3, far);
    CHECK(expire(wheel, live, far + 1000).expired.empty());
    CHECK(expire(wheel, live, far + 1001).expired == std::set<std::uint32_t>{3});
}

TEST_CASE("a timeout that is no timeout is refused with its value", "[state][timeout_wheel]")
{
    CHECK_THROWS_AS(timeout_wheel(0, 0), tidemark::config_error);
    CHECK_THROWS_AS(timeout_wheel(-5, 0), tidemark::config_error);
    CHECK_THROWS_WITH(timeout_wheel(timeout_wheel::longest + 1, 0), Catch::Matchers::Contains("1099511627777 ms"));
    CHECK_NOTHROW(timeout_wheel(timeout_wheel::longest, 0));
}

TEST_CASE("a restarted wheel holds what it is given again, of any age", "[state][timeout_wheel]")
{
    timeout_wheel wheel(1000, 0);
    wheel.schedule(1, 0);
    wheel.restart(5000);
    CHECK(wheel.size() == 0);
    times live = {{1, 4000}, {2, 4600}, {3, 5000}};
    for (auto const& [entry, last] : live)
        wheel.schedule(entry, last);
    CHECK(expire(wheel, live, 5001).expired == std::set<std::uint32_t>{1});
    CHECK(expire(wheel, live, 5601).expired == std::set<std::uint32_t>{2});
    CHECK(expire(wheel, live, 6001).expired == std::set<std::uint32_t>{3});
}

TEST_CASE("random lives expire as they do when everything is looked at, for timeouts of all sizes",
          "[state][timeout_wheel]")
{
    struct plan {
        std::int64_t timeout;
        std::int64_t longest_step;
        std::int64_t start;
    };
    auto const [timeout, longest_step, start] =
        GENERATE(plan{1, 3, 0}, plan{5, 1, 0}, plan{100, 10, -1000}, plan{1000, 1000, 1'700'000'000'000},
                 plan{100'000, 1000, -200'000}, plan{86'400'000, 2'000'000, 1'700'000'000'000}, plan{300, 5000, 0});
    std::mt19937 random(static_cast<unsigned>(timeout));
    timeout_wheel wheel(timeout, start, 11);
    times live;
    std::size_t looks = 0;
    std::size_t touches = 0;
    for (std::int64_t now = start, batch = 0; batch < 3000; ++batch) {
        now += 1 + static_cast<std::int64_t>(random() % static_cast<unsigned long>(longest_step));
        for (int change = 0; change < 4; ++change) {
            auto const entry = static_cast<std::uint32_t>(random() % 300);
            if (random() % 5 == 0)
                live.erase(entry); // not told to the wheel
            else if (auto const [place, fresh] = live.insert_or_assign(entry, now); fresh)
                wheel.schedule(entry, now);
            ++touches;
        }
        if (random() % 4 == 0)
            continue; // a batch without a check
        auto const expected = idle_for_too_long(live, now - timeout);
        auto const found = expire(wheel, live, now);
        REQUIRE(found.expired == expected);
        REQUIRE(each_once(found.looked_at));
        looks += found.looked_at.size();
    }
    CHECK(looks <= touches); // a look is paid for by the touch or insertion before it
}

TEST_CASE("with a keyed_table, keys expire exactly while it grows and numbers change", "[state][timeout_wheel]")
{
    struct session {
        std::int64_t last_update = 0;
    };
    constexpr std::int64_t timeout = 500;
    tidemark::keyed_table<std::uint64_t, session> table;
    timeout_wheel wheel(timeout, 0);
    auto layout = table.layout();
    std::map<std::uint64_t, std::int64_t> model;
    std::mt19937_64 random(5);
    for (std::int64_t now = 10; now < 6000; now += 10) {
        for (int touch = 0; touch < 12; ++touch) {
            auto const key = random() % (now < 3000 ? 2000 : 40);
            auto const [value, fresh] = table.try_emplace(tidemark::key_hash(key), key);
            value->last_update = now;
            model[key] = now;
            if (layout != table.layout()) {
                layout = table.layout();
                wheel.restart(now);
                table.for_each(
                    [&](std::uint64_t, session& each) { wheel.schedule(table.index_of(&each), each.last_update); });
            } else if (fresh) {
                wheel.schedule(table.index_of(value), now);
            }
        }
        if (auto const key = random() % 2000; model.erase(key) != 0)
            CHECK(table.erase(tidemark::key_hash(key), key));
        std::set<std::uint64_t> expired;
        wheel.expire(now, [&](std::uint32_t index, std::int64_t horizon) -> std::optional<std::int64_t> {
            session* const found = table.find_at(index);
            if (found == nullptr)
                return std::nullopt;
            if (found->last_update < horizon) {
                expired.insert(table.key_of(found));
                table.erase(found);
                return std::nullopt;
            }
            return found->last_update;
        });
        std::set<std::uint64_t> expected;
        for (auto const& [key, last] : model)
            if (last < now - timeout)
                expected.insert(key);
        std::erase_if(model, [&](auto const& each) { return expected.count(each.first) != 0; });
        REQUIRE(expired == expected);
        REQUIRE(table.size() == model.size());
        REQUIRE(wheel.size() >= table.size());
    }
}
