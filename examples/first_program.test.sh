#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs first_program, given as the first argument, which ends by itself: it counts on after kill -9 and after an end.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
first_program=$1

# leading: runs it, and gives the words that lead at the end.
leading() { "$first_program" | tail -n 1 | xargs; }

mkdir texts
printf 'tide ebb tide\nsea  tide ebb\nsurf\n' >texts/one
printf 'tide sea sea\n' >texts/two # tide 4, sea 3, ebb 2, surf 1
"$first_program" &
pid=$!
sleep "$((RANDOM % 3 + 1)).$((RANDOM % 10))"
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
expect "after kill -9" "tide 4 sea 3 ebb 2" "$(leading)"
rm texts/one texts/two # read, and not needed any more
printf 'surf surf surf surf\n' >texts/three
expect "on the next day" "surf 5 tide 4 sea 3" "$(leading)"
exit $((failures != 0))
