# SPDX-License-Identifier: BSL-1.0
#
# joined: the examples of operators as one program that is told which one to be, for the tests of the project itself. What they have in common,
# more than half of each, is then compiled once for several of them; what is compiled is their text, in a namespace of its own.

# tidemark_join_examples(joined source...): makes the program `tidemark.examples.operators` of those that can be joined, each under the name of
# its file, and lists these in `joined`.
function(tidemark_join_examples joined)
    math(EXPR at_once "2 * ${TIDEMARK_TESTS_JOINED}") # they are shorter than tests
    tidemark_joinable(left alone ${ARGN})
    set(${joined} ${left} PARENT_SCOPE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${left})

    set(files)
    set(declared "")
    set(known "")
    while(left)
        list(SUBLIST left 0 ${at_once} some)
        list(REMOVE_ITEM left ${some})
        set(headers)
        set(texts "")
        foreach(source IN LISTS some)
            cmake_path(GET source STEM name)
            file(STRINGS ${source} includes REGEX "^#include ")
            list(APPEND headers ${includes})
            file(READ ${source} text)
            string(REGEX REPLACE "#include [^\n]*" "" text "${text}") # and not their lines: messages count them
            string(REPLACE "\nint main()\n" "\nint run()\n" text "${text}")
            string(REGEX REPLACE "}\n$" "return 0; }\n" text "${text}")
            if(NOT text MATCHES "\nint run\\(\\)\n")
                message(FATAL_ERROR "${source} has no main() like the others")
            endif()
            string(APPEND texts "namespace ${name}_example {\n#line 1 \"${CMAKE_CURRENT_SOURCE_DIR}/${source}\"\n${text}}\n"
                "int run_${name}() { return ${name}_example::run(); }\n\n")
            string(APPEND declared "int run_${name}();\n")
            string(APPEND known "    if (name == \"${name}\")\n        return run_${name}();\n")
        endforeach()
        list(TRANSFORM headers REPLACE "\"\\.\\./" "\"${CMAKE_CURRENT_SOURCE_DIR}/")
        list(REMOVE_DUPLICATES headers)
        list(JOIN headers "\n" headers)
        list(GET some 0 first)
        cmake_path(GET first STEM first)
        list(APPEND files ${CMAKE_CURRENT_BINARY_DIR}/joined/${first}.cpp)
        file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/joined/${first}.cpp CONTENT "${headers}\n\n${texts}" @ONLY)
    endwhile()
    list(APPEND files ${CMAKE_CURRENT_BINARY_DIR}/joined/main.cpp)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/joined/main.cpp @ONLY CONTENT
        "#include <string_view>\n\n${declared}\nint main(int count, char** words)\n{\n    std::string_view const name = count == 2 ? words[1] : \"\";\n${known}    return 2;\n}\n")

    tidemark_add_example(tidemark.examples.operators ${files})
endfunction()
