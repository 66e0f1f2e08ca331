// SPDX-License-Identifier: BSL-1.0
//
// arrivals: the records of a batch, grouped by key.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/key_index.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// What has arrived for one key, in the order of arrival.
template <typename Key, typename Value>
struct arrival {
    std::uint64_t hash;
    Key key;
    std::vector<Value> values;
    bool known; // it had a state before the batch
};

/// The arrivals of a key-group, in the order in which their keys first came. Moves the records out of `coming`.
template <typename Key, typename Value>
[[nodiscard]] std::vector<arrival<Key, Value>> arrivals_by_key(std::size_t group, exchange<Key, Value>& coming)
{
    std::vector<arrival<Key, Value>> keys;
    auto const records = coming.size(group);
    if (records == 0)
        return keys;
    key_index index;
    index.reset(records);
    for (auto& run : coming.runs())
        for (auto& [hash, key, value] : run.group(group)) {
            auto const fresh = static_cast<std::uint32_t>(keys.size());
            auto const place = index.find_or_insert(hash, fresh, [&](std::uint32_t at) { return keys[at].key == key; });
            if (place == fresh)
                keys.push_back({hash, std::move(key), {}, false});
            keys[place].values.push_back(std::move(value));
        }
    return keys;
}

} // namespace tidemark::detail
