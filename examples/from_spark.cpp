// SPDX-License-Identifier: BSL-1.0
//
// from_spark: what Spark has a method for and tidemark says with the operators that there are. See docs/from-spark.md.

#include "support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using sale = std::pair<std::string, int>;

/// The `n` largest pairs of each batch or window, in order: any rdd will do, that of a window included.
auto top_pairs(std::int64_t n)
{
    return tide::transform([n](auto const& rdd) {
        return rdd | tide::sort_by([](sale const& one) { return one.second; }, tide::sort_order::descending)
               | tide::zip_with_index() | tide::filter([n](auto const& ranked) { return ranked.second < n; })
               | tide::map([](auto const& ranked) { return ranked.first; });
    });
}

int main()
{
    tide::rdd_context const rc(2, {.partitions = 3}); // two threads
    auto const sales = rc.parallelize(std::vector<sale>{{"pear", 3}, {"apple", 5}, {"pear", 4}, {"plum", 1}});
    auto const name = [](sale const& one) { return one.first; };
    auto const amount = [](sale const& one) { return one.second; };

    support::show("keys", sales | tide::map(name) | tide::collect());
    support::show("values", sales | tide::map(amount) | tide::collect());
    support::show("countByKey",
                  sales | tide::map(name) | tide::count_by_value() | tide::sort_by_key() | tide::collect());
    support::show("groupBy", sales | tide::key_by([](sale const& one) { return one.second % 2 == 0; })
                                 | tide::map_values(amount) | tide::group_by_key() | tide::sort_by_key()
                                 | tide::collect());
    support::show("lookup", sales | tide::filter([](sale const& one) { return one.first == "pear"; })
                                | tide::map(amount) | tide::collect());
    support::show("max", sales | tide::top(1, amount));
    support::show("min",
                  sales | tide::take_ordered(1, [](sale const& a, sale const& b) { return a.second < b.second; }));

    auto const [sum, number] =
        sales | tide::map(amount)
        | tide::aggregate_records(
            std::pair(0, 0), [](auto all, int one) { return std::pair(all.first + one, all.second + 1); },
            [](auto a, auto b) { return std::pair(a.first + b.first, a.second + b.second); });
    support::show("sum and number, for a mean", std::vector{sum, number});

    support::show("histogram", sales | tide::map([](sale const& one) { return one.second / 2; }) // buckets of two
                                   | tide::count_by_value() | tide::sort_by_key() | tide::collect());
    auto const of = [](std::string const& fruit) {
        return tide::filter([fruit](sale const& one) { return one.first == fruit; });
    };
    support::show("sampleByKey", sales | of("pear") | tide::sample(1.0, 7)
                                     | tide::union_(sales | of("apple") | tide::sample(0.0, 7)) | tide::collect());
    auto const numbers = rc.range(0, 6); // 2 in each partition
    support::show(
        "zipPartitions",
        sales | tide::map(amount) | tide::glom() | tide::zip(numbers | tide::glom()) | tide::map([](auto const& both) {
            return std::pair(std::accumulate(both.first.begin(), both.first.end(), 0), both.second.size());
        }) | tide::collect());
    auto const totals = sales | tide::reduce_by_key(std::plus<>()) | tide::collect_as_map();
    support::show("reduceByKeyLocally", std::vector<sale>(totals.begin(), totals.end()));

    tide::testing::batches<sale> const input{{{"apple", 3}, {"pear", 1}}, {{"plum", 2}, {"pear", 9}}, {{"apple", 1}}};
    support::show_batches(tide::testing::run_batches<sale>(
        input, [](auto stream) { return stream | tide::reduce_by_key_and_window(std::plus<>(), 2_s) | top_pairs(2); }));
}
