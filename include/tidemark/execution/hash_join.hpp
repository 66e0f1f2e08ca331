// SPDX-License-Identifier: BSL-1.0
//
// hash_join: brings the records of two sides together by key, one key-group at a time.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/key_index.hpp>
#include <tidemark/expression/meetings.hpp>
#include <tidemark/expression/row.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark {

/// Joins two sides in time linear in their records and in the result. No values are gathered by key: records of the
/// second side with one key are chained by their numbers, in their order. What is used for the last time is moved.
///
/// Its tables are kept from group to group.
template <typename Key, typename First, typename Second>
class hash_join {
public:
    template <typename Meeting>
    using rows = row<typename Meeting::template output<Key, First, Second>>;

    /// Takes the records of one group, which stay where they are, out of what has come.
    void take(std::vector<exchange_run<Key, First>>& first, std::vector<exchange_run<Key, Second>>& second,
              std::size_t group)
    {
        collect(first, group, firsts_);
        collect(second, group, seconds_);
    }

    /// In the order of the first side, for each of its records in the order of the second; then, where they are kept,
    /// the keys of the second side alone, in the order in which they first come.
    template <bool KeepFirst, bool KeepSecond>
    void meet(join_meeting<KeepFirst, KeepSecond>, rows<join_meeting<KeepFirst, KeepSecond>>& out)
    {
        index_seconds();
        look_up_firsts();
        for (std::size_t i = 0; i < firsts_.size(); ++i) {
            auto& one = *firsts_[i];
            if (found_[i] != nothing)
                cross(one, chains_[found_[i]], out);
            else if constexpr (KeepFirst)
                out.emplace_back(std::move(one.key), value_t<rows<join_meeting<KeepFirst, KeepSecond>>>(
                                                         std::move(one.value), std::nullopt));
        }
        if constexpr (KeepSecond)
            for (auto const& alone : chains_)
                if (!alone.met)
                    for (auto at = alone.first; at != nothing; at = next_[at])
                        out.emplace_back(std::move(seconds_[at]->key),
                                         value_t<rows<join_meeting<KeepFirst, KeepSecond>>>(
                                             std::nullopt, std::move(seconds_[at]->value)));
    }

    /// Keys in the order in which they first come, the first side before the second.
    void meet(cogroup_meeting, rows<cogroup_meeting>& out)
    {
        index_.reset(firsts_.size() + seconds_.size());
        auto const begin = out.size();
        for (auto* const one : firsts_)
            group_of(*one, out, begin).first.push_back(std::move(one->value));
        for (auto* const one : seconds_)
            group_of(*one, out, begin).second.push_back(std::move(one->value));
    }

    /// In the order of the first side.
    void meet(subtract_meeting, rows<subtract_meeting>& out)
    {
        index_seconds();
        look_up_firsts();
        for (std::size_t i = 0; i < firsts_.size(); ++i)
            if (found_[i] == nothing)
                out.emplace_back(std::move(firsts_[i]->key), std::move(firsts_[i]->value));
    }

private:
    static constexpr auto nothing = key_index::nothing;

    template <typename Rows>
    using value_t = typename Rows::value_type::second_type;

    /// The records of the second side that have one key: the numbers of the first and the last of them, between which
    /// `next_` leads.
    struct chain {
        std::uint32_t first;
        std::uint32_t last;
        std::size_t asked = 0; // how many records of the first side are still to come
        bool met = false;
    };

    template <typename Record>
    static void collect(std::vector<exchange_run<Key, decltype(Record::value)>>& runs, std::size_t group,
                        std::vector<Record*>& out)
    {
        out.clear();
        for (auto& run : runs)
            for (auto& record : run.group(group))
                out.push_back(&record);
    }

    void index_seconds()
    {
        index_.reset(seconds_.size());
        chains_.clear();
        next_.assign(seconds_.size(), nothing);
        for (std::uint32_t i = 0; i < seconds_.size(); ++i) {
            auto const fresh = static_cast<std::uint32_t>(chains_.size());
            auto const place = index_.find_or_insert(seconds_[i]->hash, fresh, [&](std::uint32_t at) {
                return seconds_[chains_[at].first]->key == seconds_[i]->key;
            });
            if (place == fresh)
                chains_.push_back({i, i});
            else
                next_[std::exchange(chains_[place].last, i)] = i;
        }
    }

    void look_up_firsts()
    {
        found_.clear();
        for (auto const* const one : firsts_) {
            auto const place =
                index_.find(one->hash, [&](std::uint32_t at) { return seconds_[chains_[at].first]->key == one->key; });
            found_.push_back(place);
            if (place != nothing) {
                ++chains_[place].asked;
                chains_[place].met = true;
            }
        }
    }

    template <typename Rows>
    void cross(travelling<Key, First>& one, chain& with, Rows& out)
    {
        bool const last_asked = --with.asked == 0;
        for (auto at = with.first; at != nothing; at = next_[at]) {
            bool const last = next_[at] == nothing;
            out.emplace_back(last_use(one.key, last),
                             value_t<Rows>(last_use(one.value, last), last_use(seconds_[at]->value, last_asked)));
        }
    }

    template <typename T>
    static T last_use(T& object, bool last)
    {
        if (last)
            return std::move(object);
        return object;
    }

    template <typename Record>
    auto& group_of(Record& one, rows<cogroup_meeting>& out, std::size_t begin)
    {
        auto const fresh = static_cast<std::uint32_t>(out.size() - begin);
        auto const place =
            index_.find_or_insert(one.hash, fresh, [&](std::uint32_t at) { return out[begin + at].first == one.key; });
        if (place == fresh)
            out.emplace_back(std::move(one.key), std::pair<std::vector<First>, std::vector<Second>>());
        return out[begin + place].second;
    }

    std::vector<travelling<Key, First>*> firsts_;
    std::vector<travelling<Key, Second>*> seconds_;
    key_index index_;
    std::vector<chain> chains_;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> found_; // for each record of the first side its chain
};

} // namespace tidemark
