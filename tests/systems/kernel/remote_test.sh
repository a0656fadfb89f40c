#!/bin/sh
# SPDX-License-Identifier: MIT
# tpdecode gdb:... on the running test kernel, over QEMU's stub, which reads memory only while the machine is halted: each
# record once and in order, and with what was lost it is what the kernel has fired, exactly. The kernel does nothing for it
# and ends well after it.
. "$(dirname "$0")/lib.sh"
stub=$tmp/stub

boot_stub() { # [options of the kernel]
    rm -f "$tmp/monitor" "$tmp/report" "$stub" "$tmp/snapshot"
    mkfifo "$tmp/monitor"
    QEMU_EXTRA="-gdb unix:$stub,server=on,wait=off" sh "$here/run" "$build/kernel.elf" "$tmp/dump" "$tmp/report" \
        --second "$tmp/snapshot" --monitor -- "$@" <"$tmp/monitor" >"$tmp/log" 2>&1 &
    machine=$!
    exec 3>"$tmp/monitor"
    wait_for test -S "$stub"
}

wait_for() { # COMMAND...: until it succeeds, at most half a minute
    i=0
    while [ $i -lt 600 ] && ! "$@"; do
        sleep 0.05
        i=$((i + 1))
    done
}

died() {
    grep -qs '^died' "$tmp/report"
}

# A shell has background processes ignore SIGINT, but not those that handle it: so tpdecode itself is what is started.
follow() { # MILLISECONDS [options of tpdecode]: $reader
    interval=$1
    shift
    "$build/tpdecode" --sandbox=require --symbols "$build/kernel.elf" --follow --interval "$interval" "$@" \
        "gdb:unix:$stub" >"$tmp/all" 2>"$tmp/err" 3>&- &
    reader=$!
}

# Everything was put in order of time, and no record twice.
ordered() { # NAME
    grep '^{"time_ns"' "$tmp/json" | sort | uniq -d | head -n 3 >"$tmp/log"
    awk -F'[:,]' '/^\{"time_ns"/ { if ($2 + 0 < last) { print "back at " $0; bad = 1 } last = $2 + 0 } END { exit bad }' \
        "$tmp/json" >>"$tmp/log"
    [ ! -s "$tmp/log" ]
    result $? "$1: in order of time, nothing twice" "$tmp/log"
}

# Follows a kernel from its boot until it dies; then what it has recorded is all there. What is unfinished is in the
# kernel's books as one that is missing.
followed() { # NAME LOSING MILLISECONDS [options of the kernel]
    name=$1 losing=$2 interval=$3
    shift 3
    boot_stub die "$@"
    follow "$interval" --format json
    wait_for died
    sleep 0.5
    kill -INT $reader
    wait $reader
    result $? "$name: tpdecode ends well" "$tmp/err"
    echo quit >&3
    exec 3>&-
    wait $machine
    result $? "$name: so does the machine" "$tmp/log"
    grep -v '"unfinished":true' "$tmp/all" >"$tmp/json"
    balance "$name" "$tmp/report" least=1000 "losing=$losing"
    ordered "$name"
    grep -q 'halted for each read' "$tmp/err"
    result $? "$name: that the machine is halted is said" "$tmp/err"
}

followed "followed" 1 20
[ "$(grep -c '"cause"' "$tmp/json")" = 1 ]
result $? "followed: nothing was lost but the one in the making" "$tmp/err"
followed "followed, overwrite" 1 10 overwrite subbuf=4096 subbufs=32 events=100000
followed "followed, overwrite at speed" 1 200 overwrite subbuf=1024 subbufs=16 events=300000
grep -q '"cause":"overwritten"' "$tmp/json"
result $? "followed, overwrite at speed: some were overwritten" "$tmp/err"
# Once, of a machine that has died: what QEMU writes down of its region gives the same.
boot_stub die overwrite subbuf=1024 subbufs=64
wait_for died
timeout -k 5 60 "$build/tpdecode" --symbols "$build/kernel.elf" --sandbox=require --format json "gdb:unix:$stub" \
    >"$tmp/json" 2>"$tmp/err"
result $? "once: tpdecode ends well" "$tmp/err"
timeout -k 5 60 "$build/tpdecode" --at 0x2000000-0x4000000 --sandbox=require --format json "gdb:unix:$stub" \
    >"$tmp/json2" 2>"$tmp/err2"
result $? "once: by a search, without symbols" "$tmp/err2"
printf '%s\n' stop "pmemsave 0 0x4000000 \"$tmp/ram\"" quit >&3
exec 3>&-
wait $machine
"$build/tpdecode" --format json "$tmp/ram" 2>"$tmp/err2" | diff - "$tmp/json2" >"$tmp/log" && [ -s "$tmp/json2" ]
result $? "once: line by line what an image of its memory gives" "$tmp/log"
"$build/tpdecode" --symbols "$build/kernel.elf" --format json "$tmp/ram" 2>"$tmp/err2" |
    diff - "$tmp/json" >"$tmp/log" && [ -s "$tmp/json" ]
result $? "once: and with symbols" "$tmp/log"
tail -n 1 "$tmp/err2" >"$tmp/last"
tail -n 1 "$tmp/err" | diff "$tmp/last" - >"$tmp/log"
result $? "once: and the same counts" "$tmp/log"

# A kernel that is followed for a while, by a reader that is ended in the middle, goes on as if nothing had been.
boot_stub events=300000 overwrite late
follow 30 --output "$tmp/part"
sleep 1
kill -TERM $reader
wait $reader
result $? "a reader that is ended: it ends well" "$tmp/err"
exec 3>&-
wait $machine
result $? "a reader that is ended: the kernel ends well" "$tmp/log"
decode "a reader that is ended: the kernel's own" "$tmp/dump"
balance "a reader that is ended: the kernel's own" "$tmp/report" least=1000 losing=any
echo "1..$n"
