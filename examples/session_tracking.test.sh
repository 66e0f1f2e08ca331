#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Kills session_tracking, given as the first argument, again and again while clicks come in, and compares the sessions
# with those that awk finds in all files at once: none is lost, and none is there twice.

set -euo pipefail
export LC_ALL=C
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
for round in 1 2 3 4 5 6; do
    "$session_tracking" in sessions.db 1000000 &
    sleep "0.$((RANDOM % 6 + 2))"
    kill -KILL $!
    wait $! 2>/dev/null || true
done

expected=$(sort -k1,1 -k2,2n clicks | awk '
    $1 != user || $2 - last > 1800000 { if (count) print user, first, last, count; user = $1; first = $2; count = 0 }
    { last = $2; ++count }
    END { print user, first, last, count }')
found=$("$session_tracking" in sessions.db "$(wc -l <clicks)")
if [[ $found != "$expected" ]]; then
    printf 'FAILED: the sessions in all files\n--- expected\n%s\n--- found\n%s\n' "$expected" "$found"
    exit 1
fi
if (($(wc -l <<<"$expected") < 50)); then
    printf 'FAILED: too few sessions to show anything\n'
    exit 1
fi
if "$session_tracking" 2>refused || ! grep -q usage: refused; then
    printf 'FAILED: without arguments it should say how it is used\n'
    exit 1
fi
