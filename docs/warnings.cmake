# SPDX-License-Identifier: BSL-1.0
#
# Fails for each warning in the LOG of Doxygen but for what has no text of its own because its name and type say all: members
# of classes, and the guides and special cases that belong to a name. What can be named in the namespace needs a text, and what
# a text refers to must be there.

# Of these, which every program or listener meets, all members have a text, but for what is defaulted, and for a
# definition outside of its class, which Doxygen takes for another member.
set(told
    accumulator application basic_streaming_context batch_completed batch_info batch_started batch_submitted broadcast
    checkpoint_directory commit_completed commit_failed driver input_info listener_problem output_operation_completed output_operation_info
    output_operation_started rdd_context receiver_error receiver_info receiver_started receiver_stopped settings source_problem
    stage_info stage_saved streaming_started streaming_stopped)
list(JOIN told "|" told)

file(STRINGS ${LOG} lines)
set(count 0)
foreach(line IN LISTS lines)
    if(line MATCHES "of (class|struct) tidemark::(testing::)?(${told}) is not documented" AND NOT line MATCHES "=default|Member migrated"
            OR NOT line MATCHES "Member .*( of (class|struct) | -> |_v< [^ ]).* is not documented\\.$")
        message("${line}")
        math(EXPR count "${count} + 1")
    endif()
endforeach()
if(count GREATER 0)
    message(FATAL_ERROR "${count} warnings of Doxygen")
endif()
