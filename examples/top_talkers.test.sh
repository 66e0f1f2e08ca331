#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs top_talkers, given as the first argument, over made-up flows; awk adds up each window from scratch.

set -euo pipefail
export LC_ALL=C
top_talkers=$1

"$top_talkers" generate 9100 42 >flows
"$top_talkers" generate 9100 42 | cmp - flows

# Window w ends with batch 2 w and has five batches of 200 flows, or fewer at the beginning.
expected=$(for window in {1..25}; do
    awk -v last=$((window * 400)) 'NR > last - 1000 && NR <= last { bytes[$1] += $3 }
        END { for (host in bytes) print "  " host, bytes[host] }' flows |
        sort -k2,2nr -k1,1 | sed -n "1i window $window
            1,3p"
done)
found=$(timeout 60 "$top_talkers" flows) || echo "ended with $?"
if [[ $found != "$expected" ]]; then
    diff <(echo "$expected") <(echo "$found") || true
    printf 'FAILED: the leading talkers of each window\n'
    exit 1
fi
if (($(grep -c window <<<"$expected") != 25)); then
    printf 'FAILED: each window should have talkers\n'
    exit 1
fi
printf 'here there 1\nhere there\n' >short
if "$top_talkers" short 2>refused || ! grep -q 'line 2 is' refused; then
    printf 'FAILED: it should say which line is no flow\n'
    exit 1
fi
