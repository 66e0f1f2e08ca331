// SPDX-License-Identifier: BSL-1.0
//
// json: the vector file's data, as JSON and as records.

#pragma once

#include "value.hpp"

#include <boost/json.hpp>

#include <stdexcept>
#include <string>

namespace tidemark_test {

namespace json = boost::json;

/// Thrown by a runner: the library, or the runner, does not have what the case needs, or the case is not written as it
/// should be.
struct not_covered : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown by a runner: something else came out than was expected.
struct difference : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The file `path`. *Throws* `std::runtime_error` when it cannot be read or is no JSON.
[[nodiscard]] json::value read_json(std::string const& path);

/// A record. *Throws* `not_covered` for true, false and objects, which are none.
[[nodiscard]] value to_value(json::value const& some);

/// In what order the elements of a list may come.
enum class order : unsigned char {
    fixed,
    free,          ///< Any.
    free_in_lists, ///< A list of lists: any in each of them.
};

/// Whether both say the same: numbers by their value, real ones by `same_number`, objects in any order.
[[nodiscard]] bool same(json::value const& left, json::value const& right, order how = order::fixed);

/// In one line.
[[nodiscard]] std::string to_text(json::value const& some);

} // namespace tidemark_test
