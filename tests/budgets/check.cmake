# SPDX-License-Identifier: BSL-1.0
#
# Measures what HEADER costs a file that includes nothing else: best of three, at most half above BUDGET
# milliseconds of processor time, which other work on the machine changes less than the time on the wall.

file(WRITE ${FOLDER}/${HEADER}.cpp "#include <${HEADER}>\n")
set(command ${COMPILER} -std=c++20 -fsyntax-only)
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()

math(EXPR limit "${BUDGET} * 3 / 2")
set(best)
foreach(attempt RANGE 1 3)
    execute_process(COMMAND ${MEASURE} ${command} ${FOLDER}/${HEADER}.cpp OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    if(NOT printed MATCHES "^([0-9]+) [0-9]+\n$")
        message(FATAL_ERROR "not a measurement: ${printed}")
    endif()
    set(taken ${CMAKE_MATCH_1})
    message("${HEADER}: ${taken} ms")
    if(NOT best OR taken LESS best)
        set(best ${taken})
    endif()
    if(best LESS_EQUAL BUDGET)
        break()
    endif()
endforeach()

message("${HEADER}: best ${best} ms, budget ${BUDGET} ms, limit ${limit} ms")
if(best GREATER limit)
    message(FATAL_ERROR "<${HEADER}> costs ${best} ms; its limit is ${limit} ms: include less")
endif()
