# SPDX-License-Identifier: BSL-1.0
#
# What our programs have in common, compiled once: headers, and for those that run streams what is the same in all of them.

set(precompiled ${PROJECT_BINARY_DIR}/precompiled)
file(CONFIGURE OUTPUT ${precompiled}/engine.cpp CONTENT "#include <tidemark/runtime/engine_here.hpp>\n")
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

set(tidemark_whole <tidemark/tidemark.hpp> <tidemark/testing.hpp> <tidemark/runtime/engine_elsewhere.hpp>)
tidemark_precompiled(tidemark_precompiled_whole engine.cpp ${tidemark_whole})

function(tidemark_use_precompiled target from)
    target_precompile_headers(${target} REUSE_FROM ${from})
    target_compile_options(${target} PRIVATE $<TARGET_PROPERTY:${from},COMPILE_OPTIONS>)
    if(from MATCHES "whole$")
        target_link_libraries(${target} PRIVATE $<FILTER:$<TARGET_OBJECTS:tidemark_precompiled_whole>,EXCLUDE,[.][gp]ch$>)
    endif()
endfunction()
