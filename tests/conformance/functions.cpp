// SPDX-License-Identifier: BSL-1.0
//
// functions: the tables of known descriptions.

#include "functions.hpp"

#include "cases.hpp"
#include "words.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace tidemark_test {
namespace {

using numbers = std::vector<std::int64_t>;

/// Descriptions, `#` standing for a number, and what makes the function out of the numbers.
template <typename Function>
using vocabulary = std::vector<std::pair<std::string_view, std::function<Function(numbers const&)>>>;

template <typename Function>
std::optional<Function> find(vocabulary<Function> const& known, std::string const& words)
{
    for (auto const& [pattern, make] : known)
        if (auto const found = numbers_in(words, pattern))
            return make(*found);
    return std::nullopt;
}

[[noreturn]] void refuse(std::string const& words) { throw not_covered("unknown function \"" + words + "\""); }

template <typename Function>
Function known_or_refused(vocabulary<Function> const& known, std::string const& words)
{
    if (auto found = find(known, words))
        return *std::move(found);
    refuse(words);
}

/// For a description without numbers.
template <typename Function, typename F>
std::pair<std::string_view, std::function<Function(numbers const&)>> plain(std::string_view words, F function)
{
    return {words, [function](numbers const&) { return Function(function); }};
}

/// `words` up to a remark in brackets.
std::string without_remark(std::string const& words) { return words.substr(0, words.find(" (")); }

value added(value const& left, value const& right)
{
    return left.is_integer() && right.is_integer() ? value(left.integer() + right.integer())
                                                   : value(left.real() + right.real());
}

value total(std::vector<value> const& values, value from = 0)
{
    for (auto const& each : values)
        from = added(from, each);
    return from;
}

/// Nothing, `value()`, of nothing.
value largest(std::vector<value> const& values)
{
    value most = values.empty() ? value() : values.front();
    for (auto const& each : values)
        most = std::max(most.integer(), each.integer());
    return most;
}

value or_zero(std::optional<value> const& some) { return some.value_or(value(0)); }

std::vector<value> letters_of(value const& text)
{
    std::vector<value> letters;
    for (char const letter : text.text())
        letters.emplace_back(std::string(1, letter));
    return letters;
}

std::vector<value> numbers_below(value const& limit)
{
    std::vector<value> all;
    for (std::int64_t i = 0; i < limit.integer(); ++i)
        all.emplace_back(i);
    return all;
}

} // namespace

mapping mapping_of(std::string const& words)
{
    static vocabulary<mapping> const known{
        plain<mapping>("integer to its decimal string",
                       [](value const& x) { return value(std::to_string(x.integer())); }),
        plain<mapping>("string to its first letter", [](value const& text) { return value(text.text().substr(0, 1)); }),
        plain<mapping>("string written twice", [](value const& text) { return value(text.text() + text.text()); }),
        plain<mapping>("string to its length",
                       [](value const& text) { return value(static_cast<std::int64_t>(text.text().size())); }),
        plain<mapping>("line to integer",
                       [](value const& line) { return value(std::int64_t{std::stoll(line.text())}); }),
        plain<mapping>("state -> counter", [](value const& state) { return state.elements().at(0); }),
        plain<mapping>(
            "sum divided by n as a real number",
            [](value const& pair) { return value(pair.elements().at(0).real() / pair.elements().at(1).real()); }),
        plain<mapping>("keep the key of each pair", [](value const& pair) { return pair.elements().at(0); }),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && !found->is_list)
        return [call = found->call](value const& x) { return value(call(x.integer()).front()); };
    refuse(words);
}

expansion expansion_of(std::string const& words)
{
    static vocabulary<expansion> const known{
        plain<expansion>("string to its letters", letters_of),
        plain<expansion>("v -> 0, 1, ..., v-1", numbers_below),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    if (auto const found = arrow_of(words); found && found->is_list)
        return [call = found->call](value const& x) {
            auto const all = call(x.integer());
            return std::vector<value>(all.begin(), all.end());
        };
    refuse(words);
}

predicate predicate_of(std::string const& words)
{
    static vocabulary<predicate> const known{
        plain<predicate>("x is even", [](value const& x) { return x.integer() % 2 == 0; }),
        plain<predicate>("x is odd", [](value const& x) { return x.integer() % 2 != 0; }),
        {"x > #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() > limit; }; }},
        {"x < #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() < limit; }; }},
        {"x >= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() >= limit; }; }},
        {"x <= #", [](numbers const& n) { return [limit = n[0]](value const& x) { return x.integer() <= limit; }; }},
        {"x is not #",
         [](numbers const& n) { return [other = n[0]](value const& x) { return x.integer() != other; }; }},
        {"x is divisible by #",
         [](numbers const& n) { return [by = n[0]](value const& x) { return x.integer() % by == 0; }; }},
        {"string is longer than #",
         [](numbers const& n) {
             return [limit = n[0]](value const& x) { return static_cast<std::int64_t>(x.text().size()) > limit; };
         }},
        {"x is a multiple of #",
         [](numbers const& n) { return [of = n[0]](value const& x) { return x.integer() % of == 0; }; }},
    };
    std::string const contains = "string contains the letter ";
    if (words.starts_with(contains))
        return [letter = words.substr(contains.size())](value const& text) {
            return text.text().find(letter) != std::string::npos;
        };
    std::string const starts = "string starts with the letter ";
    if (words.starts_with(starts))
        return [letter = words.substr(starts.size())](value const& text) { return text.text().starts_with(letter); };
    return known_or_refused(known, words);
}

reduction reduction_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("addition", added),
        plain<reduction>("maximum",
                         [](value const& x, value const& y) { return value(std::max(x.integer(), y.integer())); }),
        plain<reduction>("minimum",
                         [](value const& x, value const& y) { return value(std::min(x.integer(), y.integer())); }),
        plain<reduction>("multiplication",
                         [](value const& x, value const& y) { return value(x.integer() * y.integer()); }),
    };
    return known_or_refused(known, without_remark(words));
}

reduction inverse_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("subtraction",
                         [](value const& all, value const& leaving) {
                             return all.is_integer() && leaving.is_integer() ? value(all.integer() - leaving.integer())
                                                                             : value(all.real() - leaving.real());
                         }),
        plain<reduction>("division", [](value const& all,
                                        value const& leaving) { return value(all.integer() / leaving.integer()); }),
    };
    return known_or_refused(known, without_remark(words));
}

pair_predicate pair_predicate_of(std::string const& words)
{
    static vocabulary<pair_predicate> const known{
        {"keep pairs whose value is not #",
         [](numbers const& n) {
             return [unwanted = value(n[0])](value_pair const& pair) { return !(pair.second == unwanted); };
         }},
        {"keep pairs whose value is #",
         [](numbers const& n) {
             return [wanted = value(n[0])](value_pair const& pair) { return pair.second == wanted; };
         }},
    };
    if (auto found = find(known, words))
        return *std::move(found);
    std::string const of_value = "keep pairs whose value ";
    if (words.starts_with(of_value)) // "... is even", "... > 5"
        return [keep = predicate_of("x " + words.substr(of_value.size()))](value_pair const& pair) {
            return keep(pair.second);
        };
    refuse(words);
}

value_pair as_pair(value const& some) { return {some.elements().at(0), some.elements().at(1)}; }

pairing pairing_of(std::string const& words)
{
    auto const with_number = [](numbers const& n) {
        return [number = n[0]](value const& x) { return value_pair(x, number); };
    };
    if (words.starts_with("map x to (x, \"") && words.ends_with("\")"))
        return [text = words.substr(14, words.size() - 16)](value const& x) { return value_pair(x, text); };
    if (auto const found = numbers_in(words, "map x to (x mod #, x)"))
        return [by = found->at(0)](value const& x) { return value_pair(x.integer() % by, x); };
    static vocabulary<pairing> const known{
        {"map x to (x, #)", with_number},
        {"map each string x to (x, #)", with_number},
        {"map each string x to the pair (x, #)", with_number},
    };
    std::string const with_text = "map x to (x, \"";
    if (words.starts_with(with_text) && words.ends_with("\")"))
        return [text = words.substr(with_text.size(), words.size() - with_text.size() - 2)](value const& x) {
            return value_pair(x, text);
        };
    return known_or_refused(known, words);
}

namespace {

/// Two lists of numbers, place by place.
value added_by_place(value const& left, value const& right)
{
    value::list sums;
    for (std::size_t i = 0; i < left.elements().size(); ++i)
        sums.push_back(added(left.elements()[i], right.elements().at(i)));
    return value(sums);
}

/// Of two pairs: the larger of the first numbers, and the sum of the second ones.
value larger_and_sum(value const& left, value const& right)
{
    return value::pair(std::max(left.elements().at(0).integer(), right.elements().at(0).integer()),
                       added(left.elements().at(1), right.elements().at(1)));
}

value joined_lists(value const& left, value const& right)
{
    auto all = left.elements();
    all.insert(all.end(), right.elements().begin(), right.elements().end());
    return value(all);
}

} // namespace

mapping creation_of(std::string const& words)
{
    static vocabulary<mapping> const known{
        {"v -> (v, #)",
         [](numbers const& n) { return [with = n[0]](value const& v) { return value::pair(v, with); }; }},
        plain<mapping>("identity", [](value const& v) { return v; }),
        plain<mapping>("v -> v", [](value const& v) { return v; }),
        plain<mapping>("v -> [v]", [](value const& v) { return value(value::list{v}); }),
        plain<mapping>("v -> list of v", [](value const& v) { return value(value::list{v}); }),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return mapping_of(words);
}

reduction merging_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        {"(sum, n), v -> (sum + v, n + #)",
         [](numbers const& n) {
             return [by = n[0]](value const& so_far, value const& v) {
                 return added_by_place(so_far, value::pair(v, by));
             };
         }},
        plain<reduction>(
            "append", [](value const& so_far, value const& v) { return joined_lists(so_far, value(value::list{v})); }),
        plain<reduction>("c, v -> c + v", added),
        {"(m, n), v -> (max(m, v), n + #)",
         [](numbers const& n) {
             return [by = n[0]](value const& so_far, value const& v) {
                 return larger_and_sum(so_far, value::pair(v, by));
             };
         }},
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return reduction_of(words);
}

reduction combiner_merging_of(std::string const& words)
{
    static vocabulary<reduction> const known{
        plain<reduction>("component-wise addition", added_by_place),
        plain<reduction>("concatenation", joined_lists),
        plain<reduction>("(max of maxima, sum of counts)", larger_and_sum),
        plain<reduction>("a, b -> a + b", added),
    };
    if (auto found = find(known, words))
        return *std::move(found);
    return reduction_of(words);
}

partition_function partition_function_of(std::string const& words)
{
    static vocabulary<partition_function> const known{
        plain<partition_function>("one element per partition: the sum of the partition",
                                  [](std::vector<value> const& all) { return total(all); }),
        plain<partition_function>("one element per partition: the maximum of the partition",
                                  [](std::vector<value> const& all) { return largest(all); }),
        plain<partition_function>(
            "one element per partition: the number of its elements",
            [](std::vector<value> const& all) { return value(static_cast<std::int64_t>(all.size())); }),
    };
    return known_or_refused(known, words);
}

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

maybe dropped_at(std::int64_t limit, values const& coming, maybe const& state)
{
    auto const sum = total(coming, or_zero(state));
    return sum.integer() >= limit ? std::nullopt : maybe(sum);
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

maybe store_batch_number(time now, value const& key, maybe const& coming, state& held)
{
    if (held.is_timing_out())
        return value::pair(key, held.get());
    if (*coming == value("set"))
        held.update(now.count() / 1000);
    return std::nullopt;
}

} // namespace

tracking tracking_of(std::string const& words)
{
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
        plain<tracking>(
            "timing out: return (key, state); value \"set\": store the batch number; value \"noop\": do nothing",
            store_batch_number),
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
