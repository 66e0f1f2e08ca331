#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs page_rank, given as the first argument: on three pages worked out by hand, and on links that awk ranks, too.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
export LC_ALL=C
page_rank=$1

# Round 1: a gets all of b and of c, b half of a, c nothing: 0.15 + 0.85 * 2, 0.15 + 0.85 * 0.5 twice.
# Round 2: a 0.15 + 0.85 * (0.575 + 0.575), b and c 0.15 + 0.85 * 1.85 / 2.
printf 'a b\na c\nb a\nc a\nb a\n' >three # the last link is there already
expect "two rounds by hand" $'a 1.127500\nb 0.936250\nc 0.936250' "$("$page_rank" three 2 2>/dev/null | sort)"

# Every page has links; to page 40 nobody links.
awk 'function below(limit) { x = x * 16807 % 2147483647; return x % limit }
    BEGIN {
        x = 11
        for (from = 1; from <= 40; ++from)
            for (links = 1 + below(6); links > 0; --links)
                printf "page%d page%d\n", from, 1 + below(1 + below(39))
    }' >links
expected=$(sort -u links | awk -v rounds=23 '
    { from[NR] = $1; to[NR] = $2; ++links[$1]; rank[$1] = rank[$2] = 1 }
    END {
        for (page in rank) if (!(page in links)) delete rank[page]
        for (round = 1; round <= rounds; ++round) {
            for (page in rank) received[page] = 0
            for (one = 1; one <= NR; ++one) received[to[one]] += rank[from[one]] / links[from[one]]
            for (page in rank) rank[page] = 0.15 + 0.85 * received[page]
        }
        for (page in rank) printf "%s %.6f\n", page, rank[page]
    }' | sort)
found=$("$page_rank" links 23 2>lineage)
expect "23 rounds, as awk" "$expected" "$(sort <<<"$found")"
expect "highest first" "$(sort -s -k2,2nr <<<"$found")" "$found"
grep -q '^page40 0\.150000$' <<<"$found" || expect "a page without links to it" "page40 0.150000" "$found"

expect "a checkpoint every five rounds" "5 10 15 20" "$(sed -En 's/^round ([0-9]+): .*/\1/p' lineage | xargs)"
# The lineage grows with each round; a checkpoint leaves the same short rest, however many rounds there were.
read -r before after <<<"$(sed -En '1s/.*lineage ([0-9]+) -> ([0-9]+)$/\1 \2/p' lineage)"
((before > 10 && after < 4)) || expect "a checkpoint cuts the lineage" "more than 10 -> less than 4" "$before -> $after"
expect "to the same length each time" "1" "$(sed 's/.*->//' lineage | sort -u | wc -l)"
expect "so that it does not grow" "1" "$(sed '1d; s/.*lineage//' lineage | sort -u | wc -l)"
expect "and none is left behind" "" "$(find page_rank.checkpoint -type f)"
exit $((failures != 0))
