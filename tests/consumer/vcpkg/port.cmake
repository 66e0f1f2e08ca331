# SPDX-License-Identifier: BSL-1.0
#
# Runs the port of vcpkg in a FOLDER, with the few helpers of that tool that it calls written down here by what they promise,
# and looks at the package that comes out. The tool itself need not be there.

set(port ${SOURCE}/packaging/vcpkg/tidemark)
set(PORT tidemark)
set(CURRENT_PACKAGES_DIR ${FOLDER}/packages)
file(REMOVE_RECURSE ${FOLDER})

function(vcpkg_cmake_configure)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${FOLDER}/build ${arg_OPTIONS}
        -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} OUTPUT_QUIET
        COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_install)
    execute_process(COMMAND ${CMAKE_COMMAND} --build ${FOLDER}/build --target install OUTPUT_QUIET
        COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Moves the files to share/<port>, where they find the rest by two folders less than before.
function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "CONFIG_PATH" "")
    file(RENAME ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH} ${CURRENT_PACKAGES_DIR}/share/${PORT})
    file(GLOB files ${CURRENT_PACKAGES_DIR}/share/${PORT}/*.cmake)
    set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
    foreach(file IN LISTS files)
        file(READ ${file} text)
        string(REPLACE "${up}${up}${up}" "${up}${up}" text "${text}")
        string(REPLACE "/../../../" "/../../" text "${text}")
        file(WRITE ${file} "${text}")
    endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

include(${port}/portfile.cmake)

# ---- The package: headers in include, everything else in share; no empty folder, no place on this machine

file(GLOB top RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/* ${CURRENT_PACKAGES_DIR}/share/*)
if(NOT top STREQUAL "include;share;share/pkgconfig;share/tidemark")
    message(FATAL_ERROR "the package has ${top}")
endif()
foreach(file IN ITEMS copyright usage tidemark-config.cmake tidemark-config-version.cmake tidemark-targets.cmake)
    if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/share/tidemark/${file})
        message(SEND_ERROR "the package lacks share/tidemark/${file}")
    endif()
endforeach()
file(GLOB_RECURSE there RELATIVE ${CURRENT_PACKAGES_DIR}/include ${CURRENT_PACKAGES_DIR}/include/*)
file(GLOB_RECURSE here RELATIVE ${SOURCE}/include ${SOURCE}/include/*.hpp)
if(NOT there STREQUAL here)
    message(FATAL_ERROR "in the package are the headers\n${there}\nand there are\n${here}")
endif()
file(GLOB_RECURSE files ${CURRENT_PACKAGES_DIR}/share/*)
foreach(file IN LISTS files)
    file(READ ${file} text)
    string(FIND "${text}" "${FOLDER}" found)
    if(NOT found EQUAL -1)
        message(SEND_ERROR "${file} names ${FOLDER}")
    endif()
endforeach()

# ---- A project finds it

execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/../project -B ${FOLDER}/project
    -D CMAKE_CXX_COMPILER=${COMPILER} -D WAY=find_package -D CMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${FOLDER}/project/CMakeCache.txt found REGEX "^tidemark_DIR:")
if(NOT found STREQUAL "tidemark_DIR:PATH=${CURRENT_PACKAGES_DIR}/share/tidemark")
    message(FATAL_ERROR "found was ${found}")
endif()
