#!/bin/sh
# SPDX-License-Identifier: MIT
# Each ratio of compare.sh is within its bound: what an event costs inside Linux beside what Linux's own cost. In
# `make check-long` only, since Linux is booted with -icount for it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tables=$(mktemp) || exit 99
trap 'rm -f "$tables"' EXIT

sh "$here/compare.sh" >"$tables" 2>&1
status=$?
grep '^Bail out!' "$tables" && exit 99
awk -F ' *[|] *' -v "status=$status" '
    $2 == "ratio" { ratios = 1; next }
    ratios && $3 ~ /^[0-9.]+$/ {
        print ($3 + 0 > 0 && $3 + 0 <= $4 + 0 ? "" : "not ") "ok " ++n " - " $2 ": " $3 ", at most " $4
        next
    }
    { other[++others] = $0 }
    END {
        print (n == 8 && status == 0 ? "" : "not ") "ok " ++n " - eight ratios, and compare.sh ends well"
        if (n != 9 || status)
            for (i = 1; i <= others; i++)
                print "# " other[i]
        print "1.." n
    }' "$tables"
