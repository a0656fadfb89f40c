#!/bin/sh
# SPDX-License-Identifier: MIT
# The engine's unit tests once more, built by clang, whose sanitizer of undefined behaviour sees
# other things than gcc's: arithmetic on null pointers, null where none may be, wrong function types.
# What is undefined ends the run.
. "$(dirname "$0")/../../lib/tap.sh"
build=$(cd "${TP_BUILDDIR:-.}" && pwd)

built() {
    need clang clang++
    cd "$tmp" || return 1
    flags="-g -O1 -fsanitize=undefined,nullability -fno-sanitize-recover=all"
    # shellcheck disable=SC2086
    for f in $engine $(sed -n 's/^engine_tests = //; /tests\/engine\/unit/p' "$srcdir/Makefile.am" |
        grep -o 'tests/engine/unit/[a-z_0-9]*\.c' | sort -u | grep -E "/($1)\.c" | sed "s|^|$srcdir/|"); do
        echo "$f"
    done | xargs -P 3 -I {} sh -c 'clang -std=gnu11 '"$flags"' -w -D_GNU_SOURCE -I"$2" -I"$3" \
        -I"$3/tests/lib" -I"$3/decoder" -DTP_PORT_HEADER="\"$3/tests/engine/unit/port.h\"" -c "$1" -o "$(basename "$1" .c).o"' \
        sh {} "$include" "$srcdir" || return 1
    # shellcheck disable=SC2086
    clang++ $flags -w -I"$include" "$srcdir/tests/lib/tp_test.cc" ./*.o -Wl,--wrap=tp_count_read \
        -Wl,--wrap=tp_store_get -Wl,--wrap=tp_store_most "$build/libdecode.a" -lgtest -lpthread \
        $(sed -n 's/^[A-Z]*_LIBS = //p' "$build/Makefile") -o unit || return 1
    TP_TAP= ./unit --gtest_brief=1
}

check "clang finds nothing undefined in what the unit tests of the engine do" built \
    "support|attach_test|control_test|cpu_pipe_test|crc_test|crc_0|crc_64|crc_1024|crc_8192|types_test|lifecycle_test|name_test|overwrite_test|pipe_test|printk_test|record_test|linux_test|registry_test|ring_test|roundtrip_test|rule_test|tree_test|tree_file_test"
finish
