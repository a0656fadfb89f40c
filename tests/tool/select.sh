#!/bin/sh
# SPDX-License-Identifier: MIT
# select.sh - the options of tpdecode that choose records: each of them alone, together, and
# used wrongly. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Dumps come from tests/golden
# and doc/format.md; what is wanted is written here by hand.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"
. "$srcdir/tests/export/made.sh"

# --- helpers ---

# DUMP LOST SHOWN OF ARGUMENT...: text of golden/DUMP with these options; standard input is what it
# must print.
shows()
{
    dump=$1 lost=$2 shown=$3 of=$4
    shift 4
    run "$@" "../$dump"
    code_is 0
    out_is
    echo "$shown of $of records shown, $lost lost" | err_is
}

# DUMP LOST SHOWN OPTION...: the same, and --head ended it.
first()
{
    dump=$1 lost=$2 shown=$3
    shift 3
    run "$@" "../$dump"
    code_is 0
    out_is
    echo "the first $shown records shown, $lost lost before" | err_is
}

# MESSAGE as shows: what was asked for is not in the dump, as MESSAGE says.
wrong()
{
    message=$1 dump=$2 lost=$3 shown=$4 of=$5
    shift 5
    run "$@" "../$dump"
    code_is 2
    out_is
    printf '%s\n' "$message" "$shown of $of records shown, $lost lost" | err_is
}

time_example="seconds as 12.345678, a time since the first record as +1.5s or before the last as -200ms, or a time of day as 2026-01-02T03:04:05.678"

# N...: lines of golden/utc by the values of their records.
utc()
{
    for n in "$@"; do
        case $n in
        1) echo "           <...>-0       [000] .....     0.000000: t_num: v=1" ;;
        2) echo "           <...>-0       [000] .....    33.000000: t_num: v=2" ;;
        3) echo "           <...>-0       [000] .....    33.333333: t_num: v=3" ;;
        4) echo "           <...>-0       [000] .....    33.666666: t_num: v=4" ;;
        5) echo "           <...>-0       [000] .....    50.000000: t_num: v=5" ;;
        6) echo "           <...>-0       [000] .....    50.333333: t_num: v=6" ;;
        7) echo "           <...>-0       [000] ..... 1431655765.000000: t_num: v=7" ;;
        lost) echo "--- cpu 0: 1 records lost here (buffer full) ---" ;;
        esac
    done
}

# N...: lines of golden/tasks, ditto.
tasks()
{
    for n in "$@"; do
        case $n in
        0) echo "            init-1       [000] .....     0.000000: t_num: v=0" ;;
        1) echo "twenty-four_bytes_are_ok-2       [000] d..1.     0.000000: t_num: v=1" ;;
        2) echo "          <idle>-0       [000] .N.f.     0.000000: t_num: v=2" ;;
        3) echo "           <...>-1234567 [000] ..sf.     0.000000: t_num: v=3" ;;
        4) echo "           <...>-4294967295 [000] ..H..     0.000000: t_num: v=4" ;;
        5) echo "         systemd-1       [000] ..z..     0.000000: t_num: v=5" ;;
        6) echo "         systemd-1       [000] ..Z..     0.000000: t_num: v=6" ;;
        7) echo "         systemd-1       [000] dNZ3.     0.000000: t_num: v=7" ;;
        8) echo "         systemd-1       [000] .....     0.000000: t_num: v=8" ;;
        9) echo "             a b-1234567 [000] .....     0.000000: t_num: v=9" ;;
        esac
    done
}

# N...: lines of golden/loss: records by number, losses by where they are.
loss()
{
    for n in "$@"; do
        case $n in
        1) echo "           <...>-0       [000] .....     1.000000: t_num: v=1" ;;
        2) echo "           <...>-0       [000] .....     2.000000: t_num: v=2" ;;
        3) echo "           <...>-0       [000] .....     3.000000: t_num: v=3" ;;
        4) echo "           <...>-0       [001] .....     2.500000: t_num: v=4" ;;
        before1) echo "--- cpu 0: 2 records lost here (buffer full) ---" ;;
        before2) printf '%s\n' "--- cpu 0: 1 records lost here (nested writer) ---" \
            "--- cpu 0: 1 records lost here (record too large) ---" \
            "--- cpu 0: 1 records lost here (recursion) ---" ;;
        before3) printf '%s\n' "--- cpu 0: 5 records lost here (overwritten) ---" \
            "--- cpu 0: 2 records lost here (missing from the dump) ---" ;;
        end0) echo "--- cpu 0: 4 records lost here (buffer full) ---" ;;
        end1) echo "--- cpu 1: 1 records lost here (buffer full) ---" ;;
        esac
    done
}

# --- events ---

types()
{
    sed -n "${1}p" <<'END'
           <...>-0       [000] .....     0.000000: t_types: 255 65535 4294967295 18446744073709551615 -128 -32768 -2147483648 -9223372036854775808 1 x 0xffffffffffffffff [hello] deadbeef
           <...>-0       [000] .....     0.000000: t_types: 0 0 0 0 127 32767 2147483647 9223372036854775807 0 \\ 0x0 [] 
           <...>-0       [000] .....     0.000000: t_types: 1 1 1 1 -1 -1 -1 -1 1 " 0x1 [ab...] 01...
           <...>-0       [000] .....     0.000000: t_empty: 
           <...>-0       [000] .....     0.000000: t_text: nothing % here
END
}

event()
{
    types 4 | shows types 0 1 5 --event t:empty
    types 5 | shows types 0 1 5 --event 't:te*'
    types 4,5 | shows types 0 2 5 --event 't:?e*t,t:empty'
    types 4,5 | shows types 0 2 5 --event t:empty --event=t:text
    types 1,3 | shows types 0 3 5 --event '*:types'
    # A bare word is a subsystem, an event of any, or both.
    types 1,3 | shows types 0 3 5 --event types
    types 5 | shows types 0 1 5 --event t_text
    types 4,5 | shows types 0 2 5 --event 't_?e*t,empty'
    types 1,5 | shows types 0 5 5 --event t
    types 1,5 | shows types 0 5 5 --event '?'
    types 1,5 | shows types 0 5 5 --event 't:*'
    types 1,5 | shows types 0 5 5 --event '*t*:***'
}

event_none()
{
    for glob in 'x:*' '??' 't:?' 't:*x'; do
        : | wrong "tpdecode: no event matches '$glob'; --list-events shows what there is" types 0 0 5 --event "$glob"
    done
    for glob in t:type t:typesx T:types type; do
        near=${glob%%type*}types
        : | wrong "tpdecode: no event matches '$glob': did you mean '$(echo "$near" | tr T t)'?" types 0 0 5 --event "$glob"
    done
    types 5 | wrong "tpdecode: no event matches 'x'; --list-events shows what there is
tpdecode: no event matches 'y:z'; --list-events shows what there is" types 0 1 5 --event 't:text,x,y:z'
    # An event that is defined, and of which there is no record.
    : | shows tasks 0 0 10 --event t:num --pid 1 --filter 'v == 999'
}

# Records of unknown events have no name.
event_unknown()
{
    run --event '*' ../unknown
    [ "$(tail -n 1 err)" = "5 of 6 records shown, 1 lost, 1 chunks damaged" ] || complain "$(cat err)"
    ! grep -q "unknown event" out || complain "an unknown event is chosen by its name"
    run --cpu 0 ../unknown
    grep -q "unknown event" out || complain "an unknown event is not chosen by its CPU"
}

event_wrong()
{
    for text in '' , t: ':x' 't:x,' ',t' 't:x,,u' 't,:'; do
        run --event "$text" ../types
        nothing_but 2 "tpdecode: not a list of events '$text': names and patterns, as sched:switch,irq:*"
    done
    many=$(awk 'BEGIN { for (i = 0; i < 255; i++) printf "t," }')
    run --event "${many}t" ../types
    code_is 0
    types 1,5 | out_is
    run --event "${many}t,t" ../types
    code_is 2
    grep -q '^tpdecode: too long a list' err || complain "$(head -c 200 err)"
}

# --- CPUs and tasks ---

cpu()
{
    loss 4 end1 | shows loss 1 1 4 --cpu 1
    loss before1 1 before2 2 before3 3 end0 | shows loss 16 3 4 --cpu 0
    loss before1 1 before2 2 4 before3 3 end0 end1 | shows loss 17 4 4 --cpu 0-7
    loss before1 1 before2 2 4 before3 3 end0 end1 | shows loss 17 4 4 --cpu 1 --cpu 0
    loss 4 end1 | wrong "tpdecode: no CPU 900: there are 2, from 0 on
tpdecode: no CPU 4294967295: there are 2, from 0 on" loss 1 1 4 --cpu 1-1,900,4294967295
    : | wrong "tpdecode: no CPU 2: there are 2, from 0 on" loss 0 0 4 --cpu 2-7
}

pid()
{
    tasks 0 5 6 7 8 | shows tasks 0 5 10 --pid 1
    tasks 2 | shows tasks 0 1 10 --pid 0
    tasks 1 3 4 9 | shows tasks 0 4 10 --pid 2-1234567,4294967295
    tasks 7 | shows tasks 0 1 10 --pid 1 --event t:num --filter 'v == 7'
    # Without context nothing is known of tasks.
    : | wrong "tpdecode: no record is of task 777, but there are 1, 2, 0, 1234567, 4294967295" tasks 0 0 10 --pid 777
    : | wrong "tpdecode: --pid: no record says of which task it is" types 0 0 5 --pid 0
}

list_wrong()
{
    for option in --cpu --pid; do
        case $option in --cpu) example="a list, as 0,2-5" ;; *) example="a list, as 1,100-199; --filter 'common_comm == \"NAME\"' is of a name" ;; esac
        for text in '' , 1, ,1 1-,2 2-1 -1 1--2 x 1x ' 1' 4294967296 0-4294967296 99999999999999999999; do
            run "$option=$text" ../types
            nothing_but 2 "tpdecode: not a list of numbers '$text': $example"
        done
    done
}

# --- times ---

# A counter with 3 counts a second: nothing is as round as it looks.
seconds()
{
    utc 2 3 4 5 6 7 lost | shows utc 1 6 6 --from 33
    utc 3 4 5 6 7 lost | shows utc 1 5 5 --from 33.000001
    utc 3 4 5 6 7 lost | shows utc 1 5 5 --from 33.333333
    utc 4 5 6 7 lost | shows utc 1 4 4 --from 33.333334
    utc 4 5 6 7 lost | shows utc 1 4 4 --from 33.333333334
    utc 1 2 | shows utc 0 2 2 --to 33
    utc 1 2 | shows utc 0 2 2 --to 33.333332
    utc 1 2 3 | shows utc 0 3 3 --to 33.333333
    # With nanoseconds it is exact: 33.333333333 and a third.
    utc 1 2 | shows utc 0 2 2 --to 33.333333332
    utc 1 2 3 | shows utc 0 3 3 --to 33.333333333
    utc 3 | shows utc 0 1 1 --from 33.333333 --to 33.333333
    utc 3 4 5 | shows utc 0 3 3 --from 33.1 --to ' 50.'0
    : | shows utc 0 0 0 --from 34 --to 49.999999
    run --from 50 --to 33 ../utc
    nothing_but 2 "tpdecode: --from is after '--to', try 'tpdecode --help'"
    utc 3 | shows utc 0 1 1 --from 33333333us --to 33.333333s
    utc lost | shows utc 1 0 0 --from 1431655765.1
    : | wrong "tpdecode: no record is so late: the dump is 0.000000 to 1431655765.333333" \
        utc 0 0 0 --from 18446744073.709551615
    utc 1 2 3 4 5 6 7 lost | shows utc 1 7 7 --to 18446744073.709551615
}

# The first record is at 0 in golden/utc, and at a second in golden/loss.
relative()
{
    utc 2 3 | shows utc 0 2 2 --from +1s --to +33.333333
    utc 2 3 | shows utc 0 2 2 --from +32999ms --to +33600000us
    utc 3 4 | shows utc 0 2 2 --from +33000000001ns --to +0.57m
    utc 1 | shows utc 0 1 1 --to +0
    utc 7 lost | shows utc 1 1 1 --from +1h
    loss 4 before3 3 | shows loss 7 2 2 --from +1.5s --to +2s
    loss before1 1 before2 2 4 | shows loss 5 3 3 --to 2.9
    loss before1 1 before2 2 | shows loss 5 2 2 --to +1s
    # The CPU that is asked for does not move the first record.
    loss 4 | shows loss 0 1 3 --from +0.5s --cpu 1 --to +2s
}

# FILTER: records of `all` as JSON; $last: the last record of their capture.
by_end()
{
    jq -cs 'reduce .[] as $o ([]; if $o.schema then . + [[]] elif $o.time_ns and $o.event then .[-1] += [$o] else . end) | .[] |
        (map(.time_ns) | max) as $last | .[] | select('"$1"')' all
}

# Each against a full print, cut by jq: a file, compressed, an image, two captures in a file.
before_the_end()
{
    gzip -c ../joined >joined.gz
    cp ../joined ../loss ../manual ../region .
    for file in joined joined.gz loss manual region; do
        "$tp" --format json $file >all 2>/dev/null
        for span in 0 1 5000 333333333 1000000000 2500000000 3600000000000; do
            by_end ".time_ns >= \$last - $span" >want
            "$tp" --format json --from -${span}ns $file 2>err | jq -c 'select(.time_ns and .event)' >got
            cmp -s want got || complain "$file --from -$span: $(diff want got | head -n 4)"
            by_end ".time_ns <= \$last - $span" >want
            "$tp" --format json --to -${span}ns $file 2>err | jq -c 'select(.time_ns and .event)' >got
            cmp -s want got || complain "$file --to -$span: $(diff want got | head -n 4)"
            [ -s got ] && echo $file $span >>cut
        done
    done
    [ "$(wc -l <cut)" -ge 12 ] || complain "nearly nothing to compare: $(cat cut)"
    utc 7 lost | shows utc 1 1 1 --from -1h
    run --from -1s - <../utc
    code_is 0
    cat ../utc | "$tp" --from -1s >out 2>err
    code=$? command_line="cat utc | tpdecode --from -1s"
    nothing_but 2 "tpdecode: standard input: no file, so that no time counts from its end, which is not known: save it first, or --tail has the last records"
    # Several inputs end together.
    "$tp" --format json loss manual 2>/dev/null | jq -cs 'map(select(.time_ns and .event)) | (map(.time_ns) | max) as $last | .[] | select(.time_ns >= $last - 1500000000)' >want
    "$tp" --format json --from -1.5s loss manual 2>/dev/null | jq -c 'select(.time_ns and .event)' | diff want - || complain "of two inputs"
    [ -s want ] || complain "nothing of two inputs"
}

# Shown as UTC, 6 is before 5: the clock was set back in between.
day()
{
    utc 3 4 5 6 | shows utc 0 4 4 --from 2026-11-23T23:12:33.1 --to '2026-11-23 23:12:49.790122Z'
    utc 3 | shows utc 0 1 1 --from 2026-11-23T23:12:33.123456 --to 2026-11-23T23:12:33.123456
    utc 1 2 | shows utc 0 2 2 --to 2026-11-24T00:12:33.123455+01:00
    utc 3 4 | shows utc 0 2 2 --from 2026-11-23T17:42:33-05:30 --to 2026-11-23T23:12:40
    utc 7 lost | shows utc 1 1 1 --from 2026-11-24
    early="tpdecode: no record is so early: the dump begins at 2026-11-23T23:11:59.790122Z"
    : | wrong "$early" utc 0 0 0 --to 2026-11-23T23:11
    : | wrong "$early" utc 0 0 0 --to 1970-01-01
    # 2072 is a leap year, 2100 is none.
    utc 7 | shows utc 0 1 1 --from 2072-02-29 --to 2072-04-06T01:21:24
    run --from 2100-02-29 ../utc
    nothing_but 2 "tpdecode: not a time '2100-02-29': $time_example"
}

day_unknown()
{
    for option in --from --to; do
        run $option 2026-11-23 ../types
        nothing_but 1 "tpdecode: ../types: no clock pair before the first record: a time of day cannot be found" \
            "0 of 0 records shown, 0 lost"
    done
}

time_wrong()
{
    for option in --from --to; do
        for text in '' + 1y x 1. .5 1.x 1e9 +1.5x +ms +1.s +-1 1.0000000001 2026-13-01 2026-00-01 2026-01-00 2026-01-32 \
            2026-02-29 2026-1-01 2026-01-01T 2026-01-01T24:00 2026-01-01T10 2026-01-01T10:60 2026-01-01T10:00:60 \
            2026-01-01T10:00:1x 2026-01-01T10:00+1:00 2026-01-01T10:00+24:00 2026-01-01T10:00Zx 0000-01-01; do
            run "$option=$text" ../types
            nothing_but 2 "tpdecode: not a time '$text': $time_example"
        done
        for text in - -1y -x --1; do
            run "$option=$text" ../types
            nothing_but 2 "tpdecode: not a time '$text': $time_example"
        done
        run "$option=-1s" --follow ../types
        nothing_but 2 "tpdecode: what is followed has no end to count from: '$option', try 'tpdecode --help'"
        for text in 18446744074 +5124096h +99999999999999999999999ns 1969-12-31T23:59:59 2600-01-01; do
            run "$option=$text" ../types
            case $text in
            +999*) nothing_but 2 "tpdecode: not a time '$text': $time_example" ;;
            *) nothing_but 2 "tpdecode: too far a time '$text': $time_example" ;;
            esac
        done
    done
}

# Two dumps in one file: each by its own clock, and none stops the other.
joined()
{
    run --to 0.5 ../joined
    code_is 0
    printf '%s\n' "--- capture 2 begins ---" "           <...>-5       [000] .....     0.010000: t_other: w=0" | out_is
    printf '%s\n' "tpdecode: joined: no end mark: tracing went on, or the dump was cut" "1 of 1 records shown, 0 lost" |
        sed 's|: joined|: ../joined|' | err_is
    run --from +0 --to +0 ../joined
    printf '%s\n' "            five-5       [000] .....     1.000000: t_num: v=0" \
        "--- capture 2 begins ---" "           <...>-5       [000] .....     0.010000: t_other: w=0" | out_is
    run --clock-hz 500000000 --to 2 ../joined
    grep -q ' 2.000000: t_num: v=0' out || complain "--clock-hz: not twice the time"
}

# --- captures ---

# Of three in one file: what is shown of one is what is in it alone.
captures()
{
    cat ../loss ../utc ../tasks >three
    for n in 1 2 3; do
        name=$(echo loss utc tasks | cut -d ' ' -f $n)
        "$tp" "../$name" >alone 2>alone.err
        run --capture $n three
        code_is 0
        grep -v '^--- capture' out | diff - alone >difference || complain "$n: $(head -n 3 difference)"
        sed -n '$s/^\([0-9]*\) records, /\1 of \1 records shown, /p' alone.err >want
        tail -n 1 err | diff - want || complain "$n: the last line"
        run --capture $n --output one three
        code_is 0
        run one
        cmp -s out alone || complain "$n: --output has something else"
        run --capture $n --format json --no-schema three
        cp out want
        run --format json --no-schema "../$name"
        cmp -s out want || complain "$n: JSON has something else"
    done
    run --capture 1,3 three
    grep -c '^--- capture' out | grep -qx 1 || complain "captures 1 and 3"
    [ "$(tail -n 1 err)" = "14 of 14 records shown, 17 lost" ] || complain "$(cat err)"
    run --capture 3 --stats --format json three
    [ "$(jq .all.count out)" = 10 ] || complain "--stats: $(cat out)"
    run --capture 3-4,7 three
    code_is 2
    grep -qx 'tpdecode: no capture 7: there are 3, from 1 on' err || complain "$(cat err)"
    run --capture 2 ../loss
    code_is 2
    grep -qx 'tpdecode: no capture 2: there is 1, from 1 on' err || complain "$(cat err)"
    run --capture one ../loss
    nothing_but 2 "tpdecode: not a list of numbers 'one': a list, as 2 or 1,3-5"
    run --list-events --capture 1 ../loss
    nothing_but 2 "tpdecode: events are listed, not records: '--capture', try 'tpdecode --help'"
}

# --- head, tail ---

head_()
{
    loss before1 1 before2 2 | first loss 5 2 --head 2
    loss before1 1 before2 2 4 | first loss 5 3 --head=3
    loss before1 1 before2 2 4 before3 3 | first loss 12 4 --head 4
    loss before1 1 before2 2 4 before3 3 end0 end1 | shows loss 17 4 4 --head 5
    : | first loss 0 0 --head 0
    tasks 0 5 | first tasks 0 2 --head 2 --pid 1
    loss before1 1 before2 2 4 before3 3 end0 end1 | shows loss 17 4 4 --head 18446744073709551615
    # Reading ends there: what is damaged behind it does not matter, and a pipe need not end.
    (cat ../loss; sleep 30) | "$tp" --head 1 >out 2>err
    code=$? command_line="a pipe | tpdecode --head 1"
    code_is 0
    loss before1 1 | out_is
}

tail_()
{
    loss before3 3 end0 end1 | shows loss 17 1 4 --tail 1
    loss 4 before3 3 end0 end1 | shows loss 17 2 4 --tail 2
    loss before2 2 4 before3 3 end0 end1 | shows loss 17 3 4 --tail=3
    for n in 4 5 1000000; do
        loss before1 1 before2 2 4 before3 3 end0 end1 | shows loss 17 4 4 --tail $n
    done
    loss end0 end1 | shows loss 17 0 4 --tail 0
    loss before2 2 | shows loss 5 1 2 --head 2 --tail 1
    tasks 7 8 | shows tasks 0 2 10 --pid 1 --tail 2
}

# 8 MiB are kept of what is printed: the last lines that fit, and a message.
tail_room()
{
    awk 'BEGIN { for (i = 0; i < 200000; i++) print i * 1000, i % 4, i % 40, "disk:io", i, i % 7 }' | made >big.tp
    "$tp" big.tp >all 2>/dev/null
    fits=$(tac all | awk '{ bytes += length + 1 } bytes > 8388608 { exit } { n++ } END { print n }')
    [ "$fits" -gt 100000 ] && [ "$fits" -lt 199000 ] || complain "$fits lines fit"
    for n in "$fits" $((fits + 1)) 199000; do
        run --tail "$n" big.tp
        code_is 0
        tail -n "$fits" all | cmp - out || complain "--tail $n: other lines"
        {
            [ "$n" = "$fits" ] ||
                echo "tpdecode: the last $fits records take 8388608 bytes, there is no room for more"
            echo "$fits of 200000 records shown, 0 lost"
        } | err_is
    done
}

tail_schema()
{
    run --format json --tail 1 ../loss
    code_is 0
    out_is <<'END'
{"schema":"tracepoint","version":1,"tool":"tracepoint 0.1.0","clock_hz":1000,"cpus":2,"stream":"0x5eed"}
{"lost":5,"cpu":0,"cause":"overwritten","time_ns":3000000000}
{"lost":2,"cpu":0,"cause":"missing","time_ns":3000000000}
{"time_ns":3000000000,"cpu":0,"sys":"t","event":"num","fields":{"v":3}}
{"lost":4,"cpu":0,"cause":"full","time_ns":4000000000}
{"lost":1,"cpu":1,"cause":"full","time_ns":4000000000}
END
    run --format csv --tail 0 ../types
    echo "time,cpu,common_pid,common_comm,flags,sys,event,lost,message" | out_is
}

count_wrong()
{
    for option in --head --tail; do
        case $option in --tail) most=" up to 1000000" ;; *) most=", as 10" ;; esac
        for text in '' -1 1x x 1.5 +1 ' 1' 18446744073709551616; do
            run "$option=$text" ../types
            nothing_but 2 "tpdecode: not a number of records '$text': a number of records$most"
        done
    done
    run --tail 1000001 ../types
    nothing_but 2 "tpdecode: not a number of records '1000001': a number of records up to 1000000"
}

# --- filter ---

filter()
{
    tasks 8 9 | shows tasks 0 2 10 --filter 'v > 7'
    tasks 0 5 6 7 8 | shows tasks 0 5 10 --filter 'common_pid == 1'
    tasks 5 6 7 8 | shows tasks 0 4 10 --filter 'comm ~ "sys*"'
    tasks 4 | shows tasks 0 1 10 --filter 'common_pid < 0'
    tasks 1 7 | shows tasks 0 2 10 --filter 'common_flags & 1 && cpu == 0'
    tasks 7 | shows tasks 0 1 10 --filter 'common_preempt_count == 3'
    # Values of every type, at their ends.
    types 1 | shows types 0 1 5 --filter 'a == 255 && b == 0xffff && c == 4294967295 && d == 18446744073709551615'
    types 1 | shows types 0 1 5 --filter 'e == -128 && f < -32767 && g == -2147483648 && h < -9223372036854775807'
    types 2 | shows types 0 1 5 --filter '!i && j == 92 && k == 0 && l == ""'
    types 3 | shows types 0 1 5 --filter 'e < 0 && a < 2 && l == ab'
    types 1 | shows types 0 1 5 --filter 'l ~ "h?l*"'
    # An event that lacks the field does not pass.
    types 1,3 | shows types 0 3 5 --filter 'a >= 0'
    types 4,5 | shows types 0 2 5 --filter 'common_type == 2 || common_type == 3'
}

# A name that is a field of some events and what each record has of others: a note, if both are asked for.
filter_mixed()
{
    printf '%s\n' "1000 0 5 sched:wakeup 7 1" "2000 1 5 dma:start 1 1" | made 1 >mixed.tp
    note="tpdecode: --filter: cpu is a field of some events, and of others where it was recorded: common_cpu is that of each record"
    run --filter 'cpu == 1' mixed.tp
    printf '%s\n' "$note" "2 of 2 records shown, 0 lost" | err_is
    run --filter 'common_cpu == 1' mixed.tp
    echo "1 of 2 records shown, 0 lost" | err_is
    for event in wakeup dma:start; do
        run --event $event --filter 'cpu == 1' mixed.tp
        echo "1 of 2 records shown, 0 lost" | err_is
    done
    note="tpdecode: --filter: comm is a field of some events, and of others the name of the task: common_comm is that of each record"
    for jobs in 1 2; do
        run --jobs $jobs --filter 'comm ~ "*"' ../manual
        [ "$(grep -cxF "$note" err)" = 1 ] || complain "$command_line: $(cat err)"
    done
    for filter in 'common_comm ~ "*"' 'next > 0 && comm ~ "*"' 'common_comm ~ "*" && next > 0' 'bytes > 0 && comm ~ "*"'; do
        run --filter "$filter" ../manual
        ! grep -F -e --filter err || complain "$command_line: $(cat err)"
    done
}

# Names of values: enum, flags, and those that are negative.
filter_names()
{
    head -n 1 ../names.out | shows names 0 1 4 --filter 'e == one'
    sed -n 2p ../names.out | shows names 0 1 4 --filter 'e == minus'
    sed -n 1p ../names.out | shows names 0 1 4 --filter 'f == A|B'
    sed -n 2p ../names.out | shows names 0 1 4 --filter 'f & HIGH == HIGH'
}

# Without context what it would say is not known.
filter_context()
{
    : | shows types 0 0 5 --filter 'common_pid == 0'
    : | shows types 0 0 5 --filter 'common_pid != 0 || a == 255'
}

filter_wrong()
{
    run --filter 'nosuch > 1' ../types
    nothing_but 2 "tpdecode: --filter: no such field at column 1" "nosuch > 1" "^" "--list-events shows what there is"
    run --filter 'a > 1 && nosuch' ../types
    nothing_but 2 "tpdecode: --filter: no such field at column 10" "a > 1 && nosuch" "         ^" \
        "--list-events shows what there is"
    for text in 'a >' 'a > 1 &&' '(a > 1' 'a ~ 1' 'm == 1' 'a = 1' ''; do
        run --filter "$text" ../types
        code_is 2
        out_is </dev/null
        [ "$(sed -n 2p err)" = "$text" ] && [ "$(sed -n '3s/^ *^$/caret/p' err)" = caret ] ||
            complain "--filter '$text': $(cat err)"
    done
    # No event of either dump has it; one of two has it.
    run --filter 'nosuch > 1' ../types ../tasks
    code_is 2
    grep -q "no such field at column 1" err || complain "$(cat err)"
    # What is wrong with a field says more than that others have none.
    run --filter 'm == 1' ../tasks ../types
    nothing_but 2 "tpdecode: --filter: bytes and arrays cannot be compared at column 1" "m == 1" "^"
    run --filter 'v > 8' ../types ../tasks
    code_is 0
    tasks 9 | sed 's/^/[tasks] /' | out_is
    # What is shown of it cannot steer a terminal.
    run --filter "$(printf 'a > \033[2J')" ../types
    code_is 2
    harmless err
}

# --- all at once, and the same from everywhere ---

together()
{
    loss before2 2 | first loss 3 1 --cpu 0 --from 1.5 --to 2.5 --head 1 --filter 'v > 1' --event t:num
    loss before1 1 before2 2 | shows loss 5 2 3 --cpu 0 --to 2.5 --filter 'v < 3'
    for dump in loss tasks utc types; do
        for options in "--from +0.5s" "--to +1s" "--cpu 0 --tail 2" "--head 1"; do
            # shellcheck disable=SC2086
            "$tp" $options "../$dump" >out 2>err
            code=$? command_line="tpdecode $options, of a pipe"
            # shellcheck disable=SC2086
            cat "../$dump" | "$tp" $options >pipe.out 2>pipe.err
            out_is <pipe.out
            err_is <pipe.err
            # shellcheck disable=SC2086
            gzip -c "../$dump" | "$tp" $options >pipe.out 2>pipe.err
            out_is <pipe.out
        done
    done
}

# --offset moves an input: what is printed, merged, selected, counted and written.
offset()
{
    run --offset ../loss=-200ms --template '%t %{v}' ../loss
    code_is 0
    grep -v lost out >lines
    printf '%s\n' '0.800000 1' '1.800000 2' '2.300000 4' '2.800000 3' | diff - lines || complain "-200ms"
    run --offset ../loss=3 --time raw --template '%t %{v}' ../loss
    grep -v lost out >lines
    printf '%s\n' '4000 1' '5000 2' '5500 4' '6000 3' | diff - lines || complain "3, raw"
    # They are in the order of the moved times.
    cp ../loss 'a=b'
    cp ../tasks c
    run --offset 'a=b=-1500ms' --offset c=+1m --template '%t %{v}' --from 0.2 --to 60.0000009 c 'a=b'
    grep -v lost out >lines
    { printf '%s\n' '0.500000 2' '1.000000 4' '1.500000 3'; for v in 0 1 2 3 4 5 6 7 8 9; do echo "60.000000 $v"; done; } |
        diff - lines || complain "two that are moved"
    grep -q '^tpdecode: a=b: --offset moves some times to before 0: they are shown as 0$' err || complain "$(cat err)"
    run --offset ../loss=+0.5s --from 2 --to 3 --template '%t %{v}' ../loss
    grep -v lost out >lines
    printf '%s\n' '2.500000 2' '3.000000 4' | diff - lines || complain "--from, --to"
    run --offset ../loss=+1h --format json --stats ../loss
    grep -q '"all":{.*"first_ns":3601000000000,"last_ns":3603000000000,' out || complain "--stats: $(cat out)"
    run --offset ../loss=+1h --output converted ../loss
    run --format json converted
    grep -c '"time_ns":360[1-3][05]00000000,.*"v":' out | grep -qx 4 || complain "--output: $(cat out)"
    run --offset ../loss=+1ns --format json ../loss
    head -n 1 out | grep -q '"offset_ns":1[,}]' || complain "$(cat out)"
}

# All that is printed of several inputs says of which it is, losses and what sampling left out too.
which_input()
{
    run --format json ../loss ../manual
    [ "$(jq -c 'select(.schema | not) | has("input")' out | sort -u)" = true ] || complain "$(jq -c 'select(has("input") | not)' out | head -n 3)"
    for n in 1 2; do
        "$tp" --format json "$([ $n = 1 ] && echo ../loss || echo ../manual)" 2>err | jq -c 'select(.lost or .suppressed)' >wanted
        [ -s wanted ] || complain "nothing is lost of input $n"
        jq -c "select(.lost or .suppressed) | select(.input == $n) | del(.input)" out | diff wanted - >differ || complain "input $n: $(cat differ)"
    done
}

offset_wrong()
{
    hint=", try 'tpdecode --help'"
    form="not FILE=TIME, as dump.tp=+1.5s or dump.tp=-200ms, but"
    for text in ../loss =1 ''; do
        run --offset "$text" ../loss
        nothing_but 2 "tpdecode: $form '$text'$hint"
    done
    for text in ../loss= ../loss=x ../loss=1y ../loss=+-1 ../loss=--1 ../loss=1.; do
        run --offset "$text" ../loss
        nothing_but 2 "tpdecode: not a time '$text'$hint"
    done
    run --offset ../loss=9223372036.854775807 ../loss
    code_is 0
    run --offset ../loss=9223372036.854775808 ../loss
    nothing_but 2 "tpdecode: too far a time '../loss=9223372036.854775808'$hint"
    run --offset ../loss=1 --offset ../loss=2 ../loss
    nothing_but 2 "tpdecode: a second offset of the same file '../loss=2'$hint"
    run --offset loss=1 ../loss ../tasks
    nothing_but 2 "tpdecode: --offset: no input is 'loss', there are: ../loss, ../tasks"
    # 64 of them, and one more.
    set --
    while [ $# -lt 128 ]; do set -- "$@" --offset "f$#=1"; done
    run "$@" ../loss
    nothing_but 2 "tpdecode: --offset: no input is 'f0', there are: ../loss"
    run "$@" --offset g=1 ../loss
    nothing_but 2 "tpdecode: too many offsets 'g=1'$hint"
}

for name in loss tasks utc types unknown joined names manual region; do
    hex <"$(golden_file "$name.hex")" >"$tmp/$name"
done
golden_part names stdout >"$tmp/names.out"
hex <"$(golden_file le32.hex)" >"$tmp/le32"
[ "$(wc -l <"$tmp/names.out")" = 4 ] && [ "$(wc -c <"$tmp/types")" -gt 800 ] || {
    echo "Bail out! not the dumps that were to be made"
    exit 99
}

cli "--event: patterns, subsystems, lists" event
cli "--event: none matches" event_none
cli "--event: records of unknown events" event_unknown
cli "--event: used wrongly" event_wrong
cli "--cpu: records and losses" cpu
cli "--pid" pid
cli "--cpu, --pid: used wrongly" list_wrong
cli "--from, --to: seconds" seconds
cli "--from, --to: since the first record" relative
cli "--from, --to: before the last record" before_the_end
cli "--from, --to: time of day" day
cli "--from, --to: time of day where none is known" day_unknown
cli "--from, --to: used wrongly" time_wrong
cli "--from, --to: two dumps in one file" joined
cli "JSON of several inputs" which_input
cli "--offset" offset
cli "--offset: used wrongly" offset_wrong
cli "--capture" captures
cli "--head" head_
cli "--tail" tail_
cli "--tail: more than there is room for" tail_room
cli "--tail: schema and names of columns are printed" tail_schema
cli "--head, --tail: used wrongly" count_wrong
cli "--filter: fields of every type, task, flags" filter
cli "--filter: a name that means two things" filter_mixed
cli "--filter: names of values" filter_names
cli "--filter: without context" filter_context
cli "--filter: errors with a caret" filter_wrong
cli "options together; a pipe and gzip give the same" together
finish
