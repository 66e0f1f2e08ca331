#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Kills session_tracking, given as the first argument, again and again while clicks come in, and compares the sessions
# with those that awk finds in all files at once: none is lost, and none is there twice.

set -euo pipefail
export LC_ALL=C
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
# shellcheck source=support/killed.sh
source "$(dirname "$0")/support/killed.sh"
session_tracking=$1
mkdir in

# Each file has clicks of some of seven users, with a pause of an hour after one click in nine.
make_clicks() {
    awk 'function below(limit) { x = x * 16807 % 2147483647; return x % limit }
        BEGIN {
            x = 20260
            for (user = 1; user <= 7; ++user) at[user] = 1552859040000 + below(100000)
            for (file = 10; file < 34; ++file) {
                for (click = 0; click < 25; ++click) {
                    user = 1 + below(7)
                    at[user] += below(9) == 0 ? 3600000 + below(1000) : 1 + below(1800000)
                    printf "user%d %.0f\n", user, at[user] >("made-" file)
                }
                close("made-" file)
            }
        }'
}
make_clicks
cat made-* >clicks

deliver() {
    for file in made-*; do
        mv "$file" "in/$file" # complete, and in one step
        sleep 0.1
    done
}
deliver &
for _ in 1 2 3 4 5; do
    killed "$session_tracking" in sessions.db 1000000
    killed_behind_commit sessions.db "$session_tracking" in sessions.db 1000000
done

found=$(timeout 40 "$session_tracking" in sessions.db "$(wc -l <clicks)") || expect "the exit code" 0 $?
expected=$(sort -k1,1 -k2,2n clicks | awk '
    $1 != user || $2 - last > 1800000 { if (count) print user, first, last, count; user = $1; first = $2; count = 0 }
    { last = $2; ++count }
    END { print user, first, last, count }')
expect "the sessions in all files" "$expected" "$found"
(($(wc -l <<<"$expected") >= 50)) || expect "sessions to show anything" "50 or more" "$(wc -l <<<"$expected")"

# ---- A pause of just half an hour belongs to a session, one that is longer by a millisecond does not; a user's clicks may lie in
# several files of a batch, and in any order.

mkdir few
printf 'ann 3600000\nann 5400001\n' >few/1
printf 'ann 0\nann 1800000\n' >few/2
expect "half an hour" $'ann 0 3600000 3\nann 5400001 5400001 1' "$(timeout 40 "$session_tracking" few few.db 4)"

code=0
"$session_tracking" 2>refused || code=$?
expect "exit code without arguments" 1 "$code"
grep -q usage: refused || expect "it says how it is used" "usage: ..." "$(<refused)"
exit $((failures != 0))
