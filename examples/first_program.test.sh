#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs first_program, given as the first argument, which ends by itself: it counts on after kill -9 and after an end.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
first_program=$1

# last_line: runs it, and gives what its last batch prints.
last_line() { "$first_program" | tail -n 1 | sed 's/ *$//'; }

# What the README and the tutorial show.
mkdir texts
printf 'the sea the tide\nthe mark\n' >texts/a.txt
expect "the first time" "the 3  mark 1  sea 1" "$(last_line)"
"$first_program" >/dev/null &
pid=$!
printf 'tide tide tide\n' >b.tmp
mv b.tmp texts/b.txt
sleep "$((RANDOM % 3 + 1)).$((RANDOM % 10))"
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
expect "after kill -9" "tide 4  the 3  mark 1" "$(last_line)"
rm texts/a.txt texts/b.txt # read, and not needed any more
printf 'surf surf surf surf\n' >texts/c.txt
expect "on the next day" "surf 4  tide 4  the 3" "$(last_line)"
exit $((failures != 0))
