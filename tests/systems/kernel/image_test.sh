#!/bin/sh
# SPDX-License-Identifier: MIT
# The trace as it lies in memory: images of a kernel that died in the middle of a record, and the
# memory that a reset has left.
. "$(dirname "$0")/lib.sh"
. "$here/image.sh"

# The books know the one record that is unfinished as one that is missing: so something is lost.
crash "crash" 1
crash "crash, overwrite" 1 overwrite subbuf=1024 subbufs=32

reboot "reboot" 0
reboot "reboot, overwrite" 1 overwrite late subbuf=1024 subbufs=64

# The guest's memory as a file: the trace is where the report says, with its sub-buffers.
boot "memory as a file" 20000 0 --ram "$tmp/ram"
region=$(sed -n 's/^trace .*region=\([0-9a-f]*\).*/\1/p' "$tmp/report")
tail -c +$((0x$region + 1)) "$tmp/ram" | grep -a -c "$(printf '\365tp\372')" >"$tmp/log"
[ "$(cat "$tmp/log")" -gt 0 ]
result $? "memory as a file: chunks behind the region's address" "$tmp/log"
echo "1..$n"
