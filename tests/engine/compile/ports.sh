#!/bin/sh
# SPDX-License-Identifier: MIT
# The ports of engine/port: each header and C file compiles without a warning, under the name port.h too, with
# what of the engine reads it most. tests/guard/emitters.sh looks at what becomes of them.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-O2 -Wall -Wextra -Werror"
mips="-march=mips32r2 -mno-abicalls -fno-pic -G0"

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

for compiler in gcc clang; do
    for one in "x86_64 x86_64 -mno-red-zone" "aarch64 aarch64 -mgeneral-regs-only" \
        "aarch64 aarch64 -DTP_AARCH64_ECV" "riscv64 riscv64" "riscv64 riscv64 -DTP_RISCV64_MACHINE" \
        "riscv64 riscv64 -DTP_RISCV64_CYCLES" "riscv64 riscv64 -DTP_RISCV64_MACHINE -DTP_RISCV64_CYCLES" \
        "riscv32 riscv64" "riscv32 riscv64 -DTP_RISCV64_MACHINE" "riscv32 riscv64 -DTP_RISCV64_MACHINE -DTP_RISCV64_CYCLES" \
        "cortex-m3 cortex-m" "cortex-m0 cortex-m" "mips mips32 $mips" "x86_64 template"; do
        # clang takes the plain loads and stores of a word for large atomics there.
        [ "$compiler $one" != "clang cortex-m0 cortex-m" ] || one="$one -Wno-atomic-alignment"
        # shellcheck disable=SC2086
        set -- $one
        machine=$1 folder=$2
        shift 2
        check "$compiler $machine: $folder $*" compiles "$machine" $compiler "$folder" "$@"
    done
done
check "gcc riscv32: riscv64, no extension A" compiles riscv32 gcc riscv64 -march=rv32imc_zicsr
check "clang riscv32: riscv64, no extension A" compiles riscv32 clang riscv64 -march=rv32imc -Wno-atomic-alignment
finish
