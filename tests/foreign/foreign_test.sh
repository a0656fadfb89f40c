#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine runs on other machines (qemu-user) and tpdecode here reads what it wrote: 32 and 64
# bits, both byte orders, with and without char being signed.
. "$(dirname "$0")/../compile/lib.sh"
build=${TP_BUILDDIR:-.}

runs() { # TARGET QEMU BYTES_OF_THE_ORDER_MARK WORD_BYTES
    need "$1-linux-gnu-gcc" "qemu-$2-static"
    d=$(mktemp -d "$tmp/$1.XXXXXX")
    # shellcheck disable=SC2086
    "$1-linux-gnu-gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -static -D_GNU_SOURCE -I"$include" \
        "-DTP_PORT_HEADER=\"$srcdir/engine/port/hosted/port.h\"" "$here/producer.c" $engine \
        "$srcdir/engine/port/hosted/hosted.c" -o "$d/producer" || return 1
    "qemu-$2-static" "$d/producer" >"$d/dump" 2>"$d/expected" || { cat "$d/expected"; return 1; }
    # Byte order mark and pointer size, as doc/format.md section 4 says.
    [ "$(od -An -tx1 -j4 -N2 "$d/dump" | tr -d ' ')" = "$3" ] &&
        [ "$(od -An -tu1 -j9 -N1 "$d/dump" | tr -d ' ')" = "$4" ] || { echo "not a $1 dump"; return 1; }
    "$build/tpdecode" "$d/dump" >"$d/lines" 2>"$d/books" || { cat "$d/books"; return 1; }
    echo "$(wc -l <"$d/expected") records, 0 lost" | diff - "$d/books" || return 1
    # Signals come between any two events, so the order is not known, only who fired.
    grep -v '^         foreign-4711    \[000\] \.\.h2\. ' "$d/lines" && return 1
    sed 's/^[^:]*: //' "$d/lines" | sort >"$d/got"
    sort "$d/expected" | diff - "$d/got" | head -n 10 >"$d/diff"
    cat "$d/diff"
    [ ! -s "$d/diff" ]
}

check "32 bits, little-endian: i686" runs i686 i386 0201 4
check "64 bits, little-endian: aarch64" runs aarch64 aarch64 0201 8
check "64 bits, little-endian: riscv64" runs riscv64 riscv64 0201 8
check "64 bits, big-endian: s390x" runs s390x s390x 0102 8
finish
