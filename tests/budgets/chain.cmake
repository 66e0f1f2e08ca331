# SPDX-License-Identifier: BSL-1.0
#
# Measures what a chain of so many OPERATORS costs to compile, as program.cmake does: over an rdd, or ALONE, over records that are there, with
# no more headers than the chain needs. What grows per operator shows here first.

if(ALONE)
    set(program [[
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

using number = std::int64_t;

struct numbers : tidemark::expression_base {
    using record_type = number;
    using level = tidemark::rdd_level<false>;
    using parents = tidemark::type_list<>;
    static constexpr auto depends = tidemark::dependency::none;
    static constexpr std::string_view name = "numbers";
};

void chained(tidemark::dataset_ptr<number> const& data, std::vector<number>& out)
{
    auto const chain = numbers()
]])
    set(end "    tidemark::pipeline(data, tidemark::steps_of(chain)).run(0, tidemark::collect_sink<number>(out));\n")
    set(NAME "${OPERATORS} operators alone")
else()
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
    set(end "    return chain | tidemark::collect();\n")
    set(NAME "${OPERATORS} operators")
endif()

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
string(APPEND program "        ;\n${end}}\n")
set(PROGRAM ${FOLDER}/chain_of_${OPERATORS}.cpp)
file(WRITE ${PROGRAM} "${program}")
include(${CMAKE_CURRENT_LIST_DIR}/program.cmake)
