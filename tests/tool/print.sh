#!/bin/sh
# SPDX-License-Identifier: MIT
# print.sh - the options of tpdecode that say how records are printed: each of them, and used
# wrongly. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Dumps come from tests/golden
# and doc/format.md; what is wanted is written here by hand.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# ARGUMENT...: standard input is what it must print, with exit code 0.
exits()
{
    want=$1
    shift
    run "$@"
    code_is "$want"
    out_is
}

prints()
{
    exits 0 "$@"
}

# --- CSV ---

csv()
{
    prints --format csv ../example <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,message
8.589934336,0,42,"<...>",d.h1.,"sched","switch",,"next=7 why=wake comm=bash"
8.589934608,0,42,"<...>",d.h1.,"sched","switch",,"next=0 why=idle comm=idl..."
8.589938688,0,,,,"lost","full",3,
END
    prints --format=csv ../types <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,message
0.000000001,0,,,,"t","types",,"255 65535 4294967295 18446744073709551615 -128 -32768 -2147483648 -9223372036854775808 1 x 0xffffffffffffffff [hello] deadbeef"
0.000000002,0,,,,"t","types",,"0 0 0 0 127 32767 2147483647 9223372036854775807 0 \\ 0x0 [] "
0.000000003,0,,,,"t","types",,"1 1 1 1 -1 -1 -1 -1 1 "" 0x1 [ab...] 01..."
0.000000004,0,,,,"t","empty",,""
0.000000005,0,,,,"t","text",,"nothing % here"
END
    # Two dumps, one line of names; an event that was not finished; one that is unknown.
    prints --format csv ../joined <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,message
1.000000000,0,5,"five",.....,"t","num",,"v=0"
,,,,,"capture","begins",2,
0.010000000,0,5,"<...>",.....,"t","other",,"w=0"
END
    # What was lost on no CPU that the trace has.
    prints --format csv --capture 1 ../counts <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,message
0.000001000,0,,,,"t","num",,"v=10"
,,,,,"lost","unknown_cpu",6,
END
    # Several inputs: a column says which; a name is quoted, and those that are the same have numbers.
    mkdir a b
    cp ../joined 'a/x"y'
    cp ../loss 'b/x"y'
    run --format csv --fields w,v 'a/x"y' 'b/x"y'
    grep -v '"lost"' out >lines
    diff - lines <<'END' || complain "--format csv of two"
input,time,cpu,common_pid,common_comm,flags,sys,event,lost,"w","v"
"a/x""y",1.000000000,0,5,"five",.....,"t","num",,,0
"b/x""y",1.000000000,0,,,,"t","num",,,1
"a/x""y",,,,,,"capture","begins",2,,
"a/x""y",0.010000000,0,5,"<...>",.....,"t","other",,,0
"b/x""y",2.000000000,0,,,,"t","num",,,2
"b/x""y",2.500000000,1,,,,"t","num",,,4
"b/x""y",3.000000000,0,,,,"t","num",,,3
END
    run --format csv ../loss ../loss
    sed 's/,.*//' out | sort -u >names
    printf '%s\n' '"1:../loss"' input | diff - names || complain "the names of one file, twice"
    run --format csv ../unfinished
    grep -qx '0.000003000,0,,,,"t","num",unfinished,"v=0"' out || complain "$(cat out)"
    grep -qx '0.000003000,0,,,,"lost","unfinished",1,' out || complain "$(cat out)"
    run --format csv ../unknown
    grep -q '^[0-9.]*,0,[^"]*,,,[0-9]*,,"[0-9a-f]*"$' out || complain "$(cat out)"
}

csv_fields()
{
    exits 2 --format csv --fields a,l,m,i,nosuch ../types <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,"a","l","m","i","nosuch"
0.000000001,0,,,,"t","types",,255,"hello","deadbeef",1,
0.000000002,0,,,,"t","types",,0,"","",0,
0.000000003,0,,,,"t","types",,1,"ab...","01...",1,
0.000000004,0,,,,"t","empty",,,,,,
0.000000005,0,,,,"t","text",,,,,,
END
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "5 records, 0 lost" | err_is
    prints --format csv --fields comm,why ../example <<'END'
time,cpu,common_pid,common_comm,flags,sys,event,lost,"comm","why"
8.589934336,0,42,"<...>",d.h1.,"sched","switch",,"bash","wake"
8.589934608,0,42,"<...>",d.h1.,"sched","switch",,"idl...","idle"
8.589938688,0,,,,"lost","full",3,,
END
}

# A reader of CSV (RFC 4180) on standard input: each row has as many columns as the first, quotes are
# around a whole value, and those inside are doubled.
csv_read()
{
    LC_ALL=C awk '
        function wrong(why) { print "row " NR ": " why ": " $0; failed = 1; exit }
        {
            row = row $0
            quoted = gsub(/"/, "\"", row)
            if (quoted % 2) { row = row "\n"; next }
            columns = 0
            rest = row ","
            row = ""
            while (rest != "") {
                if (match(rest, /^"([^"]|"")*",/) || match(rest, /^[^",\r\n]*,/)) {
                    rest = substr(rest, RLENGTH + 1)
                    columns++
                } else {
                    wrong("no value")
                }
            }
            if (!first)
                first = columns
            if (columns != first)
                wrong(columns " columns, not " first)
        }
        END { if (!failed && row != "") { print "an open quote"; failed = 1 }; exit failed }'
}

# Whatever is in a dump, each line has the same number of columns for a reader of CSV.
csv_valid()
{
    for wrong in 'a,b\n1' 'a\n"1"2' 'a\n1"2"' 'a\n"1' 'a,b\n1,2,3' 'a\n"1"",2'; do
        ! printf "$wrong" | csv_read >why || complain "the reader of CSV takes $wrong"
    done
    printf 'a,b\n"1\n2,3",\n"4""5",6\n' | csv_read >why || complain "good CSV: $(cat why)"
    for name in $names; do
        for fields in "" --fields=a,v,comm,s; do
            # shellcheck disable=SC2086
            run --format csv $fields "../$name"
            harmless out
            csv_read <out >why || complain "$name: $(cat why)"
        done
    done
}

# --- fields ---

fields()
{
    prints --fields comm,next ../example <<'END'
           <...>-42      [000] d.h1.     8.589934: sched_switch: comm=bash next=7
           <...>-42      [000] d.h1.     8.589934: sched_switch: comm=idl... next=0
--- cpu 0: 3 records lost here (buffer full) ---
END
    prints --fields a,e,i,j,k,l,m ../types <<'END'
           <...>-0       [000] .....     0.000000: t_types: a=255 e=-128 i=1 j=x k=0xffffffffffffffff l=hello m=deadbeef
           <...>-0       [000] .....     0.000000: t_types: a=0 e=127 i=0 j=\\ k=0x0 l= m=
           <...>-0       [000] .....     0.000000: t_types: a=1 e=-1 i=1 j=" k=0x1 l=ab... m=01...
           <...>-0       [000] .....     0.000000: t_empty: 
           <...>-0       [000] .....     0.000000: t_text: 
END
    prints --fields u --fields=c,e,p ../arrays <<'END'
           <...>-0       [000] .....     0.000000: t_arr: u={1,22,333} c=abc e={on,off,7} p={0xffff}
           <...>-0       [000] .....     0.000000: t_chr: c=xyz
END
    prints --fields f ../names <<'END'
           <...>-0       [000] .....     0.000000: t_n: f=A|B
           <...>-0       [000] .....     0.000000: t_n: f=C|HIGH|0x8000
           <...>-0       [000] .....     0.000000: t_n: f=0
           <...>-0       [000] .....     0.000000: t_n: f=0x30
END
    # Another dump has other fields where the first had its own.
    cat ../joined ../types >three
    run --fields v,m,a three
    code_is 0
    sed -n 's/.*t_\(num\|other\|types\): \(.*\)/\1 \2/p' out | head -n 3 >got
    printf '%s\n' "num v=0" "other v=0" "types m=deadbeef a=255" | diff - got || complain "fields of another dump"
    run --fields s,c ../escapes
    code_is 0
    harmless out
    grep -q 's=.x1b]52;c.x07' out || complain "$(cat out)"
}

fields_json()
{
    exits 2 --format json --fields next,nosuch ../example <<'END'
{"schema":"tracepoint","version":1,"tool":"tracepoint 0.1.0","clock_hz":1000000000,"cpus":1,"stream":"0x5eed"}
{"time_ns":8589934336,"cpu":0,"common_pid":42,"common_comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":7}}
{"time_ns":8589934608,"cpu":0,"common_pid":42,"common_comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":0}}
{"lost":3,"cpu":0,"cause":"full","time_ns":8589938688}
END
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "2 records, 3 lost" | err_is
}

# One that is cut is in a list by itself, if it is shown.
fields_cut()
{
    run --format json --no-schema --fields l,a --event t:types ../types
    jq -c '[.fields, .cut]' <out >got
    printf '%s\n' '[{"l":"hello","a":255},null]' '[{"l":"","a":0},null]' '[{"l":"ab...","a":1},["l"]]' | diff - got ||
        complain "cut fields"
    run --format json --no-schema --fields a --event t:types ../types
    ! grep -q cut out || complain "$(cat out)"
}

# Numbers of 64 bits as texts, and those of fewer as they are; no line of the dump itself.
json_strings()
{
    run --format json --json-strings --no-schema ../types
    code_is 0
    jq -c '[.time_ns, .cpu, .fields.a, .fields.c, .fields.d, .fields.g, .fields.h]' <out | head -n 3 >got
    diff - got <<'END' || complain "numbers of 64 bits"
["1",0,255,4294967295,"18446744073709551615",-2147483648,"-9223372036854775808"]
["2",0,0,0,"0",2147483647,"9223372036854775807"]
["3",0,1,1,"1",-1,"-1"]
END
    # All else is the same.
    for name in $names; do
        run --format json --json-strings --time raw "../$name"
        cp out strings
        run --format json --time raw "../$name"
        sed 's/"\(-*[0-9][0-9]*\)"/\1/g' strings >a
        sed 's/"\(-*[0-9][0-9]*\)"/\1/g' out >b
        cmp -s a b || complain "$name: --json-strings"
        sed '/^{"schema"/d' out >b
        run --format json --no-schema --time raw "../$name"
        cmp -s out b || complain "$name: --no-schema"
    done
    for option in --json-strings --no-schema; do
        for format in text csv; do
            run --format $format $option ../types
            nothing_but 2 "tpdecode: no --format json for '$option', try 'tpdecode --help'"
        done
        run --stats --format json $option ../types
        nothing_but 2 "tpdecode: records are not printed with an answer: '$option', try 'tpdecode --help'"
        run --list-events --format json $option ../types
        nothing_but 2 "tpdecode: events are listed, not records: '$option', try 'tpdecode --help'"
    done
}

fields_wrong()
{
    run --fields nxt --head 1 ../example
    nothing_but 2 "tpdecode: no event has a field 'nxt': did you mean 'next'?"
    long=$(awk 'BEGIN { for (i = 0; i < 383; i++) printf "x" }')
    for text in '' , a, ,a a,,b; do
        run --fields "$text" ../types
        nothing_but 2 "tpdecode: not a list of names '$text': names, as prev,next"
    done
    # 383 bytes are a name, sys:event.field at its longest.
    run --fields "$long" ../types
    code_is 2
    grep -q "^tpdecode: no event has a field 'xxx" err || complain "$(cat err)"
    run --fields "x$long" ../types
    code_is 2
    grep -q "^tpdecode: not a list of names 'xxx" err || complain "$(cat err)"
    run --fields a,b,a ../types
    nothing_but 2 "tpdecode: a name is twice in the list 'a,b,a': names, as prev,next"
    many=$(awk 'BEGIN { for (i = 0; i < 63; i++) printf "n%d,", i }')
    run --fields "${many}a" ../types
    code_is 2
    grep -q 'types: a=255$' out || complain "$(cat out)"
    run --fields "${many}a,b" ../types
    code_is 2
    grep -q '^tpdecode: too long a list' err || complain "$(cat err)"
}

# --- template ---

template()
{
    prints --template '%t %c %e %{next} %m' ../example <<'END'
8.589934 0 switch 7 next=7 why=wake comm=bash
8.589934 0 switch 0 next=0 why=idle comm=idl...
--- cpu 0: 3 records lost here (buffer full) ---
END
    exits 2 --template '%s:%e|%p|%n|%f|%{comm}|%{nosuch}|%{why}%%%%{next}' ../example <<'END'
sched:switch|42|<...>|d.h1.|bash||wake%%{next}
sched:switch|42|<...>|d.h1.|idl...||idle%%{next}
--- cpu 0: 3 records lost here (buffer full) ---
END
    printf '%s\n' "tpdecode: no event has a field 'nosuch'; --list-events shows what there is" "2 records, 3 lost" | err_is
    # Without context; an event that lacks a field.
    prints --format=template --template='[%p%n%f] %{a}\t%{b}\\n\x' ../types <<'END'
[] 255	65535\n\x
[] 0	0\n\x
[] 1	1\n\x
[] 	\n\x
[] 	\n\x
END
    prints --template 'a\nb' --head 1 ../types <<'END'
a
b
END
    prints --template '' --head 2 ../types <<'END'


END
    prints --time utc --template %t ../utc <<'END'
2026-11-23T23:11:59.790122Z
2026-11-23T23:12:32.790122Z
2026-11-23T23:12:33.123456Z
2026-11-23T23:12:33.456789Z
2026-11-23T23:12:49.790122Z
2026-11-23T23:12:49.123456Z
2072-04-06T01:21:23.790122Z
--- cpu 0: 1 records lost here (buffer full) ---
END
    run --template '%m' ../unfinished
    grep -qx 'v=18 <unfinished>' out || complain "$(cat out)"
    run --template '%m' --format json ../example
    nothing_but 2 "tpdecode: not with another --format: '--template', try 'tpdecode --help'"
    for name in $names; do
        run --template '%n %s %e %m %{s} %{c} %{v}' "../$name"
        harmless out
    done
}

template_wrong()
{
    for text in % %x '%T' 'a%' '%-t' '%5c' '% t'; do
        run --template "$text" ../types
        nothing_but 2 "tpdecode: unknown % in template '$text', try 'tpdecode --help'"
    done
    for text in '%{' '%{}' '%{a' '%m%{b}%{'; do
        run --template "$text" ../types
        nothing_but 2 "tpdecode: no name in {} in template '$text', try 'tpdecode --help'"
    done
    run --format template ../types
    nothing_but 2 "tpdecode: no --template for '--format template', try 'tpdecode --help'"
    text=$(awk 'BEGIN { for (i = 0; i < 1023; i++) printf "x" }')
    run --head 1 --template "$text" ../types
    code_is 0
    echo "$text" | out_is
    run --template "x$text" ../types
    code_is 2
    grep -q '^tpdecode: too long a template' err || complain "$(cat err)"
    fields=$(awk 'BEGIN { for (i = 0; i < 64; i++) printf "%%{a}" }')
    run --head 1 --template "$fields" ../types
    code_is 0
    run --template "$fields%{b}" ../types
    code_is 2
}

# --- times ---

# Standard input: the times that are wanted, one a line, in text and in JSON.
stamps()
{
    run --time "$1" "../$2"
    code_is 0
    sed -n 's/^.\{37\}\(.*\): t_num: v=[0-9]*$/\1/p' out >got
    sed -n 's/^text //p' want | diff - got >differ || complain "--time $1: $(cat differ)"
    run --time "$1" --format json "../$2"
    sed -n 's/^{"time_ns":[0-9]*,\(.*\),"cpu".*"event".*/\1/p' out >got
    sed -n 's/^json //p' want | diff - got >differ || complain "--time $1 --format json: $(cat differ)"
}

time_raw()
{
    cat >want <<'END'
text 0
text 99
text 100
text 101
text 150
text 151
text 4294967295
json "ticks":0
json "ticks":99
json "ticks":100
json "ticks":101
json "ticks":150
json "ticks":151
json "ticks":4294967295
END
    stamps raw utc
}

# Of a pipe a later clock pair comes too late.
time_utc_of_a_pipe()
{
    hex <"$(golden_file noclock.hex)" >noclock
    "$tp" --time utc noclock >out.file 2>err.file
    cat noclock | "$tp" --time utc >out 2>err
    command_line="tpdecode --time utc, of a pipe"
    golden_part noclock stdout | out_is
    grep -qx "tpdecode: standard input: no clock pair before the first record: times are not UTC but seconds" err ||
        complain "$(cat err)"
    ! grep -q 'no clock pair' err.file || complain "of a file: $(cat err.file)"
}

time_relative()
{
    cat >want <<'END'
text     0.000000
text     1.000000
text     1.500000
text     2.000000
json "relative_ns":0
json "relative_ns":1000000000
json "relative_ns":1500000000
json "relative_ns":2000000000
END
    stamps relative loss
    # Time that went back.
    hex <"$srcdir/tests/conformance/vectors/good-back.hex" >back
    run --time relative:ns --template '%t %{v}' back
    code_is 0
    printf '%s\n' '0.000000000 1' '0.000000021 2' '0.000000025 3' '-4.294967277 4' '0.000000036 5' >want
    grep -v '^---' out | diff - want || complain "time that went back"
    grep -qx 'tpdecode: time went back 1 times within a CPU, order kept as recorded' err || complain "$(cat err)"
    # Of two files it is the first record of both; and so it is for --from.
    run --time relative ../loss ../merge
    grep -q '^\[merge\].* 0.000000: t_num: v=4$' out || complain "$(cat out)"
    grep -q '^\[loss\].* 2.999999: t_num: v=3$' out || complain "$(cat out)"
    # Two dumps in one file have a beginning each.
    run --time relative ../joined
    [ "$(grep -c ' 0.000000: ' out)" = 2 ] || complain "$(cat out)"
    run --time relative --from +1.5s --to +1.5s ../loss
    echo "           <...>-0       [001] .....     1.500000: t_num: v=4" | out_is
}

time_delta()
{
    cat >want <<'END'
text     0.000000000
text     1.000000000
text     0.500000000
text     0.500000000
json "delta_ns":0
json "delta_ns":1000000000
json "delta_ns":500000000
json "delta_ns":500000000
END
    stamps delta loss
    # Since the record that is shown before.
    prints --time delta --cpu 0 --template '%t %{v}' --from 2 ../loss <<'END'
--- cpu 0: 1 records lost here (nested writer) ---
--- cpu 0: 1 records lost here (record too large) ---
--- cpu 0: 1 records lost here (recursion) ---
0.000000000 2
--- cpu 0: 5 records lost here (overwritten) ---
--- cpu 0: 2 records lost here (missing from the dump) ---
1.000000000 3
--- cpu 0: 4 records lost here (buffer full) ---
END
    # A dump whose clock starts again: less than none.
    run --time delta ../joined
    grep -q '    -0.990000000: t_other' out || complain "$(cat out)"
}

# The counter of golden/utc has 3 counts a second; its pairs are in tests/golden/good-utc.hex.
time_precision()
{
    TZ='TST-5:30'
    export TZ
    while IFS='|' read -r time line; do
        run --time "$time" --filter 'v == 3' --template '%t' ../utc
        [ "$(head -n 1 out)" = "$line" ] || complain "$command_line: $(cat out)"
    done <<'END'
seconds|33.333333
seconds:us|33.333333
seconds:ns|33.333333333
relative:ns|33.333333333
delta:us|0.000000
delta|0.000000000
utc:us|2026-11-23T23:12:33.123456Z
utc:ns|2026-11-23T23:12:33.123456333Z
local:ns|2026-11-24T04:42:33.123456333+05:30
END
    run --time seconds:ns --format csv --filter 'v == 4' ../utc
    sed -n 2p out | grep -q '^33.666666666,' || complain "$(cat out)"
    run --time seconds:us --format csv --filter 'v == 4' ../utc
    sed -n 2p out | grep -q '^33.666666,' || complain "$(cat out)"
    for wrong in raw:ns seconds:ms utc: delta:NS; do
        run --time "$wrong" ../utc
        code_is 2
        grep -q "unknown precision of time '$wrong'" err || complain "$(cat err)"
    done
}

# The rules of a zone are written here: no zone need be installed.
time_local()
{
    TZ='TST-5:30'
    export TZ
    cat >want <<'END'
text 2026-11-24T04:41:59.790122+05:30
text 2026-11-24T04:42:32.790122+05:30
text 2026-11-24T04:42:33.123456+05:30
text 2026-11-24T04:42:33.456789+05:30
text 2026-11-24T04:42:49.790122+05:30
text 2026-11-24T04:42:49.123456+05:30
text 2072-04-06T06:51:23.790122+05:30
json "local":"2026-11-24T04:41:59.790122+05:30"
json "local":"2026-11-24T04:42:32.790122+05:30"
json "local":"2026-11-24T04:42:33.123456+05:30"
json "local":"2026-11-24T04:42:33.456789+05:30"
json "local":"2026-11-24T04:42:49.790122+05:30"
json "local":"2026-11-24T04:42:49.123456+05:30"
json "local":"2072-04-06T06:51:23.790122+05:30"
END
    stamps local utc
    # Summer and winter; west of Greenwich. What is printed is understood.
    TZ='EST5EDT,M3.2.0,M11.1.0'
    run --time local --template %t ../utc
    [ "$(sed -n 1p out)" = 2026-11-23T18:11:59.790122-05:00 ] &&
        [ "$(sed -n 7p out)" = 2072-04-05T21:21:23.790122-04:00 ] || complain "$(cat out)"
    prints --template '%{v}' --from 2072-04-05T21:21:23.790122-04:00 --to 2072-04-05T21:21:23.790122-04:00 ../utc <<'END'
7
END
    run --time local ../types
    head -n 1 err >first
    echo "tpdecode: ../types: no clock pair before the first record: times are not local but seconds" | diff - first ||
        complain "another message"
    grep -q '     0.000000: t_types' out || complain "no seconds"
}

time_seconds()
{
    run ../loss
    mv out want
    run --time utc --time seconds ../loss
    out_is <want
}

# --- symbols ---

# k in golden/types is the largest address, 0 and 1; p in golden/arrays is 0xffff.
symbols_map()
{
    printf '%s\n' '0000000000000000 T start' '0000000000000001 a absolute' '0000000000000001 U undefined' \
        'fffffffffffff000 t last	[module]' '000000000000fff0 D table' '000000000000fff0 D same' >System.map
    prints --symbols System.map --fields k ../types <<'END'
           <...>-0       [000] .....     0.000000: t_types: k=last+0xfff [module]
           <...>-0       [000] .....     0.000000: t_types: k=start
           <...>-0       [000] .....     0.000000: t_types: k=start+0x1
           <...>-0       [000] .....     0.000000: t_empty: 
           <...>-0       [000] .....     0.000000: t_text: 
END
    run --symbols System.map ../arrays
    grep -q 'p={table+0xf} b' out || complain "$(cat out)"
    run --symbols System.map --format json ../arrays
    grep -q '"p":\["table+0xf"\]' out || complain "$(cat out)"
    run --symbols System.map --format csv ../arrays
    grep -q 'p={table+0xf} b' out || complain "$(cat out)"
    prints --symbols System.map --tail 1 --template '%{k}' --event t:types ../types <<'END'
start+0x1
END
    # Below the first one, and too far behind the last one.
    printf '%s\n' '0000000000000001 T one' >System.map
    prints --symbols System.map --template '%{k}' --event t:types ../types <<'END'
0xffffffffffffffff
0x0
one
END
    # A name cannot steer the terminal.
    printf '0000000000000000 T st\033[2Jart\n' >System.map
    run --symbols System.map ../types
    code_is 0
    harmless out
    grep -q 'st.x1b\[2Jart+0x1' out || complain "$(cat out)"
}

symbols_elf()
{
    cat >kernel.s <<'END'
    .globl start, table, weak
    .weak weak
    .text
    .type start, @function
start:
    .skip 16
weak:
    .skip 16
    .size start, 16
    .size weak, 8
    .type table, @object
table:
    .skip 1
    .set absolute, 1
END
    ${CC:-cc} -c kernel.s -o kernel.o && ${LD:-ld} -Ttext 0xfff0 -e start -o kernel.elf kernel.o 2>ld.err ||
        skip "no linker for ELF files: $(cat ld.err)"
    run --symbols kernel.elf ../arrays
    code_is 0
    grep -q 'p={start+0xf} b' out || complain "$(cat out)"
    ${LD:-ld} -Ttext 0xfff8 -e start -o kernel.elf kernel.o
    run --symbols kernel.elf ../arrays
    grep -q 'p={start+0x7} b' out || complain "$(cat out)"
    # Behind what a symbol says it has, there is none: weak has 8 bytes.
    ${LD:-ld} -Ttext 0xffe0 -e start -o kernel.elf kernel.o
    run --symbols kernel.elf ../arrays
    grep -q 'p={0xffff} b' out || complain "$(cat out)"
    # What is absolute is no address.
    run --symbols kernel.elf --template '%{k}' --event t:types ../types
    [ "$(sed -n 3p out)" = 0x1 ] || complain "$(cat out)"
    strip -o none.elf kernel.elf
    run --symbols none.elf ../arrays
    nothing_but 2 "tpdecode: none.elf: no symbols in it"
    # Any byte of it may be wrong.
    bytes=$(($(wc -c <kernel.elf)))
    at=0
    while [ $at -lt $bytes ]; do
        { head -c $at kernel.elf; printf '\377'; tail -c +$((at + 2)) kernel.elf; } >bad.elf
        run --symbols bad.elf ../arrays
        case $code in
        0 | 2) ;;
        *) complain "byte $at is wrong: exit code $code" ;;
        esac
        at=$((at + 1 + bytes / 400))
    done
}

symbols_wrong()
{
    run --symbols missing ../types
    nothing_but 2 "tpdecode: missing: No such file or directory"
    run --symbols .. ../types
    nothing_but 2 "tpdecode: ..: Is a directory"
    neither="neither an ELF file nor a list of symbols as System.map, /proc/kallsyms and nm have it"
    : >empty
    run --symbols empty ../types
    nothing_but 2 "tpdecode: empty: $neither (line 1)"
    for line in 'x' '00000000 T' '0000000 T x' '00000000  x' '000000000000000000 T x' '00000000 TT x' '00000000 T '; do
        printf '%s\n' '0000000000000000 T start' "$line" >map
        run --symbols map ../types
        nothing_but 2 "tpdecode: map: $neither (line 2)"
    done
    # One more than there may be, and a line without an end.
    awk 'BEGIN { for (i = 0; i < 524288; i++) printf "%016x T s%d\n", i, i }' >map
    run --symbols map --template '%{k}' --event t:types ../types
    code_is 0
    [ "$(sed -n 3p out)" = s1 ] || complain "$(cat out)"
    echo 'fffffffffffffff0 T more' >>map
    run --symbols map ../types
    nothing_but 2 "tpdecode: map: too many symbols"
    head -c 1000000 /dev/zero >zero
    run --symbols zero ../types
    nothing_but 2 "tpdecode: zero: $neither (line 1)"
    head -c 64 "$tp" >short
    run --symbols short ../types
    code_is 2
}

# --- colours ---

color()
{
    e=$(printf '\033')
    run --color always ../unfinished
    code_is 0
    grep -qxF "           <...>-0       [000] ..... ${e}[36m    0.000001${e}[0m: ${e}[1mt_num${e}[0m: v=10" out || complain "$(cat out)"
    grep -qxF "${e}[31m--- cpu 0: 1 records lost here (never finished by their writer) ---${e}[0m" out || complain "$(cat out)"
    grep -qxF "           <...>-0       [000] ..... ${e}[36m    0.000003${e}[0m: ${e}[1mt_num${e}[0m: v=0${e}[31m <unfinished>${e}[0m" out ||
        complain "$(cat out)"
    # Without colours, and with what they add taken away, it is the same.
    sed "s/$e\[[0-9]*m//g" out >plain
    run ../unfinished
    out_is <plain
    NO_COLOR=1 "$tp" --color always ../unfinished >out 2>err
    grep -q "$e" out || complain "NO_COLOR goes before --color always"
    # Here standard output is a file.
    for color in auto never; do
        run --color $color ../unfinished
        out_is <plain
    done
    # Only text has colours.
    for format in json csv; do
        run --color always --format $format ../unfinished
        harmless out
    done
    run --color blue ../types
    nothing_but 2 "tpdecode: unknown color 'blue': auto, always or never"
}

color_terminal()
{
    need script
    e=$(printf '\033')
    # VARIABLES...: is there colour on a terminal?
    coloured()
    {
        script -qec "env $* '$tp' ../types" /dev/null </dev/null >out 2>err
        grep -q types out || complain "$*: nothing was printed"
        grep -q "$e\[1m" out
    }
    coloured -u NO_COLOR TERM=xterm || complain "no colour on a terminal"
    coloured NO_COLOR= TERM=xterm || complain "no colour where NO_COLOR is empty"
    coloured NO_COLOR=1 TERM=xterm && complain "colour in spite of NO_COLOR"
    coloured -u NO_COLOR TERM=dumb && complain "colour on a dumb terminal"
    coloured -u NO_COLOR -u TERM && complain "colour without TERM"
    good
}

names=
for path in "$srcdir"/tests/golden/*.hex; do
    name=$(golden_name "$path")
    [ "$name" != region ] || continue
    names="$names $name"
    hex <"$path" >"$tmp/$name"
done
sed -n '/^```hex/,/^```$/p' "$srcdir/doc/format.md" | sed 's/^```.*//' | hex >"$tmp/example"
[ "$(($(wc -c <"$tmp/example")))" = 832 ] || {
    echo "Bail out! not the dumps that were to be made"
    exit 99
}

cli "--format csv" csv
cli "--format csv --fields" csv_fields
cli "--format csv: a reader of CSV takes every golden dump" csv_valid
cli "--fields: text" fields
cli "--fields: JSON" fields_json
cli "--fields: what was cut, in JSON" fields_cut
cli "--json-strings, --no-schema" json_strings
cli "--fields: used wrongly" fields_wrong
cli "--template" template
cli "--template: used wrongly" template_wrong
cli "--time raw" time_raw
cli "--time utc: a pair that comes later, of a pipe" time_utc_of_a_pipe
cli "--time relative" time_relative
cli "--time delta" time_delta
cli "--time local" time_local
cli "--time: with microseconds, with nanoseconds" time_precision
cli "--time seconds" time_seconds
cli "--symbols: a System.map" symbols_map
cli "--symbols: an ELF file, also with any byte wrong" symbols_elf
cli "--symbols: used wrongly, and limits" symbols_wrong
cli "--color" color
cli "--color auto: on a terminal only" color_terminal
finish
