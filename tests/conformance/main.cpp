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

void say(test_case const& one, result const& came)
{
    std::string line = std::string(word_of(came.what)) + ": " + one.name();
    if (came.words.size() == 1)
        line += ": " + came.words.front();
    else
        for (auto const& words : came.words)
            line += "\n    " + words;
    say(line);
}

std::vector<test_case> cases_in(std::string const& path)
{
    auto const file = read_json(path);
    std::vector<test_case> cases;
    try {
        for (auto const& each : file.as_object().at("cases").as_array())
            cases.emplace_back(each);
    } catch (std::exception const& problem) {
        throw std::runtime_error(path + ": case " + std::to_string(cases.size() + 1) + ": " + problem.what());
    }
    if (cases.empty())
        throw std::runtime_error(path + " has no cases");
    return cases;
}

void run_file(std::string const& path, family_table const& families, tally& all)
{
    auto const cases = cases_in(path);
    for (auto const& one : cases) {
        auto const came = run_case(families, one);
        ++all.cases[came.what];
        if (came.what != verdict::passed || !came.words.empty())
            say(one, came);
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
    add_file_stream_families(families);
    add_receiver_families(families);
    add_runtime_families(families);
    add_life_cycle_families(families);
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
