#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Kills transactional_output, given as the first argument, again and again while orders come in: each is there once.

set -euo pipefail
transactional_output=$1

mkdir in
for round in 1 2 3 4 5 6; do
    printf 'north %d\nsouth 1\n' "$round" >"in/.$round"
    mv "in/.$round" "in/$round"
    "$transactional_output" in shop.db 1000 &
    sleep "0.$((RANDOM % 5 + 1))"
    kill -KILL $!
    wait $! 2>/dev/null || true
done

expected=$'north: 6 orders, 21\nsouth: 6 orders, 6'
found=$("$transactional_output" in shop.db 12)
if [[ $found != "$expected" ]]; then
    printf 'FAILED: six orders for each shop\n--- expected\n%s\n--- found\n%s\n' "$expected" "$found"
    exit 1
fi
if "$transactional_output" 2>refused || ! grep -q usage: refused; then
    printf 'FAILED: without arguments it should say how it is used\n'
    exit 1
fi
