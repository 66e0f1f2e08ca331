# SPDX-License-Identifier: BSL-1.0
#
# Fails for each warning in the LOG of Doxygen but for what has no text of its own because its name and type say all: members
# of classes, and the guides and special cases that belong to a name. What can be named in the namespace needs a text, and what
# a text refers to must be there.

file(STRINGS ${LOG} lines)
set(count 0)
foreach(line IN LISTS lines)
    if(NOT line MATCHES "Member .*( of (class|struct) | -> |_v< [^ ]).* is not documented\\.$")
        message("${line}")
        math(EXPR count "${count} + 1")
    endif()
endforeach()
if(count GREATER 0)
    message(FATAL_ERROR "${count} warnings of Doxygen")
endif()
