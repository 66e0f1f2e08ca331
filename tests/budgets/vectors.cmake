# SPDX-License-Identifier: BSL-1.0
#
# Maps over chunks become vector instructions: looks for multiplications of several floats at once in what COMPILER makes of a chain of
# two maps with -O3, and for none where it is told not to vectorise, so that the search can fail.

if(PROCESSOR MATCHES "x86_64|AMD64")
    set(several "mulps|fmadd[0-9]+ps")
elseif(PROCESSOR MATCHES "aarch64|arm64")
    set(several "fm(ul|la|add)[ \t]+v[0-9]+\\.4s")
else()
    message("nobody has said what vector instructions look like on ${PROCESSOR}")
    return()
endif()

file(WRITE ${FOLDER}/vectors.cpp [[
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/operators/map.hpp>

struct line {
    float operator()(float x) const { return x * 3.0F + 1.0F; }
};
using last = tidemark::map_sink<line, float, tidemark::sink_exit<float>>;
template class tidemark::sink_door<float, tidemark::map_sink<line, float, last>>;
]])

# assembled(text flag...): the program in assembly language.
function(assembled text)
    set(command ${COMPILER} -std=c++20 -O3 ${ARGN} -S -o ${FOLDER}/vectors.s ${FOLDER}/vectors.cpp)
    foreach(dir IN LISTS INCLUDE_DIRS)
        list(APPEND command -I${dir})
    endforeach()
    execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)
    file(READ ${FOLDER}/vectors.s assembly)
    set(${text} "${assembly}" PARENT_SCOPE)
endfunction()

assembled(plain -fno-tree-vectorize -fno-tree-slp-vectorize)
if(plain MATCHES "${several}")
    message(FATAL_ERROR "this search finds vectors where there are none: ${CMAKE_MATCH_0}")
endif()
assembled(optimised)
if(NOT optimised MATCHES "${several}")
    message(FATAL_ERROR "a map over a chunk is not vectorised: no ${several} in ${FOLDER}/vectors.s")
endif()
