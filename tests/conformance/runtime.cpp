// SPDX-License-Identifier: BSL-1.0
//
// runtime: what listeners are told, what stays pending after a failure, and what a start makes of a checkpoint
// directory.

#include "cases.hpp"

#include <tidemark/core/events.hpp>
#include <tidemark/runtime/get_or_create.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <memory>
#include <stdexcept>
#include <variant>

namespace tidemark_test {
namespace {

using namespace tidemark::literals;
using tidemark::testing::batch_source;
using tidemark::testing::driver;

// ---- Outputs that fail

constexpr std::size_t most_outputs = 6;

/// Calls `ssc.application` with as many outputs as are asked for.
template <typename Context, typename Output, typename... Outputs>
tidemark::application application_of(Context const& ssc, std::size_t size, Output const& make, Outputs... outputs)
{
    if constexpr (sizeof...(Outputs) < most_outputs)
        if (sizeof...(Outputs) < size)
            return application_of(ssc, size, make, outputs..., make(sizeof...(Outputs)));
    if constexpr (sizeof...(Outputs) != 0)
        if (sizeof...(Outputs) == size)
            return ssc.application(outputs...);
    throw not_covered(std::to_string(size) + " outputs");
}

/// An application with an output for each of `succeeds`. *Throws* `not_covered` for none, and for more than
/// `most_outputs`.
tidemark::application with_outputs(std::vector<bool> const& succeeds, tidemark::checkpoint_directory const& where)
{
    auto const ssc = tidemark::streaming_context(1_s, where, tidemark::settings{.threads = 1});
    batch_source<int> const source(tidemark::testing::optional_batches<int>(1, std::vector{1}));
    auto const stream = ssc.source_stream(source) | tidemark::checkpoint_every(1_s);
    auto const output = [&](std::size_t place) {
        return stream | tidemark::foreach_rdd([well = succeeds[place]](auto const&) {
                   if (!well)
                       throw std::runtime_error("told to fail");
               });
    };
    return application_of(ssc, succeeds.size(), output);
}

std::vector<bool> bools(json::array const& from)
{
    std::vector<bool> all;
    for (auto const& each : from)
        all.push_back(each.as_bool());
    return all;
}

// ---- Listeners

/// An event of a batch in the words of the case; nothing for others.
struct told_as {
    json::array& into;

    void operator()(tidemark::batch_submitted const&) const { into.emplace_back("batch submitted"); }
    void operator()(tidemark::batch_started const&) const { into.emplace_back("batch started"); }
    void operator()(tidemark::output_operation_started const& event) const
    {
        into.emplace_back(named(event) + " started");
    }
    void operator()(tidemark::output_operation_completed const& event) const
    {
        into.emplace_back(named(event) + " completed" + (event.operation.failure ? " (failure reason set)" : ""));
    }
    void operator()(tidemark::batch_completed const&) const { into.emplace_back("batch completed"); }
    template <typename Other>
    void operator()(Other const&) const
    {}

    template <typename Event>
    static std::string named(Event const& event)
    {
        return "output operation " + std::to_string(event.operation.id);
    }
};

row_answer events_told(json::value const& row)
{
    driver run(with_outputs(bools(fields(row, {"ops"}).at("ops").as_array()),
                            tidemark::checkpoint_directory(tidemark::memory_storage())));
    run.start();
    (void)run.next();
    json::array told;
    for (auto const& event : run.events())
        std::visit(told_as{told}, event);
    return {std::move(told)};
}

json::value or_null(std::optional<std::int64_t> const& some) { return some ? json::value(*some) : json::value(); }

json::object delays(json::value const& line)
{
    auto const& row = fields(line, {"submitted"}, {"start", "end", "records"});
    auto const time = [&](std::string_view name) {
        auto const* const found = row.if_contains(name);
        return found != nullptr && !found->is_null() ? std::optional(found->as_int64()) : std::nullopt;
    };
    tidemark::batch_info batch;
    batch.submission_time = time("submitted").value();
    batch.processing_start = time("start");
    batch.processing_end = time("end");
    if (row.contains("records"))
        for (auto const& each : row.at("records").as_array())
            batch.inputs.emplace_back().records = each.to_number<std::uint64_t>();
    return {{"number_of_records", batch.records()},
            {"scheduling_delay", or_null(batch.scheduling_delay())},
            {"processing_delay", or_null(batch.processing_delay())},
            {"total_delay", or_null(batch.total_delay())}};
}

// ---- Batches that stay pending

bool pending_after_restart(std::vector<bool> const& succeeds)
{
    tidemark::memory_storage const storage;
    {
        driver run(with_outputs(succeeds, tidemark::checkpoint_directory(storage)));
        run.start();
        (void)run.next();
    }
    driver again(with_outputs(succeeds, tidemark::checkpoint_directory(storage.kill())), tidemark::batch_time(1000));
    again.restore();
    return !again.to_repeat().empty();
}

/// Spark looks at the last output only. Ours must be pending wherever one failed.
row_answer stays_pending(json::value const& line)
{
    auto const succeeds = bools(line.as_array());
    bool const pending = pending_after_restart(succeeds);
    bool const failed = std::ranges::count(succeeds, false) != 0;
    if (pending != failed)
        throw difference(failed ? "the batch is done though an output failed"
                                : "the batch is pending though all outputs succeeded");
    if (failed && succeeds.back())
        return {false,
                "a batch is done only when all of its outputs succeeded "
                "(our test: \"an output that throws fails alone, and only it runs again after a restart\")",
                json::value(true)};
    return {pending};
}

// ---- What a start finds

using builder = std::function<tidemark::application(tidemark::checkpoint_directory)>;

builder counting_builder(std::shared_ptr<int> calls)
{
    return [calls = std::move(calls)](tidemark::checkpoint_directory const& where) {
        ++*calls;
        return with_outputs({true}, where);
    };
}

tidemark::memory_storage with_a_checkpoint()
{
    tidemark::memory_storage storage;
    driver run(with_outputs({true}, tidemark::checkpoint_directory(storage)));
    run.start();
    (void)run.next();
    return storage.kill();
}

/// The same files with every byte inverted.
tidemark::memory_storage corrupted(tidemark::memory_storage const& storage)
{
    for (auto const& name : storage.list()) {
        auto bytes = storage.read(name);
        for (auto& each : bytes)
            each = ~each;
        storage.put(name, bytes);
    }
    return storage;
}

/// What `get_or_create` and the start that follows give, in the words of the case. The function is called in any case:
/// the code comes from the program, and only data from the checkpoint.
std::string outcome_of_start(tidemark::memory_storage const& storage, tidemark::on_unreadable unreadable)
{
    auto const calls = std::make_shared<int>(0);
    try {
        driver run(
            tidemark::get_or_create(tidemark::checkpoint_directory(storage), counting_builder(calls), unreadable));
        run.restore();
        auto const& first = std::get<tidemark::streaming_started>(run.events().at(0));
        if (*calls != 1)
            return "the function was called " + std::to_string(*calls) + " times";
        return first.restored_commit ? "restored" : "new context by the user function";
    } catch (tidemark::corrupt_checkpoint const&) {
        return "error";
    }
}

row_answer get_or_create_outcome(json::value const& line)
{
    using tidemark::on_unreadable;
    auto const what = text_of_row(line);
    if (what == "empty or missing directory")
        return in_words(outcome_of_start(tidemark::memory_storage(), on_unreadable::fail));
    if (what == "only corrupt files, create_on_error false" || what == "only corrupt files, create_on_error default")
        return in_words(outcome_of_start(corrupted(with_a_checkpoint()), on_unreadable::fail));
    if (what == "only corrupt files, create_on_error true")
        return in_words(outcome_of_start(corrupted(with_a_checkpoint()), on_unreadable::start_fresh));
    if (what == "valid checkpoint") {
        auto const came = outcome_of_start(with_a_checkpoint(), on_unreadable::fail);
        if (came != "restored")
            throw difference("a valid checkpoint gave: " + came);
        return in_words(
            "restored context, user function not called, stored configuration present",
            "the function is always called and brings the code and the settings; only data comes from the checkpoint "
            "(our test: \"get_or_create always builds the program, and gives it what the directory holds\")");
    }
    throw not_covered("unknown row \"" + what + '"');
}

} // namespace

void add_runtime_families(family_table& families)
{
    families["listener events of one batch (one job at a time)"] = table_of(events_told, order::fixed);
    families["batch information delays"] = [](test_case const& one) {
        one.expect_only({});
        return check_facts(one, delays);
    };
    families["is a batch still pending (to be run again after recovery)?"] = [](test_case const& one) {
        one.expect_only({"concurrent_jobs"});
        if (one.number("concurrent_jobs").value_or(1) != 1)
            throw not_covered("more than one job at a time");
        return check_rows(one, stays_pending);
    };
    families["getOrCreate outcomes"] = table_of(get_or_create_outcome);
}

} // namespace tidemark_test
