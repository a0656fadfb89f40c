#!/bin/sh
# SPDX-License-Identifier: MIT
# chrome.sh - --format chrome, by jq: it is JSON, each record and loss is there, and slices are as viewers want
# them. With TP_LONG=1 speedscope opens it in Chromium. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

# DUMP ARGUMENT...: x.json.
read_json()
{
    dump=$1
    run --format chrome --output x.json "$@"
    mv err messages
    jq -e '.displayTimeUnit == "ns"' x.json >/dev/null || complain "$dump: no JSON of Chrome's"
    # Times as they are written: digits, a point, three digits. jq would make doubles of them.
    grep -oE '"ts":[^,}]*' x.json | grep -vE '":[0-9]+(\.[0-9]{3})?$' | head -n 3 >wrong
    [ ! -s wrong ] || complain "$dump: times: $(cat wrong)"
    # In nanoseconds, as integers that jq keeps.
    sed -E 's/"ts":([0-9]+)\.([0-9]{3})/"ts":\1\2/g; s/("ts":)0+([0-9])/\1\2/g' x.json |
        jq -c '.traceEvents[]' >events
    jq -s -r '
        def named: [.[] | select(.ph == "M" and .name == "thread_name") | "\(.pid) \(.tid)"] | unique;
        (. | named) as $named
        | (.[] | select(.ph | IN("B", "E", "i", "C", "M") | not) | "a phase \(.ph)"),
          (.[] | select((.ph | IN("B", "E")) and has("args")) | "a slice with arguments"),
          (.[] | select((.ph | IN("B", "E", "i", "C")) and (.name | type) != "string") | "no name"),
          ([.[] | select(.ph | IN("B", "E"))] | group_by([.pid, .tid])[]
           | "\(.[0].pid) \(.[0].tid)" as $thread
           | (if $named | index([$thread]) then empty else "thread \($thread) has no name" end),
             (reduce .[] as $x ({open: [], last: 0};
                 if $x.ts < .last then .wrong = "time goes back" else . end | .last = $x.ts
                 | if $x.ph == "B" then .open += [$x.name]
                   elif .open[-1:] == [$x.name] then .open |= .[:-1]
                   else .wrong = "an end of \($x.name)" end)
              | (if .open != [] then "open at the end" else empty end), .wrong // empty
              | "\(.) on \($thread)"))' events >wrong 2>&1
    [ ! -s wrong ] || complain "$dump: $(head -n 3 wrong)"
}

# All records and losses of JSON, in its order.
records_same()
{
    "$tp" --format json --no-schema --json-strings "$@" 2>/dev/null | jq -c '
        select(has("cpu")) | {tid: .cpu, ts: (.time_ns | tonumber)} + (if has("lost") then {lost: (.lost | tostring), cause}
        elif .event then {event: "\(.sys):\(.event)", fields: (.fields | tostring | gsub("[\"]"; ""))} else {id, raw} end)' >want
    jq -c 'select(.ph == "i" and (.name | startswith("no end") or . == "left out by sampling" | not) and .tid < 65535)
        | {tid, ts} + (if .cat == "loss" then {lost: (.args.lost | tostring), cause: .args.cause}
        elif .cat then {event: (.event // .name), fields: (.args | del(.common_pid, .common_comm, .common_flags) | tostring | gsub("[\"]"; ""))}
        else .args | {id, raw} end)' events >got
    if grep -q 'e+\|[0-9]\{17\}' want got; then # of what jq makes of numbers of 64 bits only the shape is compared
        sed -i 's/[0-9.]\{16,\}\(e+[0-9]*\)*/N/g; s/[0-9]\.[0-9]*e+[0-9]*/N/g' want got
    fi
    diff want got >differ || complain "$dump: $(head -n 6 differ)"
}

golden()
{
    case $1 in nometa | unknown | major | old) return ;; esac
    read_json "../golden/$1"
    records_same "../golden/$1"
}

scene_seen()
{
    scene | made >scene.tp
    with_roles read_json scene.tp
    records_same scene.tp
    jq -r 'select(.ph | IN("B", "E", "C")) | "\(.pid) \(.tid) \(.ts) \(.ph) \(.name) \(.args.value // "")"' events >got
    # 1: what CPUs run. 2: in tasks. 3: in interrupts. 4: all else. Open ends are at the last record.
    diff - got <<'END' || complain "slices"
1 0 1000 B worker-7 
1 1 2000 B <...>-6 
2 7 3000 B syscall 4 
3 0 3200 B irq_entry 
3 0 3300 E irq_entry 
2 7 4000 E syscall 4 
2 7 4200 B lock 1 
2 7 4300 B syscall 9 
2 7 4400 E syscall 9 
2 7 4400 E lock 1 
1 0 4500 C mem_left -3
4 1 4600 B dma_start 
4 2 4700 B dma_start 
4 1 4800 E dma_start 
4 3 3900 B disk_io 
4 3 4900 E disk_io 
3 0 4950 B irq_entry 
1 0 5000 E worker-7 
1 0 5000 B init-5 
1 0 8000 E init-5 
3 0 8000 E irq_entry 
4 2 8000 E dma_start 
1 0 9500 B <...>-9 
2 9 9600 B syscall 1 
1 0 9600 E <...>-9 
1 1 9600 E <...>-6 
2 9 9600 E syscall 1 
END
    jq -r 'select(.ph == "M") | "\(.pid) \(.tid) \(.name) \(.args.name)"' events | sort >got
    diff - got <<'END' || complain "names"
1 0 process_name CPUs
1 0 thread_name CPU 0
1 1 thread_name CPU 1
2 0 process_name tasks
2 7 thread_name worker
2 9 thread_name <...>
3 0 process_name spans of CPUs
3 0 thread_name CPU 0
4 0 process_name spans
4 1 thread_name dma
4 2 thread_name dma
4 3 thread_name disk queue 2
END
}

many_seen()
{
    many | made >many.tp
    with_roles read_json many.tp
    records_same many.tp
    [ "$(jq -s '[.[] | select(.ph == "B")] | length' events)" -gt 3000 ] || complain "hardly a slice"
}

hosts_seen()
{
    scene | made 1 >a.tp
    scene | made 2 >b.tp
    run --format chrome a.tp b.tp
    jq -r '.traceEvents[] | select(.name == "process_name") | "\(.pid) \(.args.name)"' out | sort >got
    diff - got <<'END' || complain "processes"
1 a.tp CPUs
2 a.tp tasks
3 a.tp spans of CPUs
5 b.tp CPUs
6 b.tp tasks
7 b.tp spans of CPUs
END
}

# npm's speedscope and playwright-core, which ./bootstrap check-long installs, or in NODE_PATH, and Debian's chromium.
# What is open where --head ends is ended there.
first_records()
{
    scene | made >scene.tp
    for n in 1 2 7 12; do
        with_roles "$tp" --format chrome --head "$n" --output x.json scene.tp 2>/dev/null
        jq -e '[.traceEvents[].ph] | (map(select(. == "B")) | length) == (map(select(. == "E")) | length)' x.json >balanced ||
            complain "--head $n: begins and ends differ"
    done
    jq -e '[.traceEvents[].ph] | index("B")' x.json >some || complain "no slice"
}

speedscope()
{
    NODE_PATH=${NODE_PATH:-$srcdir/node_modules}
    export NODE_PATH
    need node chromium
    node -e 'require("speedscope/package.json")' 2>/dev/null || skip "needs speedscope and playwright-core: ./bootstrap check-long installs them"
    many 110000 | grep -v lost | made >many.tp # at a loss it may take the order of one moment for another
    with_roles "$tp" --format chrome --output x.json many.tp 2>/dev/null
    node "$srcdir/tests/export/speedscope.js" x.json >seen 2>&1 || complain "speedscope: $(cat seen)"
    grep -q 'CPUs' seen || complain "speedscope does not name the CPUs: $(cat seen)"
}

for name in $goldens; do
    cli "golden $name: JSON of Chrome's, with each record and loss" golden "$name"
done
cli "slices, counters and names of a scene, by hand" scene_seen
cli "many records: each slice ends before the next on its thread begins, or after it" many_seen
cli "two inputs are apart" hosts_seen
cli "--head: each slice ends" first_records
[ -z "${TP_LONG:-}" ] || cli "speedscope opens it" speedscope
finish
