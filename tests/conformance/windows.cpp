// SPDX-License-Identifier: BSL-1.0
//
// windows: windows of windows, and reductions by key over a window without an inverse.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/stream/window/window.hpp>

#include <functional>

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

/// There is no operator of that name yet; this is what it means: each batch reduced, and the window of those reduced again.
result run_reduce_by_key_and_window(test_case const& one)
{
    one.expect_only({"batches_to_run", "input_partitions", "window", "slide", "stop_after_batch", "rerun_from_batch"});
    auto const words = one.function("before");
    auto const size = window_of(one);
    check_stream(
        one,
        [size, pairs = words ? pairing_of(*words) : pairing(as_pair),
         f = reduction_of(one.required_function("reduce"))](auto stream) {
            return stream | tidemark::map(pairs) | tidemark::reduce_by_key(f) | size.step()
                   | tidemark::reduce_by_key(f);
        },
        size.slide);
    return {verdict::passed, {"as reduce_by_key | window | reduce_by_key; no reduce_by_key_and_window yet"}};
}

} // namespace

void add_window_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "window"] = run_window;
        families[in_a_run + "window+window"] = run_window_of_window;
        families[in_a_run + "map+window+window"] = run_window_of_window;
        families[in_a_run + "reduceByKeyAndWindow"] = run_reduce_by_key_and_window;
    }
}

} // namespace tidemark_test
