# SPDX-License-Identifier: BSL-1.0
#
# Compiles SOURCE as a right program, then as each wrong one in it, which must fail and print the expected words:
#
#   #ifdef TIDEMARK_EXPECT_FAILURE
#       // expect: words that the compiler prints
#       the wrong line
#   #else
#       the right line
#   #endif
#
# Several wrong programs beside one right one are `#if TIDEMARK_EXPECT_FAILURE == 1`, `#elif TIDEMARK_EXPECT_FAILURE
# == 2` and so on. All words of a case must appear; `// expect gcc:` and `// expect clang:` ask one compiler only;
# `// expect alone:` asks that nothing else is wrong in the compiler's eyes.

set(command ${COMPILER} -std=c++20 -fsyntax-only -fmessage-length=0)
foreach(dir IN LISTS INCLUDE_DIRS)
    list(APPEND command -I${dir})
endforeach()
set(ENV{LC_ALL} C) # plain quotes
if(COMPILER MATCHES "clang")
    set(family clang)
else()
    set(family gcc)
    list(APPEND command --param ggc-min-heapsize=1000000) # kilobytes, below which it frees nothing
endif()
get_filename_component(name ${SOURCE} NAME)
get_filename_component(compiler_name ${COMPILER} NAME)

# The headers that the file begins with cost far more than the rest of it: they are compiled once for all its cases.
file(STRINGS ${SOURCE} headers REGEX "^# *include <")
if(headers)
    set(prefix ${FOLDER}/${name}.${compiler_name}.hpp)
    list(JOIN headers "\n" headers)
    file(WRITE ${prefix} "${headers}\n")
    set(precompile ${command})
    list(REMOVE_ITEM precompile -fsyntax-only)
    if(family STREQUAL "clang")
        list(APPEND precompile -fpch-instantiate-templates) # what the headers use themselves: once, not in each case
    endif()
    execute_process(COMMAND ${precompile} -x c++-header ${prefix} -o ${prefix}.gch RESULT_VARIABLE result
        ERROR_VARIABLE printed)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "the headers do not compile:\n${printed}")
    endif()
    if(family STREQUAL "clang")
        list(APPEND command -include-pch ${prefix}.gch)
    else()
        list(APPEND command -include ${prefix})
    endif()
endif()

# A list carries no semicolons and no brackets: both sides are compared without them.
function(plain result text)
    string(REGEX REPLACE "[][;]" "" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# ---- The right program

execute_process(COMMAND ${command} ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE printed)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "the right program does not compile:\n${printed}")
endif()

# ---- The wrong ones, and the words for each: the lines that matter, in their order

file(STRINGS ${SOURCE} lines ENCODING UTF-8 REGEX "TIDEMARK_EXPECT_FAILURE|// expect[ a-z]*: ")
set(cases)
foreach(line IN LISTS lines)
    if(line MATCHES "# *(ifdef TIDEMARK_EXPECT_FAILURE|(if|elif) TIDEMARK_EXPECT_FAILURE == ([0-9]+))")
        set(case 1)
        if(CMAKE_MATCH_3)
            set(case ${CMAKE_MATCH_3})
        endif()
        list(APPEND cases ${case})
    elseif(line MATCHES "// expect( ${family}| alone)?: *(.*[^ ]) *$")
        if(CMAKE_MATCH_1 STREQUAL " alone")
            set(alone_${case} TRUE)
        endif()
        plain(words "${CMAKE_MATCH_2}")
        list(APPEND words_of_${case} "${words}")
    elseif(NOT line MATCHES "// expect (gcc|clang): ")
        message(FATAL_ERROR "neither a case nor an expectation: ${line}")
    endif()
endforeach()
list(REMOVE_DUPLICATES cases)
if(NOT cases)
    message(FATAL_ERROR "no line of the file is under `#ifdef TIDEMARK_EXPECT_FAILURE`")
endif()

# Most of what a compiler does for such a file comes at its end: what the headers themselves still need. A wrong program is told of before
# that, so the compiler is stopped there, by more errors than it may print. Where the words are not among those, or must be alone, it goes on.
set(most 10)
string(REPEAT "static_assert(false, \"the end of the program\");\n" ${most} end)
set(stopped ${FOLDER}/${name}.${compiler_name}.stopped.cpp)
if(family STREQUAL "clang")
    set(stop -ferror-limit=${most})
else()
    set(stop -fmax-errors=${most})
endif()
file(WRITE ${stopped} "#include \"${SOURCE}\"\n\n${end}")

# missing_words(missing said): the first words of `case` that are not there, if any.
function(missing_words missing said)
    set(${missing} "" PARENT_SCOPE)
    foreach(words IN LISTS words_of_${case})
        string(FIND "${said}" "${words}" found)
        if(found EQUAL -1)
            set(${missing} "${words}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# without_expectations(result text): the same without our own lines, which compilers quote.
function(without_expectations result text)
    string(REGEX REPLACE "[^\n]*// expect[ a-z]*: [^\n]*" "" text "${text}")
    plain(text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

foreach(case IN LISTS cases)
    if(NOT words_of_${case})
        message(FATAL_ERROR "case ${case} has no `// expect: words` for ${family}")
    endif()
    if(NOT alone_${case})
        execute_process(COMMAND ${command} ${stop} -DTIDEMARK_EXPECT_FAILURE=${case} ${stopped} ERROR_VARIABLE printed)
        string(REGEX REPLACE "[^\n]*error: [^\n]*the end of the program[^\n]*" "" printed "${printed}")
        without_expectations(said "${printed}")
        missing_words(missing "${said}")
        if(printed MATCHES "[0-9]: error: " AND NOT missing)
            continue()
        endif()
    endif()
    execute_process(COMMAND ${command} -DTIDEMARK_EXPECT_FAILURE=${case} ${SOURCE}
        RESULT_VARIABLE result ERROR_VARIABLE printed)
    if(result EQUAL 0)
        message(FATAL_ERROR "case ${case} compiles, and it should not")
    elseif(NOT printed MATCHES "error: ")
        message(FATAL_ERROR "case ${case} broke the compiler:\n${printed}")
    endif()
    without_expectations(said "${printed}")
    missing_words(missing "${said}")
    if(missing)
        message(FATAL_ERROR "case ${case} fails without the words\n  ${missing}\nin:\n${printed}")
    endif()
    string(REGEX MATCHALL "error: " errors "${said}")
    list(LENGTH errors number)
    if(alone_${case} AND NOT number EQUAL 1)
        message(FATAL_ERROR "case ${case} has ${number} errors, and should have one:\n${printed}")
    endif()
endforeach()
