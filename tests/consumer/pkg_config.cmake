# SPDX-License-Identifier: BSL-1.0
#
# Builds and runs the consumer with what pkg-config says of the tree that was installed to PREFIX.

set(ENV{PKG_CONFIG_PATH} ${PREFIX}/share/pkgconfig)
execute_process(COMMAND ${PKG_CONFIG} --cflags --libs tidemark
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PKG_CONFIG} --libs tidemark-serialization OUTPUT_VARIABLE libs COMMAND_ERROR_IS_FATAL ANY)
if(flags MATCHES "-lboost" OR NOT libs MATCHES "-lboost_serialization")
    message(FATAL_ERROR "only tidemark-serialization should link Boost: ${flags}; ${libs}")
endif()

separate_arguments(flags UNIX_COMMAND "${flags}")
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${COMPILER} -std=c++20 ${SOURCE}/main.cpp ${SOURCE}/other.cpp ${flags} -o ${FOLDER}/consumer
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${FOLDER}/consumer COMMAND_ERROR_IS_FATAL ANY)
