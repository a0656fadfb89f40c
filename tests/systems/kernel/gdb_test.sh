#!/bin/sh
# SPDX-License-Identifier: MIT
# GDB's commands tracepoint-dump and tracepoint-show, on the test kernel that has died in the middle of a record: over
# QEMU's stub and from a core file, with the kernel's symbols and with none. What they save is what QEMU itself writes
# down of the region, and nothing of the machine is changed.
. "$(dirname "$0")/lib.sh"

command -v gdb >/dev/null || { echo "Bail out! no gdb (apt-get install gdb)"; exit 99; }
script=$here/../../../decoder/tool/tracepoint-gdb.py
stub=$tmp/stub
TPDECODE=$(cd "$build" && pwd)/tpdecode
export TPDECODE
cp "$build/kernel.elf" "$tmp/stripped.elf" && strip "$tmp/stripped.elf" || exit 99

ask() { # what QEMU's monitor is to do
    printf '%s\n' "$@" >&3
}

# Boots a kernel that dies, and stays. Its monitor listens at descriptor 3.
die() {
    mkfifo "$tmp/monitor"
    QEMU_EXTRA="-gdb unix:$stub,server=on,wait=off" sh "$here/run" "$build/kernel.elf" "$tmp/dump" "$tmp/report" \
        --second "$tmp/snapshot" --monitor -- die <"$tmp/monitor" >"$tmp/log" 2>&1 &
    machine=$!
    exec 3>"$tmp/monitor"
    i=0
    while [ $i -lt 300 ] && ! grep -qs '^died' "$tmp/report"; do
        sleep 0.1
        i=$((i + 1))
    done
}

saved() { # FILE SIZE: QEMU's monitor answers nothing that could be waited for
    i=0
    while [ $i -lt 100 ] && [ "$(wc -c 2>/dev/null <"$1")" != "$2" ]; do
        sleep 0.1
        i=$((i + 1))
    done
}

debug() { # PROGRAM COMMAND...: leaves $tmp/said
    program=$1
    shift
    {
        echo "set pagination off"
        echo "set confirm off"
        echo "source $script"
        printf '%s\n' "$@"
    } >"$tmp/commands"
    # shellcheck disable=SC2086
    timeout 60 gdb -q -nx -batch -x "$tmp/commands" $program >"$tmp/said" 2>&1
}

target="target remote $stub"

same() { # NAME FILE: the bytes of the region
    cmp "$tmp/region" "$2" >"$tmp/log" 2>&1
    result $? "$1" "$tmp/log"
}

refused() { # NAME TEXT PROGRAM COMMAND...: the last one says so, and writes nothing
    name=$1 text=$2
    shift 2
    rm -f "$tmp/none"
    debug "$@"
    grep -qF -- "$text" "$tmp/said" && [ ! -e "$tmp/none" ]
    result $? "refused: $name" "$tmp/said"
}

die
result $? "the kernel died" "$tmp/log"
at=$(sed -n 's/^trace .*region=\([0-9a-f]*\).*/\1/p' "$tmp/report")
size=$(sed -n 's/^trace .*bytes=\([0-9]*\).*/\1/p' "$tmp/report")
ask stop "pmemsave 0x$at $size \"$tmp/region\"" "info registers"
saved "$tmp/region" "$size"

debug "$build/kernel.elf" "$target" "tracepoint-dump $tmp/live"
same "over the stub, by the symbol: all of the region" "$tmp/live"
grep -qx "$tmp/live: $size bytes from 0x$at" "$tmp/said"
result $? "and it says so" "$tmp/said"
decode "over the stub" "$tmp/live"
grep '^{"time_ns"' "$tmp/json" | grep -v '"unfinished":true' >"$tmp/records"
decode "the kernel's own snapshot" "$tmp/snapshot"
grep '^{"time_ns"' "$tmp/json" | diff - "$tmp/records" >"$tmp/log" && [ -s "$tmp/records" ]
result $? "the records of the kernel's own snapshot" "$tmp/log"

debug "$build/kernel.elf" "$target" "tracepoint-dump $tmp/number 0" "tracepoint-dump $tmp/address 0x$at" \
    "tracepoint-dump $tmp/range 0x100000-0x4000000"
same "by its number" "$tmp/number"
same "by its address" "$tmp/address"
same "by a search" "$tmp/range"
debug "$tmp/stripped.elf" "$target" "tracepoint-dump $tmp/stripped 0x100000+0x3f00000"
same "a kernel without symbols, by a search" "$tmp/stripped"

debug "$build/kernel.elf" "$target" "tracepoint-show --tail 3 --cpu 0"
"$TPDECODE" --tail 3 --cpu 0 "$tmp/region" 2>/dev/null | grep '^ ' >"$tmp/expected"
grep '^ .*\[000\]' "$tmp/said" | diff "$tmp/expected" - >"$tmp/log" &&
    [ "$(wc -l <"$tmp/expected")" -ge 3 ]
result $? "tracepoint-show prints what tpdecode does" "$tmp/log"

refused "no such trace" "trace 3 is not open" "$build/kernel.elf" "$target" "tracepoint-dump $tmp/none 3"
refused "nothing there" "no trace at 0x100000: the region of one starts with f5 74 70 fb" "$build/kernel.elf" \
    "$target" "tracepoint-dump $tmp/none 0x100000"
refused "nothing in a range" "no trace in 0x100000-0x200000" "$build/kernel.elf" "$target" \
    "tracepoint-dump $tmp/none 0x100000-0x200000"
refused "no memory there" "memory at 0x7fffffff00000000 cannot be read" "$build/kernel.elf" "$target" \
    "tracepoint-dump $tmp/none 0x7fffffff00000000"
refused "no machine" "there is no machine and no core file" "$build/kernel.elf" "tracepoint-dump $tmp/none"
refused "no symbol, and no memory is known" "give where the machine's memory is, as 0x20000000-0x20040000" \
    "$tmp/stripped.elf" "$target" "tracepoint-dump $tmp/none"
refused "a number without symbols" "a trace has a number where" "$tmp/stripped.elf" "$target" "tracepoint-dump $tmp/none 0"
refused "no file" "tracepoint-dump FILE [TRACE | ADDRESS | START-END]" "$build/kernel.elf" "$target" tracepoint-dump
refused "a file that cannot be written" "No such file or directory" "$build/kernel.elf" "$target" \
    "tracepoint-dump $tmp/none/none"

TPDECODE=$tmp/nothing refused "no tpdecode" "it is looked for in PATH" "$build/kernel.elf" "$target" tracepoint-show

debug "" "help tracepoint-dump" "help tracepoint-show"
grep -q '^tracepoint-dump FILE' "$tmp/said" && grep -q "^tracepoint-show \[tpdecode's options\]" "$tmp/said"
result $? "help" "$tmp/said"

ask stop "pmemsave 0x$at $size \"$tmp/after\"" "dump-guest-memory $tmp/core" quit
exec 3>&-
wait $machine
same "the region is as it was" "$tmp/after"

debug "$build/kernel.elf" "core $tmp/core" "tracepoint-dump $tmp/of_core"
same "from a core file, by the symbol" "$tmp/of_core"
debug "$tmp/stripped.elf" "core $tmp/core" "tracepoint-dump $tmp/of_core2"
same "from a core file, without symbols: all of it is searched" "$tmp/of_core2"
head -c $(($(wc -c <"$tmp/core") * 65 / 100)) "$tmp/core" >"$tmp/cut"
refused "a core file that ends before the region does" "Is all of it in this core file" "$build/kernel.elf" \
    "core $tmp/cut" "tracepoint-dump $tmp/none"
echo "1..$n"
