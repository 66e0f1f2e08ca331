# SPDX-License-Identifier: BSL-1.0
#
# The program on the first page is the example that is built and run.

file(READ "${README}" readme)
file(READ "${EXAMPLE}" example)
string(REGEX MATCH "```cpp\n(#include.*)\n}\n```\n\nThe words" block "${readme}")
set(shown "${CMAKE_MATCH_1}\n}\n")
string(FIND "${example}" "#include" begin)
string(SUBSTRING "${example}" ${begin} -1 program)
if(NOT block)
    message(FATAL_ERROR "the README shows no program")
elseif(NOT shown STREQUAL program)
    message(FATAL_ERROR "the program in the README is not ${EXAMPLE}; change one of them")
endif()
