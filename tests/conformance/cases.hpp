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
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// Thrown by a runner: the library, or the runner, does not have what the case needs.
struct not_covered : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown by a runner: something else came out than was expected.
struct difference : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One case, as the file's "conventions" describe it.
class test_case {
public:
    /// *Throws* `std::runtime_error` for what is no case.
    explicit test_case(json::value const& from);

    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] std::string const& operation() const { return operation_; }
    [[nodiscard]] bool unordered() const { return unordered_; }
    [[nodiscard]] json::array const& input() const { return input_; }
    [[nodiscard]] json::array const& second_input() const;
    [[nodiscard]] bool has_second_input() const { return second_input_.has_value(); }
    [[nodiscard]] json::array const& expected() const { return expected_; }

    /// A parameter, or null.
    [[nodiscard]] json::value const* parameter(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    /// *Throws* `not_covered` where it is missing.
    [[nodiscard]] std::int64_t required(std::string_view name) const;
    /// *Throws* `not_covered` when there is a parameter that is not among the names: it would be ignored.
    void expect_only(std::initializer_list<std::string_view> names) const;

    /// The description of a user function, or nothing.
    [[nodiscard]] std::optional<std::string> function(std::string_view name) const;
    /// *Throws* `not_covered` where it is missing.
    [[nodiscard]] std::string required_function(std::string_view name) const;
    /// As `expect_only`, for functions.
    void expect_only_functions(std::initializer_list<std::string_view> names) const;

    [[nodiscard]] std::size_t batches_to_run() const;

private:
    std::string name_;
    std::string operation_;
    json::object parameters_;
    json::object functions_;
    json::array input_;
    std::optional<json::array> second_input_;
    json::array expected_;
    bool unordered_ = false;
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

/// Families by the name of their operation.
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
void add_file_stream_families(family_table& families);
void add_receiver_families(family_table& families);
void add_runtime_families(family_table& families);
void add_life_cycle_families(family_table& families);
void add_spark_rules(family_table& families);

/// Whether a batch fails in which a parent of the operation has no dataset, or its function gives none.
///
/// *Throws* `not_covered` for an operation that it does not know.
[[nodiscard]] bool transform_fails(std::string const& operation, std::string const& how);

[[nodiscard]] result run_case(family_table const& families, test_case const& one);

/// What a row of a table gives.
struct row_answer {
    json::value found;
    std::string differs{}; ///< Not empty: `found` is Spark's rule, ours differs, and why.
};

/// An answer in words, which tables write as a list of one.
[[nodiscard]] row_answer in_words(std::string const& words, std::string differs = {});

/// Runs a table: `answer(row)` for each row of the input, in order, compared with the same row of what is expected.
[[nodiscard]] result check_rows(test_case const& one, std::function<row_answer(json::value const&)> const& answer);

/// The same for rows that are answered by facts with names: those that are asked for are compared.
[[nodiscard]] result check_facts(test_case const& one, std::function<json::object(json::value const&)> const& facts);

} // namespace tidemark_test
