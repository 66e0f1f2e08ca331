// SPDX-License-Identifier: BSL-1.0
//
// chain: three maps and two filters over numbers, against the loop written by hand. Targets: at most 1.05 of its time
// for single records, 0.80 where the records travel in chunks; marked `speculative`, at most 1.5 of a loop without
// branches that computes all records; two threads at least 1.7 times as fast as one.
//
// Usage: chain [records = 4000000 [rounds = 9]].

#include "support/measuring.hpp"

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::speculative;

/// The same number in a record that cannot be copied as bytes, so that it travels alone.
struct single {
    std::uint64_t value = 0;

    single() = default;
    explicit single(std::uint64_t v)
        : value(v)
    {}
    single(single const& other)
        : value(other.value)
    {}
    single(single&& other) noexcept
        : value(other.value)
    {}
    single& operator=(single const&) = default;
    ~single() {} // NOLINT(modernize-use-equals-default): not trivial on purpose
};

std::uint64_t scramble(std::uint64_t x) { return x * 0x9e3779b97f4a7c15ULL; }
std::uint64_t fold(std::uint64_t x) { return x ^ (x >> 29U); }
std::uint64_t add(std::uint64_t x) { return x + 12345; }
bool not_third(std::uint64_t x) { return x % 3 != 0; }
bool odd(std::uint64_t x) { return (x & 1U) != 0; }

/// Adds up what arrives, so that nothing is optimised away and nothing is stored.
struct sum_fold {
    template <typename Record>
    using result = std::uint64_t;
    static std::uint64_t empty() { return 0; }
    static void add(std::uint64_t& total, std::uint64_t value) { total += value; }
    static void add(std::uint64_t& total, single const& value) { total += value.value; }
    static void merge(std::uint64_t& total, std::uint64_t other) { total += other; }
};

/// The same, of records that come with whether they are kept.
struct masked_sum_fold : sum_fold {
    static void add_if(std::uint64_t& total, std::uint64_t value, bool keep)
    {
        total += value & (0 - std::uint64_t{keep});
    }
};

template <typename Fold = sum_fold, typename Rdd>
std::uint64_t sum_of(Rdd const& rdd)
{
    return tidemark::fold_all(tidemark::pipeline_of(rdd), Fold{}, tidemark::environment_of(rdd).executor);
}

} // namespace

int main(int argc, char** argv)
{
    auto const records = benchmark::argument(argc, argv, 1, 4'000'000);
    auto const rounds = benchmark::argument(argc, argv, 2, 9);
    auto const size = std::to_string(records) + " random numbers";

    std::vector<std::uint64_t> numbers(records);
    std::vector<single> singles(records);
    std::mt19937_64 random(1); // a filter over a pattern would be free: the processor learns it
    for (std::uint64_t i = 0; i < records; ++i) {
        numbers[i] = random();
        singles[i] = single(numbers[i]);
    }
    tidemark::rdd_context const context(1);
    tidemark::rdd_context const two_threads(2);

    auto const chained = [](auto input) {
        return std::move(input) | tidemark::map([](std::uint64_t x) { return scramble(x); })
               | tidemark::filter([](std::uint64_t x) { return not_third(x); })
               | tidemark::map([](std::uint64_t x) { return fold(x); })
               | tidemark::filter([](std::uint64_t x) { return odd(x); })
               | tidemark::map([](std::uint64_t x) { return add(x); });
    };
    auto const in_chunks = chained(context.parallelize(numbers, 1));
    auto const by_two = chained(two_threads.parallelize(numbers, 2));
    auto const marked = context.parallelize(numbers, 1)
                        | tidemark::map(speculative([](std::uint64_t x) noexcept { return scramble(x); }))
                        | tidemark::filter(speculative([](std::uint64_t x) noexcept { return not_third(x); }))
                        | tidemark::map(speculative([](std::uint64_t x) noexcept { return fold(x); }))
                        | tidemark::filter(speculative([](std::uint64_t x) noexcept { return odd(x); }))
                        | tidemark::map(speculative([](std::uint64_t x) noexcept { return add(x); }));
    auto const alone = context.parallelize(singles, 1)
                       | tidemark::map([](single const& x) { return single(scramble(x.value)); })
                       | tidemark::filter([](single const& x) { return not_third(x.value); })
                       | tidemark::map([](single const& x) { return single(fold(x.value)); })
                       | tidemark::filter([](single const& x) { return odd(x.value); })
                       | tidemark::map([](single const& x) { return single(add(x.value)); });

    std::uint64_t ours = 0;
    std::uint64_t by_hand = 0;
    auto const loop = [&](auto const& input, auto const& value_of) {
        by_hand = 0;
        for (auto const& record : input) {
            auto const a = scramble(value_of(record));
            if (!not_third(a))
                continue;
            auto const b = fold(a);
            if (!odd(b))
                continue;
            by_hand += add(b);
        }
    };

    benchmark::compare(
        {"3 maps + 2 filters, in chunks", "hand-written loop", 0.8, size}, static_cast<double>(records), rounds,
        [&] { ours = sum_of(in_chunks); }, [&] { loop(numbers, [](std::uint64_t x) { return x; }); });
    bool same = ours == by_hand;
    benchmark::compare(
        {"3 maps + 2 filters, in chunks, 2 threads", "1 thread", 1 / 1.7, size}, static_cast<double>(records), rounds,
        [&] { ours = sum_of(by_two); }, [&] { (void)sum_of(in_chunks); });
    same = same && ours == by_hand;
    benchmark::compare(
        {"3 maps + 2 filters, single records", "hand-written loop", 1.05, size}, static_cast<double>(records), rounds,
        [&] { ours = sum_of(alone); }, [&] { loop(singles, [](single const& x) { return x.value; }); });
    same = same && ours == by_hand;

    // The hand-written loops once more, without branches: `keep ? x : 0` becomes one in g++.
    auto const masked_sum = [&] {
        by_hand = 0;
        for (auto const record : numbers) {
            auto const a = scramble(record);
            auto const b = fold(a);
            auto const keep = std::uint64_t{not_third(a)} & std::uint64_t{odd(b)};
            by_hand += add(b) & (0 - keep);
        }
    };
    benchmark::compare(
        {"the same marked speculative, a masked sum", "hand-written masked loop", 1.5, size},
        static_cast<double>(records), rounds, [&] { ours = sum_of<masked_sum_fold>(marked); }, masked_sum);
    same = same && ours == by_hand;
    benchmark::compare(
        {"the same marked speculative, any sum", "hand-written masked loop", 1.5, size}, static_cast<double>(records),
        rounds, [&] { ours = sum_of(marked); }, masked_sum);
    same = same && ours == by_hand;
    if (!same)
        std::printf("the results differ: %llu and %llu\n", static_cast<unsigned long long>(ours),
                    static_cast<unsigned long long>(by_hand));
    return same ? 0 : 1;
}
