// SPDX-License-Identifier: BSL-1.0
//
// conformance: runs the cases of vector files and says which passed, which failed, and which the library has nothing
// for yet.

#include "cases.hpp"

#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace tidemark_test;

struct tally {
    std::map<verdict, std::size_t> cases;

    [[nodiscard]] std::size_t of(verdict what) const
    {
        auto const found = cases.find(what);
        return found != cases.end() ? found->second : 0;
    }
};

void say(std::string const& line) { std::fputs((line + '\n').c_str(), stdout); }

char const* word_of(verdict what)
{
    switch (what) {
    case verdict::passed:
        return "passed";
    case verdict::failed:
        return "FAILED";
    case verdict::not_covered:
        return "not covered yet";
    case verdict::other_rule:
        return "Spark's rule, ours differs";
    }
    return "";
}

void say(std::string const& name, result const& came)
{
    std::string line = std::string(word_of(came.what)) + ": " + name;
    if (came.words.size() == 1)
        line += ": " + came.words.front();
    else
        for (auto const& words : came.words)
            line += "\n    " + words;
    say(line);
}

json::array cases_in(std::string const& path)
{
    auto const file = read_json(path);
    auto const* const all = file.is_object() ? file.get_object().if_contains("cases") : nullptr;
    if (all == nullptr || !all->is_array() || all->get_array().empty())
        throw std::runtime_error(path + " has no cases");
    return all->get_array();
}

/// What a case is called, or where it stands in its file.
std::string name_of(json::value const& one, std::size_t place)
{
    auto const* const name = one.is_object() ? one.get_object().if_contains("name") : nullptr;
    return name != nullptr && name->is_string() ? std::string(name->get_string()) : "case " + std::to_string(place + 1);
}

result run_case(family_table const& families, json::value const& from)
{
    try {
        return run_case(families, test_case(from));
    } catch (not_covered const& reason) {
        return {verdict::not_covered, {reason.what()}};
    }
}

void run_file(std::string const& path, family_table const& families, tally& all)
{
    auto const cases = cases_in(path);
    for (std::size_t place = 0; place < cases.size(); ++place) {
        auto const came = run_case(families, cases[place]);
        ++all.cases[came.what];
        if (came.what != verdict::passed || !came.words.empty())
            say(name_of(cases[place], place), came);
    }
}

family_table all_families()
{
    family_table families;
    add_stream_families(families);
    add_union_families(families);
    add_pair_families(families);
    add_transform_families(families);
    add_state_families(families);
    add_window_families(families);
    add_state_step_families(families);
    add_time_families(families);
    add_checkpoint_families(families);
    add_rdd_checkpoint_families(families);
    add_source_and_sink_families(families);
    add_receiver_families(families);
    add_runtime_families(families);
    add_life_cycle_families(families);
    add_missing_dataset_families(families);
    add_spark_rules(families);
    return families;
}

} // namespace

/// `conformance file...`: each file has the form of `vectors.json`. Ends with 1 when a case failed, with 2 when a file
/// cannot be read.
int main(int argc, char** argv)
{
    std::vector<std::string> const files(argv + 1, argv + argc);
    if (files.empty()) {
        say("usage: conformance vectors.json ...");
        return 2;
    }
    tally all;
    try {
        auto const families = all_families();
        for (auto const& file : files)
            run_file(file, families, all);
    } catch (std::exception const& problem) {
        say(std::string("conformance: ") + problem.what());
        return 2;
    }
    auto const passed = all.of(verdict::passed);
    auto const ran = passed + all.of(verdict::failed);
    auto const missing = all.of(verdict::not_covered);
    auto const others = all.of(verdict::other_rule);
    say("conformance: " + std::to_string(ran) + " of " + std::to_string(ran + missing + others) + " cases ran, "
        + std::to_string(passed) + " passed, " + std::to_string(missing) + " not covered yet, " + std::to_string(others)
        + " by a rule of Spark's that ours differs from");
    return all.of(verdict::failed) == 0 ? 0 : 1;
}
