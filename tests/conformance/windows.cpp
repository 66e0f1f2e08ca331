// SPDX-License-Identifier: BSL-1.0
//
// windows: windows of windows, and all operations over windows.

#include "functions.hpp"
#include "pipelines.hpp"
#include "words.hpp"

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/window/count_by_value_and_window.hpp>
#include <tidemark/stream/window/count_by_window.hpp>
#include <tidemark/stream/window/group_by_key_and_window.hpp>
#include <tidemark/stream/window/reduce_by_key_and_window.hpp>
#include <tidemark/stream/window/reduce_by_window.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/testing/driver.hpp>

#include <sources/reading.hpp>
#include <spark_model/incremental_window.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark_test {
namespace {

constexpr std::int64_t most_batches = 1'000'000;

/// In batches, and in time.
struct window_size {
    window_size(test_case const& one, std::int64_t wide, std::int64_t every)
        : width(wide)
        , slide(every)
        , width_time(batches(one, wide))
        , slide_time(batches(one, every))
    {}

    [[nodiscard]] auto step() const { return tidemark::window(width_time, slide_time); }

    std::int64_t width;
    std::int64_t slide;
    tidemark::duration width_time;
    tidemark::duration slide_time;
};

window_size window_of(test_case const& one)
{
    return {one, one.within("window", 1, most_batches), one.within("slide", 1, most_batches, 1)};
}

window_size window_of(test_case const& one, std::string_view name)
{
    auto const* const given = one.parameter(name);
    if (given == nullptr)
        throw not_covered("no parameter \"" + std::string(name) + "\"");
    auto const& size = fields(*given, {"window", "slide"});
    return {one, number_in(size, "window", 1), number_in(size, "slide", 1)};
}

result run_window(test_case const& one)
{
    expect_plain(one, {"window", "slide"});
    auto const size = window_of(one);
    check_stream(one, [size](auto stream) { return stream | size.step(); }, size.slide);
    return {};
}

/// With the function `map` before them, where the case has one.
result run_window_of_window(test_case const& one)
{
    expect_plain(one, {"first", "second"});
    auto const inner = window_of(one, "first");
    auto const outer = window_of(one, "second");
    if (auto const words = one.function("map"))
        check_stream(
            one,
            [=, f = mapping_of(*words)](auto stream) {
                return stream | tidemark::map(f) | inner.step() | outer.step();
            },
            outer.slide);
    else
        check_stream(one, [=](auto stream) { return stream | inner.step() | outer.step(); }, outer.slide);
    return {};
}

// ---- Reductions by key

void expect_known_window(test_case const& one)
{
    expect_plain(one, {"window", "slide", "checkpoint_interval", "reference"}); // how the expected values were found
}

pairing pairs_of(test_case const& one)
{
    auto const words = one.function("before");
    return words ? pairing_of(*words) : pairing(as_pair);
}

/// The interval of the case, or the library's default for a window.
auto interval_of(test_case const& one, window_size const& size)
{
    bool const given = one.number("checkpoint_interval").has_value();
    return tidemark::checkpoint_every(
        given ? batches(one, one.within("checkpoint_interval", 1, most_batches))
              : tidemark::duration(tidemark::default_checkpoint_ms(size.slide_time.count())));
}

/// The pairs of each batch of the input, after what stands before the window.
std::vector<std::vector<value_pair>> keyed_batches(test_case const& one)
{
    std::vector<std::vector<value_pair>> all;
    for (auto const& batch : to_batches<value>(one.input())) {
        auto& pairs = all.emplace_back();
        if (batch)
            std::ranges::transform(*batch, std::back_inserter(pairs), pairs_of(one));
    }
    return all;
}

/// Checks a case over a window that takes only `functions`; `step_of(size)` makes what the input is piped into.
template <typename StepOf>
result check_window(test_case const& one, std::vector<std::string_view> const& functions, StepOf const& step_of)
{
    expect_known_window(one);
    one.expect_only_functions(functions);
    auto const size = window_of(one);
    check_stream(one, [step = step_of(size)](auto stream) { return stream | step; }, size.slide);
    return {};
}

result run_reduce_by_key_and_window(test_case const& one)
{
    return check_window(one, {"before", "reduce"}, [&one](window_size const& size) {
        return tidemark::map(pairs_of(one))
               | tidemark::reduce_by_key_and_window(reduction_of(one.required_function("reduce")), size.width_time,
                                                    size.slide_time);
    });
}

/// What Spark's rule gives, batch by batch of the window, for a `check` that differs: its windows are what is left of the
/// window before, which a filter or a slide longer than the window makes wrong. *Throws* the difference again where that
/// is not expected, either.
template <typename Check>
result or_by_spark(test_case const& one, Check const& check)
{
    try {
        check();
        return {};
    } catch (difference const&) {
        auto const size = window_of(one);
        auto const filter = one.function("filter");
        spark_model::incremental_window<value> const model{
            reduction_of(one.required_function("reduce")), inverse_of(one.required_function("inverse")),
            filter ? pair_predicate_of(*filter) : pair_predicate([](value_pair const&) { return true; }), size.width,
            size.slide};
        bool by_spark = false;
        try {
            auto const expected = expected_outputs(one, size.slide);
            outputs found;
            for (auto const& [number, pairs] :
                 model.outputs(keyed_batches(one), static_cast<std::int64_t>(one.batches_to_run())))
                for (auto& records = found[number]; auto const& [key, kept] : pairs)
                    records.push_back(value::pair(key, kept));
            for (auto const& [number, records] : expected) // where Spark fails there is nothing
                found[number];
            expect_same(expected, found, one.unordered(), "");
            by_spark = true;
        } catch (std::exception const&) { // it is the library's difference that is told
        }
        if (!by_spark)
            throw;
        return {verdict::other_rule,
                {std::string("windows are those that the form without an inverse gives (our test: \"")
                 + (size.slide > size.width ? "slide longer than the window equals the naive form"
                                            : "a filter that drops a value that is not neutral equals the naive form")
                 + "\")"}};
    }
}

result run_inverse(test_case const& one)
{
    return or_by_spark(one, [&one] {
        check_window(one, {"before", "reduce", "inverse"}, [&one](window_size const& size) {
            return tidemark::map(pairs_of(one))
                   | tidemark::reduce_by_key_and_window(reduction_of(one.required_function("reduce")),
                                                        inverse_of(one.required_function("inverse")), size.width_time,
                                                        size.slide_time, interval_of(one, size));
        });
    });
}

result run_inverse_filter(test_case const& one)
{
    return or_by_spark(one, [&one] {
        check_window(one, {"before", "reduce", "inverse", "filter"}, [&one](window_size const& size) {
            return tidemark::map(pairs_of(one))
                   | tidemark::reduce_by_key_and_window(
                       reduction_of(one.required_function("reduce")), inverse_of(one.required_function("inverse")),
                       size.width_time, size.slide_time, pair_predicate_of(one.required_function("filter")),
                       interval_of(one, size));
        });
    });
}

// ---- Groups

result run_group_by_key_and_window(test_case const& one)
{
    expect_known_window(one);
    one.expect_only_functions({"before"});
    auto const size = window_of(one);
    check_stream(
        one,
        [size, pairs = pairs_of(one)](auto stream) {
            return stream | tidemark::map(pairs) | tidemark::group_by_key_and_window(size.width_time, size.slide_time)
                   | tidemark::map_values([](std::vector<value> const& group) { return value(group); });
        },
        size.slide, groups::values);
    return {};
}

// ---- All records

result run_count_by_window(test_case const& one)
{
    return check_window(one, {}, [&one](window_size const& size) {
        return tidemark::count_by_window(size.width_time, size.slide_time, interval_of(one, size));
    });
}

result run_count_by_value_and_window(test_case const& one)
{
    return check_window(one, {}, [&one](window_size const& size) {
        return tidemark::count_by_value_and_window(size.width_time, size.slide_time, interval_of(one, size));
    });
}

result run_reduce_by_window(test_case const& one)
{
    return check_window(one, {"reduce"}, [&one](window_size const& size) {
        return tidemark::reduce_by_window(reduction_of(one.required_function("reduce")), size.width_time,
                                          size.slide_time);
    });
}

result run_reduce_by_window_inverse(test_case const& one)
{
    return check_window(one, {"reduce", "inverse"}, [&one](window_size const& size) {
        return tidemark::reduce_by_window(reduction_of(one.required_function("reduce")),
                                          inverse_of(one.required_function("inverse")), size.width_time,
                                          size.slide_time, interval_of(one, size));
    });
}

// ---- Files over a stop in the middle of a batch

/// A directory in which the file of each batch appears in the middle of its interval, and a window over all of them.
class file_stream_case {
public:
    explicit file_stream_case(test_case const& one)
        : one_(one)
        , batch_(batch_of(one).count())
        , size_(window_of(one))
        , map_(mapping_of(one.required_function("map")))
        , reduce_(reduction_of(one.required_function("reduce")))
    {}

    /// The outputs of a run that is killed when batch `stopped` has been planned and not been run, and goes on `down`
    /// batches later.
    [[nodiscard]] std::vector<value> stopped_in(std::int64_t stopped, std::int64_t down)
    {
        reading::directory const files;
        tidemark::memory_storage const storage;
        std::vector<value> found;
        std::int64_t next = 1;
        {
            tidemark::testing::driver run(application(files, storage, found));
            run.start();
            for (; next < stopped; ++next) {
                appear(files, next);
                run.run_to(time(next));
            }
            appear(files, next);
            run.clock().set(time(next));
            (void)run.engine().generate(time(next++));
        }
        for (; next <= stopped + down; ++next)
            appear(files, next);
        tidemark::testing::driver run(application(files, storage.kill(), found), time(next - 1));
        run.start();
        for (; next <= last(); ++next) {
            appear(files, next);
            run.run_to(time(next));
        }
        return found;
    }

    [[nodiscard]] std::int64_t last() const { return static_cast<std::int64_t>(one_.batches_to_run()); }

private:
    [[nodiscard]] tidemark::batch_time time(std::int64_t number) const { return tidemark::batch_time(number * batch_); }

    void appear(reading::directory const& files, std::int64_t number) const
    {
        if (number > std::ssize(one_.input()) || one_.input()[static_cast<std::size_t>(number - 1)].is_null())
            return;
        std::string lines;
        for (auto const& line : one_.input().at(static_cast<std::size_t>(number - 1)).as_array())
            lines += to_text(line) + '\n';
        (void)files.write("file-" + std::to_string(number), lines, number * batch_ - batch_ / 2);
    }

    [[nodiscard]] tidemark::application application(reading::directory const& files,
                                                    tidemark::memory_storage const& storage,
                                                    std::vector<value>& found) const
    {
        auto const ssc = tidemark::streaming_context(
            tidemark::duration(batch_), tidemark::checkpoint_directory(storage), tidemark::settings{.threads = 1});
        return ssc.application(ssc.text_file_stream(files.path())
                               | tidemark::map([f = map_](std::string const& line) { return f(value(line)); })
                               | tidemark::reduce_by_window(reduce_, size_.width_time, size_.slide_time)
                               | tidemark::foreach_rdd([&found](auto const& rdd) {
                                     for (auto& each : rdd | tidemark::collect())
                                         found.push_back(std::move(each));
                                 }));
    }

    test_case const& one_;
    std::int64_t batch_;
    window_size size_;
    mapping map_;
    reduction reduce_;
};

constexpr char const* over_batches = "recovery: file stream + reduceByWindow over # batches";

/// An output may run again after the restart: the set of them counts. Stopped in each batch after which there is time
/// to be down.
result run_file_stream_over_window(test_case const& one)
{
    one.expect_only({"batch_ms", "batches_to_run", "window", "slide", "down_batches"});
    one.expect_only_functions({"map", "reduce"});
    if (auto const said = numbers_in(one.operation(), over_batches); said && (*said)[0] != one.required("window"))
        throw not_covered("a window of another length than its name says");
    file_stream_case files(one);
    auto const down = one.within("down_batches", 0, files.last() - 1);
    std::vector<value> wanted;
    for (auto const& each : one.expected())
        wanted.push_back(to_value(each));
    for (std::int64_t stopped = 1; stopped + down <= files.last(); ++stopped) {
        auto const found = files.stopped_in(stopped, down);
        auto const within = [](std::vector<value> const& some, std::vector<value> const& all) {
            return std::ranges::all_of(some, [&](value const& each) { return std::ranges::count(all, each) != 0; });
        };
        std::string text;
        write(text, value(found));
        if (!within(found, wanted) || !within(wanted, found))
            throw difference("stopped in batch " + std::to_string(stopped) + ": expected " + to_text(one.expected())
                             + " in any order, found " + text);
    }
    return {};
}

} // namespace

void add_window_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "window"] = run_window;
        families[in_a_run + "window+window"] = run_window_of_window;
        families[in_a_run + "map+window+window"] = run_window_of_window;
        families[in_a_run + "reduceByKeyAndWindow"] = run_reduce_by_key_and_window;
        families[in_a_run + "reduceByKeyAndWindow (inverse)"] = run_inverse;
        families[in_a_run + "reduceByKeyAndWindow (inverse, filter)"] = run_inverse_filter;
        families[in_a_run + "groupByKeyAndWindow"] = run_group_by_key_and_window;
        families[in_a_run + "countByWindow"] = run_count_by_window;
        families[in_a_run + "countByValueAndWindow"] = run_count_by_value_and_window;
        families[in_a_run + "reduceByWindow"] = run_reduce_by_window;
        families[in_a_run + "reduceByWindow (inverse)"] = run_reduce_by_window_inverse;
    }
    families["recovery: file stream + reduceByWindow"] = run_file_stream_over_window;
    families[over_batches] = run_file_stream_over_window;
}

} // namespace tidemark_test
