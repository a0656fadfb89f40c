#!/bin/sh
# SPDX-License-Identifier: MIT
# The demo, and README.md: each row of its table is run as it stands on what the demo leaves, and its answer
# is compared with one from elsewhere: from the kernel's own counts, or by awk and jq from what the dump
# prints as JSON or as text. A row that no check below is for fails.
. "$(dirname "$0")/lib.sh"

build=$(cd "$build" && pwd)
source=$(cd "$here/../../.." && pwd)
readme=$source/README.md
demo=$tmp/demo
mkdir "$demo"

# --- other ways to an answer; all in the folder of the demo ---

# Records of demo.tp as JSON that FILTER chooses, as EXPRESSION.
ask() { # FILTER EXPRESSION
    jq -r "select(.event) | select($1) | $2" "$tmp/demo.json"
}

# Each record of JSON in the order of a line of text: CPU, microseconds, event, task.
brief() {
    jq -r 'select(.event) | "\(.cpu) \(.time_ns / 1000 | floor) \(.sys)_\(.event) \(.common_comm)-\(.common_pid)"'
}

brief_text() {
    sed 's/^\[capture [0-9]*\] //' | grep -v '^---' | sed -E \
        's|^ *(.*-[0-9]+) +\[0*([0-9]+)\] ..... +([0-9]+)\.([0-9]+): ([a-z_0-9]+):.*|\2 \3\4 \5 \1|; s/^([0-9]+) 0*/\1 /'
}

reported() { # FILE: what the kernel has fired, of all
    awk '$1 == "fired" && $3 == "event=*" { sub("count=", "", $4); n += $4 } END { print n }' "$1"
}

fired() { # FILE: lines EVENT COUNT
    awk '$1 == "fired" && $3 != "event=*" { sub("event=", "", $3); sub("count=", "", $4); n[$3] += $4 }
        END { for (e in n) if (n[e]) print e, n[e] }' "$1" | sort
}

same() { # WANT GOT: that are not empty
    [ -s "$1" ] && diff "$1" "$2"
}

pairs() { # START KEY END KEY [HOLES]: sorted by how long
    ask 'true' "if \"\\(.sys):\\(.event)\" == \"$1\" then \"s \\($2) \\(.time_ns) \\(.cpu)\"
        elif \"\\(.sys):\\(.event)\" == \"$3\" then \"e \\($4) \\(.time_ns) \\(.cpu)\" else empty end" |
        awk -f "$here/pairs.awk" ${5:+"$5"} - | sort -n
}

function_at() { # HEX ADDRESS: name+0xoffset, of demo.elf
    nm -n demo.elf | awk '$2 ~ /[tT]/ { print $1, $3 }' | while read -r address name; do
        [ $((0x$address)) -le $((0x$1)) ] || break
        printf '%s+0x%x\n' "$name" $((0x$1 - 0x$address))
    done | tail -n 1
}

# --- a check for each row: $tmp/out and $tmp/err have what it printed ---

everything() {
    brief <"$tmp/demo.json" >want
    brief_text <"$tmp/out" >got
    same want got && [ "$(wc -l <got)" = "$(reported demo.report)" ] &&
        grep -qx "$(reported demo.report) records, 0 lost" "$tmp/err"
}

dead() {
    brief <"$tmp/died.json" | tail -n 17 >want # 16, and the one in the making
    brief_text <"$tmp/out" >got
    same want got || return 1
    rip=$(sed -n 's/^died rip=//p' demo-died.report)
    grep -c "irq_entry: vector=14 name=page fault rip=0x$rip$" "$tmp/out" | grep -qx 3 || return 1
    grep -q 'shell-.*syscall_data: .* <unfinished>$' "$tmp/out" || return 1
    sed -n 's/^16 of \([0-9]*\) records shown, \([0-9]*\) lost$/\1 \2/p' "$tmp/err" |
        { read -r shown lost && [ $((shown + lost)) = "$(reported demo-died.report)" ]; }
}

last_moments() {
    end=$(jq 'select(.event) | .time_ns' "$tmp/died.json" | sort -n | tail -n 1)
    jq -c "select(.event and .time_ns >= $end - 5000000)" "$tmp/died.json" | brief >want
    brief_text <"$tmp/out" >got
    same want got && [ "$(wc -l <got)" -ge 20 ]
}

sensor_runs() {
    ask '.sys == "sched" and .event == "switch" and .cpu == 1 and .fields.next == 5' '.time_ns' |
        awk -v "first=$first" '$1 >= first + 9e8 && $1 <= first + 1e9 {
            printf "%.0f\n", int($1 / 1000) }' >want
    brief_text <"$tmp/out" | awk '{ print $2 }' >got
    same want got && [ "$(wc -l <got)" -ge 9 ]
}

shell_called() {
    sed -n 's/^ *shell-7 .*: syscall_enter: nr=\([a-z]*\) .*/\1/p' "$tmp/demo.txt" >want
    same want "$tmp/out" && grep -q sync want
}

found_taken() {
    awk '/: lock_wait: / && $NF != "owner=0" {
        sub(/-[0-9]+$/, "", $1); sub(":", "", $4); sub("owner=", "", $NF)
        print $4, $1, "waits for task", $NF }' "$tmp/demo.txt" >want
    same want "$tmp/out"
}

# The functions of the shell that had not returned: what has begun and not ended, by hand; the innermost is that which
# the fault's handler called.
called_last() {
    jq -r 'select(.sys == "fn" and .common_comm == "shell") | "\(.event) \(.fields.ip)"' "$tmp/died.json" |
        awk '$1 == "enter" { open[++n] = $2 } $1 == "exit" && n { n-- } END { while (n) print open[n--] }' |
        while read -r ip; do function_at "${ip#0x}" | sed 's/+.*//'; done >want
    [ "$(head -n 1 want)" = die_fault ] && [ "$(wc -l <want)" -ge 4 ] || return 1
    sed -n 's/^.* | *\(} \/\* \)\{0,1\}\([a-z_]*\)\((); \/\*\|:\) the capture ends here \*\/$/\2/p' "$tmp/out" >got
    same want got && [ "$(wc -l <"$tmp/out")" = 20 ]
}

# Where each interrupt came, by the names of nm.
profiled() {
    nm -n demo.elf | awk '$2 ~ /[tT]/ { print $1, $3 }' >names
    ask '.sys == "irq" and .event == "entry"' '.fields.rip' | sed 's/^0x//' | awk '
        NR == FNR { at[++n] = $1; name[n] = $2; next }
        {
            rip = substr("0000000000000000" $1, length($1) + 1)
            for (i = n; i && at[i] > rip; i--) { }
            count[name[i]]++
        }
        END { for (f in count) print f, count[f], count[f] }' names - | sort >want
    awk 'NF == 5 && $1 + 0 > 0 { print $5, $1, $3 }' "$tmp/out" | sort >got
    same want got && [ "$(wc -l <got)" -ge 5 ]
}

# The kernel has reported its counter when it had been told the time of day, a moment before.
time_of_death() {
    rip=$(sed -n 's/^died rip=//p' demo-died.report)
    grep -q " rip=$(function_at "$rip")\$" "$tmp/out" || { function_at "$rip"; return 1; }
    tsc=$(sed -n 's/^boot .* tsc=\([0-9]*\) .*/\1/p' demo-died.report)
    hz=$(sed -n 's/^boot tsc_hz=\([0-9]*\) .*/\1/p' demo-died.report)
    ns=$(jq 'select(.event == "entry") | .time_ns' "$tmp/died.json" | tail -n 1)
    sed -n 's/.* 2026-01-02T03:04:0\([0-9.]*\)Z: irq_entry.*/\1/p' "$tmp/out" |
        awk -v "ns=$ns" -v "tsc=$tsc" -v "hz=$hz" '{
            want = 5 + (ns - tsc / hz * 1e9) / 1e9; print $1, want
            exit !($1 >= want && $1 < want + 0.0001) }'
}

declared() { # MACRO: what events.h has, with `:` between
    sed -n "s/^$1(\\([a-z]*\\), \\([a-z]*\\), *\\([a-z]*\\).*/\\1:\\2 \\3/p" "$here/events.h"
}

known_events() {
    { declared TP_EVENT | cut -d' ' -f1; printf 'fn:enter\nfn:exit\n'; sed -n 's/.*X(printk, \([a-z_]*\)).*/printk:\1/p' "$here/kernel.h"
        grep -o 'X(printk, [a-z_]*)' "$here/kernel.h" | sed 's/X(printk, \(.*\))/printk:\1/'; } | sort -u >want
    awk '{ print $2 }' "$tmp/out" | sort >got
    same want got && grep -q '  sensor:read  *(s16 value)  "value=%d"$' "$tmp/out"
}

roles() {
    { declared TP_ROLE; printf 'disk:write counter\nfn:enter begin\nfn:exit end\n'; } | sort >want
    awk '/\((in the dump|by --role)\)$/ { print $1, $2 }' "$tmp/out" | sort >got
    same want got && grep -q '^disk:write  *counter value=block  (by --role)$' "$tmp/out"
}

told() {
    id=$(readelf -n demo.elf | sed -n 's/.*Build ID: *//p')
    for time in "$first" "$last" $((last - first)); do
        printf '%d.%06d s\n' $((time / 1000000000)) $((time % 1000000000 / 1000))
    done | paste -s -d ' ' | sed 's/ s / s to /; s/ s \([0-9.]* s\)$/ s: \1/' >want
    sed -n 's/^  time  *//p' "$tmp/out" >got
    same want got || return 1
    grep -q "build id $(echo "$id" | cut -c1-30)" "$tmp/out" && grep -q '^  made by .* on qemu$' "$tmp/out" &&
        grep -q '^  UTC  *2026-01-02T03:04:05.* to 2026-01-02T03:04:07' "$tmp/out" &&
        grep -q "^  records  $(reported demo.report), " "$tmp/out" && grep -q '^  lost  *0$' "$tmp/out" &&
        grep -q '^  CPUs  *2, 2 with records$' "$tmp/out"
}

counted() {
    fired demo.report >want
    awk '/  event$/ { on = 1; next } /^$/ { on = 0 } on { print $NF, $1 }' "$tmp/out" | sort >got
    same want got || return 1
    sed -n 's/^fired cpu=\([0-9]\) event=\* count=\(.*\)/\1 \2 0/p' demo.report >want
    awk '/  cpu$/ { on = 1; next } on && $NF ~ /^[0-9]+$/ { print $NF, $1, $(NF - 1) }' "$tmp/out" | sort >got
    same want got
}

by_task() {
    jq -r 'select(.fields) | .common_comm' "$tmp/demo.json" | sort | uniq -c | awk '{ print $2, $1 }' | sort >want
    awk '$1 ~ /^[0-9]+$/ && $NF != "(all)" { print $NF, $1 }' "$tmp/out" | sort >got
    same want got && [ "$(wc -l <got)" -ge 5 ]
}

queried() {
    ask '.sys == "syscall" and .event == "enter"' '.common_comm' | sort | uniq -c |
        awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print n, $0 }' | sort -k1,1nr -k2 >want
    sed 1d "$tmp/out" | awk '{ n = $NF; sub(/ +[0-9]+$/, ""); print n, $0 }' >got
    same want got
}

# spans.awk has nanoseconds; the table of it milliseconds.
spanned() {
    awk -f "$here/spans.awk" "$tmp/demo.json" | sort >want
    ./tpdecode --spans --format json demo.tp 2>/dev/null |
        jq -r '.spans[] | "span \(.name) \(.count) \(.total_ns) \(.self_ns // "-")"' | sort >got
    same want got || return 1
    awk '{ us = int($4 / 1000); printf "%s %d %d.%03d\n", $2, $3, us / 1000, us % 1000 }' want | sort >table
    awk '$1 ~ /^[0-9]+\.[0-9]+$/ { print $NF, $3, $1 }' "$tmp/out" | sort | same table - && [ "$(wc -l <table)" -ge 5 ]
}

interrupts() {
    awk '/: irq_entry: / { sub(/.* name=/, ""); sub(/ rip=.*/, ""); n[$0]++ }
        END { for (name in n) print name, n[name] }' "$tmp/demo.txt" | sort >want
    awk '$NF ~ /^[|]#/ { print $1, $2 }' "$tmp/out" | sort >got
    same want got && [ "$(awk '$1 == "eth0" { print $2 }' got)" -gt 1500 ]
}

memory() {
    jq -rs 'map(select(.event == "alloc")) | group_by(.common_comm)[] | "\(.[0].common_comm) \(map(.fields.pages) |
        "\(length) \(min) \(max) \(add / length * 1000 + 0.5 | floor)")"' "$tmp/demo.json" | sort >want
    sed -n 's/^comm \(.*\): \([0-9]*\) values, least \([0-9]*\), most \([0-9]*\), mean \([0-9]*\)\.\([0-9]*\)$/\1 \2 \3 \4 \5\6/p' \
        "$tmp/out" | sort >got
    same want got
}

latency() { # NAME OF THE KEY
    awk -v "name=$1" -f "$here/latency.awk" want "$tmp/out"
}

calls() {
    pairs syscall:enter .common_comm syscall:exit .common_comm >want
    latency common_comm
}

wakeups() {
    pairs sched:wakeup .fields.pid sched:switch .fields.next >want
    latency pid
}

# tasks.awk has nanoseconds, the table milliseconds and microseconds of them.
tasks() {
    awk -f "$here/tasks.awk" "$tmp/demo.json" >want
    awk 'FNR == NR { want[$1, $2] = $3; if (!known[$2]++) tasks++; next }
        function is(what, id, ns, unit) {
            if (want[what, id] - ns * unit > unit / 1000 || ns * unit - want[what, id] > unit / 1000) {
                print what, id, ns, "not", want[what, id]; bad = 1
            }
        }
        $1 ~ /^[0-9]+\.[0-9]+$/ && $2 ~ /\./ {
            is("run", $9, $1, 1e6); seen++
            if ($5 == "-")
                next
            is("wait", $9, $4, 1e6); is("woken", $9, $5, 1)
            if ($8 * 1000 - want["most", $9] > 0.5 || want["most", $9] - $8 * 1000 > 0.5) {
                print "most", $9, $8, "not", want["most", $9]; bad = 1
            }
            if ($6 * 1000 < want["half", $9] - 1 || ($6 * 1000 - want["half", $9]) * 128 > want["half", $9] + 128) {
                print "half", $9, $6, "not", want["half", $9]; bad = 1
            }
        }
        END { print seen " tasks"; exit bad || seen != tasks || seen < 10 }' want "$tmp/out"
}

# Where CPU 1 has most and CPU 0 has not, from the text; from the JSON what is in each column, and, where
# there are tasks, how long each ran and waited in all of them.
timeline() {
    ./tpdecode --timeline --format json demo.tp >got 2>/dev/null
    start=$(jq .start_ns got) column=$(jq .column_ns got) columns=$(jq .columns got)
    for cpu in 0 1; do
        ask ".cpu == $cpu" .time_ns | awk -v "start=$start" -v "column=$column" -v "columns=$columns" '
            { n[int(($1 - start) / column)]++ }
            END { for (i = 0; i < columns; i++) print n[i] + 0 }' >want
        jq ".cpus[] | select(.cpu == $cpu) | .counts[]" got >counts
        same want counts || return 1
    done
    if [ "$(jq 'has("tasks")' got)" = true ]; then
        awk -f "$here/tasks.awk" "$tmp/demo.json" | grep '^run\|^wait' | sort >want
        jq -r '.tasks[] | "run \(.id) \(.run_ns | add)", "wait \(.id) \(.wait_ns | add)"' got | grep -v ' 0$' |
            sort >counts
        grep -v '^run [12] ' want >tasks # of what is idle there is no line
        same tasks counts || return 1
    fi
    sed -n 's/^ *cpu *1 |//p' "$tmp/out" | grep -q '█' && sed -n 's/^ *cpu *0 |//p' "$tmp/out" | grep -vq '█'
}

differs() {
    fired demo-before.report >before
    fired demo.report | join before - | awk '{ print $1, $2, $3, $3 - $2 }' >want
    awk '$NF ~ /^[a-z]+:/ && $1 ~ /^[0-9]+$/ { print $NF, $1, $2, $3 + 0 }' "$tmp/out" | sort >got
    awk '{ seen[$1] = $0 } END { exit seen["irq:entry"] == "" }' got &&
        join -v 1 want got | awk '$2 != $3 { print "not there: " $0; bad = 1 } END { exit bad }' &&
        join -v 2 want got | awk '{ print "unknown: " $0 } END { exit NR > 0 }' &&
        awk 'FNR == NR { want[$1] = $0; next } want[$1] != $0 { print want[$1] " is not " $0; bad = 1 } END { exit bad }' \
            want got
}

part() {
    brief <"$tmp/demo.json" | awk -v "first=$first" '
        { at = ($2 + 0.5) * 1000 } at >= first + 1.3e9 && at <= first + 1.5e9' >want
    ./tpdecode --format json part.tp 2>/dev/null | brief >got
    same want got && [ "$(wc -c <part.tp)" -lt "$(($(wc -c <demo.tp) / 10))" ] && ! cmp -s part.tp demo.tp
}

check_for() { # COMMAND: the name of its check
    case $1 in
    './tpdecode demo.tp') echo everything ;;
    './tpdecode --tail '*demo.img) echo dead ;;
    './tpdecode --from -5ms demo.img') echo last_moments ;;
    'cat demo.tp | ./tpdecode' | *--follow*) echo everything ;;
    *'--event sched_switch'*) echo sensor_runs ;;
    *'| jq '*) echo shell_called ;;
    *'--capture 1 --graph'*) echo called_last ;;
    *--template*) echo found_taken ;;
    *--profile*) echo profiled ;;
    *'--time utc'*) echo time_of_death ;;
    *--list-events*) echo known_events ;;
    *--list-roles*) echo roles ;;
    *--info*) echo told ;;
    *'--stats --by'*) echo by_task ;;
    *--stats*) echo counted ;;
    *--spans*) echo spanned ;;
    *--sql*) echo queried ;;
    *'--hist name'*) echo interrupts ;;
    *'--hist pages'*) echo memory ;;
    *'--latency syscall'*) echo calls ;;
    *'--latency wakeup'*) echo wakeups ;;
    *--tasks*) echo tasks ;;
    *--timeline*) echo timeline ;;
    *--diff*) echo differs ;;
    *--output*) echo part ;;
    *) echo no_check ;;
    esac
}

no_check() {
    echo "no check in readme_test.sh is for this row"
    return 1
}

# --- the demo ---

ln -s "$build/tpdecode" "$demo/tpdecode"
(cd "$demo" && sh "$source/doc/examples/demo.sh" "$source" "$build") >"$tmp/shown" 2>&1
result $? "demo: it ends well" "$tmp/shown"
cd "$demo" || exit 99
./tpdecode --format json demo.tp >"$tmp/demo.json" 2>/dev/null
./tpdecode --format json demo.img >"$tmp/died.json" 2>/dev/null
./tpdecode demo.tp >"$tmp/demo.txt" 2>/dev/null
ask true .time_ns | sed -n '1p; $p' | tr '\n' ' ' >"$tmp/log"
read -r first last <"$tmp/log"
[ $((last - first)) -ge 2000000000 ]
result $? "demo: two seconds at least" "$tmp/log"

sed -n 's|^      \(\./tpdecode .*\)|\1|p' "$tmp/shown" | while read -r command; do
    sh -c "$command" >"$tmp/out" 2>"$tmp/err" || echo "$command: $(cat "$tmp/err")"
    [ -s "$tmp/out" ] || echo "$command: nothing"
    echo "$command" >>"$tmp/tried"
done >"$tmp/log"
[ ! -s "$tmp/log" ] && [ "$(wc -l <"$tmp/tried")" -ge 8 ]
result $? "demo: what it says to try works" "$tmp/log"

# Other compilers make other code, which takes other times: all but figures is compared.
figures() {
    sed 's/0x[0-9a-f]*/N/g; s/[0-9][0-9.]*/N/g; s/  */ /g; s/^ //'
}
sed -n '/^    ./s/^    //p' "$readme" | sed -n '/^\$ \.\/tpdecode/,$p' | sed '/^autoreconf\|bootstrap/,$d' |
    grep -v '^\.\.\.$' | figures | sort -u >"$tmp/want"
figures <"$tmp/shown" | sort -u | comm -23 "$tmp/want" - >"$tmp/log"
[ "$(wc -l <"$tmp/want")" -ge 8 ] && [ ! -s "$tmp/log" ]
result $? "README: what the demo prints" "$tmp/log"

sed -n 's/^| .* | `\(.*tpdecode.*\)` |$/\1/p' "$readme" | sed 's/\\|/|/g' >"$tmp/rows"
rows=0
while IFS= read -r command; do
    rows=$((rows + 1))
    LC_ALL=C.UTF-8 sh -c "$command" >"$tmp/out" 2>"$tmp/err" # as users have it, for blocks
    code=$?
    cp "$tmp/err" "$tmp/log"
    [ $code = 0 ] && "$(check_for "$command")" >"$tmp/log" 2>&1 </dev/null
    result $? "README: $command" "$tmp/log"
done <"$tmp/rows"
[ $rows = 26 ]
result $? "README: 26 rows" "$tmp/rows"

# The picture: a text or a block for each that --timeline prints, and the one in the README is such a one.
sh "$source/doc/examples/picture.sh" './tpdecode --timeline demo.tp' >picture.svg 2>"$tmp/err"
{ echo "\$ tpdecode --timeline demo.tp"; LC_ALL=C.UTF-8 ./tpdecode --timeline demo.tp 2>/dev/null; } >text
sed 's/▁\|▂\|▃\|▄\|▅\|▆\|▇\|█\|▒//g; s/ *$//' text | tr -d ' \n' >want
sed -n 's/^<text[^>]*>\(.*\)<.text>$/\1/p' picture.svg | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | tr -d ' \n' >got
same want got >"$tmp/log" 2>&1 && [ "$(grep -c '^<rect x=' picture.svg)" = "$(grep -o '▁\|▂\|▃\|▄\|▅\|▆\|▇\|█\|▒' text | wc -l)" ]
result $? "picture: all that --timeline prints" "$tmp/log"
for picture in timeline crash; do
    grep -q "](doc/$picture.svg)\$" "$readme" && [ "$(head -c 4 "$source/doc/$picture.svg")" = '<svg' ] &&
        [ "$(wc -c <"$source/doc/$picture.svg")" -lt 32768 ]
    result $? "picture: $picture.svg is in the README, and small" "$readme"
done
sh "$source/doc/examples/picture.sh" "$(tail -n 1 "$source/doc/examples/crash")" | figures >got
figures <"$source/doc/crash.svg" >want
same want got >"$tmp/log" 2>&1
result $? "picture: the crash is what it shows" "$tmp/log"

# The recording: what it types prints what it shows.
jq -j 'select(type == "array") | .[2]' "$source/doc/crash.cast" | tr -d '\r' >recorded
sed -n 's/^\$ //p' recorded | while IFS= read -r command; do
    echo "\$ $command"
    LC_ALL=C.UTF-8 sh -c "$command" 2>/dev/null
done | figures >got
figures <recorded >want
same want got >"$tmp/log" 2>&1 && [ "$(sed -n 's/^\$ //p' recorded | cmp - "$source/doc/examples/crash" && wc -l <recorded)" -ge 20 ]
result $? "recording: the crash, typed again" "$tmp/log"

# --- wake-ups, by --tasks and by --latency ---

agree() { # NAME: both have of each task what the pairs have, and of all together
    ./tpdecode --tasks --format json "$1" 2>/dev/null |
        jq -r '.tasks[] | select(.woken // 0 > 0) | "\(.id) \(.woken) \(.max_ns)"' | sort >"$tmp/by_tasks"
    awk '{ n[$2]++; if ($1 > most[$2]) most[$2] = $1 } END { for (k in n) print k, n[k], most[k] }' want |
        sort >"$tmp/by_hand"
    same "$tmp/by_hand" "$tmp/by_tasks" || return 1
    ./tpdecode --latency wakeup:switch --key pid=next --format json "$1" 2>/dev/null |
        jq -r '"\(.pairs) \(.max_ns)", (.longest[] | "\(.ns) \(.key) \(.start_ns) \(.start_cpu) \(.end_ns) \(.end_cpu)")' >"$tmp/by_latency"
    { awk '{ most = $1 > most ? $1 : most } END { print NR, most }' want; sort -k1,1nr -k3,3n want | head -n 10; } >"$tmp/by_hand"
    same "$tmp/by_hand" "$tmp/by_latency"
}

pairs sched:wakeup .fields.pid sched:switch .fields.next >want
agree demo.tp >"$tmp/log" 2>&1
result $? "wake-ups: --tasks and --latency are the pairs, to the nanosecond" "$tmp/log"

# Three chunks of data are taken out, of each CPU at another time. What is missing then is seen in the records, not in what tpdecode
# says of it: `lost FROM TO`, from the record before to the record after on that CPU.
chunks() { # lines AT TYPE CPU BYTES
    grep -abo "$(printf '\365tp\372')" demo.tp | cut -d: -f1 | while read -r at; do
        od -An -v -tu4 -j$((at + 8)) -N12 demo.tp | awk -v "at=$at" '{ print at, $1 % 256, int($2 / 65536), $3 }'
    done
}

chunks | awk '$2 != 2 || $4 <= 104 { next } # no record
    { n[$3]++ }
    $3 == 1 && n[1] == 5 || $3 == 0 && (n[0] == 11 || n[0] == 20) { print $1, $4 }' >out
from=0
while read -r at bytes; do
    tail -c +$((from + 1)) demo.tp | head -c $((at - from))
    from=$((at + bytes))
done <out >losing.tp
from=$(awk '{ at = $1 + $2 } END { print at }' out)
tail -c +$((from + 1)) demo.tp >>losing.tp
./tpdecode --format json losing.tp >"$tmp/losing.json" 2>"$tmp/err"
grep -q ' records, [1-9][0-9]* lost$' "$tmp/err" && [ "$(wc -l <out)" = 3 ]
result $? "losses: three chunks less" "$tmp/err"

awk 'function field(key) { return substr($0, index($0, "\"" key "\":") + length(key) + 3) + 0 }
    !/^\{"time_ns"/ { next }
    FNR == NR { kept[$0]; next }
    { cpu = field("cpu"); now = field("time_ns") }
    !($0 in kept) { hole[cpu] = 1; next }
    hole[cpu] { printf "lost %.0f %.0f\n", last[cpu], now; hole[cpu] = 0 }
    { last[cpu] = now }' "$tmp/losing.json" "$tmp/demo.json" >holes
mv "$tmp/demo.json" "$tmp/whole.json"
mv "$tmp/losing.json" "$tmp/demo.json"
pairs sched:wakeup .fields.pid sched:switch .fields.next >any
pairs sched:wakeup .fields.pid sched:switch .fields.next holes >want
[ -s holes ] && [ "$(wc -l <want)" -lt "$(wc -l <any)" ] && [ "$(wc -l <want)" -gt 100 ]
result $? "losses: some wake-ups lie across them" holes
agree losing.tp >"$tmp/log" 2>&1
result $? "losses: --tasks and --latency count no pair across one, and all others" "$tmp/log"
echo "1..$n"
