// SPDX-License-Identifier: BSL-1.0
//
// state_functions: the tables of known descriptions of functions over states.

#include "functions.hpp"
#include "vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidemark_test {
namespace {

using time = tidemark::batch_time;
using values = std::vector<value>;
using maybe = std::optional<value>;

maybe sum_of_all(time, value const&, values const& coming, maybe state) { return total(coming, or_zero(state)); }

maybe number_of_all(time, value const&, values const& coming, maybe state)
{
    return added(static_cast<std::int64_t>(coming.size()), or_zero(state));
}

maybe last_of_all(time, value const&, values const& coming, maybe state)
{
    return coming.empty() ? state : coming.back();
}

maybe time_of_last_data(time now, value const&, values const& coming, maybe state)
{
    return coming.empty() ? state : maybe(added(now.count(), or_zero(state)));
}

maybe largest_of_all(time, value const&, values const& coming, maybe state)
{
    for (auto const& each : coming)
        if (!state || state->real() < each.real())
            state = each;
    return state;
}

maybe dropped_without_data(time, value const&, values const& coming, maybe const& state)
{
    return coming.empty() ? std::nullopt : maybe(total(coming, or_zero(state)));
}

maybe dropped_at(std::int64_t limit, values const& coming, maybe const& state)
{
    auto const sum = total(coming, or_zero(state));
    return sum.real() >= static_cast<double>(limit) ? std::nullopt : maybe(sum);
}

/// The state is a list: a counter, and the number of batches without data.
maybe dropped_when_idle(std::int64_t limit, values const& coming, maybe const& state)
{
    auto const counter = state ? state->elements().at(0) : value(0);
    auto const expire = state ? state->elements().at(1).integer() : 0;
    if (!coming.empty())
        return value::pair(total(coming, counter), 0);
    return expire + 1 == limit ? std::nullopt : maybe(value::pair(counter, expire + 1));
}

} // namespace

update update_of(std::string const& words)
{
    static vocabulary<update> const known{
        plain<update>("sum of new values plus previous state", sum_of_all),
        plain<update>("sum of new values plus previous state (0 if absent)", sum_of_all),
        plain<update>("sum of new values plus previous state (0 if absent); always returns a state", sum_of_all),
        plain<update>("sum plus previous state", sum_of_all),
        plain<update>("sum of the new values plus previous state", sum_of_all),
        plain<update>("previous state plus sum of the new values", sum_of_all),
        plain<update>("number of new values plus previous state (0 if absent)", number_of_all),
        plain<update>("number of new values plus previous state", number_of_all),
        plain<update>("count of new values plus previous state", number_of_all),
        plain<update>("maximum of previous state and new values", largest_of_all),
        plain<update>("drop the key when there are no new values; otherwise sum plus previous state",
                      dropped_without_data),
        plain<update>("the last new value; otherwise previous state", last_of_all),
        plain<update>("previous state (0 if absent) plus sum of the new values", sum_of_all),
        plain<update>(
            "if there are new values: batch time in ms + previous state (0 if absent); otherwise previous state",
            time_of_last_data),
        {"drop the key when the sum of previous state and new values reaches #; otherwise that sum",
         [](numbers const& n) {
             return [limit = n[0]](time, value const&, values const& coming, maybe const& state) {
                 return dropped_at(limit, coming, state);
             };
         }},
        {"state = (counter, expire). No new values: expire += 1; otherwise counter += sum and expire = 0. When expire "
         "reaches # return "
         "\"no state\" (key is dropped); otherwise return the state",
         [](numbers const& n) {
             return [limit = n[0]](time, value const&, values const& coming, maybe const& state) {
                 return dropped_when_idle(limit, coming, state);
             };
         }},
    };
    return known_or_refused(known, words);
}

namespace {

using state = tidemark::state<value>;

/// Adds what has come to the state; nothing when the key is timing out.
maybe store_sum(maybe const& coming, state& held)
{
    if (held.is_timing_out())
        return std::nullopt;
    auto const sum = added(or_zero(coming), or_zero(held.get_option()));
    held.update(sum);
    return sum;
}

maybe give_sum(time, value const&, maybe const& coming, state& held) { return store_sum(coming, held); }

maybe give_key_and_sum(time, value const& key, maybe const& coming, state& held)
{
    auto const sum = store_sum(coming, held);
    return sum ? maybe(value::pair(key, *sum)) : std::nullopt;
}

maybe give_key_twice(time, value const& key, maybe const& coming, state& held)
{
    return store_sum(coming, held) ? maybe(key.text() + key.text()) : std::nullopt;
}

maybe give_nothing(time, value const&, maybe const& coming, state& held)
{
    (void)store_sum(coming, held);
    return std::nullopt;
}

maybe remove_or_store(time, value const& key, maybe const& coming, state& held)
{
    if (held.exists()) {
        held.remove();
        return key;
    }
    held.update(coming.value());
    return std::nullopt;
}

maybe remove_or_store_aloud(time now, value const& key, maybe const& coming, state& held)
{
    return value::pair(key, remove_or_store(now, key, coming, held) ? "removed" : "set");
}

maybe give_when_out(value const& last, maybe const& coming, state& held)
{
    if (held.is_timing_out())
        return last;
    (void)store_sum(coming, held);
    return std::nullopt;
}

maybe out_with_state(time, value const& key, maybe const& coming, state& held)
{
    return give_when_out(value::pair(key, or_zero(held.get_option())), coming, held);
}

maybe out_with_word_and_state(time, value const& key, maybe const& coming, state& held)
{
    return give_when_out(value::list{key, "out", or_zero(held.get_option())}, coming, held);
}

maybe store_fixed(std::int64_t number, value const& key, maybe const& coming, state& held)
{
    if (coming)
        held.update(number);
    return held.is_timing_out() ? maybe(key) : std::nullopt;
}

maybe store_batch_number(std::int64_t number, value const& key, maybe const& coming, state& held)
{
    if (held.is_timing_out())
        return value::pair(key, held.get());
    if (*coming == value("set"))
        held.update(number);
    else if (*coming != value("noop"))
        throw not_covered("a value that is neither \"set\" nor \"noop\"");
    return std::nullopt;
}

maybe give_state(std::int64_t absent, state const& held)
{
    return held.is_timing_out() ? std::nullopt : maybe(held.get_option().value_or(value(absent)));
}

maybe store_and_give_old(std::int64_t absent, maybe const& coming, state& held)
{
    auto const old = give_state(absent, held);
    if (old)
        held.update(coming.value());
    return old;
}

} // namespace

tracking tracking_of(std::string const& words, tidemark::duration batch)
{
    if (words == "timing out: return (key, state); value \"set\": store the batch number; value \"noop\": do nothing")
        return [batch](time now, value const& key, maybe const& coming, state& held) {
            return store_batch_number(now.count() / batch.count(), key, coming, held);
        };
    static vocabulary<tracking> const known{
        plain<tracking>("sum = value (0 if absent) + state (0 if absent); store sum; return sum", give_sum),
        plain<tracking>("store sum; return sum", give_sum),
        plain<tracking>("store value + state; return the new state", give_sum),
        plain<tracking>("store state + value; return (key, new state)", give_key_and_sum),
        plain<tracking>("store state + value; return nothing", give_nothing),
        plain<tracking>("store state + value; return the key written twice", give_key_twice),
        plain<tracking>("store state + value; return the new state", give_sum),
        plain<tracking>("store value + state; return the key written twice", give_key_twice),
        plain<tracking>("store sum; return (key, sum)", give_key_and_sum),
        plain<tracking>("store sum; return nothing", give_nothing),
        plain<tracking>(
            "if the state exists: remove it and return the key; otherwise store the value and return nothing",
            remove_or_store),
        plain<tracking>(
            "if the state exists remove it and return (key,\"removed\"); else store the value and return (key,\"set\")",
            remove_or_store_aloud),
        plain<tracking>(
            "timing out: return (key,\"out\",state); otherwise add the value to the state and return nothing",
            out_with_word_and_state),
        plain<tracking>("store state + value and return nothing; when timing out return (key, state)", out_with_state),
        {"return the state or #; do not store",
         [](numbers const& n) {
             return [absent = n[0]](time, value const&, maybe const&, state& held) { return give_state(absent, held); };
         }},
        {"store the value; return the old state (# if absent)",
         [](numbers const& n) {
             return [absent = n[0]](time, value const&, maybe const& coming, state& held) {
                 return store_and_give_old(absent, coming, held);
             };
         }},
        {"if there is a value store #; if the state is timing out return the key, otherwise nothing",
         [](numbers const& n) {
             return [number = n[0]](time, value const& key, maybe const& coming, state& held) {
                 return store_fixed(number, key, coming, held);
             };
         }},
    };
    return known_or_refused(known, words);
}

} // namespace tidemark_test
