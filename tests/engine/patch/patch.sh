#!/bin/sh
# SPDX-License-Identifier: MIT
# TP_PATCH: the bytes of jumps, against hand-written ones and against the assemblers; then a program
# that patches itself, by each compiler, for each of the three processors, with the options of kernels.
. "$(dirname "$0")/../../lib/tap.sh"

patch=$srcdir/tests/engine/patch
warnings="-Wall -Wextra -Werror"
patch_port="-DTP_PORT_HEADER=\"$patch/port.h\""
hosted=$srcdir/engine/port/hosted/hosted.c
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
engine=$build/tracepoint.c # in one file, which compiles in half the time
(unset MAKEFLAGS MAKELEVEL && make -s -C "$build" tracepoint.h tracepoint.c) >&2 || exit 99

by_hand()
{
    gcc -std=gnu11 $warnings "$patch/encode.c" -o "$tmp/encode.hand" && "$tmp/encode.hand"
}

# ARCH: what is assembled, far jumps without their targets, is what we encode
assembled()
{
    prefix=$1-linux-gnu-
    [ "$1" != x86_64 ] || prefix=
    need "${prefix}as" "${prefix}objcopy"
    cd "$(mktemp -d "$tmp/as.XXXXXX")" || exit 1
    gcc -std=gnu11 "$patch/encode.c" -o encode && ./encode "$1" >list || exit 1
    [ "$(wc -l <list)" = 21 ] || exit 1
    while IFS='	' read -r text bytes; do
        echo "$text" | "${prefix}as" -o jump.o - && "${prefix}objcopy" -O binary -j .text jump.o jump || exit 1
        echo "$text: $bytes"
        [ "$bytes" = "$(od -An -tx1 jump | tr -d ' \n')" ] || { od -An -tx1 jump; exit 1; }
    done <list
}

# COMPILER ARCH: sets $cc, $cxx and, for another processor, $qemu
tools()
{
    qemu=
    case $2 in
    x86_64) cc=$1 ;;
    *) qemu="qemu-$2-static"; need "$qemu" "$2-linux-gnu-gcc" ;;
    esac
    case $1-$2 in
    gcc-x86_64) ;;
    gcc-*) cc="$2-linux-gnu-gcc" ;;
    clang-riscv64) cc="clang --target=riscv64-linux-gnu -march=rv64gc -mabi=lp64d" ;;
    clang-aarch64) cc="clang --target=aarch64-linux-gnu" ;;
    esac
    need "${cc%% *}"
}

# COMPILER ARCH LINKER "OPTIONS"...: with each of these it is built, and does what it should. The engine
# is compiled once, unless it is to be optimized together with the program.
runs()
{
    compiler=$1 arch=$2 linker=$3
    shift 3
    tools "$compiler" "$arch"
    [ "$linker" != lld ] || need ld.lld
    cd "$(mktemp -d "$tmp/run.XXXXXX")" || exit 1
    base="-std=gnu11 -DTP_PATCH -I$include $warnings -ffunction-sections -fdata-sections"
    mkdir engine
    case $* in
    *-flto*) (cd engine && $cc $base "$patch_port" $1 -c $engine "$hosted") || exit 1 ;;
    *) (cd engine && $cc $base "$patch_port" -O2 -fPIC -c $engine "$hosted") || exit 1 ;;
    esac
    for options; do
        echo "with $options"
        $cc $base "$patch_port" $options -c "$patch/live.c" "$patch/fire.c" || exit 1
        case $arch-$options in # qemu has no libraries of its
        [!x]*-*" -fPI"*) options="$options -static" ;;
        [!x]*) options="$options -static -no-pie" ;;
        *" -fPI"*) options="$options -pie" ;;
        *) options="$options -no-pie" ;;
        esac
        $cc $options -fuse-ld=$linker -Wl,--gc-sections ./*.o engine/*.o -o live -lpthread &&
            $qemu ./live || exit 1
    done
}

# What cannot run here, as a kernel: it compiles and links.
kernel()
{
    need "$1"
    cd "$(mktemp -d "$tmp/kernel.XXXXXX")" || exit 1
    # shellcheck disable=SC2086
    "$1" -std=gnu11 -DTP_PATCH -I"$include" "$patch_port" $warnings -O2 -mcmodel=kernel -fno-pic -mno-red-zone \
        -ffreestanding -c "$compile/create.c" "$compile/fire.c" $engine || exit 1
    nm -u ./*.o | grep -q __start_tp_sites && ld -r ./*.o -o all && readelf -SW all | grep -q ' tp_sites .* AR '
}

# CC CXX STANDARD: templates whose code a linker keeps once
plusplus()
{
    need "$1" "$2"
    cd "$(mktemp -d "$tmp/cxx.XXXXXX")" || exit 1
    mkdir engine
    # shellcheck disable=SC2086
    (cd engine && "$1" -std=gnu11 -DTP_PATCH -I"$include" "$patch_port" -O1 -c $engine "$hosted") || exit 1
    for level in -O0 -O2; do
        "$1" -std=gnu11 -DTP_PATCH -I"$include" "$patch_port" $level -c "$patch/live.c" &&
            "$2" -std=$3 -DTP_PATCH -I"$include" $warnings $level -c "$patch/fire.cc" &&
            "$2" -std=$3 -DTP_PATCH -DANOTHER -I"$include" $warnings $level -c "$patch/fire.cc" -o another.o &&
            "$2" ./*.o engine/*.o -o live -lpthread && ./live || exit 1
    done
}

# Without the flag that keeps it, lld throws the section away.
notices()
{
    need ld.lld
    include=$tmp/include.patch
    mkdir "$include" && cp -R "$srcdir/include/tp" "$include/" || exit 1
    sed 's/aR?/a?/' "$srcdir/include/tp/inner/patch.h" >"$include/tp/inner/patch.h"
    cmp -s "$srcdir/include/tp/inner/patch.h" "$include/tp/inner/patch.h" && echo "tp/inner/patch.h has no such flag" && exit 1
    (runs clang x86_64 lld "-O2 -fPIE") >"$tmp/notices.out" 2>&1 && echo "nothing was dropped" && exit 1
    grep -q 'undefined .*__start_tp_sites' "$tmp/notices.out" || { cat "$tmp/notices.out"; exit 1; }
}

# One thread fires, another switches.
switches()
{
    need "$1"
    cd "$(mktemp -d "$tmp/threads.XXXXXX")" || exit 1
    # shellcheck disable=SC2086
    "$1" -std=gnu11 -O2 -DTP_PATCH -I"$include" "$patch_port" "$patch/live.c" "$patch/fire.c" $engine "$hosted" \
        -o live -lpthread && ./live "$2"
}

check "jumps, by hand" by_hand
for arch in x86_64 aarch64 riscv64; do
    check "jumps of the assembler: $arch" assembled $arch
done
for compiler in gcc clang; do
    for arch in x86_64 aarch64 riscv64; do
        check "$compiler $arch" runs $compiler $arch bfd "-O0 -fPIE" "-O2 -fno-pie" "-Os -fno-pie" "-O2 -fPIC"
    done
    check "$compiler x86_64 lld" runs $compiler x86_64 lld "-O2 -fPIE"
    check "$compiler x86_64 as a kernel" kernel $compiler
done
check "gcc x86_64 -flto" runs gcc x86_64 bfd "-O2 -fno-pie -flto"
check "gcc x86_64 -flto, partitions" runs gcc x86_64 bfd "-O2 -fno-pie -flto -flto-partition=max"
check "clang x86_64 -flto" runs clang x86_64 lld "-O2 -fPIE -flto"
check "clang x86_64 -flto=thin" runs clang x86_64 lld "-O2 -fPIE -flto=thin"
check "clang aarch64 lld" runs clang aarch64 lld -O2
for standard in gnu++11 gnu++20; do
    check "g++ $standard" plusplus gcc g++ $standard
    check "clang++ $standard" plusplus clang clang++ $standard
done
check "a section that is dropped is noticed" notices
check "gcc: 100000 switches while another thread fires" switches gcc 100000
finish
