#!/bin/sh
# SPDX-License-Identifier: MIT
# vcd.sh - --format vcd, also as GTKWave's own converter reads it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

# By hand, from what tests/golden/good-manual.txt has. 3 records of CPU 1 are lost before 2.5.
by_hand()
{
    run --format vcd ../golden/manual
    code_is 0
    diff - out <<'END' || complain "by hand it is something else (<)"
$version tpdecode $end
$timescale 1ns $end
$scope module trace $end
$scope module cpu0 $end
$var string 1 t0 task $end
$var integer 32 p0 pid $end
$var integer 32 i0 interrupts $end
$var event 1 l0 lost $end
$upscope $end
$scope module cpu1 $end
$var string 1 t1 task $end
$var integer 32 p1 pid $end
$var integer 32 i1 interrupts $end
$var event 1 l1 lost $end
$upscope $end
$upscope $end
$enddefinitions $end
$dumpvars
s? t0
bx p0
b0 i0
s? t1
bx p1
b0 i1
$end
#1000900000
scc t1
b1001 p1
#1500000000
b1 i0
#2000000000
s<idle> t0
b0 p0
#2500000000
s? t1
bx p1
bx i1
1l1
#2750000000
s<idle> t1
b0 p1
#3000450000
sld t0
b1100 p0
END
    grep -qx 'tpdecode: --format vcd: 7 records are no change of a signal and are left out' err || complain "$(cat err)"
}

# What CPU 0 and 1 run, from when on, by their switches in JSON; the same twice in a row is no change.
runs_by_json()
{
    "$tp" --format json --event 'sched:switch' "$1" 2>err |
        jq -r 'select(.fields) | "\(.cpu) \(.time_ns) \(.fields.next)"' |
        awk '!($1 in last) || last[$1] != $3 { print } { last[$1] = $3 }' | sort -n -k1,1 -k2,2
}

# The same from a VCD file: pid of each CPU. Those that are not known are left out.
runs_by_signals()
{
    awk '$1 == "$scope" { scope = $3 }
        $1 == "$var" && $5 == "pid" { cpu[$4] = substr(scope, 4) }
        /^#/ { now = substr($0, 2) }
        /^b[01]/ && $2 in cpu {
            v = 0
            for (i = 2; i <= length($1); i++) v = 2 * v + substr($1, i, 1)
            printf "%s %s %d\n", cpu[$2], now, v
        }' | sort -n -k1,1 -k2,2
}

# Through GTKWave's converter to its own format and back, of a dump of many records.
converted()
{
    need vcd2fst fst2vcd
    run --format vcd --output signals.vcd "$1"
    code_is 0
    vcd2fst signals.vcd signals.fst >log 2>&1 || complain "vcd2fst: $(cat log)"
    fst2vcd signals.fst >back.vcd 2>log || complain "fst2vcd: $(cat log)"
    runs_by_json "$1" >want
    [ "$(wc -l <want)" -ge "$2" ] || complain "only $(wc -l <want) switches"
    runs_by_signals <back.vcd >got
    diff got want >difference || complain "by JSON (>) other tasks run: $(head -n 5 difference)"
    grep -c '^#' signals.vcd >times
    grep -c '^#' back.vcd | diff - times || complain "not as many times"
}

# Signals of every golden dump are a file that the converter takes.
every_dump()
{
    need vcd2fst
    for name in $goldens; do
        "$tp" "../golden/$name" >out 2>err
        code=$?
        [ $code -lt 2 ] && [ "$name" != joined ] || continue
        want=$code
        run --format vcd "../golden/$name"
        code_is "$want"
        harmless out
        [ -s out ] || { complain "$name: nothing"; continue; }
        awk '/^#/ { t = substr($0, 2) + 0; if (t < last) { print; exit } last = t }' out >back
        [ ! -s back ] || complain "$name: time goes back at $(cat back)"
        cp out signals.vcd
        vcd2fst signals.vcd signals.fst >log 2>&1 || complain "$name: $(cat log)"
    done
}

# Two captures are two files. Of the first one is the record at 1 s.
others()
{
    for format in vcd ftrace; do
        run --format $format ../golden/joined
        code_is 2
        grep -qx "tpdecode: --format $format has one capture: the others are not in it; give one input, and choose one by --capture" err ||
            complain "$(cat err)"
    done
    run --format ftrace --capture 2 ../golden/joined
    code_is 0
    [ "$(grep -vc '^#' out)" = 1 ] && grep -q ' 0.010000: t_other: w=0$' out || complain "$(cat out)"
    run --format ftrace --capture 1 ../golden/joined
    code_is 0
    [ "$(grep -vc '^#' out)" = 1 ] && grep -q ' 1.000000: t_num: v=0$' out || complain "$(cat out)"
}

# So are two machines that have the same number of stream; but not two CPUs of one.
same_number()
{
    { echo "1000 0 7 irq:entry 1"; echo "2000 0 7 irq:exit"; } | made 9 alpha >a
    { echo "1500 0 8 irq:entry 2"; echo "2500 0 8 irq:exit"; } | made 9 beta >b
    { echo "1700 1 8 irq:entry 3"; echo "2700 1 8 irq:exit"; } | made 9 alpha >c
    for format in vcd ftrace; do
        run --format $format a
        sed '/^# entries/d; /comment/d' out >wanted
        run --format $format a b
        code_is 2
        grep -q " has one capture: the others are not in it" err || complain "$format: $(cat err)"
        sed '/^# entries/d; /comment/d' out | diff wanted - >differ || complain "$format: only a is wanted, <: $(cat differ)"
        run --format $format a c
        code_is 0
    done
}

# Counters are signals of 64 bits, as two's complement; what ends before it has begun is left out.
counters()
{
    ones=$(printf '1%.0s' $(seq 62))
    printf '%s\n' '900 0 7 irq:exit' '1000 0 7 mem:left -3' '2000 0 7 mem:left 40' '3000 1 7 mem:left 9223372036854775807' |
        made >counts.tp
    run --format vcd --role 'mem:left=counter value=pages' counts.tp
    code_is 0
    sed -n '/^.scope module counters/,/^.upscope/p; /^#/p; / c0$/p' out | diff - /dev/fd/3 3<<END || complain "counters are something else (<)"
\$scope module counters \$end
\$var integer 64 c0 mem_left \$end
\$upscope \$end
bx c0
#1000
b${ones}01 c0
#2000
b101000 c0
#3000
b1${ones} c0
END
    grep -qx 'tpdecode: --format vcd: 1 records are no change of a signal and are left out' err || complain "$(cat err)"
}

check "by hand" in_own_directory by_hand
check "golden dumps, and GTKWave's converter" in_own_directory every_dump
check "through GTKWave's format and back" in_own_directory converted ../golden/manual 4
check "counters" in_own_directory counters
check "two captures" in_own_directory others
check "two machines, one number" in_own_directory same_number
finish
