// SPDX-License-Identifier: BSL-1.0
//
// updates: what functions add to accumulators, held back until what they were called for has succeeded.

#pragma once

#include <tidemark/core/owner.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What one accumulator was given in one place: a task, a stage, an output. Begins empty.
class accumulated_part {
public:
    accumulated_part() = default;
    accumulated_part(accumulated_part const&) = delete;
    accumulated_part& operator=(accumulated_part const&) = delete;
    virtual ~accumulated_part() = default;

    /// *Requires* a part of the same accumulator.
    virtual void merge(accumulated_part&& later) = 0;
};

/// An accumulator, whatever it adds up.
///
/// *Threads*: `apply` and `save` may be called from any thread.
class accumulator_cell : public std::enable_shared_from_this<accumulator_cell> {
public:
    explicit accumulator_cell(std::string name)
        : name_(std::move(name))
    {
        alive().fetch_add(1, std::memory_order_relaxed);
    }
    accumulator_cell(accumulator_cell const&) = delete;
    accumulator_cell& operator=(accumulator_cell const&) = delete;
    virtual ~accumulator_cell() { alive().fetch_sub(1, std::memory_order_relaxed); }

    /// Whether this process has an accumulator at all; while it has none, updates cost nothing.
    [[nodiscard]] static bool any() { return alive().load(std::memory_order_relaxed) != 0; }

    /// Empty for one that belongs to no stream.
    [[nodiscard]] std::string const& name() const { return name_; }

    [[nodiscard]] virtual owner<accumulated_part> empty_part() const = 0;
    /// Makes a part count.
    virtual void apply(accumulated_part&& part) = 0;
    /// The same outside every batch. *Throws* `usage_error` for the accumulator of a stream.
    virtual void apply_outside(accumulated_part&& part) = 0;

    /// Puts the initial value in place.
    virtual void begin() = 0;
    [[nodiscard]] virtual std::string schema() const = 0;
    [[nodiscard]] virtual std::vector<std::byte> save() const = 0;
    virtual void restore(std::span<std::byte const> saved) = 0;
    [[nodiscard]] virtual std::vector<std::byte> save_part(accumulated_part const& part) const = 0;
    [[nodiscard]] virtual owner<accumulated_part> load_part(std::span<std::byte const> saved) const = 0;

private:
    static std::atomic<std::size_t>& alive()
    {
        static std::atomic<std::size_t> cells{0};
        return cells;
    }

    std::string name_;
};

/// A part of each accumulator that was updated in one place.
class updates {
public:
    /// The part of one accumulator.
    struct entry {
        std::shared_ptr<accumulator_cell> cell;
        owner<accumulated_part> part;
    };

    /// The part of `cell`, empty at first.
    [[nodiscard]] accumulated_part& of(accumulator_cell& cell)
    {
        for (auto const& each : entries_) // there are few of them
            if (each.cell.get() == &cell)
                return *each.part;
        return *entries_.emplace_back(entry{cell.shared_from_this(), cell.empty_part()}).part;
    }

    void add(std::shared_ptr<accumulator_cell> const& cell, owner<accumulated_part> part)
    {
        for (auto const& each : entries_)
            if (each.cell == cell)
                return each.part->merge(std::move(*part));
        entries_.push_back({cell, std::move(part)});
    }

    /// Appends what came later.
    void merge(updates&& later)
    {
        for (auto& each : later.entries_)
            add(each.cell, std::move(each.part));
        later.clear();
    }

    void apply()
    {
        for (auto const& each : entries_)
            each.cell->apply(std::move(*each.part));
        clear();
    }

    void apply_outside()
    {
        for (auto const& each : entries_)
            each.cell->apply_outside(std::move(*each.part));
        clear();
    }

    void clear() { entries_.clear(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::vector<entry> const& entries() const { return entries_; }

private:
    std::vector<entry> entries_;
};

/// Where updates of what several read and only one computes go: by the name of their producer, so that they count once.
///
/// *Threads*: any.
class update_receiver {
public:
    update_receiver() = default;
    update_receiver(update_receiver const&) = delete;
    update_receiver& operator=(update_receiver const&) = delete;
    virtual ~update_receiver() = default;

    virtual void record(std::string const& producer, updates&& made) = 0;
};

/// Where the updates of a thread go: nowhere unless it runs a batch or a task.
struct update_place {
    updates* into = nullptr;
    update_receiver* shared = nullptr;

    [[nodiscard]] static update_place& of_this_thread()
    {
        static thread_local update_place here;
        return here;
    }
};

/// Puts another place in, for as long as it lives.
class update_place_scope {
public:
    explicit update_place_scope(update_place inner)
        : outer_(std::exchange(update_place::of_this_thread(), inner))
    {}
    update_place_scope(update_place_scope const&) = delete;
    update_place_scope& operator=(update_place_scope const&) = delete;
    ~update_place_scope() { update_place::of_this_thread() = outer_; }

    [[nodiscard]] update_place const& outer() const { return outer_; }

private:
    update_place outer_;
};

namespace detail {

/// The producer of one of the parts in which what `whole` stands for is computed and kept.
[[nodiscard]] inline std::string part_producer(std::string const& whole, std::size_t part, std::size_t parts)
{
    return whole + ", part " + std::to_string(part) + " of " + std::to_string(parts);
}

} // namespace detail

/// All updates of the calling thread while it lives, or none: they go on to the place around it when they are kept, and
/// are dropped otherwise.
class held_updates {
public:
    /// With a `producer`, its name: what it computes is computed once, whoever asks for it.
    explicit held_updates(std::string const* producer = nullptr)
        : producer_(producer)
        , scope_({&mine_, update_place::of_this_thread().shared})
    {}

    void keep()
    {
        if (mine_.empty())
            return;
        if (producer_ != nullptr && scope_.outer().shared != nullptr)
            scope_.outer().shared->record(*producer_, std::move(mine_));
        else if (scope_.outer().into != nullptr)
            scope_.outer().into->merge(std::move(mine_));
        else
            mine_.apply_outside();
    }

    void add(updates&& made) { mine_.merge(std::move(made)); }
    [[nodiscard]] bool empty() const { return mine_.empty(); }
    /// What is held, instead of keeping it.
    [[nodiscard]] updates take() { return std::exchange(mine_, {}); }

private:
    std::string const* producer_;
    updates mine_;
    update_place_scope scope_;
};

/// Tasks whose updates are kept together, in the order of their numbers, so that sums do not depend on threads.
template <typename Task>
class updating_tasks {
public:
    updating_tasks(Task const& task, std::size_t tasks)
        : task_(task)
        , parts_(tasks)
        , shared_(update_place::of_this_thread().shared)
    {}

    /// May be called again for a number; what the call before has left is dropped.
    void operator()(std::size_t number)
    {
        auto& mine = parts_[number];
        mine.clear();
        update_place_scope const scope({&mine, shared_});
        task_(number);
    }

    /// Called when all have succeeded.
    void keep()
    {
        held_updates all;
        for (auto& part : parts_)
            all.add(std::move(part));
        all.keep();
    }

private:
    Task const& task_;
    std::vector<updates> parts_;
    update_receiver* shared_;
};

} // namespace tidemark
