# SPDX-License-Identifier: BSL-1.0
#
# Times of COMPILER that another machine, or one with other work, changes little: beside each run of a command it compiles a header that
# is none of ours, and counts in what that costs.

# All budgets are for a machine that compiles the reference in so many milliseconds, or in fewer: on a faster one they are not less.
set(reference_header range/v3/all.hpp)
set(reference_milliseconds 1250)

# measured(time memory word...): what a command takes, in milliseconds of processor time and megabytes.
function(measured time memory)
    execute_process(COMMAND ${MEASURE} ${ARGN} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    if(NOT printed MATCHES "^([0-9]+) ([0-9]+)\n$")
        message(FATAL_ERROR "not a measurement: ${printed}")
    endif()
    set(${time} ${CMAKE_MATCH_1} PARENT_SCOPE)
    math(EXPR megabytes "${CMAKE_MATCH_2} / 1024")
    set(${memory} ${megabytes} PARENT_SCOPE)
endfunction()

# compared(time memory budget limit word...): the same for a command, whose last word is a file, on the machine of the budgets: the best or,
# above the budget, the second best of up to five runs, each of them counted by the run of the reference before it. One within the budget or
# two within the limit are enough.
function(compared time memory budget limit)
    list(GET ARGN -1 source)
    cmake_path(GET source STEM stem)
    set(reference_source ${FOLDER}/${stem}.reference.cpp)
    file(WRITE ${reference_source} "#include <${reference_header}>\n")
    set(reference ${COMPILER} -std=c++20 -fsyntax-only)
    foreach(dir IN LISTS INCLUDE_DIRS)
        list(APPEND reference -I${dir})
    endforeach()
    set(results)
    foreach(round RANGE 1 5)
        measured(one ignored ${reference} ${reference_source})
        measured(other megabytes ${ARGN})
        message("${other} ms and ${megabytes} MB, the reference ${one} ms")
        if(one GREATER reference_milliseconds)
            math(EXPR other "${other} * ${reference_milliseconds} / ${one}")
        endif()
        list(APPEND results ${other})
        list(SORT results COMPARE NATURAL)
        list(GET results 0 result)
        if(result LESS_EQUAL budget)
            break()
        elseif(round GREATER 1)
            list(GET results 1 result)
            if(result LESS_EQUAL limit)
                break()
            endif()
        endif()
    endforeach()
    set(${time} ${result} PARENT_SCOPE)
    set(${memory} ${megabytes} PARENT_SCOPE)
endfunction()
