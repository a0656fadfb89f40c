#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel at its usual work: without loss, with loss, in both modes, with hooks, and asleep.
. "$(dirname "$0")/lib.sh"

boot "quiet" 20000 0
[ "$(grep -c '"event":"early"' "$tmp/json")" = 1 ]
result $? "quiet: an event of before the per-CPU areas" "$tmp/err"
boot "burst" 100 1 -- burst
boot "serial line" 20000 any --serial # a busy host makes it too slow for all of them
boot "many events" 200000 0 -- events=200000

boot "overwrite, read all the time" 1000 0 -- overwrite
boot "overwrite, read at the end" 1000 1 -- overwrite late subbuf=1024 subbufs=64
boot "overwrite, burst" 100 1 -- overwrite burst events=200000

# What is lost must be lost to the depth limit only, each time the hook has called itself 8 deep.
run "events from the context hook" -- hook=1 events=60000
balance "events from the context hook" "$tmp/report" least=10000 losing=1 only=recursion
run "events from the clock hook" -- hook=2 events=60000
balance "events from the clock hook" "$tmp/report" least=50000 losing=0

# A snapshot while tracing goes on. `before` and `after` are what the kernel had fired then; on each
# CPU a few contexts may be between their own count and the record.
run "snapshot" --second "$tmp/snapshot" -- overwrite late snapshot subbuf=1024 subbufs=128
balance "snapshot" "$tmp/report" least=1000 losing=1 only=overwritten
decode "the snapshot itself" "$tmp/snapshot"
awk '
    function field(key) { at = index($0, "\"" key "\":"); return substr($0, at + length(key) + 3) + 0 }
    $1 == "snapshot" { split($2, n, "="); split($3, b, "="); split($4, a, "=")
                       before[n[2]] = b[2]; after[n[2]] = a[2] }
    /^\{"lost"/ { known[field("cpu")] += field("lost"); next }
    /^\{"time_ns"/ { known[field("cpu")]++; decoded[field("cpu")]++ }
    END {
        for (c = 0; c < 2; c++) {
            print "cpu " c ": " decoded[c] " decoded, with lost " known[c] ", fired " before[c] " to " after[c]
            if (known[c] < before[c] - 8 || known[c] > after[c] + 8) bad = 1
        }
        exit bad || !(decoded[0] + decoded[1]) # one CPU may have overwritten all before it was read
    }' "$tmp/report" "$tmp/json" >"$tmp/log"
result $? "the snapshot itself: it tells of all that was fired till then" "$tmp/log"

# A reader that nothing but the doorbell wakes.
run "doorbell" -- bell=10000 subbuf=512
balance "doorbell" "$tmp/report" least=100000 losing=0
says "doorbell: woken 10000 times, never for nothing, never too late" "^bell .*wakes=1....* strays=0 missed=0"
echo "1..$n"
