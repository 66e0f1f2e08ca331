// SPDX-License-Identifier: BSL-1.0
//
// spark_rules: cases about Spark's mechanism, which ours replaces. They are answered by models of Spark's rules, never
// by the library.

#include "cases.hpp"
#include "words.hpp"

#include <spark_model/checkpoint_files.hpp>
#include <spark_model/configuration.hpp>
#include <spark_model/reschedule.hpp>
#include <spark_model/state_map.hpp>

#include <tidemark/time/batch_grid.hpp>

#include <memory>
#include <sstream>

namespace tidemark_test {
namespace {

using number = std::int64_t;

std::vector<std::string> texts(json::array const& from)
{
    std::vector<std::string> all;
    for (auto const& each : from)
        all.emplace_back(each.as_string());
    return all;
}

template <typename Range>
json::array to_array(Range const& range)
{
    json::array all;
    for (auto const& each : range)
        all.emplace_back(each);
    return all;
}

// ---- Files

row_answer read_order(json::value const& row)
{
    return {to_array(spark_model::read_order(texts(row.as_array()))),
            "a manifest lists the segments; the newest commit whose bytes all verify is used, else the one before "
            "(our test: \"a fallback says which file was damaged and where\")"};
}

/// "g1 c1": batch 1 of one second is generated, then completed.
row_answer metadata_files(json::value const& row)
{
    spark_model::metadata_files directory;
    std::istringstream events{std::string(row.as_string())};
    for (std::string event; events >> event;) {
        auto const generated = numbers_in(event, "g#");
        auto const completed = numbers_in(event, "c#");
        if (!generated && !completed)
            throw not_covered("unknown event \"" + event + '"');
        directory.write((generated ? *generated : *completed)[0] * 1000, completed.has_value());
    }
    json::array files;
    for (auto const& file : directory.files())
        files.push_back(json::array{to_string(file.name), file.stored, file.completed ? "completed" : "generated"});
    return {std::move(files), "a log of records and a manifest, instead of two files for each batch "
                              "(our test: \"a journal writes the bytes that the format's page describes\")"};
}

row_answer write_retry(test_case const& one, json::value const& row)
{
    std::vector<bool> succeeds;
    for (auto const& attempt : texts(row.as_array()))
        if (attempt == "ok" || attempt == "io error")
            succeeds.push_back(attempt == "ok");
        else
            throw not_covered("unknown attempt \"" + attempt + '"');
    auto const came =
        spark_model::write_with_retries(succeeds, static_cast<std::size_t>(one.within("max_attempts", 1, 1000)));
    return {json::object{{"written", came.done}, {"attempts", came.attempts}, {"completion_reported", came.done}},
            "a failed commit is not tried again at once but when the next is due, and is told to listeners "
            "(our test: \"a commit that fails is tried again with the next batch\")"};
}

row_answer dataset_files(json::value const& line)
{
    auto const& row = fields(line, {"batches", "interval"});
    auto const interval = number_in(row, "interval", 1);
    json::array kept;
    for (number batch = 1; batch <= number_in(row, "batches", 0); ++batch)
        kept.push_back(to_array(spark_model::datasets_kept(batch, interval)));
    return {std::move(kept), "commits are kept by number (settings::retained_commits), with all that they need "
                             "(our test: \"the last k commits are kept, with one state file each\")"};
}

// ---- Configuration and restart

row_answer configuration(json::value const& line)
{
    auto const& row = fields(line, {"saved", "environment"});
    auto const settings = [&](std::string_view name) {
        spark_model::configuration all;
        for (auto const& each : row.at(name).as_object())
            all.emplace(each.key(), each.value().as_string());
        return all;
    };
    json::object found;
    for (auto const& [name, text] : spark_model::restored(settings("saved"), settings("environment")))
        found[name] = text;
    return {std::move(found),
            "settings come from the program; a checkpoint only refuses those that it cannot work with "
            "(our test: \"another number of partitions takes the same checkpoint\")"};
}

/// The time of the restart is ours as well, so it comes from the library.
row_answer reschedule(json::value const& line)
{
    auto const& row = fields(line, {"zero", "batch", "checkpoint_time", "pending", "now"});
    (void)number_in(row, "batch", 1);
    auto const of = [&](std::string_view name) { return row.at(name).as_int64(); };
    tidemark::batch_grid const grid(tidemark::batch_time(of("zero")), tidemark::duration(of("batch")));
    auto const restart_time = grid.restart_time(tidemark::batch_time(of("now"))).count();
    std::vector<number> pending;
    for (auto const& each : row.at("pending").as_array())
        pending.push_back(each.as_int64());
    auto const found = spark_model::after_checkpoint(of("checkpoint_time"), pending, restart_time, of("batch"));
    return {json::object{{"restart_time", restart_time},
                         {"down_times", to_array(found.down_times)},
                         {"rescheduled", to_array(found.rescheduled)}},
            "a batch that is committed does not run again; all behind the last commit do "
            "(our test: \"a restart runs planned batches, then those of the down time, and then goes on\")"};
}

// ---- The state map

constexpr char const* flat_table = "one flat table with an undo list; there are no copies and no chain "
                                   "(our test: \"random calls give what a map of the standard library gives\")";

json::array rows_of(spark_model::state_map::entries const& entries)
{
    json::array all;
    for (auto const& [key, state] : entries)
        all.push_back(json::array{key, state.value, state.time});
    return all;
}

json::value call(spark_model::state_map& map, json::value const& row)
{
    auto const& words = items(row, 1, 4);
    std::string const what(words[0].as_string());
    static std::map<std::string, std::size_t, std::less<>> const arguments{
        {"put", 3}, {"remove", 1}, {"get", 1}, {"getByTime", 1}, {"getAll", 0}};
    auto const known = arguments.find(what);
    if (known == arguments.end())
        throw not_covered("unknown call \"" + what + "\"");
    (void)items(row, known->second + 1, known->second + 1);
    auto const at = [&](std::size_t place) { return words.at(place).as_int64(); };
    if (what == "put")
        map.put(at(1), {at(2), at(3)});
    else if (what == "remove")
        map.remove(at(1));
    else if (what == "get") {
        auto const found = map.get(at(1));
        return found ? json::value(*found) : json::value();
    } else if (what == "getByTime")
        return rows_of(map.older_than(at(1)));
    else
        return rows_of(map.all());
    return {};
}

result run_state_map(test_case const& one)
{
    spark_model::state_map map;
    one.expect_only({});
    return check_rows(one, [&](json::value const& row) { return row_answer{call(map, row), flat_table}; });
}

/// Each row begins with the name of its map; "= copy of <name>" makes one.
result run_state_map_copies(test_case const& one)
{
    std::map<std::string, spark_model::state_map> maps;
    one.expect_only({});
    return check_rows(one, [&](json::value const& row) {
        auto words = row.as_array();
        std::string const name(words.at(0).as_string());
        words.erase(words.begin());
        std::string const what(words.at(0).as_string());
        std::string const copy = "= copy of ";
        if (!what.starts_with(copy))
            return row_answer{call(maps[name], words), flat_table};
        if (!maps.contains(what.substr(copy.size())))
            throw not_covered("a copy of what is not there");
        maps[name] = spark_model::state_map::copy_of(maps.at(what.substr(copy.size())));
        return row_answer{{}, flat_table};
    });
}

result run_state_map_chain(test_case const& one)
{
    one.expect_only({"copies_made", "delta_chain_threshold"});
    auto const copies = one.within("copies_made", 0, 10'000);
    auto const threshold = static_cast<std::size_t>(one.within("delta_chain_threshold", 1, 10'000));
    spark_model::state_map map;
    for (number i = 0; i < copies; ++i) {
        map.put(i, {i, i});
        map = spark_model::state_map::copy_of(map);
    }
    auto const back = map.read_back(threshold);
    return check_rows(one, [&](json::value const& row) -> row_answer {
        auto const what = text_of_row(row);
        if (what == "delta chain length after " + std::to_string(copies) + " put+copy rounds")
            return {map.chain_length(), flat_table};
        if (what == "should compact")
            return {map.chain_length() >= threshold, flat_table};
        if (what == "delta chain length after serialise + deserialise is below the threshold")
            return {back.chain_length() < threshold, flat_table};
        if (what == "contents equal before and after")
            return {back.all() == map.all(), flat_table};
        throw not_covered("unknown row \"" + what + "\"");
    });
}

} // namespace

void add_spark_rules(family_table& families)
{
    families["order in which checkpoint files are tried"] = table_of(read_order, order::fixed);
    families["metadata checkpoint files"] = table_of(metadata_files, order::fixed);
    families["metadata checkpoint write attempts"] = [](test_case const& one) {
        one.expect_only({"max_attempts"});
        return check_rows(one, [&one](json::value const& row) { return write_retry(one, row); });
    };
    families["dataset checkpoint directories that remain after each completed batch"] =
        table_of(dataset_files, order::free_in_lists);
    families["configuration after recovery"] = table_of(configuration);
    families["batches to reschedule at restart"] = table_of(reschedule);
    families["state map"] = run_state_map;
    families["state map with copies (parent -> child -> grandchild)"] = run_state_map_copies;
    families["state map delta chain"] = run_state_map_chain;
}

} // namespace tidemark_test
