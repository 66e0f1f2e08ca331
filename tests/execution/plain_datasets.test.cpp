// SPDX-License-Identifier: BSL-1.0
//
// plain_datasets.test: even slices, stored collections, and several in a row.

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <support/catch.hpp>
#include <support/tracked.hpp>

#include <cstddef>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::chunk_records;
using tidemark::dataset_ptr;
using tidemark::merged_dataset;
using tidemark::partitioned;
using tidemark::slice_evenly;
using tidemark::stored_dataset;

std::vector<int> counted(int to)
{
    std::vector<int> numbers(static_cast<std::size_t>(to));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

any_executor inlined() { return any_executor(std::make_shared<tidemark::inline_executor>()); }

template <typename Record>
partitioned<Record> all_of(dataset_ptr<Record> const& data)
{
    return tidemark::collect_partitions(tidemark::pipeline(data, tidemark::chain_start<Record>{}), inlined());
}

template <typename Record>
dataset_ptr<Record> stored(partitioned<Record> records)
{
    return std::make_shared<stored_dataset<Record>>(std::move(records));
}

/// Wants `limit` records and notes the chunks it was given.
struct wanting : tidemark::any_sink<int> {
    std::size_t limit;
    std::size_t taken = 0;
    std::vector<std::size_t> chunks{};

    explicit wanting(std::size_t how_many)
        : limit(how_many)
    {}
    void take(int const&) override { ++taken; }
    void take(int&&) override { ++taken; }
    void take_chunk(std::span<int const> values) override
    {
        chunks.push_back(values.size());
        taken += values.size();
    }
    [[nodiscard]] bool done() const override { return taken >= limit; }
};

/// Two partitions, which it is asked for often or not.
struct asked_dataset final : tidemark::dataset<int> {
    [[nodiscard]] std::size_t partitions() const override
    {
        ++asked;
        return 2;
    }
    void feed(std::size_t partition, tidemark::any_sink<int>& out) override { out.take(static_cast<int>(partition)); }

    mutable std::size_t asked = 0;
};

} // namespace

TEST_CASE("a union of unions counts its partitions once for each", "[execution][merged_dataset]")
{
    auto const leaf = std::make_shared<asked_dataset>();
    dataset_ptr<int> all = leaf;
    constexpr std::size_t unions = 100;
    for (std::size_t i = 0; i < unions; ++i)
        all = std::make_shared<merged_dataset<int>>(std::vector<dataset_ptr<int>>{all, leaf});
    auto const records = all_of(all);
    REQUIRE(records.size() == 2 * (unions + 1));
    for (std::size_t i = 0; i < records.size(); ++i)
        CHECK(records[i] == std::vector{static_cast<int>(i % 2)});
    CHECK(leaf->asked <= 2 * unions); // each of its places once, not once for each partition
}

TEST_CASE("slices are contiguous and differ by one record at most", "[execution][slice_evenly]")
{
    using slices = partitioned<int>;
    struct {
        int records;
        std::size_t parts;
        slices expected;
    } const table[] = {
        {0, 2, {{}, {}}},           {4, 1, {{0, 1, 2, 3}}},
        {4, 2, {{0, 1}, {2, 3}}},   {10, 3, {{0, 1, 2}, {3, 4, 5}, {6, 7, 8, 9}}},
        {2, 4, {{}, {0}, {}, {1}}}, {5, 5, {{0}, {1}, {2}, {3}, {4}}},
    };
    for (auto const& row : table) {
        INFO(row.records << " records in " << row.parts << " slices");
        CHECK(slice_evenly<int>(counted(row.records), row.parts) == row.expected);
    }
}

TEST_CASE("slices are made of the records themselves", "[execution][slice_evenly]")
{
    using tidemark_test::tracked;
    std::vector<tracked> records;
    for (int number = 0; number < 10; ++number)
        records.emplace_back(number);
    tracked::reset();
    auto const slices = slice_evenly<tracked>(std::move(records), 3);
    CHECK(tracked::copies() == 0);
    CHECK(slices[2][0] == tracked(6));
}

TEST_CASE("a stored collection gives its records again and again", "[execution][plain_datasets]")
{
    auto const numbers = stored<int>({{1, 2}, {}, {3}});
    CHECK(numbers->partitions() == 3);
    CHECK(all_of(numbers) == partitioned<int>{{1, 2}, {}, {3}});
    auto const texts = stored<std::string>({{"a"}, {"b", "c"}});
    CHECK(all_of(texts) == partitioned<std::string>{{"a"}, {"b", "c"}});
    CHECK(all_of(texts) == partitioned<std::string>{{"a"}, {"b", "c"}});
}

TEST_CASE("a stored collection stops when nothing more is wanted", "[execution][plain_datasets]")
{
    auto const many = static_cast<int>(3 * chunk_records + 1);
    auto const numbers = stored<int>({counted(many)});
    wanting all(static_cast<std::size_t>(many));
    numbers->feed(0, all);
    CHECK(all.chunks == std::vector<std::size_t>{chunk_records, chunk_records, chunk_records, 1});
    wanting few(10);
    numbers->feed(0, few);
    CHECK(few.chunks == std::vector<std::size_t>{chunk_records});
    wanting none(0);
    numbers->feed(0, none);
    CHECK(none.chunks.empty());
}

TEST_CASE("several collections in a row have all their partitions", "[execution][plain_datasets]")
{
    auto const first = stored<int>({{1}, {2}});
    auto const second = stored<int>({{3}});
    dataset_ptr<int> const row = std::make_shared<merged_dataset<int>>(std::vector{first, second, first});
    CHECK(row->partitions() == 5);
    CHECK(all_of(row) == partitioned<int>{{1}, {2}, {3}, {1}, {2}});
}
