#!/bin/sh
# SPDX-License-Identifier: MIT
# The ports of engine/port on the hot path, in emitters of 32 events: nothing is called but a copy of bytes and
# what the port leaves to its kernel, nothing through a pointer, nothing is divided, nothing is locked, and no
# atomic is a function's.
. "$(dirname "$0")/../lib/tap.sh"

warnings="-O2 -Wall -Wextra -Werror"
mips="-march=mips32r2 -mno-abicalls -fno-pic -G0"

# TARGET COMPILER PORT CALLED [OPTIONS]: CALLED matches what may be called
emits()
{
    case $1 in
    x86_64) dump=objdump ;;
    cortex-*) dump=arm-none-eabi-objdump ;;
    riscv32) dump=riscv64-linux-gnu-objdump ;;
    *) dump=$1-linux-gnu-objdump ;;
    esac
    need "$dump"
    target "$1" "$2"
    folder=$srcdir/engine/port/$3 called=$4
    shift 4
    code=$(mktemp "$tmp/code.XXXXXX")
    # shellcheck disable=SC2086
    $cc $warnings "$@" -I"$folder" -DTP_PORT_HEADER='"port.h"' -c "$srcdir/tests/guard/many.c" -o "$code.o" &&
        $dump -dr --no-show-raw-insn "$code.o" >"$code" || return 1
    awk -v called="^($called)$" '
        /^[0-9a-f]+ <\.L.*>:$/ { next } # a label inside a function
        /^[0-9a-f]+ <.*>:$/ { name = $2; emitter = name ~ /^<tp_emit_many_/; found += emitter }
        # What is rare is the engine'"'"'s, and a jump at the end.
        function calls(what) {
            sub(/[-+]0x[0-9a-f]+$/, "", what)
            if (what !~ called && what !~ /^(tp_|\.text|\.L|many_)/) { print name " calls " what; bad = 1 }
        }
        !emitter { next }
        /R_[A-Z0-9_]*(CALL|PLT32|JUMP|MIPS_26)/ {
            calls($NF)
            named = 1 # on riscv64 the jump by a register follows
        }
        /\t(u|s)?div/ || /\t(rem|idiv)/ { print name " divides: " $0; bad = 1 }
        /\tlock / { print name " has a lock prefix: " $0; bad = 1 }
        /\txchg.*[(:]/ { print name " locks by xchg: " $0; bad = 1 }
        /\t(jalr|jr)\t.*<.*>/ && !named { sub(/>$/, ""); sub(/.*</, ""); calls($0); next }
        /\t(call|jmp) +\*/ || /\tbl?r\tx/ || /\tbl?x\tr/ || /\t(jalr|jr)\t/ && !/\tjr\tra/ && !named {
            print name " calls through a pointer: " $0; bad = 1
        }
        /\t(jalr|jr)\t/ { named = 0 }
        END { if (found < 32) { print "only " found + 0 " emitters"; bad = 1 } exit bad }' "$code"
}

# PLANT WANTED TARGET COMPILER PORT [OPTIONS]: of a port that sed has changed by PLANT, emits says WANTED
finds()
{
    plant=$1 wanted=$2 machine=$3 compiler=$4 from=$srcdir/engine/port/$5/port.h
    shift 5
    bad=$(mktemp -d "$tmp/bad.XXXXXX")
    mkdir -p "$bad/engine/port/bad" "$bad/tests/guard"
    cp "$srcdir/tests/guard/many.c" "$bad/tests/guard"
    sed "$plant" "$from" >"$bad/engine/port/bad/port.h"
    cmp -s "$from" "$bad/engine/port/bad/port.h" && { echo "nothing planted"; exit 1; }
    srcdir=$bad
    found=$(emits "$machine" "$compiler" bad memcpy "$@") && { echo "nothing found"; exit 1; }
    echo "$found" | grep -q "$wanted"
}

divides='s|return count;|return count / (*tp_aarch64_word(64) + 1u);|'
counts_in_64_bits='s|\*depth = \*depth + 1;|__atomic_fetch_add((uint64_t *)depth, 1, 0);|'

implied_lock='s|"incl %%gs:%c0"|"xchgl %%eax, %%gs:%c0"|'
# The clock of a port is a function that a pointer holds.
through_a_pointer='s|return count;|extern uint32_t (*clock_pointer)(void); return clock_pointer();|
    s|return tp_cortex_m_clock();|extern uint32_t (*clock_pointer)(void); return clock_pointer();|
    s|return low;|extern uint32_t (*clock_pointer)(void); return clock_pointer();|'
pointer='calls through a pointer'

for compiler in gcc clang; do
    check "$compiler x86_64: emitters" emits x86_64 $compiler x86_64 memcpy
    check "$compiler aarch64: emitters" emits aarch64 $compiler aarch64 memcpy
    check "$compiler riscv64: emitters" emits riscv64 $compiler riscv64 memcpy
    check "$compiler riscv32: emitters" emits riscv32 $compiler riscv64 memcpy -DTP_RISCV64_MACHINE
    check "$compiler cortex-m3: emitters" emits cortex-m3 $compiler cortex-m '(__aeabi_)?memcpy[48]?'
    # shellcheck disable=SC2086
    check "$compiler mips: emitters" emits mips $compiler mips32 'memcpy|tp_mips32_preempt' $mips
    # shellcheck disable=SC2086
    check "$compiler mips: an atomic of a library is found" finds "$counts_in_64_bits" \
        'calls __atomic_fetch_add_8' mips $compiler mips32 $mips
    check "$compiler aarch64: a port that divides is found" finds "$divides" divides aarch64 $compiler aarch64
    check "$compiler x86_64: xchg with memory is found" finds "$implied_lock" 'locks by xchg' x86_64 $compiler x86_64
done
for machine in x86_64 aarch64 riscv64; do
    check "$machine: a call through a pointer is found" finds "$through_a_pointer" "$pointer" $machine gcc $machine
done
check "riscv32: a call through a pointer is found" finds "$through_a_pointer" "$pointer" riscv32 gcc riscv64
check "cortex-m3: a call through a pointer is found" finds "$through_a_pointer" "$pointer" cortex-m3 gcc cortex-m
# shellcheck disable=SC2086
check "mips: a call through a pointer is found" finds "$through_a_pointer" "$pointer" mips gcc mips32 $mips
finish
