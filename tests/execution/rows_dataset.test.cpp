// SPDX-License-Identifier: BSL-1.0
//
// rows_dataset.test: datasets that hold their rows give the same ones again after some were lost.

#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/repartitioned_dataset.hpp>
#include <tidemark/execution/sorted_dataset.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::chain_start;
using tidemark::dataset_ptr;
using tidemark::partitioned;

any_executor inlined() { return any_executor(std::make_shared<tidemark::inline_executor>()); }

/// A collection that counts how often its partitions are read.
class counting_dataset final : public tidemark::dataset<int> {
public:
    explicit counting_dataset(partitioned<int> rows)
        : rows_(std::move(rows))
    {}

    [[nodiscard]] std::size_t partitions() const override { return rows_.size(); }
    void feed(std::size_t partition, tidemark::any_sink<int>& out) override
    {
        ++reads;
        tidemark::feed_row(rows_[partition], out);
    }

    std::atomic<int> reads{0};

private:
    partitioned<int> rows_;
};

partitioned<int> rows_of(dataset_ptr<int> const& data)
{
    return tidemark::collect_partitions(tidemark::pipeline(data, chain_start<int>{}), inlined());
}

void check_lost_rows(std::shared_ptr<counting_dataset> const& source, dataset_ptr<int> const& made)
{
    CHECK_FALSE(made->holds_records());
    auto const rows = rows_of(made);
    auto const once = source->reads.load();
    CHECK(rows_of(made) == rows);
    CHECK(source->reads == once);
    CHECK(made->holds_records());
    for (std::size_t partition = 0; partition < rows.size(); ++partition) {
        made->lose(partition);
        CHECK_FALSE(made->holds_records());
        CHECK(rows_of(made) == rows);
        CHECK(source->reads == (2 + static_cast<int>(partition)) * once);
    }
    made->lose(rows.size()); // there is no such one
    CHECK(made->holds_records());
    CHECK(made->parents().size() == 1);
    CHECK(made->parents().front().kind == tidemark::dependency::wide);
}

} // namespace

TEST_CASE("lost partitions of a repartition are made again", "[execution][rows_dataset]")
{
    auto const source = std::make_shared<counting_dataset>(partitioned<int>{{1, 2, 3, 4}, {}, {5}});
    auto const made = std::make_shared<tidemark::repartitioned_dataset<chain_start<int>>>(
        tidemark::pipeline(dataset_ptr<int>(source), chain_start<int>{}), 2);
    CHECK(rows_of(made) == partitioned<int>{{1, 2}, {3, 4, 5}});
    source->reads = 0;
    auto const again = std::make_shared<tidemark::repartitioned_dataset<chain_start<int>>>(
        tidemark::pipeline(dataset_ptr<int>(source), chain_start<int>{}), 4);
    check_lost_rows(source, again);
}

TEST_CASE("lost partitions of a sort are made again", "[execution][rows_dataset]")
{
    using order = tidemark::projected_order<std::identity>;
    auto const source = std::make_shared<counting_dataset>(partitioned<int>{{4, 2, 9, 2}, {}, {5, 1, 2}});
    auto const made = std::make_shared<tidemark::sorted_dataset<chain_start<int>, order>>(
        tidemark::pipeline(dataset_ptr<int>(source), chain_start<int>{}), order{{}, tidemark::sort_order::ascending},
        tidemark::partition_number());
    check_lost_rows(source, made);
}

TEST_CASE("merged runs are one stable sort", "[execution][sorted_dataset]")
{
    auto const by_first = [](auto const& left, auto const& right) { return left.first < right.first; };
    using pair = std::pair<int, char>;
    tidemark::row<pair> records{{1, 'a'}, {3, 'a'}, {1, 'b'}, {2, 'b'}, {0, 'c'}, {3, 'c'}, {1, 'd'}};
    tidemark::merge_runs<pair>(records, {0, 2, 4, 6, 7}, by_first);
    CHECK(records == tidemark::row<pair>{{0, 'c'}, {1, 'a'}, {1, 'b'}, {1, 'd'}, {2, 'b'}, {3, 'a'}, {3, 'c'}});
}
