// SPDX-License-Identifier: BSL-1.0
//
// windows: windows of windows, and all operations over windows.

#include "functions.hpp"
#include "pipelines.hpp"

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

#include <algorithm>
#include <functional>
#include <initializer_list>

namespace tidemark_test {
namespace {

struct window_size {
    std::int64_t width;
    std::int64_t slide;

    [[nodiscard]] auto step() const { return tidemark::window(batches(width), batches(slide)); }
};

window_size window_of(test_case const& one) { return {one.required("window"), one.number("slide").value_or(1)}; }

window_size window_of(test_case const& one, std::string_view name)
{
    auto const* const given = one.parameter(name);
    if (given == nullptr)
        throw not_covered("no parameter \"" + std::string(name) + "\"");
    auto const& size = given->as_object();
    return {size.at("window").as_int64(), size.at("slide").as_int64()};
}

result run_window(test_case const& one)
{
    one.expect_only({"batches_to_run", "input_partitions", "window", "slide", "stop_after_batch", "rerun_from_batch"});
    auto const size = window_of(one);
    check_stream(one, [size](auto stream) { return stream | size.step(); }, size.slide);
    return {};
}

/// With the function `map` before them, where the case has one.
result run_window_of_window(test_case const& one)
{
    one.expect_only({"batches_to_run", "input_partitions", "first", "second", "stop_after_batch", "rerun_from_batch"});
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
    // "reference": how the expected values were found
    one.expect_only({"batches_to_run", "input_partitions", "window", "slide", "checkpoint_interval", "reference",
                     "output_batches", "stop_after_batch", "rerun_from_batch"});
}

pairing pairs_of(test_case const& one)
{
    auto const words = one.function("before");
    return words ? pairing_of(*words) : pairing(as_pair);
}

/// The interval of the case, or the library's default for a window.
auto interval_of(test_case const& one, window_size const& size)
{
    auto const given = one.number("checkpoint_interval");
    return tidemark::checkpoint_every(
        given ? batches(*given) : tidemark::duration(tidemark::default_checkpoint_ms(batches(size.slide).count())));
}

/// Checks a case over a window that takes only `functions`; `step_of(size)` makes what the input is piped into.
template <typename StepOf>
result check_window(test_case const& one, std::initializer_list<std::string_view> functions, StepOf const& step_of)
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
               | tidemark::reduce_by_key_and_window(reduction_of(one.required_function("reduce")), batches(size.width),
                                                    batches(size.slide));
    });
}

result run_inverse(test_case const& one)
{
    return check_window(one, {"before", "reduce", "inverse"}, [&one](window_size const& size) {
        return tidemark::map(pairs_of(one))
               | tidemark::reduce_by_key_and_window(reduction_of(one.required_function("reduce")),
                                                    inverse_of(one.required_function("inverse")), batches(size.width),
                                                    batches(size.slide), interval_of(one, size));
    });
}

result run_inverse_filter(test_case const& one)
{
    return check_window(one, {"before", "reduce", "inverse", "filter"}, [&one](window_size const& size) {
        return tidemark::map(pairs_of(one))
               | tidemark::reduce_by_key_and_window(
                   reduction_of(one.required_function("reduce")), inverse_of(one.required_function("inverse")),
                   batches(size.width), batches(size.slide), pair_predicate_of(one.required_function("filter")),
                   interval_of(one, size));
    });
}

// ---- Groups

std::string text_of(value const& some)
{
    std::string text;
    write(text, some);
    return text;
}

std::vector<value> in_order(std::vector<value> group)
{
    std::ranges::sort(group, {}, text_of);
    return group;
}

/// The order within a group is free: both sides are brought into one.
result run_group_by_key_and_window(test_case const& one)
{
    expect_known_window(one);
    one.expect_only_functions({"before"});
    auto const size = window_of(one);
    auto const build = [size, pairs = pairs_of(one)](auto stream) {
        return stream | tidemark::map(pairs)
               | tidemark::group_by_key_and_window(batches(size.width), batches(size.slide))
               | tidemark::map_values([](std::vector<value> const& group) { return value(in_order(group)); });
    };
    auto expected = expected_outputs(one, size.slide);
    for (auto& [number, records] : expected)
        for (auto& each : records)
            each = value::pair(each.elements().at(0), in_order(each.elements().at(1).elements()));
    tidemark::testing::pipeline_under_test<value, decltype(build)> const pipeline(to_batches<value>(one.input()), build,
                                                                                  options_of(one));
    expect_same(expected, from_batches(pipeline.uncut()), one.unordered(), "");
    if (one.number("stop_after_batch"))
        for (std::size_t cut = 0; cut <= one.batches_to_run(); ++cut)
            expect_recovery(pipeline, expected, one.unordered(), cut);
    return {};
}

// ---- All records

result run_count_by_window(test_case const& one)
{
    return check_window(one, {}, [&one](window_size const& size) {
        return tidemark::count_by_window(batches(size.width), batches(size.slide), interval_of(one, size));
    });
}

result run_count_by_value_and_window(test_case const& one)
{
    return check_window(one, {}, [&one](window_size const& size) {
        return tidemark::count_by_value_and_window(batches(size.width), batches(size.slide), interval_of(one, size));
    });
}

result run_reduce_by_window(test_case const& one)
{
    return check_window(one, {"reduce"}, [&one](window_size const& size) {
        return tidemark::reduce_by_window(reduction_of(one.required_function("reduce")), batches(size.width),
                                          batches(size.slide));
    });
}

result run_reduce_by_window_inverse(test_case const& one)
{
    return check_window(one, {"reduce", "inverse"}, [&one](window_size const& size) {
        return tidemark::reduce_by_window(reduction_of(one.required_function("reduce")),
                                          inverse_of(one.required_function("inverse")), batches(size.width),
                                          batches(size.slide), interval_of(one, size));
    });
}

// ---- Files over a stop in the middle of a batch

/// A directory in which the file of each batch appears in the middle of its interval, and a window over all of them.
class file_stream_case {
public:
    explicit file_stream_case(test_case const& one)
        : one_(one)
        , batch_(one.number("batch_ms").value_or(1000))
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

    [[nodiscard]] std::int64_t last() const { return static_cast<std::int64_t>(one_.input().size()); }

private:
    [[nodiscard]] tidemark::batch_time time(std::int64_t number) const { return tidemark::batch_time(number * batch_); }

    void appear(reading::directory const& files, std::int64_t number) const
    {
        std::string lines;
        for (auto const& line : one_.input().at(static_cast<std::size_t>(number - 1)).as_array())
            lines += text_of(to_value(line)) + '\n';
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
                               | tidemark::reduce_by_window(reduce_, tidemark::duration(batch_ * size_.width),
                                                            tidemark::duration(batch_ * size_.slide))
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

/// An output may run again after the restart: the set of them counts. Stopped in each batch after which there is time
/// to be down.
result run_file_stream_over_window(test_case const& one)
{
    one.expect_only({"batch_ms", "window", "slide", "down_batches"});
    one.expect_only_functions({"map", "reduce"});
    file_stream_case files(one);
    auto const down = one.required("down_batches");
    std::vector<value> wanted;
    for (auto const& each : one.expected())
        wanted.push_back(to_value(each));
    for (std::int64_t stopped = 1; stopped + down <= files.last(); ++stopped) {
        auto const found = files.stopped_in(stopped, down);
        auto const within = [](std::vector<value> const& some, std::vector<value> const& all) {
            return std::ranges::all_of(some, [&](value const& each) { return std::ranges::count(all, each) != 0; });
        };
        if (!within(found, wanted) || !within(wanted, found))
            throw difference("stopped in batch " + std::to_string(stopped) + ": expected " + to_text(one.expected())
                             + " in any order, found " + text_of(value(found)));
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
    families["recovery: file stream + reduceByWindow over 30 batches"] = run_file_stream_over_window;
}

} // namespace tidemark_test
