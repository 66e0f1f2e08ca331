// SPDX-License-Identifier: BSL-1.0
//
// save_as_object_file: an rdd in files whose every byte is checked, and back in the partitions that it had.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

using height = std::pair<std::string, double>;

int main()
{
    tide::rdd_context const rc;
    auto const heights = rc.parallelize(std::vector<height>{{"Brest", 7.5}, {"Dover", 6.25}, {"Kiel", 0.1}}, 2);
    heights | tide::save_as_object_file("heights");
    support::show("read again", rc.object_file<height>("heights") | tide::glom() | tide::collect());

    std::vector<std::string> names;
    for (auto const& file : std::filesystem::directory_iterator("heights"))
        names.push_back(file.path().filename().string());
    support::show("files", support::sorted(names));
    try {
        heights | tide::save_as_object_file("heights");
    } catch (tide::storage_error const&) {
        std::cout << "heights is there already\n";
    }
}
