#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU 1 goes down and comes up 10000 times, by real INITs, while CPU 0 records on.
. "$(dirname "$0")/lib.sh"
. "$here/works.sh"

plugged 10000

# In the middle of anything, of records too: INIT comes between any two instructions. Each dead writer
# costs a place in its ring, and the reader a second.
QEMU_EXTRA=-singlestep TIMEOUT=120
export QEMU_EXTRA TIMEOUT
run "hotplug, killed" -- hotplug=30 kill subbuf=1024 subbufs=8
balance "hotplug, killed" "$tmp/report" least=100 losing=any slack=30
says "hotplug, killed: no record of CPU 0 is unfinished" "^read cpu=0 .*unread=0 unfinished=0"
grep '^read cpu=1' "$tmp/report" | sed 's/^/# /'
echo "1..$n"
