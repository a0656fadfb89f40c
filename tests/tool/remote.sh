#!/bin/sh
# SPDX-License-Identifier: MIT
# remote.sh - tpdecode gdb:...: a machine with a real engine and a stub that does all that stubs do, right and wrong
# (machine.c); also machines of the other byte order and of 32 bits, in emulation. What was fired is known: each record is
# there once and in order, or is counted as lost. Prints TAP.
. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

machine=$tmp/machine
here_port="-DTP_PORT_HEADER=\"$srcdir/engine/port/hosted/port.h\""
build_machine() # COMPILER... OUT
{
    # shellcheck disable=SC2086
    "$@" -std=gnu11 -O1 -I"$include" "$here_port" "$srcdir/tests/tool/machine.c" $engine \
        "$srcdir/engine/port/hosted/hosted.c" 2>"$tmp/machine.err"
}
build_machine "${CC:-cc}" -o "$machine" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/machine.err")"
    exit 99
}
at="--at 0x20000000"
halts_note="the machine is halted for each read, and continued after it: this stub reads no memory of one that runs"

# "WORDS OF THE MACHINE" [options of tpdecode]: leaves out, err, $code, and what the machine says in said.
with()
{
    rm -f socket
    # shellcheck disable=SC2086
    ${emulator:-} "$machine" unix:socket $1 >said 2>machine.err &
    pid=$!
    shift
    while [ ! -S socket ] && kill -0 $pid 2>/dev/null; do
        sleep 0.01
    done
    command_line="tpdecode $* ($where)"
    # shellcheck disable=SC2086
    timeout -k 2 30 "$tp" "--sandbox=${TP_SANDBOX:-require}" $where "$@" gdb:unix:socket >out 2>err
    code=$?
    wait $pid || complain "the machine ended with $?: $(cat machine.err)"
}
where=$at

said_is()
{
    echo "$1" | diff - said || complain "the machine: $(cat said)"
}

# FIRED LOST: all of v = 0 .. FIRED - 1 is in out, in order, but for LOST; any: whatever that is, it is counted.
all()
{
    awk -v fired="$1" '!/^---/ { if ($1 < next_v) print "back at " $1; lost += $1 - next_v; next_v = $1 + 1; n++ }
        END { lost += fired - next_v; print n + 0 " records, " lost " lost" }' out >counted
    tail -n 1 err | diff - counted || complain "$command_line: counted $(cat counted), said $(tail -n 1 err)"
    [ "$2" = any ] || [ "$(cat counted)" = "$(($1 - $2)) records, $2 lost" ] || complain "lost: $(cat counted)"
}

once()
{
    with "total=1000 first=1000 $1" --template '%{v}'
    code_is 0
    all 1000 0
    said_is "fired 1000, running"
}

# NAME-OF-LOSSES WORDS...: it is followed until it ends
live()
{
    lost=$1
    shift
    with "$*" --follow --interval 5 --template '%{v}'
    code_is 0
    total=${2#total=}
    total=$(echo "$*" | sed 's/.*total=\([0-9]*\).*/\1/')
    all "$total" "$lost"
    said_is "fired $total, running"
    grep -q 'the machine has ended: what it recorded after the last read is not known$' err || complain "$(cat err)"
    case " $* " in
    *" halts "* | *" deaf "*) grep -q "$halts_note" err || complain "not said: $halts_note" ;;
    *) ! grep -q "this stub reads no memory" err || complain "said: $halts_note" ;;
    esac
}

lost_some()
{
    live any "$@"
    grep -q "records lost here (overwritten)" out || complain "nothing was overwritten"
}

too_fast()
{
    lost_some "$@"
    grep -q 'what is read is overwritten meanwhile, each time: from here on the machine is halted for each read, and continued after it$' err ||
        complain "$(cat err)"
}

# A loss that the machine has counted itself, since nobody reads its ring but we.
full()
{
    with "total=5000 first=5000 subbuf=512 subbufs=4" --template '%{v}'
    code_is 0
    all 5000 any
    grep -q "records lost here (buffer full)" out || complain "$(cat out)"
    live any total=5000 each=10 subbuf=512 subbufs=4 done=400
    grep -q "records lost here (buffer full)" out || complain "$(cat out)"
}

# From a stub in the middle of which something is wrong: CODE TEXT WORDS...
wrong()
{
    want=$1 text=$2
    shift 2
    with "total=500 first=500 $*" --template '%{v}'
    code_is "$want"
    grep -qF -- "$text" err || complain "not said: $text: $(cat err)"
    case $(cat said) in *asked*) complain "$(cat said)" ;; esac
}

# A region without metadata needs that of another dump, and the message says how to give it.
bare()
{
    wrong 3 "give that of another dump of this kernel, by --metadata" bare
    with "total=500 first=500" --output whole.tp
    with "total=500 first=500 bare" --metadata whole.tp --template '%{v}'
    code_is 0
    all 500 0
    ! grep -q "by --metadata" err || complain "$(cat err)"
}

# MESSAGE WORD: all that was there at first is read, and then it is over.
stays_so()
{
    with "total=500 first=500 $2" --follow --interval 5 --template '%{v}'
    code_is 1
    grep -q "the debugger's stub: $1$" err || complain "not said: $1: $(cat err)"
    all 500 0
}

closes()
{
    for n in 2 3 9 20; do
        wrong "$([ $n -gt 4 ] && echo 1 || echo 3)" "the debugger's stub: it has closed the connection" "close=$n"
    done
}

places()
{
    where= with "total=10 first=10" --template '%{v}'
    code_is 3
    grep -q 'where is the trace? --symbols KERNEL, an ELF file that has tp_traces; --at ADDRESS of the region; or --at START-END of the memory that is searched for it$' err || complain "$(cat err)"
    where="--at 0x30000000" with "total=10 first=10" --template '%{v}'
    code_is 3
    grep -q 'memory at 0x30000000 cannot be read$' err || complain "$(cat err)"
    where="--at 0x20000100" with "total=10 first=10" --template '%{v}'
    grep -q 'no trace at 0x20000100: the region of one starts with f5 74 70 fb$' err || complain "$(cat err)"
    where="--at 0x1ffff000-0x20001000" with "total=10 first=10" --template '%{v}'
    code_is 0
    all 10 0
    where="--at 0x1ffffffd+0x1000" with "total=10 first=10" --template '%{v}'
    code_is 0
    all 10 0
    where="--at 0x20001000-0x20002000" with "total=10 first=10" --template '%{v}'
    code_is 3
    grep -q 'no trace between 0x20001000 and 0x20002000$' err || complain "$(cat err)"
    where="--at 0x100000-0x200000" with "total=10 first=10" --template '%{v}'
    grep -q 'no trace between 0x100000 and 0x200000, where no memory can be read$' err || complain "$(cat err)"
    where="--at 0x1ffff000-0x20000000" with "total=10 first=10" --template '%{v}'
    grep -q 'no trace between' err || complain "$(cat err)"
}

# An ELF file that has nothing but tp_traces, where the machine has its table; $cross: of its kind.
table()
{
    echo '.globl tp_traces; .type tp_traces, %object; .section .bss; tp_traces: .space 8; .size tp_traces, 8' >t.s
    "${cross:-}as" -o t.o t.s && "${cross:-}ld" -Tbss=0x10000000 -e 0 -o kernel.elf t.o || complain "no ELF file"
    where="--symbols kernel.elf" with "total=1000 first=1000 second" --template '%{v}'
    code_is 0
    all 1000 0
    grep -q 'the first of 2 traces that are open: --at has another one$' err || complain "$(cat err)"
    where="--symbols kernel.elf --slide 0x1000" with "total=1000 first=1000" --template '%{v}'
    code_is 3
    grep -q 'tp_traces at 0x10001000 cannot be read: is this the kernel that runs' err || complain "$(cat err)"
    where="--symbols kernel.elf" with "total=1000 late=99" --template '%{v}'
    code_is 3
    grep -q 'no trace is open: tp_traces at 0x10000000 is empty$' err || complain "$(cat err)"
}

late()
{
    live 0 total=300 late=5 run=100 halts subbufs=256 exit=30
    grep -q 'no trace at 0x20000000: .*: waiting for one$' err || complain "$(cat err)"
}

# Another trace in the place of the first: a capture of its own.
again()
{
    with "total=300 run=100 halts subbufs=256 again exit=30" --follow --interval 5 --template '%{v}'
    code_is 0
    grep -v '^---' out | awk '{ if ($1 != 0 && $1 != last + 1) print "after " last ": " $1; if ($1 == 0) from++; last = $1 }
        END { if (from != 2 || last != 299) print from " times from 0, to " last }' >differ
    [ ! -s differ ] || complain "$(cat differ)"
    grep -q 'the trace was closed, or another one is in its place: what it recorded after the last read is not known$' err || complain "$(cat err)"
}

traps()
{
    with "total=5000 run=100 halts trap=9" --follow --interval 5 --template '%{v}'
    code_is 0
    all 900 0
    grep -q 'the machine has stopped, by signal 5: reading ends$' err || complain "$(cat err)"
    said_is "fired 900, halted" # as it was found
}

flight()
{
    for words in "" "done=4"; do
        with "total=500 first=500 flight overwrite $words" ${words:+--follow} --template '%{v}'
        code_is 0
        [ "$(tail -n 1 err)" = "500 records, 1 lost" ] || complain "$(cat err)"
        grep -q '1 records lost here (not finished)\|1 records lost here (unfinished)\|<unfinished>\|lost here' out || complain "$(tail -n 2 out)"
    done
}

outputs()
{
    with "total=1000 first=1000" --output dump.tp
    code_is 0
    where= run --template '%{v}' dump.tp
    code_is 0
    all 1000 0
    with "total=1000 first=1000" --filter 'v > 989' --format json --no-schema
    [ "$(grep -c '"event":"num"' out)" = 10 ] || complain "$(cat out)"
    with "total=100000 run=100 halts overwrite" --follow --interval 1 --head 500 --template '%{v}'
    code_is 0
    [ "$(grep -vc '^---' out)" = 500 ] || complain "$(wc -l out)"
    with "total=1000 first=1000" --stats
    grep -q 't:num *1000' out || grep -q 1000 out || complain "$(cat out)"
}

tcp()
{
    "$machine" 127.0.0.1 total=100 first=100 >port &
    pid=$!
    while [ ! -s port ]; do
        kill -0 $pid || return
    done
    run $at --template '%{v}' "gdb:127.0.0.1:$(head -n 1 port)"
    wait $pid
    code_is 0
    all 100 0
}

# A signal that ends tpdecode in the middle leaves the machine running.
ended()
{
    for signal in TERM INT HUP; do
        rm -f socket
        "$machine" unix:socket total=100 first=100 mute >said &
        pid=$!
        while [ ! -S socket ]; do
            sleep 0.01
        done
        # A shell has what it starts in the background ignore SIGINT, and nohup SIGHUP.
        (exec env --default-signal=INT,HUP "$tp" $at gdb:unix:socket >out 2>err) &
        until ls -l "/proc/$!/fd" 2>/dev/null | grep -q socket: || ! kill -0 $! 2>/dev/null; do
            sleep 0.01
        done
        sleep 0.3
        kill -$signal $!
        wait $pid
        said_is "fired 100, running"
    done
}

not_connected()
{
    run $at gdb:unix:nothing
    code_is 3
    grep -q 'gdb:unix:nothing: No such file or directory$' err || complain "$(cat err)"
    run $at gdb:nothing
    grep -q 'gdb:HOST:PORT or gdb:unix:PATH is wanted; a file of this name is ./gdb:' err || complain "$(cat err)"
    run $at gdb:a:1 gdb:b:1
    code_is 2
    for options in "--at 0x1" "--interval 5 --follow"; do
        # shellcheck disable=SC2086
        run $options x.tp
        code_is 2
        grep -q "no gdb:HOST:PORT for '--" err || complain "$(cat err)"
    done
    for value in 1x 0x 0x1-0x1 0x2-0x1 1-2-3 -1 0x1+ ''; do
        run --at "$value" gdb:a:1
        code_is 2
    done
    run --interval 0 --follow gdb:a:1
    code_is 2
    run --probe gdb:a:1
    err_is <<'END'
tpdecode: unknown option '--probe': here it is an input, gdb:HOST:PORT
END
}

# TARGET QEMU [ld options]
foreign()
{
    need "$1-linux-gnu-gcc" "qemu-$2-static"
    machine=$own/machine
    build_machine "$1-linux-gnu-gcc" -static -o "$machine" || complain "$(cat "$tmp/machine.err")"
    emulator=qemu-$2-static cross=$1-linux-gnu-
    once ""
    once "rle noack"
    table
    lost_some total=20000 run=3000 halts overwrite subbufs=8 done=200
}

for words in "" noack "noack upload" rle "rle upper" split "noack rle split" early console notify "console notify rle" junk=5 \
    size=80 size=1 size=ffffffff novcont badsum=5 "noack badsum=5" second; do
    cli "once: ${words:-as it is}" once "$words"
done
cli "once: a ring that is full" full
cli "once, and at the end: a record in flight" flight
cli "live: read while it runs" live 0 total=5000 each=10 subbufs=256 done=400
cli "live: read while it runs, overwritten" lost_some total=20000 each=20 overwrite subbufs=16 done=400
cli "live: overwritten with each read" too_fast total=20000 each=300 overwrite subbufs=8 done=400
cli "live: no acknowledgements, bytes" lost_some total=20000 each=20 overwrite subbufs=16 done=400 noack upload
cli "live: halted by any byte" live 0 total=5000 run=500 halts subbufs=256 exit=15
cli "live: halted by any byte, overwritten" lost_some total=20000 run=3000 halts overwrite subbufs=8 done=200
cli "live: halted by any byte, runs, no acknowledgements" lost_some total=20000 run=3000 halts overwrite subbufs=8 done=200 rle noack
cli "live: listens to an interrupt only" lost_some total=20000 run=3000 deaf overwrite subbufs=8 done=200
cli "live: c, no vCont" live 0 total=5000 run=500 halts subbufs=256 exit=15 novcont
cli "live: a trace that is opened later" late
cli "live: another trace in its place" again
cli "live: the machine stops by itself" traps
cli "where the trace is: addresses and ranges" places
cli "where the trace is: tp_traces" table
cli "a region without metadata" bare
cli "wrong: each packet damaged" wrong 3 "its answers arrive damaged" badsum=1
cli "wrong: each packet damaged, nothing acknowledged" wrong 3 "its answers arrive damaged" "noack badsum=1"
cli "wrong: it closes" closes
cli "wrong: an answer that is longer" wrong 3 "its answer is not the memory that it was asked for" long
cli "wrong: an answer that is longer, as bytes" wrong 3 "its answer is not the memory that it was asked for" "long upload"
cli "wrong: an answer that is shorter" wrong 3 "memory at 0x20000000 cannot be read" short
cli "wrong: no digits" wrong 3 "its answer is not the memory that it was asked for" odd
cli "wrong: a run that cannot be" wrong 3 "its answer has a run of a length that cannot be" badrun
cli "wrong: non-stop mode" wrong 3 "it is in non-stop mode, which is not known here" status=OK
cli "wrong: no machine that could be read" wrong 3 "it has no machine that could be read" status=E01
cli "wrong: no machine" wrong 3 "the debugger's stub has no machine" status=W00
cli "wrong: more than was asked for by far" wrong 3 "its answer is longer than it may be" huge
cli "wrong: it does not go on" stays_so "it does not continue the machine" stays
cli "wrong: it does not halt" stays_so "it does not halt the machine, no answer" asleep
cli "wrong: no end" wrong 3 "what it says is no answer of GDB's remote protocol" endless
cli "wrong: junk" wrong 3 "what it says is no answer of GDB's remote protocol" junk=1100000
cli "wrong: OK for memory" wrong 3 "memory at 0x20000000 cannot be read" foreign
cli "wrong: nothing for memory" wrong 3 "memory at 0x20000000 cannot be read" nothing
cli "wrong: E. and a text" wrong 3 "memory at 0x20000000 cannot be read" refuse
cli "wrong: memory that cannot be read, in the ring" wrong 1 "memory at 0x200" error=20012000
cli "wrong: no answer" wrong 3 "the debugger's stub: no answer" mute
cli "outputs, filters, --head, answers" outputs
cli "tcp" tcp
cli "a signal in the middle" ended
cli "not connected, and wrong options" not_connected
cli "32 bits, big-endian: powerpc" foreign powerpc ppc
cli "64 bits, big-endian: s390x" foreign s390x s390x
finish
