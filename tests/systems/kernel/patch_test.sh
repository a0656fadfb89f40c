#!/bin/sh
# SPDX-License-Identifier: MIT
# Code patching on a live second CPU: CPU 1 fires an event all the time, CPU 0 switches it 10000 times.
# The kernel tells by another event what must have been recorded, and what must not.
. "$(dirname "$0")/lib.sh"
# Both CPUs wait for each other all the time: slow where the host has no two for them.
TIMEOUT=400
export TIMEOUT

known() { # NAME: each call of which the kernel knows, and no record without a call
    awk '
        function field(key) { at = index($0, "\"" key "\":"); return substr($0, at + length(key) + 3) + 0 }
        $1 == "patch" { for (i = 2; i <= NF; i++) { split($i, v, "="); said[v[1]] = v[2] } next }
        /"event":"live"/ { n = field("n"); got[n]++; live++; if (n <= last) { print n " behind " last; bad = 1 } last = n }
        /"event":"known"/ { n = field("n"); known[n] = /"recorded":(1|true)/ ? 1 : 2 }
        END {
            for (n in known) {
                count[known[n]]++
                if ((n in got) != (known[n] == 1)) { print n ": known " known[n] ", recorded " got[n] + 0; bad = 1 }
            }
            for (n in got) unknown += !(n in known)
            print live " recorded, " unknown + 0 " of them while it was switched; " count[1] " had to be, " count[2] " not to be"
            if (live != count[1] + unknown || unknown > said["unsure"] || count[1] != said["on"] || count[2] != said["off"] ||
                said["on"] + said["off"] + said["unsure"] != said["calls"] || last > said["calls"]) bad = 1
            if (count[1] < 10000 || count[2] < 10000) { print "too few"; bad = 1 }
            exit bad
        }' "$tmp/report" "$tmp/json" >"$tmp/log" 2>&1
    result $? "$1: what must be recorded is, and what must not is not" "$tmp/log"
    grep -h '^patch' "$tmp/report" | sed 's/^/# /'
    head -n 1 "$tmp/log" | sed 's/^/# /'
}

slack() { sed -n 's/^patch .*unsure=\([0-9]*\).*/\1/p' "$tmp/report"; }

patched() { # NAME KERNEL
    kernel=$2
    run "$1" -- patch=10000
    balance "$1" "$tmp/report" least=45000 losing=0 "slack=$(slack)"
    known "$1"
}

patched "patched" kernel_patch.elf
says "patched: CPU 1 came upon int3" "^patch .*traps=[1-9]"
says "patched: the last stop, with interrupts off, was refused" "^stopped refused=[1-9]"
patched "not patched" kernel.elf
says "not patched: nothing was" "^patch .*traps=0 refused=0"
kernel=kernel_patch.elf
boot "patched, the usual work" 20000 0
echo "1..$n"
