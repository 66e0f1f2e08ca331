// SPDX-License-Identifier: BSL-1.0
//
// upgrade: what a program says of the checkpoints of its older versions: names that have changed, and states of other types.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tidemark {

class input_archive;

/// Reads states of a type that a stage held in an older version of the program.
class state_migration {
public:
    state_migration() = default;
    state_migration(state_migration const&) = delete;
    state_migration& operator=(state_migration const&) = delete;
    virtual ~state_migration() = default;

    /// What the older version saved, in the words of `schema_of`.
    [[nodiscard]] virtual std::string const& schema() const = 0;
    /// What the program's function makes of it, in the same words.
    [[nodiscard]] virtual std::string const& made() const = 0;
};

/// The same into states of type `State`.
template <typename State>
class state_migration_to : public state_migration {
public:
    /// The next state of `in`. *Throws* as the archive, and what the program's function throws.
    [[nodiscard]] virtual State read(input_archive& in) const = 0;
};

/// What differs between a program and the checkpoints of its older versions. Says nothing of what does not differ, and
/// has no effect on a checkpoint that this version has written.
struct upgrade {
    /// From names in a checkpoint to those of this program.
    std::map<std::string, std::string, std::less<>> renamed;
    /// Names in a checkpoint of what is not taken over.
    std::set<std::string> dropped;
    /// By the names of stages in this program.
    std::map<std::string, std::vector<std::shared_ptr<state_migration const>>, std::less<>> migrations;

    /// The name in this program of what is called `saved` in a checkpoint.
    [[nodiscard]] std::string const& name_of(std::string const& saved) const
    {
        auto const found = renamed.find(saved);
        return found == renamed.end() ? saved : found->second;
    }
};

} // namespace tidemark
