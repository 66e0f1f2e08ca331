// SPDX-License-Identifier: BSL-1.0
//
// tables_io: which files belong to a batch, what a queue gives, and what print and save_as_text_files write.

#include "cases.hpp"
#include "pipelines.hpp"

#include <spark_model/file_selection.hpp>

#include <tidemark/sinks/print.hpp>
#include <tidemark/sinks/save_as_text_files.hpp>
#include <tidemark/sources/file_selector.hpp>
#include <tidemark/sources/queue_source.hpp>

#include <chrono>
#include <sstream>

namespace tidemark_test {
namespace {

using tidemark::batch_time;
using tidemark::duration;

// ---- Files

/// What a listing of the directory shows at `now`: each file is [name, modification time, time it becomes visible].
std::vector<spark_model::listed_file> visible(json::array const& files, batch_time now)
{
    std::vector<spark_model::listed_file> listed;
    for (auto const& line : files) {
        auto const& file = items(line, 3, 3);
        if (file[2].as_int64() <= now.count())
            listed.push_back({std::string(file[0].as_string()), file[1].as_int64()});
    }
    return listed;
}

/// By our rule and by Spark's, which differ where batches are left out.
row_answer selected_files(json::value const& line)
{
    auto const& row = fields(line, {"batch", "created_at", "new_files_only", "batch_times", "files"});
    auto const batch = number_in(row, "batch", 1);
    auto const created = row.at("created_at").as_int64();
    bool const only_new = row.at("new_files_only").as_bool();
    tidemark::file_selector selector(duration(batch), std::chrono::seconds(60),
                                     only_new ? tidemark::read_existing::none : tidemark::read_existing::recent,
                                     batch_time(created), tidemark::not_hidden);
    spark_model::file_selection spark(batch, only_new ? created : 0);
    json::array ours;
    json::array theirs;
    for (auto const& each : row.at("batch_times").as_array()) {
        batch_time const time(each.as_int64());
        auto const listed = visible(row.at("files").as_array(), time);
        std::vector<tidemark::file_info> files;
        for (auto const& file : listed)
            files.push_back({file.name, file.modified, 0});
        json::array names;
        for (auto const& file : selector.select(time, files))
            names.emplace_back(file.path);
        ours.emplace_back(std::move(names));
        auto const taken = spark.select(time.count(), listed);
        theirs.emplace_back(json::array(taken.begin(), taken.end()));
    }
    if (ours == theirs)
        return {std::move(ours)};
    return {std::move(theirs),
            "a batch looks back to the first one that was left out, so that a gap loses no file "
            "(our test: \"files are selected by their time of modification and the batches before\")",
            std::move(ours)};
}

// ---- Queues

tidemark::queue_options<value> queue_options_of(json::object const& row)
{
    tidemark::queue_options<value> options;
    options.one_at_a_time = !row.contains("one_at_a_time") || row.at("one_at_a_time").as_bool();
    if (auto const* const given = row.if_contains("default"); given != nullptr && !given->is_null())
        options.when_empty = to_value(*given).elements();
    return options;
}

json::value to_json(std::vector<value> const& records)
{
    std::string text;
    write(text, value(records));
    return json::parse(text);
}

/// A batch without a dataset is null.
row_answer queued(json::value const& line)
{
    using namespace tidemark::literals;
    auto const& row = fields(line, {"queue", "batches"}, {"one_at_a_time", "default"});
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const queue =
        tidemark::queue_source<value>(to_batches<value>(row.at("queue").as_array()), queue_options_of(row));
    json::array found(static_cast<std::size_t>(number_in(row, "batches", 0)));
    tidemark::testing::driver run(ssc.application(
        ssc.source_stream(queue) | tidemark::foreach_rdd([&found](auto const& rdd, batch_time time) {
            found.at(static_cast<std::size_t>(time.count() / 1000 - 1)) = to_json(rdd | tidemark::collect());
        })));
    run.start();
    run.run_to(batch_time() + std::ssize(found) * duration(1000));
    return {std::move(found)};
}

// ---- Text

/// Null is as good as empty.
row_answer saved_name(json::value const& line)
{
    auto const& row = items(line, 3, 3);
    auto const text = [&](std::size_t place) {
        return row.at(place).is_null() ? std::string() : std::string(row.at(place).as_string());
    };
    return {json::value(tidemark::text_files_name(text(0), batch_time(row.at(2).as_int64()), text(1)))};
}

/// What print writes of the one batch of an application, whose batches last as long as the time is.
template <typename Record>
std::string printed(duration time, std::size_t limit, std::vector<Record> const& records)
{
    std::string text;
    auto const ssc = tidemark::streaming_context(time, tidemark::settings{.threads = 1});
    tidemark::testing::driver run(
        ssc.application(ssc.source_stream(tidemark::testing::batch_source<Record>({records}))
                        | tidemark::print(limit, [&text](std::string_view more) { text += more; })));
    run.start();
    run.run_to(batch_time() + time);
    return text;
}

json::array in_lines(std::string const& text)
{
    json::array lines;
    std::istringstream in(text);
    for (std::string each; std::getline(in, each);)
        lines.emplace_back(each);
    return lines;
}

/// Whether there are lines for it: not for lists that are no pairs, which every language prints otherwise.
bool has_line(value const& some)
{
    if (some.is_pair())
        return has_line(some.elements()[0]) && has_line(some.elements()[1]);
    return !some.is_list() && some != value();
}

row_answer print_lines(json::value const& line)
{
    auto const& row = fields(line, {"time", "elements"}, {"num"});
    auto const time = duration(number_in(row, "time", 1));
    auto const limit = row.contains("num") ? static_cast<std::size_t>(number_in(row, "num", 0)) : 10;
    auto const records = to_batches<value>({row.at("elements")}).front().value();
    if (!std::ranges::all_of(records, has_line))
        throw not_covered("how a list or nothing is printed");
    auto const text = printed(time, limit, records);
    if (std::ranges::all_of(records, &value::is_integer)
        && printed(time, limit, to_batches<std::int64_t>({row.at("elements")}).front().value()) != text)
        throw difference("plain integers are printed otherwise than " + text);
    if (std::ranges::all_of(records, &value::is_pair)
        && printed(time, limit, to_batches<value_pair>({row.at("elements")}).front().value()) != text)
        throw difference("plain pairs are printed otherwise than " + text);
    return {in_lines(text)};
}

} // namespace

void add_source_and_sink_families(family_table& families)
{
    families["file source selection"] = table_of(selected_files, order::free_in_lists);
    families["queue source"] = table_of(queued, order::free_in_lists);
    families["saveAsTextFiles name"] = table_of(saved_name);
    families["print format"] = table_of(print_lines, order::fixed);
}

} // namespace tidemark_test
