// SPDX-License-Identifier: BSL-1.0
//
// line_cutter: bytes that arrive in blocks, as lines.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// Cuts at newlines and drops a carriage return before them; all other bytes pass unchanged.
class line_cutter {
public:
    /// Gives each line that ends in `bytes` to `accept(std::string&&)`, until it answers false; keeps the line that only
    /// begins there.
    ///
    /// The string is used again for the next line: who does not move it away saves an allocation.
    template <typename Take>
    bool cut(std::string_view bytes, Take& accept)
    {
        for (;;) {
            auto const at = bytes.find('\n');
            if (at == std::string_view::npos)
                break;
            auto const head = bytes.substr(0, at);
            bytes.remove_prefix(at + 1);
            if (begun_.empty() ? !give(head, accept) : !give_begun(head, accept))
                return false;
        }
        begun_.append(bytes);
        return true;
    }

    /// Gives the line that began and has no newline, if there is one.
    template <typename Take>
    void finish(Take& accept)
    {
        if (!begun_.empty())
            give_begun({}, accept);
    }

    /// Forgets the line that began.
    void drop() { begun_.clear(); }

    /// How many bytes of a line have come without its end.
    [[nodiscard]] std::size_t begun() const { return begun_.size(); }

private:
    template <typename Take>
    bool give(std::string_view line, Take& accept)
    {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        line_.assign(line);
        return accept(std::move(line_));
    }

    template <typename Take>
    bool give_begun(std::string_view rest, Take& accept)
    {
        begun_.append(rest);
        if (begun_.ends_with('\r'))
            begun_.pop_back();
        bool const more = accept(std::move(begun_));
        begun_.clear();
        return more;
    }

    std::string line_;
    std::string begun_;
};

} // namespace tidemark
