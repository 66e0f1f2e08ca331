// SPDX-License-Identifier: BSL-1.0
//
// tables_time: time arithmetic, the grid of batches, and what a window covers.

#include "cases.hpp"

#include <algorithm>
#include <string_view>

#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>

namespace tidemark_test {
namespace {

using tidemark::batch_grid;
using tidemark::batch_time;
using tidemark::duration;

batch_time time_in(json::object const& row, std::string_view name) { return batch_time(row.at(name).as_int64()); }

duration duration_in(json::object const& row, std::string_view name) { return duration(row.at(name).as_int64()); }

json::array counts(tidemark::batch_times const& times)
{
    json::array all;
    for (auto const time : times)
        all.emplace_back(time.count());
    return all;
}

row_answer arithmetic(json::value const& line)
{
    auto const& row = fields(line, {"op", "t"}, {"d", "zero", "end", "other"});
    auto const operation = row.at("op").as_string();
    auto const time = time_in(row, "t");
    if (row.contains("other")) {
        auto const other = time_in(row, "other");
        if (operation == "minus" || operation == "-")
            return {(time - other).count()};
        if (operation == "min")
            return {std::min(time, other).count()};
        if (operation == "max")
            return {std::max(time, other).count()};
        if (operation == "equal" || operation == "==")
            return {time == other};
        if (operation == "less" || operation == "<")
            return {time < other};
        if (operation == "lessEq" || operation == "<=")
            return {time <= other};
        if (operation == "greater" || operation == ">")
            return {time > other};
        if (operation == "greaterEq" || operation == ">=")
            return {time >= other};
        throw not_covered("unknown operation " + to_text(operation));
    }
    if (operation == "toString")
        return {json::value(to_string(time))};
    bool const counts_steps = operation == "floor" || operation == "until" || operation == "to";
    if (!row.contains("d"))
        throw not_covered("no field \"d\"");
    auto const step = duration_in(row, "d");
    if ((counts_steps || operation == "isMultipleOf") && step <= duration::zero())
        throw not_covered("a duration that is not positive");
    if (row.contains("zero") && operation != "floor")
        throw not_covered("a zero time of " + to_text(operation));
    if (operation == "plus" || operation == "+")
        return {(time + step).count()};
    if (operation == "minus" || operation == "-")
        return {(time - step).count()};
    if (operation == "floor")
        return {row.contains("zero") ? floor(time, step, time_in(row, "zero")).count() : floor(time, step).count()};
    if (operation == "isMultipleOf")
        return {is_multiple_of(time, step)};
    if (operation == "until")
        return {counts(until(time, time_in(row, "end"), step))};
    if (operation == "to")
        return {counts(to(time, time_in(row, "end"), step))};
    throw not_covered("unknown operation " + to_text(operation));
}

row_answer timer(json::value const& line)
{
    auto const& row = fields(line, {"kind", "now", "period"}, {"zero"});
    auto const kind = row.at("kind").as_string();
    auto const now = time_in(row, "now");
    duration const period(number_in(row, "period", 1));
    if (kind == "start" && !row.contains("zero"))
        return {batch_grid::first_start(now, period).start_time().count()};
    if (kind == "restart")
        return {batch_grid(time_in(row, "zero"), period).restart_time(now).count()};
    throw not_covered("unknown kind " + to_text(kind));
}

/// In batches, from zero time 0.
row_answer window_cover(json::value const& line)
{
    auto const& row = fields(line, {"parent_slide", "window", "slide", "t"}, {"zero"});
    duration const parent(number_in(row, "parent_slide", 1));
    for (std::string_view const name : {"window", "slide"})
        if (number_in(row, name, 1) % parent.count() != 0)
            throw not_covered("a window or a slide that is no multiple of its parent's slide");
    batch_grid const grid(batch_time(row.contains("zero") ? row.at("zero").as_int64() : 0), duration(1));
    auto const time = time_in(row, "t");
    if (!grid.is_valid(time, duration_in(row, "slide")))
        return {"not valid"};
    return {counts(grid.window_cover(time, duration_in(row, "window"), parent))};
}

} // namespace

void add_time_families(family_table& families)
{
    families["time arithmetic"] = table_of(arithmetic);
    families["timer start and restart"] = table_of(timer);
    families["parent batches in a window"] = table_of(window_cover);
}

} // namespace tidemark_test
