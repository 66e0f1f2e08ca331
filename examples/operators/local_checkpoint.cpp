// SPDX-License-Identifier: BSL-1.0
//
// local_checkpoint: a lineage that is cut without files; and checkpoint, whose files are opened again and removed.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc(1, tide::checkpoint_directory("checkpoints"));
    auto const squares = rc.parallelize(std::vector{1, 2, 3, 4}, 2) | tide::map([](int x) { return x * x; });

    auto const kept = squares | tide::local_checkpoint();
    std::cout << std::boolalpha << "local, at first: " << tide::is_checkpointed(kept) << "\n"
              << tide::to_debug_string(kept) << "\n";
    support::show("all", kept | tide::collect());
    std::cout << "local, then: " << tide::is_checkpointed(kept)
              << ", with files: " << tide::checkpoint_file(kept).has_value() << "\n"
              << tide::to_debug_string(kept) << "\n";

    auto const saved = squares | tide::checkpoint();
    std::cout << "saved, at first: " << to_string(tide::checkpoint_state(saved)) << "\n";
    std::cout << "how many: " << tide::count_records(saved) << "\n";
    std::cout << "saved, then: " << to_string(tide::checkpoint_state(saved)) << "\n";
    auto const folder = *tide::checkpoint_file(saved);
    support::show("read again", rc.read_checkpoint<int>(folder) | tide::collect()); // by another program, too

    tide::remove_checkpoint(saved); // as rc.remove_checkpoint(folder)
    try {
        (void)rc.read_checkpoint<int>(folder);
    } catch (tide::checkpoint_error const&) {
        std::cout << "the files are gone\n";
    }
}
