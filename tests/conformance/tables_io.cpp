// SPDX-License-Identifier: BSL-1.0
//
// tables_io: which files belong to a batch, what a queue gives, and what print and save_as_text_files write.

#include "cases.hpp"
#include "pipelines.hpp"

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
std::vector<tidemark::file_info> visible(json::array const& files, batch_time now)
{
    std::vector<tidemark::file_info> listed;
    for (auto const& line : files) {
        auto const& file = line.as_array();
        if (file.at(2).as_int64() <= now.count())
            listed.push_back({std::string(file.at(0).as_string()), file.at(1).as_int64(), 0});
    }
    return listed;
}

row_answer selected_files(json::value const& line)
{
    auto const& row = line.as_object();
    tidemark::file_selector selector(duration(row.at("batch").as_int64()), std::chrono::seconds(60),
                                     row.at("new_files_only").as_bool() ? tidemark::read_existing::none
                                                                        : tidemark::read_existing::recent,
                                     batch_time(row.at("created_at").as_int64()), tidemark::not_hidden);
    json::array batches;
    for (auto const& each : row.at("batch_times").as_array()) {
        batch_time const time(each.as_int64());
        json::array names;
        for (auto const& file : selector.select(time, visible(row.at("files").as_array(), time)))
            names.emplace_back(file.path);
        batches.emplace_back(std::move(names));
    }
    return {std::move(batches)};
}

// ---- Queues

tidemark::queue_options<value> queue_options_of(json::object const& row)
{
    tidemark::queue_options<value> options;
    options.one_at_a_time = row.at("one_at_a_time").as_bool();
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
    auto const& row = line.as_object();
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const queue =
        tidemark::queue_source<value>(to_batches<value>(row.at("queue").as_array()), queue_options_of(row));
    json::array found(row.at("batches").to_number<std::size_t>());
    tidemark::testing::driver run(ssc.application(
        ssc.source_stream(queue) | tidemark::foreach_rdd([&found](auto const& rdd, batch_time time) {
            found.at(static_cast<std::size_t>(time.count() / 1000 - 1)) = to_json(rdd | tidemark::collect());
        })));
    run.start();
    run.run_to(batch_time() + batches(static_cast<std::int64_t>(found.size())));
    return {std::move(found)};
}

// ---- Text

/// Null is as good as empty.
row_answer saved_name(json::value const& line)
{
    auto const& row = line.as_array();
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

row_answer print_lines(json::value const& line)
{
    auto const& row = line.as_object();
    auto const time = duration(row.at("time").as_int64());
    auto const limit = row.at("num").to_number<std::size_t>();
    auto const records = to_batches<value>({row.at("elements")}).front().value();
    auto const text = printed(time, limit, records);
    if (std::ranges::all_of(records, &value::is_integer)
        && printed(time, limit, to_batches<std::int64_t>({row.at("elements")}).front().value()) != text)
        throw difference("plain integers are printed otherwise than " + text);
    if (!records.empty()
        && std::ranges::all_of(records, &value::is_pair)) // only the library's own pairs look like pairs
        return {in_lines(printed(time, limit, to_batches<value_pair>({row.at("elements")}).front().value()))};
    return {in_lines(text)};
}

runner table_of(row_answer (*answer)(json::value const&))
{
    return [answer](test_case const& one) { return check_rows(one, answer); };
}

} // namespace

void add_source_and_sink_families(family_table& families)
{
    families["file source selection"] = table_of(selected_files);
    families["queue source"] = table_of(queued);
    families["saveAsTextFiles name"] = table_of(saved_name);
    families["print format"] = table_of(print_lines);
}

} // namespace tidemark_test
