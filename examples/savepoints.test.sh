#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs savepoints, given as the first argument, on checkpoints of video_hits, which goes on from the copies.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
savepoints=$1
video_hits=$(dirname "$savepoints")/tidemark.examples.video_hits
inspector=$(dirname "$savepoints")/tidemark.examples.checkpoint_inspector

# call code arguments...: its output is in `said`; the exit code must be that.
call() {
    local wanted=$1 code=0
    shift
    "$savepoints" "$@" >said 2>&1 || code=$?
    expect "exit code of: savepoints $*" "$wanted" "$code"
}

# count directory lines: runs the program until it has read that many in all; its summary is in `summary`.
count() {
    timeout 60 "$video_hits" --interval 100ms --existing --accept-late always --checkpoint "$1" --until-lines "$2" "${@:3}" \
        >/dev/null 2>summary || expect "exit code of video_hits on $1" 0 $?
}

mkdir plays
for video in 1 2 1; do echo "video-$video,client-1,1552858800000"; done >plays/first.csv
count kept 3 --save three
before=$(cd kept && sha256sum -- *)

# ---- Listing

call 0 list kept
grep -Eq '^three: batch [0-9]+ \(.* UTC\), [0-9]+ bytes$' said || expect "the savepoint" "three: batch ..." "$(<said)"
"$inspector" kept >said
grep -q '^savepoint "three" of batch' said || expect "the inspector tells it" 'savepoint "three"' "$(<said)"
cp -r kept damaged
printf '\xff' | dd of=damaged/savepoint-three bs=1 seek=100 conv=notrunc status=none
call 3 list damaged
grep -q '^three: CANNOT BE USED: savepoint-three, offset' said || expect "why" "CANNOT BE USED" "$(<said)"
call 1 copy --savepoint three damaged from-damaged
code=0
"$inspector" damaged >said || code=$?
expect "exit code of the inspector" 3 "$code"

# ---- Going on from copies

call 0 copy --savepoint three kept all
call 0 copy --savepoint three --part states kept states
call 0 copy --savepoint three --part positions kept positions
call 0 copy kept newest
expect "the directory that was read is as before" "$before" "$(cd kept && sha256sum -- *)"

echo "video-1,client-1,1552858800000" >plays/second.csv
for directory in kept all newest; do
    count "$directory" 4 --final-table table
    expect "one more play from $directory" "video-1, 2019-03-17 22:00:00.0, 3
video-2, 2019-03-17 22:00:00.0, 1" "$(<table)"
done
call 0 copy --savepoint three kept old
count old 4 --final-table table
expect "the savepoint is that of three plays" "video-1, 2019-03-17 22:00:00.0, 3
video-2, 2019-03-17 22:00:00.0, 1" "$(<table)"
count states 7 --final-table table
expect "all plays again, on the states" "video-1, 2019-03-17 22:00:00.0, 5
video-2, 2019-03-17 22:00:00.0, 2" "$(<table)"
count positions 1 --final-table table
expect "only the new play, without states" "video-1, 2019-03-17 22:00:00.0, 1" "$(<table)"

# ---- Dropping, and wrong calls

call 0 drop kept three
call 0 list kept
expect "nothing is left" "" "$(<said)"
call 1 drop kept three
grep -q 'no savepoint "three"' said || expect "dropped twice" 'no savepoint "three"' "$(<said)"
call 2 drop kept 'a b'
call 1 copy all newest
grep -q 'expected nothing in' said || expect "a directory with something in it" 'expected nothing in' "$(<said)"
call 2 copy --part half all other
call 2 list nowhere
call 2 list
call 2 list --part states kept
exit $((failures != 0))
