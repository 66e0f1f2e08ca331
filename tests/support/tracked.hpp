// SPDX-License-Identifier: BSL-1.0
//
// tracked: a record that counts how often it was copied.

#pragma once

#include <atomic>
#include <string>
#include <utility>

namespace tidemark_test {

/// Too long for the small string buffer, so that a moved-from one shows and a sanitizer finds a dangling one.
inline std::string long_text(int number)
{
    return "a text that is longer than what a string keeps in itself, number " + std::to_string(number);
}

/// Not chunkable. Copies made since the last `reset` are counted, in all threads together.
struct tracked {
    int number = 0;
    std::string text;

    explicit tracked(int which)
        : number(which)
        , text(long_text(which))
    {}
    tracked(tracked const& other)
        : number(other.number)
        , text(other.text)
    {
        ++copies();
    }
    tracked(tracked&&) noexcept = default;
    tracked& operator=(tracked const& other)
    {
        number = other.number;
        text = other.text;
        ++copies();
        return *this;
    }
    tracked& operator=(tracked&&) noexcept = default;
    ~tracked() = default;

    friend bool operator==(tracked const&, tracked const&) = default;

    static std::atomic<int>& copies()
    {
        static std::atomic<int> counter{0};
        return counter;
    }
    static void reset() { copies() = 0; }
};

} // namespace tidemark_test
