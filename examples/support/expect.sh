# shellcheck shell=bash
# SPDX-License-Identifier: BSL-1.0
#
# expect: what the examples' test scripts compare with, which goes on after a difference. They end with $((failures != 0)).

failures=0

# expect what expected found
expect() {
    if [[ $2 != "$3" ]]; then
        printf 'FAILED: %s\n--- expected\n%s\n--- found\n%s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}
