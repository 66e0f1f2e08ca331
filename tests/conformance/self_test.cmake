# SPDX-License-Identifier: BSL-1.0
#
# Shows the conformance program right and wrong cases, and files that are none.

# judged(case status words): the program ends a run of one case with this status and prints these words.
function(judged case status words)
    file(WRITE ${FOLDER}/case.json "{\"cases\": [${case}]}")
    execute_process(COMMAND ${PROGRAM} ${FOLDER}/case.json RESULT_VARIABLE result OUTPUT_VARIABLE printed)
    string(FIND "${printed}" "${words}" found)
    if(NOT result EQUAL status OR found EQUAL -1)
        message(FATAL_ERROR "expected ${status} and `${words}`, found ${result} and:\n${printed}\nof ${case}")
    endif()
endfunction()

# stream(operation functions input expected): a case of one.
macro(stream operation functions input expected)
    string(CONCAT case "{\"name\": \"n\", \"operation\": \"${operation}\", \"parameters\": {}, \"functions\": ${functions}, "
        "\"input\": ${input}, \"expected\": ${expected}}")
endmacro()

stream("map" "{\"map\": \"x -> 2x + 1\"}" "[[1, 2], [3]]" "[[3, 5], [7]]")
judged("${case}" 0 "conformance: 1 of 1 cases ran, 1 passed, 0 not covered yet")
stream("map" "{\"map\": \"x -> 2x + 1\"}" "[[1, 2], [3]]" "[[5, 3], [7]]")
judged("${case}" 1 "FAILED: n: batch 1: expected [5, 3], found [3, 5]")
stream("map" "{\"map\": \"x -> 2x + 1\"}" "[[1, 2], [3]]" "[[3, 5]]")
judged("${case}" 1 "conformance: 1 of 1 cases ran, 0 passed, 0 not covered yet")
stream("time arithmetic" "{}" "[{\"op\": \"floor\", \"t\": 7, \"d\": 5}]" "[6]")
judged("${case}" 1 "expected 6, found 5")
stream("order in which checkpoint files are tried" "{}" "[[\"checkpoint-1\"]]" "[[\"checkpoint-2\"]]")
judged("${case}" 1 "FAILED")
stream("order in which checkpoint files are tried" "{}" "[[\"checkpoint-1\"]]" "[[\"checkpoint-1\"]]")
judged("${case}" 0 "conformance: 0 of 1 cases ran, 0 passed, 0 not covered yet, 1 by a rule of Spark's")

stream("map" "{\"map\": \"whatever\"}" "[[1]]" "[[1]]")
judged("${case}" 0 "not covered yet: n: unknown function \"whatever\"")
stream("whatever" "{}" "[[1]]" "[[1]]")
judged("${case}" 0 "conformance: 0 of 1 cases ran, 0 passed, 1 not covered yet")

judged("" 2 "no cases")
judged("{}" 2 "conformance: ")
judged("[" 2 "is no JSON")
execute_process(COMMAND ${PROGRAM} ${FOLDER}/no_such_file.json RESULT_VARIABLE result OUTPUT_QUIET)
if(NOT result EQUAL 2)
    message(FATAL_ERROR "a file that is not there: expected 2, found ${result}")
endif()
