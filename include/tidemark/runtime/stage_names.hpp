// SPDX-License-Identifier: BSL-1.0
//
// stage_names: by what name each source, stage and output of an application is known in its checkpoint.

#pragma once

#include <tidemark/expression/lineage.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Gives names out, and notes those that are given twice.
class stage_names {
public:
    /// The name that the program has given, or what the source is and its place among the sources.
    [[nodiscard]] std::string source(std::string_view given, std::string_view kind)
    {
        return claim(sources_, given.empty() ? by_place(sources_, kind) : std::string(given), "sources");
    }

    /// The name that the program has given, or what the output is and its place among the outputs.
    [[nodiscard]] std::string output(std::string_view given, std::string_view kind)
    {
        return claim(outputs_, given.empty() ? by_place(outputs_, kind) : std::string(given), "outputs");
    }

    /// The name that the program has given, or `what` the stage is and on what it stands.
    template <typename Node>
    [[nodiscard]] std::string stage(Node const&, std::string what)
    {
        auto const given = std::string(given_name<Node>());
        return claim(stages_, given.empty() ? by_lineage<Node>(std::move(what)) : given, "stages");
    }

    /// Notes the name of an accumulator.
    void accumulator(std::string const& name) { claim(accumulators_, name, "accumulators"); }
    /// Notes the name of a broadcast value.
    void broadcast(std::string const& name) { claim(broadcasts_, name, "broadcast values"); }

    /// Notes that an output writes to a place, which no other one may.
    void target(std::string const& place)
    {
        if (!targets_.insert(place).second)
            problems_.push_back("tidemark::application: two outputs write to \"" + place
                                + "\"; give each a prefix or suffix of its own");
    }

    /// What is wrong with the names, in words.
    [[nodiscard]] std::vector<std::string> const& problems() const { return problems_; }

private:
    using used = std::set<std::string>;

    template <typename Node>
    [[nodiscard]] static std::string_view given_name()
    {
        if constexpr (requires { Node::stage::name; })
            return Node::stage::name;
        else
            return Node::given_name;
    }

    [[nodiscard]] static std::string by_place(used const& names, std::string_view kind)
    {
        return std::string(kind) + "#" + std::to_string(names.size());
    }

    /// So that another stage put before it does not take its saved state. Those that are alike are numbered.
    template <typename Node>
    [[nodiscard]] std::string by_lineage(std::string name)
    {
        auto const lineage = describe<Node>();
        for (std::size_t line = lineage.find('\n') + 1; line < lineage.size(); line = lineage.find('\n', line) + 1) {
            auto const begin = lineage.find_first_not_of(' ', line);
            name += " < " + std::string(lineage.substr(begin, lineage.find('\n', begin) - begin));
        }
        auto const before = std::count(alike_.begin(), alike_.end(), name);
        alike_.push_back(name);
        return before == 0 ? name : name + " #" + std::to_string(before + 1);
    }

    std::string claim(used& names, std::string name, char const* what)
    {
        if (!names.insert(name).second)
            problems_.push_back(std::string("tidemark::application: two ") + what + " have the name \"" + name
                                + "\"; give each a name of its own");
        return name;
    }

    used sources_;
    used stages_;
    used outputs_;
    used accumulators_;
    used broadcasts_;
    used targets_;
    std::vector<std::string> alike_;
    std::vector<std::string> problems_;
};

} // namespace tidemark
