# SPDX-License-Identifier: BSL-1.0
#
# Each block of C++ on PAGES is in a file that is compiled and run: one of the examples, or a test in TESTS. Indentation and
# empty lines do not count; a line of three dots stands for anything.

cmake_minimum_required(VERSION 3.25)

# plain(result text): every line without what is before and behind it, no empty lines, and no semicolons, for lists.
function(plain result text)
    string(REPLACE ";" "<semicolon>" text "${text}")
    string(REGEX REPLACE "[ \t]*\n[ \t\n]*" "\n" text "\n${text}\n")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE sources ${EXAMPLES}/*.cpp ${EXAMPLES}/*.hpp ${TESTS}/*.test.cpp)
set(all)
foreach(source IN LISTS sources)
    file(READ ${source} text)
    plain(text "${text}")
    string(APPEND all "${text}")
endforeach()

set(count 0)
foreach(page IN LISTS PAGES)
    file(READ ${page} text)
    while(TRUE)
        string(FIND "${text}" "```cpp\n" begin)
        if(begin EQUAL -1)
            break()
        endif()
        math(EXPR begin "${begin} + 7")
        string(SUBSTRING "${text}" ${begin} -1 text)
        string(FIND "${text}" "```" end)
        string(SUBSTRING "${text}" 0 ${end} block)
        math(EXPR end "${end} + 3")
        string(SUBSTRING "${text}" ${end} -1 text)
        math(EXPR count "${count} + 1")

        plain(block "${block}")
        string(REPLACE "\n...\n" "\n;\n" parts "${block}")
        foreach(part IN LISTS parts)
            string(FIND "${all}" "${part}" found)
            if(found EQUAL -1)
                string(REPLACE "<semicolon>" ";" part "${part}")
                message("${page} shows what nobody compiles:${part}")
                set(missing TRUE)
            endif()
        endforeach()
    endwhile()
endforeach()
if(missing OR count EQUAL 0)
    message(FATAL_ERROR "write it into an example or a test in ${TESTS}, or show what is there")
endif()
message("${count} blocks found")
