// SPDX-License-Identifier: BSL-1.0
//
// cases: a case of a vector file, what came of it, and the families that know how to run one.

#pragma once

#include "json.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// One case, as the file's "conventions" describe it. What a runner asks it for counts as used.
class test_case {
public:
    /// *Throws* `not_covered` for what is no case.
    explicit test_case(json::value const& from);

    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] std::string const& operation() const { return operation_; }
    /// Whether the run is to be killed and restarted.
    [[nodiscard]] bool is_recovery() const { return operation_.starts_with("recovery: "); }
    [[nodiscard]] bool unordered() const { return unordered_; }
    [[nodiscard]] json::array const& input() const { return input_; }
    [[nodiscard]] json::array const& second_input() const;
    [[nodiscard]] bool has_second_input() const { return second_input_.has_value(); }
    [[nodiscard]] json::array const& expected() const { return expected_; }
    /// Whether there is no dataset of batch `number` in an input.
    [[nodiscard]] bool is_missing(std::int64_t number) const;

    /// A parameter; null where it is missing or null.
    [[nodiscard]] json::value const* parameter(std::string_view name) const;
    /// *Throws* `not_covered` for what is no whole number.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    /// *Throws* `not_covered` where it is missing.
    [[nodiscard]] std::int64_t required(std::string_view name) const;
    /// From `least` to `most`, or `otherwise` where it is missing. *Throws* `not_covered` for another.
    [[nodiscard]] std::int64_t within(std::string_view name, std::int64_t least, std::int64_t most,
                                      std::optional<std::int64_t> otherwise = {}) const;
    /// *Throws* `not_covered` when there is a parameter that is not among the names: it would be ignored.
    void expect_only(std::vector<std::string_view> const& names) const;

    /// The description of a user function, or nothing.
    [[nodiscard]] std::optional<std::string> function(std::string_view name) const;
    /// *Throws* `not_covered` where it is missing.
    [[nodiscard]] std::string required_function(std::string_view name) const;
    /// As `expect_only`, for functions.
    void expect_only_functions(std::vector<std::string_view> const& names) const;

    /// How many batches are run; as many as the input has where the case does not say.
    [[nodiscard]] std::size_t batches_to_run() const;

    /// A part of the case that no one has asked for, in words; nothing when there is none.
    [[nodiscard]] std::optional<std::string> unused_function() const;
    [[nodiscard]] std::optional<std::string> unused_parameter() const;

    /// Something to know of a case that passes.
    void remark(std::string words) const { remarks_.insert(std::move(words)); }
    [[nodiscard]] std::set<std::string> const& remarks() const { return remarks_; }

private:
    std::string name_;
    std::string operation_;
    json::object parameters_;
    json::object functions_;
    json::array input_;
    std::optional<json::array> second_input_;
    json::array expected_;
    bool unordered_ = false;
    mutable std::set<std::string, std::less<>> used_; ///< Names of parameters and functions.
    mutable bool used_second_input_ = false;
    mutable std::set<std::string> remarks_;
};

enum class verdict : unsigned char {
    passed,
    failed,
    not_covered, ///< Some part of it needs what is not there; what could run has passed.
    other_rule,  ///< Spark's rule, and ours differs; a model of Spark's, if there is one, gave what was expected.
};

struct result {
    verdict what = verdict::passed;
    std::vector<std::string> words; ///< Why, or what to know of it.
};

/// Runs a case. What it throws is judged by `run_case`.
using runner = std::function<result(test_case const&)>;

/// Families by the name of their operation, in which `#` stands for a number.
using family_table = std::map<std::string, runner, std::less<>>;

// Each adds its families.
void add_stream_families(family_table& families);
void add_union_families(family_table& families);
void add_pair_families(family_table& families);
void add_transform_families(family_table& families);
void add_state_families(family_table& families);
void add_window_families(family_table& families);
void add_state_step_families(family_table& families);
void add_time_families(family_table& families);
void add_checkpoint_families(family_table& families);
void add_rdd_checkpoint_families(family_table& families);
void add_source_and_sink_families(family_table& families);
void add_receiver_families(family_table& families);
void add_runtime_families(family_table& families);
void add_life_cycle_families(family_table& families);
void add_missing_dataset_families(family_table& families);
void add_spark_rules(family_table& families);

/// What runs an operation that is several steps in a row and no family of its own, such as "flatMap+reduceByKey"; nothing
/// for one with a step that it does not know.
[[nodiscard]] runner chain_of(std::string operation);

[[nodiscard]] result run_case(family_table const& families, test_case const& one);

/// What a row of a table gives.
struct row_answer {
    json::value found;
    std::string differs{};             ///< Not empty: `found` is Spark's rule, ours differs, and why.
    std::optional<json::value> ours{}; ///< What ours gives then; a case may expect it as well.
};

/// An answer in words, which tables write as a list of one.
[[nodiscard]] row_answer in_words(std::string const& words, std::string differs = {});

/// The members of a row. *Throws* `not_covered` when one of `needed` is missing, or there is another than these and `more`.
[[nodiscard]] json::object const& fields(json::value const& row, std::vector<std::string_view> const& needed,
                                         std::vector<std::string_view> const& more = {});

/// The elements of a row. *Throws* `not_covered` for another number of them.
[[nodiscard]] json::array const& items(json::value const& row, std::size_t least, std::size_t most);

/// A row of one text. *Throws* `not_covered` for others.
[[nodiscard]] std::string text_of_row(json::value const& row);

/// A number among the members of a row. *Throws* `not_covered` unless it is at least `least`.
[[nodiscard]] std::int64_t number_in(json::object const& row, std::string_view name, std::int64_t least);

/// Runs a table: `answer(row)` for each row of the input, in order, compared with the same row of what is expected, where
/// a case that is `unordered` has its answers in the order `free`.
[[nodiscard]] result check_rows(test_case const& one, std::function<row_answer(json::value const&)> const& answer,
                                order free = order::free);

/// The same for answers that depend on what is expected of the row.
[[nodiscard]] result
check_asked_rows(test_case const& one,
                 std::function<row_answer(json::value const& row, json::value const& asked)> const& answer);

/// A table whose rows say all that `answer` needs.
[[nodiscard]] runner table_of(row_answer (*answer)(json::value const&), order free = order::free);

/// The same for rows that are answered by facts with names: those that are asked for are compared.
[[nodiscard]] result check_facts(test_case const& one, std::function<json::object(json::value const&)> const& facts);

} // namespace tidemark_test
