# SPDX-License-Identifier: BSL-1.0
#
# Shows check.cmake one right file and others that it must not accept.

set(ok "static_assert(sizeof(int) < 100);")
set(no "static_assert(sizeof(int) > 100, \"tidemark::int: too small; take a [larger] one\");")
set(words "// expect: tidemark::int: too small; take a [larger] one")

# checked(text complaint): the file is refused with this complaint, or accepted when there is none.
function(checked text complaint)
    file(WRITE ${FOLDER}/case.cpp "${text}")
    execute_process(COMMAND ${CMAKE_COMMAND} -D COMPILER=${COMPILER} -D SOURCE=${FOLDER}/case.cpp -D FOLDER=${FOLDER}
        -P ${CMAKE_CURRENT_LIST_DIR}/check.cmake RESULT_VARIABLE result ERROR_VARIABLE printed)
    string(FIND "${printed}" "${complaint}" found)
    if(complaint STREQUAL "" AND NOT result EQUAL 0)
        message(FATAL_ERROR "refused, though it is right:\n${text}\n${printed}")
    elseif(NOT complaint STREQUAL "" AND (result EQUAL 0 OR found EQUAL -1))
        message(FATAL_ERROR "not refused with `${complaint}`:\n${text}\n${printed}")
    endif()
endfunction()

set(if "#ifdef TIDEMARK_EXPECT_FAILURE\n")
set(first "#if TIDEMARK_EXPECT_FAILURE == 1\n")
set(second "#elif TIDEMARK_EXPECT_FAILURE == 2\n")
checked("${if}    ${words}\n    ${no}\n#else\n${ok}\n#endif\n" "")
checked("${first}${words}\n${no}\n${second}// expect: absent\nint a = absent;\n#else\n${ok}\n#endif\n" "")
checked("${if}// expect gcc: declared\n// expect clang: undeclared\nint a = absent;\n#else\n${ok}\n#endif\n" "")
set(alone "// expect alone: tidemark::int: too small")
checked("${if}${alone}\n${no}\n#else\n${ok}\n#endif\n" "")
checked("${first}${alone}\n${no}\n${second}${alone}\n${no}\n#else\n${ok}\n#endif\n" "")

checked("${if}${alone}\n${no}\nint a = absent;\n#else\n${ok}\n#endif\n" "case 1 has 2 errors")
checked("${first}${alone}\n${no}\n${second}${alone}\n${no}\n${no}\n#else\n${ok}\n#endif\n" "case 2 has 2 errors")
checked("${first}${alone}\n${no}\n${no}\n${second}${alone}\n${ok}\n#else\n${ok}\n#endif\n" "case 1 has 2 errors")
checked("${first}${alone}\n${no}\n${second}${alone}\nint a = absent;\n#else\n${ok}\n#endif\n" "case 2 fails without the words")
checked("${if}${words}\n${no}\n#else\n${no}\n#endif\n" "the right program does not compile")
checked("${if}${words}\n${ok}\n#else\n${ok}\n#endif\n" "case 1 compiles")
checked("${if}// expect: other words\n${no}\n#else\n${ok}\n#endif\n" "case 1 fails without the words")
checked("${if}${no}\n#else\n${ok}\n#endif\n" "case 1 has no")
checked("${if}${words}\n// expect: other words\n${no}\n#else\n${ok}\n#endif\n" "case 1 fails without the words")
checked("${first}${words}\n${no}\n${second}${words}\n${ok}\n#else\n${ok}\n#endif\n" "case 2 compiles")
checked("${first}${words}\n${no}\n${second}${words}\nint a = absent;\n#else\n${ok}\n#endif\n" "case 2 fails without the words")
checked("${if}int a = absent; // expect: not there\n#else\n${ok}\n#endif\n" "case 1 fails without the words")
checked("${ok}\n" "no line of the file")
checked("#if defined(TIDEMARK_EXPECT_FAILURE)\n${no}\n#else\n${ok}\n#endif\n" "neither a case nor an expectation")
