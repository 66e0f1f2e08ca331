# SPDX-License-Identifier: BSL-1.0
#
# Measures what a chain of 50 operators costs to compile with debug information: best of three, at most half above the
# budgets of MILLISECONDS of processor time and MEGABYTES of memory. What grows per operator shows here first.

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
foreach(step RANGE 1 50)
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
file(WRITE ${FOLDER}/chain.cpp "${program}")

set(command ${COMPILER} -std=c++20 -g -c -o ${FOLDER}/chain.o ${FOLDER}/chain.cpp)
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()

math(EXPR most_time "${MILLISECONDS} * 3 / 2")
math(EXPR most_memory "${MEGABYTES} * 3 / 2")
set(best_time)
foreach(attempt RANGE 1 3)
    execute_process(COMMAND ${MEASURE} ${command} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    if(NOT printed MATCHES "^([0-9]+) ([0-9]+)\n$")
        message(FATAL_ERROR "not a measurement: ${printed}")
    endif()
    set(time ${CMAKE_MATCH_1})
    math(EXPR memory "${CMAKE_MATCH_2} / 1024")
    message("50 operators: ${time} ms, ${memory} MB")
    if(NOT best_time OR time LESS best_time)
        set(best_time ${time})
    endif()
    if(best_time LESS_EQUAL MILLISECONDS)
        break()
    endif()
endforeach()
file(SIZE ${FOLDER}/chain.o size)
message("50 operators: object of ${size} bytes")

if(best_time GREATER most_time)
    message(FATAL_ERROR "50 operators compile in ${best_time} ms; the budget is ${MILLISECONDS} ms, the limit ${most_time} ms")
endif()
if(memory GREATER most_memory)
    message(FATAL_ERROR "50 operators take ${memory} MB to compile; the budget is ${MEGABYTES} MB, the limit ${most_memory} MB")
endif()
