# SPDX-License-Identifier: BSL-1.0
#
# Installs from BUILD into a PREFIX that holds nothing else.

file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} COMMAND_ERROR_IS_FATAL ANY)
