// SPDX-License-Identifier: BSL-1.0
//
// cases: reads a case, finds its family, and says what came of it.

#include "cases.hpp"

#include "words.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <utility>
#include <variant>

namespace tidemark_test {
namespace {

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

void expect_names(json::object const& found, std::vector<std::string_view> const& known, std::string const& what)
{
    for (auto const& member : found)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            throw not_covered("unknown " + what + ' ' + in_quotes(member.key()));
}

/// A member of that kind. *Throws* `not_covered` where it is missing or of another.
json::value const& member(json::object const& all, std::string_view name, json::kind kind, char const* kind_in_words)
{
    auto const* const found = all.if_contains(name);
    if (found == nullptr)
        throw not_covered("no member " + in_quotes(name));
    if (found->kind() != kind)
        throw not_covered("the member " + in_quotes(name) + " is no " + kind_in_words);
    return *found;
}

json::object object_or_empty(json::object const& from, std::string_view name)
{
    auto const* const found = from.if_contains(name);
    return found != nullptr && !found->is_null() ? member(from, name, json::kind::object, "object").get_object()
                                                 : json::object();
}

/// A whole number, which may be written as `2.0`. *Throws* `not_covered` for what is none.
std::int64_t whole(json::value const& some, std::string const& what)
{
    if (some.is_int64())
        return some.get_int64();
    if (some.is_double() && std::floor(some.get_double()) == some.get_double() && std::abs(some.get_double()) < 1e15)
        return static_cast<std::int64_t>(some.get_double());
    throw not_covered(what + " is no whole number: " + to_text(some));
}

} // namespace

test_case::test_case(json::value const& from)
{
    if (!from.is_object())
        throw not_covered("a case that is no object");
    auto const& all = from.get_object();
    expect_names(all,
                 {"name", "suite", "operation", "parameters", "functions", "input", "second_input", "expected",
                  "unordered", "notes"},
                 "member");
    name_ = member(all, "name", json::kind::string, "text").get_string();
    operation_ = member(all, "operation", json::kind::string, "text").get_string();
    parameters_ = object_or_empty(all, "parameters");
    functions_ = object_or_empty(all, "functions");
    for (auto const& each : functions_)
        if (!each.value().is_string())
            throw not_covered("the function " + in_quotes(each.key()) + " is no text");
    input_ = member(all, "input", json::kind::array, "list").get_array();
    if (all.contains("second_input"))
        second_input_ = member(all, "second_input", json::kind::array, "list").get_array();
    expected_ = member(all, "expected", json::kind::array, "list").get_array();
    unordered_ = all.contains("unordered") && member(all, "unordered", json::kind::bool_, "true or false").get_bool();
}

json::array const& test_case::second_input() const
{
    if (!second_input_)
        throw not_covered("there is no second_input");
    used_second_input_ = true;
    return *second_input_;
}

bool test_case::is_missing(std::int64_t number) const
{
    auto const missing = [number](json::array const& input) {
        return number >= 1 && number <= std::ssize(input) && input[static_cast<std::size_t>(number - 1)].is_null();
    };
    return missing(input_) || (second_input_ && missing(*second_input_));
}

json::value const* test_case::parameter(std::string_view name) const
{
    used_.emplace(name);
    auto const* const found = parameters_.if_contains(name);
    return found != nullptr && !found->is_null() ? found : nullptr;
}

std::optional<std::int64_t> test_case::number(std::string_view name) const
{
    auto const* const found = parameter(name);
    return found != nullptr ? std::optional(whole(*found, "the parameter " + in_quotes(name))) : std::nullopt;
}

std::int64_t test_case::within(std::string_view name, std::int64_t least, std::int64_t most,
                               std::optional<std::int64_t> otherwise) const
{
    auto const given = number(name);
    auto const found = !given && otherwise ? *otherwise : required(name);
    if (found < least || found > most)
        throw not_covered("the parameter " + in_quotes(name) + " is " + std::to_string(found) + ", not "
                          + std::to_string(least) + " to " + std::to_string(most));
    return found;
}

std::int64_t test_case::required(std::string_view name) const
{
    if (auto const found = number(name))
        return *found;
    throw not_covered("no parameter \"" + std::string(name) + "\"");
}

void test_case::expect_only(std::vector<std::string_view> const& names) const
{
    expect_names(parameters_, names, "parameter");
    used_.insert(names.begin(), names.end());
}

std::optional<std::string> test_case::function(std::string_view name) const
{
    used_.emplace(name);
    auto const* const found = functions_.if_contains(name);
    return found != nullptr ? std::optional(std::string(found->as_string())) : std::nullopt;
}

std::string test_case::required_function(std::string_view name) const
{
    if (auto found = function(name))
        return *std::move(found);
    throw not_covered("no function \"" + std::string(name) + "\"");
}

void test_case::expect_only_functions(std::vector<std::string_view> const& names) const
{
    expect_names(functions_, names, "function role");
    used_.insert(names.begin(), names.end());
}

std::size_t test_case::batches_to_run() const
{
    return static_cast<std::size_t>(within("batches_to_run", 0, 100'000, std::ssize(input_)));
}

std::optional<std::string> test_case::unused_function() const
{
    for (auto const& each : functions_)
        if (!used_.contains(std::string_view(each.key())))
            return "unknown function role " + in_quotes(each.key());
    return second_input_ && !used_second_input_ ? std::optional<std::string>("there is a second_input") : std::nullopt;
}

std::optional<std::string> test_case::unused_parameter() const
{
    for (auto const& each : parameters_)
        if (!used_.contains(std::string_view(each.key())))
            return "unknown parameter " + in_quotes(each.key());
    return std::nullopt;
}

namespace {

family_table::const_iterator family_of(family_table const& families, std::string const& operation)
{
    auto const found = families.find(operation);
    return found != families.end() ? found : std::ranges::find_if(families, [&](auto const& family) {
        return family.first.find('#') != std::string::npos && numbers_in(operation, family.first).has_value();
    });
}

/// What is wrong with a case, if its runner threw this while it read it: elements of another kind than it takes.
std::optional<std::string> misread(std::exception const& problem)
{
    if (dynamic_cast<std::bad_variant_access const*>(&problem) != nullptr)
        return "an element is of another kind than is needed here";
    if (dynamic_cast<boost::system::system_error const*>(&problem) != nullptr
        || dynamic_cast<std::out_of_range const*>(&problem) != nullptr
        || dynamic_cast<std::invalid_argument const*>(&problem) != nullptr)
        return std::string("it cannot be read: ") + problem.what();
    return std::nullopt;
}

result judged(runner const& run, test_case const& one)
{
    try {
        return run(one);
    } catch (not_covered const& reason) {
        return {verdict::not_covered, {reason.what()}};
    } catch (difference const& found) {
        return {verdict::failed, {found.what()}};
    } catch (std::exception const& problem) {
        if (auto const why = misread(problem))
            return {verdict::not_covered, {*why}};
        return {verdict::failed, {std::string("threw: ") + problem.what()}};
    }
}

} // namespace

result run_case(family_table const& families, test_case const& one)
{
    auto const family = family_of(families, one.operation());
    auto const run = family != families.end() ? family->second : chain_of(one.operation());
    if (!run)
        return {verdict::not_covered, {"unknown operation " + in_quotes(one.operation())}};
    auto came = judged(run, one);
    if (came.what == verdict::not_covered)
        return came;
    if (auto const ignored = one.unused_function())
        return {verdict::not_covered, {*ignored}};
    if (auto const ignored = one.unused_parameter(); ignored && came.what != verdict::failed)
        return {verdict::not_covered, {*ignored}};
    if (came.what == verdict::passed)
        came.words.insert(came.words.end(), one.remarks().begin(), one.remarks().end());
    return came;
}

namespace {

/// "1-3, 5" of 0, 1, 2, 4.
std::string ranges_of(std::vector<std::size_t> const& rows)
{
    std::string text;
    for (std::size_t i = 0; i < rows.size();) {
        auto last = i;
        while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1)
            ++last;
        text += (text.empty() ? "" : ", ") + std::to_string(rows[i] + 1);
        if (last != i)
            text += '-' + std::to_string(rows[last] + 1);
        i = last + 1;
    }
    return text;
}

/// What came of the rows so far. Words about several rows are said once.
class row_tally {
public:
    void add(verdict what, std::size_t row, std::string words = {})
    {
        auto const same = std::ranges::find_if(
            remarks_, [&](remark const& each) { return each.what == what && each.words == words; });
        if (same != remarks_.end())
            same->rows.push_back(row);
        else
            remarks_.push_back({what, std::move(words), {row}});
    }

    /// The worst of all.
    [[nodiscard]] result total() const
    {
        result all;
        for (auto const what : {verdict::other_rule, verdict::not_covered, verdict::failed})
            if (std::ranges::find(remarks_, what, &remark::what) != remarks_.end())
                all.what = what;
        for (auto const& each : remarks_) {
            auto words = each.what == verdict::passed ? "passed" : each.words;
            if (each.what == verdict::other_rule && all.what != verdict::other_rule)
                words = "Spark's rule, ours differs: " + words;
            if (all.what != verdict::passed)
                all.words.push_back(remarks_.size() == 1 ? words : "row " + ranges_of(each.rows) + ": " + words);
        }
        return all;
    }

private:
    struct remark {
        verdict what;
        std::string words;
        std::vector<std::size_t> rows;
    };

    std::vector<remark> remarks_;
};

/// What of `all` is asked for. *Throws* `not_covered` when nothing is, or something else.
json::object only(json::object const& all, json::value const& asked)
{
    if (!asked.is_object() || asked.get_object().empty())
        throw not_covered("no facts are asked for: " + to_text(asked));
    json::object some;
    for (auto const& fact : asked.get_object())
        if (auto const* const found = all.if_contains(fact.key()))
            some.emplace(fact.key(), *found);
        else
            throw not_covered("unknown fact " + in_quotes(fact.key()));
    return some;
}

/// Roles in which tables say what their rows mean.
std::vector<std::string_view> const notes_on_rows{"call",   "calls",   "estimator", "events", "facts",
                                                  "fields", "files",   "ops",       "row",    "rows",
                                                  "rule",   "mapping", "queue",     "answer", "expected"};

/// `answer` is called with each row and with what is expected of it.
template <typename Answer>
result check_each(test_case const& one, Answer const& answer, order free)
{
    one.expect_only_functions(notes_on_rows);
    auto const& rows = one.input();
    auto const& expected = one.expected();
    if (rows.size() != expected.size())
        throw difference(std::to_string(rows.size()) + " rows and " + std::to_string(expected.size()) + " answers");
    if (rows.empty())
        throw not_covered("a table without rows");
    auto const how = one.unordered() ? free : order::fixed;
    row_tally tally;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        try {
            row_answer const given = answer(rows[i], expected[i]);
            if (given.ours && same(*given.ours, expected[i], how))
                tally.add(verdict::passed, i);
            else if (!same(given.found, expected[i], how))
                tally.add(verdict::failed, i,
                          "of " + to_text(rows[i]) + " expected " + to_text(expected[i]) + ", found "
                              + to_text(given.found));
            else if (!given.differs.empty())
                tally.add(verdict::other_rule, i, given.differs);
            else
                tally.add(verdict::passed, i);
        } catch (not_covered const& reason) {
            tally.add(verdict::not_covered, i, reason.what());
        } catch (std::exception const& problem) {
            if (auto const why = misread(problem))
                tally.add(verdict::not_covered, i, *why);
            else
                tally.add(verdict::failed, i, "of " + to_text(rows[i]) + " threw: " + problem.what());
        }
    }
    return tally.total();
}

} // namespace

row_answer in_words(std::string const& words, std::string differs)
{
    return {json::array{json::value(words)}, std::move(differs)};
}

json::object const& fields(json::value const& row, std::vector<std::string_view> const& needed,
                           std::vector<std::string_view> const& more)
{
    if (!row.is_object())
        throw not_covered("a row that is no object: " + to_text(row));
    auto known = needed;
    known.insert(known.end(), more.begin(), more.end());
    expect_names(row.get_object(), known, "field");
    for (auto const name : needed)
        if (!row.get_object().contains(name))
            throw not_covered("no field " + in_quotes(name));
    return row.get_object();
}

json::array const& items(json::value const& row, std::size_t least, std::size_t most)
{
    if (!row.is_array() || row.get_array().size() < least || row.get_array().size() > most)
        throw not_covered("unknown row " + to_text(row));
    return row.get_array();
}

std::string text_of_row(json::value const& row)
{
    auto const& text = row.is_string() ? row : items(row, 1, 1)[0];
    if (!text.is_string())
        throw not_covered("unknown row " + to_text(row));
    return std::string(text.get_string());
}

std::int64_t number_in(json::object const& row, std::string_view name, std::int64_t least)
{
    auto const found = whole(row.at(name), "the field " + in_quotes(name));
    if (found < least)
        throw not_covered("the field " + in_quotes(name) + " is " + std::to_string(found) + ", less than "
                          + std::to_string(least));
    return found;
}

result check_rows(test_case const& one, std::function<row_answer(json::value const&)> const& answer, order free)
{
    return check_each(one, [&](json::value const& row, json::value const&) { return answer(row); }, free);
}

result check_asked_rows(test_case const& one,
                        std::function<row_answer(json::value const& row, json::value const& asked)> const& answer)
{
    return check_each(one, answer, order::free);
}

runner table_of(row_answer (*answer)(json::value const&), order free)
{
    return [answer, free](test_case const& one) {
        one.expect_only({});
        return check_rows(one, answer, free);
    };
}

result check_facts(test_case const& one, std::function<json::object(json::value const&)> const& facts)
{
    return check_asked_rows(
        one, [&](json::value const& row, json::value const& asked) { return row_answer{only(facts(row), asked)}; });
}

} // namespace tidemark_test
