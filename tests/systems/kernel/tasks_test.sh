#!/bin/sh
# SPDX-License-Identifier: MIT
# tpdecode --tasks, and the tasks of --timeline, of what the test kernel has recorded, with and without losses, against a script that
# computes the same from the records.
. "$(dirname "$0")/lib.sh"

# The numbers of the answer as tasks.awk has them; of those of half of all, which may be too high by
# one part in 128, what that is.
numbers()
{
    jq -r '.tasks[] | select(.id) | . as $t
        | (select(.run_ns > 0) | "run \(.id) \(.run_ns)"),
          (select((.wait_ns // 0) > 0) | "wait \(.id) \(.wait_ns)"),
          (select((.woken // 0) > 0) | "woken \(.id) \(.woken)", "most \(.id) \(.max_ns)", "half \(.id) \(.p50_ns)")'
}

# NAME LEAST LOSING [options of run]: so many numbers at least, and something lost, or not.
compare() {
    name=$1 least=$2 losing=$3
    shift 3
    run "$name" "$@"
    "$build/tpdecode" --tasks --format json "$tmp/dump" >"$tmp/answer" 2>"$tmp/err"
    result $? "$name: an answer" "$tmp/err"
    numbers <"$tmp/answer" | sort >"$tmp/got"
    awk -f "$here/tasks.awk" "$tmp/json" | sort >"$tmp/want"
    paste -d ' ' "$tmp/got" "$tmp/want" | awk -v least="$least" '
        $1 != $4 || $2 != $5 { print "others: " $0; bad = 1; next }
        $1 == "half" ? $3 < $6 || ($3 - $6) * 128 > $6 : $3 != $6 { print "not the same: " $0; bad = 1 }
        END { print NR " numbers"; exit bad || NR < least }' >"$tmp/log"
    result $? "$name: the numbers are those of the records" "$tmp/log"
    # The columns of each task together, where idle ones have none.
    "$build/tpdecode" --timeline --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r '.tasks[] | . as $t | ("run", "wait") | "\(.) \($t.id) \($t[. + "_ns"] | add)"' | grep -v ' 0$' | sort >"$tmp/got"
    jq -r '.tasks[] | select(.kind == "idle") | "run \(.id) "' "$tmp/answer" >"$tmp/idle"
    grep '^run\|^wait' "$tmp/want" | grep -v -f "$tmp/idle" | diff "$tmp/got" - >"$tmp/log" && [ "$(wc -l <"$tmp/got")" -gt 10 ]
    result $? "$name: --timeline has the same times" "$tmp/log"
    jq -e "(.lost_sum > 0) == $losing and (.lost_runs > 0) == $losing" "$tmp/answer" >"$tmp/log" 2>&1
    result $? "$name: times around losses are left out" "$tmp/answer"
}

compare "quiet" 100 false
compare "burst" 20 true -- burst
compare "small buffers" 20 true -- subbuf=1024 subbufs=4
"$build/tpdecode" --list-roles "$tmp/dump" >"$tmp/roles" 2>"$tmp/err"
[ "$(grep -c '(in the dump)$' "$tmp/roles")" = "$(grep -c '^TP_ROLE(' "$here/events.h")" ]
result $? "roles: those of events.h" "$tmp/roles"
echo "1..$n"
