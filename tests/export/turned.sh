#!/bin/sh
# SPDX-License-Identifier: MIT
# turned.sh - a dump says the same in either byte order: as text, in answers and in exports. turned.py turns it, by
# doc/format.md alone. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libtracepoint.a are (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

need python3
${CC:-cc} -std=gnu11 -O1 -I"$srcdir/include" -DTP_PORT_HEADER="\"$srcdir/engine/port/hosted/port.h\"" -o "$tmp/typed" \
    "$srcdir/tests/export/typed.c" "$(dirname "$tp")/libtracepoint.a" -lm 2>"$tmp/typed.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/typed.err")"
    exit 99
}

# ARGUMENT...: the same of both.
same()
{
    for side in here there; do
        (cd $side && "$tp" "$@" dump.tp) >"$side.out" 2>"$side.err"
        echo "code $?" >>"$side.err"
    done
    cmp -s here.out there.out || complain "$*: $(diff -a here.out there.out | head -n 5 | cut -c 1-300)"
    ! grep -q "code 1" here.err || complain "$*: it crashes: $(cat here.err)"
    cmp -s here.err there.err || complain "$*: $(diff here.err there.err | head -n 5)"
}

# FORMAT NAME: the same files.
same_files()
{
    for side in here there; do
        rm -rf "$side.dir"
        mkdir "$side.dir"
        (cd $side && "$tp" --format "$1" --output "../$side.dir/$2" dump.tp) >"$side.out" 2>"$side.err"
        echo "code $?" >>"$side.err"
    done
    diff -r here.dir there.dir >differ || complain "$1: $(head -n 3 differ)"
    cmp -s here.err there.err || complain "$1: $(diff here.err there.err | head -n 5)"
}

# DUMP
turned()
{
    mkdir -p here there
    cp "$1" here/dump.tp
    python3 "$srcdir/tests/export/turned.py" <"$1" >there/dump.tp || complain "not turned"
    ! cmp -s here/dump.tp there/dump.tp || complain "it is as it was"
    for format in text json csv ftrace vcd perfetto chrome html trace.dat parquet; do
        same --format $format
    done
    case $1 in
    */unfinished) ;; # bytes of memory, as they are
    *)
        same_files ctf x
        same_files ctf-lttng x
        ;;
    esac
    same_files parquet x/
    same_files sqlite x.db
    same --stats
    same --info --format json
    same --list-events
    same --sql 'select * from records'
    for field in $("$tp" --list-events --format json "$1" 2>/dev/null | jq -r '.fields[]?.name' | grep -x '[A-Za-z_][A-Za-z_0-9]*' | sort -u); do
        same --stats --by "$field"
        same --hist "$field"
        same --fields "$field"
    done
    for side in here there; do
        "$tp" --output $side/again.tp $side/dump.tp 2>/dev/null
        (cd $side && "$tp" --format json again.tp) >$side.out 2>/dev/null
    done
    cmp -s here.out there.out || complain "--output: $(diff here.out there.out | head -n 3)"
}

for name in $goldens; do
    # What is whole, and no more than decoded.
    [ -f "$srcdir/tests/golden/good-$name.hex" ] || continue
    cli "golden $name" turned "../golden/$name"
done
"$tmp/typed" 60 >"$tmp/typed.tp"
cli "each type of field" turned "$tmp/typed.tp"
finish
