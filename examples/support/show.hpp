// SPDX-License-Identifier: BSL-1.0
//
// show: records on the standard output, as the operators' examples print them.

#pragma once

#include <tidemark/sinks/text.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>

namespace support {

/// Prints `title: [a,b,c]`.
template <typename Records>
void show(std::string const& title, Records const& records)
{
    auto line = title + ": ";
    tidemark::append_text(line, records);
    std::cout << line << "\n";
}

/// Where an operator promises no order.
template <typename Records>
[[nodiscard]] Records sorted(Records records)
{
    std::sort(records.begin(), records.end());
    return records;
}

/// Prints each batch in a line, its records sorted.
template <typename Batches>
void show_batches(Batches const& batches)
{
    int number = 0;
    for (auto const& records : batches)
        show("batch " + std::to_string(++number), sorted(records));
}

} // namespace support
