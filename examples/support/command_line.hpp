// SPDX-License-Identifier: BSL-1.0
//
// command_line: options and arguments of an example, and how it ends.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/duration.hpp>

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

/// The command line asks for something that cannot be done; the words say what was found and what was expected.
struct usage_problem : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An option that a program knows. Without a name for its value it has none.
struct option {
    std::string_view name;
    std::string_view value;
    std::string_view meaning;
};

/// A whole number in decimal. *Throws* `usage_problem` when `text` is none, or not between `least` and `most`.
[[nodiscard]] inline std::int64_t parse_number(std::string_view what, std::string_view text, std::int64_t least = 0,
                                               std::int64_t most = std::numeric_limits<std::int64_t>::max())
{
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
        throw usage_problem("bad " + std::string(what) + " \"" + std::string(text) + "\"; expected a whole number from "
                            + std::to_string(least) + " to " + std::to_string(most));
    return number;
}

/// A length of time with its unit: `500ms`, `10s`, `5min`, `1h`. *Throws* `usage_problem`, for 0 as well.
[[nodiscard]] inline tidemark::duration parse_duration(std::string_view what, std::string_view text)
{
    constexpr std::int64_t longest = 1000LL * 366 * 24 * 3'600'000;
    auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
    auto const unit = text.substr(digits);
    std::int64_t const ms = unit == "ms"    ? 1
                            : unit == "s"   ? 1000
                            : unit == "min" ? 60'000
                            : unit == "h"   ? 3'600'000
                                            : 0;
    std::int64_t count = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + digits, count);
    if (ms == 0 || error != std::errc() || end != text.data() + digits || count == 0 || count > longest / ms)
        throw usage_problem("bad " + std::string(what) + " \"" + std::string(text)
                            + "\"; expected a number with a unit, like 500ms, 10s, 5min or 1h");
    return tidemark::duration(count * ms);
}

/// What stands on the command line: options as `--name value` or `--name=value` in any order, and arguments.
class command_line {
public:
    /// *Throws* `usage_problem` for an option that is not in `known`, stands there twice, or lacks its value.
    command_line(std::span<char const* const> words, std::span<option const> known)
    {
        for (std::size_t i = 0; i < words.size(); ++i) {
            std::string_view const word = words[i];
            if (!word.starts_with("--")) {
                arguments_.emplace_back(word);
                continue;
            }
            auto const name = word.substr(0, word.find('='));
            auto const& found = find(known, name);
            std::string value;
            if (name.size() != word.size()) {
                if (found.value.empty())
                    throw usage_problem("the option " + std::string(name) + " takes no value");
                value = word.substr(name.size() + 1);
            } else if (!found.value.empty()) {
                if (++i == words.size())
                    throw usage_problem("the option " + std::string(name) + " lacks its value, "
                                        + std::string(found.value));
                value = words[i];
            }
            if (!options_.emplace(name, std::move(value)).second)
                throw usage_problem("the option " + std::string(name) + " is given twice");
        }
    }

    [[nodiscard]] std::vector<std::string> const& arguments() const { return arguments_; }
    [[nodiscard]] bool has(std::string_view name) const { return options_.contains(name); }

    [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise) const
    {
        auto const found = options_.find(name);
        return found == options_.end() ? std::string(otherwise) : found->second;
    }

    [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                      std::int64_t most) const
    {
        return has(name) ? parse_number(name, text(name, ""), least, most) : otherwise;
    }

    [[nodiscard]] tidemark::duration duration(std::string_view name, tidemark::duration otherwise) const
    {
        return has(name) ? parse_duration(name, text(name, "")) : otherwise;
    }

private:
    static option const& find(std::span<option const> known, std::string_view name)
    {
        for (auto const& each : known)
            if (each.name == name)
                return each;
        throw usage_problem("unknown option " + std::string(name));
    }

    std::map<std::string, std::string, std::less<>> options_;
    std::vector<std::string> arguments_;
};

/// The options as lines of a help text.
[[nodiscard]] inline std::string help_of(std::span<option const> known)
{
    std::string text;
    for (auto const& each : known) {
        auto line = "  " + std::string(each.name) + (each.value.empty() ? "" : " ") + std::string(each.value);
        line.resize(std::max<std::size_t>(line.size() + 2, 30), ' ');
        for (char const c : each.meaning)
            line += c == '\n' ? "\n" + std::string(30, ' ') : std::string(1, c);
        text += line + "\n";
    }
    return text;
}

/// Calls `body` with the words behind the program's name and gives what `main` returns: 2 for what the command line
/// should have said otherwise, 1 for what went wrong later. The reason goes to the standard error.
template <typename Body>
[[nodiscard]] int run_main(std::string_view program, int argc, char const* const* argv, Body body)
{
    try {
        return body(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    } catch (usage_problem const& problem) {
        std::cerr << program << ": " << problem.what() << "\nTry " << program << " --help\n";
        return 2;
    } catch (tidemark::config_error const& problem) {
        std::cerr << program << ": " << problem.what() << "\nTry " << program << " --help\n";
        return 2;
    } catch (std::exception const& problem) {
        std::cerr << program << ": " << problem.what() << "\n";
        return 1;
    }
}

} // namespace support
