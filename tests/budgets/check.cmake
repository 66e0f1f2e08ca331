# SPDX-License-Identifier: BSL-1.0
#
# Measures what HEADER costs a file that includes nothing else: at most half above BUDGET milliseconds, as compared.cmake counts them.

include(${CMAKE_CURRENT_LIST_DIR}/compared.cmake)

file(WRITE ${FOLDER}/${HEADER}.cpp "#include <${HEADER}>\n")
set(command ${COMPILER} -std=c++20 -fsyntax-only)
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()

math(EXPR limit "${BUDGET} * 3 / 2")
compared(time memory ${BUDGET} ${limit} ${command} ${FOLDER}/${HEADER}.cpp)
message("${HEADER}: ${time} ms, budget ${BUDGET} ms, limit ${limit} ms")
if(time GREATER limit)
    message(FATAL_ERROR "<${HEADER}> costs ${time} ms; its limit is ${limit} ms: include less")
endif()
