// SPDX-License-Identifier: BSL-1.0
//
// pipelines: rows of steps over several kinds of records, about which the laws are checked.

#pragma once

#include <tidemark/operators.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark_test {

using number = std::int64_t;
using number_pair = std::pair<number, number>;
using named_number = std::pair<std::string, number>;
struct reading { // too large for a chunk, though trivial
    number sensor = 0;
    std::array<number, 12> values{};

    friend bool operator==(reading const&, reading const&) = default;
    friend auto operator<=>(reading const&, reading const&) = default;
};

/// One of several functions, chosen when the test runs; so one pipeline type stands for many pipelines.
template <typename F, std::size_t N>
F one_of(std::array<F, N> const& choices, std::mt19937& random)
{
    return choices[random() % N];
}

inline auto any_mapping(std::mt19937& random)
{
    return tidemark::map(one_of(
        std::array<number (*)(number), 4>{[](number x) { return x + 1; }, [](number x) { return -x; },
                                          [](number x) { return x % 97; }, [](number x) { return x * 3 % 1009; }},
        random));
}

inline auto any_filter(std::mt19937& random)
{
    return tidemark::filter(
        one_of(std::array<bool (*)(number), 4>{[](number x) { return x % 2 == 0; }, [](number) { return true; },
                                               [](number x) { return x % 5 != 3; }, [](number x) { return x < 40; }},
               random));
}

inline auto any_expansion(std::mt19937& random)
{
    using several = std::vector<number>;
    return tidemark::flat_map(one_of(
        std::array<several (*)(number), 4>{[](number x) { return several{x}; },
                                           [](number x) { return several{x, x + 1}; },
                                           [](number x) { return several(static_cast<std::size_t>(x % 3 == 0), x); },
                                           [](number x) { return several(static_cast<std::size_t>(x & 3), -x); }},
        random));
}

inline auto as_text()
{
    return tidemark::map(
        [](number x) { return std::string(static_cast<std::size_t>(x & 31), 'x') + std::to_string(x); });
}

inline auto as_number()
{
    return tidemark::map([](std::string const& text) { return static_cast<number>(text.size()) * 7 + text.back(); });
}

inline auto as_pair()
{
    return tidemark::map([](number x) { return number_pair(x % 13, x); });
}

inline auto value_of()
{
    return tidemark::map([](number_pair const& pair) { return pair.first + 10 * pair.second; });
}

/// Rows of narrow steps from numbers to whatever comes out.
inline auto narrow_pipelines(std::mt19937& random)
{
    return std::tuple(
        std::tuple(any_mapping(random), any_filter(random), any_expansion(random), any_mapping(random),
                   any_filter(random)),
        std::tuple(any_filter(random), any_filter(random), any_filter(random), any_mapping(random)),
        std::tuple(any_expansion(random), any_expansion(random), any_mapping(random), as_pair(),
                   tidemark::map_values([](number x) { return x / 2; }), value_of(), any_filter(random)),
        std::tuple(any_mapping(random), as_text(),
                   tidemark::filter([](std::string const& text) { return text.size() % 2 == 0; }),
                   tidemark::flat_map([](std::string const& text) { return std::vector{text, text + "!"}; }),
                   as_number(), any_expansion(random), any_filter(random)),
        std::tuple(as_text(), tidemark::flat_map([](std::string const& text) { return text; }),
                   tidemark::map([](char c) { return c == 'x'; }), tidemark::filter(std::identity{})),
        std::tuple(any_mapping(random), tidemark::map([](number x) {
                       reading made{x % 7, {}};
                       made.values.fill(x);
                       return made;
                   }),
                   tidemark::filter([](reading const& made) { return made.values[11] % 3 != 1; }),
                   tidemark::map([](reading const& made) { return std::optional(made.sensor + made.values[5]); }),
                   tidemark::flat_map(std::identity{}), any_filter(random)),
        std::tuple(
            any_filter(random), tidemark::map([](number x) { return named_number("k" + std::to_string(x % 5), x); }),
            tidemark::map_values([](number x) { return std::to_string(x); }),
            tidemark::map_values([](std::string const& text) { return text + text; }),
            tidemark::map([](std::pair<std::string, std::string> const& pair) { return pair.first + pair.second; })));
}

/// Rows of steps with wide ones among them. The reductions are exact, so it does not matter how values are bracketed.
inline auto wide_pipelines(std::mt19937& random)
{
    auto const sum = tidemark::reduce_by_key(std::plus<>{});
    return std::tuple(std::tuple(any_mapping(random), as_pair(), sum),
                      std::tuple(any_expansion(random), as_pair(), sum, value_of(), as_pair(),
                                 tidemark::reduce_by_key([](number x, number y) { return std::max(x, y); })),
                      std::tuple(any_filter(random), as_text(),
                                 tidemark::map([](std::string const& text) { return std::pair(text, number{1}); }), sum,
                                 tidemark::map_values([](number x) { return -x; })),
                      std::tuple(any_mapping(random), tidemark::map([](number x) {
                                     return std::pair(x % 3 == 0, std::string(1, static_cast<char>('a' + (x & 15))));
                                 }),
                                 tidemark::reduce_by_key(
                                     [](std::string const& left, std::string const& right) { return left + right; })),
                      std::tuple(any_filter(random), any_expansion(random), tidemark::count()));
}

} // namespace tidemark_test
