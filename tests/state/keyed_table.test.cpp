// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/state_backend.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using tidemark::key_hash;
using tidemark::keyed_table;

struct tally {
    std::int64_t count = 0;
    std::int64_t last = 0;
    auto operator<=>(tally const&) const = default;
};

/// Every key at one home with one tag: only `==` tells them apart.
struct one_hash {
    template <typename Key>
    std::uint64_t operator()(Key const&) const noexcept
    {
        return 0x123456789abcdef0;
    }
};

/// Throws at the n-th construction, copy or comparison, and counts what lives.
struct fuse {
    static inline int left = -1;
    static inline int alive = 0;

    static void burn()
    {
        if (left >= 0 && left-- == 0)
            throw std::runtime_error("fuse");
    }
};

/// A key or value with costs: it may throw wherever a user's type may.
template <bool NothrowMove>
struct fragile {
    std::unique_ptr<int> number;

    explicit fragile(int n)
        : number((fuse::burn(), std::make_unique<int>(n)))
    {
        ++fuse::alive;
    }
    fragile(fragile const& other)
        : fragile(other.get())
    {}
    fragile(fragile&& other) noexcept(NothrowMove)
        : number(std::move(other.number))
    {
        if constexpr (!NothrowMove) {
            try {
                fuse::burn();
            } catch (...) {
                other.number = std::move(number);
                throw;
            }
        }
        ++fuse::alive;
    }
    fragile& operator=(fragile&&) = default;
    ~fragile() { --fuse::alive; }

    [[nodiscard]] int get() const { return number ? *number : -1; }

    friend bool operator==(fragile const& a, fragile const& b)
    {
        fuse::burn();
        return a.get() == b.get();
    }
    friend std::uint64_t tidemark_key_hash(fragile const& key) { return static_cast<std::uint64_t>(key.get()); }
};

template <typename Table>
auto contents(Table const& table)
{
    std::set<std::pair<typename Table::key_type, typename Table::mapped_type>> all;
    table.for_each([&](auto const& key, auto const& value) { CHECK(all.emplace(key, value).second); });
    return all;
}

template <typename Table>
auto dirty_keys(Table const& table)
{
    std::vector<typename Table::key_type> keys;
    table.for_each_dirty([&](auto const& key, auto const&) { keys.push_back(key); });
    std::sort(keys.begin(), keys.end());
    return keys;
}

template <typename Table>
auto erased_keys(Table const& table)
{
    std::set<typename Table::key_type> keys;
    table.for_each_erased([&](auto const& key) { keys.insert(key); });
    return keys;
}

/// A delta as a checkpoint takes it, applied to `saved`: what is erased, then what is put.
template <typename Table, typename Saved>
void save_delta(Table& table, Saved& saved)
{
    table.for_each_erased([&](auto const& key) { saved.erase(key); });
    table.for_each_dirty([&](auto const& key, auto const& value) { saved.insert_or_assign(key, value); });
    table.clear_dirty();
}

std::string long_name(std::uint64_t n) { return "a name too long for the short form " + std::to_string(n); }

/// The same random calls on a table and on a map of the standard library; the delta is taken after so many of them.
template <typename Key, typename Hasher, typename MakeKey>
void compare_with_model(unsigned seed, std::uint64_t keys, int calls, int erase_percent, MakeKey make_key,
                        int save_every = 997)
{
    keyed_table<Key, std::int64_t, Hasher> table(seed);
    std::unordered_map<Key, std::int64_t> model;
    std::unordered_map<Key, std::int64_t> saved;
    std::set<Key> dirty;
    std::mt19937_64 random(seed);
    Hasher const hash;
    for (int call = 0; call < calls; ++call) {
        Key const key = make_key(random() % keys);
        auto const choice = static_cast<int>(random() % 100);
        table.prefetch(hash(key));
        if (choice < erase_percent) {
            REQUIRE(table.erase(hash(key), key) == (model.erase(key) == 1));
            dirty.erase(key);
        } else if (choice < 90) {
            auto const [value, made] = table.try_emplace(hash(key), key, call);
            auto const [place, made_there] = model.try_emplace(key, call);
            REQUIRE(made == made_there);
            REQUIRE(*value == place->second);
            REQUIRE(table.key_of(value) == key);
            REQUIRE(table.find_at(table.index_of(value)) == value);
            if (made)
                dirty.insert(key);
            if (choice % 2 == 0) {
                *value = place->second = -call;
                REQUIRE(table.mark_dirty(value) == dirty.insert(key).second);
            }
        } else {
            auto const* const value = table.find(hash(key), key);
            auto const place = model.find(key);
            REQUIRE((value != nullptr) == (place != model.end()));
            REQUIRE((value == nullptr || *value == place->second));
        }
        REQUIRE(table.size() == model.size());
        if (call % save_every == 0) {
            REQUIRE(dirty_keys(table) == std::vector<Key>(dirty.begin(), dirty.end()));
            REQUIRE(table.dirty_size() == dirty.size());
            save_delta(table, saved);
            dirty.clear();
            REQUIRE(saved == model);
            REQUIRE(table.dirty_size() == 0);
            REQUIRE(dirty_keys(table).empty());
            REQUIRE(erased_keys(table).empty());
        }
    }
    REQUIRE(contents(table) == std::set<std::pair<Key, std::int64_t>>(model.begin(), model.end()));
}

} // namespace

// ---- What it is, at compile time
static_assert(tidemark::indexed_state_backend<keyed_table<std::uint64_t, tally>, std::uint64_t, tally>);
static_assert(
    tidemark::indexed_state_backend<keyed_table<std::string, std::vector<int>>, std::string, std::vector<int>>);
static_assert(!tidemark::state_backend<keyed_table<std::uint64_t, tally>, std::string, tally>);
static_assert(!tidemark::state_backend<std::unordered_map<int, int>, int, int>);
static_assert(std::is_nothrow_move_constructible_v<keyed_table<std::string, std::string>>);
static_assert(!std::is_copy_constructible_v<keyed_table<int, int>>);

// ---- What it does
TEST_CASE("an empty keyed_table finds nothing, erases nothing and holds no memory", "[state][keyed_table]")
{
    keyed_table<int, tally> table;
    CHECK(table.find(key_hash(1), 1) == nullptr);
    CHECK(std::as_const(table).find(key_hash(1), 1) == nullptr);
    CHECK_FALSE(table.erase(key_hash(1), 1));
    table.prefetch(key_hash(1));
    table.clear_dirty();
    table.clear();
    CHECK(contents(table).empty());
    CHECK(table.find_at(0) == nullptr);
    CHECK(table.longest_probe() == 0);
    CHECK(table.memory_bytes() == 0);
    CHECK(table.empty());
}

TEST_CASE("try_emplace makes an entry once and leaves its arguments alone the second time", "[state][keyed_table]")
{
    keyed_table<std::string, std::unique_ptr<int>> table;
    std::string key = long_name(1);
    auto const hash = key_hash(key);
    auto const [first, made] = table.try_emplace(hash, key, std::make_unique<int>(1));
    CHECK(made);
    auto other = std::make_unique<int>(2);
    auto const [second, made_again] = table.try_emplace(hash, std::move(key), std::move(other));
    CHECK_FALSE(made_again);
    CHECK(first == second);
    CHECK(**second == 1);
    CHECK(other != nullptr);
    CHECK(key == long_name(1));
    CHECK(table.try_emplace(hash + 1, std::string("x")).second);
    CHECK(*table.find(hash + 1, "x") == nullptr);
}

TEST_CASE("what is restored is there as if it had always been", "[state][keyed_table]")
{
    keyed_table<std::string, int> table;
    auto const restore = [&](std::uint64_t n) {
        table.restore(key_hash(long_name(n)), long_name(n), static_cast<int>(n));
    };
    table.reserve(100);
    for (std::uint64_t n = 0; n < 1000; ++n) // more than was asked for
        restore(n);
    CHECK(table.size() == 1000);
    CHECK(table.dirty_size() == 0);
    for (std::uint64_t n = 0; n < 1000; ++n) {
        auto const* const found = table.find(key_hash(long_name(n)), long_name(n));
        REQUIRE(found != nullptr);
        CHECK(*found == static_cast<int>(n));
    }
    CHECK_FALSE(table.try_emplace(key_hash(long_name(7)), long_name(7), 0).second);
    CHECK(table.erase(key_hash(long_name(7)), long_name(7)));
    CHECK(table.find(key_hash(long_name(7)), long_name(7)) == nullptr);
    restore(7);
    CHECK(table.dirty_size() == 0);
    CHECK(table.size() == 1000);
}

TEST_CASE("random calls give what a map of the standard library gives", "[state][keyed_table]")
{
    auto const integer = [](std::uint64_t n) { return n; };
    auto const seed = GENERATE(1U, 2U, 3U);
    SECTION("few erasures") { compare_with_model<std::uint64_t, tidemark::key_hasher>(seed, 5000, 30'000, 5, integer); }
    SECTION("many erasures")
    {
        compare_with_model<std::uint64_t, tidemark::key_hasher>(seed, 300, 30'000, 45, integer);
    }
    SECTION("mostly erasures")
    {
        compare_with_model<std::uint64_t, tidemark::key_hasher>(seed, 60, 20'000, 70, integer);
    }
    SECTION("few changes among many, and as many erasures")
    {
        compare_with_model<std::uint64_t, tidemark::key_hasher>(seed, 3000, 60'000, 45, integer, 11);
    }
    SECTION("strings") { compare_with_model<std::string, tidemark::key_hasher>(seed, 2000, 20'000, 30, long_name); }
    SECTION("one hash for all") { compare_with_model<std::uint64_t, one_hash>(seed, 200, 10'000, 40, integer); }
    SECTION("one hash for all strings") { compare_with_model<std::string, one_hash>(seed, 100, 4000, 40, long_name); }
}

TEST_CASE("values stay where they are until a key is inserted", "[state][keyed_table]")
{
    keyed_table<int, tally> table;
    std::vector<tally*> values;
    table.reserve(500);
    auto const layout = table.layout();
    for (int key = 0; key < 500; ++key)
        values.push_back(table.try_emplace(key_hash(key), key, tally{key, 0}).first);
    CHECK(table.layout() == layout);
    for (int key = 0; key < 500; key += 2)
        table.erase(key_hash(key), key);
    for (int key = 1; key < 500; key += 2)
        REQUIRE(table.find(key_hash(key), key) == values[static_cast<std::size_t>(key)]);
}

TEST_CASE("layout changes when the table grows and when it is cleared", "[state][keyed_table]")
{
    keyed_table<int, int> table;
    auto layout = table.layout();
    table.try_emplace(key_hash(0), 0);
    for (int key = 1; key < 1000; ++key) {
        auto* const first = table.find(key_hash(0), 0);
        layout = table.layout();
        table.try_emplace(key_hash(key), key);
        REQUIRE((table.layout() != layout) == (table.find(key_hash(0), 0) != first));
    }
    layout = table.layout();
    table.clear();
    CHECK(table.layout() != layout);
}

TEST_CASE("an entry is dirty from its making or marking until clear_dirty, and after growth too",
          "[state][keyed_table]")
{
    keyed_table<int, int> table;
    for (int key = 0; key < 100; ++key)
        table.try_emplace(key_hash(key), key);
    CHECK(table.dirty_size() == 100);
    table.clear_dirty();
    CHECK(dirty_keys(table).empty());
    CHECK(table.mark_dirty(table.find(key_hash(5), 5)));
    CHECK_FALSE(table.mark_dirty(table.find(key_hash(5), 5)));
    CHECK(table.mark_dirty(table.find(key_hash(95), 95)));
    CHECK(dirty_keys(table) == std::vector{5, 95});
    std::vector expected = {5, 95};
    for (int key = 100; key < 3000; ++key) {
        table.try_emplace(key_hash(key), key);
        expected.push_back(key);
    }
    CHECK(dirty_keys(table) == expected);
}

TEST_CASE("erased keys are kept until clear_dirty, but not those that came back", "[state][keyed_table]")
{
    keyed_table<std::string, int> table;
    for (std::string const key : {"ebb", "flow", "neap"})
        table.try_emplace(key_hash(key), key, 1);
    table.clear_dirty();
    table.erase(table.find(key_hash(std::string("ebb")), "ebb"));
    table.erase(key_hash(std::string("flow")), "flow");
    CHECK(erased_keys(table) == std::set<std::string>{"ebb", "flow"});
    table.try_emplace(key_hash(std::string("ebb")), std::string("ebb"), 2);
    CHECK(erased_keys(table) == std::set<std::string>{"flow"});
    CHECK(dirty_keys(table) == std::vector<std::string>{"ebb"});
    table.erase(key_hash(std::string("ebb")), "ebb");
    CHECK(erased_keys(table) == std::set<std::string>{"ebb", "flow"});
    CHECK(dirty_keys(table).empty());
    table.clear_dirty();
    CHECK(erased_keys(table).empty());
    CHECK(table.size() == 1);
}

TEST_CASE("for_each may erase and mark the entry that it gives", "[state][keyed_table]")
{
    keyed_table<int, int> table;
    for (int key = 0; key < 1000; ++key)
        table.try_emplace(key_hash(key), key, key);
    table.clear_dirty();
    int visits = 0;
    table.for_each([&](int key, int& value) {
        ++visits;
        if (key % 3 == 0) {
            table.erase(&value);
        } else if (key % 3 == 1) {
            value = -key;
            table.mark_dirty(&value);
        }
    });
    CHECK(visits == 1000);
    CHECK(table.size() == 666);
    CHECK(table.dirty_size() == 333);
    CHECK(erased_keys(table).size() == 334);
    CHECK(*table.find(key_hash(4), 4) == -4);
}

TEST_CASE("a table that loses as many keys as it gains keeps its size", "[state][keyed_table]")
{
    keyed_table<std::uint64_t, tally> table;
    for (std::uint64_t key = 0; key < 1000; ++key)
        table.try_emplace(key_hash(key), key);
    std::size_t most = 0;
    for (std::uint64_t key = 1000; key < 200'000; ++key) {
        table.try_emplace(key_hash(key), key);
        table.erase(key_hash(key - 1000), key - 1000);
        if (key % 1000 == 0) {
            table.clear_dirty();
            most = std::max(most, table.memory_bytes() - 2000 * 16);
        }
    }
    CHECK(table.size() == 1000);
    CHECK(most < 1000 * 25 * 3);
    CHECK(table.longest_probe() < 100);
}

TEST_CASE("a table that has lost nearly all keys gives memory back when it is filled again", "[state][keyed_table]")
{
    keyed_table<std::uint64_t, tally> table;
    for (std::uint64_t key = 0; key < 10'000; ++key)
        table.try_emplace(key_hash(key), key);
    for (std::uint64_t key = 0; key < 10'000; ++key)
        table.erase(key_hash(key), key);
    auto const before = table.memory_bytes();
    for (std::uint64_t key = 10'000; key < 60'000; ++key) { // in and out: never more than one
        table.try_emplace(key_hash(key), key);
        table.erase(key_hash(key), key);
        if (key % 100 == 0)
            table.clear_dirty();
    }
    CHECK(table.empty());
    CHECK(table.memory_bytes() <= before);
}

TEST_CASE("strings that come and go leave no memory behind", "[state][keyed_table]")
{
    keyed_table<std::string, int> table;
    auto const name = [](std::uint64_t n) { return std::string(200, 'n') + std::to_string(n); };
    for (std::uint64_t n = 0; n < 100; ++n)
        table.try_emplace(key_hash(name(n)), name(n), 1);
    for (std::uint64_t n = 100; n < 20'000; ++n) {
        table.try_emplace(key_hash(name(n)), name(n), static_cast<int>(n));
        table.erase(key_hash(name(n - 50)), name(n - 50));
        table.clear_dirty();
    }
    CHECK(table.size() == 100);
    CHECK(table.memory_bytes() < 4 * 100 * 205 + 40'000); // 20,000 of them are four million bytes
    for (std::uint64_t n = 0; n < 50; ++n)
        CHECK(table.find(key_hash(name(n)), name(n)) != nullptr);
    for (std::uint64_t n = 19'950; n < 20'000; ++n)
        CHECK(*table.find(key_hash(name(n)), name(n)) == static_cast<int>(n));
}

TEST_CASE("a kept key of a string serves while other keys come and go", "[state][keyed_table]")
{
    keyed_table<std::string, int> table;
    auto const hash = [](std::uint64_t n) { return key_hash(long_name(n)); };
    table.try_emplace(hash(0), long_name(0), 10);
    auto const there = table.keep_key_of(table.find(hash(0), long_name(0)));
    auto const to_come = table.keep(long_name(1));
    CHECK(table.find(hash(1), to_come) == nullptr);
    table.erase(hash(0), long_name(0));
    for (std::uint64_t n = 2; n < 5000; ++n) {
        table.try_emplace(hash(n), long_name(n), 0);
        if (n > 10)
            table.erase(hash(n), long_name(n));
    }
    table.clear_dirty();
    CHECK(table.find(hash(0), there) == nullptr);
    CHECK(table.try_emplace(hash(0), there, 11).second);
    CHECK(table.try_emplace(hash(1), to_come, 12).second);
    CHECK(*table.find(hash(0), long_name(0)) == 11);
    CHECK(*table.find(hash(1), long_name(1)) == 12);
    CHECK(table.erase(hash(1), to_come));
    CHECK(table.find(hash(1), long_name(1)) == nullptr);

    auto const before = table.memory_bytes();
    table.drop_kept();
    CHECK(table.memory_bytes() < before - 150'000); // of the 5000 keys of 37 bytes or more
    CHECK(*table.find(hash(0), long_name(0)) == 11);
    CHECK(table.key_of(table.find(hash(5), long_name(5))) == long_name(5));
    CHECK(table.size() == 10);
}

TEST_CASE("a string key is found whatever bytes it has", "[state][keyed_table]")
{
    keyed_table<std::string, int> table;
    std::vector<std::string> const keys{"",  std::string(1, '\0'),   std::string(2, '\0'),
                                        "a", std::string("a\0b", 3), std::string(100'000, 'x')};
    for (std::size_t n = 0; n < keys.size(); ++n)
        CHECK(table.try_emplace(key_hash(keys[n]), keys[n], static_cast<int>(n)).second);
    for (std::size_t n = 0; n < keys.size(); ++n) {
        table.prefetch_key(key_hash(keys[n]));
        CHECK(*table.find(key_hash(keys[n]), keys[n]) == static_cast<int>(n));
    }
    CHECK(table.find(key_hash(std::string("b")), "b") == nullptr);
}

TEST_CASE("tables of different phase grow at different sizes, and hold what was asked for", "[state][keyed_table]")
{
    std::set<int> sizes;
    for (std::uint32_t phase = 0; phase < 32; ++phase) {
        keyed_table<int, int> table(phase);
        int key = 0;
        auto layout = table.layout();
        int grown_at = 0;
        for (; key < 5000; ++key) {
            table.try_emplace(key_hash(key), key);
            if (table.layout() != layout) {
                layout = table.layout();
                grown_at = key;
            }
        }
        sizes.insert(grown_at);
        auto const per_entry =
            static_cast<double>(table.memory_bytes()) / 5000 / 9; // a slot of 8 bytes and a control byte
        CHECK(per_entry < 2.2);
    }
    CHECK(sizes.size() > 16);
}

TEST_CASE("inserting in the order of another table's walk stays fast", "[state][keyed_table]")
{
    keyed_table<std::uint64_t, int> large;
    for (std::uint64_t key = 0; key < 50'000; ++key)
        large.try_emplace(key_hash(key), key);
    keyed_table<std::uint64_t, int> small;
    std::size_t longest = 0;
    large.for_each([&](std::uint64_t key, int) {
        small.try_emplace(key_hash(key), key);
        if (small.size() % 1000 == 0)
            longest = std::max(longest, small.longest_probe());
    });
    CHECK(small.size() == 50'000);
    CHECK(longest < 300); // in order of homes it would be thousands
}

TEST_CASE("a moved table takes everything along, and the old one can be used on", "[state][keyed_table]")
{
    keyed_table<std::string, std::vector<int>> table(3);
    for (std::uint64_t n = 0; n < 100; ++n)
        table.try_emplace(key_hash(long_name(n)), long_name(n), 2U, 7);
    table.erase(key_hash(long_name(1)), long_name(1));
    auto moved = std::move(table);
    CHECK(moved.size() == 99);
    CHECK(moved.dirty_size() == 99);
    CHECK(erased_keys(moved).size() == 1);
    CHECK(*moved.find(key_hash(long_name(2)), long_name(2)) == std::vector{7, 7});
    CHECK(table.empty()); // NOLINT(bugprone-use-after-move)
    table.try_emplace(key_hash(long_name(5)), long_name(5));
    CHECK(table.size() == 1);
    table = std::move(moved);
    CHECK(table.size() == 99);
    CHECK(erased_keys(table).size() == 1);
    table.clear();
    CHECK(table.empty());
    CHECK(erased_keys(table).empty());
    CHECK(table.memory_bytes() == 0);
}

TEST_CASE("more slots than a key-group can have are refused by name", "[state][keyed_table]")
{
    keyed_table<char, char> table;
    CHECK_THROWS_WITH(table.reserve(std::size_t{1} << 33), Catch::Matchers::Contains("use more key-groups"));
    CHECK(table.empty());
}

// ---- When a user's type throws

TEMPLATE_TEST_CASE("a call that throws has changed nothing", "[state][keyed_table]", fragile<true>, fragile<false>)
{
    fuse::alive = 0;
    {
        keyed_table<TestType, TestType> table;
        std::unordered_map<int, int> model;
        std::mt19937 random(9);
        int thrown = 0;
        for (int call = 0; call < 6000; ++call) {
            auto const number = static_cast<int>(random() % 200);
            fuse::left = -1;
            TestType const key(number);
            auto const hash = key_hash(key);
            bool const erases = random() % 3 == 0;
            fuse::left = random() % 2 == 0 ? static_cast<int>(random() % 12) : -1;
            if (call % 50 == 0)
                fuse::left = static_cast<int>(random() % 300); // somewhere within a rebuild
            try {
                if (erases) {
                    table.erase(hash, key);
                    model.erase(number);
                } else {
                    table.try_emplace(hash, key, call);
                    model.try_emplace(number, call);
                }
            } catch (std::runtime_error const&) {
                ++thrown;
            }
            fuse::left = -1;
            REQUIRE(table.size() == model.size());
            if (call % 20 == 0) {
                std::unordered_map<int, int> found;
                table.for_each([&](TestType const& k, TestType const& v) { found.emplace(k.get(), v.get()); });
                REQUIRE(found == model);
            }
            if (call % 500 == 0)
                table.clear_dirty();
        }
        CHECK(thrown > 200); // else this test tests nothing
    }
    CHECK(fuse::alive == 0);
}

TEST_CASE("a rebuild that throws half-way leaves the entries as they were", "[state][keyed_table]")
{
    fuse::alive = 0;
    {
        keyed_table<int, fragile<false>> table;
        for (int key = 0; key < 300; ++key)
            table.try_emplace(key_hash(key), key, key);
        auto const layout = table.layout();
        for (int at : {0, 1, 150, 299}) {
            fuse::left = at;
            CHECK_THROWS_AS(table.reserve(5000), std::runtime_error);
            fuse::left = -1;
            CHECK(table.layout() == layout);
            int right = 0;
            table.for_each([&](int key, fragile<false> const& value) { right += value.get() == key ? 1 : 0; });
            CHECK(right == 300);
        }
        table.reserve(5000);
        CHECK(table.find(key_hash(7), 7)->get() == 7);
    }
    CHECK(fuse::alive == 0);
}
