# SPDX-License-Identifier: BSL-1.0
#
# test_names: no name of a test has a semicolon or a bracket in it, which CMake's lists and Catch2's filters would take for their own.

execute_process(COMMAND grep -rnE "TEST_CASE\\(\"[^\"]*[][;]" --include=*.cpp ${FOLDER} OUTPUT_VARIABLE found RESULT_VARIABLE status)
if(status EQUAL 0)
    message(FATAL_ERROR "these names have a semicolon or a bracket in them; put it in other words:\n${found}")
elseif(NOT status EQUAL 1)
    message(FATAL_ERROR "grep could not look into ${FOLDER}")
endif()
