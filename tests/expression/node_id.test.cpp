// SPDX-License-Identifier: BSL-1.0
//
// node_id.test: copies of a node are the node; two nodes built alike are two.

#include <tidemark/expression/node_id.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tidemark::node_id;

} // namespace

TEST_CASE("a copy of an id is equal to it, another id is not", "[expression][node_id]")
{
    node_id const first;
    node_id const copy = first; // NOLINT(performance-unnecessary-copy-initialization)
    node_id const second;
    CHECK(copy == first);
    CHECK(copy.value() == first.value());
    CHECK_FALSE(second == first);
    CHECK(second.value() > first.value());
}

TEST_CASE("a boundary node gets an id when it is built, and its copies keep it", "[expression][node_id]")
{
    auto const pairs = tidemark_test::stream_of<std::pair<int, int>>();
    auto const reduced = pairs | tidemark::reduce_by_key(std::plus<>{});
    auto const alike = pairs | tidemark::reduce_by_key(std::plus<>{});
    auto const copy = reduced; // NOLINT(performance-unnecessary-copy-initialization)
    CHECK(copy.id == reduced.id);
    CHECK_FALSE(alike.id == reduced.id);

    auto const counted = reduced | tidemark::count();
    auto const united = tidemark::union_(reduced, copy);
    CHECK(counted.parent.id == reduced.id);
    CHECK(united.first.id == united.second.id);
    CHECK_FALSE(united.id == counted.id);
}

TEST_CASE("what is kept for a node is made once and goes with the last copy of the node", "[expression][node_id]")
{
    int made = 0;
    auto const make = [&made] {
        ++made;
        return std::make_shared<int>(42);
    };
    std::weak_ptr<int> watched;
    {
        auto id = std::make_unique<node_id>();
        node_id const copy = *id;
        watched = id->kept<int>(make);
        CHECK(copy.kept<int>(make) == watched.lock());
        id.reset();
        CHECK_FALSE(watched.expired());
        CHECK(*copy.kept<int>(make) == 42);
    }
    CHECK(watched.expired());
    CHECK(made == 1);
}

TEST_CASE("several threads that ask a node at once get one and the same", "[expression][node_id]")
{
    node_id const id;
    std::atomic<int> made{0};
    std::vector<std::shared_ptr<int>> got(8);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : got)
            threads.emplace_back(
                [&id, &mine, &made] { mine = id.kept<int>([&made] { return std::make_shared<int>(++made); }); });
    }
    for (auto const& one : got)
        CHECK(one == got.front());
    CHECK(made == 1);
}

TEST_CASE("ids made by several threads at once are all different", "[expression][node_id]")
{
    std::vector<std::vector<std::uint64_t>> made(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : made)
            threads.emplace_back([&mine] {
                for (int i = 0; i < 1000; ++i)
                    mine.push_back(node_id().value());
            });
    }
    std::vector<std::uint64_t> all;
    for (auto const& some : made)
        all.insert(all.end(), some.begin(), some.end());
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    CHECK(all.size() == 4000);
}
