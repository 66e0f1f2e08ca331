#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs word_count, given as the first argument, over known words and into the errors of its command line.

set -euo pipefail
# shellcheck source=support/expect.sh
source "$(dirname "$0")/support/expect.sh"
word_count=$1

# The words that lead are indented, unlike the lines about batches and commits.
leading() { grep '^  ' || true; }

# refuses words arguments...: ends with 2 and says the words.
refuses() {
    local words=$1 said code=0
    shift
    said=$("$word_count" "$@" 2>&1 >/dev/null </dev/null) || code=$?
    expect "exit code of: word_count $*" 2 "$code"
    [[ $said == *"$words"* ]] || expect "message of: word_count $*" "$words" "$said"
}

mkdir in
printf 'the tide and the ebb\nThe tide\n' >in/first.txt
printf 'ebb-tide: café, no. 7\n\n' >in/second.txt
printf 'the the the' >in/.hidden

expect "words of files that are there, more frequent ones first, then by name" "  tide 3
  ebb 2
  the 2
  7 1
  The 1
  and 1
  café 1
  no 1" "$("$word_count" --once --interval 100ms in | leading)"

printf 'and and and\n' >in/.third.txt
mv in/.third.txt in/third.txt
# What the batches before the last one have shown depends on when they began; the last lines do not.
expect "a restart goes on counting, with what has come meanwhile" "  and 4
  tide 3" "$("$word_count" --once --interval 100ms --top 2 in | leading | tail -n 2)"

expect "the standard input to its end" "  the 2
  a 1" "$(printf 'the a\nThe' | "$word_count" - --lower --checkpoint lines --interval 100ms | leading | tail -n 2)"

# A server of two lines, which stays; perl is there on every Debian.
perl -MIO::Socket::INET -e '$| = 1; $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1) or die $!;
    print $server->sockport, "\n"; $client = $server->accept; print $client "the tide\nthe ebb\n"; sleep 60' >port &
server=$!
until [[ -s port ]] || ! kill -0 "$server"; do sleep 0.05; done
: >served
"$word_count" --socket 127.0.0.1 "$(<port)" --checkpoint from_server --interval 100ms >served &
pid=$!
until grep -q '^  the 2' served || ((SECONDS > 60)); do sleep 0.05; done
kill "$pid"
wait "$pid" || expect "exit code after a server" 0 "$?"
expect "words of a server" "  ebb 1
  the 2
  tide 1" "$(leading <served | sort | grep -v 'the 1')"
kill "$server"

mkdir few
printf 'a b\nc\n' >few/words.txt
report=$("$word_count" --once --checkpoint report --interval 100ms --threads 2 few)
pattern='batch [0-9]+ ms: 2 records in [0-9.]+ ms; words 3 keys, [0-9]+ B.*commit [0-9]+ ms: [0-9]+ B in [0-9.]+ ms'
[[ $report =~ $pattern ]] || expect "a line for each batch and commit" "$pattern" "$report"

mkdir listed
cp in/first.txt listed
printf 'The\nand\n' >stop
expect "stop words are left out" "  tide 2
  ebb 1" "$("$word_count" --once --lower --stop-words stop --checkpoint stopping --interval 100ms listed 2>left-out | leading)"
expect "and counted" "4 stop words left out so far" "$(<left-out)"
printf 'tide\n' >stop # a restart has the list of the first start
printf 'and the tide\n' >listed/.more
mv listed/.more listed/more
expect "after a restart, too" "  tide 3
  ebb 1" "$("$word_count" --once --lower --stop-words stop --checkpoint stopping --interval 100ms listed 2>left-out | leading | tail -n 2)"
expect "and counted on" "6 stop words left out so far" "$(<left-out)"

# It has said something when it has started; a signal that comes before it is watched for waits.
for signal in INT TERM; do
    : >"said.$signal"
    "$word_count" --interval 100ms --commit-every 200ms in >"said.$signal" &
    pid=$!
    until [[ $(grep -c "^commit" "said.$signal") -ge 3 ]] || ! kill -0 "$pid"; do sleep 0.05; done # a few batches
    kill -s "$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    expect "exit code after SIG$signal" 0 "$code"
    expect "words that have not changed are shown once" "  and 4" "$(grep "^  and" "said.$signal")"
done

refuses 'there is no directory "nowhere"' nowhere
refuses 'there is no file "nowhere"' --stop-words nowhere in
refuses 'bad port "99999"; expected a whole number from 1 to 65535' tcp://localhost:99999
refuses 'bad port "http"' tcp://localhost:http
refuses 'bad port "0"' --socket localhost 0
refuses 'expected tcp://host:port' tcp://localhost
refuses 'bad --interval "10"; expected a number with a unit' --interval 10 in
refuses 'bad --interval "0s"' --interval=0s in
refuses 'not a multiple of the stream' --interval 3s --commit-every 4s --checkpoint other in
refuses 'bad --threads "many"' --threads many in
refuses 'unknown option --fast' --fast in
refuses '--top lacks its value' in --top
refuses 'given twice' --top 1 --top 2 in
refuses 'takes no value' --once=1 in
refuses 'found 0 inputs'
refuses 'found 2 inputs' in in
refuses 'do not go together' --once tcp://localhost:9999
[[ ! -e other ]] || expect "a refused command leaves nothing behind" "" other
"$word_count" --help | grep -q 'What a crash loses' || expect "--help" "What a crash loses" ""

exit $((failures != 0))
