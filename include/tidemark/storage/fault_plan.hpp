// SPDX-License-Identifier: BSL-1.0
//
// fault_plan: which operations on a storage fail, and how; for tests.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/storage/detail/seeded.hpp>
#include <tidemark/storage/fault_verdict.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// A list of faults to come, and a count of the operations so far. Copies are the same plan.
///
/// Operations are numbered from 0, in the order in which they begin. A plan without faults only counts.
/// *Threads*: all calls, at once.
class fault_plan {
public:
    explicit fault_plan(std::uint64_t seed = 0)
        : state_(std::make_shared<state>(seed))
    {}

    /// The operation with this number fails.
    void fail(std::uint64_t number, fault_effect effect = fault_effect::none) const
    {
        add({{}, number, effect, damage::none});
    }

    /// The operation with this number among those of its kind fails.
    void fail(storage_operation kind, std::uint64_t number, fault_effect effect = fault_effect::none) const
    {
        add({kind, number, effect, damage::none});
    }

    /// The append with this number among the appends writes only some of its first bytes, and fails.
    void tear(std::uint64_t number) const
    {
        add({storage_operation::append, number, fault_effect::none, damage::torn});
    }

    /// The append with this number among the appends writes one bit otherwise than it was told to, and succeeds: a disk
    /// that lies.
    void flip_bit(std::uint64_t number) const
    {
        add({storage_operation::append, number, fault_effect::none, damage::flipped});
    }

    /// From now on `bytes` more bytes fit; the append that needs more writes what fits, and fails as on a full disk.
    void limit_space(std::uint64_t bytes) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->space = bytes;
    }

    /// From now on each operation of this kind, on files whose names begin with `prefix`, takes so much longer: a slow
    /// disk.
    void slow_down(storage_operation kind, std::chrono::nanoseconds by, std::string prefix = {}) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->delays[index(kind)] = {by, std::move(prefix)};
    }

    /// From now on listings are stale, as those of an object store: a name that is created, renamed or removed stays as
    /// it was in them for `amount` more operations of this plan.
    void list_late(std::uint64_t amount) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->late = amount;
    }

    /// As `list_late`; and a file with a new name is not found under it, nor read, for as long.
    void appear_late(std::uint64_t amount) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->late = amount;
        state_->files_are_late = true;
    }

    /// Operations 0 to `count - 1` happen; the next one throws `simulated_crash`, and so does each later one. Of an
    /// append that crashes, some of the first bytes are written.
    void crash_after(std::uint64_t amount) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->crash_after = amount;
    }

    /// As `crash_after`, but counts only operations that change something: fewer runs cover as much.
    void crash_after_changes(std::uint64_t amount) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->crash_after_changes = amount;
    }

    /// How many operations there were.
    [[nodiscard]] std::uint64_t operations() const
    {
        std::lock_guard const guard(state_->mutex);
        return state_->operations;
    }

    /// How many operations of this kind there were.
    [[nodiscard]] std::uint64_t operations(storage_operation kind) const
    {
        std::lock_guard const guard(state_->mutex);
        return state_->of_kind[index(kind)];
    }

    /// How many operations there were that change something.
    [[nodiscard]] std::uint64_t changes() const
    {
        std::lock_guard const guard(state_->mutex);
        return state_->changes;
    }

    /// Whether a crash has happened.
    [[nodiscard]] bool crashed() const
    {
        std::lock_guard const guard(state_->mutex);
        return state_->crashed_at.has_value();
    }

    /// Counts an operation, of `bytes` bytes for an append, and says what becomes of it. For those who write a storage. The
    /// first `in_room` of the bytes have their space already.
    [[nodiscard]] fault_verdict judge(storage_operation kind, std::size_t bytes = 0, std::size_t in_room = 0) const;

    /// For those who write a storage: how long an operation of this kind on `name` waits before it begins.
    [[nodiscard]] std::chrono::nanoseconds delay(storage_operation kind, std::string_view name) const
    {
        std::lock_guard const guard(state_->mutex);
        auto const& slow = state_->delays[index(kind)];
        return name.starts_with(slow.prefix) ? slow.by : std::chrono::nanoseconds(0);
    }

    /// For those who write a storage: the file `name` of `folder` is there from now on, or is gone.
    void note_name(std::string const& folder, std::string const& name, bool is_there) const
    {
        std::lock_guard const guard(state_->mutex);
        if (state_->late != 0)
            state_->names[folder][name] = {state_->operations, is_there};
    }

    /// For those who write a storage: what a listing of `folder` shows when these are the names. Sorted.
    [[nodiscard]] std::vector<std::string> shown(std::string const& folder, std::vector<std::string> names) const
    {
        std::lock_guard const guard(state_->mutex);
        for (auto const& [name, change] : state_->names[folder]) {
            if (!state_->is_late(change))
                continue;
            if (change.is_there)
                std::erase(names, name);
            else
                names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    /// For those who write a storage: whether the file cannot be found yet.
    [[nodiscard]] bool is_hidden(std::string const& folder, std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        auto const& names = state_->names[folder];
        auto const found = names.find(name);
        return state_->files_are_late && found != names.end() && found->second.is_there
               && state_->is_late(found->second);
    }

private:
    static constexpr std::size_t kinds = 14;

    enum class damage : std::uint8_t { none, torn, flipped };

    struct fault {
        std::optional<storage_operation> kind; // nothing: any
        std::uint64_t number = 0;
        fault_effect effect = fault_effect::none;
        damage to_bytes = damage::none;
    };

    struct name_change {
        std::uint64_t operation = 0; // how many there had been
        bool is_there = false;       // the name since then
    };

    struct slow_operation {
        std::chrono::nanoseconds by{0};
        std::string prefix;
    };

    struct state {
        explicit state(std::uint64_t seed)
            : random(seed)
        {}

        std::mutex mutex; // guards all below
        detail::seeded random;
        std::vector<fault> faults;
        std::optional<std::uint64_t> space; // nothing: no limit
        std::optional<std::uint64_t> crash_after;
        std::optional<std::uint64_t> crash_after_changes;
        std::optional<std::uint64_t> crashed_at;
        std::uint64_t operations = 0;
        std::uint64_t changes = 0;
        std::array<std::uint64_t, kinds> of_kind{};
        std::array<slow_operation, kinds> delays{};
        std::uint64_t late = 0; // for how many operations a name stays as it was
        bool files_are_late = false;
        std::map<std::string, std::map<std::string, name_change>> names; // by folder

        [[nodiscard]] bool is_late(name_change const& change) const { return operations - change.operation <= late; }
    };

    static constexpr std::size_t index(storage_operation kind) { return static_cast<std::size_t>(kind); }

    void add(fault some) const
    {
        std::lock_guard const guard(state_->mutex);
        state_->faults.push_back(some);
    }

    std::shared_ptr<state> state_;
};

inline fault_verdict fault_plan::judge(storage_operation kind, std::size_t bytes, std::size_t in_room) const
{
    std::lock_guard const guard(state_->mutex);
    auto& now = *state_;
    std::uint64_t const number = now.operations++;
    std::uint64_t const number_of_kind = now.of_kind[index(kind)]++;
    bool const changes = kind <= storage_operation::set_aside;
    std::uint64_t const number_of_change = now.changes;
    now.changes += changes ? 1 : 0;

    fault_verdict verdict{fault_verdict::kind::success, bytes, fault_effect::none, 0, 0, {}};
    if (now.crashed_at) {
        return {fault_verdict::kind::crash, 0, fault_effect::none, 0, *now.crashed_at, {}};
    }
    if ((now.crash_after && number >= *now.crash_after)
        || (now.crash_after_changes && changes && number_of_change >= *now.crash_after_changes)) {
        now.crashed_at = number;
        return {fault_verdict::kind::crash, now.random.below(bytes + 1), fault_effect::none, 0, number, {}};
    }
    for (auto const& planned : now.faults) {
        if (planned.number == (planned.kind ? number_of_kind : number) && planned.kind.value_or(kind) == kind) {
            if (planned.to_bytes == damage::flipped) {
                if (bytes != 0) {
                    verdict.flipped_bit = now.random.below(8 * bytes);
                }
                continue;
            }
            verdict.end = fault_verdict::kind::failure;
            verdict.error = EIO;
            verdict.effect = planned.effect;
            verdict.bytes = planned.effect == fault_effect::all ? bytes : 0;
            if (planned.to_bytes == damage::torn) {
                verdict.bytes = now.random.below(bytes);
            }
        }
    }
    if (kind == storage_operation::append && now.space) {
        auto more = verdict.bytes - std::min(in_room, verdict.bytes);
        if (more > *now.space) {
            verdict.end = fault_verdict::kind::failure;
            verdict.error = ENOSPC;
            more = static_cast<std::size_t>(*now.space);
            verdict.bytes = in_room + more;
        }
        *now.space -= more;
    }
    return verdict;
}

} // namespace tidemark
