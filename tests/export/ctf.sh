#!/bin/sh
# SPDX-License-Identifier: MIT
# ctf.sh - --format ctf and ctf-lttng, as babeltrace2 and its library read them. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libtracepoint.a are (.). TP_LONG=1: ten times as
# many records.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

built=$(cd "${TP_BUILDDIR:-.}" && pwd)
export LC_ALL=C.UTF-8
python=/usr/bin/python3 # that of the distribution, which has the bindings

# SAME|KERNEL DIRECTORY ARGUMENT...
reader()
{
    "$python" "$srcdir/tests/export/ctf.py" "$@" >read 2>&1 || complain "$2: $(head -n 5 read | cut -c 1-800)"
}

# DIRECTORY DUMP...: it has each record, loss and type of them, by JSON and the list of events; `joined`: one capture.
same()
{
    trace=$1
    shift
    "$tp" --format json "$@" >json 2>/dev/null
    : >list
    for dump; do
        "$tp" --list-events --format json "$dump" >>list 2>/dev/null
    done
    reader same "$trace" json list ${joined:-}
}

# What is done with its output is babeltrace2's: nothing to complain about but losses.
babeltrace()
{
    babeltrace2 "$1" >text 2>complaints || complain "babeltrace2: code $?"
    ! grep -v '^WARNING: Tracer discarded' complaints || complain "babeltrace2: $(head -n 3 complaints)"
}

by_hand()
{
    run --format ctf --output x ../golden/manual
    code_is 0
    [ "$(ls x | tr '\n' ' ')" = 'cpu0 cpu1 metadata ' ] || complain "files: $(ls x)"
    [ "$(head -n 1 x/metadata)" = '/* CTF 1.8 */' ] || complain "$(head -n 1 x/metadata)"
    babeltrace x
    # The packet context is the number of the CPU alone; the time of day is that of the clock pair.
    sed -E -e 's/, cut = 0x0 /,/' -e 's/^\[(.*)\] \(.*\) target /\1 /' text >got
    diff got - <<'END' || complain "by hand it is something else (>)"
03:04:05.000100000 sched:wake: { cpu_id = 0 }, { pid = 7, comm = "make", flags = "d..1.",}, { pid = 9, comm = "cc" }
03:04:05.000900000 sched:switch: { cpu_id = 1 }, { pid = 0, comm = "<idle>", flags = "d..1.",}, { prev = 0, state = ( "running" : container = 0 ), next = 9, comm = "cc" }
03:04:05.100000000 mm:alloc: { cpu_id = 1 }, { pid = 9, comm = "cc", flags = ".....",}, { bytes = 512 }
03:04:05.200000000 mm:alloc: { cpu_id = 1 }, { pid = 9, comm = "cc", flags = ".....",}, { bytes = 8192 }
03:04:05.250000000 mm:alloc: { cpu_id = 0 }, { pid = 7, comm = "make", flags = ".....",}, { bytes = 4096 }
03:04:05.500000000 irq:entry: { cpu_id = 0 }, { pid = 7, comm = "make", flags = "d.h1.",}, { vector = 32, ip = 0x104ED2 }
03:04:06.000000000 sched:switch: { cpu_id = 0 }, { pid = 7, comm = "make", flags = "d..1.",}, { prev = 7, state = ( "sleeping" : container = 1 ), next = 0, comm = "idle" }
03:04:06.500000000 tracepoint:lost: { cpu_id = 1 }, { pid = -1, comm = "", flags = "",}, { lost = 3, cause = ( "full" : container = 0 ) }
03:04:06.500000000 mm:alloc: { cpu_id = 1 }, { pid = 9, comm = "cc", flags = ".....",}, { bytes = 512 }
03:04:06.750000000 sched:switch: { cpu_id = 1 }, { pid = 9, comm = "cc", flags = "d..1.",}, { prev = 9, state = ( "sleeping" : container = 1 ), next = 0, comm = "idle" }
03:04:07.000200000 sched:wake: { cpu_id = 0 }, { pid = 0, comm = "<idle>", flags = "dNh1.",}, { pid = 12, comm = "ld" }
03:04:07.000450000 sched:switch: { cpu_id = 0 }, { pid = 0, comm = "<idle>", flags = "d..1.",}, { prev = 0, state = ( "running" : container = 0 ), next = 12, comm = "ld" }
03:04:07.100000000 mm:alloc: { cpu_id = 0 }, { pid = 12, comm = "ld", flags = ".....",}, { bytes = 65536 }
END
    [ "$(grep -c 'between \[03:04:05.200000000\] and \[03:04:06.500000000\]' complaints)" = 1 ] || complain "$(cat complaints)"
}

kernel_by_hand()
{
    scene >lines
    sed -i '$a 9700 0 9 sched:switch 9 9 2' lines
    made <lines >scene.tp
    run --format ctf-lttng --output x scene.tp
    code_is 0
    reader messages x
    grep -c '^	domain = "kernel";$\|^	tracer_name = "lttng-modules";$\|^	tracer_major = 2;$\|^	tracer_minor = 13;$' x/metadata >n
    [ "$(cat n)" = 4 ] || complain "$(grep -A 9 '^env' x/metadata)"
    diff read - <<'END' || complain "by hand it is something else (>)"
1700000000000001000 0 sched_switch prev_comm=init prev_tid=5 prev_prio=120 prev_state=1 next_comm=worker next_tid=7 next_prio=120
1700000000000002000 1 sched_switch prev_comm=<idle> prev_tid=0 prev_prio=120 prev_state=0 next_comm=<...> next_tid=6 next_prio=120
1700000000000002500 1 sched_waking comm=worker tid=7 prio=120 target_cpu=0
1700000000000003000 0 syscall_entry_4 nr=4
1700000000000003200 0 irq_handler_entry irq=32 name=
1700000000000003300 0 irq_handler_exit irq=32 ret=1
1700000000000004000 0 syscall_exit_4 ret=-5
1700000000000004100 0 syscall_exit_unknown ret=0
1700000000000004200 0 lock:take lock=1
1700000000000004300 0 syscall_entry_9 nr=9
1700000000000004400 0 lock:drop lock=1
1700000000000004500 0 mem:left pages=-3
1700000000000004600 0 dma:start chan=1 id=77
1700000000000004700 1 dma:start chan=1 id=78
1700000000000004800 1 dma:done id=77
1700000000000004900 0 disk:io took_us=1 queue=2
1700000000000004950 0 irq_handler_entry irq=33 name=
1700000000000005000 0 sched_switch prev_comm=worker prev_tid=7 prev_prio=120 prev_state=64 next_comm=init next_tid=5 next_prio=120
5000-8000 lost 3
1700000000000008000 0 tracepoint:lost lost=3 cause=0 (full)
1700000000000008000 0 irq_handler_exit irq=0 ret=1
1700000000000009500 0 sched_switch prev_comm=<idle> prev_tid=0 prev_prio=120 prev_state=0 next_comm=<...> next_tid=9 next_prio=120
1700000000000009600 0 syscall_entry_1 nr=1
1700000000000009700 0 sched_switch prev_comm=<...> prev_tid=9 prev_prio=120 prev_state=64 next_comm=<...> next_tid=9 next_prio=120
END
}

# By roles that nothing suggests: interrupts and calls have names, and what does not pair has none.
kernel_by_roles()
{
    made <"$tmp/many" >many.tp
    run --format ctf-lttng --output x many.tp
    "$tp" --format json many.tp >json 2>/dev/null
    reader kernel x json
    babeltrace x
    # An exit has the name of the call that the task is in, if its begin was seen.
    "$python" "$srcdir/tests/export/ctf.py" messages x >lines
    [ "$(grep -c syscall_exit_unknown lines)" -gt 10 ] && [ "$(grep -c 'syscall_exit_[0-9]' lines)" -gt 100 ] || complain "calls: $(grep -c syscall_exit_ lines)"
    # Twice, and of the events that a kernel has only those that it has.
    sed -n 's/^	name = "\(.*\)";$/\1/p' x/metadata | sort | uniq -d | grep . && complain "an event is there twice"
    run --format ctf-lttng --output y --role 'sched:switch=none' many.tp
    [ "$("$python" "$srcdir/tests/export/ctf.py" messages y | grep -c ' sched:switch ')" = "$("$python" "$srcdir/tests/export/ctf.py" messages x | grep -c ' sched_switch ')" ] ||
        complain "--role is not used"
}

# Tasks that begin and end. What is said of the parent wins over who recorded it.
kernel_tasks()
{
    printf '%s\n' '0 - - task 7 5 worker' '0 - - task 9 9 parent' '1000 0 5 dma:start 7 9' '2000 0 9 lock:take 12' '3000 0 5 lock:drop 7' |
        made >tasks.tp
    run --format ctf-lttng --output x --role 'dma:start=new task=chan parent=id' --role 'lock:take=new task=lock' \
        --role 'lock:drop=gone task=lock' tasks.tp
    code_is 0
    babeltrace x
    "$python" "$srcdir/tests/export/ctf.py" messages x | diff - /dev/fd/3 3<<'END' || complain "tasks are something else (<)"
1000 0 sched_process_fork parent_comm=parent parent_tid=9 parent_pid=9 child_comm=worker child_tid=7 child_pid=5
2000 0 sched_process_fork parent_comm=parent parent_tid=9 parent_pid=9 child_comm=<...> child_tid=12 child_pid=12
3000 0 sched_process_exit comm=worker tid=7 prio=120
END
}

every_dump()
{
    read=0
    for name in $goldens; do
        "$tp" --format json "../golden/$name" >json 2>/dev/null
        json_code=$?
        run --format ctf --output "$name" "../golden/$name"
        code_is "$json_code"
        [ -n "$(ls "$name")" ] || { ! grep -q '"cpu"' json || complain "$name: nothing written"; continue; }
        same "$name" "../golden/$name"
        babeltrace "$name"
        run --format ctf-lttng --output "$name.lttng" "../golden/$name"
        babeltrace "$name.lttng"
        read=$((read + 1))
    done
    [ $read -ge 30 ] || complain "only $read dumps"
}

# The names of causes, and an unknown number as 1.
losses()
{
    for name in loss damaged memory gap overwrite unfinished records; do
        run --format ctf --output "$name" "../golden/$name"
        "$tp" --format json "../golden/$name" 2>/dev/null | jq -r 'select(.cause and .cpu != null) | if .lost == null then 1 else .lost end' |
            awk '{ n += $1 } END { print n + 0 }' >want
        "$python" "$srcdir/tests/export/ctf.py" messages "$name" | sed -n 's/.* lost \([0-9]*\)$/\1/p' | awk '{ n += $1 } END { print n + 0 }' >got
        cmp -s want got || complain "$name: $(cat got) lost, not $(cat want)"
        "$tp" --format json "../golden/$name" 2>/dev/null | jq -r 'select(.cause and .cpu != null) | .cause' >>causes
    done
    [ "$(sort -u causes | wc -l)" = 8 ] || complain "causes: $(sort -u causes | tr '\n' ' ')"
    run --format ctf --output x ../golden/memory
    grep -q '^tpdecode: --format ctf: [0-9]* losses whose number is not known count as 1 lost record each$' err || complain "$(cat err)"
}

# All types, names that are words of the language, and names that are the same.
types()
{
    "$tmp/typed" 600 >typed.tp
    run --format ctf --output x typed.tp
    code_is 0
    same x typed.tp
    grep -qx '4800 records' read || complain "$(cat read)"
    babeltrace x
    run --format ctf-lttng --output y typed.tp
    babeltrace y
    run --format ctf --output z typed.tp typed.tp
    code_is 0
}

several()
{
    # Of one input, which is known before; and of a pipe, where the second one is not.
    run --format ctf --output x ../golden/joined
    same x ../golden/joined
    [ "$(ls x | tr '\n' ' ')" = 'capture-1 capture-2 ' ] || complain "$(ls x)"
    "$tp" --format ctf --output y <../golden/joined 2>err
    diff -r x y || complain "of a file without a name it is something else"
    cat ../golden/joined | "$tp" --format ctf --output z2 2>err
    [ "$(ls z2 | tr '\n' ' ')" = 'capture-2 cpu0 metadata ' ] || complain "$(ls z2)"
    same z2 ../golden/joined
    grep -q '^tpdecode: --format ctf: the input has another capture, and cannot be looked through first: ' err || complain "$(cat err)"
    # Two machines, and two inputs that have the same events by other numbers.
    scene | grep -v lost | made 1 one >1.tp # JSON's lines of losses have no input
    scene | grep -v lost | made 2 two >2.tp
    run --format ctf --output m 1.tp 2.tp
    code_is 0
    same m 1.tp 2.tp
    babeltrace m
    grep -q 'hostname = "two";' m/capture-2/metadata || complain "hosts: $(grep hostname m/*/metadata)"
    run --format ctf --output n ../golden/types ../golden/arrays
    same n ../golden/types ../golden/arrays
    # One capture in two inputs is one trace.
    run --format ctf --output o 1.tp 1.tp
    [ "$(ls o)" = capture-1 ] || complain "$(ls o)"
    joined=joined same o 1.tp 1.tp
}

# RECORDS BYTES: of a text in between.
large()
{
    records=$1
    "$tmp/large" "$records" "$2" >large.tp
    run --format ctf --output x large.tp
    code_is 0
    "$tp" --list-events --format json large.tp >list 2>/dev/null
    "$tp" --format json large.tp 2>/dev/null | reader same x /dev/stdin list
    [ "$(sed -n 's/ records$//p' read)" -gt $((records / 2)) ] || complain "$(cat read)"
    babeltrace2 -o dummy x 2>complaints || complain "babeltrace2: $(cat complaints)"
    # Fewer descriptors than CPUs.
    awk 'BEGIN { for (i = 0; i < 3000; i++) print i * 100, i % 150, 7, "irq:entry", i }' | made >wide.tp
    (ulimit -n 40; "$tp" --sandbox=off --format ctf --output y wide.tp 2>err)
    code=$? command_line="tpdecode of 150 CPUs"
    code_is 0
    same y wide.tp
    grep -qx '3000 records' read || complain "$(cat read)"
}

# The directory: what it may be, and what is left in it.
directory()
{
    run --format ctf ../golden/manual
    nothing_but 2 "tpdecode: files in a directory, which --output names: '--format', try 'tpdecode --help'"
    run --format ctf --output - ../golden/manual
    nothing_but 2 "tpdecode: files in a directory, which --output names: '--format', try 'tpdecode --help'"
    echo mine >file
    run --format ctf --output file ../golden/manual
    nothing_but 4 "tpdecode: cannot write file: this format is a directory, and there is a file of this name"
    [ "$(cat file)" = mine ] || complain "the file was changed"
    mkdir full empty
    cp ../golden/manual full/dump
    run --format ctf --output full full/dump
    nothing_but 4 "tpdecode: cannot write full: there is something in this directory, and it is not written over"
    cmp full/dump ../golden/manual && [ "$(ls full)" = dump ] || complain "full: $(ls full)"
    run --format ctf --output none/x ../golden/manual
    nothing_but 4 "tpdecode: cannot write none/x: No such file or directory"
    ln -s empty link
    run --sandbox=require --format ctf --output link ../golden/manual
    code_is 0
    [ "$(ls empty | tr '\n' ' ')" = 'cpu0 cpu1 metadata ' ] || complain "empty: $(ls empty)"
    run --format ctf --output again ../golden/old
    code_is 3
    [ -d again ] && [ -z "$(ls again)" ] || complain "again: $(ls again)"
    run --format ctf --output again --role 'sched:nosuch=wake task=x' ../golden/manual
    code_is 2
    [ -z "$(ls again)" ] || complain "again: $(ls again)"
    run --format ctf --output again ../golden/manual
    code_is 0
    umask 077
    run --format ctf --output private ../golden/manual
    [ "$(stat -c %a private private/cpu0 | tr '\n' ' ')" = '700 600 ' ] || complain "modes: $(stat -c %a private/*)"
}

# A disk that is full, a directory that may not be written, a signal.
refused()
{
    "$tmp/large" 100000 >large.tp
    if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=64k none small 2>/dev/null; then
        run --sandbox=require --format ctf --output small/x large.tp
        umounted=$(ls small/x)
        umount small
        code_is 4
        grep -qx 'tpdecode: cannot write small/x: No space left on device' err || complain "$(cat err)"
        [ -z "$umounted" ] || complain "left: $umounted"
    else
        echo "# no file system of its own: not tried with a full one"
    fi
    mkdir closed
    chmod 500 closed
    if [ "$(id -u)" = 0 ]; then
        chmod 711 "$tmp" .
        setpriv --reuid 65534 --regid 65534 --clear-groups "$tp" --format ctf --output closed ../golden/manual >out 2>err
    else
        "$tp" --format ctf --output closed ../golden/manual >out 2>err
    fi
    code=$? command_line="tpdecode --output closed"
    nothing_but 4 "tpdecode: cannot write closed: Permission denied"
    mkfifo pipe
    "$tp" --format ctf --output begun pipe 2>err &
    pid=$!
    exec 3>pipe
    head -c 1500000 large.tp >&3
    tries=0
    until [ -e begun/cpu0 ] || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
    kill -TERM $pid
    wait $pid 2>/dev/null
    code=$? command_line="tpdecode --output begun, SIGTERM"
    exec 3>&-
    code_is 143
    [ $tries -le 300 ] && [ -d begun ] && [ -z "$(ls begun)" ] || complain "begun: $(ls begun)"
}

# 4,096 captures have a directory each, of more there is none; those without a time of day begin in 1970.
captures()
{
    "$tmp/wide" 1 1 0 1 0 4097 >captures.tp
    run --format ctf --output x captures.tp
    code_is 2
    printf '%s\n' "tpdecode: --format ctf has room for 4096 captures, and there are more: choose by --capture" \
        "4097 records, 0 lost" | err_is
    [ -z "$(ls x)" ] || complain "$(ls x | wc -l) directories"
    run --format ctf --output y --capture 2-4097 captures.tp
    code_is 0
    echo "4096 of 4096 records shown, 0 lost" | err_is
    [ "$(ls y | wc -l)" = 4096 ] || complain "$(ls y | wc -l) directories of those that were chosen"
    echo '1000 0 5 mem:left 1' | made 1 >undated.tp
    printf '%s\n' '0 - - clock 1700000000000000000' '1000 0 5 mem:left 2' | made 2 >dated.tp
    cat undated.tp dated.tp >both.tp
    run --format ctf --output both both.tp
    code_is 0
    printf '%s\n' "tpdecode: --format ctf: not all captures have a time of day, the others begin in 1970" \
        "2 records, 0 lost" | err_is
    babeltrace2 --clock-date --clock-gmt both 2>/dev/null | sed 's/^\[\([^]]*\)\].*pages = \([0-9]*\).*/\2 \1/' | sort >got
    printf '%s\n' '1 1970-01-01 00:00:00.000001000' '2 2023-11-14 22:13:20.000001000' | diff - got >differ ||
        complain "dates: $(cat differ)"
}

wrong()
{
    for option in '--fields a' '--time utc' '--tail 3' '--template %t' '--compress zlib'; do
        # shellcheck disable=SC2086
        run --format ctf --output x $option ../golden/manual
        code_is 2
        [ ! -e x ] || complain "$option: a directory was made"
    done
    run --format ctf --output x --event 'mm:*' ../golden/manual
    babeltrace x
    [ "$(grep -c ' mm:alloc: ' text)" = 5 ] && ! grep -q 'sched:' text || complain "--event: $(cat text)"
    run --format ctf --output y --head 2 ../golden/manual
    babeltrace y
    [ "$(wc -l <text)" = 2 ] || complain "--head: $(cat text)"
}

for tool in babeltrace2 jq; do
    command -v $tool >/dev/null || { echo "Bail out! no $tool"; exit 99; }
done
"$python" -c 'import bt2' 2>/dev/null || { echo "Bail out! no python3-bt2"; exit 99; }
for helper in large typed; do
    ${CC:-cc} -std=gnu11 -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o "$tmp/$helper" \
        "$srcdir/tests/export/$helper.c" "$built/libtracepoint.a" 2>"$tmp/large.err" || {
        echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/large.err")"
        exit 99
    }
done
${CC:-cc} -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/wide.err")"
    exit 99
}
many >"$tmp/many"
records=100000
[ "${TP_LONG:-}" = 1 ] && records=1000000

check "by hand" in_own_directory by_hand
check "as a kernel, by hand" in_own_directory kernel_by_hand
check "as a kernel, by roles" in_own_directory kernel_by_roles
check "as a kernel: tasks begin and end" in_own_directory kernel_tasks
check "each golden dump against JSON" in_own_directory every_dump
check "each kind of loss" in_own_directory losses
check "types and names" in_own_directory types
check "several captures" in_own_directory several
check "many records" in_own_directory large "$records" 0
check "many records with long texts" in_own_directory large 100000 30000
check "the directory" in_own_directory directory
check "a full disk, no permission, a signal" in_own_directory refused
check "4,096 captures; those without a time of day" in_own_directory captures
check "used wrongly; a part" in_own_directory wrong
finish
