# SPDX-License-Identifier: BSL-1.0
#
# A project that cannot have what it asks for is told what is missing and what to do.

function(expect name text)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${FOLDER}/${name}
            -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_PREFIX_PATH=${PREFIX} ${ARGN}
        RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE said)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${text}" found)
    if(text STREQUAL "" AND NOT result EQUAL 0)
        message(SEND_ERROR "${name}: tidemark should be found:\n${said}")
    elseif(NOT text STREQUAL "" AND (result EQUAL 0 OR found EQUAL -1))
        message(SEND_ERROR "${name}: expected \"${text}\", but CMake said\n${said}")
    endif()
endfunction()

file(REMOVE_RECURSE ${FOLDER})
expect(nothing "")
expect(boost "install it (Debian: libboost1.81-dev, Conan and vcpkg: boost) or name its place in CMAKE_PREFIX_PATH" -D MISSING=Boost)
expect(range_v3 "install it (Debian: librange-v3-dev, Conan and vcpkg: range-v3) or name its place" -D MISSING=range-v3)
expect(component "there is no component 'zstd', only 'serialization'" -D PARTS=COMPONENTS -D PART=zstd)
expect(optional "" -D PARTS=OPTIONAL_COMPONENTS -D PART=zstd)
