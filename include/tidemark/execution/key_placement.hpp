// SPDX-License-Identifier: BSL-1.0
//
// key_placement: the partition of each key of one collection, and how it is chosen.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/expression/partitioner.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark {

/// The hash by which keys travel: their `key_hash`, or, by a rule of the program's, one whose upper half is the
/// partition, so that groups and partitions are the same.
template <typename Key>
class placing_hash {
public:
    explicit placing_hash(partition_rule_of<Key> const* rule)
        : rule_(rule)
    {}

    /// A `Key`, or a view of one.
    template <typename Sent>
    [[nodiscard]] std::uint64_t operator()(Sent const& key) const
    {
        auto const hash = key_hash(key);
        if (rule_ == nullptr)
            return hash;
        return std::uint64_t{rule_->partition_of(Key(key))} << 32U | static_cast<std::uint32_t>(hash);
    }

private:
    partition_rule_of<Key> const* rule_;
};

/// The same for keys of which the partition is known: no rule is asked.
template <typename Key>
class known_place {
public:
    known_place(bool by_rule, std::size_t partition)
        : upper_half_(std::uint64_t{partition} << 32U)
        , by_rule_(by_rule)
    {}

    [[nodiscard]] std::uint64_t operator()(Key const& key) const
    {
        auto const hash = key_hash(key);
        return by_rule_ ? upper_half_ | static_cast<std::uint32_t>(hash) : hash;
    }

private:
    std::uint64_t upper_half_;
    bool by_rule_;
};

/// The partition of a key as the upper half of a hash, for what is sorted by partition alone.
template <typename Key>
class partition_place {
public:
    partition_place(key_layout const& layout, partition_rule_of<Key> const* rule)
        : layout_(layout)
        , rule_(rule)
    {}

    [[nodiscard]] std::uint64_t operator()(Key const& key) const
    {
        auto const partition =
            rule_ == nullptr ? layout_.group(key_hash(key)) % layout_.partitions : rule_->partition_of(key);
        return std::uint64_t{partition} << 32U;
    }

private:
    key_layout layout_;
    partition_rule_of<Key> const* rule_;
};

/// A hash whose upper half is one of the key-groups of the partition that the program's rule gives a key: the states of a
/// partition spread over all its groups.
template <typename Key>
class group_place {
public:
    /// *Requires* at most as many partitions as groups.
    group_place(key_layout const& layout, partition_rule_of<Key> const& rule)
        : layout_(layout)
        , rule_(&rule)
    {}

    [[nodiscard]] std::uint64_t operator()(Key const& key) const
    {
        auto const hash = static_cast<std::uint32_t>(key_hash(key));
        auto const partition = rule_->partition_of(key);
        auto const own_groups = (layout_.groups - partition + layout_.partitions - 1) / layout_.partitions;
        return std::uint64_t{partition + hash % own_groups * layout_.partitions} << 32U | hash;
    }

private:
    key_layout layout_;
    partition_rule_of<Key> const* rule_;
};

/// Where each key of a collection lies.
template <typename Key>
struct key_placement {
    key_layout layout;
    std::shared_ptr<partition_rule_of<Key> const> rule{}; ///< Null: by `key_hash`.

    [[nodiscard]] placing_hash<Key> place() const { return placing_hash<Key>(rule.get()); }
    [[nodiscard]] known_place<Key> known(std::size_t partition) const { return {rule != nullptr, partition}; }
    [[nodiscard]] partition_place<Key> by_partition() const { return {layout, rule.get()}; }
    [[nodiscard]] key_partitioning partitioning() const { return {layout.partitions, layout.groups, rule}; }
    /// Whether a collection lies in this way already.
    [[nodiscard]] bool is_that_of(std::optional<key_partitioning> const& other) const
    {
        return other && *other == partitioning();
    }
};

/// The placement that an operator was told of; else that of the parent with the most partitions among those whose keys
/// are laid out already; else that of the context.
template <typename Key>
[[nodiscard]] key_placement<Key> placement_for(told_partitioner<Key> const& by, key_layout const& context,
                                               std::vector<std::optional<key_partitioning>> const& parents)
{
    if (by.rule)
        return {{by.partitions, std::bit_ceil(by.partitions)}, by.rule};
    if (by.partitions != 0)
        return {{by.partitions, std::max(context.groups, std::bit_ceil(by.partitions))}};
    key_placement<Key> best{context};
    std::size_t most = 0;
    for (auto const& parent : parents) {
        if (!parent || parent->partitions <= most)
            continue;
        auto rule = std::dynamic_pointer_cast<partition_rule_of<Key> const>(parent->rule);
        if (parent->rule && !rule)
            continue; // a rule for keys of another type
        most = parent->partitions;
        best = {{parent->partitions, parent->groups}, std::move(rule)};
    }
    return best;
}

} // namespace tidemark
