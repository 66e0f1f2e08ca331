// SPDX-License-Identifier: BSL-1.0
//
// logged_batch: the input of a batch whose plan holds the records.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// What the plan of a batch holds of a logged source.
template <typename Record>
struct logged_batch {
    std::vector<std::byte> plan;                             ///< The source's own.
    std::optional<std::vector<std::vector<Record>>> records; ///< By partition; nothing: there is no dataset.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & plan & records;
    }
};

/// The plan itself: the mark, the schema of the records, and the batch.
template <typename Record>
using logged_plan = std::tuple<std::uint64_t, std::string, logged_batch<Record>>;

/// Appends the records of a partition.
template <typename Record>
struct appending_sink {
    std::vector<Record>* out;

    void operator()(Record const& value) { out->push_back(value); }
    void operator()(Record&& value) { out->push_back(std::move(value)); }
    [[nodiscard]] bool done() const { return false; }
};

template <typename Record>
[[nodiscard]] std::vector<std::vector<Record>> records_of(dataset<Record>& data)
{
    std::vector<std::vector<Record>> all(data.partitions());
    for (std::size_t partition = 0; partition < all.size(); ++partition) {
        appending_sink<Record> sink{&all[partition]};
        sink_door<Record, appending_sink<Record>> door(sink);
        data.feed(partition, door);
    }
    return all;
}

/// What a plan holds as the input of its batch, by `plan`.
template <typename Record>
[[nodiscard]] batch_input<Record> logged_input(logged_batch<Record> batch, std::vector<std::byte> plan,
                                               std::string description)
{
    if (!batch.records)
        return missing_input<Record>(std::move(plan));
    std::uint64_t total = 0;
    partitioned<Record> rows;
    for (auto& partition : *batch.records) {
        total += partition.size();
        rows.push_back(row_of(std::move(partition)));
    }
    return {std::make_shared<stored_dataset<Record>>(std::move(rows)), std::move(plan), fixed_count{total},
            std::move(description)};
}

/// What a source gives for a batch, with a plan that holds the records.
template <typename Record>
[[nodiscard]] batch_input<Record> logged(batch_input<Record> received)
{
    logged_batch<Record> batch;
    batch.plan = std::move(received.plan);
    if (received.data)
        batch.records = records_of(*received.data);
    logged_plan<Record> whole{logged_plan_mark, schema_of<Record>(), std::move(batch)};
    auto plan = to_bytes(whole);
    return logged_input(std::get<2>(std::move(whole)), std::move(plan), std::move(received.description));
}

} // namespace tidemark::detail
