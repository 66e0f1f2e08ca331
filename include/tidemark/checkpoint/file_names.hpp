// SPDX-License-Identifier: BSL-1.0
//
// file_names: the names of a checkpoint's files, made and parsed here only.

#pragma once

#include <tidemark/checkpoint/snapshot_format.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// The file that says which log segments are alive.
inline constexpr std::string_view manifest_name = "manifest";

/// The manifest while it is being written; it is true only under its final name.
inline constexpr std::string_view manifest_scratch_name = "manifest.new";

/// A savepoint while it is being written.
inline constexpr std::string_view savepoint_scratch_name = "savepoint.new";

/// In the folder of an rdd's checkpoint: what makes it true.
inline constexpr std::string_view mark_name = "mark";

/// The mark while it is being written.
inline constexpr std::string_view mark_scratch_name = "mark.new";

/// One log segment or one state file: which start of the process made it, and which of its kind it was.
struct file_id {
    std::uint64_t generation = 0;
    std::uint32_t number = 0;

    friend auto operator<=>(file_id const&, file_id const&) = default;
};

namespace detail {

inline constexpr std::string_view log_prefix = "log-";
inline constexpr std::string_view state_prefix = "state-";
inline constexpr std::string_view spare_prefix = "spare-";
inline constexpr std::string_view savepoint_prefix = "savepoint-";

/// `value` in decimal, with zeros in front up to ten digits, so that names sort as numbers do.
inline std::string ten_digits(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    return digits.size() < 10 ? std::string(10 - digits.size(), '0') + digits : digits;
}

/// The number that `ten_digits` turns into `text`; nothing when there is none, which making it again tells.
template <std::unsigned_integral Number>
std::optional<Number> parse_digits(std::string_view text)
{
    Number value = 0;
    for (char const digit : text) {
        value = static_cast<Number>(value * 10 + static_cast<Number>(digit - '0'));
    }
    return ten_digits(value) == text ? std::optional<Number>(value) : std::nullopt;
}

inline std::string make_name(std::string_view prefix, file_id id)
{
    return std::string(prefix) + ten_digits(id.generation) + "-" + ten_digits(id.number);
}

inline std::optional<file_id> parse_name(std::string_view prefix, std::string_view name)
{
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    name.remove_prefix(prefix.size());
    auto const dash = name.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    auto const generation = parse_digits<std::uint64_t>(name.substr(0, dash));
    auto const number = parse_digits<std::uint32_t>(name.substr(dash + 1));
    return generation && number ? std::optional<file_id>({*generation, *number}) : std::nullopt;
}

} // namespace detail

/// The name of a log segment: `log-0000000002-0000000001`.
inline std::string log_name(file_id id) { return detail::make_name(detail::log_prefix, id); }

/// The name of a state file: `state-0000000002-0000000001`.
inline std::string state_name(file_id id) { return detail::make_name(detail::state_prefix, id); }

/// What that state file is called once nothing needs it, until the next one takes its space: `spare-0000000002-0000000001`.
inline std::string spare_name(file_id id) { return detail::make_name(detail::spare_prefix, id); }

/// The folder of an rdd's checkpoint: `rdd-` and the number in hexadecimal.
inline std::string rdd_folder_name(std::uint64_t number)
{
    std::string name = "rdd-";
    for (int shift = 60; shift >= 0; shift -= 4)
        name += "0123456789abcdef"[number >> shift & 15U];
    return name;
}

/// The segment that `log_name` gives this name; nothing for any other name.
inline std::optional<file_id> parse_log_name(std::string_view name)
{
    return detail::parse_name(detail::log_prefix, name);
}

/// The state file that `state_name` gives this name; nothing for any other name.
inline std::optional<file_id> parse_state_name(std::string_view name)
{
    return detail::parse_name(detail::state_prefix, name);
}

/// The state file that `spare_name` gives this name; nothing for any other name.
inline std::optional<file_id> parse_spare_name(std::string_view name)
{
    return detail::parse_name(detail::spare_prefix, name);
}

/// What is wrong with `name` as the name of a savepoint; nothing when it is one.
[[nodiscard]] inline std::optional<std::string> savepoint_name_problem(std::string_view name)
{
    auto const is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
               || c == '.';
    };
    std::string const expected = "; expected 1 to " + std::to_string(snapshot_format::savepoint_name_limit)
                                 + " letters, digits, '-', '_' and '.': give the savepoint such a name";
    if (name.empty() || name.size() > snapshot_format::savepoint_name_limit)
        return "found a name of " + std::to_string(name.size()) + " bytes" + expected;
    for (std::size_t i = 0; i < name.size(); ++i)
        if (!is_allowed(name[i]))
            return "found another character at byte " + std::to_string(i) + " of \"" + std::string(name) + "\""
                   + expected;
    return std::nullopt;
}

/// The file of a savepoint: `savepoint-before-upgrade`. *Requires* a name without a `savepoint_name_problem`.
inline std::string savepoint_file_name(std::string_view name)
{
    return std::string(detail::savepoint_prefix) + std::string(name);
}

/// The name of the savepoint in the file `file`; nothing when that is not called as one.
inline std::optional<std::string> parse_savepoint_file_name(std::string_view file)
{
    if (!file.starts_with(detail::savepoint_prefix))
        return std::nullopt;
    file.remove_prefix(detail::savepoint_prefix.size());
    return savepoint_name_problem(file) ? std::nullopt : std::optional<std::string>(file);
}

} // namespace tidemark
