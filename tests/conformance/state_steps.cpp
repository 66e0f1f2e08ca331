// SPDX-License-Identifier: BSL-1.0
//
// state_steps: what one batch does to the state of one key, with the time of its last update; and the rules of the
// state handle.

#include "cases.hpp"
#include "words.hpp"

#include <tidemark/core/error.hpp>
#include <tidemark/state/keyed_state.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace tidemark_test {
namespace {

using number = std::int64_t;
using handle = tidemark::state<number>;

/// The states of a stage that knows one key only.
class one_key {
public:
    /// `idle_limit` in milliseconds; where there is one, data refreshes the state.
    one_key(std::optional<number> initial, number last_update, std::optional<number> idle_limit)
        : states_(1, idle_limit)
        , refreshes_(idle_limit.has_value())
    {
        if (initial)
            states_.restore(0, key, {*initial, last_update});
    }

    /// Calls `f(handle)` for a record of the key.
    template <typename F>
    void receive(number now, F const& f)
    {
        std::array record{tidemark::travelling<std::string, std::string>{tidemark::key_hash(key), key, ""}};
        auto const call = [&](std::string const&, std::optional<std::string> const&, handle& held) {
            f(held);
            return 0;
        };
        states_.track<std::string>(0, record, now, refreshes_, call, [](int) {});
    }

    /// Calls `f(handle)` if the key is timing out.
    template <typename F>
    void expire(number now, F const& f)
    {
        auto const call = [&](std::string const&, std::optional<std::string> const&, handle& held) {
            f(held);
            return 0;
        };
        states_.expire<std::string>(0, now, call, [](int) {});
    }

    /// The value and the time of its last update.
    [[nodiscard]] std::optional<std::pair<number, number>> stored() const
    {
        std::optional<std::pair<number, number>> found;
        states_.for_each(0, [&](std::string const&, auto const& held) { found.emplace(held.value, held.updated); });
        return found;
    }

private:
    static inline std::string const key = "key";

    tidemark::keyed_state<std::string, number> states_;
    bool refreshes_;
};

std::optional<number> number_or_nothing(json::object const& row, std::string_view name)
{
    auto const* const found = row.if_contains(name);
    return found == nullptr || found->is_null() ? std::nullopt : std::optional(found->as_int64());
}

// ---- One step

/// What the mapping function of the case has noted.
struct notes {
    bool called = false;
    json::array output;
    json::array removed;
    json::array timed_out;
};

/// The numbers in the description of the mapping function.
struct step_numbers {
    number absent;  ///< What "get-state" returns then.
    number added;   ///< By "update-state".
    number initial; ///< What "update-state" sets when there is no state.
};

step_numbers numbers_of(std::string const& words)
{
    auto const found = numbers_in(
        words, "\"noop\": nothing; \"get-state\": return the state or #; \"update-state\": state + #, or # if "
               "absent; \"remove-state\": remove; timing out: only note it");
    if (!found)
        throw not_covered("unknown function \"" + words + "\"");
    return {(*found)[0], (*found)[1], (*found)[2]};
}

void follow(std::string_view order, step_numbers const& by, handle& held, notes& into)
{
    into.called = true;
    if (order == "get-state")
        into.output.emplace_back(held.get_option().value_or(by.absent));
    else if (order == "update-state")
        held.update(held.exists() ? held.get() + by.added : by.initial);
    else if (order == "remove-state") {
        into.removed.emplace_back(held.get());
        held.remove();
    } else if (order != "noop")
        throw not_covered("unknown order \"" + std::string(order) + "\"");
}

json::object facts_of_step(test_case const& one, json::object const& row)
{
    auto const now = one.required("batch_time");
    auto const threshold = number_or_nothing(row, "timeout_threshold");
    one_key states(number_or_nothing(row, "initial"), one.required("state_last_update"),
                   threshold ? std::optional(now - *threshold) : std::nullopt);
    notes noted;
    auto const by = numbers_of(one.required_function("mapping"));
    for (auto const& order : row.at("data").as_array())
        states.receive(now, [&](handle& held) { follow(order.as_string(), by, held, noted); });
    if (threshold && (!row.contains("scan") || row.at("scan").as_bool()))
        states.expire(now, [&](handle& held) { noted.timed_out.emplace_back(held.get()); });
    json::array left;
    if (auto const stored = states.stored())
        left.push_back(json::array{stored->first, stored->second});
    return {{"states", left},
            {"called", noted.called},
            {"output", noted.output},
            {"removed", noted.removed},
            {"timed_out", noted.timed_out}};
}

result run_steps(test_case const& one)
{
    one.expect_only({"batch_time", "state_last_update"});
    return check_facts(one, [&one](json::value const& row) {
        return facts_of_step(one, fields(row, {"data"}, {"initial", "timeout_threshold", "scan"}));
    });
}

// ---- The handle

template <typename Call>
json::value error_or_ok(Call const& call)
{
    try {
        call();
        return "ok";
    } catch (tidemark::usage_error const&) {
        return "error";
    }
}

/// "update 2" and the like, in order, after the first word that says how the handle was made. One that is refused changes
/// nothing.
void follow_calls(json::array const& calls, handle& held)
{
    for (std::size_t i = 1; i < calls.size(); ++i) {
        std::string const call(calls[i].as_string());
        if (call.starts_with("update "))
            (void)error_or_ok([&] { held.update(std::stoll(call.substr(7))); });
        else if (call == "remove")
            (void)error_or_ok([&] { held.remove(); });
        else
            throw not_covered("unknown call \"" + call + "\"");
    }
}

/// A handle exists only while a function is called, and does not tell what was done with it: "updated" is seen by what
/// is stored after the call, "removed" by a refusal while the key is not timing out.
json::object facts_of_handle(json::array const& calls)
{
    constexpr number before = 1000;
    constexpr number now = 2000;
    std::string const made(calls.at(0).as_string());
    bool const empty = made == "new" || made == "wrap none";
    bool const timing_out = made.starts_with("wrap timing-out ");
    if (!empty && !made.starts_with("wrap "))
        throw not_covered("unknown handle \"" + made + "\"");
    auto const initial = empty ? std::nullopt : std::optional(std::stoll(made.substr(made.rfind(' '))));

    json::object facts;
    auto const look = [&](handle& held) {
        follow_calls(calls, held);
        facts["exists"] = held.exists();
        facts["get"] = held.exists() ? json::value(held.get()) : error_or_ok([&] { (void)held.get(); });
        facts["timing_out"] = held.is_timing_out();
    };
    auto const look_again = [&](handle& held) {
        follow_calls(calls, held);
        facts["update_again"] = error_or_ok([&] { held.update(0); });
        facts["remove_again"] = error_or_ok([&] { held.remove(); });
    };
    auto const with_handle = [&](auto const& use) {
        one_key states(initial, before, timing_out ? std::optional<number>(now - before - 1) : std::nullopt);
        if (timing_out)
            states.expire(now, use);
        else
            states.receive(now, use);
        return states.stored();
    };
    auto const stored = with_handle(look);
    facts["updated"] = stored && stored->second == now;
    with_handle(look_again);
    facts["removed"] = !timing_out && facts["update_again"] == "error";
    return facts;
}

} // namespace

void add_state_step_families(family_table& families)
{
    families["one state map step for one key"] = run_steps;
    families["State object"] = [](test_case const& one) {
        one.expect_only({});
        return check_facts(one, [](json::value const& row) { return facts_of_handle(row.as_array()); });
    };
}

} // namespace tidemark_test
