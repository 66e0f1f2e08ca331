// SPDX-License-Identifier: BSL-1.0
//
// run_until: a program that ends when enough is in the table that it fills.

#pragma once

#include <tidemark/runtime/application.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>

namespace support {

/// Runs the application until its table has `wanted` of what it counts, and prints the table. `lines_of` gives the table
/// as text, and adds what it counts to its argument. Gives what `main` returns: 1 when the application has ended before.
template <typename LinesOf>
[[nodiscard]] int run_until(tidemark::application& app, std::int64_t wanted, LinesOf lines_of)
{
    app.start();
    while (!app.await_termination_for(std::chrono::milliseconds(100))) {
        std::int64_t counted = 0;
        auto const lines = lines_of(counted);
        if (counted < wanted)
            continue;
        app.stop();
        std::cout << lines;
        return 0;
    }
    return 1;
}

} // namespace support
