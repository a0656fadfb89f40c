#!/bin/sh
# SPDX-License-Identifier: MIT
# The ways to build: in another folder, without the decoder, for another machine; and what is
# installed, used by a program that knows only that.
. "$(dirname "$0")/builds.sh"
version=$(sed -n 's/^#define TP_VERSION "\(.*\)"$/\1/p' "$src/include/tp/version.h")

build() { # FOLDER OPTION...
    folder=$1
    shift
    configured "$folder" --prefix=/usr "$@"
}

# What the first configure has found out, but of libcbor, in the file `cache`.
known() {
    sed '/ac_cv_env_/d; /cbor/d' "$tmp/cache" >cache
}

installed() {
    cd "$tmp/plain"
    make -s install DESTDIR="$tmp/root" 2>&1
    (cd "$tmp/root/usr" && find . -type f | sort) >"$tmp/all"
    grep -v /vectors/ "$tmp/all" >"$tmp/files"
    # Each test vector, as bytes and what a reader makes of them.
    for hex in "$src"/tests/golden/*.hex "$src"/tests/conformance/vectors/*.hex; do
        printf './share/doc/tracepoint/vectors/%s\n' "$(basename "$hex" .hex).json" "$(basename "$hex" .hex).tp"
    done | sort >"$tmp/expected"
    grep /vectors/ "$tmp/all" | diff "$tmp/expected" -
    printf './%s\n' bin/tpdecode include/tp/control.h include/tp/event.h include/tp/filter.h include/tp/fn.h \
        include/tp/inner/arch.h include/tp/inner/check.h include/tp/inner/clock.h include/tp/inner/create.h \
        include/tp/inner/declare.h include/tp/inner/fields.h include/tp/inner/given.h include/tp/inner/memory.h \
        include/tp/inner/patch.h include/tp/inner/printk.h include/tp/inner/ring.h include/tp/knobs.h include/tp/linux.h include/tp/module.h \
        include/tp/port.h include/tp/port/hosted/port.h \
        include/tp/port/linux/stdbool.h include/tp/port/linux/stddef.h include/tp/port/linux/stdint.h \
        include/tp/trace.h include/tp/tree.h include/tp/version.h include/tp/wire.h \
        include/tpdecode.h \
        lib/libtpdecode.a "lib/libtpdecode.so.$version" lib/libtracepoint.a lib/pkgconfig/libtpdecode.pc \
        share/bash-completion/completions/tpdecode share/fish/vendor_completions.d/tpdecode.fish \
        share/zsh/site-functions/_tpdecode \
        share/doc/tracepoint/examples/read_dump.c share/doc/tracepoint/examples/usage.c \
        share/man/man1/tpdecode.1 share/man/man3/tp_dump.3 share/man/man3/tracepoint.3 \
        share/man/man5/tp-format.5 share/tracepoint/tracepoint-gdb.py >"$tmp/unsorted"
    (cd "$src/doc" && printf './share/doc/tracepoint/%s\n' *.md) | sort - "$tmp/unsorted" >"$tmp/expected"
    diff "$tmp/expected" "$tmp/files"
    [ "$(readlink "$tmp/root/usr/lib/libtpdecode.so")" ]
}

use() {
    cd "$tmp"
    ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -I"$tmp/root/usr/include" \
        "-DTP_PORT_HEADER=<tp/port/hosted/port.h>" "$src/doc/examples/usage.c" \
        -L"$tmp/root/usr/lib" -ltracepoint -o usage
    ./usage 2>/dev/null | "$tmp/root/usr/bin/tpdecode" >lines
    [ "$(wc -l <lines)" = 6 ]
}

engine_only() {
    build engine --disable-decoder --cache-file="$tmp/cache"
    [ -e libtracepoint.a ]
    [ ! -e tpdecode ]
    [ ! -e libtpdecode.a ]
    [ ! -e "libtpdecode.so.$version" ]
    make -s install DESTDIR="$tmp/engine_root" 2>&1
    [ -e "$tmp/engine_root/usr/include/tp/trace.h" ]
    [ ! -e "$tmp/engine_root/usr/include/tpdecode.h" ]
    [ ! -e "$tmp/engine_root/usr/lib/pkgconfig" ]
}

arm64() {
    build arm64 --host=aarch64-linux-gnu
    aarch64-linux-gnu-objdump -f libtracepoint.a | grep -q 'file format elf64-littleaarch64'
}

# The list a kernel includes names each source of the engine, once.
list() {
    printf 'include %s/engine/tp.mk\nall:\n\t@printf "%%s\\n" $(TP_SOURCES) $(TP_FUNCTION)\n' "$src" >"$tmp/list.mk"
    make -s -f "$tmp/list.mk" | sort >"$tmp/listed"
    ls "$src"/engine/[!p]*/*.c | grep -v /no | sort | diff - "$tmp/listed"
}

completion() { # in a folder that was asked for, then nowhere
    mkdir "$tmp/complete"
    cd "$tmp/complete"
    for where in /else ''; do
        known
        ../src/configure --quiet --cache-file=cache bashcompdir=$where zshcompdir=$where fishcompdir=$where
        make -s install-dist_bashcompDATA install-dist_zshcompDATA install-dist_fishcompDATA \
            DESTDIR="$tmp/complete/root"
    done
    (cd root && find . -type f | sort) | tr '\n' ' ' | grep -qx './else/_tpdecode ./else/tpdecode ./else/tpdecode.fish '
}

static_only() {
    mkdir "$tmp/static"
    cd "$tmp/static"
    known
    ../src/configure --quiet --cache-file=cache --disable-shared CFLAGS=-O0
    grep -q '^Libs: .*-ltpdecode .*-lcbor' libtpdecode.pc
    make -s -j2 libtpdecode.a
    make -n install | grep libtpdecode.so && return 1
    :
}

names_package() {
    mkdir "$tmp/none"
    cd "$tmp/none"
    known
    if ../src/configure --quiet --cache-file=cache ac_cv_header_cbor_streaming_h=no >out 2>&1; then return 1; fi
    grep -q 'apt-get install libcbor-dev' out
}

check "engine/tp.mk lists the engine" list
copy
check "in a folder of its own" build plain --cache-file="$tmp/cache"
check "what is installed" installed
check "a program against what is installed" use
check "--disable-decoder" engine_only
check "--host=aarch64-linux-gnu" arm64
check "completion in another folder" completion
check "without a shared library" static_only
check "a missing library is named by its package" names_package
echo "1..$n"
