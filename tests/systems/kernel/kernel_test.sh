#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel at its usual work: without loss, with loss, in both modes, with hooks, and asleep.
. "$(dirname "$0")/lib.sh"

boot "quiet" 20000 0
[ "$(grep -c '"event":"early"' "$tmp/json")" = 1 ]
result $? "quiet: an event of before the per-CPU areas" "$tmp/err"
contexts "quiet"
boot "burst" 100 1 -- burst
boot "unpinned" 100 1 -- burst loose
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

a_snapshot

# A reader that nothing but the doorbell wakes.
run "doorbell" -- bell=10000 subbuf=512
balance "doorbell" "$tmp/report" least=100000 losing=0
says "doorbell: woken 10000 times, never for nothing, never too late" "^bell .*wakes=1....* strays=0 missed=0"
echo "1..$n"
