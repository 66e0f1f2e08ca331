# SPDX-License-Identifier: BSL-1.0
#
# docs/operator-examples.md is what the examples say that docs/operators.md links there, in that order: the line that each begins
# with, its program without the includes, and its output. Every example of an operator is linked, and those that headers name are there.
#
#   cmake -P tests/docs/operator_examples.cmake               compares
#   cmake -D WRITE=ON -P tests/docs/operator_examples.cmake   writes the page

cmake_minimum_required(VERSION 3.25)

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(examples ${root}/examples)
set(page ${root}/docs/operator-examples.md)

# program(result text): the functions of an example; of main alone only what is in it.
function(program result text)
    string(FIND "${text}" "\nnamespace tide = tidemark;\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "an example without `namespace tide = tidemark;`:\n${text}")
    endif()
    string(SUBSTRING "${text}" ${begin} -1 text)
    string(REGEX REPLACE "^\n[^\n]*\n(using namespace [^\n]*\n)?\n*" "" text "${text}")
    if(text MATCHES "^int main\\(\\)\n{\n")
        string(REGEX REPLACE "^int main\\(\\)\n{" "" text "${text}")
        string(REGEX REPLACE "}\n$" "" text "${text}")
        string(REPLACE "\n    " "\n" text "${text}")
        string(REGEX REPLACE "^\n" "" text "${text}")
    endif()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# meaning(result text name): what stands behind the name of the example in its first comment, as a sentence.
function(meaning result text name)
    if(NOT text MATCHES "^// SPDX-License-Identifier: BSL-1\\.0\n//\n// ${name}: ([^\n]*(\n// [^\n]*)*)\n(//)?\n")
        message(FATAL_ERROR "${name}.cpp does not begin with a comment `// ${name}: what it shows`")
    endif()
    string(REPLACE "\n// " " " text "${CMAKE_MATCH_1}")
    string(SUBSTRING "${text}" 0 1 first)
    string(SUBSTRING "${text}" 1 -1 rest)
    string(TOUPPER "${first}" first)
    set(${result} "${first}${rest}" PARENT_SCOPE)
endfunction()

set(wanted "# Examples of operators

<!-- Written by `cmake -D WRITE=ON -P tests/docs/operator_examples.cmake`: change the examples, not this page. -->

What the examples of [operators.md](operators.md) do and print, in the order of that page. Each is a whole program, which the tests build and run; the includes are left out here,
and so is `main` where nothing stands beside it. `tide` is `tidemark`. [`show`](../examples/support/show.hpp) prints a title and some records, `show_batches` the records of each batch, and
`sorted` sorts them where their order is not specified.
")

file(READ ${root}/docs/operators.md operators)
string(REGEX REPLACE "[][;]" "" operators "${operators}") # a list carries none
string(REGEX MATCHALL "(\n## [^\n]*|\\(operator-examples\\.md#[a-z_]+\\))" marks "${operators}")
set(heading)
set(shown)
foreach(mark IN LISTS marks)
    if(mark MATCHES "^\n(## .*)$")
        set(heading "\n${CMAKE_MATCH_1}\n")
        continue()
    endif()
    string(REGEX REPLACE "^.*#(.*)\\)$" "\\1" name "${mark}")
    if(name IN_LIST shown)
        continue()
    endif()
    list(APPEND shown ${name})
    set(path operators/${name})
    if(NOT EXISTS ${examples}/${path}.cpp)
        set(path ${name})
    endif()
    if(NOT EXISTS ${examples}/${path}.output)
        message(FATAL_ERROR "docs/operators.md links to the example ${name}, which has no file with its output")
    endif()
    file(READ ${examples}/${path}.cpp text)
    file(READ ${examples}/${path}.output output)
    meaning(says "${text}" ${name})
    program(text "${text}")
    string(APPEND wanted "${heading}\n### ${name}\n\n${says} [${name}.cpp](../examples/${path}.cpp)\n\n"
        "```cpp\n${text}```\n\nprints\n\n```text\n${output}```\n")
    set(heading)
endforeach()

file(GLOB sources RELATIVE ${examples}/operators ${examples}/operators/*.cpp)
foreach(source IN LISTS sources)
    string(REGEX REPLACE "\\.cpp$" "" name ${source})
    if(NOT name IN_LIST shown)
        message("docs/operators.md has no link to operator-examples.md#${name}")
        set(wrong TRUE)
    endif()
endforeach()

# The programs that the headers name.
file(GLOB_RECURSE headers ${root}/include/*.hpp)
foreach(header IN LISTS headers)
    file(READ ${header} text)
    string(REGEX MATCHALL "`examples/[a-z_/]+\\.cpp`" named "${text}")
    foreach(name IN LISTS named)
        string(REPLACE "`" "" name ${name})
        if(NOT EXISTS ${root}/${name})
            message("${header} names ${name}, which is not there")
            set(wrong TRUE)
        endif()
    endforeach()
endforeach()

if(WRITE)
    file(WRITE ${page} "${wanted}")
    set(is "${wanted}")
else()
    file(READ ${page} is)
endif()
list(LENGTH shown count)
if(wrong OR count EQUAL 0 OR NOT is STREQUAL wanted)
    message(FATAL_ERROR "the pages, the headers and the examples do not agree; "
        "cmake -D WRITE=ON -P tests/docs/operator_examples.cmake writes docs/operator-examples.md anew")
endif()
message("${count} examples shown")
