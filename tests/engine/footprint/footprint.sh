#!/bin/sh
# SPDX-License-Identifier: MIT
# What tracing costs a kernel: the core alone, with the control layer, and with all. A line for each
# figure, `footprint MACHINE LISTS NAME BYTES` and the limit where there is one, all in bytes. Flash and
# RAM are the difference to the same program without tracing; an event is one that is fired. The stack
# of a call is the most that it has taken of what takes much: deep and long filters, every file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

lists() { # NAME: the sources of these lists
    printf 'include %s/engine/tp.mk\nall:\n\t@echo $(%s)\n' "$top" "$1" >lists.mk
    make -s -f lists.mk
}
core=$(lists TP_CORE_ALONE)
control="$(lists TP_CORE) $(lists TP_CONTROL)"
all=$(lists TP_SOURCES)

say() { # NAME BYTES [LIMIT]
    echo "footprint $machine $what $1 $2${3:+ (limit $3)}"
}

# OUT OPTIONS... : a program of them
link() {
    out=$1
    shift
    # shellcheck disable=SC2086
    $cc -std=gnu11 -w -ffreestanding -ffunction-sections -fdata-sections -Wl,--gc-sections \
        -I"$top/include" "-DTP_PORT_HEADER=\"$here/port.h\"" "$@" "$here/footprint.c" $start -o "$out"
}

flash() { $size "$1" | awk 'NR == 2 { print $1 + $2 }'; }
ram() { $size "$1" | awk 'NR == 2 { print $2 + $3 }'; }

# What is in the program for itself: the region, buffers, control memory.
own=65600
measure() { # WHAT SOURCES OPTIONS...
    what=$1 sources=$2
    shift 2
    # shellcheck disable=SC2086
    link base -DPLAIN
    # shellcheck disable=SC2086
    link eight -DPLAIN -DEVENTS=8 "$@" $sources
    # shellcheck disable=SC2086
    link sixteen -DPLAIN -DEVENTS=16 "$@" $sources
    # shellcheck disable=SC2086
    link small -DEVENTS=8 "$@" $sources
    # shellcheck disable=SC2086
    link worst -DEVENTS=8 -DWORST "$@" $sources
    each=$((($(flash sixteen) - $(flash eight)) / 8))
    say flash-besides-events $(($(flash eight) - $(flash base) - 8 * each)) "$limit_flash"
    say flash-of-an-event $each "$limit_event"
    each_ram=$((($(ram sixteen) - $(ram eight)) / 8))
    say ram-besides-events $(($(ram eight) - $(ram base) - 8 * each_ram - own)) "$limit_ram"
    say ram-of-an-event $each_ram
    $run ./small >output 2>&1 || { cat output; exit 1; }
    $run ./worst >worst.output 2>&1 || { cat worst.output; exit 1; }
    { grep '^smallest' output; grep '^stack' worst.output; } | while read -r line; do
        name=$(echo "${line% *}" | tr ' ' '-')
        case $name in
        smallest-region) limit=$limit_region ;;
        stack-of-an-event) limit=$limit_fast ;;
        stack-of-an-event-at-*) limit=$limit_new ;;
        stack-*) limit=$limit_other ;;
        *) limit= ;;
        esac
        say "$name" "${line##* }" "$limit"
    done
    limit_flash='' limit_ram='' limit_event='' limit_region=''
}

machine_of() { # NAME
    machine=$1
    limit_flash='' limit_ram='' limit_event='' limit_region='' limit_fast=256 limit_new=512 limit_other=2048
}

three() {
    own=65600
    measure core "$core" -DCONFIG=,.tasks=TP_TASKS_NONE,.no_snapshot=1,.no_metadata=1
    own=$((own + 8192))
    control_options='-DCONFIG= -DCONTROL -DCONTROL_MEMORY=tp_control_set_memory(memory,sizeof(memory),1)'
    # shellcheck disable=SC2086
    measure control "$control" $control_options
    # shellcheck disable=SC2086
    measure all "$all" $control_options -DTREE
}

# Instructions of an event with the core alone, counted by QEMU.
cost() { # SOURCES
    what=core
    # shellcheck disable=SC2086
    $cc -std=gnu11 -w -ffreestanding -ffunction-sections -fdata-sections -Wl,--gc-sections \
        -I"$top/include" "-DTP_PORT_HEADER=\"$here/port.h\"" "$here/cost.c" $1 $start -o cost
    timeout 60 qemu-system-arm -M mps2-an385 -nodefaults -display none -icount shift=0,sleep=off \
        -semihosting-config enable=on,target=native -kernel cost >output 2>&1 || { cat output; exit 1; }
    grep '^instructions' output | while read -r line; do
        say "$(echo "${line% *}" | tr -d , | tr ' ' '-')" "${line##* }"
    done
}

if command -v arm-none-eabi-gcc >/dev/null && command -v qemu-system-arm >/dev/null; then
    machine_of cortex-m3
    limit_flash=13052 limit_ram=512 limit_event=300 limit_region=2560 limit_fast=128 limit_new=256 limit_other=1024
    cc="arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -nostdlib -fno-tree-loop-distribute-patterns -T $here/m3.ld"
    start="$here/m3.c -lgcc" size=arm-none-eabi-size
    run='timeout 60 qemu-system-arm -M mps2-an385 -nodefaults -display none -semihosting-config enable=on,target=native -kernel'
    three
    cost "$core"
fi
if command -v riscv64-linux-gnu-gcc >/dev/null && command -v qemu-riscv64-static >/dev/null; then
    machine_of riscv64
    cc='riscv64-linux-gnu-gcc -O2 -static' start="$here/host.c" size=riscv64-linux-gnu-size run=qemu-riscv64-static
    three
fi
machine_of x86_64
cc='gcc -O2 -static' start="$here/host.c" size=size run=
three
