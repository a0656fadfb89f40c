#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine as one header and one C file, which `make amalgamation` makes: both C files compile without
# a warning and without any header of ours on the path, and a program with them records what tpdecode
# reads.
. "$(dirname "$0")/../../lib/tap.sh"
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
tpdecode=$build/tpdecode
. "$here/decoded.sh"
unset MAKEFLAGS MAKELEVEL

# The files, in a folder of their own.
folder()
{
    cd "$(mktemp -d "$tmp/one.XXXXXX")" || exit 1
    cp "$tmp"/made/* . && cp "$here/port.h" kernel_port.h || exit 1
    warnings="-Wall -Wextra -Werror"
    one="-std=gnu11 $warnings -DTP_PORT_HEADER=\"kernel_port.h\""
}

# COMPILER FILE OPTIONS...: it takes no header but those of the compiler and of the port
compiles()
{
    need "$1"
    folder
    compiler=$1 file=$2
    shift 2
    # shellcheck disable=SC2086
    "$compiler" $one "$@" -ffreestanding -fno-pic -c "$file" || exit 1
    "$compiler" $one "$@" -ffreestanding -M "$file" | tr -s ' \\' '\n\n' | grep -E '(^|/)(include/tp|engine)/' && exit 1
    ! nm -u ./*.o | awk '{ print $2 }' |
        grep -Ev '^(memcpy|memset|memcmp|memmove|__st(art|op)_tp_(events|sites)|tp_fn_(entry|select|select_named)|alone_clock)$' # tp_fn_*: weak
}

# COMPILER FILE: recorder.c with it. The header takes effect at each include.
records()
{
    need "$1"
    folder
    sed 's/<tp\/event.h>/"tracepoint.h"/; /<tp\//d' "$here/recorder.c" >recorder.c
    # shellcheck disable=SC2086
    "$1" $one -O2 -c "$2" && "$1" $one -O2 -DNAMES -include tracepoint.h -c recorder.c &&
        "$1" ./*.o -o recorder && ./recorder || exit 1
    decoded NAMES
}

mkdir "$tmp/made" || exit 99
if make -s -C "$build" amalgamation >"$tmp/log" 2>&1; then
    cp "$build/tracepoint.h" "$build/tracepoint-core.c" "$build/tracepoint.c" "$tmp/made"
else
    sed 's/^/# /' "$tmp/log"
fi

for compiler in gcc clang; do
    for file in tracepoint-core.c tracepoint.c; do
        for level in -O0 -O2 -Os; do
            check "$compiler $level $file" compiles $compiler $file $level
        done
        check "$compiler $file: a program records" records $compiler $file
    done
done
finish
