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

cmake_minimum_required(VERSION 3.25)

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

# What the headers themselves still need costs the same for each case, so first the cases go together, in a program with all of them: those
# whose error must be alone, and the others. A case is right there when the compiler is at it, and has words for it that no other case has
# taken. What is not found right like that is tried by itself, and told of.

# compiled_together(said number...): what the compiler says of these cases at once, each as a file of its own name; of the lines that it
# quotes only those of deleted functions, in which the advice stands.
function(compiled_together said)
    file(READ ${SOURCE} text)
    foreach(case IN LISTS cases)
        set(begin "#if 0\n")
        if(case IN_LIST ARGN)
            set(begin "#if 1\n#line 1 \"case ${case}\"\n")
        endif()
        string(REPLACE "#if TIDEMARK_EXPECT_FAILURE == ${case}\n" "${begin}" text "${text}")
        string(REPLACE "#elif TIDEMARK_EXPECT_FAILURE == ${case}\n" "#endif\n${begin}" text "${text}")
    endforeach()
    set(together ${FOLDER}/${name}.${compiler_name}.together.cpp)
    file(WRITE ${together} "${text}")
    set(all_errors)
    if(family STREQUAL "clang")
        set(all_errors -ferror-limit=0)
    endif()
    execute_process(COMMAND ${command} ${all_errors} ${together} ERROR_VARIABLE printed)
    string(REGEX REPLACE "(declared here|explicitly deleted)\n *[0-9]+ \\| " "\\1: " printed "${printed}")
    string(REGEX REPLACE "\n *[0-9]* \\| [^\n]*" "" printed "${printed}")
    plain(printed "${printed}")
    set(${said} "${printed}" PARENT_SCOPE)
endfunction()

# words_taken(rest said): `said` without one printing of each of the words of `case`; nothing when they are not there.
function(words_taken rest said)
    foreach(words IN LISTS words_of_${case})
        string(FIND "${said}" "${words}" found)
        if(found EQUAL -1)
            set(${rest} "" PARENT_SCOPE)
            return()
        endif()
        string(LENGTH "${words}" length)
        math(EXPR end "${found} + ${length}")
        string(SUBSTRING "${said}" 0 ${found} before)
        string(SUBSTRING "${said}" ${end} -1 behind)
        set(said "${before}${behind}")
    endforeach()
    set(${rest} "${said}" PARENT_SCOPE)
endfunction()

set(cases_alone)
set(cases_with_others)
foreach(case IN LISTS cases)
    if(alone_${case})
        list(APPEND cases_alone ${case})
    else()
        list(APPEND cases_with_others ${case})
    endif()
endforeach()

set(right)
foreach(kind alone with_others)
    list(LENGTH cases_${kind} number)
    if(number LESS 2)
        continue()
    endif()
    compiled_together(said ${cases_${kind}})
    string(REGEX MATCHALL "error: " errors "${said}")
    list(LENGTH errors number_of_errors)
    set(found)
    foreach(case IN LISTS cases_${kind})
        string(FIND "${said}" "case ${case}:" at_case)
        words_taken(rest "${said}")
        if(words_of_${case} AND rest AND NOT at_case EQUAL -1)
            list(APPEND found ${case})
            set(said "${rest}")
        endif()
    endforeach()
    if(kind STREQUAL "with_others" OR (found STREQUAL cases_alone AND number_of_errors EQUAL number))
        list(APPEND right ${found})
    endif()
endforeach()

foreach(case IN LISTS cases)
    if(NOT words_of_${case})
        message(FATAL_ERROR "case ${case} has no `// expect: words` for ${family}")
    endif()
    if(case IN_LIST right)
        continue()
    elseif(NOT alone_${case})
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
