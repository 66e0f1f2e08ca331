#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs release 1 of state_upgrade, given as the first argument, kills it, and lets release 2 go on with its checkpoint.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
# shellcheck source=support/killed.sh
source "$(dirname "$0")/support/killed.sh"
export LC_ALL=C
state_upgrade=$1

# deliver from to: files of 20 payments of four accounts each.
mkdir in
deliver() {
    for ((file = $1; file <= $2; ++file)); do
        awk -v x=$((file * 7919)) 'function below(limit) { x = x * 16807 % 2147483647; return x % limit }
            BEGIN { for (i = 0; i < 20; ++i) { account = "abcd"; print substr(account, 1 + below(4), 1), 1 + below(500) } }' >"made-$file"
        mv "made-$file" "in/$file"
        sleep 0.1
    done
}

totals() { awk '{ ++n[$1]; sum[$1] += $2 } END { for (a in n) print a ": " n[a] " payments, " sum[a] }' "$@" | sort; }

# ---- Release 1, killed several times and then ended in order

deliver 1 10 &
delivering=$!
for _ in 1 2 3; do killed "$state_upgrade" 1 in state 1000000; done
wait "$delivering"
expect "release 1" "$(totals in/*)" "$("$state_upgrade" 1 in state 200)"
cp -r state state.1

# ---- Release 2 has the totals, and a largest payment of each account from now on

expect "release 2, before anything new" "$(totals in/* | sed 's/$/, largest unknown/')" "$("$state_upgrade" 2 in state 200)"
deliver 11 20 &
delivering=$!
for _ in 1 2 3; do killed "$state_upgrade" 2 in state 1000000; done
wait "$delivering"
largest=$(cat in/1[1-9] in/20 | awk '$2 > most[$1] { most[$1] = $2 } END { for (a in most) print most[a], a }' | sort -k2,2 | cut -d' ' -f1)
expect "release 2 goes on" "$(paste -d '#' <(totals in/*) <(echo "$largest") | sed 's/#/, largest /')" "$("$state_upgrade" 2 in state 400)"

# ---- Release 1 cannot read that, and says so; nothing is changed

before=$(cd state && sha256sum -- [!L]*)
code=0
"$state_upgrade" 1 in state 400 2>refused || code=$?
expect "release 1 on what release 2 has written ends with" 1 "$code"
grep -q 'version' refused || expect "it says why" "... version ..." "$(<refused)"
expect "and leaves it as it was" "$before" "$(cd state && sha256sum -- [!L]*)"

# ---- Release 2 takes over in the middle of release 1

rm -r state
mv state.1 state
killed "$state_upgrade" 1 in state 1000000
expect "release 2 after kill -9 of release 1" "$(totals in/*)" "$("$state_upgrade" 2 in state 400 | sed 's/, largest.*//')"
exit $((failures != 0))
