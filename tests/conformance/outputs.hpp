// SPDX-License-Identifier: BSL-1.0
//
// outputs: the output of a stream by batch, what a case expects of it, and the comparison.

#pragma once

#include "cases.hpp"
#include "value.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tidemark_test {

/// By batch number; a batch without a dataset is missing.
using outputs = std::map<std::int64_t, std::vector<value>>;

/// What the case lists, by batch number: the batches `slide`, 2 `slide` ..., or those that it names. Where it lists fewer
/// and some batches of its input have no dataset, those have none here, or those before the first that has one.
///
/// *Throws* `difference` when it lists another number of batches.
[[nodiscard]] outputs expected_outputs(test_case const& one, std::int64_t slide);

/// Where the lists are whose order is free.
enum class groups : unsigned char {
    none,
    values, ///< The value of each pair.
    sides,  ///< Both lists in the value of each pair.
};

/// The same with those lists in one order.
[[nodiscard]] outputs in_order(outputs all, groups where);

/// *Throws* `difference`, in words that begin with `when`, unless both have the same batches with the same records: in
/// order, or in any.
void expect_same(outputs const& expected, outputs const& found, bool unordered, std::string const& when);

/// The batches from `first` to `last`.
[[nodiscard]] outputs between(outputs const& all, std::int64_t first, std::int64_t last);

} // namespace tidemark_test
