// SPDX-License-Identifier: BSL-1.0
//
// lineage: what the type of an expression tells about its stages, as constant expressions.

#pragma once

#include <tidemark/expression/expression.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace tidemark {
namespace detail {

template <typename E>
inline constexpr bool is_step_v = requires { typename E::step_type; };

template <typename Parents>
struct lineage_of_all;

/// The stages of an expression are those of its parents and its own; a narrow step belongs to the stage of its parent.
template <typename E>
struct lineage_of {
    static constexpr std::size_t stages = lineage_of_all<typename E::parents>::stages + (is_step_v<E> ? 0 : 1);
    static constexpr bool wide = E::depends == dependency::wide || lineage_of_all<typename E::parents>::wide;
};

template <typename... Parents>
struct lineage_of_all<type_list<Parents...>> {
    static constexpr std::size_t stages = (std::size_t{0} + ... + lineage_of<Parents>::stages);
    static constexpr bool wide = (false || ... || lineage_of<Parents>::wide);
};

/// Writes the lineage, or only measures it while `out` is null: each node first, then its parents, indented.
struct lineage_writer {
    char* out = nullptr;
    std::size_t size = 0;

    constexpr void put(std::string_view text)
    {
        if (out != nullptr)
            std::copy(text.begin(), text.end(), out + size);
        size += text.size();
    }

    template <typename E>
    constexpr void node(std::size_t depth)
    {
        for (std::size_t i = 0; i < depth; ++i)
            put("  ");
        put(E::name);
        if constexpr (requires { E::stage::name; })
            if (!E::stage::name.empty()) {
                put("<\"");
                put(E::stage::name);
                put("\">");
            }
        if constexpr (E::depends == dependency::wide)
            put(" (wide)");
        put("\n");
        parents<E>(static_cast<typename E::parents*>(nullptr), depth + 1);
    }

    template <typename E, typename... Parents>
    constexpr void parents(type_list<Parents...>*, [[maybe_unused]] std::size_t depth)
    {
        (node<Parents>(depth), ...);
    }
};

template <typename E>
inline constexpr auto lineage_text = [] {
    constexpr auto size = [] {
        lineage_writer measure;
        measure.node<E>(0);
        return measure.size;
    }();
    std::array<char, size> text{};
    lineage_writer writer{text.data()};
    writer.node<E>(0);
    return text;
}();

} // namespace detail

/// The number of stages of an expression: chains of fused steps between boundaries, the leaf's included. A stage that
/// is reached on two paths counts twice, though it runs once.
template <expression E>
inline constexpr std::size_t stage_count_v = detail::lineage_of<std::remove_cvref_t<E>>::stages;

/// True when records change partitions somewhere in the lineage of `E`.
template <expression E>
inline constexpr bool is_wide_v = detail::lineage_of<std::remove_cvref_t<E>>::wide;

/// The lineage of an expression as text, a line for each node, parents below and indented.
template <expression E>
[[nodiscard]] constexpr std::string_view describe()
{
    constexpr auto const& text = detail::lineage_text<std::remove_cvref_t<E>>;
    return {text.data(), text.size()};
}

} // namespace tidemark
