#!/bin/sh
# SPDX-License-Identifier: MIT
# Interrupts and NMIs between any two instructions. TCG takes them between blocks of instructions
# only, which -singlestep makes one instruction long.
#
# More than 10^5 NMIs come inside the engine, half of them in each mode. TP_LONG=1: 10^5 in each, and
# 2 x 10^7 events with interrupts and NMIs among them at full speed.
. "$(dirname "$0")/lib.sh"

storm() { # NAME NMIS LEAST [options of the kernel]
    name=$1 nmis=$2 least=$3
    shift 3
    rm -f "$tmp/pid"
    pin >/dev/null 2>&1 &
    QEMU_EXTRA="-singlestep -name kernel,debug-threads=on -pidfile $tmp/pid"
    export QEMU_EXTRA
    run "$name" -- "storm=$nmis" subbuf=512 "$@"
    wait
    balance "$name" "$tmp/report" least=10000 losing=1
    totals "$name"
    awk -v least="$least" -f "$here/storm.awk" "$tmp/dis" "$tmp/report" >"$tmp/log" 2>&1
    result $? "$name: NMIs on every instruction of the fast path that runs, $least and more in the engine" "$tmp/log"
    grep '^#' "$tmp/log"
}

objdump -d --no-show-raw-insn "$build/kernel.elf" >"$tmp/dis"
nmis=70000 least=50000
[ -z "$long" ] || { nmis=140000 least=100000; }
TIMEOUT=300
export TIMEOUT
storm "storm" $nmis $least
storm "storm, overwrite" $nmis $least overwrite

# The same among threads, with all kinds of events.
export QEMU_EXTRA=-singlestep
boot "every instruction" 20000 0 -- nmi=5
boot "every instruction, tiny sub-buffers" 100 1 -- nmi=8 burst subbuf=1024 subbufs=2
boot "every instruction, overwrite" 50 1 -- nmi=8 late overwrite subbuf=512 subbufs=4
unset QEMU_EXTRA

# At full speed, where NMIs come between blocks: many instead.
events=1000000
[ -z "$long" ] || events=20000000
boot "full speed" $((events / 100)) 1 -- nmi=8 burst events=$events
boot "full speed, overwrite" $((events / 100)) 1 -- nmi=8 burst overwrite events=$events
echo "1..$n"
