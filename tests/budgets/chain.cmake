# SPDX-License-Identifier: BSL-1.0
#
# Measures what a chain of so many OPERATORS costs to compile with OPTION: at most half above the budgets of MILLISECONDS, as
# compared.cmake counts them, and MEGABYTES of memory. What grows per operator shows here first.

include(${CMAKE_CURRENT_LIST_DIR}/compared.cmake)

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
set(file ${FOLDER}/chain_of_${OPERATORS})
file(WRITE ${file}.cpp "${program}")

set(command ${COMPILER} -std=c++20 ${OPTION} -c -o ${file}.o)
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()

math(EXPR most_time "${MILLISECONDS} * 3 / 2")
math(EXPR most_memory "${MEGABYTES} * 3 / 2")
compared(time memory ${MILLISECONDS} ${most_time} ${command} ${file}.cpp)
file(SIZE ${file}.o size)
message("${OPERATORS} operators: ${time} ms, ${memory} MB, object of ${size} bytes")

if(time GREATER most_time)
    message(FATAL_ERROR "${OPERATORS} operators compile in ${time} ms; the budget is ${MILLISECONDS} ms, the limit ${most_time} ms")
endif()
if(memory GREATER most_memory)
    message(FATAL_ERROR "${OPERATORS} operators take ${memory} MB to compile; the budget is ${MEGABYTES} MB, the limit ${most_memory} MB")
endif()
