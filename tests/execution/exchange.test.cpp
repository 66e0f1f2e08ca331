// SPDX-License-Identifier: BSL-1.0
//
// exchange.test: records by key-group, in the order of (source partition, position).

#include <tidemark/execution/exchange.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::exchange;
using tidemark::exchange_run;
using tidemark::key_layout;
using tidemark::travelling;

using sent = travelling<std::string, int>;
using owned = travelling<int, std::unique_ptr<int>>;

/// A hash of which the group is known: groups are told apart by the upper half.
constexpr std::uint64_t in_group(std::uint64_t group) { return (group << 32) | 0xabcdU; }

std::vector<std::string> keys(std::span<sent> records)
{
    std::vector<std::string> all;
    for (auto const& record : records)
        all.push_back(record.key + std::to_string(record.value));
    return all;
}

using words = std::vector<std::string>;

} // namespace

TEST_CASE("the group of a key is the upper half of its hash, modulo the groups", "[execution][exchange]")
{
    key_layout const layout{8, 4};
    CHECK(layout.group(in_group(0)) == 0);
    CHECK(layout.group(in_group(3)) == 3);
    CHECK(layout.group(in_group(6)) == 2);
    CHECK(layout.group(0xffffffffU) == 0);
    CHECK(key_layout{8, 1}.group(~std::uint64_t{0}) == 0);
}

TEST_CASE("a run sorts its records by group and keeps their order within each", "[execution][exchange]")
{
    std::vector<sent> records{{in_group(2), "c", 1},
                              {in_group(0), "a", 1},
                              {in_group(2), "d", 2},
                              {in_group(0), "a", 2},
                              {in_group(2), "c", 3}};
    exchange_run<std::string, int> run(records, {8, 4});
    CHECK_FALSE(run.empty());
    CHECK(keys(run.group(0)) == words{"a1", "a2"});
    CHECK(run.group(1).empty());
    CHECK(keys(run.group(2)) == words{"c1", "d2", "c3"});
    CHECK(run.group(3).empty());
    CHECK(exchange_run<std::string, int>({}, {8, 4}).empty());
}

TEST_CASE("a run takes values that can only be moved", "[execution][exchange]")
{
    std::vector<owned> records;
    for (int number = 0; number < 5; ++number)
        records.push_back({in_group(static_cast<std::uint64_t>(number % 2)), number, std::make_unique<int>(number)});
    exchange_run<int, std::unique_ptr<int>> run(records, {8, 2});
    REQUIRE(run.group(1).size() == 2);
    CHECK(*run.group(1)[1].value == 3);
}

TEST_CASE("an exchange gives the runs in the order of their sources, whoever came first", "[execution][exchange]")
{
    exchange<std::string, int> room(4, {2, 4});
    std::vector<sent> from_3{{in_group(1), "x", 3}};
    std::vector<sent> from_0{{in_group(1), "x", 0}, {in_group(2), "y", 0}};
    std::vector<sent> more_from_0{{in_group(1), "z", 1}};
    room.deliver(3, from_3);
    room.deliver(1, {});
    room.deliver(0, from_0);
    room.deliver(0, more_from_0);
    room.deliver(2, {});
    room.close();
    CHECK_FALSE(room.empty());
    REQUIRE(room.runs().size() == 3);
    CHECK(keys(room.runs()[0].group(1)) == words{"x0"});
    CHECK(keys(room.runs()[1].group(1)) == words{"z1"});
    CHECK(keys(room.runs()[2].group(1)) == words{"x3"});
    CHECK(room.size(0) == 0);
    CHECK(room.size(1) == 3);
    CHECK(room.size(2) == 1);
    CHECK(room.layout().partitions == 2);
}

TEST_CASE("an exchange without records is empty", "[execution][exchange]")
{
    exchange<std::string, int> room(3, {});
    for (std::size_t source = 0; source < 3; ++source)
        room.deliver(source, {});
    room.close();
    CHECK(room.empty());
}

namespace {

template <typename Value>
void expect_order_in_blocks(std::uint64_t records)
{
    exchange<std::uint64_t, Value> room(2, {2, 4});
    for (int attempt = 0; attempt < 2; ++attempt) { // the second drops what the first has sent
        tidemark::outgoing_records<std::uint64_t, Value> out(room, 1);
        for (std::uint64_t number = 0; number < records; ++number)
            out.send(in_group(number % 5), number, Value());
        out.finish();
    }
    room.close();
    CHECK(room.runs().size() > 2);
    std::uint64_t seen = 0;
    bool in_place = true;
    for (std::size_t group = 0; group < 4; ++group) {
        std::vector<std::uint64_t> last(5);
        for (auto& run : room.runs())
            for (auto const& record : run.group(group)) {
                auto& before = last[record.key % 5];
                in_place = in_place && record.key % 5 % 4 == group && (before == 0 || record.key > before);
                before = record.key;
                ++seen;
            }
    }
    CHECK(in_place);
    CHECK(seen == records);
}

} // namespace

TEST_CASE("records that leave in blocks keep their order, and an attempt begins anew", "[execution][exchange]")
{
    expect_order_in_blocks<std::uint64_t>(100'000);
    expect_order_in_blocks<std::string>(100'000);
}
