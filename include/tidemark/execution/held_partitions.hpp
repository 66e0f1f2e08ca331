// SPDX-License-Identifier: BSL-1.0
//
// held_partitions: what a collection has computed, partition by partition; some may be missing.

#pragma once

#include <tidemark/execution/plain_datasets.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace tidemark {

/// The records of some of the partitions of a collection. Those that were given out stay, whatever is lost meanwhile.
///
/// *Threads*: the caller keeps `put` and `lose` apart from the others.
template <typename Record>
class held_partitions {
public:
    using row_ptr = std::shared_ptr<row<Record> const>;

    explicit held_partitions(std::size_t parts)
        : rows_(parts)
    {}

    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] bool complete() const { return held_ == rows_.size(); }

    /// The numbers of those that are not held.
    [[nodiscard]] std::vector<std::size_t> missing() const
    {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < rows_.size(); ++i)
            if (!rows_[i])
                all.push_back(i);
        return all;
    }

    /// Null when it is not held.
    [[nodiscard]] row_ptr const& at(std::size_t partition) const { return rows_[partition]; }

    void put(std::size_t partition, row<Record> records)
    {
        if (!rows_[partition])
            ++held_;
        rows_[partition] = std::make_shared<row<Record> const>(std::move(records));
    }

    void lose(std::size_t partition)
    {
        if (partition < rows_.size() && std::exchange(rows_[partition], nullptr))
            --held_;
    }

private:
    std::vector<row_ptr> rows_;
    std::size_t held_ = 0;
};

} // namespace tidemark
