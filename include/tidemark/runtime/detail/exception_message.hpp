// SPDX-License-Identifier: BSL-1.0
//
// exception_message: what an exception says.

#pragma once

#include <exception>
#include <string>

namespace tidemark::detail {

[[nodiscard]] inline std::string message_of(std::exception_ptr const& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& problem) {
        return problem.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

} // namespace tidemark::detail
