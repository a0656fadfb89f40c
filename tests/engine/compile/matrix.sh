#!/bin/sh
# SPDX-License-Identifier: MIT
# Every shape of event and the whole engine, by both compilers, for every target and with the options
# that kernels use: without a warning, and asking a kernel for nothing but what it must have. That are
# four functions of memory, the sections, and the port; no helper of the compiler (64-bit division,
# atomics, floating point). Nothing is defined that does not begin with tp_. The engine is one file, as
# `make amalgamation` makes it, but for one run file by file. TP_LONG=1: each target with all levels,
# file by file.
. "$(dirname "$0")/../../lib/tap.sh"
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
(unset MAKEFLAGS MAKELEVEL && make -s -C "$build" tracepoint.h tracepoint.c) >&2 || exit 99

warnings="-Wall -Wextra -Werror"
rest="-DTP_STUB_LEAF -DTP_STUB_DOORBELL -DTP_STUB_PATCH"
events="$compile/create.c
$compile/fire.c"

# tp_fn_*: weak, of engine/option/site.c.
allowed='^(memcpy|memset|memmove|memcmp|__st(art|op)_tp_(events|sites)|tp_port_stub_[a-z]*|tp_fn_(entry|select|select_named))$'
# The ARM ABI's names for the same, which clang uses on bare metal.
allowed_arm='^__aeabi_(memcpy|memmove|memset|memclr)[48]?$'
# ARMv6-M multiplies and shifts 32 bits and has no jump table: that is libgcc's, and needs nothing else.
allowed_m0='^(__aeabi_(lmul|llsl|llsr)|__gnu_thumb1_case_[us][qhs]i)$'
# gcc -Os shifts 64 bits by libgcc's on MIPS and on RISC-V of 32 bits, which needs nothing else.
allowed_shifts='^__(ashl|lshr)di3$'
# fire.c stands for a kernel, which has functions of its own.
own='^(fire_[a-z_]*|test_[a-z_]*)$'

# TARGET: sets $binutils to the prefix of nm and ld, $emulation to what ld has to know besides
binutils()
{
    emulation=
    case $1 in
    x86_64) binutils= ;;
    cortex-*) binutils=arm-none-eabi- ;;
    riscv32) binutils=riscv64-linux-gnu- emulation="-m elf32lriscv" ;;
    *) binutils=$1-linux-gnu- ;;
    esac
    need "${binutils}ld" "${binutils}nm"
}

# Of the objects here: what is undefined and not allowed, what is defined and has a foreign name.
names()
{
    binutils "$target"
    extra='^$'
    case $compiler-$target in
    clang-cortex-m3) extra=$allowed_arm ;;
    *-cortex-m0) extra=$allowed_m0 ;;
    gcc-mips | gcc-riscv32) extra=$allowed_shifts ;;
    esac
    # shellcheck disable=SC2086
    "${binutils}ld" $emulation -r ./*.o -o all || return 1
    "${binutils}nm" -u all | awk '{ print $NF }' | grep -Ev "$allowed" | grep -Ev "$extra" >undefined
    "${binutils}nm" -g --defined-only all | awk '{ print $NF }' | grep -v '^tp_' | grep -Ev "$own" >foreign
    sed 's/^/asked of the kernel: /' undefined
    sed 's/^/defined and not of tp_: /' foreign
    [ ! -s undefined ] && [ ! -s foreign ]
}

# With -flto nothing but the parser has run before.
link()
{
    case $compiler-$target in
    gcc-*) $cc -O2 -flto -r -nostdlib -flinker-output=nolto-rel ./*.o -o all ;;
    clang-x86_64 | clang-i686 | clang-aarch64) need ld.lld; ld.lld -r ./*.o -o all ;;
    esac
}

# COMPILER TARGET SOURCES OPTIONS...
compiles()
{
    compiler=$1 target=$2 files=$3
    shift 3
    target "$target" "$compiler"
    dir=$(mktemp -d "$tmp/build.XXXXXX")
    cd "$dir" || exit 1
    # shellcheck disable=SC2086
    $cc $warnings "$port" "$@" -c $files || exit 1
    case " $* " in
    *" -flto "*) link || exit 1 ;;
    *" -fno-pic "*) names || exit 1 ;;
    esac
    cd / && rm -rf "$dir"
}

build()
{
    compiler=$1 target=$2
    shift 2
    all=$build/tracepoint.c
    case "$target $*" in
    "x86_64 -O2 -fno-pic") all=$engine ;;
    esac
    [ -z "${TP_LONG:-}" ] || all=$engine
    compiles "$compiler" "$target" "$events
$all" "$@"
}

# COMPILER TARGET WORD TEXT OPTIONS...: a file with that TEXT, in C, is found wrong, and WORD named
notices()
{
    compiler=$1 target=$2 word=$3
    dir=$(mktemp -d "$tmp/planted.XXXXXX")
    echo "$4" >"$dir/planted.c"
    shift 4
    found=$(compiles "$compiler" "$target" "$dir/planted.c" -O2 -fno-pic "$@" 2>&1)
    status=$?
    case $found in
    *needs*install*) echo "$found"; exit 77 ;;
    *"$word"*) [ $status != 0 ] && exit 0 ;;
    esac
    echo "not found: $word in: $found"
    exit 1
}

for target in x86_64 i686 cortex-m3 aarch64 riscv64 riscv32 s390x mips; do
    case $target in
    x86_64) options="-O0 -O2 -Os -flto -fPIC" ;;
    i686 | cortex-m3 | riscv32) options="-O0 -O2 -Os" ;; # where a compiler may want helpers
    *) options="-O0 -O2" ;;
    esac
    [ -z "${TP_LONG:-}" ] || options="-O0 -O2 -Os -flto -fPIC"
    for compiler in gcc clang; do
        for option in $options; do
            case $target-$option in
            mips--O*) option="$option -march=mips32r2 -mno-abicalls -G0 -fno-pic" ;;
            *-O*) option="$option -fno-pic" ;;
            *) option="-O2 $option" ;;
            esac
            # shellcheck disable=SC2086
            check "$compiler $target $option" build $compiler $target $option
        done
    done
done
for compiler in gcc clang; do
    check "$compiler x86_64 -O2 as a kernel" \
        build $compiler x86_64 -O2 -mcmodel=kernel -fno-pic -mno-red-zone -mno-sse
    # What a port may have besides.
    check "$compiler x86_64, port with the rest, 24 bits" build $compiler x86_64 -O2 -Wconversion $rest -DTP_STUB_BITS=24
    check "$compiler cortex-m3, port with the rest, 32 bits" build $compiler cortex-m3 -O2 -Wconversion $rest -DTP_STUB_BITS=32
    check "$compiler i686, port with tp_port_mask" build $compiler i686 -O2 -Wconversion -DTP_STUB_MASK
    # A compiler that takes the kernel for a program of libc knows more functions to call.
    for level in -O2 -Os -O3; do
        check "$compiler x86_64 $level, hosted" build $compiler x86_64 $level -fno-pic -fhosted
    done
done
check "gcc aarch64 -O2, hosted" build gcc aarch64 -O2 -fno-pic -fhosted

# Nobody has atomics of 64 bits here; on the second, none of 32 either. clang has no atomic load for
# the second, and would call a library.
check "gcc powerpc -O2" build gcc powerpc -O2 -fno-pic
for level in -O0 -O2 -Os; do
    check "gcc cortex-m0 $level, masking" build gcc cortex-m0 $level -fno-pic
done
check "gcc cortex-m0, port with the rest, 16 bits" build gcc cortex-m0 -Os -Wconversion $rest -DTP_STUB_BITS=16
check "gcc cortex-m0, port with the rest, 24 bits" build gcc cortex-m0 -O2 -fno-pic $rest -DTP_STUB_BITS=24

for compiler in gcc clang; do
    case $compiler in
    gcc) call=strlen planted='unsigned long tp_f(const char *);
        unsigned long tp_f(const char *s) { unsigned long n = 0; while (s[n]) n++; return n; }' ;;
    clang) call=bcmp planted='int memcmp(const void *, const void *, unsigned long);
        int tp_f(const void *a, const void *b, unsigned long n) { return !memcmp(a, b, n); }' ;;
    esac
    check "$compiler: a call of libc is noticed" notices $compiler x86_64 strlen \
        '#include <stddef.h>
        size_t strlen(const char *); size_t tp_f(const char *s) { return strlen(s); }'
    check "$compiler: a loop that becomes a call is noticed" notices $compiler x86_64 $call "$planted" -fhosted
    check "$compiler: a foreign name is noticed" notices $compiler x86_64 helper 'int helper(void) { return 0; }'
    check "$compiler: a division of 64 bits is noticed" notices $compiler i686 __udivdi3 \
        'unsigned long long tp_f(unsigned long long a, unsigned long long b) { return a / b; }'
    check "$compiler: an atomic of 64 bits is noticed" notices $compiler cortex-m3 atomic \
        'unsigned long long tp_f(unsigned long long *a) { return __atomic_fetch_add(a, 1, 0); }'
    check "$compiler: floating point is noticed" notices $compiler cortex-m3 __aeabi_ \
        'unsigned tp_f(unsigned a) { return a * 1.5; }'
    check "$compiler: a warning is noticed" notices $compiler x86_64 unused 'static int tp_f(void) { return 0; }'
done
finish
