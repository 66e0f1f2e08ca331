# SPDX-License-Identifier: BSL-1.0
#
# Each rule of HEADERS has a wrong program in FOLDER: what a static_assert says in our name, and the advice on the line of
# a deleted overload, is expected by a case. Words that two rules have in common tell of neither.

cmake_minimum_required(VERSION 3.25)

# What no wrong program can break, with the reason.
set(unreachable
    # The machine breaks it, not the program.
    "tidemark::checkpoint: floating point numbers are saved in the format of IEC 559"
    # Takes no argument, so that no call with a key means it.
    "so that the call below finds only what the argument's namespaces offer")

# What a list does not carry, and what is written in different ways, is left out on both sides.
function(plain result text)
    string(REGEX REPLACE "[][;\"]" "" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# ---- The words of the cases

file(GLOB files ${FOLDER}/*.cpp)
set(expected)
foreach(file IN LISTS files)
    file(STRINGS ${file} lines ENCODING UTF-8 REGEX "// expect[ a-z]*: ")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE ".*// expect[ a-z]*: *" "" words "${line}")
        plain(words "${words}")
        list(APPEND expected "${words}")
    endforeach()
endforeach()
list(REMOVE_DUPLICATES expected)

# ---- The rules

file(GLOB_RECURSE headers ${HEADERS}/*.hpp)
set(rules)
foreach(header IN LISTS headers)
    file(READ ${header} text)
    string(REGEX REPLACE "\"[ \n]+\"" "" text "${text}") # literals side by side are one
    string(REGEX REPLACE "\\\\\"" "" text "${text}")
    string(REGEX REPLACE "\\)[;]([ \n]*},)" ")\\1" text "${text}") # within a requires-expression
    string(REGEX REPLACE "\\)[;] *(//|\n)" "\t" text "${text}") # where a static_assert ends, with or without words
    string(REGEX REPLACE "[][;]" "" text "${text}")
    string(REGEX MATCHALL "static_assert\\([^\"\t]*\"tidemark[^\"]*\"|= delete // [^\n]*" said_here "${text}")
    foreach(said IN LISTS said_here)
        string(REGEX REPLACE "static_assert[^\"]*\"|= delete // " "" said "${said}")
        plain(said "${said}")
        list(APPEND rules "${said}")
    endforeach()
endforeach()
list(LENGTH rules count)
list(REMOVE_DUPLICATES rules)

# ---- Each of them has words that it alone says

set(told)
foreach(words IN LISTS expected unreachable)
    set(sayers)
    foreach(said IN LISTS rules)
        string(FIND "${said}" "${words}" found)
        if(NOT found EQUAL -1)
            list(APPEND sayers "${said}")
        endif()
    endforeach()
    list(LENGTH sayers number)
    if(number EQUAL 1)
        list(APPEND told "${sayers}")
    elseif(words IN_LIST unreachable)
        message("not said by one rule: ${words}")
        set(wrong TRUE)
    endif()
endforeach()
foreach(said IN LISTS rules)
    if(NOT said IN_LIST told)
        message("no wrong program: ${said}")
        set(wrong TRUE)
    endif()
endforeach()
if(wrong OR count LESS 200)
    message(FATAL_ERROR "the rules and the wrong programs do not agree; add a case beside a right one")
endif()
message("${count} rules found")
