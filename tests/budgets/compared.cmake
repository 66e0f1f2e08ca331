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

# compared(time memory budget limit word...): the same for a command, whose last word is a file, on the machine of the budgets: from the
# best of up to five runs and the best of as many of the reference, in turn with them. One within the budget or two within the limit are
# enough.
function(compared time memory budget limit)
    list(GET ARGN -1 source)
    cmake_path(GET source STEM stem)
    set(reference_source ${FOLDER}/${stem}.reference.cpp)
    file(WRITE ${reference_source} "#include <${reference_header}>\n")
    set(reference ${COMPILER} -std=c++20 -fsyntax-only)
    foreach(dir IN LISTS INCLUDE_DIRS)
        list(APPEND reference -I${dir})
    endforeach()
    foreach(round RANGE 1 5)
        measured(one ignored ${reference} ${reference_source})
        measured(other megabytes ${ARGN})
        message("${other} ms and ${megabytes} MB, the reference ${one} ms")
        if(NOT best_one OR one LESS best_one)
            set(best_one ${one})
        endif()
        if(NOT best_other OR other LESS best_other)
            set(best_other ${other})
        endif()
        set(result ${best_other})
        if(best_one GREATER reference_milliseconds)
            math(EXPR result "${best_other} * ${reference_milliseconds} / ${best_one}")
        endif()
        if(result LESS_EQUAL budget OR (round GREATER 1 AND result LESS_EQUAL limit))
            break()
        endif()
    endforeach()
    set(${time} ${result} PARENT_SCOPE)
    set(${memory} ${megabytes} PARENT_SCOPE)
endfunction()
