#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# What a supervisor sees of examples/supervised: exit codes, signals, a second process, a restart after kill -9.

set -euo pipefail
program=$1

fail() {
    echo "$1" >&2
    [[ ! -e log ]] || cat log >&2
    exit 1
}

# begin: starts the program, and waits until it has spoken of a commit.
begin() {
    rm -f log
    "$program" 2>log &
    pid=$!
    for ((i = 0; i < 300; ++i)); do
        if grep -qs 'commit' log; then return; fi
        sleep 0.1
    done
    fail "there is no commit"
}

begin
status=0
"$program" 2>second || status=$?
[[ $status == 1 ]] || fail "a second process ends with $status"
grep -q "process $pid (parities) holds the lock" second || fail "a second process says: $(cat second)"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
[[ $status == 0 ]] || fail "SIGTERM ends with $status"

begin
kill -KILL "$pid"
status=0
wait "$pid" || status=$?
[[ $status == 137 ]] || fail "kill -9 ends with $status"

begin
kill -INT "$pid"
status=0
wait "$pid" || status=$?
[[ $status == 0 ]] || fail "SIGINT after a restart ends with $status"

for file in state/log-* state/state-* state/manifest; do
    printf 'this is no checkpoint' >"$file"
done
status=0
"$program" 2>log || status=$?
[[ $status == 3 ]] || fail "a checkpoint that cannot be read ends with $status"

rm -r state
mkdir payments
echo 'ann 12' >payments/one
"$(dirname "$program")/tidemark.examples.state_upgrade" 1 payments state 1 >/dev/null
status=0
"$program" 2>log || status=$?
[[ $status == 3 ]] || fail "the checkpoint of another program ends with $status"
grep -q payments log || fail "it does not say whose checkpoint it is"
