// SPDX-License-Identifier: BSL-1.0
//
// missing: operations that the library does not have yet. What is added elsewhere takes the place of a line here.

#include "cases.hpp"

#include <utility>

namespace tidemark_test {
namespace {

/// The operation of a case, and what is missing for it.
constexpr std::pair<char const*, char const*> missing[]{};

} // namespace

void add_missing_families(family_table& families)
{
    for (auto const& each : missing)
        families[each.first] = [why = each.second](test_case const&) -> result { throw not_covered(why); };
}

} // namespace tidemark_test
