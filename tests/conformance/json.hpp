// SPDX-License-Identifier: BSL-1.0
//
// json: the vector file's data, as JSON and as records.

#pragma once

#include "value.hpp"

#include <boost/json.hpp>

#include <string>

namespace tidemark_test {

namespace json = boost::json;

/// The file `path`. *Throws* `std::runtime_error` when it cannot be read or is no JSON.
[[nodiscard]] json::value read_json(std::string const& path);

/// A record; true and false and objects are none. *Throws* `std::runtime_error`.
[[nodiscard]] value to_value(json::value const& some);

/// Whether both say the same: numbers by their value, objects in any order.
[[nodiscard]] bool same(json::value const& left, json::value const& right);

/// In one line.
[[nodiscard]] std::string to_text(json::value const& some);

} // namespace tidemark_test
