#!/bin/sh
# SPDX-License-Identifier: MIT
# Every shape of event and the whole engine compile without a warning, by both
# compilers, for every target and with the options that kernels use.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-Wall -Wextra -Werror"
rest="-DTP_STUB_LEAF -DTP_STUB_DOORBELL -DTP_STUB_PATCH"

# COMPILER TARGET OPTIONS...
build()
{
    compiler=$1 target=$2
    shift 2
    target "$target" "$compiler"
    dir=$(mktemp -d "$tmp/build.XXXXXX")
    cd "$dir" || exit 1
    # shellcheck disable=SC2086
    $cc $warnings "$port" "$@" -c "$compile/create.c" "$compile/fire.c" $engine || exit 1
    case " $* " in
    *" -flto "*) link || exit 1 ;;
    esac
    cd / && rm -rf "$dir"
}

# Without it nothing but the parser has run.
link()
{
    case $compiler-$target in
    gcc-*) $cc -O2 -flto -r -nostdlib -flinker-output=nolto-rel ./*.o -o all ;;
    clang-x86_64 | clang-i686 | clang-aarch64) need ld.lld; ld.lld -r ./*.o -o all ;;
    esac
}

for target in x86_64 i686 aarch64 riscv64 cortex-m3 s390x mips; do
    for compiler in gcc clang; do
        [ $compiler-$target != gcc-mips ] || continue
        for options in -O0 -O2 -Os "-O2 -flto" "-O2 -fPIC"; do
            # shellcheck disable=SC2086
            check "$compiler $target $options" build $compiler $target $options
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
done
check "gcc powerpc -O2" build gcc powerpc -O2
# No compare-and-swap. clang has no atomic load for it either, and would call a library.
check "gcc cortex-m0 -O0" build gcc cortex-m0 -O0
check "gcc cortex-m0, port with the rest, 16 bits" build gcc cortex-m0 -Os -Wconversion $rest -DTP_STUB_BITS=16
finish
