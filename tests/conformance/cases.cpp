// SPDX-License-Identifier: BSL-1.0
//
// cases: reads a case, finds its family, and says what came of it.

#include "cases.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tidemark_test {
namespace {

json::object object_or_empty(json::object const& from, std::string_view name)
{
    auto const* const found = from.if_contains(name);
    return found != nullptr ? found->as_object() : json::object();
}

void expect_names(json::object const& found, std::initializer_list<std::string_view> known, std::string const& what)
{
    for (auto const& member : found)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            throw not_covered("unknown " + what + " \"" + std::string(member.key()) + "\"");
}

} // namespace

test_case::test_case(json::value const& from)
{
    auto const& all = from.as_object();
    name_ = all.at("name").as_string();
    operation_ = all.at("operation").as_string();
    parameters_ = object_or_empty(all, "parameters");
    functions_ = object_or_empty(all, "functions");
    input_ = all.at("input").as_array();
    if (auto const* const second = all.if_contains("second_input"))
        second_input_ = second->as_array();
    expected_ = all.at("expected").as_array();
    unordered_ = all.contains("unordered") && all.at("unordered").as_bool();
}

json::array const& test_case::second_input() const
{
    if (!second_input_)
        throw not_covered("there is no second_input");
    return *second_input_;
}

json::value const* test_case::parameter(std::string_view name) const { return parameters_.if_contains(name); }

std::optional<std::int64_t> test_case::number(std::string_view name) const
{
    auto const* const found = parameter(name);
    return found != nullptr ? std::optional(found->as_int64()) : std::nullopt;
}

std::int64_t test_case::required(std::string_view name) const
{
    if (auto const found = number(name))
        return *found;
    throw not_covered("no parameter \"" + std::string(name) + "\"");
}

void test_case::expect_only(std::initializer_list<std::string_view> names) const
{
    expect_names(parameters_, names, "parameter");
}

std::optional<std::string> test_case::function(std::string_view name) const
{
    auto const* const found = functions_.if_contains(name);
    return found != nullptr ? std::optional(std::string(found->as_string())) : std::nullopt;
}

std::string test_case::required_function(std::string_view name) const
{
    if (auto found = function(name))
        return *std::move(found);
    throw not_covered("no function \"" + std::string(name) + "\"");
}

void test_case::expect_only_functions(std::initializer_list<std::string_view> names) const
{
    expect_names(functions_, names, "function role");
}

std::size_t test_case::batches_to_run() const
{
    auto const given = number("batches_to_run");
    return given ? static_cast<std::size_t>(*given) : input_.size();
}

namespace {

/// The family of an operation; "... over 30 batches" says a parameter once more, and another number is the same family.
family_table::const_iterator family_of(family_table const& families, std::string const& operation)
{
    auto const found = families.find(operation);
    return found == families.end() && operation.ends_with(" batches")
               ? families.find(operation.substr(0, operation.rfind(" over ")))
               : found;
}

} // namespace

result run_case(family_table const& families, test_case const& one)
{
    auto const family = family_of(families, one.operation());
    if (family == families.end())
        return {verdict::not_covered, {"unknown operation \"" + one.operation() + "\""}};
    try {
        return family->second(one);
    } catch (not_covered const& reason) {
        return {verdict::not_covered, {reason.what()}};
    } catch (difference const& found) {
        return {verdict::failed, {found.what()}};
    } catch (std::exception const& problem) {
        return {verdict::failed, {std::string("threw: ") + problem.what()}};
    }
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

/// What of `all` has a name that `asked` has, too.
json::object only(json::object const& all, json::value const& asked)
{
    json::object some;
    for (auto const& fact : all)
        if (asked.as_object().contains(fact.key()))
            some.insert(fact);
    return some;
}

/// `answer` is called with each row and with what is expected of it.
template <typename Answer>
result check_each(test_case const& one, Answer const& answer)
{
    auto const& rows = one.input();
    auto const& expected = one.expected();
    if (rows.size() != expected.size())
        throw difference(std::to_string(rows.size()) + " rows and " + std::to_string(expected.size()) + " answers");
    row_tally tally;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        try {
            row_answer const given = answer(rows[i], expected[i]);
            if (!same(given.found, expected[i]))
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

result check_rows(test_case const& one, std::function<row_answer(json::value const&)> const& answer)
{
    return check_each(one, [&](json::value const& row, json::value const&) { return answer(row); });
}

result check_facts(test_case const& one, std::function<json::object(json::value const&)> const& facts)
{
    return check_each(
        one, [&](json::value const& row, json::value const& asked) { return row_answer{only(facts(row), asked)}; });
}

} // namespace tidemark_test
