#!/bin/sh
# SPDX-License-Identifier: MIT
# trace_dat.sh - --format trace.dat, as trace-cmd reads it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libtracepoint.a are (.). TP_LONG=1: ten times as many
# records.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

built=$(cd "${TP_BUILDDIR:-.}" && pwd)
export LC_ALL=C

# --- a record is a line: CPU TIME TASK-PID FLAGS EVENT: TEXT; a loss is before the next record of its CPU ---

# [MESSAGE]: by what tpdecode says as JSON. trace-cmd shows eight characters of a name. MESSAGE: of the text of an event in jq; else there is none.
by_json()
{
    jq -r --argjson text "$([ -n "${1:-}" ] && echo true || echo false)" '
        if has("lost") then if .cpu == null then empty else "\(.cpu) lost \(.lost // 0)" end
        elif .unfinished or (.time_ns == null) or (.event or .raw | not) then empty
        else "\(.cpu) \(.time_ns) \((.common_comm // "<...>")[:8])-\(.common_pid // -1) \(.flags // ".....") " +
            (if .raw then "unknown" elif .sys == "sched" and .event == "switch" then "sched_switch"
             elif .sys == "sched" and .event == "wake" then "sched_waking" else .event end) + ":" +
            (if $text then " " + ('"${1:-null}"') else "" end) end' |
        awk '$2 == "lost" { some[$1] = 1; lost[$1] += $3; next }
             { if (some[$1]) print $1, "lost", lost[$1]; some[$1] = lost[$1] = 0; print }
             END { for (cpu in some) if (some[cpu]) print cpu, "lost", lost[cpu], "end" }' |
        sort -s -n -k 1,1
}

# [text]: the same by what trace-cmd reports; without text, if that is not asked for.
by_report()
{
    sed -n -E -e 's/^CPU:([0-9]+) \[([0-9]+) EVENTS DROPPED\]$/\1 lost \2/p' -e 's/^CPU:([0-9]+) \[EVENTS DROPPED\]$/\1 lost 0/p' \
        -e 's/^ *(.*-[0-9-]*[0-9]) +([0-9]+)([^ ]{5}) +([0-9]+)\.([0-9]{9}): ([^ ]+:) *(.*)$/\2 \4\5 \1 \3 \6 \7/p' |
        sed -E -e 's/^([0-9]+) 0+([0-9])/\1 \2/' -e 's/(.*[^-]-)-1 /\1-1 /' |
        awk -v text="${1:-}" '
            $2 == "lost" { some[$1] = 1; lost[$1] = $3; next }
            / end: / { print $1, "lost", lost[$1], "end"; some[$1] = 0; next }
            { if (some[$1]) print $1, "lost", lost[$1]; some[$1] = 0
              if (!text) sub(/: .*$/, ":"); print }' |
        sort -s -n -k 1,1
}

# FILE: trace-cmd's report, in `report`; it has nothing to complain about.
trace_cmd()
{
    trace-cmd report -t -l "$1" >report 2>complaints || complain "trace-cmd: code $?"
    [ ! -s complaints ] || complain "trace-cmd: $(head -n 3 complaints)"
}

by_hand()
{
    run --format trace.dat --output x.dat ../golden/manual
    code_is 0
    trace_cmd x.dat
    diff report - <<'END' || complain "by hand it is something else (>)"
cpus=2
    make-7       0d..1.     1.000100000: sched_waking:         comm=cc pid=9 prio=120 target_cpu=000
  <idle>-0       1d..1.     1.000900000: sched_switch:         <idle>:0 [120] R ==> cc:9 [120]
      cc-9       1.....     1.100000000: alloc:                bytes=512
      cc-9       1.....     1.200000000: alloc:                bytes=8192
    make-7       0.....     1.250000000: alloc:                bytes=4096
    make-7       0d.h1.     1.500000000: entry:                vector=32 ip=0x104ed2
    make-7       0d..1.     2.000000000: sched_switch:         make:7 [120] S ==> <idle>:0 [120]
CPU:1 [3 EVENTS DROPPED]
      cc-9       1.....     2.500000000: alloc:                bytes=512
      cc-9       1d..1.     2.750000000: sched_switch:         cc:9 [120] S ==> <idle>:0 [120]
  <idle>-0       0dNh1.     3.000200000: sched_waking:         comm=ld pid=12 prio=120 target_cpu=000
  <idle>-0       0d..1.     3.000450000: sched_switch:         <idle>:0 [120] R ==> ld:12 [120]
      ld-12      0.....     3.100000000: alloc:                bytes=65536
END
}

# All types, by hand: the first record of tests/golden/good-types.txt; arrays as good-arrays.txt has them, but names.
types()
{
    run --format trace.dat --output x.dat ../golden/types
    trace_cmd x.dat
    grep -q 'types: *255 65535 4294967295 18446744073709551615 -128 -32768 -2147483648 -9223372036854775808 1 x 0xffffffffffffffff \[hello\] deadbeef$' report ||
        complain "types: $(cat report)"
    run --format trace.dat --output y.dat ../golden/arrays
    trace_cmd y.dat
    grep -q 'arr: *u={1,22,333} s={-1,1} x={00,0a,c8,ff} p={0xffff} b={1,0} c=abc e={1,0,7}$' report || complain "arrays: $(cat report)"
}

every_dump()
{
    for name in $goldens; do
        # Names that are no words, tasks that have other numbers, two captures.
        case $name in escapes | taskname | tasks | joined) continue ;; esac
        run --format json --no-schema "../golden/$name"
        json_code=$code
        by_json <out >want
        run --format trace.dat --output "$name.dat" "../golden/$name"
        code_is "$json_code"
        if [ ! -s "$name.dat" ]; then
            [ ! -s want ] || complain "$name: nothing written"
            continue
        fi
        trace_cmd "$name.dat"
        by_report <report >got
        diff got want >difference || complain "$name: trace-cmd's (<) are not those of JSON (>): $(head -n 4 difference)"
    done
    [ -s manual.dat ] && [ -s damaged.dat ] && [ -s unfinished.dat ] || complain "few dumps"
}

# BYTES PAGE: of the longest text; of the pages there must be.
large()
{
    "$tmp/large" "$records" "$1" >large.tp
    run --format json --json-strings --no-schema large.tp # jq has numbers of 53 bits
    code_is 0
    by_json 'if .event == "number" then "v=\(.fields.v) w=\(.fields.w)" else "s=\(.fields.s)" end' <out >want
    run --format trace.dat --output large.dat large.tp
    code_is 0
    "$tp" --jobs 3 --format trace.dat large.tp 2>/dev/null | cmp - large.dat || complain "another file of several processes"
    trace_cmd large.dat
    by_report text <report >got
    diff got want >difference || complain "trace-cmd's (<) are not those of JSON (>): $(head -n 4 difference | cut -c 1-200)"
    [ "$(wc -l <got)" -gt $((records / 2)) ] || complain "$(wc -l <got) records"
    grep -q ' lost [1-9]' want || complain "nothing was lost"
    [ "$(od -A n -t u4 -j 14 -N 4 large.dat | tr -d ' ')" = "$2" ] || complain "pages: $(od -A n -t u4 -j 14 -N 4 large.dat)"
    [ "$(($(wc -c <large.dat) % $2))" = 0 ] || complain "not whole pages"
}

elsewhere()
{
    run --format trace.dat --output x.dat ../golden/manual
    "$tp" --format trace.dat ../golden/manual 2>err | cmp -s - x.dat || complain "to a pipe it is something else"
    "$tp" --format trace.dat <../golden/manual 2>err | cmp -s - x.dat || complain "from a file without a name it is something else"
    if [ -e /dev/full ]; then
        "$tp" --format trace.dat ../golden/manual >/dev/full 2>err
        code=$? command_line="tpdecode >/dev/full"
        code_is 4
    fi
    run --format trace.dat --event 'mm:*' --output y.dat ../golden/manual
    trace_cmd y.dat
    [ "$(grep -c 'alloc: ' report)" = 5 ] && ! grep -q sched report || complain "--event: $(cat report)"
    (export TMPDIR="$PWD/none"; "$tp" --format trace.dat ../golden/manual >out 2>err)
    code=$? command_line="TMPDIR=none tpdecode"
    nothing_but 2 "tpdecode: this needs a temporary file, and there can be none: set TMPDIR to a folder that may be written"
    run --format trace.dat ../golden/unfinished
    grep -qx 'tpdecode: --format trace.dat: 2 events that were never finished are left out' err || complain "$(cat err)"
    run --format trace.dat --output z.dat --role 'mm:nosuch=wake task=x' ../golden/manual
    code_is 2
}

wrong()
{
    for option in '--fields a' '--time utc' '--tail 3'; do
        # shellcheck disable=SC2086
        run --format trace.dat $option ../golden/manual
        nothing_but 2 "tpdecode: not with a format for viewers: '${option% *}', try 'tpdecode --help'"
    done
}

# Formats and names are written when a capture is over: --head ends it too.
first_two()
{
    run --format trace.dat --head 2 --output x.dat ../golden/manual
    code_is 0
    trace_cmd x.dat
    diff report - <<'END' || complain "of --head 2 it is something else (>)"
cpus=2
    make-7       0d..1.     1.000100000: sched_waking:         comm=cc pid=9 prio=120 target_cpu=000
  <idle>-0       1d..1.     1.000900000: sched_switch:         <idle>:0 [120] R ==> cc:9 [120]
END
}

command -v trace-cmd >/dev/null || { echo "Bail out! no trace-cmd"; exit 99; }
${CC:-cc} -std=gnu11 -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o "$tmp/large" \
    "$srcdir/tests/export/large.c" "$built/libtracepoint.a" 2>"$tmp/large.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/large.err")"
    exit 99
}
records=200000
[ "${TP_LONG:-}" = 1 ] && records=2000000

check "by hand" in_own_directory by_hand
check "types" in_own_directory types
check "each golden dump against JSON" in_own_directory every_dump
check "many records" in_own_directory large 0 4096
check "records that fill a page" in_own_directory large 4030 4096
check "records that are larger than a page" in_own_directory large 30000 65536
check "pipes, a disk that is full, a part, no temporary file" in_own_directory elsewhere
check "the first records alone" in_own_directory first_two
check "used wrongly" in_own_directory wrong
finish
