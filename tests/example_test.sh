#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs doc/examples/usage.c through tpdecode and compares all of what it says but the times.
set -u
export LC_ALL=C
build=${TP_BUILDDIR:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
n=0

same() { # NAME EXPECTED ACTUAL
    n=$((n + 1))
    if diff "$2" "$3" >"$tmp/diff" 2>&1; then echo "ok $n - $1"; else
        echo "not ok $n - $1"
        sed 's/^/# /' "$tmp/diff"
    fi
}

"$build/usage" >"$tmp/dump" 2>"$tmp/said"
cat >"$tmp/expected" <<'END'
before enabling: 0 records
after enabling: 10 records
END
same "nothing before enabling, ten records after" "$tmp/expected" "$tmp/said"

"$build/tpdecode" "$tmp/dump" 2>"$tmp/books" | sed 's/ *[0-9]*\.[0-9]\{6\}: / TIME: /' >"$tmp/lines"
for call in "1 2" "9 2" "3 4" "10 4" "11 6"; do
    set -- $call
    for event in TEST TEST2; do
        echo "    test_process-1       [000] ..... TIME: $event: Hello from tracepoint! a=$1, b=$2"
    done
done >"$tmp/expected"
same "the lines" "$tmp/expected" "$tmp/lines"
echo "10 records, 0 lost" >"$tmp/expected"
same "the count" "$tmp/expected" "$tmp/books"

"$build/tpdecode" --list-events "$tmp/dump" | sed 's/^ *[0-9]*  //' | sort >"$tmp/lines"
cat >"$tmp/expected" <<'END'
example:TEST   (u32 a, char tag[4], u32 b)  "Hello from tracepoint! a=%u,%.0s b=%u"
example:TEST2  (u32 a, u32 b)  "Hello from tracepoint! a=%u, b=%u"
END
same "the events" "$tmp/expected" "$tmp/lines"
echo "1..$n"
