// SPDX-License-Identifier: BSL-1.0
//
// batch_source: a source that gives a list of batches, for tests.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::testing {

/// Records by batch.
template <typename Record>
using batches = std::vector<std::vector<Record>>;

/// Records by batch; nothing for a batch without a dataset.
template <typename Record>
using optional_batches = std::vector<std::optional<std::vector<Record>>>;

/// Batch n of the application gets element n - 1 of the list, cut into `partitions` slices; batches after the last one
/// are empty. Replayable.
template <typename Record>
class batch_source {
public:
    using record_type = Record;
    static constexpr bool replayable = true;
    static constexpr bool plans_repeat = true;
    static constexpr std::string_view name = "batch_source";

    explicit batch_source(optional_batches<Record> list, std::size_t partitions = 1)
        : list_(std::make_shared<optional_batches<Record> const>(std::move(list)))
        , partitions_(partitions)
    {}

    [[nodiscard]] std::string describe() const
    {
        return "batch_source of " + std::to_string(list_->size()) + " batches";
    }

    [[nodiscard]] std::unique_ptr<source_reader<Record>> open(source_environment const& environment) const
    {
        return std::make_unique<reader>(list_, partitions_, environment);
    }

private:
    class reader final : public source_reader<Record> {
    public:
        reader(std::shared_ptr<optional_batches<Record> const> list, std::size_t partitions,
               source_environment const& environment)
            : list_(std::move(list))
            , partitions_(partitions)
            , zero_(environment.zero)
            , batch_(environment.batch)
        {}

        batch_input<Record> plan(batch_time time) override
        {
            auto const number = static_cast<std::uint64_t>((time - zero_) / batch_) - 1;
            return give(number);
        }
        batch_input<Record> replay(batch_time, std::span<std::byte const> plan) override
        {
            return give(from_bytes<std::uint64_t>(plan));
        }
        batch_input<Record> missed(batch_time time) override { return plan(time); }
        std::optional<batch_input<Record>> again(batch_time time) override { return plan(time); }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}

    private:
        [[nodiscard]] batch_input<Record> give(std::uint64_t number) const
        {
            row<Record> records;
            if (number < list_->size()) {
                if (!(*list_)[number])
                    return {nullptr, to_bytes(number), {}};
                records.assign((*list_)[number]->begin(), (*list_)[number]->end());
            }
            auto const size = records.size();
            return {std::make_shared<stored_dataset<Record>>(slice_evenly<Record>(std::move(records), partitions_)),
                    to_bytes(number), [size] { return size; }};
        }

        std::shared_ptr<optional_batches<Record> const> list_;
        std::size_t partitions_;
        batch_time zero_;
        duration batch_;
    };

    std::shared_ptr<optional_batches<Record> const> list_;
    std::size_t partitions_;
};

} // namespace tidemark::testing
