// SPDX-License-Identifier: BSL-1.0
//
// functions: user functions by the words that a vector file describes them with.

#pragma once

#include "value.hpp"

#include <tidemark/state/state.hpp>
#include <tidemark/time/batch_time.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidemark_test {

using mapping = std::function<value(value const&)>;
using expansion = std::function<std::vector<value>(value const&)>;
using predicate = std::function<bool(value const&)>;
using reduction = std::function<value(value const&, value const&)>;
using pair_predicate = std::function<bool(value_pair const&)>;
using pairing = std::function<value_pair(value const&)>;
using partition_function = std::function<std::vector<value>(std::vector<value> const&)>;

/// (batch time, key, new values, state) -> state, or nothing to drop the key.
using update = std::function<std::optional<value>(tidemark::batch_time, value const&, std::vector<value> const&,
                                                  std::optional<value>)>;

/// (batch time, key, new value, state) -> record, or nothing.
using tracking = std::function<std::optional<value>(tidemark::batch_time, value const&, std::optional<value>,
                                                    tidemark::state<value>&)>;

// Each gives the function that the words describe. *Throws* `not_covered` for words that it does not know.

[[nodiscard]] mapping mapping_of(std::string const& words);
[[nodiscard]] expansion expansion_of(std::string const& words);
[[nodiscard]] predicate predicate_of(std::string const& words);
[[nodiscard]] reduction reduction_of(std::string const& words);
[[nodiscard]] reduction inverse_of(std::string const& words); ///< (accumulated, leaving) -> what is left
[[nodiscard]] pair_predicate pair_predicate_of(std::string const& words);
[[nodiscard]] pairing pairing_of(std::string const& words);
[[nodiscard]] mapping creation_of(std::string const& words);
[[nodiscard]] reduction merging_of(std::string const& words);
[[nodiscard]] reduction combiner_merging_of(std::string const& words);
[[nodiscard]] partition_function partition_function_of(std::string const& words);
[[nodiscard]] update update_of(std::string const& words);
[[nodiscard]] tracking tracking_of(std::string const& words, tidemark::duration batch = tidemark::duration(1000));

/// A pair of the file as a record of a keyed stream.
[[nodiscard]] value_pair as_pair(value const& some);

} // namespace tidemark_test
