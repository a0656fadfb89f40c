#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine runs on other machines and tpdecode here reads what it wrote: 32 and 64 bits, both
# byte orders, with and without char being signed (qemu-user), and a processor that has no
# compare-and-swap and no operating system (qemu-system-arm). All positions, the counts of losses
# and the clock start below 2^32 and pass it. And ports on machines: Cortex-M3, RISC-V of 32 bits.
. "$(dirname "$0")/../../lib/tap.sh"
build=${TP_BUILDDIR:-.}
tpdecode=$(cd "$build" && pwd)/tpdecode
string=$srcdir/tests/systems/kernel/string.c # what a machine without a libc has of one

# FILE: prints what of it, decoded to FILE.lines, is not as `facts` say
decoded() {
    "$tpdecode" "$1" >"$1.lines" 2>"$1.books" || cat "$1.books"
    awk -v file="$1" -f "$here/check.awk" facts "$1.lines" "$1.books"
}

only_records() { grep -v '^---' "$1" | tail -n "$2"; }

# In the directory of a run: prints where dump, snapshot, attached and region are not what was fired.
agrees() { # BYTES_OF_THE_ORDER_MARK WORD_BYTES
    # Byte order mark and pointer size, as doc/format.md section 4 says.
    machine=$(od -An -tx1 -j4 -N2 dump | tr -d ' ')-$(od -An -tu1 -j9 -N1 dump | tr -d ' ')
    [ "$machine" = "$1-$2" ] || echo "not of this machine: $machine"
    decoded dump
    decoded snapshot
    decoded attached
    # What another boot, and tpdecode in the memory, find are the last records of the dump.
    only_records attached.lines 1000000 >kept
    only_records dump.lines "$(wc -l <kept)" | diff - kept
    "$tpdecode" region 2>region.books | diff - attached.lines
    tail -n 1 region.books >region.last
    tail -n 1 attached.books | diff - region.last
}

runs() { # TARGET QEMU BYTES_OF_THE_ORDER_MARK WORD_BYTES
    need "$1-linux-gnu-gcc" "qemu-$2-static"
    cd "$(mktemp -d "$tmp/$1.XXXXXX")" || return 1
    # shellcheck disable=SC2086
    "$1-linux-gnu-gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -static -D_GNU_SOURCE -I"$include" \
        "-DTP_START_NUMBER=(-2)" "-DTP_PORT_HEADER=\"$here/port.h\"" "$here/producer.c" $engine \
        "$srcdir/engine/port/hosted/hosted.c" -o producer || return 1
    for mode in discard overwrite; do
        "qemu-$2-static" ./producer $mode >facts || { echo "exit status $?"; cat facts; return 1; }
        agrees "$3" "$4" 2>&1 | sed "s/^/$mode: /" >wrong
        cat wrong
        [ ! -s wrong ] || return 1
    done
}

rates() { # TARGET QEMU
    need "$1-linux-gnu-gcc" "qemu-$2-static"
    # shellcheck disable=SC2086
    "$1-linux-gnu-gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -static -I"$include" \
        "-DTP_PORT_HEADER=\"$here/rate_port.h\"" "$here/rate.c" $engine -o "$tmp/rate.$1" &&
        "qemu-$2-static" "$tmp/rate.$1"
}

# Cortex-M0 (ARMv6-M), with interrupts of three priorities: tests/systems/foreign/m0.
no_cas() {
    need arm-none-eabi-gcc arm-none-eabi-nm qemu-system-arm
    cd "$(mktemp -d "$tmp/m0.XXXXXX")" || return 1
    # Of libgcc only arithmetic. Loops are not to become calls of the function that they are.
    # shellcheck disable=SC2086
    arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -ffreestanding -std=gnu11 -O2 -Wall -Wextra -Werror \
        -fno-tree-loop-distribute-patterns -I"$include" "-DTP_START_NUMBER=(-2)" -DTP_SECTIONS_MAX=1u -DTP_SIDE_BYTES=32u \
        "-DTP_PORT_HEADER=\"$here/m0/port.h\"" "$here/m0/start.c" "$here/m0/main.c" "$string" $engine \
        -nostdlib -lgcc -T "$here/m0/m0.ld" -o m0.elf || return 1
    arm-none-eabi-nm m0.elf | grep -E '__(atomic|sync)' && return 1
    # icount: an interrupt comes at any instruction, and the same ones in each run. 256 ns each.
    timeout 60 qemu-system-arm -M microbit -nodefaults -display none -icount shift=8,sleep=off \
        -semihosting-config enable=on,target=native -kernel m0.elf >said 2>&1 ||
        { echo "exit status $?"; cat said; return 1; }
    "$tpdecode" dump >lines 2>books || { cat books; return 1; }
    awk -f "$here/m0/check.awk" lines
}

# Cortex-M3, for size: what an event takes of the stack; of tp_printk its arguments are 32 bytes. With a
# probe there are the values: so that a measure that sees nothing is found.
m3_stack() {
    need arm-none-eabi-gcc qemu-system-arm
    cd "$(mktemp -d "$tmp/m3.XXXXXX")" || return 1
    sed 's/LENGTH = 16K/LENGTH = 64K/' "$here/m0/m0.ld" >m3.ld
    # shellcheck disable=SC2086
    arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -ffreestanding -std=gnu11 -Os -Wall -Wextra -Werror \
        -fno-tree-loop-distribute-patterns -I"$include" -DTP_SECTIONS_MAX=1u -DTP_SIDE_BYTES=32u \
        "-DTP_PORT_HEADER=\"$here/m3/port.h\"" "$here/m0/start.c" "$here/m3/main.c" "$string" $engine \
        -nostdlib -lgcc -T m3.ld -o m3.elf || return 1
    timeout 60 qemu-system-arm -M lm3s6965evb -nodefaults -display none \
        -semihosting-config enable=on,target=native -kernel m3.elf >said 2>&1 ||
        { echo "exit status $?"; cat said; return 1; }
    cat depths
    awk '{ limit = $2 == "probe" ? 1e9 : $1 == "printk" ? 256 + 32 : $2 == "fits" ? 128 : 256
           bad += $3 > limit || $3 < ($2 == "probe" ? 352 : 16); n++ }
         END { exit bad || n != 13 }' depths
}

# Cortex-M3, with the port of engine/port: tests/systems/foreign/cortex-m.
cortex_m() { # OPTION...
    need arm-none-eabi-gcc qemu-system-arm
    cd "$(mktemp -d "$tmp/cortex-m.XXXXXX")" || return 1
    # shellcheck disable=SC2086
    arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -ffreestanding -std=gnu11 -O2 -Wall -Wextra -Werror \
        -fno-tree-loop-distribute-patterns -I"$include" -I"$srcdir" -DTP_SECTIONS_MAX=1u -DTP_SIDE_BYTES=32u \
        "$@" "-DTP_PORT_HEADER=\"engine/port/cortex-m/port.h\"" \
        "$here/cortex-m/start.c" "$here/cortex-m/main.c" "$string" "$srcdir/engine/port/cortex-m/systick.c" $engine \
        -nostdlib -lgcc -L"$srcdir/engine" -T "$here/cortex-m/cortex-m.ld" -o cortex-m.elf || return 1
    # icount: an interrupt comes at any instruction, and the same ones in each run.
    timeout 60 qemu-system-arm -M mps2-an385 -nodefaults -display none -icount shift=6,sleep=off \
        -semihosting-config enable=on,target=native -kernel cortex-m.elf >said 2>&1 ||
        { echo "exit status $?"; cat said; return 1; }
    "$tpdecode" dump >lines 2>books || { cat books; return 1; }
    awk -f "$here/cortex-m/check.awk" lines
}

# RISC-V of 32 bits with the port of engine/port: tests/systems/foreign/rv32.
rv32() { # HARTS ISA
    need riscv64-linux-gnu-gcc qemu-system-riscv32 jq
    cd "$(mktemp -d "$tmp/rv32.XXXXXX")" || return 1
    # shellcheck disable=SC2086
    riscv64-linux-gnu-gcc "-march=$2_zicsr_zifencei" "-DHARTS=$1" -mabi=ilp32 -ffreestanding -std=gnu11 -O2 -Wall -Wextra -Werror \
        -fno-pic -fno-tree-loop-distribute-patterns -I"$include" -I"$srcdir" -DTP_RISCV64_MACHINE \
        '-DTP_PORT_HEADER="engine/port/riscv64/port.h"' "$here/rv32/start.S" "$here/rv32/main.c" "$string" $engine \
        -nostdlib -static -no-pie -Wl,-melf32lriscv,--build-id=none,--no-warn-rwx-segments \
        -L"$srcdir/engine" -T "$here/rv32/rv32.ld" -o rv32.elf || return 1
    timeout 60 qemu-system-riscv32 -accel tcg -M virt -smp "$1" -bios none -nodefaults -display none \
        -semihosting-config enable=on,target=native -kernel rv32.elf >said 2>&1 ||
        { echo "exit status $?"; cat said; return 1; }
    "$tpdecode" --format json dump 2>books >lines || { cat books; return 1; }
    jq -r 'if .sys == "rv" then "\(.cpu) \(.event) \(.fields.n) \(.time_ns) \(.fields.t) \(if .flags[2:3] == "h" then 1 else 0 end)"
        elif .sys == "printk" then "fired \(.fields.a0)" elif has("lost") then "lost \(.lost)" else empty end' lines |
        awk -v harts="$1" -f "$here/rv32/check.awk"
}

check "SysTick that reloads, an interrupt of priority 0, NMIs: Cortex-M3" cortex_m
check "the same, and the period is known when it is compiled" cortex_m -DTP_CORTEX_M_RELOAD=24999u
check "the stack of an event: Cortex-M3, -Os" m3_stack
check "32 bits, no compare-and-swap, a counter of 24 bits: Cortex-M0" no_cas
check "two harts, the lower half of the clock wraps: RISC-V, 32 bits" rv32 2 rv32imac
check "no compare-and-swap: RISC-V, 32 bits" rv32 1 rv32imc
check "32 bits, little-endian: i686" runs i686 i386 0201 4
check "32 bits, big-endian: powerpc" runs powerpc ppc 0102 4
check "64 bits, little-endian: aarch64" runs aarch64 aarch64 0201 8
check "64 bits, little-endian: riscv64" runs riscv64 riscv64 0201 8
check "64 bits, big-endian: s390x" runs s390x s390x 0102 8
check "rates of fast clocks, 32 bits: i686" rates i686 i386
check "rates of fast clocks, 32 bits, big-endian: powerpc" rates powerpc ppc
finish
