// SPDX-License-Identifier: BSL-1.0
//
// receivers: estimates of rates, received blocks, and for how long datasets are remembered.

#include "cases.hpp"
#include "words.hpp"

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/pid_rate_estimator.hpp>
#include <tidemark/sources/received_block_tracker.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream/remember_durations.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

using tidemark::batch_time;
using tidemark::duration;
using number = std::int64_t;

// ---- Rates

json::value or_null(std::optional<double> const& some) { return some ? json::value(*some) : json::value(); }

/// The numbers of the estimator are [batch interval ms, proportional, integral, derivative, minimum rate], those of a
/// call [time ms, records, processing delay ms, scheduling delay ms].
row_answer estimates(json::value const& line)
{
    auto const& row = fields(line, {"estimator", "calls"});
    auto const& numbers = items(row.at("estimator"), 5, 5);
    auto const gain = [&](std::size_t place) { return numbers.at(place).to_number<double>(); };
    try {
        tidemark::pid_rate_estimator estimator(duration(numbers.at(0).as_int64()),
                                               {gain(1), gain(2), gain(3), gain(4)});
        json::array found;
        for (auto const& each : row.at("calls").as_array()) {
            auto const& call = items(each, 4, 4);
            found.push_back(
                or_null(estimator.estimate({batch_time(call.at(0).as_int64()), call.at(1).as_int64(),
                                            duration(call.at(2).as_int64()), duration(call.at(3).as_int64())})));
        }
        return {std::move(found)};
    } catch (tidemark::config_error const&) {
        return {"error"};
    }
}

// ---- Received blocks

/// The ids of the blocks, of one stream where it is given.
json::array ids(std::vector<tidemark::received_block> const& blocks, json::value const* stream)
{
    json::array all;
    for (auto const& block : blocks)
        if (stream == nullptr || block.stream == to_text(*stream))
            all.emplace_back(block.id);
    return all;
}

/// A row is a call and its arguments. A stream may stand before a block that is added, and behind what is asked for.
json::value call_tracker(tidemark::received_block_tracker& tracker, json::array const& row)
{
    std::string const what(row.at(0).as_string());
    auto const arguments = [&](std::size_t least, std::size_t most) {
        (void)items(row, least + 1, most + 1);
        return row.size() > most ? &row.back() : nullptr;
    };
    auto const time = [&] { return batch_time(row.at(1).as_int64()); };
    if (what == "add") {
        auto const* const block = arguments(1, 2);
        auto const stream = block != nullptr ? to_text(row.at(1)) : std::string("in");
        tracker.add({stream, std::string(row.back().as_string()), 1});
    } else if (what == "allocate") {
        arguments(1, 1);
        (void)tracker.allocate(time());
    } else if (what == "cleanup") {
        arguments(1, 1);
        tracker.cleanup(time());
    } else if (what == "blocks_of") {
        auto const* const stream = arguments(1, 2);
        return ids(tracker.blocks_of(time()), stream);
    } else if (what == "unallocated") {
        auto const* const stream = arguments(0, 1);
        return ids(tracker.unallocated(), stream);
    } else if (what == "has_unallocated") {
        arguments(0, 0);
        return tracker.has_unallocated();
    } else if (what == "recover") {
        arguments(0, 0); // as before each row
    } else
        throw not_covered("unknown call \"" + what + "\"");
    return {};
}

/// In memory, and with a log from which it is recovered before each row.
result run_tracker(test_case const& one)
{
    tidemark::received_block_tracker tracker;
    tidemark::memory_storage disk;
    one.expect_only({});
    return check_rows(one, [&](json::value const& line) -> row_answer {
        auto const& row = line.as_array();
        auto const found = call_tracker(tracker, row);
        disk = disk.kill();
        tidemark::received_block_tracker recovered{tidemark::any_storage(disk)};
        if (auto const again = call_tracker(recovered, row); again != found)
            throw difference("recovered before this row: expected " + to_text(found) + ", found " + to_text(again));
        return {found};
    });
}

// ---- Remember durations

/// Takes `start` off the front of `words`.
bool begins(std::string& words, std::string_view start)
{
    bool const there = words.starts_with(start);
    words.erase(0, there ? start.size() : 0);
    return there;
}

/// What a state asks for: by the case, or by the library. Numbers are in the unit of the batch, which is a second
/// unless it is so large that it must be a millisecond.
duration interval_of(test_case const& one, std::string const& words, duration slide)
{
    if (auto const given = one.number("checkpoint_interval"))
        return duration(*given);
    auto const unit = one.required("batch") < 100 ? 1000 : 1;
    auto const in_ms = slide.count() * unit;
    return duration((words.starts_with("mapWithState") ? tidemark::default_map_with_state_checkpoint_ms(in_ms)
                                                       : tidemark::default_checkpoint_ms(in_ms))
                    / unit);
}

/// Whether `words` name an input or an operation without a window.
bool is_plain_step(std::string_view words)
{
    for (std::string_view const step :
         {"input", "map", "filter", "flatMap", "glom", "mapPartitions", "mapValues", "flatMapValues", "reduce", "count",
          "countByValue", "reduceByKey", "groupByKey", "combineByKey", "repartition", "transform", "union",
          "updateStateByKey", "mapWithState"})
        if (words == step || words == std::string(step) + " stream")
            return true;
    return false;
}

/// A stream by its description: "updateStateByKey", "mapWithState", "window 4 slide 2", "inverse window 10 slide 2", or
/// any other step. It stands on a stream with this slide.
tidemark::remembered_stream stream_of(std::string words, test_case const& one, duration slide)
{
    tidemark::remembered_stream made{slide};
    bool const incremental = begins(words, "inverse ") || begins(words, "incremental ");
    if (auto const sizes = numbers_in(words, "window # slide #")) {
        made.window = duration((*sizes)[0]);
        made.slide = duration((*sizes)[1]);
    } else if (auto const width = numbers_in(words, "window #"))
        made.window = duration((*width)[0]);
    else if (incremental || !is_plain_step(words))
        throw not_covered("unknown stream \"" + words + "\"");
    if (incremental || words.starts_with("updateStateByKey") || words.starts_with("mapWithState"))
        made.checkpoint_interval = interval_of(one, words, made.slide);
    return made;
}

/// A description without "of it", "of that" or "of the map" behind, where the row before is a map.
std::string without_parent(std::string words, std::string const& before)
{
    std::string const sign = " of ";
    auto const place = words.rfind(sign);
    if (place == std::string::npos)
        return words;
    auto parent = words.substr(place + sign.size());
    if (parent.starts_with("the "))
        parent.erase(0, 4);
    if (parent != "it" && parent != "that" && parent != "this" && (before.empty() || !before.starts_with(parent)))
        throw not_covered("a stream that does not stand on the one before it: \"" + words + '"');
    words.erase(place);
    return words;
}

/// Each row is a stream that stands on the one before it.
result run_remember(test_case const& one)
{
    one.expect_only({"batch", "context_remember", "checkpoint_interval", "completed_batches"});
    duration const batch(one.within("batch", 1, 86'400'000));
    std::vector<tidemark::remembered_stream> streams;
    std::string words;
    for (auto const& row : one.input()) {
        auto const slide = streams.empty() ? batch : streams.back().slide;
        auto const before = std::exchange(words, text_of_row(row));
        streams.push_back(stream_of(without_parent(words, before), one, slide));
        if (streams.back().slide <= duration::zero()
            || (words.find("indow ") != std::string::npos && streams.back().window <= duration::zero()))
            throw not_covered("a window or a slide that is not positive");
        if (streams.size() > 1)
            streams.back().parents.push_back(streams.size() - 2);
    }
    auto const remembered = tidemark::remember_durations(streams, duration(one.number("context_remember").value_or(0)));
    auto const completed = batch_time() + one.within("completed_batches", 0, 1'000'000) * batch;
    std::size_t place = 0;
    return check_facts(one, [&](json::value const&) {
        json::array kept;
        for (auto const time : tidemark::kept_datasets(tidemark::batch_grid(batch_time(), batch), streams[place].slide,
                                                       remembered[place], completed))
            kept.emplace_back(time.count());
        return json::object{{"remember", remembered[place++].count()}, {"kept", kept}};
    });
}

} // namespace

void add_receiver_families(family_table& families)
{
    families["PID rate estimator"] = [](test_case const& one) { return check_rows(one, estimates); };
    families["received block tracker"] = run_tracker;
    families["remember durations"] = run_remember;
}

} // namespace tidemark_test
