#!/bin/sh
# SPDX-License-Identifier: MIT
# The test kernel on a Cortex-M3, one CPU: virt.sh, but for what mps2-an385 has no device for. By -icount, so
# interrupts come between any two instructions, and each run is the same.
kernel=kernel_cortex_m3.elf cpus=1 clock=systick memory_start=0x21000000 memory_bytes=0x1000000
tools="arm-none-eabi-gcc qemu-system-arm jq" packages="gcc-arm-none-eabi qemu-system-arm jq"
. "$(dirname "$0")/virt.sh"

# The first half of the tick, of priority 0, fires in the middle of anything, and NMIs do in the middle of that.
priority_0() {
    boot "NMIs" 200000 0 -- nmi=3 events=200000
    awk '/"sys":"irq","event":"nmi"/ { nmis++; if (!/"flags":"..[zZ]/) { print; bad = 1 } }
         /"event":"ipi".*"kind":"t"/ { high++; off += /"flags":"d/; if (!/"flags":"..h/) { print; bad = 1 } }
         END { print nmis " NMIs, " high " of priority 0, " off " of them while interrupts were off"
               exit bad || nmis < 5000 || high < 1000 || off < 20 }' "$tmp/json" >"$tmp/log" 2>&1
    result $? "NMIs: the contexts are said" "$tmp/log"
    boot "NMIs, flight recorder" 20 1 -- nmi=2 late overwrite subbuf=512 subbufs=16 events=200000
    boot "NMIs, burst" 20 1 -- nmi=2 burst subbuf=1024 subbufs=2 events=200000
    run "unpinned" -- burst loose nmi=1 subbuf=4096 subbufs=64 events=5000
    balance "unpinned" "$tmp/report" least=1000 losing=any
}

made
usual_work
flight_recorder
priority_0
doorbell
crash_and_reboot
control
echo "1..$n"
