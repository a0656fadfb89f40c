#!/bin/sh
# SPDX-License-Identifier: MIT
# The core by itself, as a kernel takes it from engine/tp.mk: it links, asks for nothing of the layers
# above it, records, and tpdecode reads it. And what a kernel's build needs of tp.mk.
. "$(dirname "$0")/../../lib/tap.sh"
build=${TP_BUILDDIR:-.}
tpdecode=$(cd "$build" && pwd)/tpdecode
. "$here/decoded.sh"
unset MAKEFLAGS MAKELEVEL

# DIR WHAT: a program of recorder.c and the lists WHAT, with tp.mk's own rules
program()
{
    mkdir -p "$1"
    cp "$here/port.h" "$1/kernel_port.h"
    cat >"$1/Makefile" <<END
TP_BUILD := tp
TP_USED = $2
TP_CFLAGS := -I. -DTP_PORT_HEADER='"kernel_port.h"'
include $srcdir/engine/tp.mk
CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror
recorder: recorder.o \$(TP_OBJECTS)
	\$(CC) \$^ -o \$@
recorder.o: $here/recorder.c
	\$(CC) \$(CFLAGS) \$(TP_CFLAGS) ${3:+-D$3} -c \$< -o \$@
END
    make -s -C "$1" recorder
}

records()
{
    cd "$(mktemp -d "$tmp/alone.XXXXXX")" || exit 1
    program . "$1" "${2:-}" && ./recorder || exit 1
    decoded "${2:-}"
}

# Nothing of what is above is asked for.
asks_for_nothing()
{
    cd "$(mktemp -d "$tmp/asks.XXXXXX")" || exit 1
    # shellcheck disable=SC2046
    gcc -std=gnu11 -O0 -w -fno-pic -ffreestanding -I"$include" "$port" -c "$srcdir"/engine/event/*.c \
        "$srcdir"/engine/core/*.c || exit 1
    ld -r ./*.o -o all || exit 1
    nm -u all | awk '{ print $2 }' |
        grep -Ev '^(memcpy|memset|memcmp|memmove|__st(art|op)_tp_events|tp_port_stub_[a-z]*)$' >more
    [ ! -s more ] || { cat more; exit 1; }
}

# The second make does nothing; after a change of the port's header everything is made again.
follows_port()
{
    cd "$(mktemp -d "$tmp/follows.XXXXXX")" || exit 1
    program . '$(TP_CORE_ALONE)' || exit 1
    before=$(find tp -name "*.o" | wc -l)
    touch stamp
    sleep 1
    make -s recorder
    [ -z "$(find tp -name '*.o' -newer stamp)" ] || { echo "made again for nothing"; exit 1; }
    touch kernel_port.h
    make -s recorder
    [ "$(find tp -name '*.o' -newer stamp | wc -l)" = "$before" ] || { echo "not made again"; exit 1; }
}

# Whoever includes other files after it means the same sources all the same.
fixed_folder()
{
    cd "$(mktemp -d "$tmp/fixed.XXXXXX")" || exit 1
    : >other.mk
    printf 'include %s/engine/tp.mk\ninclude other.mk\nall:\n\t@ls $(TP_SOURCES) >/dev/null\n' "$srcdir" >Makefile
    make -s
    cd "$srcdir" && printf 'include engine/tp.mk\nall:\n\t@ls $(TP_SOURCES) $(TP_DIR)/include/tp/event.h >/dev/null\n' |
        make -s -f -
}

# Files that were compiled for different ports: LINE is in the port of one of them.
does_not_link()
{
    cd "$(mktemp -d "$tmp/ports.XXXXXX")" || exit 1
    program . '$(TP_CORE_ALONE)' || exit 1
    make -s recorder || exit 1
    { echo "$1"; cat "$here/port.h"; } >other_port.h
    gcc -std=gnu11 -O2 -I"$include" '-DTP_PORT_HEADER="other_port.h"' -I. -c "$here/recorder.c" || exit 1
    if make -s recorder >said 2>&1; then echo "it links"; exit 1; fi
    grep -q 'undefined reference.*tp_rings_' said || { cat said; exit 1; }
}

check "ports of different names do not link" does_not_link '#define TP_PORT_NAME other'
check "ports that make records otherwise do not link" does_not_link '#define tp_port_mask() 0
#define tp_port_unmask(was) ((void)(was))'
check "the core alone records" records '$(TP_CORE_ALONE)'
check "the core and names of tasks" records '$(TP_CORE) $(TP_NO_CONTROL) $(TP_TASK)' NAMES
check "with the control layer" records '$(TP_CORE) $(TP_CONTROL)' NAMES
check "with all" records '$(TP_SOURCES)' NAMES
check "the core asks for nothing above it" asks_for_nothing
check "a changed port header makes all again" follows_port
check "tp.mk keeps its folder" fixed_folder
finish
