// SPDX-License-Identifier: BSL-1.0
//
// lineage_node.test: what stands on what is made ready parents first, and neither that nor its end is recursion.

#include <tidemark/core/error.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/lineage_node.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::dependency;
using tidemark::lineage_edge;
using tidemark::lineage_node;
using tidemark::lineage_ptr;
using tidemark::make_ready;

any_executor inlined() { return any_executor(std::make_shared<tidemark::inline_executor>()); }

/// Notes when it is made ready, and when it goes.
struct noted_node final : lineage_node {
    struct log {
        std::vector<int> ready{};
        std::size_t gone = 0;
    };

    noted_node(log& to, int what, std::vector<std::shared_ptr<noted_node>> const& below = {},
               dependency how = dependency::narrow)
        : noted(&to)
        , number(what)
        , kind(how)
        , parents_(below.begin(), below.end())
    {}
    ~noted_node() override { ++noted->gone; }

    [[nodiscard]] std::size_t partitions() const override { return 1; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        std::vector<lineage_edge> all;
        for (auto const& parent : parents_)
            all.push_back({parent.get(), kind});
        return all;
    }
    [[nodiscard]] bool holds_records() const override { return holds; }
    void prepare(any_executor const&) override { noted->ready.push_back(number); }

    log* noted;
    int number;
    dependency kind;
    bool holds = false;

private:
    std::vector<lineage_ptr<noted_node>> parents_;
};

using node_ptr = std::shared_ptr<noted_node>;

/// `steps` nodes on each other; every one at a multiple of `held` holds its records.
node_ptr tower(noted_node::log& log, int steps, int held, dependency kind = dependency::narrow)
{
    auto top = std::make_shared<noted_node>(log, 0);
    for (int i = 1; i < steps; ++i) {
        top = std::make_shared<noted_node>(log, i, std::vector{std::move(top)}, kind);
        top->holds = i % held == 0;
    }
    return top;
}

} // namespace

TEST_CASE("parents are made ready before those who stand on them, each once", "[execution][lineage_node]")
{
    noted_node::log log;
    auto const source = std::make_shared<noted_node>(log, 1);
    auto const left = std::make_shared<noted_node>(log, 2, std::vector{source});
    auto const right = std::make_shared<noted_node>(log, 3, std::vector{source});
    auto const top = std::make_shared<noted_node>(log, 4, std::vector{left, right});
    make_ready(*top, inlined());
    CHECK(log.ready == std::vector{1, 2, 3, 4});
}

TEST_CASE("a diamond of diamonds is walked once and not once for each path", "[execution][lineage_node]")
{
    noted_node::log log;
    auto top = std::make_shared<noted_node>(log, 0);
    for (int i = 1; i <= 60; ++i) // 2^60 paths
        top = std::make_shared<noted_node>(log, i, std::vector{top, top});
    make_ready(*top, inlined());
    CHECK(log.ready.size() == 61);
}

TEST_CASE("nothing behind a node that holds its records is made ready", "[execution][lineage_node]")
{
    noted_node::log log;
    auto const source = std::make_shared<noted_node>(log, 1);
    auto const holder = std::make_shared<noted_node>(log, 2, std::vector{source});
    holder->holds = true;
    auto const top = std::make_shared<noted_node>(log, 3, std::vector{holder});
    make_ready(*top, inlined());
    CHECK(log.ready == std::vector{2, 3});
}

TEST_CASE("too many narrow nodes in a row are refused in words", "[execution][lineage_node]")
{
    constexpr auto most = static_cast<int>(tidemark::longest_narrow_lineage);
    noted_node::log log;
    CHECK_NOTHROW(make_ready(*tower(log, most, most + 1), inlined()));
    CHECK_THROWS_WITH(make_ready(*tower(log, most + 1, most + 2), inlined()),
                      Catch::Matchers::Contains("more than 2000 narrow steps stand on each other"));
    CHECK_NOTHROW(make_ready(*tower(log, most + 1, most + 2, dependency::wide), inlined()));
}

TEST_CASE("a lineage of a hundred thousand nodes is made ready and dropped without recursion",
          "[execution][lineage_node]")
{
    noted_node::log log;
    {
        auto const top = tower(log, 100'000, 200'000, dependency::wide);
        make_ready(*top, inlined());
        CHECK(log.ready.size() == 100'000);
        CHECK(log.ready.front() == 0);
        CHECK(log.gone == 0);
    }
    // The last handle of the tower is no lineage_ptr; everything below is.
    CHECK(log.gone == 100'000);
}
