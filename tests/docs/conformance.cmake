# SPDX-License-Identifier: BSL-1.0
#
# Each test that PAGE names between quotes in a table must be there, beneath TESTS; one that is marked as expected need not. What
# stands in a table as code is no name.

file(STRINGS ${PAGE} lines REGEX "^\\|")
file(GLOB_RECURSE files ${TESTS}/*.test.cpp)
set(all)
foreach(file IN LISTS files)
    file(READ ${file} text)
    string(APPEND all "${text}")
endforeach()

set(named 0)
foreach(line IN LISTS lines)
    string(REGEX REPLACE "`[^`]*`" "" line "${line}")
    string(REGEX REPLACE "\\*expected\\* \"[^\"]*\"" "" line "${line}")
    string(REGEX MATCHALL "\"[^\"]*\"" tests "${line}")
    foreach(test IN LISTS tests)
        string(FIND "${all}" "TEST_CASE(${test}," found)
        if(found EQUAL -1)
            message("${PAGE} names a test that is not there: ${test}")
            set(missing TRUE)
        endif()
        math(EXPR named "${named} + 1")
    endforeach()
endforeach()
if(missing OR named EQUAL 0)
    message(FATAL_ERROR "the page and the tests do not agree")
endif()
message("${named} tests found")
