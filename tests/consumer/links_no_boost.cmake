# SPDX-License-Identifier: BSL-1.0
#
# None of the PROGRAMS needs a library of Boost to run.

foreach(program IN LISTS PROGRAMS)
    execute_process(COMMAND ${READELF} --dynamic --wide ${program} OUTPUT_VARIABLE needed COMMAND_ERROR_IS_FATAL ANY)
    if(NOT needed MATCHES "NEEDED.*libc")
        message(SEND_ERROR "${program}: does not look like one of our programs:\n${needed}")
    elseif(needed MATCHES "libboost[^]]*")
        message(SEND_ERROR "${program}: links ${CMAKE_MATCH_0}, though it asked for no plain Boost archive")
    endif()
endforeach()
