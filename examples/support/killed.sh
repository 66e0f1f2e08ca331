# shellcheck shell=bash
# SPDX-License-Identifier: BSL-1.0
#
# killed: programs that the examples' test scripts start and end with kill -9.

# killed program arguments...: after less than a second
killed() {
    "$@" &
    local pid=$!
    sleep "0.$((RANDOM % 7 + 1))"
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
}

# killed_behind_commit database program arguments...: as soon as a transaction is in the SQLite database, and most times
# before the program can note that in its checkpoint. SQLite's journal is there while a transaction is written.
killed_behind_commit() {
    local journal=$1-journal end=$((SECONDS + 20))
    "${@:2}" &
    local pid=$!
    until [[ -e $journal || $SECONDS -ge $end ]]; do :; done
    while [[ -e $journal && $SECONDS -lt $end ]]; do :; done
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
}
