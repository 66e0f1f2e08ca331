// SPDX-License-Identifier: BSL-1.0
//
// combiner.test: what travels when values of a key are joined early, and when that does not pay.

#include <tidemark/execution/combiner.hpp>
#include <tidemark/operators/reduce_by_key.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace {

using aggregation = tidemark::reduce_aggregation<std::plus<int>>;

struct late_aggregation : aggregation {
    static constexpr bool combines_early = false;
};

struct outcome {
    std::size_t travelled = 0;
    std::map<int, int> sums{};
};

/// Sends `records` pairs with the keys `key(0)`, `key(1)` ... and values of one.
template <typename Aggregation = aggregation, typename Key>
outcome sent(int records, Key const& key)
{
    tidemark::exchange<int, int> room(1, {1, 1});
    Aggregation const how{};
    tidemark::combining_sink<int, int, Aggregation> sink(how, room, 0);
    for (int number = 0; number < records; ++number)
        sink(std::pair(key(number), 1));
    sink.finish();
    room.close();
    outcome all;
    for (auto& run : room.runs())
        for (auto const& record : run.group(0)) {
            ++all.travelled;
            all.sums[record.key] += record.value;
        }
    return all;
}

constexpr int many = 50'000;

} // namespace

TEST_CASE("few records travel as they are", "[execution][combiner]")
{
    auto const few = sent(1000, [](int) { return 7; });
    CHECK(few.travelled == 1000);
    CHECK(few.sums == std::map<int, int>{{7, 1000}});
    CHECK(sent(0, [](int) { return 7; }).travelled == 0);
}

TEST_CASE("many records of few keys are joined before they travel", "[execution][combiner]")
{
    auto const skewed = sent(many, [](int number) { return number % 10; });
    CHECK(skewed.travelled < 5000);
    CHECK(skewed.sums.size() == 10);
    for (auto const& [key, sum] : skewed.sums)
        CHECK(sum == many / 10);
}

TEST_CASE("the table grows while keys take each other's place", "[execution][combiner]")
{
    constexpr int keys = 8'000; // twice as many as there are slots at first
    constexpr int records = 400'000;
    std::minstd_rand random(1);
    auto const often =
        sent(records, [&](int number) { return static_cast<int>(random() % (number % 2 == 0 ? 10 : keys)); });
    CHECK(often.travelled < records / 10);
    CHECK(often.sums.size() == keys);
    CHECK(std::accumulate(often.sums.begin(), often.sums.end(), 0,
                          [](int sum, auto const& entry) { return sum + entry.second; })
          == records);
}

TEST_CASE("records of many keys all travel", "[execution][combiner]")
{
    auto const unique = sent(many, [](int number) { return number; });
    CHECK(unique.travelled == many);
    CHECK(unique.sums.size() == many);
}

TEST_CASE("an aggregation that does not combine early sends every record", "[execution][combiner]")
{
    auto const all = sent<late_aggregation>(many, [](int) { return 7; });
    CHECK(all.travelled == many);
    CHECK(all.sums == std::map<int, int>{{7, many}});
}
