#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Kills transactional_output, given as the first argument, again and again while orders come in: each is there once.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
# shellcheck source=support/killed.sh
source "$(dirname "$0")/support/killed.sh"
transactional_output=$1

mkdir in
deliver() {
    printf 'north %d\nsouth 1\n' "$1" >"in/.$1"
    mv "in/.$1" "in/$1"
}
for round in 1 3 5 7 9 11; do
    deliver "$round"
    killed "$transactional_output" in shop.db 1000
    deliver "$((round + 1))"
    killed_behind_commit shop.db "$transactional_output" in shop.db 1000
done

# 1 + 2 + ... + 12 is 78
expect "twelve orders for each shop" $'north: 12 orders, 78\nsouth: 12 orders, 12' \
    "$(timeout 60 "$transactional_output" in shop.db 24)"

code=0
"$transactional_output" 2>refused || code=$?
expect "exit code without arguments" 1 "$code"
grep -q usage: refused || expect "it says how it is used" "usage: ..." "$(<refused)"
exit $((failures != 0))
