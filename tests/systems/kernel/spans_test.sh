#!/bin/sh
# SPDX-License-Identifier: MIT
# tpdecode --spans of what the test kernel has recorded, with and without losses, against a script that
# computes the same from the records.
. "$(dirname "$0")/lib.sh"

# NAME LEAST LOSING [options of run]: so many names at least, and something lost, or not.
compare() {
    name=$1 least=$2 losing=$3
    shift 3
    run "$name" "$@"
    "$build/tpdecode" --spans --format json "$tmp/dump" >"$tmp/answer" 2>"$tmp/err"
    result $? "$name: an answer" "$tmp/err"
    jq -r '.spans[] | "span \(.name) \(.count) \(.total_ns) \(.self_ns // "-")"' "$tmp/answer" | sort >"$tmp/got"
    awk -f "$here/spans.awk" "$tmp/json" | sort >"$tmp/want"
    diff "$tmp/got" "$tmp/want" >"$tmp/log" && [ "$(wc -l <"$tmp/want")" -ge "$least" ]
    result $? "$name: the numbers are those of the records" "$tmp/log"
    "$build/tpdecode" --spans --format folded "$tmp/dump" 2>"$tmp/err" | sort >"$tmp/got"
    awk -v folded=1 -f "$here/spans.awk" "$tmp/json" | sort >"$tmp/want"
    diff "$tmp/got" "$tmp/want" >"$tmp/log" && [ "$(wc -l <"$tmp/want")" -ge "$least" ]
    result $? "$name: so are the folded stacks" "$tmp/log"
    jq -e "(.lost > 0) == $losing and (.across_losses > 0) == $losing" "$tmp/answer" >"$tmp/log" 2>&1
    result $? "$name: nothing crosses a loss" "$tmp/answer"
}

compare "quiet" 12 false
compare "burst" 8 true -- burst
compare "small buffers" 8 true -- subbuf=1024 subbufs=4
echo "1..$n"
