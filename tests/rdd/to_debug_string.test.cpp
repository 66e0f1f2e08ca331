// SPDX-License-Identifier: BSL-1.0

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/checkpoint.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/to_debug_string.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;

auto const same = [](auto const& x) { return x; };
auto const pair_of = [](int x) { return std::pair(x % 3, x); };
auto const sum = [](int a, int b) { return a + b; };

rdd_context<true> context(memory_storage const& files)
{
    return rdd_context(1, checkpoint_directory(files), {.partitions = 12});
}

} // namespace

TEST_CASE("fused steps and stages stand in lines of their own", "[rdd][to_debug_string]")
{
    auto const rc = context(memory_storage());
    auto const numbers = rc.parallelize(std::vector{1, 2, 3}, 5);
    CHECK(to_debug_string(numbers) == "(5) rdd");
    CHECK(to_debug_string(numbers | map(same) | filter([](int) { return true; }))
          == "(5) filter\n"
             " |  map\n"
             " |  rdd");
    auto const sums = numbers | map(pair_of) | reduce_by_key(sum) | map(same);
    CHECK((sums | to_debug_string())
          == "(12) map\n"
             " |   reduce_by_key\n"
             " +-(5) map\n"
             "    |  rdd");
    rdd<std::pair<int, int>> const erased = sums;
    CHECK(to_debug_string(erased | filter([](auto const&) { return true; }))
          == "(12) filter\n"
             " |   map\n"
             " |   reduce_by_key\n"
             " +-(5) map\n"
             "    |  rdd");
}

TEST_CASE("several parents follow each other, and one that is reached twice is followed once", "[rdd][to_debug_string]")
{
    auto const rc = context(memory_storage());
    auto const sums = rc.parallelize(std::vector{1, 2, 3}, 5) | map(pair_of) | reduce_by_key(sum);
    auto const other = rc.parallelize(std::vector{1, 2, 3}, 2) | map(pair_of);
    CHECK(to_debug_string(sums | union_(other) | union_(sums))
          == "(26) union_\n"
             " |   union_\n"
             " |   reduce_by_key\n"
             " +-(5) map\n"
             "    |  rdd\n"
             " |   map\n"
             " |   rdd\n"
             " |   reduce_by_key, as above");
    auto doubled = rdd<int>(rc.parallelize(std::vector{1}, 1));
    for (int i = 0; i < 12; ++i)
        doubled = doubled | union_(doubled);
    auto const text = to_debug_string(doubled);
    CHECK(std::count(text.begin(), text.end(), '\n') == 24);
}

TEST_CASE("what is kept is told with its level and sizes", "[rdd][to_debug_string]")
{
    rdd_context const rc;
    auto const kept = rc.parallelize(std::vector{1, 2, 3, 4}, 2) | map(same) | persist();
    CHECK(to_debug_string(kept)
          == "(2) persist [memory_only]\n"
             " |  map\n"
             " |  rdd");
    (void)(kept | take(1));
    CHECK(to_debug_string(kept | map(same))
          == "(2) map\n"
             " |  persist [memory_only]\n"
             " |      CachedPartitions: 1; MemorySize: 8 B; DiskSize: 0 B\n"
             " |  map\n"
             " |  rdd");
    unpersist(kept);
    CHECK(to_debug_string(kept)
          == "(2) persist [none]\n"
             " |  map\n"
             " |  rdd");
}

TEST_CASE("after a checkpoint its line takes the place of the parents", "[rdd][to_debug_string]")
{
    memory_storage const files;
    auto const rc = context(files);
    auto const source = rc.parallelize(std::vector{1, 2, 3, 4}, 2) | map(same);
    auto const saved = source | checkpoint();
    auto const local = source | local_checkpoint();
    CHECK(to_debug_string(saved)
          == "(2) checkpoint\n"
             " |  map\n"
             " |  rdd");
    (void)collect(saved);
    (void)collect(local);
    CHECK(to_debug_string(saved | map(same))
          == "(2) map\n"
             " |  checkpoint\n"
             " |  checkpoint in "
                 + *checkpoint_file(saved));
    CHECK(to_debug_string(local)
          == "(2) local_checkpoint [memory_and_disk]\n"
             " |  local checkpoint in memory and on disk [memory_and_disk]\n"
             " |      CachedPartitions: 2; MemorySize: 16 B; DiskSize: 0 B");
}

TEST_CASE("a long lineage is written without recursion", "[rdd][to_debug_string]")
{
    rdd_context const rc;
    rdd<int> all = rc.parallelize(std::vector{1}, 1);
    for (int i = 0; i < 50'000; ++i)
        all = all | map(same);
    auto const text = to_debug_string(all);
    CHECK(std::count(text.begin(), text.end(), '\n') == 50'000);
}
