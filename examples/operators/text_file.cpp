// SPDX-License-Identifier: BSL-1.0
//
// text_file: the lines of files as an rdd, and save_as_text_file, which writes an rdd as lines.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <iostream>
#include <string>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc(2);
    rc.range(1, 8, 1, 2) | tide::map([](auto number) { return number * number; }) | tide::save_as_text_file("squares");

    auto const lines = rc.text_file("squares/part-*");
    support::show("lines", lines | tide::collect());
    support::show("long ones",
                  lines | tide::filter([](std::string const& line) { return line.size() > 1; }) | tide::collect());
    try {
        lines | tide::save_as_text_file("squares");
    } catch (tide::storage_error const&) {
        std::cout << "squares is there already\n";
    }
}
