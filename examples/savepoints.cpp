// SPDX-License-Identifier: BSL-1.0
//
// savepoints: lists and drops the savepoints of a checkpoint directory, and makes new directories from them.

#include "support/command_line.hpp"
#include "support/timestamp.hpp"

#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/drop_savepoint.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/tidemark.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace tide = tidemark;

namespace {

constexpr std::array options{
    support::option{"--savepoint", "<name>", "copy: this one; default: the newest commit"},
    support::option{"--part", "<part>",
                    "copy: everything, states (each source begins anew) or\npositions (each state begins empty); "
                    "default everything"},
    support::option{"--help", "", "this text"},
};

std::string help()
{
    return "savepoints list <directory>                 reads every byte of each savepoint\n"
           "savepoints drop <directory> <name>          while the application does not run\n"
           "savepoints copy [options] <directory> <new> makes a directory to start from\n\n"
           + support::help_of(options)
           + "\nOnly drop changes the directory, and copy makes another one, which must be new or empty.\n"
             "Ends with 0; list with 3 when a savepoint cannot be used; with 2 when the command line is wrong, with 1\n"
             "when something failed.\n";
}

int list(tide::local_directory const& directory)
{
    int code = 0;
    for (auto const& one : tide::inspect_checkpoint(directory).savepoints) {
        if (one.problem.empty()) {
            std::cout << one.name << ": batch " << one.time.count() << " ("
                      << support::format_timestamp(one.time.count()) << " UTC), " << one.bytes << " bytes\n";
            continue;
        }
        std::cout << one.name << ": CANNOT BE USED: " << one.problem << "\n";
        code = 3;
    }
    return code;
}

tide::copied_part part_of(std::string const& word)
{
    if (word == "everything")
        return tide::copied_part::everything;
    if (word == "states")
        return tide::copied_part::states;
    if (word == "positions")
        return tide::copied_part::positions;
    throw support::usage_problem("bad --part \"" + word + "\"; expected everything, states or positions");
}

int copy(support::command_line const& line, tide::local_directory const& from, std::string const& to)
{
    tide::copy_options wanted;
    if (line.has("--savepoint"))
        wanted.savepoint = line.text("--savepoint", "");
    wanted.part = part_of(line.text("--part", "everything"));
    auto const made = tide::copy_checkpoint(from, tide::local_directory(to), wanted);
    std::cout << "\"" << made.application << "\" can start from " << to << ", behind batch " << made.time.count();
    if (made.plans != 0)
        std::cout << "; it repeats " << made.plans << " batches first";
    std::cout << "\n";
    for (auto const& note : made.notes)
        std::cout << "note: " << note << "\n";
    return 0;
}

int run(support::command_line const& line)
{
    auto const& words = line.arguments();
    auto const is = [&](std::string_view command, std::size_t arguments) {
        return words.size() == arguments + 1 && words.front() == command;
    };
    if (!is("list", 1) && !is("drop", 2) && !is("copy", 2))
        throw support::usage_problem("expected list, drop or copy with their arguments");
    if (!is("copy", 2) && (line.has("--savepoint") || line.has("--part")))
        throw support::usage_problem("found an option; expected --savepoint and --part with copy only");
    if (!std::filesystem::is_directory(words[1]))
        throw support::usage_problem("there is no directory \"" + words[1] + "\"");
    tide::local_directory const directory(words[1]);
    if (is("copy", 2))
        return copy(line, directory, words[2]);
    if (is("drop", 2))
        tide::drop_savepoint(directory, words[2]);
    return is("drop", 2) ? 0 : list(directory);
}

} // namespace

int main(int argc, char** argv)
{
    return support::run_main("savepoints", argc, argv, [](auto words) {
        support::command_line const line(words, options);
        if (line.has("--help")) {
            std::cout << help();
            return 0;
        }
        return run(line);
    });
}
