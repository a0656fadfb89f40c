#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the test kernel and balances its books against what tpdecode makes of its dump: per CPU and
# cause always, per event too when nothing was lost. $TP_BUILDDIR has kernel.elf and tpdecode.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
build=${TP_BUILDDIR:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
n=0

result() { # STATUS NAME FILE: one TAP line, with the file's text if it failed
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        sed 's/^/# /' "$3" | tail -n 20
    fi
}

# The report and the JSON of a dump; prints what does not agree.
cat >"$tmp/balance.awk" <<'AWK'
function field(key,   at, rest) {
    at = index($0, "\"" key "\":")
    if (!at) return ""
    rest = substr($0, at + length(key) + 3)
    if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); sub(/".*/, "", rest) }
    else sub(/[,}].*/, "", rest)
    return rest
}
function value(key,   i) {
    for (i = 1; i <= NF; i++)
        if (index($i, key "=") == 1) return substr($i, length(key) + 2)
    return ""
}
FILENAME == report && $1 == "fired" && value("event") == "*" { fired[value("cpu")] = value("count") }
FILENAME == report && $1 == "fired" && value("event") != "*" { of[value("cpu") " " value("event")] = value("count") }
FILENAME == report && $1 == "lost" { refused[value("cpu") " " value("cause")] = value("count") }
FILENAME == report { next }
/^\{"schema"/ { next }
/^\{"lost"/ { lost[field("cpu") " " field("cause")] += field("lost"); all[field("cpu")] += field("lost"); total += field("lost"); next }
{
    decoded[field("cpu")]++
    got[field("cpu") " " field("sys") ":" field("event")]++
    if (field("time_ns") + 0 < last) { print "time goes back at " $0; bad = 1 }
    last = field("time_ns") + 0
    records++
}
END {
    for (c = 0; c < 2; c++) {
        if (!decoded[c]) { print "nothing from cpu " c; bad = 1 }
        if (fired[c] != decoded[c] + all[c]) {
            print "cpu " c ": " fired[c] " fired, " decoded[c] + 0 " decoded, " all[c] + 0 " lost"; bad = 1
        }
    }
    for (k in refused) if (refused[k] + 0 != lost[k] + 0) { print "lost on cpu " k ": kernel " refused[k] ", dump " lost[k] + 0; bad = 1 }
    for (k in lost) if (!(k in refused)) { print "lost on cpu " k " is unknown to the kernel"; bad = 1 }
    if (!total) for (k in of) if (of[k] + 0 != got[k] + 0) { print "cpu " k ": kernel " of[k] ", dump " got[k] + 0; bad = 1 }
    if (!total) for (k in got) if (!(k in of)) { print "cpu " k " is unknown to the kernel"; bad = 1 }
    if (records < least) { print records " records, expected " least; bad = 1 }
    if ((losing && !total) || (!losing && total)) { print total + 0 " lost"; bad = 1 }
    exit bad
}
AWK

boot() { # NAME LEAST LOSING [options of run]
    name=$1 least=$2 losing=$3
    shift 3
    sh "$here/run" "$build/kernel.elf" "$tmp/dump" "$tmp/report" "$@" >"$tmp/log" 2>&1
    result $? "$name: the kernel ends well" "$tmp/log"
    "$build/tpdecode" --format json "$tmp/dump" >"$tmp/json" 2>"$tmp/err"
    result $? "$name: all of the dump decodes" "$tmp/err"
    awk -v report="$tmp/report" -v least="$least" -v losing="$losing" -f "$tmp/balance.awk" \
        "$tmp/report" "$tmp/json" >"$tmp/log" 2>&1
    result $? "$name: the books balance" "$tmp/log"
    awk '$1 == "total" { gsub(/[a-z]+=/, ""); print $3 " records, " $4 " lost" }' \
        "$tmp/report" | diff - "$tmp/err" >"$tmp/log" 2>&1
    result $? "$name: tpdecode's count is the kernel's" "$tmp/log"
}

boot "quiet" 20000 0
boot "burst" 100 1 -- burst
boot "serial line" 20000 0 --serial
boot "many events" 200000 0 -- events=200000
# Interrupts and NMIs between any two instructions: plain TCG takes them only between blocks.
export QEMU_EXTRA=-singlestep
boot "every instruction, NMIs" 20000 0 -- nmi=5
boot "every instruction, NMIs, tiny sub-buffers" 100 1 -- nmi=8 burst subbuf=1024 subbufs=2
unset QEMU_EXTRA

# The guest's memory as a file: the trace is where the report says, with its sub-buffers.
boot "memory as a file" 20000 0 --ram "$tmp/ram"
region=$(sed -n 's/^trace .*region=\([0-9a-f]*\).*/\1/p' "$tmp/report")
tail -c +$((0x$region + 1)) "$tmp/ram" | grep -a -c "$(printf '\365tp\372')" >"$tmp/log"
[ "$(cat "$tmp/log")" -gt 0 ]
result $? "memory as a file: chunks behind the region's address" "$tmp/log"
echo "1..$n"
