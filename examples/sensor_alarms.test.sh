#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs sensor_alarms, given as the first argument, and compares what it reports with what awk finds in the same readings.

set -euo pipefail
export LC_ALL=C
sensor_alarms=$1

# expected seed alarm clear: batch by batch, the changes of each in the order of their readings. A sensor that has last
# spoken in batch b is silent when more than ten batches have passed: in batch b + 11.
expected() {
    awk -v seed="$1" -v alarm="$2" -v clear="$3" '
        function say(s, what, number) { print batch, number, "sensor " s " " what " " number }
        BEGIN {
            for (number = 0; number < 800; ++number) {
                s = number % 5
                batch = int(number / 5)
                if (s == 0 && batch == int(last[4] / 5) + 11) say(4, "is silent since", last[4])
                if (s == 4 && number >= 400) continue
                last[s] = number
                value = 60 + 25 * sin(batch / 8 + s) + (number + seed) * (number + seed) % 10007 * 16807 % 31
                high[s] = value >= alarm ? high[s] + 1 : 0
                before = alarmed[s]
                if (high[s] == 3) alarmed[s] = 1
                else if (value < clear) alarmed[s] = 0
                if (alarmed[s] != before) say(s, alarmed[s] ? "ALARM" : "clear", number)
                else if (!alarmed[s] && high[s] == 1) say(s, "warning", number)
            }
        }' | sort -n -k1,1 -k2,2 | cut -d' ' -f3-
}

for arguments in "7 90 70" "1234 85 80"; do
    # shellcheck disable=SC2086 # three words
    found=$("$sensor_alarms" $arguments) wanted=$(expected $arguments)
    if [[ $found != "$wanted" ]]; then
        diff <(echo "$wanted") <(echo "$found") || true
        printf 'FAILED: the changes of: sensor_alarms %s\n' "$arguments"
        exit 1
    fi
    for word in warning ALARM clear silent; do
        grep -q "$word" <<<"$wanted" || { printf 'FAILED: no %s to compare\n' "$word"; exit 1; }
    done
done
if "$sensor_alarms" 2>refused || ! grep -q usage: refused; then
    printf 'FAILED: without arguments it should say how it is used\n'
    exit 1
fi
