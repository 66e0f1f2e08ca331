#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs checkpoint_inspector, given as the first argument, on a checkpoint of video_hits: sound, then damaged.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
inspector=$1
video_hits=$(dirname "$inspector")/tidemark.examples.video_hits

# inspect code arguments...: its output; the exit code must be that.
inspect() {
    local wanted=$1 code=0
    shift
    "$inspector" "$@" >said 2>&1 || code=$?
    expect "exit code of: checkpoint_inspector $*" "$wanted" "$code"
}

mkdir plays
for video in 1 2 1; do echo "video-$video,client-1,1552858800000"; done >plays/all.csv
"$video_hits" --interval 100ms --commit-every 100ms --existing --accept-late always --until-lines 3 --checkpoint kept \
    >/dev/null 2>&1
before=$(cd kept && sha256sum -- * && ls -lA --time-style=full-iso)

# ---- Sound

inspect 0 kept
grep -q '^application "video_hits"' said || expect "heading" 'application "video_hits"' "$(<said)"
grep -q 'sound; a start goes on from here' said || expect "the newest commit" "sound" "$(<said)"
grep -q 'stage "video-hits" (map_with_state' said || expect "the stage" "video-hits" "$(<said)"
grep -Eq 'stage "video-hits" .*: [12] groups with 0 changes, 2 saved entries' said || expect "what is the program's" "2 saved entries" "$(<said)"
grep -Eq 'CANNOT|listed twice' said && expect "no problem" "" "$(<said)"

inspect 0 --state video-hits kept
expect "a line for each key" 2 "$(wc -l <said)"
grep -q '"video-1".*"state":2' said || expect "its state" 'video-1 with 2' "$(<said)"
grep -q '"video-2".*"state":1' said || expect "its state" 'video-2 with 1' "$(<said)"

inspect 0 kept
mapfile -t batches < <(sed -En 's/^commit of batch ([0-9]+) .*/\1/p' said)
expect "commits: before the plays, and with them" 2 "${#batches[@]}"
inspect 0 --state video-hits --batch "${batches[0]}" kept
expect "no state before" "checkpoint_inspector: no states in this stage" "$(<said)"
inspect 0 --state video-hits --batch "${batches[1]}" kept
expect "two with them" 2 "$(wc -l <said)"

# ---- Older than what is kept

cp -r kept swept
for more in 1 2 3 4; do
    echo "video-1,client-2,1552858800000" >"plays/more-$more.csv"
    "$video_hits" --interval 100ms --commit-every 100ms --existing --accept-late always --until-lines $((3 + more)) \
        --checkpoint swept >/dev/null 2>&1
done
inspect 0 swept
grep -q '^note: a start writes the commit .* listed twice$' said || expect "a batch of two runs" "a note" "$(<said)"
grep '^commit' said | head -n 1 | grep -o 'state-[0-9-]*' | sort >of_first
grep '^commit' said | tail -n 1 | grep -o 'state-[0-9-]*' | sort >of_last
own=$(comm -23 of_first of_last | head -n 1)
rm "swept/$own" # as retention does
inspect 0 --retained 1 swept
grep -Eq '^[0-9]+ older commits?, whose files are swept as usual$' said || expect "the older commit" "swept" "$(<said)"
grep -Eq 'CANNOT|missing' said && expect "no problem" "" "$(<said)"
inspect 0 --retained 1000 swept
grep -q "CANNOT BE USED: $own" said || expect "a commit that should be kept" "$own" "$(<said)"
inspect 2 --retained 0 swept

# ---- Damaged

cp -r kept damaged
newest=$(cd damaged && ls state-* | tail -n 1)
last=$(od -An -v -t x1 -w1 "damaged/$newest" | awk '$1 != "00" { last = NR - 1 } END { print last }') # zeros fill its last page
printf '\x00' | dd of="damaged/$newest" bs=1 seek="$last" conv=notrunc status=none
inspect 3 damaged
grep -q "CANNOT BE USED: $newest, offset" said || expect "why the newest commit is unusable" "$newest" "$(<said)"

cp -r kept headless
rm headless/manifest
inspect 0 headless
grep -q 'note: manifest' said || expect "a missing manifest is noted" "note: manifest" "$(<said)"

# ---- Wrong calls

inspect 2 nowhere
inspect 2
inspect 2 --state nothing kept
inspect 2 --state video-hits --batch 1 kept

expect "nothing was written" "$before" "$(cd kept && sha256sum -- * && ls -lA --time-style=full-iso)"
exit $((failures != 0))
