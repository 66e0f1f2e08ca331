# SPDX-License-Identifier: BSL-1.0
#
# Runs PROGRAM, a command, in the empty FOLDER and compares what it prints with the file EXPECTED, if there is one.

file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY "${FOLDER}" OUTPUT_VARIABLE printed RESULT_VARIABLE result)
message("${printed}")
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the example ended with: ${result}")
endif()
if(EXISTS "${EXPECTED}")
    file(READ "${EXPECTED}" expected)
    if(NOT printed STREQUAL expected)
        message(FATAL_ERROR "the example should have printed:\n${expected}")
    endif()
endif()
