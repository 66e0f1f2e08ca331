// SPDX-License-Identifier: BSL-1.0
//
// pipelines: runs a stream over the input of a case, in one run and, where the case says so, killed and restarted.

#pragma once

#include "cases.hpp"
#include "outputs.hpp"
#include "value.hpp"

#include <spark_model/reschedule.hpp>

#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/testing/run_batches.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark_test {

/// How long a batch of the case is; batch n has the time n times that.
[[nodiscard]] inline tidemark::duration batch_of(test_case const& one)
{
    return tidemark::duration(one.within("batch_ms", 1, 86'400'000, 1000));
}

/// So many batches of the case.
[[nodiscard]] inline tidemark::duration batches(test_case const& one, std::int64_t n) { return n * batch_of(one); }

// ---- Records of a case as records of other types, and back

template <typename Record>
[[nodiscard]] Record to_record(value const& from)
{
    return from;
}
template <>
[[nodiscard]] inline std::int64_t to_record<std::int64_t>(value const& from)
{
    return from.integer();
}
template <>
[[nodiscard]] inline std::string to_record<std::string>(value const& from)
{
    return from.text();
}

template <>
[[nodiscard]] inline value_pair to_record<value_pair>(value const& from)
{
    if (!from.is_pair())
        throw not_covered("an element that is no pair");
    return {from.elements()[0], from.elements()[1]};
}

[[nodiscard]] inline value from_record(value const& some) { return some; }
[[nodiscard]] inline value from_record(std::int64_t some) { return some; }
[[nodiscard]] inline value from_record(std::string const& some) { return some; }
template <typename First, typename Second>
[[nodiscard]] value from_record(std::pair<First, Second> const& some)
{
    return value::pair(from_record(some.first), from_record(some.second));
}

template <typename Record>
[[nodiscard]] tidemark::testing::optional_batches<Record> to_batches(json::array const& input)
{
    tidemark::testing::optional_batches<Record> all;
    for (auto const& batch : input) {
        if (batch.is_null()) {
            all.emplace_back();
            continue;
        }
        if (!batch.is_array())
            throw not_covered("a batch that is no list: " + to_text(batch));
        auto& records = all.emplace_back(std::in_place).value();
        for (auto const& element : batch.as_array())
            records.push_back(to_record<Record>(to_value(element)));
    }
    return all;
}

// ---- Runs

/// Allows only the parameters that every case over a stream may have, and `more`.
inline void expect_plain(test_case const& one, std::vector<std::string_view> more = {})
{
    more.insert(more.end(),
                {"batches_to_run", "input_partitions", "batch_ms", "output_batches", "numPartitions", "partitions"});
    if (one.is_recovery())
        more.insert(more.end(), {"stop_after_batch", "rerun_from_batch"});
    one.expect_only(more);
}

/// How many partitions keyed data have where the case says so, else as many as the settings say.
[[nodiscard]] inline std::size_t partitions_of(test_case const& one)
{
    auto const spark = one.number("numPartitions") ? "numPartitions" : "partitions";
    return static_cast<std::size_t>(one.within(spark, 1, tidemark::most_key_groups, tidemark::settings().partitions));
}

[[nodiscard]] inline tidemark::settings settings_of(test_case const& one)
{
    auto const partitions = partitions_of(one);
    return {.partitions = partitions,
            .key_groups = std::max(tidemark::settings().key_groups, std::bit_ceil(partitions)),
            .threads = 1};
}

/// What `build` makes of the input of a case, or of both inputs when it takes two streams; it can be run, killed and
/// restarted.
template <typename Record, typename Build>
class pipeline {
public:
    pipeline(test_case const& one, Build build)
        : one_(one)
        , build_(std::move(build))
        , first_(to_batches<Record>(one.input()))
        , batch_(batch_of(one))
        , partitions_(static_cast<std::size_t>(one.within("input_partitions", 1, tidemark::most_partitions, 1)))
        , settings_(settings_of(one))
    {
        if constexpr (takes_two)
            second_ = to_batches<Record>(one.second_input());
    }

    /// Starts at the time of batch `from` on what `storage` holds, and runs every batch up to number `last`. The run ends
    /// as a kill would end it. *Throws* what the batches throw.
    void run(tidemark::any_storage const& storage, std::int64_t from, std::int64_t last, outputs& found) const
    {
        auto const ssc = tidemark::streaming_context(batch_, tidemark::checkpoint_directory(storage), settings_);
        auto const source = [&](input const& list) { return ssc.source_stream(source_of(list)); };
        auto const watched = [&] {
            if constexpr (takes_two)
                return build_(source(first_), source(second_));
            else
                return build_(source(first_));
        };
        tidemark::testing::driver run(
            ssc.application(watched() | tidemark::foreach_rdd([&](auto const& rdd, tidemark::batch_time time) {
                                auto& records = found[time.count() / batch_.count()];
                                records.clear();
                                for (auto const& each : rdd | tidemark::collect())
                                    records.push_back(from_record(each));
                            })),
            time_of(from));
        run.restore();
        for (auto const time : run.to_repeat())
            expect_success(run.run(time), time);
        while (run.next_time() <= time_of(last)) {
            auto const time = run.next_time();
            expect_success(run.next(), time);
        }
    }

private:
    using input = tidemark::testing::optional_batches<Record>;
    using source_type = tidemark::testing::batch_source<Record>;
    using input_stream = decltype(tidemark::streaming_context(
                                      tidemark::duration(), tidemark::checkpoint_directory(tidemark::memory_storage()),
                                      tidemark::settings())
                                      .source_stream(std::declval<source_type>()));

    static constexpr bool takes_two = std::invocable<Build const&, input_stream, input_stream>;

    /// A batch without an input may fail: then it has no output.
    void expect_success(tidemark::batch_engine::outcome const& outcome, tidemark::batch_time time) const
    {
        if (outcome.failure && !one_.is_missing(time.count() / batch_.count()))
            std::rethrow_exception(outcome.failure);
    }

    [[nodiscard]] source_type source_of(input const& list) const { return source_type(list, partitions_); }
    [[nodiscard]] tidemark::batch_time time_of(std::int64_t number) const
    {
        return tidemark::batch_time() + number * batch_;
    }

    test_case const& one_;
    Build build_;
    input first_;
    input second_;
    tidemark::duration batch_;
    std::size_t partitions_;
    tidemark::settings settings_;
};

/// Says of a case that names the batch whose output is the first after the restart in Spark, where ours is another.
/// *Throws* `difference` when Spark's is another, too.
inline void compare_first_batch(test_case const& one, std::int64_t stop, std::int64_t ours)
{
    auto const said = one.number("rerun_from_batch");
    if (!said || *said == ours)
        return;
    auto const spark = spark_model::after_checkpoint(stop, {}, stop + 1, 1).rescheduled.front();
    auto const with = " with batch ";
    if (*said != spark)
        throw difference("after batch " + std::to_string(stop) + " outputs begin again in Spark" + with
                         + std::to_string(spark) + ", here" + with + std::to_string(ours) + ", and nowhere" + with
                         + std::to_string(*said));
    one.remark("outputs begin again" + (with + std::to_string(ours)) + " after the restart; in Spark" + with
               + std::to_string(spark) + ", that of its checkpoint, which ours knows to be done "
               + "(our test: \"a restart runs planned batches, then those of the down time, and then goes on\")");
}

/// Runs what `build` makes of the input and compares. A case of recovery is killed after the batch that it names, and
/// after every other; which batches run again is our own rule: all behind the last commit. The lists that `where` says
/// have no order.
///
/// *Throws* `difference`.
template <typename Record = value, typename Build>
void check_stream(test_case const& one, Build build, std::int64_t slide = 1, groups where = groups::none)
{
    pipeline<Record, Build> const runs(one, std::move(build));
    auto const last = static_cast<std::int64_t>(one.batches_to_run());
    auto const stop = one.is_recovery() ? one.within("stop_after_batch", 1, last) : 0;
    auto const expected = in_order(expected_outputs(one, slide), where);
    auto const compare = [&](std::int64_t from, std::int64_t to, outputs const& found, std::string const& when) {
        expect_same(between(expected, from, to), in_order(found, where), one.unordered(), when);
    };
    outputs uncut;
    runs.run(tidemark::any_storage(tidemark::memory_storage()), 0, last, uncut);
    compare(1, std::max(last, expected.empty() ? 0 : expected.rbegin()->first), uncut, "");
    for (std::int64_t cut = 0; one.is_recovery() && cut <= last; ++cut) {
        auto const when = "killed after batch " + std::to_string(cut);
        tidemark::memory_storage const storage;
        outputs before;
        runs.run(tidemark::any_storage(storage), 0, cut, before);
        compare(1, cut, before, when + ", before that, ");
        outputs after;
        runs.run(tidemark::any_storage(storage.kill()), cut, last, after);
        auto const first = after.empty() ? cut + 1 : after.begin()->first;
        compare(std::min(first, cut + 1), last, after, when + ", after the restart, ");
        if (cut == stop)
            compare_first_batch(one, stop, first);
    }
}

} // namespace tidemark_test
