// SPDX-License-Identifier: BSL-1.0
//
// key_seats: seats for keys, side by side with others of their phase.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/state/keyed_table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::detail {

/// Gives each key a seat in a strip of `lanes`, whose keys are all of one phase. A key's seat is guessed: the one that came
/// last time behind the key which comes before it. Only where keys come in another order than then they are looked up.
///
/// *Throws* what a key or an allocation does; then only `clear` is left. *Threads*: one at a time.
template <typename Key>
class key_seats {
public:
    static constexpr std::size_t lanes = 32;
    using bits = std::uint32_t;
    using seat = std::uint32_t; // the number of a strip times `lanes`, and a lane of it

    explicit key_seats(std::size_t phases)
        : free_(phases)
    {}

    /// Calls `visit(seat, pair)` for each pair, in order. A new key gets a seat of the phase `phase_of(hash)`.
    template <typename Pairs, typename PhaseOf, typename Visit>
    void seat_all(Pairs const& pairs, PhaseOf const& phase_of, Visit const& visit)
    {
        constexpr std::size_t together = 32; // keys looked up at a time
        std::array<std::uint64_t, together> hashes;
        seat last = nobody;
        for (std::size_t begin = 0; begin < pairs.size();) {
            auto const end = std::min(pairs.size(), begin + together);
            for (; begin < end && is_of(behind(last), pairs[begin].first); ++begin) {
                last = behind(last);
                visit(last, pairs[begin]);
            }
            for (auto i = begin; i < end; ++i) {
                hashes[i % together] = key_hash(pairs[i].first);
                seats_.prefetch(hashes[i % together]);
            }
            for (; begin < end; ++begin) {
                auto const found = seat_for(hashes[begin % together], pairs[begin].first, phase_of);
                behind(last) = found;
                last = found;
                visit(last, pairs[begin]);
            }
        }
    }

    [[nodiscard]] std::size_t keys() const { return seats_.size(); }
    [[nodiscard]] std::size_t strips() const { return strips_.size(); }
    [[nodiscard]] std::size_t phase(std::size_t strip) const { return strips_[strip].phase; }
    /// The lanes of a strip that have a key.
    [[nodiscard]] bits taken(std::size_t strip) const { return strips_[strip].taken; }
    [[nodiscard]] Key const& key(std::size_t strip, std::size_t lane) const { return strips_[strip].keys[lane]; }

    /// The key of that lane goes, and another one may come. `settle` when all have gone that go.
    void leave(std::size_t strip, std::size_t lane)
    {
        auto& left = strips_[strip];
        seats_.erase(key_hash(left.keys[lane]), left.keys[lane]);
        left.taken &= ~(bits{1} << lane);
        free_[left.phase].push_back(static_cast<seat>(strip * lanes + lane));
    }

    /// Forgets which keys have come and gone; linear in all of them.
    void settle() { seats_.clear_dirty(); }

    void clear()
    {
        seats_.clear();
        strips_.clear();
        for (auto& each : free_)
            each.clear();
        first_ = 0;
    }

private:
    static constexpr seat nobody = ~seat{0};

    struct seat_strip {
        std::size_t phase;
        bits taken = 0;
        row<Key> keys{};
        std::array<seat, lanes> behind{};
    };

    /// The seat that came last time behind that one, or at first.
    [[nodiscard]] seat& behind(seat last)
    {
        return last == nobody ? first_ : strips_[last / lanes].behind[last % lanes];
    }

    [[nodiscard]] bool is_of(seat guess, Key const& key) const
    {
        if (guess / lanes >= strips_.size())
            return false;
        auto const& there = strips_[guess / lanes];
        return (there.taken >> guess % lanes & 1U) != 0 && there.keys[guess % lanes] == key;
    }

    template <typename PhaseOf>
    [[nodiscard]] seat seat_for(std::uint64_t hash, Key const& key, PhaseOf const& phase_of)
    {
        auto const [found, made] = seats_.try_emplace(hash, key, nobody);
        if (made)
            *found = new_seat(phase_of(hash), key);
        return *found;
    }

    [[nodiscard]] seat new_seat(std::size_t phase, Key const& key)
    {
        auto& free = free_[phase];
        if (free.empty()) {
            if (strips_.size() == nobody / lanes)
                throw error("a window holds " + std::to_string(keys())
                            + " keys in one partition, more than there are numbers for; use more partitions");
            strips_.push_back({phase});
            for (auto lane = lanes; lane-- > 0;)
                free.push_back(static_cast<seat>((strips_.size() - 1) * lanes + lane));
        }
        auto const given = free.back();
        auto& there = strips_[given / lanes];
        auto const lane = given % lanes;
        if (lane == there.keys.size())
            there.keys.push_back(key);
        else
            there.keys[lane] = key;
        free.pop_back();
        there.taken |= bits{1} << lane;
        return given;
    }

    seat first_ = 0; // of all pairs, the last time
    std::vector<seat_strip> strips_;
    keyed_table<Key, seat> seats_;
    std::vector<std::vector<seat>> free_; // by phase
};

} // namespace tidemark::detail
