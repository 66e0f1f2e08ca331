// SPDX-License-Identifier: BSL-1.0
//
// foundation: what a stage or an output of a graph stands on.

#pragma once

#include <tidemark/runtime/advancing_stage.hpp>

#include <set>
#include <string>

namespace tidemark {

/// What is above a stage or an output, up to the sources.
struct foundation {
    std::set<advancing_stage*> advancing;
    std::set<std::string> unrepeatable; ///< Sources that an exactly-once output cannot stand on.
    bool forgets = false;               ///< Some source cannot give a batch again.

    void add(foundation const& other)
    {
        advancing.insert(other.advancing.begin(), other.advancing.end());
        unrepeatable.insert(other.unrepeatable.begin(), other.unrepeatable.end());
        forgets = forgets || other.forgets;
    }
};

} // namespace tidemark
