# SPDX-License-Identifier: BSL-1.0
#
# Measures what a PROGRAM costs to compile with OPTION: at most half above the budgets of MILLISECONDS, as compared.cmake counts them, and
# MEGABYTES of memory; not above them where it is STRICT. NAME is for people.

include(${CMAKE_CURRENT_LIST_DIR}/compared.cmake)

cmake_path(GET PROGRAM STEM stem)
set(object ${FOLDER}/${stem}.o)
set(command ${COMPILER} -std=c++20 ${OPTION} -c -o ${object})
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()

set(most_time ${MILLISECONDS})
set(most_memory ${MEGABYTES})
if(NOT STRICT)
    math(EXPR most_time "${MILLISECONDS} * 3 / 2")
    math(EXPR most_memory "${MEGABYTES} * 3 / 2")
endif()
compared(time memory ${MILLISECONDS} ${most_time} ${command} ${PROGRAM})
file(SIZE ${object} size)
message("${NAME}: ${time} ms, ${memory} MB, object of ${size} bytes")

if(time GREATER most_time)
    message(FATAL_ERROR "${NAME} compile in ${time} ms; the budget is ${MILLISECONDS} ms, the limit ${most_time} ms")
endif()
if(memory GREATER most_memory)
    message(FATAL_ERROR "${NAME} take ${memory} MB to compile; the budget is ${MEGABYTES} MB, the limit ${most_memory} MB")
endif()
