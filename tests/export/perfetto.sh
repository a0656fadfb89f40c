#!/bin/sh
# SPDX-License-Identifier: MIT
# perfetto.sh - --format perfetto, read by protoc: no unknown field, each record as JSON has it, and the rules
# that Perfetto's trace processor counts as errors. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

awk=$srcdir/tests/export/perfetto.awk

# DUMP ARGUMENT...: facts, records of the trace.
read_trace()
{
    dump=$1
    run --format perfetto --output x.pftrace "$@"
    code_is "${want_code:-0}"
    mv err messages
    cp "$srcdir/tests/export/perfetto.proto" base.proto
    protoc --decode=Trace base.proto <x.pftrace >first 2>protoc.err || complain "$dump: $(cat protoc.err)"
    {
        cat base.proto
        awk -f "$srcdir/tests/export/extend.awk" first || complain "$dump: an event is described twice"
    } >all.proto
    protoc --decode=Trace all.proto <x.pftrace >text 2>protoc.err || complain "$dump: $(cat protoc.err)"
    : >records
    : >facts
    awk -v records=records -v facts=facts -f "$awk" text text 2>wrong || complain "$dump: $(head -n 5 wrong)"
    order
}

# By time, what comes in what order: a switch leaves what the last one went to; ends are of what is open.
order()
{
    grep '^switch' facts | sort -k 2,2 -k 3,4 | awk '
        $2 == cpu && $5 != runs { print "CPU " cpu ": a switch from " $5 ", it runs " runs; exit }
        { cpu = $2; runs = $6 }' >wrong
    [ ! -s wrong ] || complain "$dump: $(cat wrong)"
    grep '^slice' facts | sort -k 2,2 -k 3,4 | awk '
        $2 != track { track = $2; depth = 0 }
        $5 == "TYPE_SLICE_BEGIN" { depth++ }
        $5 == "TYPE_SLICE_END" && --depth < 0 { print "an end without a begin: " $0; exit }' >wrong
    [ ! -s wrong ] || complain "$dump: $(cat wrong)"
}

# Each record of JSON is one of the trace, in the order of its CPU. Values as texts; of pointers and other
# numbers of 64 bits the trace says both.
records_same()
{
    "$tp" --format json --json-strings "$@" 2>/dev/null | jq -c '
        def text: if type == "string" then . elif type == "array" then tojson | gsub("\""; "") else tostring end;
        select(has("cpu") and (.event or .raw) and (.unfinished | not) and .cpu < 1024)
        | {cpu, time_ns: (.time_ns | tostring), pid: (.common_pid // null),
           event: (if .event then "\(.sys):\(.event)" else "?" end),
           fields: (if .event then (.fields | map_values(text))
                        + (if .cut then {cut: (.cut | join(","))} else {} end)
                    else {id: (.id | tostring), raw} end)}' >want
    jq -c . records >got
    [ "$(wc -l <want)" = "$(wc -l <got)" ] || complain "$dump: $(wc -l <got) records, not $(wc -l <want)"
    jq -n -c --slurpfile want want --slurpfile got got '
        def same($a; $b): if ($b | type) == "array" then $b | index([$a]) != null
            else $a == $b or ($a | gsub("\""; "")) == ($b | gsub("\""; "")) end;
        def sorted: group_by(.cpu) | map(.[]);
        ($want | sorted) as $w | ($got | sorted) as $g
        | range($w | length) | . as $i | $w[$i] as $a | $g[$i] as $b
        | select(($a.cpu == $b.cpu and $a.time_ns == $b.time_ns and $a.event == $b.event
                  and ($a.pid == null or $a.pid == $b.pid or $a.pid >= 1073741824)
                  and ($a.fields | keys) == ($b.fields | keys)
                  and all($a.fields | keys[]; . as $k | same($a.fields[$k]; $b.fields[$k]))) | not)
        | {$a, $b}' >differ 2>&1
    [ ! -s differ ] || complain "$dump: $(head -n 2 differ)"
}

# The losses of JSON, each as an instant.
losses_same()
{
    "$tp" --format json --json-strings "$@" 2>/dev/null | jq -r '
        select(has("lost")) | "\(.time_ns // "") \(.lost // "") \(.cause)"' | sort >want
    sed -n 's/^slice [0-9]* *\([0-9]*\) [0-9]* TYPE_INSTANT |"lost .*/&/p' facts |
        sed -E 's/^slice [0-9]+ +([0-9]+) .*"cause"="([a-z_]*)".*/\1 LOST \2 &/; s/LOST ([a-z_]*) .*"lost"=([0-9]+) .*/\2 \1/; s/LOST ([a-z_]*) .*/ \1/' |
        sort >got
    sed 's/^[0-9]* \(.*unknown_cpu\)$/ \1/' got | sort | diff want - >differ || complain "$dump: losses: $(cat differ)"
    for cpu in $("$tp" --format json "$@" 2>/dev/null | jq -r 'select(has("lost") and has("cpu") and .cpu < 1024) | .cpu' | sort -u); do
        grep -q "^lost [0-9]*:$cpu$" facts || complain "$dump: no lost_events of CPU $cpu"
    done
}

golden()
{
    case $1 in
    damaged | duplicate | front | records | zlib | memory | metadata) want_code=1 ;;
    nometa | unknown | major | old) return ;;
    esac
    run "../golden/$1"
    want_code=$code
    read_trace "../golden/$1"
    records_same "../golden/$1"
    losses_same "../golden/$1"
}

# What is made of roles, by hand: line for line what `scene` in made.sh says.
scene_seen()
{
    scene | made >scene.tp
    with_roles read_trace scene.tp
    records_same scene.tp
    losses_same scene.tp
    grep '^switch' facts | awk '{ print $2, $3, $5, $6, $7 }' | sort >got
    sort >want <<'END'
0:0 1000 5 7 1
0:0 5000 7 5 16
0:0 8000 5 0 1
0:0 9500 0 9 0
0:1 2000 0 6 0
END
    diff want got || complain "switches"
    grep '^waking' facts >got
    echo 'waking 0:1 2500 6 7 0' | diff - got || complain "wake-ups"
    # track (its name, or pid|tid), type, name
    awk '/^track/ { t = $0; sub(/^track [0-9]+ [0-9]+ /, "", t); sub(/\|[01]$/, "", t); is[$3] = t; next }
        /^slice/ { s = $0; sub(/^slice [0-9]+ +[0-9]+ [0-9]+ TYPE_/, "", s); print $3, is[$2] ": " s }' facts >got
    diff - got <<'END' || complain "slices"
3000 |5|7|: SLICE_BEGIN "syscall"|"syscall 4"| "nr"=4
3200 "cpu 0"|||: SLICE_BEGIN "irq"|"irq_entry"| "vector"=32
3300 "cpu 0"|||: SLICE_END ||
4000 |5|7|: SLICE_END || "ret"=-5
4200 |5|7|: SLICE_BEGIN "lock"|"lock 1"| "lock"=1
4300 |5|7|: SLICE_BEGIN "syscall"|"syscall 9"| "nr"=9
4400 |5|7|: SLICE_END || "no end"="what it began in has ended"
4400 |5|7|: SLICE_END || "lock"=1
4500 "mem_left"|||: COUNTER ||-3
4600 "dma"|||: SLICE_BEGIN "dma"|"dma_start"| "chan"=1 "id"=77
4700 "dma"|||: SLICE_BEGIN "dma"|"dma_start"| "chan"=1 "id"=78
4800 "dma"|||: SLICE_END || "id"=77
3900 "queue 2"|||: SLICE_BEGIN "disk"|"disk_io"| "took_us"=1 "queue"=2
4900 "queue 2"|||: SLICE_END ||
4950 "cpu 0"|||: SLICE_BEGIN "irq"|"irq_entry"| "vector"=33
8000 "losses cpu 0"|||: INSTANT |"lost 3 (full)"| "lost"=3 "cause"="full"
8000 "cpu 0"|||: SLICE_END || "no end"="records are lost here"
8000 "dma"|||: SLICE_END || "no end"="records are lost here"
9600 |9|9|: SLICE_BEGIN "syscall"|"syscall 1"| "nr"=1
END
    grep '^task\|^clock' facts | sort >got
    sort >want <<'END'
clock 0 0 1700000000000000000
task 0 5 5 "init" 5 "init"
task 0 7 5 "worker" 5 "init"
END
    diff want got || complain "tasks and clocks"
    diff - messages <<'END' || complain "messages"
tpdecode: --format perfetto: 1 switches are put in, where what a CPU left is not what it went to
tpdecode: --format perfetto: 2 ends without a begin
tpdecode: --format perfetto: 1 begins without an end
tpdecode: --format perfetto: 2 spans ended at a loss
tpdecode: --format perfetto: 1 ended with what they began in
21 records, 3 lost
END
}

many_seen()
{
    many | made >many.tp
    with_roles read_trace many.tp
    records_same many.tp
    losses_same many.tp
    durations many.tp | sort >want
    [ "$(wc -l <want)" -gt 30 ] || complain "only $(wc -l <want) durations"
    grep '^switch' facts | sort -k 2,2 -k 3,4 | awk '
        { sub(/^[0-9]*:/, "", $2) }
        $2 == cpu { ran[cpu " " runs] += $3 - since }
        { cpu = $2; since = $3; runs = $6 }
        END { for (k in ran) if (ran[k]) print k, ran[k] }' | sort >got
    diff want got >differ || complain "durations: $(head -n 5 differ)"
    n=$(sed -n 's/^tpdecode: .*: \([0-9]*\) switches are put in.*/\1/p' messages)
    want=$("$tp" --format json many.tp 2>/dev/null | jq -c 'select(.event == "switch")' | wc -l)
    [ "$(grep -c '^switch' facts)" = $((want + n)) ] || complain "switches: not $want and $n"
}

# Two hosts, merged by wall time; and two captures one after the other.
machines_seen()
{
    scene | made 1 alpha >a.tp
    scene | sed 's/1700000000000000000/1700000001000000000/' | made 2 beta >b.tp
    with_roles read_trace a.tp b.tp
    sed -n '/^host\|^clock/p' facts >got
    diff - got <<'END' || complain "hosts"
host 0 "alpha"
clock 0 1700000000000000000 1700000000000000000
host 1 "beta"
clock 1 1700000001000000000 1700000001000000000
END
    for machine in 0 1; do
        [ "$(grep -c "^{\"machine\":$machine," records)" = 21 ] || complain "records of machine $machine"
        grep -q "^task $machine 7 5 \"worker\"" facts || complain "tasks of machine $machine"
        grep -q "^lost $machine:0" facts || complain "losses of machine $machine"
    done
    grep -q '"machine":1,"cpu":0,"time_ns":"1700000001000001000","pid":5' records || complain "wall time: $(grep -m 1 'machine":1' records)"
    scene | made 3 >c.tp
    cat a.tp c.tp >two.tp
    with_roles read_trace two.tp
    [ "$(grep -c '^{"machine":0,' records) $(grep -c '^{"machine":1,' records)" = "21 21" ] || complain "two captures"
}

# LINES, TEXT or nothing: what is said at the end of it.
said()
{
    made <lines >lines.tp
    with_roles read_trace lines.tp
    grep '^tpdecode' messages | sed 's/^tpdecode: --format perfetto: //' >got
    printf '%s' "${1:+$1
}" | diff - got || complain "messages"
}

depth() # N: begins, and as many ends
{
    awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) print i, 0, 5, "syscall:enter", i
        for (i = 1; i <= n; i++) print n + i, 0, 5, "syscall:exit 0" }' >lines
}

open() # N: ids
{
    awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) print i, 0, 5, "dma:start", 1, i
        for (i = 1; i <= n; i++) print n + i, 0, 5, "dma:done", i }' >lines
}

lanes() # N: that overlap
{
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print 9000 + i, 0, 5, "disk:io", 9, 1 }' >lines
}

# Each limit, from both sides.
limits_seen()
{
    depth 256
    said
    [ "$(grep -c SLICE_END facts)" = 256 ] || complain "256 deep"
    depth 257
    said '1 dropped, since too many are open'
    [ "$(grep -c SLICE_END facts)" = 256 ] || complain "257 deep"
    open 16384
    said
    [ "$(grep -c SLICE_END facts)" = 16384 ] || complain "16384 open"
    open 16385
    said '1 ends without a begin
1 dropped, since too many are open'
    lanes 8
    said
    lanes 9
    said '1 spans with too many others on their track'
    printf '%s\n' '1 1023 5 syscall:enter 1' '2 1023 5 syscall:exit 1' >lines
    said
    [ "$(grep -c '"cpu":1023' records)" = 2 ] || complain "CPU 1023"
    printf '%s\n' '1 1023 5 syscall:enter 1' '2 1023 5 syscall:exit 1' '3 1024 5 syscall:exit 1' >lines
    said '1 records of CPUs from 1024 on are left out: Perfetto has no more'
    echo '9223372036854775807 0 5 irq:exit' >lines
    said '1 ends without a begin'
    printf '%s\n' '9223372036854775807 0 5 irq:exit' '9223372036854775808 0 5 irq:exit' >lines
    said '1 times are beyond what Perfetto has, 2^63 ns
2 ends without a begin'
}

# Bytes are for no terminal; a pipe has them.
terminal_seen()
{
    need script
    script -qec "'$tp' --format perfetto ../full.tp" /dev/null </dev/null >out
    grep -q "not text, and not for a terminal, without --output: '--format'" out || complain "$(cat out)"
    "$tp" --format perfetto ../full.tp 2>/dev/null | cat >piped
    run --format perfetto --output file ../full.tp
    cmp piped file || complain "a pipe has something else"
}

need protoc
for name in $goldens; do
    cli "golden $name: protoc knows each field, records are those of JSON" golden "$name"
done
cli "scheduling, spans, counters and losses of a scene, by hand" scene_seen
cli "many records: order, counts, durations" many_seen
cli "several hosts and captures are machines" machines_seen
cli "limits, from both sides" limits_seen
cli "not to a terminal" terminal_seen
finish
