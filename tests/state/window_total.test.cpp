// SPDX-License-Identifier: BSL-1.0
//
// window_total.test: the totals of a window by key, what a slide changes of them, and how it is taken back.

#include <tidemark/core/key_hash.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/state/keyed_state.hpp>
#include <tidemark/state/window_pane.hpp>
#include <tidemark/state/window_total.hpp>

#include <support/catch.hpp>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using pane = tidemark::window_pane<std::string, int>;
using pane_ptr = tidemark::window_pane_ptr<std::string, int>;
using total = tidemark::window_total<int>;
using states = tidemark::keyed_state<std::string, total>;

constexpr tidemark::reduce_aggregation<std::plus<int>> sum{};

/// All keys in one group.
pane_ptr pane_of(std::vector<std::pair<std::string, int>> const& pairs)
{
    tidemark::key_layout const layout{1, 1};
    tidemark::exchange<std::string, int> coming(1, layout);
    std::vector<tidemark::travelling<std::string, int>> records;
    for (auto const& [key, value] : pairs)
        records.push_back({tidemark::key_hash(key), key, value});
    coming.deliver(0, records);
    coming.close();
    auto made = std::make_shared<pane>(1);
    if (!coming.empty())
        made->receive(0, coming, sum);
    return made;
}

std::map<std::string, std::pair<int, std::uint32_t>> all_of(states const& held)
{
    std::map<std::string, std::pair<int, std::uint32_t>> all;
    held.for_each(0, [&](std::string const& key, auto const& each) { all.emplace(key, each.value); });
    return all;
}

template <typename Inverse>
void slide(states& held, std::vector<pane_ptr> const& leaving, std::vector<pane_ptr> const& entering, Inverse inverse)
{
    auto const changes = tidemark::changes_of_group(0, leaving, entering, sum);
    held.alter(0, changes, 1, [&](auto const& change, total const* before) {
        return tidemark::total_after(change, before, sum, inverse);
    });
}

} // namespace

TEST_CASE("a pane has each key once, with its values joined", "[state][window_pane]")
{
    auto const made = pane_of({{"a", 1}, {"b", 2}, {"a", 4}});
    CHECK(made->size() == 2);
    CHECK(made->group(0)[0].key == "a");
    CHECK(made->group(0)[0].value == 5);
    CHECK(made->group(0)[1].value == 2);
    CHECK(pane_of({})->size() == 0);
}

TEST_CASE("a slide touches the keys that come and go, and counts their batches", "[state][window_total]")
{
    states held(1);
    auto const first = pane_of({{"a", 1}, {"b", 2}});
    auto const second = pane_of({{"a", 4}});
    slide(held, {}, {first, second}, std::minus<int>());
    held.settle(0);
    CHECK(all_of(held) == decltype(all_of(held)){{"a", {5, 2}}, {"b", {2, 1}}});
    slide(held, {first}, {pane_of({{"c", 9}})}, std::minus<int>());
    held.settle(0);
    CHECK(all_of(held) == decltype(all_of(held)){{"a", {4, 1}}, {"b", {0, 0}}, {"c", {9, 1}}});
    slide(held, {}, {first}, std::minus<int>()); // b begins anew
    held.settle(0);
    CHECK(all_of(held) == decltype(all_of(held)){{"a", {5, 2}}, {"b", {2, 1}}, {"c", {9, 1}}});
}

TEST_CASE("what a slide has done before a function throws is taken back", "[state][window_total]")
{
    states held(1);
    auto const first = pane_of({{"a", 1}, {"b", 2}, {"c", 3}});
    auto const second = pane_of({{"a", 1}, {"b", 1}, {"c", 1}});
    slide(held, {}, {first, second}, std::minus<int>());
    held.settle(0);
    auto const before = all_of(held);
    auto const fails_for_c = [](int all, int leaving) {
        if (all == 4)
            throw std::runtime_error("c");
        return all - leaving;
    };
    CHECK_THROWS_AS(slide(held, {first}, {pane_of({{"a", 7}, {"d", 8}})}, fails_for_c), std::runtime_error);
    CHECK(all_of(held) != before);
    held.rollback(0);
    CHECK(all_of(held) == before);
}

TEST_CASE("a key for which nothing is given is taken away, and comes back with a rollback", "[state][keyed_state]")
{
    states held(1);
    auto const first = pane_of({{"a", 1}, {"b", 2}});
    slide(held, {}, {first}, std::minus<int>());
    held.settle(0);
    auto const before = all_of(held);
    auto const changes = tidemark::changes_of_group(0, {first}, std::vector<pane_ptr>{}, sum);
    held.alter(0, changes, 2, [](auto const&, total const*) { return std::optional<total>(); });
    CHECK(held.size() == 0);
    held.rollback(0);
    CHECK(all_of(held) == before);
}
