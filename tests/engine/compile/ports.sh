#!/bin/sh
# SPDX-License-Identifier: MIT
# The ports of engine/port: each header and C file compiles without a warning, under the name port.h too, with
# what of the engine reads it most; and on the hot path, emitters of 32 events, nothing is called but a copy of bytes and
# what the port leaves to its kernel, nothing is divided, and no atomic is a function's.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-O2 -Wall -Wextra -Werror"

# TARGET COMPILER PORT [OPTIONS]: compiles events, two files of the engine, and what the port has of C, as "port.h"
compiles()
{
    target "$1" "$2"
    folder=$srcdir/engine/port/$3
    shift 3
    out=$(mktemp -d "$tmp/objects.XXXXXX")
    cd "$out" || return 1
    # As a kernel names it, from its own folder.
    # shellcheck disable=SC2086
    $cc $warnings "$@" -I"$folder" -DTP_PORT_HEADER='"port.h"' -c "$compile/create.c" \
        "$srcdir/engine/core/ring.c" "$srcdir/engine/core/trace.c" || return 1
    for file in "$folder"/*.c; do
        # shellcheck disable=SC2086
        [ ! -e "$file" ] || $cc $warnings "$@" -I"$folder" -DTP_PORT_HEADER='"port.h"' -c "$file" || return 1
    done
}

# TARGET COMPILER PORT CALLED [OPTIONS]: CALLED matches what may be called
emits()
{
    case $1 in
    x86_64) dump=objdump ;;
    cortex-*) dump=arm-none-eabi-objdump ;;
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
        /^[0-9a-f]+ <.*>:$/ { name = $2; emitter = name ~ /^<tp_emit_many_/; found += emitter }
        !emitter { next }
        /R_[A-Z0-9_]*(CALL|PLT32|JUMP)/ {
            what = $NF
            sub(/[-+]0x[0-9a-f]+$/, "", what)
            # What is rare is the engine'"'"'s, and a jump at the end.
            if (what !~ called && what !~ /^(tp_|\.text|many_)/) { print name " calls " what; bad = 1 }
        }
        /\t(u|s)?div/ || /\t(rem|idiv)/ { print name " divides: " $0; bad = 1 }
        /\tlock / { print name " has a lock prefix: " $0; bad = 1 }
        END { if (found < 32) { print "only " found + 0 " emitters"; bad = 1 } exit bad }' "$code"
}

finds() # TARGET COMPILER PORT: a port that divides, and one whose pin is a function of a library
{
    mkdir -p "$tmp/planted/engine/port/bad"
    mkdir -p "$tmp/planted/tests/guard"
    cp "$srcdir/tests/guard/many.c" "$tmp/planted/tests/guard"
    sed 's|return count;|return count / (*tp_aarch64_word(64) + 1u);|' "$srcdir/engine/port/$3/port.h" >"$tmp/planted/engine/port/bad/port.h"
    cmp -s "$srcdir/engine/port/$3/port.h" "$tmp/planted/engine/port/bad/port.h" && { echo "nothing planted"; exit 1; }
    srcdir=$tmp/planted
    found=$(emits "$1" "$2" bad memcpy) && { echo "nothing found"; exit 1; }
    echo "$found" | grep -q divides
}

for compiler in gcc clang; do
    for one in "x86_64 x86_64 -mno-red-zone" "aarch64 aarch64 -mgeneral-regs-only" \
        "aarch64 aarch64 -DTP_AARCH64_ECV" "riscv64 riscv64" "riscv64 riscv64 -DTP_RISCV64_MACHINE" \
        "riscv64 riscv64 -DTP_RISCV64_CYCLES" "riscv64 riscv64 -DTP_RISCV64_MACHINE -DTP_RISCV64_CYCLES" \
        "cortex-m3 cortex-m" "cortex-m0 cortex-m" "x86_64 template"; do
        # clang takes the plain loads and stores of a word for large atomics there.
        [ "$compiler $one" != "clang cortex-m0 cortex-m" ] || one="$one -Wno-atomic-alignment"
        # shellcheck disable=SC2086
        set -- $one
        machine=$1 folder=$2
        shift 2
        check "$compiler $machine: $folder $*" compiles "$machine" $compiler "$folder" "$@"
    done
    check "$compiler x86_64: emitters" emits x86_64 $compiler x86_64 memcpy
    check "$compiler aarch64: emitters" emits aarch64 $compiler aarch64 memcpy
    check "$compiler riscv64: emitters" emits riscv64 $compiler riscv64 memcpy
    check "$compiler cortex-m3: emitters" emits cortex-m3 $compiler cortex-m '(__aeabi_)?memcpy[48]?'
    check "$compiler aarch64: a port that divides is found" finds aarch64 $compiler aarch64
done
finish
