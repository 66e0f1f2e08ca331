# SPDX-License-Identifier: BSL-1.0
#
# Every header is in the tree that was installed to PREFIX, and no file there names a place on this machine.

file(GLOB_RECURSE there RELATIVE ${PREFIX}/include ${PREFIX}/include/*.hpp)
file(GLOB_RECURSE here RELATIVE ${SOURCE}/include ${SOURCE}/include/*.hpp)
if(NOT there STREQUAL here)
    message(FATAL_ERROR "installed are the headers\n${there}\nand there are\n${here}")
endif()

foreach(file share/cmake/tidemark/tidemark-config.cmake share/cmake/tidemark/tidemark-config-version.cmake
        share/cmake/tidemark/tidemark-targets.cmake share/pkgconfig/tidemark.pc
        share/pkgconfig/tidemark-serialization.pc share/licenses/tidemark/LICENSE)
    if(NOT EXISTS ${PREFIX}/${file})
        message(SEND_ERROR "not installed: ${file}")
    endif()
endforeach()

file(GLOB_RECURSE files ${PREFIX}/*)
foreach(file IN LISTS files)
    file(READ ${file} text)
    foreach(place IN ITEMS ${SOURCE} ${BUILD} ${PREFIX})
        string(FIND "${text}" "${place}" found)
        if(NOT found EQUAL -1)
            message(SEND_ERROR "${file} names ${place}")
        endif()
    endforeach()
endforeach()
