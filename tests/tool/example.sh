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
no such field at column 10
a > 8 && c
         ^
before enabling: 0 records
record of TEST: 24 bytes, a=9
call of TEST: 3 arguments, the last is 2
record of TEST2: 16 bytes, a=9
call of TEST2: 2 arguments, the last is 2
record of TEST: 24 bytes, a=10
call of TEST: 3 arguments, the last is 4
record of TEST2: 16 bytes, a=10
call of TEST2: 2 arguments, the last is 4
record of TEST: 24 bytes, a=11
call of TEST: 3 arguments, the last is 6
record of TEST2: 16 bytes, a=11
call of TEST2: 2 arguments, the last is 6
after enabling: 6 records
END
same "the error of a wrong filter; nothing before enabling; then calls and records as the filter says" \
    "$tmp/expected" "$tmp/said"

"$build/tpdecode" "$tmp/dump" 2>"$tmp/books" | sed 's/ *[0-9]*\.[0-9]\{6\}: / TIME: /' >"$tmp/lines"
for call in "9 2" "10 4" "11 6"; do
    set -- $call
    for event in TEST TEST2; do
        echo "    test_process-1       [000] ..... TIME: example_$event: Hello from tracepoint! a=$1, b=$2"
    done
done >"$tmp/expected"
same "the lines" "$tmp/expected" "$tmp/lines"
echo "6 records, 0 lost" >"$tmp/expected"
same "the count" "$tmp/expected" "$tmp/books"

"$build/tpdecode" --list-events "$tmp/dump" | sed 's/^ *[0-9]*  //' | sort >"$tmp/lines"
cat >"$tmp/expected" <<'END'
example:TEST   (u32 a, char tag[4], u32 b)  "Hello from tracepoint! a=%u,%.0s b=%u"
example:TEST2  (u32 a, u32 b)  "Hello from tracepoint! a=%u, b=%u"
END
same "the events" "$tmp/expected" "$tmp/lines"
echo "1..$n"
