// SPDX-License-Identifier: BSL-1.0
//
// meetings: what becomes of the pairs of two expressions that share a key: joins, cogroup, subtract_by_key.

#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// A record for each pair of values of one key. `KeepFirst` and `KeepSecond` add the values of that side whose key the
/// other side does not have, which makes the other side's value optional.
template <bool KeepFirst, bool KeepSecond>
struct join_meeting {
    static constexpr bool keeps_first = KeepFirst;
    static constexpr bool keeps_second = KeepSecond;

    template <typename Key, typename First, typename Second>
    using output = std::pair<Key, std::pair<std::conditional_t<KeepSecond, std::optional<First>, First>,
                                            std::conditional_t<KeepFirst, std::optional<Second>, Second>>>;

    static constexpr std::string_view name =
        KeepFirst ? (KeepSecond ? "full_outer_join" : "left_outer_join") : (KeepSecond ? "right_outer_join" : "join");
};

/// A record for each key of either side, with all values of both.
struct cogroup_meeting {
    template <typename Key, typename First, typename Second>
    using output = std::pair<Key, std::pair<std::vector<First>, std::vector<Second>>>;

    static constexpr std::string_view name = "cogroup";
};

/// The pairs of the first side whose key the second does not have.
struct subtract_meeting {
    template <typename Key, typename First, typename Second>
    using output = std::pair<Key, First>;

    static constexpr std::string_view name = "subtract_by_key";
};

} // namespace tidemark
