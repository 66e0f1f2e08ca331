#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs video_hits, given as the first argument: what it prints, what it drops, and that a kill changes no count.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
video_hits=$1

# ---- What it prints. 1552858800000 is 2019-03-17 21:40:00, 1552860000000 is 22:00:00.

mkdir plays
{
    for _ in 1 2 3; do echo 'video-2,client-1,1552858800000'; done
    echo 'video-2,client-2,1552860000000'
    for video in 11 10 9 8 7 6 5 4 3 1; do echo "video-$video,client-1,1552859999999"; done
    echo 'video-1,client-1'
    echo 'video-1,client-1,soon'
} >plays/all.csv
printed=$("$video_hits" --interval 100ms --existing --accept-late always --until-lines 16 --final-table table 2>summary)
expect "the leading ten, equal ones by name" "=========================
video-2, 2019-03-17 22:00:00.0, 3
video-1, 2019-03-17 22:00:00.0, 1
video-10, 2019-03-17 22:00:00.0, 1
video-11, 2019-03-17 22:00:00.0, 1
video-2, 2019-03-17 23:00:00.0, 1
video-3, 2019-03-17 22:00:00.0, 1
video-4, 2019-03-17 22:00:00.0, 1
video-5, 2019-03-17 22:00:00.0, 1
video-6, 2019-03-17 22:00:00.0, 1
video-7, 2019-03-17 22:00:00.0, 1
=========================" "$(tail -n +2 <<<"$printed")"
pattern='^Top 10 at time [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]$'
[[ $(head -n 1 <<<"$printed") =~ $pattern ]] || expect "heading" "$pattern" "$(head -n 1 <<<"$printed")"
expect "lines that cannot be read are counted" "14 plays counted, 0 dropped because of their time, 2 bad lines skipped" "$(<summary)"
expect "lines of the final table" 12 "$(wc -l <table)"
expect "its first line" "video-1, 2019-03-17 22:00:00.0, 1" "$(head -n 1 table)"

# ---- A play of an hour long past

mkdir late
now=$(date +%s)
printf 'video-1,client-1,%s\n' 1552858800000 "${now}000" "$((now + 3 * 3600))000" >late/all.csv
"$video_hits" --directory late --checkpoint late.checkpoint --interval 100ms --existing --until-lines 3 \
    --final-table late.table >printed 2>summary
expect "late and early plays are dropped and counted" \
    "1 plays counted, 2 dropped because of their time, 0 bad lines skipped" "$(<summary)"
expect "and have no state" 1 "$(wc -l <late.table)"
expect "and are not shown" 1 "$(grep -c '^video-1,.* [0-9]*$' printed)"

# ---- kill -9 and restart

make=(generate --files 30 --records 200 --seed 42 --videos 50 --from 2019-03-17T21:00 --bad-every 1000)
count=(--interval 100ms --commit-every 300ms --accept-late always --existing --until-lines 6000)
"$video_hits" "${make[@]}" --directory whole
"$video_hits" "${count[@]}" --directory whole --checkpoint whole.checkpoint --final-table whole.table >/dev/null 2>summary
expect "all lines" "5994 plays counted, 0 dropped because of their time, 6 bad lines skipped" "$(<summary)"

mkdir cut
"$video_hits" "${make[@]}" --directory cut --every 50ms &
generator=$!
trap 'kill "$generator" 2>/dev/null || true' EXIT
coproc counting { exec "$video_hits" "${count[@]}" --directory cut --checkpoint cut.checkpoint 2>/dev/null; }
pid=$counting_PID
blocks=0
while ((blocks < 4)) && read -r line <&"${counting[0]}"; do
    [[ $line != Top* ]] || blocks=$((blocks + 1))
done
kill -s KILL "$pid"
wait "$pid" 2>/dev/null || true
sleep 0.5 # files keep coming
"$video_hits" "${count[@]}" --directory cut --checkpoint cut.checkpoint --report --final-table cut.table >printed 2>summary
wait "$generator"
trap - EXIT
expect "all lines, each once" "5994 plays counted, 0 dropped because of their time, 6 bad lines skipped" "$(<summary)"
grep -q '^restored the commit of batch' printed || expect "the restart goes on from a commit" "restored the commit" "$(head -n 3 printed)"
cmp whole.table cut.table || expect "the table after a kill" "$(<whole.table)" "$(<cut.table)"

# ---- Errors of the command line

refuses() {
    local words=$1 said code=0
    shift
    said=$("$video_hits" "$@" 2>&1 >/dev/null) || code=$?
    expect "exit code of: video_hits $*" 2 "$code"
    [[ $said == *"$words"* ]] || expect "message of: video_hits $*" "$words" "$said"
}
refuses 'there is no directory "nowhere"' --directory nowhere
refuses 'bad --accept-late "never"' --accept-late never
refuses 'bad --until-lines "0"' --until-lines 0
refuses 'unknown option --files' --files 3
refuses 'bad --from "yesterday"' generate --from yesterday
refuses 'bad --records "0"' generate --records 0
refuses 'found "plays"' plays

exit $((failures != 0))
