# SPDX-License-Identifier: BSL-1.0
#
# What our programs have in common, compiled once: headers, and for those that run streams what is the same in all of them.

# What runs an application depends on no type of the user's. A program that includes the declarations takes it from here; elsewhere it is
# instantiated by whoever starts an application, as in every program of a user's.
set(instances
    "struct tidemark::detail::runnable_parts<false>"
    "struct tidemark::detail::runnable_parts<true>"
)
set(declarations "#pragma once\n")
set(definitions "")
foreach(instance IN LISTS instances)
    string(APPEND declarations "extern template ${instance};\n")
    string(APPEND definitions "template ${instance};\n")
endforeach()
set(precompiled ${PROJECT_BINARY_DIR}/precompiled)
file(CONFIGURE OUTPUT ${precompiled}/instances.hpp CONTENT "${declarations}")
file(CONFIGURE OUTPUT ${precompiled}/instances.cpp CONTENT "${definitions}")
file(CONFIGURE OUTPUT ${precompiled}/nothing.cpp CONTENT "")

# tidemark_precompiled(target source header...): headers for programs that are compiled alike; `tidemark_use_precompiled` takes them.
function(tidemark_precompiled target source)
    add_library(${target} OBJECT ${precompiled}/${source})
    target_link_libraries(${target} PRIVATE tidemark_dev)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -fpch-preprocess) # lets ccache see what is inside
    endif()
endfunction()

set(tidemark_whole <tidemark/tidemark.hpp> <tidemark/testing.hpp> ${precompiled}/instances.hpp)
tidemark_precompiled(tidemark_precompiled_whole instances.cpp ${tidemark_whole})

function(tidemark_use_precompiled target from)
    target_precompile_headers(${target} REUSE_FROM ${from})
    target_compile_options(${target} PRIVATE $<TARGET_PROPERTY:${from},COMPILE_OPTIONS>)
    if(from MATCHES "whole$")
        target_link_libraries(${target} PRIVATE $<FILTER:$<TARGET_OBJECTS:tidemark_precompiled_whole>,EXCLUDE,[.][gp]ch$>)
    endif()
endfunction()
