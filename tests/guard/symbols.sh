#!/bin/sh
# SPDX-License-Identifier: MIT
# What the engine asks of a kernel, told by the linker: four functions of memory,
# its sections, and the port. No helper of the compiler (64-bit division, atomics,
# floating point), and nothing defined that does not begin with tp_.
. "$(dirname "$0")/../lib/tap.sh"

allowed='^(memcpy|memset|memmove|memcmp|__st(art|op)_tp_(events|sites)|tp_port_stub_[a-z]*)$'
# The ARM ABI's names for the same, which clang uses on bare metal.
allowed_arm='^__aeabi_(memcpy|memmove|memset|memclr)[48]?$'
# ARMv6-M multiplies and shifts 32 bits and has no jump table: that is libgcc's, and needs nothing else.
allowed_m0='^(__aeabi_(lmul|llsl|llsr)|__gnu_thumb1_case_[us][qhs]i)$'

# TARGET: sets $binutils to the prefix of nm and ld
binutils()
{
    case $1 in
    x86_64) binutils= ;;
    cortex-*) binutils=arm-none-eabi- ;;
    *) binutils=$1-linux-gnu- ;;
    esac
    need "${binutils}ld" "${binutils}nm"
}

# COMPILER TARGET SOURCES OPTIONS...: what is undefined and not allowed, what is
# defined and has a foreign name
symbols()
{
    compiler=$1 target=$2 sources=$3
    shift 3
    target "$target" "$compiler"
    binutils "$target"
    extra='^$'
    case $compiler-$target in
    clang-cortex-m3) extra=$allowed_arm ;;
    *-cortex-m0) extra=$allowed_m0 ;;
    esac
    cd "$(mktemp -d "$tmp/symbols.XXXXXX")" || exit 1
    # shellcheck disable=SC2086
    $cc -w -fno-pic "$port" "$@" -c $sources || exit 1
    "${binutils}ld" -r ./*.o -o all || exit 1
    "${binutils}nm" -u all | awk '{ print $NF }' | grep -Ev "$allowed" | grep -Ev "$extra" >undefined
    "${binutils}nm" -g --defined-only all | awk '{ print $NF }' | grep -v '^tp_' >foreign
    sed 's/^/asked of the kernel: /' undefined
    sed 's/^/defined and not of tp_: /' foreign
    [ ! -s undefined ] && [ ! -s foreign ]
}

# COMPILER TARGET WORD TEXT OPTIONS...: a file with that TEXT, in C, is found wrong, and WORD named
notices()
{
    compiler=$1 target=$2 word=$3
    dir=$(mktemp -d "$tmp/planted.XXXXXX")
    echo "$4" >"$dir/planted.c"
    shift 4
    found=$(symbols "$compiler" "$target" "$dir/planted.c" -O2 "$@")
    status=$?
    case $found in
    *needs*install*) echo "$found"; exit 77 ;;
    *"$word"*) [ $status != 0 ] && exit 0 ;;
    esac
    echo "not found: $word in: $found"
    exit 1
}

for target in i686 cortex-m3 x86_64 aarch64 riscv64; do
    case $target in
    i686 | cortex-m3) levels="-O0 -O2 -Os" ;; # where a compiler may want helpers
    *) levels=-O2 ;;
    esac
    for compiler in gcc clang; do
        for level in $levels; do
            check "$compiler $target $level" symbols $compiler $target "$engine $compile/create.c" $level
        done
    done
done

# A compiler that takes the kernel for a program of libc knows more functions to call.
for compiler in gcc clang; do
    for level in -O2 -Os -O3; do
        check "$compiler x86_64 $level, hosted" symbols $compiler x86_64 "$engine $compile/create.c" $level -fhosted
    done
done
check "gcc aarch64 -O2, hosted" symbols gcc aarch64 "$engine $compile/create.c" -O2 -fhosted

# Nobody has atomics of 64 bits here; on the second, none of 32 either.
check "gcc powerpc -O2" symbols gcc powerpc "$engine $compile/create.c" -O2
for level in -O0 -O2 -Os; do
    check "gcc cortex-m0 $level, masking" symbols gcc cortex-m0 "$engine $compile/create.c" $level
done
check "gcc cortex-m0, port with the rest" symbols gcc cortex-m0 "$engine $compile/create.c" -O2 \
    -DTP_STUB_LEAF -DTP_STUB_DOORBELL -DTP_STUB_PATCH -DTP_STUB_BITS=24

for compiler in gcc clang; do
    case $compiler in
    gcc) call=strlen planted='unsigned long tp_f(const char *s)
        { unsigned long n = 0; while (s[n]) n++; return n; }' ;;
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
    check "$compiler: an atomic of 64 bits is noticed" notices $compiler cortex-m3 __atomic_fetch_add_8 \
        'unsigned long long tp_f(unsigned long long *a) { return __atomic_fetch_add(a, 1, 0); }'
    check "$compiler: floating point is noticed" notices $compiler cortex-m3 __aeabi_ \
        'unsigned tp_f(unsigned a) { return a * 1.5; }'
done
finish
