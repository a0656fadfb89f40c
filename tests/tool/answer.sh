#!/bin/sh
# SPDX-License-Identifier: MIT
# answer.sh - the options of tpdecode that answer instead of printing records: each of them by
# hand, behind selections, as JSON, and used wrongly. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Dumps come from tests/golden
# and doc/format.md; what is wanted is counted there by hand.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"
. "$srcdir/tests/export/made.sh"

# --- helpers ---

# ARGUMENT...: standard input is what it must print, and all is well.
answers()
{
    run "$@"
    code_is 0
    out_is
}

# FILTER ARGUMENT...: what jq makes of the answer as JSON; standard input is what that must be.
json()
{
    json_of 0 "$@"
}

# The same with the exit code: CODE FILTER ARGUMENT...
json_of()
{
    code=$1 filter=$2
    shift 2
    run --format json "$@"
    code_is "$code"
    [ "$(wc -l <out)" = 1 ] || complain "$command_line: $(wc -l <out) lines of JSON"
    mv out whole
    jq -c "$filter" <whole >out || complain "$command_line: no JSON"
    out_is
}

# WHAT ARGUMENT...: a usage error, with one line that says WHAT.
refused()
{
    what=$1
    shift
    run "$@" </dev/null
    case $what in
    *"': "*) nothing_but 2 "tpdecode: $what" ;;
    *) nothing_but 2 "tpdecode: $what, try 'tpdecode --help'" ;;
    esac
}

bar=####################

# --- stats ---

stats()
{
    answers --stats ../loss <<'END'
     count       rate/s       bytes         first          last  event
         4        2.000          64      1.000000      3.000000  t:num

     count       rate/s       bytes         first          last     lost  cpu
         3        1.500          48      1.000000      3.000000       16  0  (full 6, nested 1, oversize 1, recursion 1, overwritten 5, missing 2)
         1        0.500          16      2.500000      2.500000        1  1  (full 1)
         4        2.000          64      1.000000      3.000000       17  all  (full 7, nested 1, oversize 1, recursion 1, overwritten 5, missing 2)
80.952 % of 21 records lost
END
    echo "4 records, 17 lost" | err_is
    # In 4 ns. Most often first, then by name; bytes with 8 of header each, rounded up to 8.
    json '.events[] | [.event, .count, .rate, .bytes]' --stats ../types <<'END'
["t:types",3,750000000,184]
["t:empty",1,250000000,8]
["t:text",1,250000000,8]
END
    # With context it is 16 bytes before the fields, here u32.
    json '[.all.count, .all.bytes]' --stats ../tasks <<'END'
[10,240]
END
    # Of two files by number of the CPU.
    json '[.all.count, .all.bytes, .cpus[].count], .captures' --stats ../loss ../merge <<'END'
[13,208,7,6]
[{"capture":1,"input":"loss","count":4,"lost":17,"clock_hz":1000},{"capture":1,"input":"merge","count":9,"lost":0,"clock_hz":1000000000}]
END
    # The same one twice is one.
    json '[.all.count, .all.bytes, .all.lost_sum, .cpus[].count], .captures[].count' --stats ../loss ../loss <<'END'
[4,64,17,3,1]
4
0
END
    # Captures of a file, by their number.
    run --stats ../joined
    tail -n 3 out >captures
    diff - captures <<'END' || complain "$(cat out)"
     count     lost  capture
         1        0  capture 1
         1        0  capture 2
END
    run --stats ../joined ../merge
    tail -n 4 out >captures
    diff - captures <<'END' || complain "$(cat out)"
     count     lost  capture
         1        0  joined
         1        0  joined, capture 2
         9        0  merge
END
}

stats_selected()
{
    json '[.span_ns, .all.count, .all.lost]' --stats --cpu 1 ../loss <<'END'
[0,1,{"full":1}]
END
    json '[.span_ns, [.cpus[] | [.cpu, .count, .first_ns, .last_ns, .lost_sum]]]' --stats --from 2 --to 2.5 ../loss <<'END'
[500000000,[[0,1,2000000000,2000000000,3],[1,1,2500000000,2500000000,0]]]
END
    json '[.all.count, .all.last_ns]' --stats --head 2 ../loss <<'END'
[2,2000000000]
END
    json '[.events[].event]' --stats --event 't:te*' ../types <<'END'
["t:text"]
END
    json '[.all.count, .events, .cpus, .all.first_ns]' --stats --filter 'v > 100' ../loss <<'END'
[0,[],[{"cpu":0,"count":0,"rate":null,"bytes":0,"lost":{"full":6,"nested":1,"oversize":1,"recursion":1,"overwritten":5,"missing":2},"lost_sum":16},{"cpu":1,"count":0,"rate":null,"bytes":0,"lost":{"full":1},"lost_sum":1}],null]
END
}

stats_by()
{
    answers --stats --by comm ../manual <<'END'
     count       rate/s       bytes         first          last  comm
         5        2.381         128      1.000100      2.500000  cc
         3        1.428          80      3.000200      3.100000  ld
         2        0.952          64      2.000000      2.750000  idle
         2        0.952          56      1.250000      1.500000  make
        12        5.714         328      1.000100      3.100000  (all)
3 records lost  (full 3)
END
    grep -qx 'tpdecode: --by comm is a field of sched:wake, sched:switch, and not one of other events: --by common_comm is of the task of each record' err ||
        complain "$(cat err)"
    # By another way: from the records.
    for name in manual tasks merge loss utc; do
        for by in cpu event common_pid; do
            run --format json "../$name"
            jq -c "select(.sys and .time_ns) | [({common_pid, cpu: .cpu, event: (.sys + \":\" + .event)}).$by, .time_ns]" <out |
                jq -sc 'group_by(.[0]) | map([.[0][0], length, (map(.[1]) | min, max)]) | map(select(.[0] != null)) | sort' >want
            [ "$name,$by" != manual,pid ] || continue # there it is a field of one event
            run --stats --by $by --format json "../$name"
            jq -c '[.keys[] | [.key, .count, .first_ns, .last_ns]] | sort' <out >got
            diff got want || complain "$command_line: by records (>) it is something else"
        done
    done
    run --stats --by nosuch ../loss
    code_is 2
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "4 records, 17 lost" | err_is
    json '[.keys, .without.count, .all.lost_sum]' --stats --by pid ../loss <<'END'
[[],4,17]
END
}

# Unknown events, damaged memory, two dumps in one file.
stats_rest()
{
    run --stats ../unknown
    code_is 1
    grep -q '^         1 .*  (unknown)$' out || complain "$(cat out)"
    json_of 1 '[.all.damaged, .all.lost]' --stats ../memory <<END
[$("$tp" ../memory 2>/dev/null | grep -c "not known"),{"missing":$("$tp" ../memory 2>/dev/null | sed -n 's/.*: \([0-9]*\) records lost here (missing.*/\1/p' | awk '{ n += $1 } END { print n }')}]
END
    json '[.events[] | [.event, .count, .first_ns]]' --stats ../joined <<'END'
[["t:num",1,1000000000],["t:other",1,10000000]]
END
}

# --- info ---

info()
{
    answers --info ../loss <<'END'
../loss
  made by  tracepoint 0.1.0
  trace    main, discard mode, 4 sub-buffers of 4096 bytes for each CPU
  clock    tsc, 1000 Hz, time of day not known
  time     1.000000 s to 3.000000 s: 2.000000 s
  CPUs     2, 2 with records
  events   1 known, 1 with records
  tasks    0 with names
  records  4, 64 bytes
  lost     17, full 7, nested 1, oversize 1, recursion 1, overwritten 5,
           missing 2
  damage   none
  end      whole
END
    answers --info --cpu 1 --event mm --filter 'bytes == 7' ../manual <<'END'
../manual
  made by  tracepoint 0.1.0
  trace    main, discard mode, 4 sub-buffers of 4096 bytes for each CPU
  clock    tsc, 1000000000 Hz, time of day known
  time     no records
  CPUs     2, 0 with records
  events   4 known, 0 with records
  tasks    3 with names
  records  0, 0 bytes, 250 more left out by sampling
  lost     3, full 3
  damage   none
  end      whole
END
    answers --info ../region <<'END'
../region
  made by  x
  trace    main, overwrite mode, 2 sub-buffers of 512 bytes for each CPU
  clock    t, 1000000000 Hz, time of day known
  time     0.000001 s to 0.000003 s: 0.000002 s
  UTC      2026-11-23T23:12:33.000000Z to 2026-11-23T23:12:33.000002Z
  CPUs     1, 1 with records
  events   1 known, 1 with records
  tasks    1 with names
  records  4, 64 bytes
  lost     8, nested 2, overwritten 4, unfinished 2
  damage   none
  end      whole, a snapshot
END
    answers --info ../joined <<'END'
../joined, capture 1
  what     main, whole
  time     1.000000 s to 1.000000 s: 0.000000 s
  records  1, 1 events, 1 CPUs, 0 lost, 0 damaged
../joined, capture 2
  what     main, no end mark
  time     0.010000 s to 0.010000 s: 0.000000 s
  records  1, 1 events, 1 CPUs, 0 lost, 0 damaged
END
    # What kernel it was, and where.
    hex <"$srcdir/tests/conformance/vectors/good-role.hex" >role
    run --info role
    sed -n 2,3p out >made
    diff - made <<'END' || complain "$(cat out)"
  made by  x, on h1
  kernel   build id 010203, machine x86-64 (62), at 0xffffffff81000000
END
    json '.captures[] | [.host, .image]' --info role <<'END'
["h1",{"build_id":"010203","machine":62,"base":"0xffffffff81000000"}]
END
    json_of 1 '.captures[] | [.records, .lost_sum, .damaged, .damage_messages, .ended, .previous]' --info ../memory <<'END'
[3,2,3,3,true,false]
END
    json '.captures[] | [.previous, .time_of_day, .measured_hz, .first_ns, .last_ns, .first_utc]' --info ../previous <<'END'
[true,false,null,1000,2000,null]
END
    json '.captures[] | [.input, .tool, .trace, .mode, .clock, .clock_hz, .cpus, .suppressed, .lost, .first_utc]' --info ../manual <<'END'
["../manual","tracepoint 0.1.0","main","discard","tsc",1000000000,2,250,{"full":3},"2026-01-02T03:04:05.000100Z"]
END
    json '[.captures[] | [.input, .capture]], .captures_more' --info ../loss ../joined ../utc <<'END'
[["loss",1],["joined",1],["joined",2],["utc",1]]
0
END
}

# On one screen, whatever it is, and with what --stats counts.
info_all()
{
    for name in $names; do
        run --info "../$name"
        awk 'length > 80 { print FILENAME ": " $0 } END { if (NR > 24) print NR " lines" }' out >wide
        [ ! -s wide ] || complain "$command_line: $(cat wide)"
        "$tp" --stats --format json "../$name" 2>/dev/null | jq -c '[.all.count // 0, (.all.lost | del(.unknown_cpu?))]' >stats.out
        "$tp" --info --format json "../$name" 2>/dev/null |
            jq -c '[([.captures[].records] | add // 0), ([.captures[].lost | to_entries[]] | group_by(.key) |
                map({key: .[0].key, value: (map(.value) | add)}) | from_entries)]' >info.out
        jq -nec 'input as $a | input as $b | $a == $b' stats.out info.out >/dev/null ||
            complain "$name: --stats $(cat stats.out), --info $(cat info.out)"
    done
}

# --- hist ---

# The ends of the integers, by JSON as text (jq would round them).
hist_ends()
{
    run --format json --hist h ../types
    code_is 0
    out_is <<'END'
{"answer":"hist","field":"h","scale":"log2","without":2,"lost":0,"count":3,"min":-9223372036854775808,"max":9223372036854775807,"mean":-0.666,"buckets":[{"from":-9223372036854775808,"to":-9223372036854775808,"count":1},{"from":-1,"to":-1,"count":1},{"from":4611686018427387904,"to":9223372036854775807,"count":1}]}
END
    run --format json --hist d ../types
    out_is <<'END'
{"answer":"hist","field":"d","scale":"log2","without":2,"lost":0,"count":3,"min":0,"max":18446744073709551615,"mean":6148914691236517205.333,"buckets":[{"from":0,"to":0,"count":1},{"from":1,"to":1,"count":1},{"from":9223372036854775808,"to":18446744073709551615,"count":1}]}
END
    # 2^64 in 16 buckets of 2^60; s64: the same with -1 and the least in two of their own.
    run --format json --hist d:linear ../types
    out_is <<'END'
{"answer":"hist","field":"d","scale":"linear","without":2,"lost":0,"count":3,"min":0,"max":18446744073709551615,"mean":6148914691236517205.333,"buckets":[{"from":0,"to":1152921504606846975,"count":2},{"from":17293822569102704640,"to":18446744073709551615,"count":1}]}
END
    run --format json --hist h:linear ../types
    out_is <<'END'
{"answer":"hist","field":"h","scale":"linear","without":2,"lost":0,"count":3,"min":-9223372036854775808,"max":9223372036854775807,"mean":-0.666,"buckets":[{"from":-9223372036854775808,"to":-8070450532247928833,"count":1},{"from":-1152921504606846976,"to":-1,"count":1},{"from":8070450532247928832,"to":9223372036854775807,"count":1}]}
END
}

# -128, 127, -1: buckets of 16 are 16, and 8 would be 32.
hist_text()
{
    answers --hist e:linear ../types <<END
e: 3 values, least -128, most 127, mean -0.666
                 -128 ..                 -113            1 |$bar
                 -112 ..                  -97            0 |
                  -96 ..                  -81            0 |
                  -80 ..                  -65            0 |
                  -64 ..                  -49            0 |
                  -48 ..                  -33            0 |
                  -32 ..                  -17            0 |
                  -16 ..                   -1            1 |$bar
                    0 ..                   15            0 |
                   16 ..                   31            0 |
                   32 ..                   47            0 |
                   48 ..                   63            0 |
                   64 ..                   79            0 |
                   80 ..                   95            0 |
                   96 ..                  111            0 |
                  112 ..                  127            1 |$bar
END
    answers --hist v --cpu 0 --from 2 ../loss <<END
v: 2 values, least 2, most 3, mean 2.500
                    2 ..                    3            2 |$bar

14 records lost
END
    answers --hist i ../types <<END
i: 3 values, least 0, most 1, mean 0.666
                    0 ..                    0            1 |##########
                    1 ..                    1            2 |$bar
END
}

hist_by()
{
    answers --hist v --by cpu ../loss <<END
v: 4 values, least 1, most 4, mean 2.500
                    1 ..                    1            1 |##########
                    2 ..                    3            2 |$bar
                    4 ..                    7            1 |##########

cpu 0: 3 values, least 1, most 3, mean 2.000
                    1 ..                    1            1 |##########
                    2 ..                    3            2 |$bar

cpu 1: 1 values, least 4, most 4, mean 4.000
                    4 ..                    7            1 |$bar

17 records lost
END
    json '.keys[] | [.key, .count, .min, .max]' --hist v --by common_pid ../tasks <<'END'
[1,5,0,8]
[1234567,2,3,9]
[0,1,2,2]
[2,1,1,1]
[4294967295,1,4,4]
END
    # The name that the task had then.
    json '[.keys[] | [.key, .count]]' --hist v --by comm ../tasks <<'END'
[["systemd",4],["<...>",2],["<idle>",1],["a b",1],["init",1],["twenty-four_bytes_are_ok",1]]
END
    json '[.keys[] | [.key, .count]]' --hist next --by event ../example <<'END'
[["sched:switch",2]]
END
    # The example's own field comm, not the task; a text, and names of an enum.
    json '[.keys[] | [.key, .min]]' --hist next --by comm ../example <<'END'
[["bash",7],["idl",0]]
END
    json '[.keys[] | [.key, .min]]' --hist next --by why ../example <<'END'
[["idle",0],["wake",7]]
END
    json '[.count, .without, .keys]' --hist v --by comm ../loss <<'END'
[0,4,[]]
END
}

# Names and texts: how often each comes.
hist_names()
{
    answers --hist state ../manual <<END
state: 4 values
 running            2 |$bar
sleeping            2 |$bar

3 records lost
END
    answers --hist why ../example <<END
why: 2 values
idle            1 |$bar
wake            1 |$bar

3 records lost
END
    json '[.scale, .without, .lost, .count, .names]' --hist state ../manual <<'END'
["names",8,3,4,[{"name":"running","value":0,"count":2},{"name":"sleeping","value":1,"count":2}]]
END
    json '[.count, .names]' --hist comm --event sched:switch ../manual <<'END'
[4,[{"name":"idle","count":2},{"name":"cc","count":1},{"name":"ld","count":1}]]
END
    # Numbers, if their scale is asked for.
    json '[.scale, .min, .max, .names]' --hist state:log2 ../manual <<'END'
["log2",0,1,null]
END
    json '[.keys[] | [.key, .min, .max]]' --hist state:log2 --by cpu ../manual <<'END'
[[0,0,1],[1,0,1]]
END
    # For each key: wake and switch of CPU 0, then of CPU 1; comm is a field of both.
    answers --hist comm --by cpu ../manual <<END
comm: 6 values

cpu 0: 4 values
  ld            2 |$bar
  cc            1 |##########
idle            1 |##########

cpu 1: 2 values
  cc            1 |$bar
idle            1 |$bar

3 records lost
END
    json '[.scale, .count, [.keys[] | [.key, .count, [.names[] | [.name, .value, .count]]]]]' --hist state --by common_comm ../manual <<'END'
["names",4,[["<idle>",2,[["running",0,2]]],["cc",1,[["sleeping",1,1]]],["make",1,[["sleeping",1,1]]]]]
END
    # Fields of two events that only have the same name.
    run --hist comm ../manual
    grep -qx 'tpdecode: field comm is of sched:wake, sched:switch: --event chooses one' err || complain "$(cat err)"
    for options in "--hist comm --event sched:wake" "--hist next" "--hist v --by event"; do
        # shellcheck disable=SC2086
        run $options ../manual
        ! grep -q chooses err || complain "$command_line: $(cat err)"
    done
}

# What there is no room for is summed up. A name comes as often as its number says and once more; so does a key.
hist_others()
{
    awk 'BEGIN { for (i = 0; i < 100; i++) for (k = 0; k <= i; k++) print 1000 + i, i % 3, i, "sched:switch", 1, i, i }' | made >names.tp
    # 32 names are shown: of the rest there are 1 + 2 + ... 68. CPU 1 has 33, and of the least there are two.
    run --hist state names.tp
    [ "$(wc -l <out)" = 34 ] || complain "$(wc -l <out) lines"
    tail -n 2 out | diff - /dev/fd/3 3<<'END' || complain "names are something else (<)"
68           69 |##############
68 others: 2346 values
END
    run --hist state --by cpu names.tp
    [ "$(grep -c '^[0-9]* others: ' out)" = 3 ] || complain "$(cat out)"
    printf '%s\n' '2 others: 5 values' '1 others: 3 values' '1 others: 2 values' | sort >want
    grep '^[0-9]* others: ' out | sort | diff - want >differ || complain "by cpu: $(cat differ)"
    # 16 keys are shown: 84 are not, which come 1 + 2 + ... 84 times.
    run --hist state --by next names.tp
    [ "$(tail -n 1 out)" = "84 others: 3570 values" ] || complain "$(tail -n 1 out)"
    awk 'BEGIN { for (i = 0; i < 20; i++) for (k = 0; k <= i; k++) print 1000 + i, i % 3, i, "disk:io", k + 1, i }' | made >numbers.tp
    run --hist took_us --by queue numbers.tp
    grep -qx '4 others: 10 values, least 1, most 4, mean 2.000' out || complain "$(grep others out)"
    # Beyond 1,024 keys those that came seldom make room: what is shown of a key may not be all.
    awk 'BEGIN { for (i = 0; i < 3000; i++) print 1000 + i, 0, i, "disk:io", i % 16, i }' | made >many.tp
    run --hist took_us --by queue many.tp
    grep -q '^others, and parts of the above: 2984 values, ' out || complain "$(grep others out)"
    [ "$(awk '/^queue .* values/ { n += $3 } /^others/ { n += $7 } END { print n }' out)" = 3000 ] || complain "not 3000 in all: $(grep values out)"
}

hist_none()
{
    run --hist nosuch ../types
    code_is 2
    echo "nosuch: 0 values" | out_is
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "5 records, 0 lost" | err_is
    run --hist l:linear ../types
    code_is 0
    printf '%s\n' "tpdecode: the field 'l' is not an integer" "5 records, 0 lost" | err_is
    run --hist a --by nosuch ../types
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "5 records, 0 lost" | err_is
}

# --- latency ---

# All of them are across a loss: each record but the first has one before it on its CPU.
latency()
{
    answers --latency t:num:t:num --key cpu ../loss <<END
t:num to t:num by cpu: 0 pairs, 4 ends without a start, 4 dropped across losses
17 records lost
END
    json '[.pairs, .left, .ends, .lost, .across_losses, .longest]' --latency t:num:t:num --key event ../loss <<'END'
[0,0,3,17,4,[]]
END
    # Losses of other CPUs are not asked for; 2.5 s is the only record of CPU 1, and the last is lost after it.
    json '[.pairs, .left, .ends, .lost, .across_losses]' --latency t:num:t:num --key cpu --cpu 1 ../loss <<'END'
[0,0,1,1,1]
END
    # The one loss is after all: 1/3 s is in a bucket of 2^21 ns, whose most is 0.333447167.
    json '[.pairs, .left, .ends, .lost, .across_losses, .p50_ns, ([.longest[].ns] | .[1:])]' --latency num:num --key event ../utc <<'END'
[6,0,1,1,1,333447167,[33000000000,16333333334,333333333,333333333,333333333]]
END
    answers --latency t:num:t:num --key cpu --from 33.3 --to 50 ../utc <<END
t:num to t:num by cpu: 2 pairs, 1 starts without an end, 1 ends without a start
   50 %            333447.167 us
   90 %          16333333.334 us
   99 %          16333333.334 us
 99.9 %          16333333.334 us
   most          16333333.334 us

ns:
            268435456 ..            536870911            1 |$bar
            536870912 ..           1073741823            0 |
           1073741824 ..           2147483647            0 |
           2147483648 ..           4294967295            0 |
           4294967296 ..           8589934591            0 |
           8589934592 ..          17179869183            1 |$bar

the longest:
        16333333.334 us     33.666666 on cpu 0 to 50.000000 on cpu 0, cpu=0
          333333.333 us     33.333333 on cpu 0 to 33.666666 on cpu 0, cpu=0
END
    # Captures of two files are not mixed.
    json '[.pairs, .left, .ends]' --latency t:num,t:num --key cpu ../tasks ../merge <<'END'
[16,3,3]
END
}

# The same by another way, from the records as JSON; of the manual's dump a loss comes between no two.
latency_again()
{
    run --format json --latency wake:switch --key pid=next ../manual
    jq -c '[.longest[] | [.key, .ns, .start_cpu, .end_cpu]] | sort' <out >answer.out
    run --format json --event 'sched:*' ../manual
    jq -sc 'reduce .[] as $r ({open: {}, pairs: []};
        if $r.event == "wake" then .open[$r.fields.pid | tostring] = $r
        elif $r.event == "switch" then ($r.fields.next | tostring) as $k | .open[$k] as $s |
            if $s then .pairs += [[$r.fields.next, $r.time_ns - $s.time_ns, $s.cpu, $r.cpu]] | .open |= del(.[$k]) else . end
        elif $r.lost then .open = {} else . end) | .pairs | sort' <out >by_hand
    diff answer.out by_hand || complain "by records (>) it is something else"
    [ "$(jq length by_hand)" = 2 ] || complain "$(cat by_hand)"
}

# Machine A sends, B receives, whose counter is 5 ms ahead; a tenth B sends to itself. Wanted is what jq pairs of the
# records of both, each with its time minus its counter's at the same moment.
latency_across()
{
    awk 'BEGIN {
        print "0 - - clock 1700000000000000000" >"a"; print "5000000 - - clock 1700000000000000000" >"b"
        for (i = 0; i < 400; i++) {
            at = 1000 + 1000 * i; took = 200 + i * 7919 % 4800
            print (i % 10 ? at : at + 5000000), i % 2, 5, "dma:start", 1, i >(i % 10 ? "a" : "b")
            if (i % 7) print at + took + 5000000, 0, 7, "dma:done", i >"b"
        }
        for (i = 400; i < 420; i++) print 5000000 + 1000 * i, 0, 7, "dma:done", i >"b"
    }'
    sort -n a | made 1 alpha >a.tp
    sort -n b | made 2 beta >b.tp
    for name in a b; do
        "$tp" --format json $name.tp 2>err | jq -c --arg input $name.tp --argjson before "$([ $name = a ] && echo 0 || echo 5000000)" \
            'select(.event) | {event, id: .fields.id, at: (.time_ns - $before), cpu, input: $input}'
    done | jq -sc 'sort_by(.at) | reduce .[] as $r ({open: {}, pairs: [], ends: 0}; ($r.id | tostring) as $k | .open[$k] as $s |
        if $r.event == "start" then .open[$k] = $r
        elif $s then .pairs += [{key: $r.id, ns: ($r.at - $s.at), start_input: $s.input, end_input: $r.input,
            start_cpu: $s.cpu, end_cpu: $r.cpu}] | .open |= del(.[$k])
        else .ends += 1 end) |
        {pairs: (.pairs | length), within: ([.pairs[] | select(.start_input == .end_input)] | length), left: (.open | length), ends,
            sum: ([.pairs[].ns] | add), most: ([.pairs[].ns] | max), least: ([.pairs[].ns] | min),
            longest: (.pairs | sort_by(-.ns, .key)[:10])}' >wanted
    [ "$(jq -c '[.pairs, .within, .left, .ends]' wanted)" = '[342,34,58,20]' ] || complain "$(cat wanted)"
    across()
    {
        run --format json --latency dma:start:dma:done --key id --across "$@"
        code_is 0
        jq -c '{pairs, within, left, ends, sum: (.ns.mean * .ns.count | round), most: .max_ns, least: .ns.min,
            longest: ([.longest[] | {key, ns, start_input, end_input, start_cpu, end_cpu}] | sort_by(-.ns, .key))}' out |
            diff - wanted >differ || complain "$command_line: by jq (>) it is: $(cat differ)"
    }
    across a.tp b.tp
    across b.tp a.tp
    # By default none is of both; those of B with itself are.
    json '[.pairs, has("within"), has("start_input")]' --latency start:done --key id a.tp b.tp <<'END'
[34,false,false]
END
    run --latency start:done --key id --across a.tp b.tp
    head -n 1 out | grep -q ': 342 pairs, 34 of them within one input, 58 starts' || complain "$(head -n 1 out)"
    grep -q ' on cpu [01] of a.tp to [0-9.]* on cpu 0 of b.tp, id=' out || complain "$(cat out)"
    # Without clock pairs the counters say nothing of each other, but for an --offset.
    grep -v clock a | sort -n | made 1 >a.bare
    grep -v clock b | sort -n | made 2 >b.bare
    run --latency start:done --key id --across a.bare b.bare
    code_is 2
    grep -q '^tpdecode: --across: the times of these inputs cannot be compared: not all have clock pairs; --offset' err || complain "$(cat err)"
    [ ! -s out ] || complain "$(cat out)"
    sed 's/[ab]\.tp/X&/g; s/Xa.tp/a.bare/g; s/Xb.tp/b.bare/g' wanted >moved
    mv moved wanted
    across --offset b.bare=-5ms a.bare b.bare
    # A loss in one takes away what waits in all: id 3 and 4 of A, as B loses something meanwhile.
    { echo "0 - - clock 1700000000000000000"; for i in 1 2 3 4 5; do echo "$((i * 1000)) 0 5 dma:start 1 $i"; done; } | made 1 a >a.tp
    { echo "0 - - clock 1700000000000000000"
        printf '%s\n' "1500 0 7 dma:done 1" "2500 0 7 dma:done 2" "4100 0 - lost 3" "4500 0 7 dma:done 4" "5500 0 7 dma:done 5"; } | made 2 b >b.tp
    json '[.pairs, .lost, .across_losses, [.longest[].key]]' --latency start:done --key id --across a.tp b.tp <<'END'
[3,3,2,[1,2,5]]
END
}

# How events and keys are named.
latency_names()
{
    for names in sched:wake:sched:switch sched:wake,sched:switch wake:switch wake,sched:switch sched_wake:sched_switch; do
        json '[.start, .end, .pairs, .by]' --latency $names --key pid=next ../manual <<'END'
["sched:wake","sched:switch",2,"pid=next"]
END
    done
    run --latency swich:nothing --key pid ../manual
    nothing_but 2 "irq:entry: 250 records left out by sampling" \
        "tpdecode: --latency: no event is 'swich': did you mean 'switch'?" \
        "tpdecode: --latency: no event is 'nothing'; --list-events shows what there is"
    run --latency t:num:t:nosuch --key v ../loss
    nothing_but 2 "tpdecode: --latency: no event is 't:nosuch'; --list-events shows what there is"
    run --latency wake:switch --key nxt ../manual
    nothing_but 2 "irq:entry: 250 records left out by sampling" \
        "tpdecode: --key: sched:wake has no field 'nxt', but pid, comm" \
        "tpdecode: --key: sched:switch has no field 'nxt', but prev, state, next, comm"
    # A bare pid is a field: there is none in the other.
    run --latency wake:switch --key pid ../manual
    nothing_but 2 "irq:entry: 250 records left out by sampling" \
        "tpdecode: --key: sched:switch has no field 'pid', but prev, state, next, comm; common_pid is the task that the record is of"
    # One is a field, the other what records have.
    run --latency wake:alloc --key comm ../manual
    code_is 0
    grep -qx 'tpdecode: --key comm is a field of sched:wake, but of mm:alloc, which has none, the name of the task that recorded it: --key comm=FIELD says which of its fields (bytes)' err ||
        complain "$(cat err)"
    for key in pid=next common_pid pid=common_pid common_comm comm; do
        run --latency wake:switch --key $key ../manual
        ! grep -q FIELD err || complain "$(cat err)"
    done
    # Of the task, whatever fields there are: that of wake at 3.0002 s is 0, as of the switch after it.
    json '[.pairs, [.longest[] | [.key, .ns]]]' --latency wake:switch --key common_comm ../manual <<'END'
[1,[["<idle>",250000]]]
END
}

# --- tasks ---

# By hand from what tests/golden/good-manual.txt has; 3 lost on CPU 1 before 2.5, so 9 ran from 1.0009 to
# nobody knows when, and until its switch at 2.75 that is 1.7491 s. CPU 0: idle from 2 to 3.00045, then
# ld until 3.1. CPU 1 has no record after its switch to idle. 9 was woken at 1.0001, 12 at 3.0002.
tasks()
{
    answers --tasks ../manual <<'END'
    run ms       % switches  waits ms  woken   50 % us   99 % us   most us     id  task
  1000.450  90.950        2         -      -         -         -         -      0  idle (idle)  on 0-1
    99.550   9.050        1     0.250      1   250.000   250.000   250.000     12  ld  on 0
     0.000   0.000        1     0.800      1   800.000   800.000   800.000      9  cc  on 1

100 % are 1100.000 ms, in which it is known what 2 CPUs ran
1 runs left out around losses, 1749.100 ms
3 records lost  (full 3)
END
    json '[.known_ns, .lost_runs_ns, .lost, [.tasks[] | [.id, .kind, .run_ns, .wait_ns, .p50_ns]]]' --tasks ../manual <<'END'
[1100000000,1749100000,{"full":3},[[0,"idle",1000450000,null,null],[12,"task",99550000,250000,250000],[9,"task",0,800000,800000]]]
END
    json '[.tasks[] | [.id, .woken]]' --tasks --role sched:wake=none ../manual <<'END'
[[0,null],[12,0],[9,0]]
END
    json '[.cpus, [.tasks[] | [.id, .run_ns, .wait_ns]]]' --tasks --cpu 0 ../manual <<'END'
[1,[[0,1000450000,null],[12,99550000,null]]]
END
    # The task of the record: cc from 1.1 on CPU 1, make from 1.25 on CPU 0; until the last record of each.
    json '[.tasks[] | [.id, .run_ns]]' --tasks --role 'sched:switch=none' --role 'mm:alloc=run task=task' --to 2 ../manual <<'END'
[[7,750000000],[9,100000000]]
END
    run --tasks ../loss
    nothing_but 2 "tpdecode: --tasks: no event says what a CPU runs: name one, as --role 'sched:switch=switch next=FIELD'; --list-roles shows what is known"
    run --tasks --role 't:num=run task=w' ../loss
    nothing_but 2 "tpdecode: --role: t:num has no field 'w', but v, and cpu and task of the record" \
        "tpdecode: --tasks: no event says what a CPU runs: name one, as --role 'sched:switch=switch next=FIELD'; --list-roles shows what is known"
}

roles()
{
    answers --list-roles ../manual <<'END'
sched:wake    wake task=pid  (by its name and fields)
sched:switch  switch next=next prev=prev state=state name=comm  (by its name and fields)
irq:entry     begin track=cpu  (by its name and fields)
without a role: mm:alloc
END
    json '.roles[1:], .without' --list-roles --role 'mm:alloc=counter value=bytes key=cpu' --role irq:entry=none ../manual <<'END'
[{"event":"sched:switch","role":"switch","arguments":{"next":"next","prev":"prev","state":"state","name":"comm"},"from":"guess"},{"event":"mm:alloc","role":"counter","arguments":{"value":"bytes","key":-1},"from":"option"}]
["irq:entry"]
END
    run --list-roles --role t:nun=none ../loss
    code_is 2
    echo "tpdecode: --role: there is no event 't:nun', --list-roles has those there are" | err_is
}

# --- spans ---

# By hand, of the manual's dump: what was woken is a span that the switch to it ends, on the track of its
# number. 9: 1.0001 to 1.0009; 12: 3.0002 to 3.00045, both outside of the loss on CPU 1, which is from 1.1 to
# 2.5. The two switches to 0 end nothing, and the interrupt, which is one by its name, has no end.
spans()
{
    wake='sched:wake=begin track=pid name=comm' switch='sched:switch=end track=next'
    answers --spans --role "$wake" --role "$switch" ../manual <<'END'
   total ms    self ms   count  least us   50 % us   99 % us   most us  name
      0.800      0.800       1   800.000   800.000   800.000   800.000  sched:cc
      0.250      0.250       1   250.000   250.000   250.000   250.000  sched:ld

no event says what a CPU runs: in self time there may be some in which the task did not run
1 begins without an end
2 ends without a begin
3 records lost
END
    run --spans --format folded --role "$wake" --role "$switch" ../manual
    code_is 0
    printf '%s\n' "pid 9;sched:cc 800000" "pid 12;sched:ld 250000" | out_is
    err_is <<'END'
irq:entry: 250 records left out by sampling
tpdecode: --spans: 1 begins without an end
tpdecode: --spans: 2 ends without a begin
12 records, 3 lost
END
    run --spans ../loss
    nothing_but 2 "tpdecode: --spans: no event begins anything: name two, as --role 'irq:entry=begin track=cpu' --role 'irq:exit=end track=cpu'; --list-roles shows what is known"
}

graph()
{
    wake='sched:wake=begin track=pid name=comm' switch='sched:switch=end track=next'
    run --graph --role "$wake" --role "$switch" ../manual
    code_is 0
    out_is <<'END'
     1.000100    0)           make-7       800.000 us | cc();
--- cpu 1: 3 records lost ---
     1.500000    0)           make-7                  | irq_entry() {
     3.000200    0)         <idle>-0       250.000 us | ld();
     3.100000    0)           make-7                  | } /* irq_entry: the capture ends here */
END
    err_is <<'END'
irq:entry: 250 records left out by sampling
tpdecode: --graph: 2 ends without a begin
tpdecode: --graph: 1 begins without an end
12 records, 3 lost
END
    mv out plain
    run --graph --color always --role "$wake" --role "$switch" ../manual
    sed "s/$(printf '\033')\[[0-9]*m//g" out | diff plain - >differ || complain "colours change more than colours: $(cat differ)"
    cyan=$(printf '\033[36m') bold=$(printf '\033[1m') red=$(printf '\033[31m')
    for part in "$cyan     1.000100" "${bold}cc" "$red--- cpu 1" "${red}the capture ends"; do
        grep -qF -e "$part" out || complain "no '$part' in colour"
    done
    run --graph --depth 1 --over 300us --role "$wake" --role "$switch" ../manual
    code_is 0
    grep -v '^---' out >seen
    diff seen - >differ <<'END' || complain "$(cat differ)"
     1.000100    0)           make-7       800.000 us | cc();
     1.500000    0)           make-7                  | irq_entry(); /* the capture ends here */
END
    run --graph --format json --role "$wake" --role "$switch" ../manual
    jq -c 'select(.name) | [.name, .depth, .cpu, .common_comm, .start_ns, .ns]' out >seen
    diff seen - >differ <<'END' || complain "$(cat differ)"
["cc",0,0,"make",1000100000,800000]
["ld",0,0,"<idle>",3000200000,250000]
["irq_entry",0,0,"make",1500000000,null]
END
    run --graph ../loss
    nothing_but 2 "tpdecode: --graph: no event begins anything: name two, as --role 'irq:entry=begin track=cpu' --role 'irq:exit=end track=cpu'; --list-roles shows what is known"
}

# What --spans says, under the name that was asked for; with a depth, what is deeper is in what it began in.
graph_added()
{
    wake='sched:wake=begin track=pid name=comm' switch='sched:switch=end track=next'
    run --spans --role "$wake" --role "$switch" ../manual
    mv out want
    run --graph --stats --role "$wake" --role "$switch" ../manual
    diff want out >differ || complain "$(cat differ)"
    grep -qx 'tpdecode: --graph: .*' err && complain "a table says that on standard error: $(cat err)"
    run --graph --depth 1 --format folded --role "$wake" --role "$switch" ../manual
    code_is 0
    printf '%s\n' "pid 9;sched:cc 800000" "pid 12;sched:ld 250000" | out_is
    grep -qx 'tpdecode: --graph: 2 ends without a begin' err || complain "$(cat err)"
}

# --- profile ---

# Allocations as samples at the address of their size; of the four that are asked for, one has its size twice.
profile()
{
    sample='mm:alloc=sample ip=bytes'
    answers --profile --role "$sample" ../manual <<'END'
      self       %     total       %  function
         2   40.00         2   40.00  0x200
         1   20.00         1   20.00  0x1000
         1   20.00         1   20.00  0x10000
         1   20.00         1   20.00  0x2000

5 samples
3 records lost
END
    answers --profile --by common_comm --cpu 0 --role "$sample" ../manual <<'END'
      self       %     total       %  common_comm function
         1   50.00         1   50.00  make 0x1000
         1   50.00         1   50.00  ld 0x10000

2 samples
END
    json '[.samples, .without, .cut, .lost, .by, (.functions[] | [.key, .name, .self, .total])]' --profile --by cpu \
        --role "$sample" ../manual <<'END'
[5,0,0,3,"cpu",[1,"0x200",2,2],[0,"0x1000",1,1],[0,"0x10000",1,1],[1,"0x2000",1,1]]
END
    answers --profile --format folded --by common_comm --role "$sample" ../manual <<'END'
cc;0x200 2
cc;0x2000 1
make;0x1000 1
ld;0x10000 1
END
    # Of an array there is no address.
    run --profile --role 't:arr=sample ip=u' ../arrays
    tail -n 2 out | diff - /dev/fd/3 3<<'END' || complain "an array as an address (<)"
0 samples
1 samples without an address
END
    run --profile --format folded --role 't:arr=sample ip=u' ../arrays
    out_is </dev/null
    grep -qx 'tpdecode: --profile: 1 samples without an address' err || complain "$(cat err)"
    run --profile --filter 'common_comm == "nobody"' --role "$sample" ../manual
    code_is 0
    grep -qx '0 samples' out || complain "$(cat out)"
    grep -qx 'tpdecode: --profile: no record of mm:alloc, whose role is sample: --role gives it to another' err || complain "$(cat err)"
    run --profile ../loss
    nothing_but 2 "tpdecode: --profile: no event is a sample: name one, as --role 'prof:hit=sample ip=pc stack=from'; --list-roles shows what is known"
    run --profile --by no_such --role 't:num=sample ip=v' ../loss
    code_is 2
    grep -q "no_such" err || complain "nothing is said of a field that is not there: $(cat err)"
}

# --- timeline ---

# 3 s in 61 columns: 1 s is 20.3 of them. As JSON: 61 times 16 columns hold them in 716 of 2^22 ns, and 12 of these in
# one are the least that fit into 61: 1 s is 19.9 of them.
timeline()
{
    answers --timeline --ascii ../loss <<'END'
1.000000 to 4.000000, a column is 49180.328 us
CPUs: . to @, at most 1 records; ! is a loss
                  |1.0      |1.5      |2.0      |2.5      |3.0      |3.5
           cpu 0 |!                   !                   !                   !|
           cpu 1 |                              @                             !|
17 records lost
END
    json '[.start_ns, .last_ns, .column_ns, .columns, (.cpus[] | [.cpu, (.counts | add), (.lost | add)])]' --timeline ../loss <<'END'
[1000000000,4000000000,50331648,60,[0,3,16],[1,1,1]]
END
    json '[.cpus[] | [.lost[0, 19, 39, 59], .counts[29]]]' --timeline ../loss <<'END'
[[2,3,7,4,0],[0,0,0,1,1]]
END
    # Ten nanoseconds; lines of 29 characters are ten columns.
    COLUMNS=29 "$tp" --timeline --ascii ../tasks >out 2>err
    command_line="COLUMNS=29 tpdecode --timeline"
    out_is <<'END'
0.000000 to 0.000000, a column is 0.001 us
CPUs: . to @, at most 1 records; ! is a loss
           cpu 0 |@@@@@@@@@@|
END
    for columns in 0 1 99999999999999999999 x ''; do
        COLUMNS=$columns "$tp" --timeline ../utc >out 2>err || complain "COLUMNS=$columns: $(cat err)"
    done
    # Nothing at all is no line.
    answers --timeline --cpu 1 --from 1.1 --to 1.2 ../loss </dev/null
    json . --timeline --cpu 1 --from 1.1 --to 1.2 ../loss <<'END'
{"answer":"timeline","lost":0,"cpus":[],"tasks":[],"tasks_more":0}
END
    # Not all events: no tasks.
    json '[.tasks, .tasks_more]' --timeline --event sched ../manual <<'END'
[null,null]
END
    run --timeline --role 't:num=switch next=w' ../loss
    nothing_but 2 "tpdecode: --role: t:num has no field 'w', but v, and cpu and task of the record"
}

# In a locale without UTF-8, and where none is named, there are no blocks; nor with --ascii.
timeline_locale()
{
    while read -r ascii settings; do
        # shellcheck disable=SC2086
        env -u LC_ALL -u LC_CTYPE -u LANG COLUMNS=29 $settings "$tp" --timeline ../utc >out 2>err
        command_line="$settings tpdecode --timeline"
        case $ascii in
        yes) ! LC_ALL=C grep -q "$(printf '\342')" out || complain "$command_line: $(cat out)" ;;
        no) LC_ALL=C grep -q "|$(printf '\342\226\210')  *!|" out || complain "$command_line: no block: $(cat out)" ;;
        esac
    done <<'END'
yes
yes LC_ALL=C
yes LANG=de_DE.ISO-8859-1
yes LC_ALL=POSIX LANG=C.UTF-8
yes LC_CTYPE=C LANG=C.UTF-8
no LC_ALL=C.UTF-8
no LC_ALL= LC_CTYPE= LANG=de_DE.utf8
no LC_CTYPE=en_US.UTF-8 LANG=C
END
    LC_ALL=C.UTF-8 "$tp" --timeline --ascii ../utc >out 2>err
    ! LC_ALL=C grep -q "$(printf '\342')" out || complain "--ascii: $(cat out)"
}

# As wide as the terminal to its last column, whatever COLUMNS says; that is for what is no terminal.
timeline_width()
{
    command -v script >/dev/null || { complain "no script(1)"; return; }
    for width in 45 80 81 119 130 200; do
        command_line="tpdecode --timeline on a terminal of $width"
        COLUMNS=60 script -qec "stty cols $width; '$tp' --timeline --ascii ../loss" /dev/null </dev/null >out 2>err
        longest=$(tr -d '\r' <out | awk '/^ *cpu / && length > n { n = length } END { print n + 0 }')
        [ "$longest" = "$width" ] || complain "$command_line: lines of $longest: $(cat out err)"
        # The last column has something.
        tr -d '\r' <out | grep -q '^ *cpu .*[^ ]|$' || complain "$command_line: the end is empty: $(cat out)"
    done
}

# --- diff ---

diffs()
{
    answers --diff ../loss ../loss <<'END'
A ../loss: 4 records in 2.000000 s, 17 lost, full 7, nested 1, oversize 1, recursion 1, overwritten 5, missing 2
B ../loss: 4 records in 2.000000 s, 17 lost, full 7, nested 1, oversize 1, recursion 1, overwritten 5, missing 2
            A            B        change        A rate/s        B rate/s  event
1 event is as often in both
END
    answers --diff ../types ../loss <<'END'
A ../types: 5 records in 0.000000 s, 0 lost
B ../loss: 4 records in 2.000000 s, 17 lost, full 7, nested 1, oversize 1, recursion 1, overwritten 5, missing 2
            A            B        change        A rate/s        B rate/s  event
            0            4            +4           0.000           2.000  t:num (only in B)
            3            0            -3       750000000           0.000  t:types (only in A)
            1            0            -1       250000000           0.000  t:empty (only in A)
            1            0            -1       250000000           0.000  t:text (only in A)
END
    json '.same, .a.lost_sum, .b, .events[]' --diff ../loss ../tasks --cpu 0 <<'END'
0
16
{"name":"../tasks","count":10,"span_ns":9,"lost":{},"lost_sum":0}
{"event":"t:num","a":3,"b":10,"change":7,"a_rate":1.5,"b_rate":1111111111.111}
END
    # A name of a file cannot steer the terminal.
    cp ../loss "$(printf 'a\033[2J')"
    run --diff "$(printf 'a\033[2J')" ../loss
    harmless out
}

# --- all of them ---

# Nothing can be answered, and it is said why.
no_such_event()
{
    [ "$code" = 2 ] && [ ! -s out ] && grep -q 'no event is ' err
}

all_json()
{
    for name in $names; do
        for options in --stats "--stats --by comm" "--hist v --by comm" "--hist a:linear --by event" \
            "--latency t:num:t:num --key v" --timeline --info; do
            # shellcheck disable=SC2086
            run --format json $options "../$name"
            ! no_such_event || continue
            [ "$code" = 2 ] && grep -q 'no event has a field' err || [ "$code" -le 1 ] || [ "$code" = 3 ] || complain "$command_line: exit code $code"
            jq -e .answer <out >/dev/null || complain "$command_line: no JSON"
            harmless out
            # shellcheck disable=SC2086
            run $options "../$name"
            harmless out
            # shellcheck disable=SC2086
            "$tp" $options <"../$name" 2>/dev/null | sed "s|^standard input|../$name|" >pipe.out
            cmp out pipe.out || complain "$command_line: another answer from standard input"
        done
        run --diff --format json ../loss "../$name"
        jq -e .answer <out >/dev/null || complain "$command_line: no JSON"
    done
}

# Every record is a switch; where there is no such event, or nothing usable, it is said.
all_tasks()
{
    for name in $names; do
        for options in --tasks --list-roles --timeline --spans "--spans --format folded" "--graph --format flame" --profile \
            "--profile --format folded"; do
            case $options in
            --profile*) role='t:num=sample ip=v' ;;
            --spans* | --graph*) role='t:num=span duration=v track=task' ;;
            *) role='t:num=switch next=v' ;;
            esac
            # shellcheck disable=SC2086
            run --format json $options --role "$role" "../$name"
            [ "$code" -le 3 ] || complain "$command_line: exit code $code"
            [ "$code" = 2 ] && ! grep -q '^tpdecode: --role: ' err && complain "$command_line: $(cat err)"
            case $options in
            *flame) [ ! -s out ] || tail -n 1 out | grep -q '^</html>$' || complain "$command_line: no page" ;;
            *folded) ! grep -v '^[^;].* [0-9]*$' out || complain "$command_line: no folded stacks" ;;
            *) [ ! -s out ] || jq -e '.tasks or .roles or .spans or .functions' <out >/dev/null || complain "$command_line: no JSON" ;;
            esac
            harmless out
            harmless err
        done
    done
    run --tasks --role 't:num=switch next=v' ../loss
    code_is 0
}

# Without a selection CPUs are counted in any order; with one they are in the order of time.
any_order()
{
    for name in $names; do
        [ "$name" != counts ] || continue # of CPUs that --cpu cannot name
        for more in "" ../loss "../merge ../utc"; do
            # shellcheck disable=SC2086
            "$tp" --stats --format json "../$name" $more >free.out 2>/dev/null
            # shellcheck disable=SC2086
            run --stats --format json --cpu 0-65535 "../$name" $more
            out_is <free.out
        done
        "$tp" --diff "../$name" ../merge >free.out 2>/dev/null
        run --diff --cpu 0-65535 "../$name" ../merge
        out_is <free.out
    done
}

# What is damaged or no dump is as with records.
codes()
{
    for options in --info --stats "--hist v" --timeline "--latency t:num:t:num --key v"; do
        for name in $names; do
            run "../$name"
            want=$code
            # shellcheck disable=SC2086
            run $options "../$name"
            no_such_event && continue
            case $name,$options in
            *,--hist*) [ "$code" = 2 ] && grep -q 'no event has a field' err || [ "$code" -le "$want" ] ||
                complain "$command_line: exit code $code, not $want" ;;
            *,--latency*) [ "$code" -le "$want" ] || complain "$command_line: exit code $code, not $want" ;;
            *) code_is "$want" ;;
            esac
        done
        # shellcheck disable=SC2086
        "$tp" $options ../loss >/dev/full 2>err
        code=$? command_line="tpdecode $options >/dev/full"
        code_is 4
        echo nothing >junk
        # shellcheck disable=SC2086
        run $options junk
        code_is 3
    done
}

wrong()
{
    refused "more than one answer: '--hist'" --hist v --stats
    refused "more than one answer: '--diff'" --timeline --diff a b
    refused "no --hist, --stats or --profile for '--by'" --by cpu
    refused "no --hist, --stats or --profile for '--by'" --timeline --by cpu
    refused "no --latency for '--key'" --hist v --key v
    refused "no --key for '--latency'" --latency a:b:c:d
    refused "no --latency for '--across'" --stats --across a b
    refused "there is one input for '--across'" --latency a:b:c:d --key v --across a
    refused "no --timeline or --explore for '--ascii'" --ascii
    refused "no --tasks, --spans, --graph, --profile, --sql, --timeline, --explore or --list-roles for '--role'" --role a:b=none
    refused "no --tasks, --spans, --graph, --profile, --sql, --timeline, --explore or --list-roles for '--role'" --stats --role a:b=none
    refused "--role is for lines of tasks, which there are not with '--event'" --timeline --role a:b=none --event a
    for option in '--event a' '--pid 1' '--filter a==1' '--cpu 1'; do
        # shellcheck disable=SC2086
        refused "--spans is wrong if not all events are there, not with '${option%% *}'" --spans $option
    done
    refused "more than one answer: '--spans'" --tasks --spans
    refused "no --spans, --graph or --profile for '--format folded'" --format folded
    refused "no --spans, --graph or --profile for '--format folded'" --tasks --format folded
    refused "an answer is text, json, of --sql csv, of calls and samples folded or flame, not 'csv'" --spans --format csv
    refused "records are not printed with an answer: '--time'" --spans --time raw
    refused "not SYS:EVENT=ROLE ARGUMENT=FIELD... or SYS:EVENT=none: 'a:b'" --tasks --role a:b
    refused "no such role, roles are switch run stop wake new gone name begin end span open close step counter sample log none: 'a:b=wakes'" --tasks --role a:b=wakes
    refused "wake takes task [cpu], no other argument: 'a:b=wake pid=p'" --tasks --role 'a:b=wake pid=p'
    refused "--tasks is wrong if not all events are there, not with '--event'" --tasks --event a
    refused "--tasks is wrong if not all events are there, not with '--pid'" --tasks --pid 1
    refused "--tasks is wrong if not all events are there, not with '--filter'" --tasks --filter 'a == 1'
    refused "records are not printed with an answer: '--list-roles'" --tasks --list-roles
    refused "one list at a time, not also '--list-roles'" --list-events --list-roles
    refused "text or json for '--list-roles'" --list-roles --format csv
    refused "not two files for '--diff'" --diff
    refused "not two files for '--diff'" --diff a
    refused "not two files for '--diff'" a --diff b c
    refused "no value allowed in '--stats=1'" --stats=1
    refused "no value for option '--hist'" --hist
    for text in '' : :log2 v:log v: v:log2: v:linear:x; do
        refused "not FIELD[:log2|linear] '$text': a field, or one with its scale, as bytes:log2" --hist "$text"
    done
    for text in '' a a:b:c a:b:c:d:e :b:c:d a::c:d a:b:c: : , a, ,b a:b:c,d a,b,:c ; do
        refused "not SYS:START:SYS:END, START:END, or two events with a comma between: '$text'" --latency "$text" --key v
    done
    for text in = a= =b; do
        refused "not the name of a field '$text': a field, or cpu, event, comm, common_pid" --latency a:b --key "$text"
    done
    long=$(awk 'BEGIN { for (i = 0; i < 383; i++) printf "x" }')
    refused "not the name of a field '': a field, or cpu, event, comm, common_pid" --hist v --by ''
    run --hist v --by "$long" ../loss
    code_is 2
    grep -q "^tpdecode: no event has a field 'xxx" err || complain "$(cat err)"
    run --hist v --by "x$long" ../loss
    code_is 2
    grep -q "^tpdecode: not the name of a field 'xxx" err || complain "$(cat err)"
    for format in csv template; do
        refused "an answer is text, json, of --sql csv, of calls and samples folded or flame, not '$format'" --stats --format "$format"
    done
    for option in '--fields v' '--tail 3' '--template %t' '--symbols x' '--time raw' --list-events; do
        for answer in --stats '--hist v' '--latency a:b:c:d --key v' --timeline; do
            # shellcheck disable=SC2086
            refused "records are not printed with an answer: '${option%% *}'" $answer $option
        done
    done
}

# What an answer says was lost is what the last line says, of all, of one event, and of one CPU, and of each capture.
lost_the_same()
{
    cat ../counts ../loss >joined
    for dump in ../counts ../loss ../overwrite ../unfinished ../memory joined; do
        for answer in --stats '--stats --by cpu' --timeline '--hist x' '--tasks --role a:b=none' '--spans --role a:b=none' --info; do
            for choice in '' '--event *' '--cpu 0' '--capture 1' '--capture 2' '--jobs 2'; do
                set -f
                "$tp" --format json $answer $choice "$dump" >out 2>err
                set +f
                grep -q '^{"answer"' out || continue
                got=$(jq -r '[.captures[]? | (.lost_sum // .lost) + (.lost_unknown_cpu // 0)] as $captures
                    | if .answer == "info" then $captures | add // 0 else .lost_sum // .all.lost_sum // .lost end' out)
                want=$(sed -n '$s/^.* \([0-9]*\) lost.*/\1/p' err)
                [ "$got" = "$want" ] || complain "$dump $answer $choice: $got and '$(tail -n 1 err)'"
            done
        done
    done
    [ "$("$tp" --stats --format json ../counts 2>err | jq -c '.all | [.lost.unknown_cpu, .lost_sum]')" = '[6,6]' ] || complain "on CPUs that the trace does not have"
    for answer in '--spans --role=t:num=begin track=cpu' '--latency t:num:t:num --key=v' '--profile --role=t:num=sample ip=v'; do
        # The last option is one word, with its blank.
        # shellcheck disable=SC2086
        lost=$("$tp" --format json ${answer%% --*=*} "--${answer##* --}" ../counts 2>err | jq -c .lost)
        [ "$lost" = 6 ] || complain "$answer: $lost on CPUs that the trace does not have"
    done
    run --capture 2 joined
    ! grep 'sampling\|does not have' err || complain "--capture 2: of the first one"
}

names=
for path in "$srcdir"/tests/golden/*.hex; do
    name=$(golden_name "$path")
    hex <"$path" >"$tmp/$name"
    [ "$name" = region ] || names="$names $name"
done
sed -n '/^```hex/,/^```$/p' "$srcdir/doc/format.md" | sed 's/^```.*//' | hex >"$tmp/example"
[ "$(wc -c <"$tmp/example")" = 832 ] && [ "$(wc -c <"$tmp/types")" -gt 800 ] || {
    echo "Bail out! not the dumps that were to be made"
    exit 99
}
command -v jq >/dev/null || { echo "Bail out! no jq"; exit 99; }

cli "--stats" stats
cli "--stats: of what is selected" stats_selected
cli "--stats --by" stats_by
cli "--stats: unknown events, damage, two dumps in one file" stats_rest
cli "--info" info
cli "--info: every golden dump on one screen, with the counts of --stats" info_all
cli "--hist: text" hist_text
cli "--hist: the ends of all integers" hist_ends
cli "--hist --by" hist_by
cli "--hist: names and texts" hist_names
cli "--hist: what there is no room for" hist_others
cli "--hist: no such field" hist_none
cli "--latency" latency
cli "--latency: the same from records" latency_again
cli "--latency: names of events and keys" latency_names
cli "--latency --across inputs" latency_across
cli "--tasks" tasks
cli "--list-roles" roles
cli "--spans" spans
cli "--graph" graph
cli "--graph --stats and by path" graph_added
cli "--profile" profile
cli "--timeline" timeline
cli "--timeline: ASCII, by the locale" timeline_locale
cli "--timeline: the width of the terminal" timeline_width
cli "--diff" diffs
cli "every golden dump: JSON, text without controls, the same from a pipe" all_json
cli "every golden dump: its tasks and roles" all_tasks
cli "every golden dump: counted in any order" any_order
cli "what was lost" lost_the_same
cli "every golden dump: exit codes" codes
cli "used wrongly: one line, exit code 2" wrong
finish
