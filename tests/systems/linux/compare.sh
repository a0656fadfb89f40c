#!/bin/sh
# SPDX-License-Identifier: MIT
# Instructions that an event costs inside Linux, with the engine and with what Linux has: in QEMU with
# -icount, where each instruction takes a nanosecond, so that two runs say the same. `make compare-linux`.
# Exit status 1: a ratio is over its bound.
#
#     compare.sh [PAGE]    PAGE gets the tables between its lines <!-- compare-linux --> and <!-- end -->
. "$(dirname "$0")/lib.sh"

page=${1:-}

modules "$tmp/made" || { cat "$tmp/made"; exit 1; }
guest "$tmp/cost" "$here/cost.scenario" || exit 1
boot "$tmp/cost" -smp 1 -icount shift=0,sleep=off || { tail "$tmp/cost.console"; exit 1; }
(
    echo "Linux $release, $(gcc -dumpfullversion | sed 's/^/gcc /'): instructions for an event of two u32, without the loop around it."
    echo
    cd "$tmp/cost.out" && grep ' ns=' discard.log discard_context.log overwrite.log overwrite_context.log refused.log \
        refused_context.log | awk -f "$here/compare.awk"
) >"$tmp/tables"
status=$?
cat "$tmp/tables"
[ -z "$page" ] || {
    awk -v tables="$tmp/tables" '/^<!-- end -->/ { inside = 0 } !inside
        /^<!-- compare-linux -->/ { inside = 1; while ((getline line <tables) > 0) print line }' "$page" >"$tmp/page" &&
        cp "$tmp/page" "$page"
}
exit $status
