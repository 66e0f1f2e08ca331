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

# ---- Numbers

stream("map" "{\"map\": \"x -> x + 1\"}" "[[0.1]]" "[[1.2]]")
judged("${case}" 1 "FAILED: n: batch 1: expected [1.2], found [1.1]")
judged([=[{"name": "n", "operation": "PID rate estimator", "input": [{"estimator": [100, 0.7, 0, 0.01, 0.5], "calls": [[0, 7, 333, 500], [20, 999, 1, 0]]}],
    "expected": [[null, 1198795.796]]}]=] 1 "FAILED: n: of ")

# ---- What is not written as it should be

judged([=[{"operation": "map", "input": [], "expected": []}]=] 0 "not covered yet: case 1: no member \"name\"")
judged([=[{"name": "n", "input": [], "expected": []}, {"name": "m", "operation": "count", "input": [[]], "expected": [[0]]}]=] 0
    "conformance: 1 of 2 cases ran, 1 passed, 1 not covered yet")
judged([=[{"name": "n", "operation": "map", "expected": []}]=] 0 "not covered yet: n: no member \"input\"")
judged([=[{"name": "n", "operation": "map", "input": 5, "expected": []}]=] 0 "not covered yet: n: the member \"input\" is no list")
judged([=[{"name": "n", "operation": "count", "input": [[]], "expected": [[0]], "unordered": "yes"}]=] 0
    "not covered yet: n: the member \"unordered\" is no true or false")
judged("[1]" 0 "not covered yet: case 1: a case that is no object")

# unknown(member operation parameters functions input expected words): nothing of a case is ignored.
function(unknown member operation parameters functions input expected words)
    judged("{\"name\": \"n\", ${member}\"operation\": \"${operation}\", \"parameters\": ${parameters}, \"functions\": ${functions}, \"input\": ${input}, \"expected\": ${expected}}"
        0 "not covered yet: n: ${words}")
endfunction()

unknown([=["third_input": [], ]=] "count" "{}" "{}" "[[1]]" "[[1]]" "unknown member \"third_input\"")
unknown([=["second_input": [[9]], ]=] "count" "{}" "{}" "[[1]]" "[[1]]" "there is a second_input")
unknown("" "count" [=[{"foo": 1}]=] "{}" "[[1]]" "[[1]]" "unknown parameter \"foo\"")
unknown("" "count" "{}" [=[{"filter": "x is odd"}]=] "[[1]]" "[[1]]" "unknown function role \"filter\"")
unknown("" "map" "{}" [=[{"map": "x -> x", "before": "map x to (x, 1)"}]=] "[[1]]" "[[1]]" "unknown function role \"before\"")
unknown("" "window" [=[{"window": 1}]=] [=[{"map": "x -> x"}]=] "[[1]]" "[[1]]" "unknown function role \"map\"")
unknown("" "file source selection" [=[{"min_remember_ms": 1}]=] "{}" "[{}]" "[[]]" "unknown parameter \"min_remember_ms\"")
unknown("" "timer start and restart" "{}" "{}" [=[[{"kind": "start", "now": 0, "period": 5, "foo": 1}]]=] "[5]" "unknown field \"foo\"")
unknown("" "timer start and restart" "{}" "{}" "[]" "[]" "a table without rows")
unknown("" "batch information delays" "{}" "{}" [=[[{"submitted": 5}]]=] [=[[{"foo": 1}]]=] "unknown fact \"foo\"")
unknown("" "batch information delays" "{}" "{}" [=[[{"submitted": 5}]]=] "[{}]" "no facts are asked for")
unknown("" "remember durations" [=[{"batch": 1, "completed_batches": 3}]=] "{}" [=[[["frobnicate"]]]=] [=[[{"remember": 1}]]=] "unknown stream \"frobnicate\"")
unknown("" "metadata checkpoint files" "{}" "{}" [=[["x1"]]=] "[[]]" "unknown event \"x1\"")
unknown("" "default dataset checkpoint interval" "{}" "{}" [=[[{"kind": "inverse nonsense", "slide": 1000}]]=] "[10000]" "unknown kind \"inverse nonsense\"")
unknown("" "default dataset checkpoint interval" "{}" "{}" [=[[{"kind": "updateStateByKey", "slide": 0}]]=] "[0]" "the field \"slide\" is 0")
unknown("" "dataset checkpoint directories that remain after each completed batch" "{}" "{}" [=[[{"interval": 0, "batches": 2}]]=] "[[]]" "the field \"interval\" is 0")
unknown("" "union/transform with a parent that produces no dataset" "{}" "{}" [=[[["transform", "no null at all"]]]=] [=[[["ok"]]]=] "unknown row")
unknown("" "window" [=[{"window": 1, "slide": 0}]=] "{}" "[[1]]" "[[1]]" "the parameter \"slide\" is 0")
unknown("" "count" [=[{"batches_to_run": -1}]=] "{}" "[[1]]" "[[1]]" "the parameter \"batches_to_run\" is -1")
unknown("" "count" [=[{"input_partitions": 0}]=] "{}" "[[1]]" "[[1]]" "the parameter \"input_partitions\" is 0")
unknown("" "count over 30 batches" "{}" "{}" "[[1]]" "[[1]]" "unknown operation")
unknown("" "map" "{}" [=[{"map": "x -> x"}]=] "[[true]]" "[[1]]" "an element that is no record: true")
unknown("" "reduceByKey" "{}" [=[{"reduce": "addition"}]=] "[[1]]" "[[1]]" "an element that is no pair")

# ---- Recovery

unknown("" "recovery: count" "{}" "{}" "[[1]]" "[[1]]" "no parameter \"stop_after_batch\"")
unknown("" "recovery: count" [=[{"stop_after_batch": 2}]=] "{}" "[[1]]" "[[1]]" "the parameter \"stop_after_batch\" is 2")
unknown("" "count" [=[{"stop_after_batch": 1}]=] "{}" "[[1]]" "[[1]]" "unknown parameter \"stop_after_batch\"")
judged([=[{"name": "n", "operation": "recovery: count", "parameters": {"stop_after_batch": 1, "rerun_from_batch": 77}, "input": [[1]], "expected": [[1]]}]=]
    1 "and nowhere with batch 77")

# ---- Rules of Spark's

judged([=[{"name": "n", "operation": "is a batch still pending (to be run again after recovery)?", "input": [[false, true]], "expected": [false]}]=]
    0 "Spark's rule, ours differs: n: a batch is done only when all of its outputs succeeded")
judged([=[{"name": "n", "operation": "reduceByKeyAndWindow (inverse)", "parameters": {"window": 1, "slide": 3},
    "functions": {"reduce": "addition", "inverse": "subtraction (accumulated, leaving)"}, "input": [[["a", 1]], [["a", 2]], [["a", 4]]], "expected": [[["a", 7]]]}]=]
    0 "Spark's rule, ours differs: n: windows are those that the form without an inverse gives")
judged([=[{"name": "n", "operation": "reduceByKeyAndWindow (inverse)", "parameters": {"window": 1, "slide": 3},
    "functions": {"reduce": "addition", "inverse": "subtraction (accumulated, leaving)"}, "input": [[["a", 1]], [["a", 2]], [["a", 4]]], "expected": [[["a", 5]]]}]=]
    1 "FAILED: n: batch 3: expected [[\"a\", 5]], found [[\"a\", 4]]")

# ---- Files

judged("" 2 "no cases")
judged("{}" 0 "not covered yet: case 1: no member")
judged("[" 2 "is no JSON")
execute_process(COMMAND ${PROGRAM} ${FOLDER}/no_such_file.json RESULT_VARIABLE result OUTPUT_QUIET)
if(NOT result EQUAL 2)
    message(FATAL_ERROR "a file that is not there: expected 2, found ${result}")
endif()
