#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public header compiles alone, and twice, under strict warnings; those
# that C++ may include do, and C++ fires events that a C file created.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-Wall -Wextra -Wconversion -Wshadow -pedantic -Werror -DTP_SHOW_WARNINGS"

# HEADER COMPILER...
alone()
{
    header=$1 out=$(mktemp -d "$tmp/alone.XXXXXX")
    shift
    need "$1"
    case $header in
    tp/port.h | tp/ring.h) set -- "$@" "$port" ;; # the others must do without
    tp/narrow.h) set -- "$@" -Dtp_port_clock_bits=24 "-Dtp_port_counter()=0u" ;; # of which it is part
    esac
    printf '#include <%s>\ntypedef int not_empty;\n' "$header" >"$out/once.c"
    printf '#include <%s>\n#include <%s>\ntypedef int not_empty;\n' "$header" "$header" >"$out/twice.c"
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings -c "$out/once.c" -o "$out/once.o" &&
        "$@" -I"$include" $warnings -c "$out/twice.c" -o "$out/twice.o"
}

# What the macros expand to, in the user's files, is as clean.
strict()
{
    need "$1"
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings -O2 -c "$compile/fire.c" -o "$tmp/fire.o" &&
        "$@" -I"$include" $warnings "$port" -O2 -c "$compile/create.c" -o "$tmp/create.o"
}

# A kernel whose u8 .. s64 are macros, and that has trace_* functions of its own.
taken()
{
    need "$1"
    out=$(mktemp -d "$tmp/taken.XXXXXX")
    cd "$out" || exit 1
    cat >taken.c <<END
#define u8 uint8_t
#define u16 uint16_t
#define u32 uint32_t
#define u64 uint64_t
#define s8 int8_t
#define s16 int16_t
#define s32 int32_t
#define s64 int64_t
#define TP_PREFIX my
#define TP_CREATE
#include "$compile/events.h"
int trace_all_none(int n);
int trace_all_none(int n)
{
    my_all_none();
    my_sched_switch(1, 2, "text");
    return my_all_none_enabled() ? n : 0;
}
END
    # shellcheck disable=SC2086
    "$@" -I"$include" $warnings "$port" -c taken.c
}

# The kernel's header may have the name of ours.
shadowed()
{
    need "$1"
    cd "$(mktemp -d "$tmp/shadowed.XXXXXX")" || exit 1
    cp "$compile/port.h" port.h || exit 1
    "$@" -I"$include" -I. -Wall -Wextra -Werror '-DTP_PORT_HEADER="port.h"' -c "$compile/create.c"
}

# STANDARD C++-COMPILER C-COMPILER
plusplus()
{
    out=$(mktemp -d "$tmp/cxx.XXXXXX")
    need "$2" "$3"
    cxx="$2 -std=$1 -O2 -I$include -Wall -Wextra -Werror"
    for header in tp/wire.h tp/trace.h tp/event.h tpdecode.h; do
        printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$out/alone.cc"
        # shellcheck disable=SC2086
        $cxx -Wconversion -pedantic -c "$out/alone.cc" -o "$out/alone.o" || exit 1
    done
    cd "$out" || exit 1
    # shellcheck disable=SC2086
    $cxx -c "$compile/cplusplus.cc" &&
        "$3" -std=gnu11 -O1 -I"$include" "$port" -c "$compile/create.c" $engine &&
        "$2" ./*.o -o program && ./program || { echo "exit code $?"; exit 1; }
}

for path in "$include"/tp/*.h "$include"/*.h; do
    header=${path#"$include/"}
    for compiler in gcc clang; do
        check "$compiler $header alone" alone "$header" $compiler -std=gnu11
    done
done
check "gcc events, strict" strict gcc -std=gnu11
check "clang events, strict" strict clang -std=gnu11
check "gcc events, strict, TP_PATCH" strict gcc -std=gnu11 -DTP_PATCH -DTP_STUB_PATCH
check "clang events, strict, TP_PATCH" strict clang -std=gnu11 -DTP_PATCH -DTP_STUB_PATCH
for compiler in gcc clang; do
    check "$compiler: names that the kernel has taken" taken $compiler -std=gnu11
    check "$compiler: a port header named port.h" shadowed $compiler -std=gnu11
done
for standard in gnu++11 gnu++17 gnu++20; do
    check "g++ $standard" plusplus $standard g++ gcc
    check "clang++ $standard" plusplus $standard clang++ clang
done
finish
