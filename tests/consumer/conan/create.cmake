# SPDX-License-Identifier: BSL-1.0
#
# Makes the Conan package of SOURCE in a FOLDER of its own and tries it, without any server: the packages that it needs are
# made here of what the system has. The package must be the same one for every profile.

find_program(CONAN conan HINTS ${TOOLS}/conan/bin)
if(NOT CONAN)
    message("skipped: there is no Conan client; scripts/install-dependencies packages installs one")
    return()
endif()

set(ENV{CONAN_HOME} ${FOLDER}/home)
set(ENV{CXX} ${COMPILER})
file(REMOVE_RECURSE ${FOLDER})

# conan(argument...): runs the client, which must succeed; `printed` is what it has written as its result.
function(conan)
    execute_process(COMMAND ${CONAN} ${ARGN} WORKING_DIRECTORY ${FOLDER}
        RESULT_VARIABLE result OUTPUT_VARIABLE printed ERROR_VARIABLE log)
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " arguments)
        message(FATAL_ERROR "conan ${arguments}\n${log}${printed}")
    endif()
    set(printed "${printed}" PARENT_SCOPE)
    set(log "${log}${printed}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${FOLDER})
conan(profile detect)
conan(remote disable *)
foreach(boost IN ITEMS False True)
    conan(create ${CMAKE_CURRENT_LIST_DIR}/boost -o boost/*:header_only=${boost})
endforeach()
conan(create ${CMAKE_CURRENT_LIST_DIR}/range-v3)

# ---- The package, and a program that takes it

set(settings -s compiler.cppstd=20 -s build_type=Debug)
file(COPY ${SOURCE}/test_package DESTINATION ${FOLDER}) # it is built where its source is
set(test ${FOLDER}/test_package)
conan(create ${SOURCE} ${settings} --test-folder ${test})
if(NOT log MATCHES "with plain archives: tidemark ${VERSION} works")
    message(FATAL_ERROR "the program that takes the package has not run:\n${log}")
endif()

# ---- One package for every profile

function(package_of result)
    conan(graph info --requires tidemark/${VERSION} ${ARGN} --format json)
    string(JSON nodes GET "${printed}" graph nodes)
    string(JSON name GET "${nodes}" 1 name)
    string(JSON id GET "${nodes}" 1 package_id)
    if(NOT name STREQUAL "tidemark")
        message(FATAL_ERROR "the first package is ${name}")
    endif()
    set(${result} ${id} PARENT_SCOPE)
endfunction()

package_of(debug ${settings})
package_of(release -s compiler.cppstd=23 -s build_type=Release -o boost/*:header_only=True)
package_of(arm -s compiler.cppstd=20 -s arch=armv8)
if(NOT debug STREQUAL release OR NOT debug STREQUAL arm)
    message(FATAL_ERROR "the package depends on the profile: ${debug}, ${release}, ${arm}")
endif()

# ---- The same where the profile says that the system has Boost and range-v3

file(WRITE ${FOLDER}/platform "include(default)\n[platform_requires]\nboost/1.81.0\nrange-v3/0.12.0\n")
conan(install --requires tidemark/${VERSION} -pr platform ${settings} -g CMakeDeps --output-folder ${FOLDER}/platform_files)
file(GLOB_RECURSE targets ${FOLDER}/platform_files/tidemark-Target-*.cmake)
if(NOT targets)
    message(FATAL_ERROR "nothing was written for a program that takes the package:\n${log}")
endif()

# ---- What is in it, and what is refused

conan(cache path tidemark/${VERSION}:${debug})
string(STRIP "${printed}" package)
file(GLOB_RECURSE there RELATIVE ${package}/include ${package}/include/*)
file(GLOB_RECURSE here RELATIVE ${SOURCE}/include ${SOURCE}/include/*.hpp)
if(NOT there STREQUAL here)
    message(FATAL_ERROR "in the package are the headers\n${there}\nand there are\n${here}")
endif()
file(GLOB top RELATIVE ${package} ${package}/*)
if(NOT top STREQUAL "conaninfo.txt;conanmanifest.txt;include;licenses" OR NOT EXISTS ${package}/licenses/LICENSE)
    message(FATAL_ERROR "in the package are ${top}")
endif()

function(refused setting words)
    execute_process(COMMAND ${CONAN} install --requires tidemark/${VERSION} -s compiler.cppstd=20 -s ${setting}
        WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE log)
    if(result EQUAL 0 OR NOT log MATCHES "Invalid" OR NOT log MATCHES "${words}")
        message(FATAL_ERROR "${setting} should be refused with the words ${words}:\n${log}")
    endif()
endfunction()

refused(os=Windows "does not compile on Windows")
refused(compiler.cppstd=17 "Current cppstd \\(17\\)")
if(COMPILER MATCHES "clang")
    refused(compiler.version=15 "needs clang 16 or later")
else()
    refused(compiler.version=11 "needs gcc 12 or later")
endif()

# ---- The recipe of an index, which takes the sources from an archive

find_package(Python3 REQUIRED COMPONENTS Interpreter) # without which there is no client
set(release ${FOLDER}/release/tidemark-${VERSION})
file(COPY ${SOURCE}/CMakeLists.txt ${SOURCE}/LICENSE ${SOURCE}/include DESTINATION ${release})
execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf ${release}.tar.gz tidemark-${VERSION}
    WORKING_DIRECTORY ${FOLDER}/release COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${Python3_EXECUTABLE} ${SOURCE}/packaging/conan/index.py
    file://${release}.tar.gz ${release}.tar.gz ${FOLDER}/index COMMAND_ERROR_IS_FATAL ANY)
conan(remove tidemark/${VERSION} --confirm)
conan(create ${FOLDER}/index/all --version ${VERSION} ${settings} --test-folder=)
package_of(of_index ${settings})
if(NOT of_index STREQUAL debug)
    message(FATAL_ERROR "the recipe of an index makes another package: ${of_index}, ${debug}")
endif()
