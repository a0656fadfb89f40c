#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine in Linux: modules are built against Debian's headers, loaded in QEMU, and what comes out
# is compared with what the modules, or Linux, have counted themselves. TP_LONG=1: NMIs at any
# instruction as well.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MAKELEVEL # what Kbuild says is looked at

# --- how it is built ---

# Kbuild with W=1, objtool and modpost say nothing but what they do.
quiet() {
    grep -v '^  [A-Z]* .*\.\(o\|ko\|symvers\)$\|^make\|^Skipping BTF generation' "$tmp/made" >"$tmp/noise"
    cat "$tmp/noise"
    [ ! -s "$tmp/noise" ] && [ "$(grep -c '^  CC' "$tmp/made")" -gt 40 ]
}

# FILE FUNCTION: one function of a module
disassembled() {
    objdump -dr --no-show-raw-insn "$1" | awk -v want="<$2>:" '
        $2 == want { inside = 1 } inside && !NF { exit } inside'
}

# Nothing of the engine is traced by ftrace, and a record makes no call but for another clock, or
# another task that is due; it clears no memory.
hot_path() {
    for module in "$linux"/*.ko "$tmp/modules/work.ko"; do
        ! objdump -dr "$module" | grep __fentry__ || return 1
    done
    disassembled "$tmp/modules/work.ko" tp_emit_work_item >"$tmp/hot"
    [ "$(wc -l <"$tmp/hot")" -gt 50 ] || { cat "$tmp/hot"; return 1; }
    ! grep -E '[^a-z](lock|rep stos|div)|__atomic|memset' "$tmp/hot" &&
        ! grep -A1 '[^a-z]call' "$tmp/hot" | grep R_X86 | grep -vE 'tp_linux_clock|preempt_schedule|pv_ops'
}

# --- what came out ---

out=$tmp/guest.out

# NAME [DUMP ...]
decoded() {
    name=$1
    shift
    [ $# -gt 0 ] || set -- "$out/$name.dump"
    "$build/tpdecode" --format json "$@" >"$tmp/$name.json" 2>"$tmp/$name.said" || { cat "$tmp/$name.said"; return 1; }
}

# NAME EXTRA...: what the module has counted on each CPU is what was recorded and lost there; EXTRA, as
# cpu=N count=M, is what others have fired
balance() {
    log=$1
    shift
    {
        sed -n 's/.*fired \(cpu=.*\)/\1/p' "$out/$log.log"
        [ $# = 0 ] || printf '%s\n' "$@"
    } | awk '{ split($2, n, "="); sum[$1] += n[2] } END { for (cpu in sum) print cpu " count=" sum[cpu] }' | sort >"$tmp/$log.want"
    jq -n -r -f "$here/sums.jq" "$tmp/$log.json" | sort | diff "$tmp/$log.want" - && [ "$(wc -l <"$tmp/$log.want")" = 2 ]
}

books() {
    decoded books && balance books || return 1
    taken=$(sed -n 's/.*nmis taken=//p' "$out/books.log")
    echo "$taken NMIs"
    [ "$taken" -gt 100 ] && grep -q '"event":"nmi"' "$tmp/books.json" || { echo "too few NMIs"; return 1; }
    grep -q '"text":"in an interrupt"' "$tmp/books.json" || { echo "none of the timers"; return 1; }
    jq -n 'first(inputs).clock_hz' "$tmp/books.json" | awk '{ print $1 " Hz" } $1 > 1000000000 { tsc = 1 } END { exit !tsc }'
}

# /sys says "cpu: lost" in its own words.
stats() {
    jq -n -r 'reduce inputs as $i ({}; if $i | has("lost") then .["\($i.cpu) \($i.cause)"] += $i.lost
        elif $i | has("time_ns") then .["\($i.cpu) read"] += 1 else . end) | to_entries[] | "\(.key) \(.value)"' \
        "$tmp/books.json" | sed 's/full/dropped/' | sort >"$tmp/stats.want"
    awk '/^entries/ { cpu = n++ } /^(read|dropped) events/ && $NF { print cpu, $1, $NF }' "$out/books.stats" | sort | diff "$tmp/stats.want" - && [ -s "$tmp/stats.want" ]
}

hotplug() {
    [ "$(cat "$out/online")" = 0 ] && decoded hotplug || return 1
    jq -n -r 'inputs | select(.sys == "cpu") | "\(.cpu) \(.event) \(.fields.cpu)"' "$tmp/hotplug.json" >"$tmp/plugged"
    # Either may be among what was overwritten.
    ! grep -vx '1 offline 1\|1 online 1' "$tmp/plugged" || return 1
    balance hotplug "cpu=1 count=$((2 - $(wc -l <"$tmp/plugged")))" &&
        jq -e -n 'any(inputs; .cause == "overwritten")' "$tmp/hotplug.json"
}

pipes() {
    [ "$(tr '\n' ' ' <"$out/devices")" = "tracepoint0 tracepoint1 " ] || { cat "$out/devices"; return 1; }
    decoded pipes "$out/cpu0.dump" "$out/cpu1.dump" && balance pipes || return 1
    "$build/tpdecode" --format json "$out/cpu1.dump" 2>/dev/null | jq -e -n '[inputs | select(.time_ns).cpu] | unique == [1]'
}

control() {
    printf 'cpu:offline\ncpu:online\nwork:nmi\nwork:text\nwork:item\n' | sort >"$tmp/events.want"
    sort "$out/available" | diff "$tmp/events.want" - && grep -q 'field:u32 n;' "$out/format" &&
        [ "$(cat "$out/filter")" = 'n & 1' ] && grep -q 'Invalid argument' "$out/refused" &&
        grep -q 'item/filter: an operator was expected at column' "$out/control.log" || return 1
    [ "$(tr '\n' ' ' <"$out/systems")" = "cpu enable " ] || { cat "$out/systems"; return 1; }
    # The end mark alone, and then nothing but odd numbers.
    "$build/tpdecode" "$out/stopped.dump" >"$tmp/stopped" 2>&1 && grep -q '^0 records' "$tmp/stopped" || { cat "$tmp/stopped"; return 1; }
    decoded control && jq -e -n '[inputs | select(.sys == "work") | .event, .fields.n % 2] | unique == [1, "item"]' "$tmp/control.json"
}

waits() {
    printf 'read EAGAIN\npoll 0\nseek refused\n' | diff - "$out/poll"
}

sample() {
    decoded linux && balance linux && ! grep -q '"lost":' "$tmp/linux.json"
}

# What Linux has counted of a process that is stopped: how often it was switched away from, and how long
# it ran. The times are read at different places of the scheduler: they differ by a few microseconds at
# each switch, more where the machine of the test is busy.
switches() {
    process=$(cat "$out/process")
    want=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "$out/status")
    "$build/tpdecode" --tasks --format json "$out/linux.dump" 2>/dev/null |
        jq --argjson id "$process" '.tasks[] | select(.id == $id)' >"$tmp/task.json"
    jq -e --argjson switches "$want" --argjson ns "$(cut -d' ' -f1 "$out/schedstat")" '
        .switches == $switches and $switches > 10 and .run_ns > $ns * 0.7 and .run_ns < $ns * 1.3' "$tmp/task.json" ||
        { cat "$tmp/task.json" "$out/status" "$out/schedstat"; return 1; }
    jq -n -r --argjson id "$process" 'inputs | select(.event == "switch" and .fields.prev == $id).fields.state' \
        "$tmp/linux.json" | sort | uniq -c | awk '
        $2 ~ /^R/ { forced += $1 } $2 !~ /^R/ { asked += $1 } END { print asked + 0, forced + 0 }' >"$tmp/kinds"
    awk '/^voluntary/ { a = $2 } /^nonvoluntary/ { b = $2 } END { print a, b }' "$out/status" | diff - "$tmp/kinds"
}

calls() {
    "$build/tpdecode" --spans --format json "$out/linux.dump" >"$tmp/spans.json" 2>"$tmp/said" || { cat "$tmp/said"; return 1; }
    grep -q nanosleep "$tmp/spans.json" && grep -q TIMER "$tmp/spans.json" || { head -c 2000 "$tmp/spans.json"; return 1; }
    "$build/tpdecode" --timeline "$out/linux.dump" >"$tmp/timeline" 2>&1 && grep -q "init-$(cat "$out/process")" "$tmp/timeline" ||
        { cat "$tmp/timeline"; return 1; }
}

# The groups of names, and which build of the kernel was where: as the machine's own files say.
about() {
    "$build/tpdecode" --info --format json "$out/linux.dump" >"$tmp/info" 2>&1 || { cat "$tmp/info"; return 1; }
    base=$(sed 's/ .*//' "$out/text")
    # The note of the build id: 4 bytes of length of "GNU", 20, type 3, the name.
    id=$(od -An -v -tx1 "$out/notes" | tr -d ' \n' | sed -n 's/.*040000001400000003000000474e5500\(.\{40\}\).*/\1/p')
    [ -n "$base" ] && [ -n "$id" ] && grep -q "$base" "$tmp/info" && grep -q "$id" "$tmp/info" ||
        { echo "$base $id"; cat "$tmp/info"; return 1; }
}

follows() {
    grep -q 'work_item: n=99 ' "$out/follow" || { cat "$out/follow.err"; return 1; }
}

# What comes next needs what was decoded so far.
all_reported() {
    while [ $reported -lt $started ]; do report; done
}

# --- a machine that has died ---

# What is in its memory, and what was overwritten, is what was fired.
memory() {
    fired=$(sed -n 's/.*work is done: \(cpu0=[0-9]* cpu1=[0-9]*\).*/\1/p' "$tmp/fatal.console")
    [ -n "$fired" ] || { tail "$tmp/fatal.console"; return 1; }
    echo "$fired" | sed 's/cpu0=\([0-9]*\) cpu1=\([0-9]*\)/fired cpu=0 count=\1\nfired cpu=1 count=\2/' >"$out/fatal.log"
    decoded fatal "$tmp/ram" && balance fatal && jq -e -n 'any(inputs; .cause == "overwritten")' "$tmp/fatal.json"
}

# --- NMIs between any two instructions ---

# TCG takes them between blocks of instructions, which `singlestep` makes one instruction long: from
# when the guest asks for it, because Linux boots slowly then.
storm() {
    mkfifo "$tmp/monitor"
    boot "$tmp/storm" -smp 2 -monitor stdio <"$tmp/monitor" >"$tmp/storm.said" 2>&1 &
    machine=$!
    exec 3>"$tmp/monitor"
    i=0
    while [ $i -lt 600 ] && ! grep -qs 'slowly, please' "$tmp/storm.console"; do
        sleep 0.1
        i=$((i + 1))
    done
    echo 'singlestep on' >&3
    wait $machine
    exec 3>&-
    out=$tmp/storm.out
    decoded storm && balance storm && taken=$(sed -n 's/.*nmis taken=//p' "$out/storm.log") &&
        echo "$taken NMIs" && [ "$taken" -gt 2000 ]
}

modules "$tmp/made" W=1 || { echo "Bail out! the modules do not compile"; tail -n 20 "$tmp/made" | sed 's/^/# /'; exit 99; }
check "Kbuild, objtool and modpost have nothing to say" quiet
check "the hot path: no ftrace, no call, nothing cleared" hot_path
guest "$tmp/guest" "$here/all.scenario"
guest "$tmp/fatal" "$here/fatal.scenario"
mkdir -p "$out"
boot "$tmp/guest" -smp 2
boot "$tmp/fatal" -smp 2 -machine memory-backend=ram -object "memory-backend-file,id=ram,size=256M,mem-path=$tmp/ram,share=on"
[ -s "$out/end.log" ] || { echo "# the guest did not come to its end:"; tail -n 20 "$tmp/guest.console" "$out/log" | sed 's/^/# /'; }
check "threads, interrupts and NMIs: the books balance on each CPU" books
all_reported
check "and the statistics in debugfs are the same" stats
check "CPUs that go and come, a module that goes while it fires: the books balance" hotplug
check "a device for each CPU" pipes
check "control files: what is refused, filtered, switched off" control
check "a reader that does not wait: poll, O_NONBLOCK" waits
check "Linux's tracepoints: the books balance" sample
all_reported
check "a task's switches and time are those that Linux counts" switches
check "names of system calls and softirqs; --spans, --timeline" calls
check "address and build id of the kernel" about
check "tpdecode --follow /dev/tracepoint" follows
check "a panic: the trace in an image of the memory" memory
[ -z "${TP_LONG:-}" ] || {
    guest "$tmp/storm" "$here/storm.scenario"
    check "NMIs at any instruction: the books balance" storm
}
finish
