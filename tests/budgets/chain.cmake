# SPDX-License-Identifier: BSL-1.0
#
# Measures what a chain of so many OPERATORS costs to compile, as program.cmake does. What grows per operator shows here first.

set(program [[
#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

using number = std::int64_t;

std::vector<number> chained(std::vector<number> const& numbers)
{
    auto const chain = tidemark::rdd_context().parallelize(numbers, 2)
]])
foreach(step RANGE 1 ${OPERATORS})
    math(EXPR kind "${step} % 5")
    if(kind EQUAL 0)
        string(APPEND program "        | tidemark::filter([](number x) { return x != ${step} })\n")
    elseif(kind EQUAL 1)
        string(APPEND program "        | tidemark::flat_map([](number x) { return std::optional(x + ${step}) })\n")
    elseif(kind EQUAL 2)
        string(APPEND program "        | tidemark::map([](number x) { return std::pair(x, x * ${step}) })\n")
    elseif(kind EQUAL 3)
        string(APPEND program "        | tidemark::map_values([](number x) { return x - ${step} })\n")
    else()
        string(APPEND program "        | tidemark::map([](std::pair<number, number> const& p) { return p.first + p.second })\n")
    endif()
endforeach()
string(REPLACE " })\n" "; })\n" program "${program}")
string(APPEND program "        ;\n    return chain | tidemark::collect();\n}\n")
set(NAME "${OPERATORS} operators")
set(PROGRAM ${FOLDER}/chain_of_${OPERATORS}.cpp)
file(WRITE ${PROGRAM} "${program}")
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)
