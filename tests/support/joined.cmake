# SPDX-License-Identifier: BSL-1.0
#
# joined: which files may be compiled together, each in a namespace of its own.

# tidemark_joinable(joinable alone source...): those that say something in another namespace, the library's or one they share, stay alone.
function(tidemark_joinable joinable alone)
    set(can)
    set(cannot)
    foreach(source IN LISTS ARGN)
        file(STRINGS ${source} outside REGEX "^(namespace (boost|std|tidemark)|template <>|BOOST_|extern |void[*] operator new)" LIMIT_COUNT 1)
        if(outside)
            list(APPEND cannot ${source})
        else()
            list(APPEND can ${source})
        endif()
    endforeach()
    set(${joinable} ${can} PARENT_SCOPE)
    set(${alone} ${cannot} PARENT_SCOPE)
endfunction()
