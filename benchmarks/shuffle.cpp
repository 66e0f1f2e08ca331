// SPDX-License-Identifier: BSL-1.0
//
// shuffle: values of many records joined by key, by reduce_by_key on two threads, against one std::unordered_map with a mutex
// that two threads share, and against reduce_by_key on one thread. Targets with 1M keys: a tenth of the time; 1.45 times as
// fast as one thread.
//
// Usage: shuffle [records = 2000000 [rounds = 9]]. Keys are drawn evenly out of 1000, 100000 and 1000000 numbers.

#include "support/measuring.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using record = std::pair<std::uint64_t, std::int64_t>;

std::vector<record> drawn(std::size_t records, std::uint64_t keys)
{
    std::mt19937_64 random(1);
    std::vector<record> all;
    for (std::size_t i = 0; i < records; ++i)
        all.emplace_back(random() % keys * 0x9e3779b97f4a7c15ULL, 1);
    return all;
}

/// Depends on each key and its value, and not on their order.
std::int64_t mixed(std::uint64_t key, std::int64_t sum) { return static_cast<std::int64_t>(key % 1'000'003) * sum; }

/// `pairs` are those of an rdd, which keeps no result between two calls.
template <typename Rdd>
std::int64_t joined(Rdd const& pairs)
{
    return pairs | tidemark::reduce_by_key(std::plus<>{})
           | tidemark::map([](record const& each) { return mixed(each.first, each.second); })
           | tidemark::fold_records(std::int64_t{0}, std::plus<>{});
}

std::int64_t joined_with_a_mutex(std::vector<record> const& records)
{
    std::unordered_map<std::uint64_t, std::int64_t> sums;
    std::mutex mutex;
    auto const half = records.size() / 2;
    auto const add = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i) {
            std::scoped_lock const lock(mutex);
            sums[records[i].first] += records[i].second;
        }
    };
    {
        std::jthread const other(add, half, records.size());
        add(0, half);
    }
    std::int64_t all = 0;
    for (auto const& [key, sum] : sums)
        all += mixed(key, sum);
    return all;
}

} // namespace

int main(int argc, char** argv)
{
    auto const records = benchmark::argument(argc, argv, 1, 2'000'000);
    auto const rounds = benchmark::argument(argc, argv, 2, 9);
    bool same = true;
    for (std::uint64_t const keys : {1'000U, 100'000U, 1'000'000U}) {
        auto const input = drawn(records, keys);
        auto const two = tidemark::rdd_context(2).parallelize(input, 8);
        auto const one = tidemark::rdd_context(1).parallelize(input, 8);
        auto const size = std::to_string(records) + " records";
        auto const name = "reduce_by_key, " + std::to_string(keys) + " keys, 2 threads";
        auto const largest = keys == 1'000'000;
        std::int64_t ours = 0;
        std::int64_t theirs = 0;
        benchmark::compare(
            {name, "one map with a mutex", largest ? 0.1 : 0, size, "reduce_by_key", static_cast<double>(keys), "keys"},
            static_cast<double>(records), rounds, [&] { ours = joined(two); },
            [&] { theirs = joined_with_a_mutex(input); });
        same = same && ours == theirs;
        benchmark::compare(
            {name, "1 thread", largest ? 1 / 1.45 : 0, size}, static_cast<double>(records), rounds,
            [&] { ours = joined(two); }, [&] { theirs = joined(one); });
        same = same && ours == theirs;
    }
    if (!same)
        std::printf("the results differ\n");
    return same ? 0 : 1;
}
