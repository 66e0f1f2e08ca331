// SPDX-License-Identifier: BSL-1.0
//
// partitioner: how a program says which partition a key goes to: a number, hash_partitioner, or a rule of its own.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/expression/partition_number.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A rule of the program's own: `how(key)` is the partition of a key, below `how.partitions()`.
///
/// Two collections are laid out alike when their rules are equal by `==`. Rules of an empty type without `==` are all
/// equal; other rules without it equal only themselves, that is, within one operator: wrap them in
/// `function_partitioner`.
/// *Requires* that equal keys get equal partitions. *Threads*: both members are called from several threads.
template <typename P, typename Key>
concept partitioner_for = std::copy_constructible<P> && requires(P const& how, Key const& key) {
    { how.partitions() } -> std::convertible_to<std::size_t>;
    { how(key) } -> std::integral;
};

/// Lays keys out by their `key_hash`. Partitioners with the same number of partitions are equal.
class hash_partitioner {
public:
    /// *Throws* `config_error` for fewer than 1 or more than `most_partitions` partitions.
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    explicit hash_partitioner(Number partitions)
        : partitions_(checked_partitions("hash_partitioner", partitions))
    {}

    [[nodiscard]] std::size_t partitions() const { return partitions_; }

    friend bool operator==(hash_partitioner, hash_partitioner) = default;

private:
    std::size_t partitions_;
};

/// A function from keys to partitions:
/// `function_partitioner(26, [](std::string const& name) { return name[0] - 'a'; })`. Only copies of one object are
/// equal.
template <std::copy_constructible Function>
class function_partitioner {
public:
    /// *Throws* `config_error` for fewer than 1 or more than `most_partitions` partitions.
    template <std::integral Number>
    function_partitioner(Number partitions, Function function)
        : partitions_(checked_partitions("function_partitioner", partitions))
        , function_(std::move(function))
    {}

    [[nodiscard]] std::size_t partitions() const { return partitions_; }

    template <typename Key>
        requires std::integral<std::invoke_result_t<Function const&, Key const&>>
    [[nodiscard]] auto operator()(Key const& key) const
    {
        return std::invoke(function_, key);
    }

    friend bool operator==(function_partitioner const& left, function_partitioner const& right)
    {
        return left.id_ == right.id_;
    }

private:
    std::size_t partitions_;
    Function function_;
    node_id id_;
};

template <typename Number, typename Function>
function_partitioner(Number, Function) -> function_partitioner<Function>;

/// The rule of a program with the type of its keys erased.
class partition_rule {
public:
    partition_rule() = default;
    partition_rule(partition_rule const&) = delete;
    partition_rule& operator=(partition_rule const&) = delete;
    virtual ~partition_rule() = default;

    [[nodiscard]] virtual std::size_t partitions() const = 0;
    /// Whether both put every key into the same partition, as far as that can be told.
    [[nodiscard]] virtual bool same_as(partition_rule const& other) const = 0;
};

/// The rule of a program for keys of one type, with its own type erased.
template <typename Key>
class partition_rule_of : public partition_rule {
public:
    /// Below `partitions()`. *Throws* `config_error` when the program's rule gives another number.
    [[nodiscard]] virtual std::size_t partition_of(Key const& key) const = 0;
};

/// The rule `P` of a program.
template <typename Key, partitioner_for<Key> P>
class program_rule final : public partition_rule_of<Key> {
public:
    explicit program_rule(P how)
        : how_(std::move(how))
        , partitions_(checked_partitions("partitioner", static_cast<std::size_t>(how_.partitions())))
    {}

    [[nodiscard]] std::size_t partitions() const override { return partitions_; }

    [[nodiscard]] std::size_t partition_of(Key const& key) const override
    {
        auto const number = how_(key);
        if (static_cast<std::size_t>(number) >= partitions_) // a negative number is a large one here
            throw config_error("tidemark::partitioner: a key was given partition " + std::to_string(number) + " of "
                               + std::to_string(partitions_) + "; give 0 to " + std::to_string(partitions_ - 1));
        return static_cast<std::size_t>(number);
    }

    [[nodiscard]] bool same_as(partition_rule const& other) const override
    {
        auto const* const one = dynamic_cast<program_rule const*>(&other);
        if (one == nullptr || one == this)
            return one == this;
        if constexpr (std::equality_comparable<P>)
            return partitions_ == one->partitions_ && how_ == one->how_;
        else
            return std::is_empty_v<P>;
    }

private:
    [[no_unique_address]] P how_;
    std::size_t partitions_;
};

/// What can stand as the last argument of an operator on pairs: a number of partitions, or a partitioner.
template <typename How, typename Key>
concept partitioner_argument = (std::integral<How> && !std::same_as<How, bool>) || std::same_as<How, hash_partitioner>
                               || partitioner_for<How, Key>;

/// What looks like a partitioner, whatever its keys are.
template <typename P>
concept partitioner_like = requires(P const& how) {
    { how.partitions() } -> std::convertible_to<std::size_t>;
};

/// In place of a partitioner where none was given.
struct no_partitioner {};

/// What an operator was told about the partitions of its result. If nothing: they are those of a parent whose pairs are
/// laid out by key already, else those of the context.
template <typename Key>
struct told_partitioner {
    std::size_t partitions = 0;                           ///< 0 when nothing was said.
    std::shared_ptr<partition_rule_of<Key> const> rule{}; ///< Null: by `key_hash`.
};

/// What an operator without that argument was told.
template <typename Key>
[[nodiscard]] told_partitioner<Key> told()
{
    return {};
}

/// What the last argument of an operator says. *Throws* `config_error` for a number that is not 1 to `most_partitions`.
template <typename Key, typename How>
[[nodiscard]] told_partitioner<Key> told(How how)
{
    static_assert(partitioner_argument<How, Key>,
                  "tidemark::partitioner: the last argument lays out no keys of this type; give a number of "
                  "partitions, hash_partitioner(n), or an object with partitions() and operator()(key const&) that "
                  "gives the number of a partition");
    if constexpr (std::integral<How>)
        return {hash_partitioner(how).partitions()};
    else if constexpr (std::same_as<How, hash_partitioner>)
        return {how.partitions()};
    else if constexpr (partitioner_for<How, Key>) {
        auto rule = std::make_shared<program_rule<Key, How> const>(std::move(how));
        auto const partitions = rule->partitions();
        return {partitions, std::move(rule)};
    } else
        return {};
}

} // namespace tidemark
