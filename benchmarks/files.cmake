# SPDX-License-Identifier: BSL-1.0
#
# Written by scripts/list-files.

set(tidemark_benchmarks
    chain.cpp
    keyed_update.cpp
    running_count.cpp
)
