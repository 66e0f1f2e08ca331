// SPDX-License-Identifier: BSL-1.0
//
// words_of: the words of an error.

#pragma once

#include <string>

namespace tidemark_test {

/// The words of what `call` throws as an `Error`; empty when it throws nothing.
template <typename Error, typename Call>
std::string words_of(Call const& call)
{
    try {
        call();
    } catch (Error const& problem) {
        return problem.what();
    }
    return "";
}

} // namespace tidemark_test
