// SPDX-License-Identifier: BSL-1.0
//
// foundation: what a stage or an output of a graph stands on.

#pragma once

#include <tidemark/runtime/advancing_stage.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace tidemark {

/// What is above a stage or an output, up to the sources.
struct foundation {
    std::vector<advancing_stage*> advancing; ///< Each once.
    std::vector<std::string> unrepeatable;   ///< Sources that an exactly-once output cannot stand on, each once.
    bool forgets = false;                    ///< Some source cannot give a batch again.

    void add(foundation const& other)
    {
        for (auto* const stage : other.advancing)
            add(advancing, stage);
        for (auto const& source : other.unrepeatable)
            add(unrepeatable, source);
        forgets = forgets || other.forgets;
    }

    /// Adds to one of the lists what it lacks.
    template <typename T>
    static void add(std::vector<T>& list, T const& one)
    {
        if (std::find(list.begin(), list.end(), one) == list.end())
            list.push_back(one);
    }
};

} // namespace tidemark
