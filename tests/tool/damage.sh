#!/bin/sh
# SPDX-License-Identifier: MIT
# damage.sh - tpdecode and dumps that are cut, changed, or of another version. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# full.tp: chunk number, start, size, kind; as doc/format.md gives the sizes.
full_chunks="0 0 304 metadata
1 304 136 tasks
2 440 120 clock
3 560 152 data
4 712 152 data
5 864 152 data
6 1016 104 mark
7 1120 104 end
8 1224 1 none"

# BYTES: what a dump cut there must give, in want.out, want.err and $want_code.
cut_wants()
{
    at=$1
    while read -r number start size kind; do
        [ "$at" -ge "$start" ] && [ "$at" -lt $((start + size)) ] && break
    done <<END
$full_chunks
END
    left=$((at - start)) where=$(printf '0x%x' $start) full=0 gone=0 damaged=0
    case $number in
    4) full=2 ;;
    5) full=4 ;;
    6 | 7 | 8) full=6 ;;
    esac
    : >want.err
    want_code=1
    if [ $left -ge 104 ]; then
        echo "tpdecode: cut: ends inside chunk $number at byte $where ($left of $size bytes)" >>want.err
        [ $kind != data ] || gone=2
    elif [ $left -ge 4 ] || { [ $left -gt 0 ] && [ $start -gt 0 ]; }; then
        echo "tpdecode: cut: ends inside the header of chunk $number at byte $where ($left bytes)" >>want.err
    fi
    [ ! -s want.err ] || damaged=1
    if [ "$at" = 0 ]; then
        echo "tpdecode: cut: empty, not a dump" >>want.err
    elif [ "$at" -lt 4 ]; then
        echo "tpdecode: cut: not a tracepoint dump (no chunk found in $at bytes)" >>want.err
    elif [ "$at" -ge 104 ] && [ "$at" -lt 304 ]; then
        echo "tpdecode: cut: no metadata: nothing can be decoded" >>want.err
    fi
    [ "$at" -lt 104 ] || [ "$at" -ge 1224 ] || echo "tpdecode: cut: $no_end" >>want.err
    [ $damaged = 1 ] || want_code=0
    [ "$at" -ge 304 ] || want_code=3
    {
        [ $full = 0 ] || records 0 $((full - 1))
        [ $gone = 0 ] || lost
    } >want.out
    sum="$full records, $gone lost"
    [ $damaged = 0 ] || sum="$sum, 1 chunks damaged"
    # Where there is nothing there is no sum.
    [ "$want_code$damaged" = 30 ] || echo "$sum" >>want.err
}

# FIRST LAST: dumps of so many bytes.
cuts()
{
    n=0
    at=$1
    while [ "$at" -le "$2" ]; do
        head -c "$at" ../full.tp >cut
        cut_wants "$at"
        run cut
        command_line="a dump cut at $at"
        code_is $want_code
        out_is <want.out
        err_is <want.err
        at=$((at + 1))
        good || break
    done
}

cut_gzip()
{
    gzip -c ../full.tp >whole.gz
    bytes=$(wc -c <whole.gz)
    for at in 3 10 40 $((bytes / 2)) $((bytes - 9)) $((bytes - 8)) $((bytes - 1)); do
        head -c "$at" whole.gz >cut.gz
        run cut.gz
        grep -qx "tpdecode: cut.gz: the gzip data ends too early" err || complain "cut at $at: $(cat err)"
        case $code in
        1 | 3) ;;
        *) complain "cut at $at: exit code $code" ;;
        esac
        head -n "$(wc -l <out)" ../full.out | diff - out || complain "cut at $at: wrong records"
    done
    command_line="a gzip file without its last byte"
    code_is 1
    records 0 5 | out_is
    { cat whole.gz; echo junk; } >junk.gz
    run junk.gz
    code_is 1
    records 0 5 | out_is
    printf '%s\n' "tpdecode: junk.gz: something else follows the gzip data" "6 records, 0 lost, 1 chunks damaged" |
        err_is
    "$tool" flip $((bytes - 6)) whole.gz >bad.gz # in the checksum
    run bad.gz
    code_is 1
    records 0 5 | out_is
    printf '%s\n' "tpdecode: bad.gz: the gzip data is damaged" "6 records, 0 lost, 1 chunks damaged" | err_is
}

# OFFSET CODE ERR-LINE...: of full.tp with a wrong bit there; want.out is what it prints.
flipped()
{
    "$tool" flip "$1" ../full.tp >flipped
    cmp -s flipped ../full.tp && complain "nothing was flipped"
    run flipped
    command_line="a wrong bit at $1"
    code_is "$2"
    shift 2
    printf 'tpdecode: flipped: %s\n' "$@" | sed 's/^tpdecode: flipped: \([0-9]* records, \)/\1/' >want.err
    err_is <want.err
    out_is <want.out
}

flip_metadata()
{
    : >want.out
    flipped 200 3 "chunk 0 at byte 0x0: payload checksum wrong, 304 bytes skipped" \
        "4 data chunks at byte 0x230 but no metadata: records cannot be decoded" "0 records, 6 lost, 1 chunks damaged"
    flipped 40 3 "304 bytes at 0x0 are not part of any chunk" \
        "4 data chunks at byte 0x230 but no metadata: records cannot be decoded" "0 records, 6 lost, 1 chunks damaged"
    # The second metadata of a longer dump does instead.
    "$tool" dump ../num 100 2 >long
    run long
    cp out want.out
    "$tool" flip 200 long >flipped
    run flipped
    code_is 1
    out_is <want.out
    printf '%s\n' "tpdecode: flipped: chunk 0 at byte 0x0: payload checksum wrong, 304 bytes skipped" \
        "200 records, 0 lost, 1 chunks damaged" | err_is
}

flip_header()
{
    { records 0 1; lost; records 4 5; } >want.out
    # The magic, the size, a checksum, the counts: without its header a chunk is no chunk.
    for at in 0 4 8 10 12 14 16 20 24 28 32 40 48 56 64 96 103; do
        flipped $((0x2c8 + at)) 1 "152 bytes at 0x2c8 are not part of any chunk" "4 records, 2 lost, 1 chunks damaged"
        good || break
    done
}

flip_data()
{
    { lost; records 2 5; } >want.out
    flipped $((0x230 + 104)) 1 \
        "chunk 3 (cpu 0) at byte 0x230: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged"
    { records 0 1; lost; records 4 5; } >want.out
    for at in 104 111 120 130 151; do
        flipped $((0x2c8 + at)) 1 \
            "chunk 4 (cpu 0) at byte 0x2c8: payload checksum wrong, 152 bytes skipped (2 records)" \
            "4 records, 2 lost, 1 chunks damaged"
    done
    { records 0 3; lost; } >want.out
    flipped $((0x360 + 151)) 1 \
        "chunk 5 (cpu 0) at byte 0x360: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged"
}

flip_tasks()
{
    records 0 5 | sed 's/seven/<...>/' >want.out
    flipped $((304 + 110)) 1 "chunk 1 at byte 0x130: payload checksum wrong, 136 bytes skipped" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((304 + 9)) 1 "136 bytes at 0x130 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

flip_clock()
{
    records 0 5 >want.out
    flipped $((440 + 110)) 1 "chunk 2 at byte 0x1b8: payload checksum wrong, 120 bytes skipped" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((440 + 50)) 1 "120 bytes at 0x1b8 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

flip_end()
{
    records 0 5 >want.out
    flipped $((1120 + 50)) 1 "104 bytes at 0x460 are not part of any chunk" "$no_end" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((1016 + 50)) 1 "104 bytes at 0x3f8 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

inserted()
{
    { head -c 712 ../full.tp; printf 'twelve bytes'; tail -c +713 ../full.tp; } >more
    run more
    code_is 1
    records 0 5 | out_is
    printf '%s\n' "tpdecode: more: 12 bytes at 0x2c8 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged" |
        err_is
    # A hole inside of a payload: the chunk after it is not lost.
    { head -c 828 ../full.tp; tail -c +837 ../full.tp; } >less
    run less
    code_is 1
    { records 0 1; lost; records 4 5; } | out_is
    printf '%s\n' \
        "tpdecode: less: chunk 4 (cpu 0) at byte 0x2c8: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged" | err_is
}

no_metadata()
{
    tail -c +305 ../full.tp >rest
    run rest
    nothing_but 3 "tpdecode: rest: 4 data chunks at byte 0x100 but no metadata: records cannot be decoded" \
        "0 records, 6 lost"
    tail -c +1121 ../full.tp >rest
    run rest
    nothing_but 3 "tpdecode: rest: no metadata: nothing can be decoded"
}

newer_major()
{
    # The last chunk of golden/major is of format 2.0, and 120 bytes long.
    tail -c 120 ../golden/major >newer
    run newer
    nothing_but 3 "tpdecode: newer: made by format 2.0, this tpdecode reads up to 1.x"
    run newer ../full.tp
    code_is 3
    records 0 5 | sed 's/^/[full.tp] /' | out_is
    printf '%s\n' "tpdecode: newer: made by format 2.0, this tpdecode reads up to 1.x" "6 records, 0 lost" | err_is
}

# --- the checks ---

cli "cut anywhere in metadata and tasks" cuts 0 439
cli "cut anywhere in clock and data" cuts 440 863
cli "cut anywhere in the rest" cuts 864 1224
cli "gzip file: cut, damaged, with junk behind" cut_gzip
cli "a wrong bit in metadata" flip_metadata
cli "a wrong bit in a data header, every field" flip_header
cli "a wrong bit in a data payload" flip_data
cli "a wrong bit in tasks" flip_tasks
cli "a wrong bit in clock pairs" flip_clock
cli "a wrong bit in mark and end" flip_end
cli "bytes inserted, bytes missing" inserted
cli "metadata missing" no_metadata
cli "a newer major version" newer_major
finish
