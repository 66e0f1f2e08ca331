# SPDX-License-Identifier: BSL-1.0
#
# Written by scripts/list-files.

set(tidemark_benchmarks
    batches.cpp
    chain.cpp
    commit_interval.cpp
    compressed_commits.cpp
    durable_write.cpp
    full_base.cpp
    keyed_update.cpp
    peers/tidemark_peer.cpp
    restore.cpp
    running_count.cpp
    shuffle.cpp
    sliding_max.cpp
    state_writes.cpp
    timeouts.cpp
    word_count.cpp
)
