# SPDX-License-Identifier: BSL-1.0
#
# PAGE explains each rule that the wrong programs in FOLDER try: the words that a test expects of the compiler are on it.

file(READ ${PAGE} page)
string(REPLACE "\\|" "|" page "${page}") # in a table
string(REGEX REPLACE "[][;]" "" page "${page}")
file(GLOB files ${FOLDER}/*.cpp)
set(count 0)
foreach(file IN LISTS files)
    if(file MATCHES "/control.cpp$")
        continue()
    endif()
    set(case_has FALSE)
    file(STRINGS ${file} lines ENCODING UTF-8 REGEX "TIDEMARK_EXPECT_FAILURE|// expect[ a-z]*: ")
    foreach(line IN LISTS lines)
        if(line MATCHES "TIDEMARK_EXPECT_FAILURE")
            set(case_has FALSE)
        elseif(NOT case_has AND line MATCHES "// expect[ a-z]*: *(.*[^ ]) *$")
            set(case_has TRUE) # further words of a case are details
            string(REGEX REPLACE "[][;]" "" words "${CMAKE_MATCH_1}")
            string(FIND "${page}" "${words}" found)
            if(found EQUAL -1)
                message("not on the page: ${words} (${file})")
                set(missing TRUE)
            endif()
            math(EXPR count "${count} + 1")
        endif()
    endforeach()
endforeach()
if(missing OR count LESS 100)
    message(FATAL_ERROR "the page and the wrong programs do not agree; scripts/error-lengths prints the tables anew")
endif()
message("${count} rules found")
