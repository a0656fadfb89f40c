#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine and the events compile where a kernel has made macros of many names, without any header
# of the compiler's or of libc: -nostdinc, the three headers of engine/port/linux/include, and below
# linux_like/ what they take from Linux.
. "$(dirname "$0")/../../lib/tap.sh"

# COMPILER FOLDER FILES OPTIONS...: the sources are below FOLDER
inside()
{
    compiler=$1 root=$2 files=$3
    shift 3
    need "$compiler"
    cd "$(mktemp -d "$tmp/inside.XXXXXX")" || exit 1
    # shellcheck disable=SC2086
    "$compiler" -std=gnu11 -O2 -nostdinc -Wall -Wextra -Werror -DTP_SHOW_WARNINGS -I"$root/include" \
        -I"$root/engine/port/linux/include" -I"$compile/linux_like" -include taken.h "$port" \
        -DTP_PREFIX=my "$@" -c $files
}

# FILE LINE: planted in a copy of the sources, it is refused
notices()
{
    copy=$(mktemp -d "$tmp/copy.XXXXXX")
    cp -R "$srcdir/include" "$srcdir/engine" "$copy" || exit 1
    echo "$2" >>"$copy/$1"
    case $1 in
    *.c) file=$copy/$1 ;;
    *) file=$compile/create.c ;;
    esac
    ! (inside gcc "$copy" "$file") >"$copy/errors" 2>&1 || { echo "accepted: $2"; exit 1; }
    grep -q "$1" "$copy/errors" || { cat "$copy/errors"; exit 1; }
}

# A word without underscores in an attribute may be somebody's macro.
reserved()
{
    ! (cd "$srcdir" && grep -rnE '__attribute__\(\(([^)]*[(, ])?[a-z]' --include='*.h' --include='*.c' include engine |
        grep -vE '^engine/port/|: \*')
}

all="$engine
$compile/create.c"
for compiler in gcc clang; do
    check "$compiler" inside $compiler "$srcdir" "$all"
    check "$compiler, TP_PATCH" inside $compiler "$srcdir" "$all" -DTP_PATCH -DTP_STUB_PATCH
    check "$compiler, port with the rest, 24 bits" inside $compiler "$srcdir" "$all" -DTP_STUB_BITS=24 -DTP_STUB_LEAF \
        -DTP_STUB_DOORBELL
done
check "attributes are spelled with underscores" reserved
while read -r file line; do
    check "$file: $line is noticed" notices "$file" "$line"
done <<END
engine/event/crc.c #include <string.h>
engine/event/crc.c __attribute__((noinline)) void tp_f(void);
engine/event/crc.c void *memcpy(void *to, const void *from, size_t bytes);
engine/event/crc.c int max(int a, int b);
include/tp/event.h #define TP_ARGS(...) 1
END
finish
