#!/bin/sh
# SPDX-License-Identifier: MIT
# cli.sh - the program tpdecode as its user meets it: options, kinds of input,
# damage, exit codes, messages, memory, pipes. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).
# Dumps come from tests/golden, from doc/format.md and from the writer at the
# end of this file, which knows doc/format.md and nothing of the decoder.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/decoder/help.sh"

# --- helpers; all run in a directory of their check, below $tmp ---

# FIRST LAST: lines of the records in full.tp; lost: two of them missing.
records()
{
    n=$1
    while [ "$n" -le "$2" ]; do
        echo "           seven-7       [000] .....     0.00000$n: num: v=$n"
        n=$((n + 1))
    done
}

lost()
{
    echo "--- cpu 0: 2 records lost here (missing from the dump) ---"
}

no_end="no end mark: tracing went on, or the dump was cut"
example_out="           <...>-42      [000] d.h1.     8.589934: switch: next=7 why=wake comm=bash
           <...>-42      [000] d.h1.     8.589934: switch: next=0 why=idle comm=idl...
--- cpu 0: 3 records lost here (buffer full) ---"

# --- options ---

help()
{
    run --help
    code_is 0
    err_is </dev/null
    # More than the 24 lines of old: what there is to choose does not fit these.
    [ "$(wc -l <out)" -le 42 ] || complain "--help has $(wc -l <out) lines"
    awk 'length > 79 { print "--help, too wide: " $0; wide = 1 } END { exit wide }' out || complain "--help is too wide"
    mv out long
    run -h
    out_is <long
    # The options that getopt_long() is given.
    sed -n 's/.*{"\([a-z-]*\)", [a-z]*_argument.*/--\1/p' "$srcdir/decoder/options.c" >options
    [ "$(wc -l <options)" -ge 17 ] || complain "found $(wc -l <options) options in decoder/options.c"
    while read -r option; do
        grep -q -- "  .*$option" long || complain "--help does not tell of $option"
    done <options
}

version()
{
    version=$(sed -n 's/^AC_INIT(\[tracepoint\], *\[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac")
    for option in --version -V; do
        run $option
        code_is 0
        out_is <<END
tpdecode $version
END
        err_is </dev/null
    done
}

# WHAT ARGUMENT...: a usage error, with one line that says WHAT.
refused()
{
    what=$1
    shift
    run "$@" </dev/null
    nothing_but 2 "tpdecode: $what, try 'tpdecode --help'"
}

usage()
{
    refused "unknown option '--bad'" --bad
    refused "unknown option '--bad=1'" ../full.tp --bad=1
    refused "unknown option '-z'" -z
    refused "unknown option '-z'" --list-events -zV
    refused "unknown format 'xml'" --format xml
    refused "unknown format ''" --format=
    refused "unknown time 'gmt'" --time gmt
    refused "unknown time ''" --time=
    refused "no value for option '--time'" --time
    refused "unknown format 'JSON'" --format=JSON ../full.tp
    refused "no value for option '--format'" --format
    refused "no value for option '--format'" ../full.tp --format
    refused "no value allowed in '--help=1'" --help=1
    refused "no value allowed in '--list-events=1'" --list-events=1
}

usage_escapes()
{
    refused "unknown option '--\\x1b[2J'" "--$(printf '\033[2J')"
    refused "unknown option '-\\x1b'" "-$(printf '\033')"
    refused "unknown format 'a\\nb\\\\\\x9b'" --format "$(printf 'a\nb\\\233')"
    long=$(awk 'BEGIN { for (i = 0; i < 3000; i++) printf "x" }')
    run --format="$long"
    code_is 2
    [ "$(wc -l <err)" -eq 1 ] && [ "$(wc -c <err)" -lt 1000 ] ||
        complain "a long argument: $(wc -c <err) bytes of message"
}

manual()
{
    need groff
    groff -man -Tutf8 -ww -rLL=78n "$srcdir/doc/tpdecode.1" >page 2>warnings
    [ ! -s warnings ] || complain "$(cat warnings)"
    [ "$(wc -l <page)" -gt 50 ] || complain "the page has only $(wc -l <page) lines"
}

# Each option of --help is in the section OPTIONS and the other way round.
manual_options()
{
    run --help
    tr -cs 'a-z|A-Z-' '\n' <out | grep '^-[-a-zA-Z]' | sort -u >in_help
    sed -n '/^\.SH OPTIONS/,/^\.SH OUTPUT/p' "$srcdir/doc/tpdecode.1" | sed 's/\\-/-/g' | tr -cs 'a-z|A-Z-' '\n' |
        grep '^-[-a-zA-Z]' | sort -u >in_manual
    diff in_help in_manual || complain "options in --help (<) and doc/tpdecode.1 (>) differ"
    [ "$(wc -l <in_help)" -eq 32 ] || complain "$(wc -l <in_help) options found in --help"
    sed -n '/^\.SH SYNOPSIS/,/^\.SH DESC/p' "$srcdir/doc/tpdecode.1" | sed 's/\\-/-/g' >synopsis
    grep '^--' in_help | while read -r option; do
        grep -q -- "$option" synopsis || echo "$option is not in the synopsis"
    done >missing
    [ ! -s missing ] || complain "$(cat missing)"
    # What the page shows as exit codes and messages is what the checks here expect.
    for code in 0 1 2 3 4; do
        grep -qx "\.B $code" "$srcdir/doc/tpdecode.1" || complain "exit code $code is not in the manual page"
    done
}

# --- kinds of input ---

# The example of doc/format.md in all the ways to get it in.
example()
{
    for way in file dash default pipe gzip gzip_stdin members twice; do
        case $way in
        file) run ../example.tp ;;
        dash) run - <../example.tp ;;
        default) run <../example.tp ;;
        pipe) cat ../example.tp | "$tp" >out 2>err; code=$? ;;
        gzip) gzip -c ../example.tp >e.gz; run e.gz ;;
        gzip_stdin) gzip -c ../example.tp | "$tp" - >out 2>err; code=$? ;;
        members) # of which neither holds a whole number of chunks
            { head -c 500 ../example.tp | gzip -c; tail -c +501 ../example.tp | gzip -c; } >e.gz
            run e.gz ;;
        twice) run -- ../example.tp ;;
        esac
        command_line="$way"
        code_is 0
        echo "$example_out" | diff - out || complain "$way: standard output"
        echo "2 records, 3 lost" | diff - err || complain "$way: standard error"
    done
}

json_example()
{
    run --format json ../example.tp
    code_is 0
    out_is <<'END'
{"schema":"tracepoint","version":1,"tool":"tracepoint 0.1.0","clock_hz":1000000000,"cpus":1,"stream":"0x5eed"}
{"time_ns":8589934336,"cpu":0,"pid":42,"comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":7,"why":"wake","comm":"bash"}}
{"time_ns":8589934608,"cpu":0,"pid":42,"comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":0,"why":"idle","comm":"idl..."}}
{"lost":3,"cpu":0,"cause":"full","time_ns":8589938688}
END
    err_is <<'END'
2 records, 3 lost
END
    mv out separate
    run ../example.tp --format=json
    out_is <separate
    run --format json --format text ../example.tp
    echo "$example_out" | diff - out || complain "the last --format does not win"
}

# Each line of each golden dump is one JSON object, in valid UTF-8.
json_valid()
{
    if python3 -c 'pass' 2>/dev/null; then
        parse() { python3 -c 'import json, sys
for n, line in enumerate(sys.stdin.buffer):
    assert isinstance(json.loads(line.decode("utf-8")), dict), n'; }
    else
        command -v jq >/dev/null || skip "needs a JSON parser: install python3 or jq"
        parse() { jq -e 'type == "object"' >parsed && [ "$(wc -l <parsed)" -eq "$(wc -l <out)" ]; }
    fi
    echo '{"a":1' | parse 2>/dev/null && complain "the JSON parser takes anything"
    lines=0
    for dump in ../golden/* ../example.tp ../full.tp; do
        run --format=json "$dump"
        lines=$((lines + $(wc -l <out)))
        parse <out 2>why || complain "$dump: $(cat why)"
    done
    [ $lines -gt 80 ] || complain "only $lines lines of JSON"
}

list_events()
{
    run --list-events ../example.tp
    code_is 0
    out_is <<'END'
    1  sched:switch  (u32 next, s32 why enum why, str comm)  "next=%u why=%s comm=%s"
END
    err_is </dev/null
    # Damage is told also here; the definitions do not come from the damaged part.
    "$tool" flip $((0x2c0 + 104)) ../full.tp >flipped
    run --list-events flipped
    code_is 1
    out_is <<'END'
    1  t:num  (u32 v)  "v=%u"
END
    err_is <<'END'
tpdecode: flipped: chunk 4 (cpu 0) at byte 0x2c0: payload checksum wrong, 152 bytes skipped (2 records)
END
}

full()
{
    run ../full.tp
    code_is 0
    records 0 5 | out_is
    echo "6 records, 0 lost" | err_is
}

several()
{
    head -c $((0x2c0)) ../full.tp >begin
    run ../full.tp ../example.tp
    code_is 0
    { records 0 5; echo "$example_out"; } | out_is
    echo "8 records, 3 lost" | err_is
    run ../example.tp - <../full.tp
    code_is 0
    { records 0 5; echo "$example_out"; } | out_is
    # By time, not file by file.
    run begin ../full.tp
    code_is 0
    { records 0 0; records 0 0; records 1 1; records 1 1; records 2 5; } | sort >sorted
    sort out | diff sorted - || complain "two captures: other lines"
    awk '$4 < last { exit 1 } { last = $4 }' out || complain "two captures: not in the order of time"
    printf '%s\n' "tpdecode: begin: $no_end" "8 records, 0 lost" | err_is
    # One that cannot be used does not spoil the others.
    run missing.tp ../full.tp ..
    code_is 1
    records 0 5 | out_is
    printf '%s\n' "tpdecode: missing.tp: No such file or directory" "tpdecode: ..: Is a directory" \
        "6 records, 0 lost" | err_is
}

joined()
{
    cat ../full.tp ../example.tp >both
    run both
    code_is 0
    { records 0 5; echo "$example_out"; } | out_is
    echo "8 records, 3 lost" | err_is
}

# --- what is no dump ---

foreign()
{
    : >empty
    run empty
    nothing_but 3 "tpdecode: empty: empty, not a dump" "0 records, 0 lost"
    run </dev/null
    nothing_but 3 "tpdecode: standard input: empty, not a dump" "0 records, 0 lost"
    printf '\211PNG\r\n\032\n\000\000\000\rIHDR' >png
    run png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)" "0 records, 0 lost"
    cp /bin/true elf
    run elf
    bytes=$(($(wc -c <elf)))
    nothing_but 3 "tpdecode: elf: not a tracepoint dump (no chunk found in $bytes bytes)" "0 records, 0 lost"
    gzip -c png >png.gz
    run png.gz
    nothing_but 3 "tpdecode: png.gz: not a tracepoint dump (no chunk found in 16 bytes)" "0 records, 0 lost"
    run --list-events png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)"
    run --format=json png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)" "0 records, 0 lost"
}

not_a_file()
{
    run ..
    nothing_but 3 "tpdecode: ..: Is a directory" "0 records, 0 lost"
    run - <..
    nothing_but 3 "tpdecode: standard input: Is a directory" "0 records, 0 lost"
    run missing
    nothing_but 3 "tpdecode: missing: No such file or directory" "0 records, 0 lost"
    run ""
    nothing_but 3 "tpdecode: : No such file or directory" "0 records, 0 lost"
    run ../full.tp/x
    nothing_but 3 "tpdecode: ../full.tp/x: Not a directory" "0 records, 0 lost"
    "$tp" - <&- >out 2>err
    code=$? command_line="tpdecode <&-"
    nothing_but 3 "tpdecode: standard input: Bad file descriptor" "0 records, 0 lost"
}

read_error()
{
    [ -e /proc/self/mem ] || skip "needs /proc: a file whose reading fails"
    run /proc/self/mem
    nothing_but 3 "tpdecode: /proc/self/mem: Input/output error" "0 records, 0 lost"
}

unreadable()
{
    cp "$tp" own
    cp ../full.tp secret
    chmod 755 . own
    chmod 000 secret
    set -- ./own
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null ||
            skip "needs a user that is not root, or setpriv"
        set -- setpriv --reuid=65534 --regid=65534 --clear-groups ./own
    fi
    "$@" secret >out 2>err
    code=$? command_line="tpdecode secret"
    nothing_but 3 "tpdecode: secret: Permission denied" "0 records, 0 lost"
}

names_escaped()
{
    name="$(printf 'a\033[2J\nb\302\233\\')"
    run "$name"
    nothing_but 3 'tpdecode: a\x1b[2J\nb\xc2\x9b\\: No such file or directory' "0 records, 0 lost"
    cp ../full.tp "$name"
    run "$name" -
    harmless err
    head -c 1000 ../full.tp >"$name"
    run "$name"
    harmless err
    grep -q '^tpdecode: a.x1b\[2J.nb.xc2.x9b..: ends inside' err || complain "$(cat err)"
}

# --- damage ---

# full.tp: chunk number, start, size, kind; as doc/format.md gives the sizes.
full_chunks="0 0 304 metadata
1 304 128 tasks
2 432 120 clock
3 552 152 data
4 704 152 data
5 856 152 data
6 1008 104 mark
7 1112 104 end
8 1216 1 none"

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
    [ "$at" -lt 104 ] || [ "$at" -ge 1216 ] || echo "tpdecode: cut: $no_end" >>want.err
    [ $damaged = 1 ] || want_code=0
    [ "$at" -ge 304 ] || want_code=3
    {
        [ $full = 0 ] || records 0 $((full - 1))
        [ $gone = 0 ] || lost
    } >want.out
    sum="$full records, $gone lost"
    [ $damaged = 0 ] || sum="$sum, 1 chunks damaged"
    echo "$sum" >>want.err
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
        "4 data chunks at byte 0x228 but no metadata: records cannot be decoded" "0 records, 6 lost, 1 chunks damaged"
    flipped 40 3 "304 bytes at 0x0 are not part of any chunk" \
        "4 data chunks at byte 0x228 but no metadata: records cannot be decoded" "0 records, 6 lost, 1 chunks damaged"
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
        flipped $((0x2c0 + at)) 1 "152 bytes at 0x2c0 are not part of any chunk" "4 records, 2 lost, 1 chunks damaged"
        good || break
    done
}

flip_data()
{
    { lost; records 2 5; } >want.out
    flipped $((0x228 + 104)) 1 \
        "chunk 3 (cpu 0) at byte 0x228: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged"
    { records 0 1; lost; records 4 5; } >want.out
    for at in 104 111 120 130 151; do
        flipped $((0x2c0 + at)) 1 \
            "chunk 4 (cpu 0) at byte 0x2c0: payload checksum wrong, 152 bytes skipped (2 records)" \
            "4 records, 2 lost, 1 chunks damaged"
    done
    { records 0 3; lost; } >want.out
    flipped $((0x358 + 151)) 1 \
        "chunk 5 (cpu 0) at byte 0x358: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged"
}

flip_tasks()
{
    records 0 5 | sed 's/seven/<...>/' >want.out
    flipped $((304 + 110)) 1 "chunk 1 at byte 0x130: payload checksum wrong, 128 bytes skipped" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((304 + 9)) 1 "128 bytes at 0x130 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

flip_clock()
{
    records 0 5 >want.out
    flipped $((432 + 110)) 1 "chunk 2 at byte 0x1b0: payload checksum wrong, 120 bytes skipped" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((432 + 50)) 1 "120 bytes at 0x1b0 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

flip_end()
{
    records 0 5 >want.out
    flipped $((1112 + 50)) 1 "104 bytes at 0x458 are not part of any chunk" "$no_end" \
        "6 records, 0 lost, 1 chunks damaged"
    flipped $((1008 + 50)) 1 "104 bytes at 0x3f0 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged"
}

inserted()
{
    { head -c 704 ../full.tp; printf 'twelve bytes'; tail -c +705 ../full.tp; } >more
    run more
    code_is 1
    records 0 5 | out_is
    printf '%s\n' "tpdecode: more: 12 bytes at 0x2c0 are not part of any chunk" "6 records, 0 lost, 1 chunks damaged" |
        err_is
    # A hole inside of a payload: the chunk after it is not lost.
    { head -c 820 ../full.tp; tail -c +829 ../full.tp; } >less
    run less
    code_is 1
    { records 0 1; lost; records 4 5; } | out_is
    printf '%s\n' \
        "tpdecode: less: chunk 4 (cpu 0) at byte 0x2c0: payload checksum wrong, 152 bytes skipped (2 records)" \
        "4 records, 2 lost, 1 chunks damaged" | err_is
}

no_metadata()
{
    tail -c +305 ../full.tp >rest
    run rest
    nothing_but 3 "tpdecode: rest: 4 data chunks at byte 0xf8 but no metadata: records cannot be decoded" \
        "0 records, 6 lost"
    tail -c +1113 ../full.tp >rest
    run rest
    nothing_but 3 "tpdecode: rest: no metadata: nothing can be decoded" "0 records, 0 lost"
}

newer_major()
{
    # The last chunk of golden/major is of format 2.0, and 120 bytes long.
    tail -c 120 ../golden/major >newer
    run newer
    nothing_but 3 "tpdecode: newer: made by format 2.0, this tpdecode reads up to 1.x" "0 records, 0 lost"
    run newer ../full.tp
    code_is 3
    records 0 5 | out_is
    printf '%s\n' "tpdecode: newer: made by format 2.0, this tpdecode reads up to 1.x" "6 records, 0 lost" | err_is
}

# --- output ---

no_room()
{
    [ -c /dev/full ] || skip "needs /dev/full"
    "$tp" ../example.tp >/dev/full 2>err
    code=$? command_line="tpdecode >/dev/full"
    code_is 4
    printf '%s\n' "tpdecode: cannot write standard output: No space left on device" "2 records, 3 lost" | err_is
    for option in --help --version; do
        "$tp" $option >/dev/full 2>err
        code=$? command_line="tpdecode $option >/dev/full"
        code_is 4
        echo "tpdecode: cannot write standard output: No space left on device" | err_is
    done
    "$tp" --list-events ../example.tp >/dev/full 2>err
    code=$? command_line="tpdecode --list-events >/dev/full"
    code_is 4
    echo "tpdecode: cannot write standard output: No space left on device" | err_is
    "$tp" ../example.tp >out 2>/dev/full
    code=$? command_line="tpdecode 2>/dev/full"
    code_is 0
    echo "$example_out" | out_is
    # It stops then: this would take minutes otherwise.
    (ulimit -t 20; "$tool" dump ../num 1000000 1024 | "$tp" >/dev/full 2>err; echo $? >code)
    code=$(cat code) command_line="endless tpdecode >/dev/full"
    code_is 4
    head -n 1 err >first
    echo "tpdecode: cannot write standard output: No space left on device" | diff - first || complain "another message"
}

closed()
{
    "$tp" ../example.tp >&- 2>err
    code=$? command_line="tpdecode >&-"
    code_is 4
    printf '%s\n' "tpdecode: cannot write standard output: Bad file descriptor" "2 records, 3 lost" | err_is
    "$tp" --help >&- 2>err
    code=$? command_line="tpdecode --help >&-"
    code_is 4
    echo "tpdecode: cannot write standard output: Bad file descriptor" | err_is
    "$tp" ../example.tp >out 2>&-
    code=$? command_line="tpdecode 2>&-"
    code_is 0
    echo "$example_out" | out_is
}

# The writer of 25 GB and tpdecode both end when head does.
reader_gone()
{
    started_at=$(date +%s)
    (
        ulimit -t 20
        "$tool" dump ../num 1000000 1024 |
            { "$tool" default_sigpipe "$tp" 2>err; echo $? >code; } | head -n 1 >out
    ) 2>shell
    code=$(cat code) command_line="tpdecode | head -n 1"
    code_is 141
    err_is </dev/null
    records 0 0 | out_is
    [ ! -s shell ] || complain "$(cat shell)"
    [ $(($(date +%s) - started_at)) -lt 15 ] || complain "took $(($(date +%s) - started_at)) seconds"
    # Where SIGPIPE is ignored it ends too, and says why.
    (
        trap '' PIPE
        ulimit -t 20
        "$tool" dump ../num 20000 1024 2>/dev/null | { "$tp" 2>err; echo $? >code; } | head -n 1 >out
    )
    code=$(cat code) command_line="tpdecode | head -n 1, SIGPIPE ignored"
    code_is 4
    grep -qx "tpdecode: cannot write standard output: Broken pipe" err || complain "$(cat err)"
}

# Records of a chunk come out while the writer still holds the pipe open.
live()
{
    cut=$((0x2c0 + $1))
    mkfifo go
    : >out
    { head -c $cut ../full.tp; read -r word <go; tail -c +$((cut + 1)) ../full.tp; } | "$tp" >out 2>err &
    pid=$!
    tries=0
    until [ "$(wc -l <out)" -ge 2 ] || [ $tries -ge 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -0 $pid 2>/dev/null || complain "tpdecode has ended while the pipe was open"
    command_line="a pipe with two records so far"
    records 0 1 | out_is
    echo word >go
    wait $pid
    code=$? command_line="the whole pipe"
    code_is 0
    records 0 5 | out_is
    echo "6 records, 0 lost" | err_is
}

# --- golden dumps, through the program ---

golden()
{
    cp "../golden/$1" .
    run "$1"
    code_is "$(sed -n 's/^== exit //p' "$srcdir/tests/golden/$1.txt")"
    golden_part "$1" stdout | out_is
    golden_part "$1" stderr | err_is
    harmless out
    harmless err
    mv out text
    sed "s/^tpdecode: $1: /tpdecode: standard input: /" err >text.err
    text_code=$code
    for mode in json list; do
        [ $mode = json ] && option=--format=json || option=--list-events
        run $option "$1"
        harmless out
        harmless err
        ! grep -q "^== $mode" "$srcdir/tests/golden/$1.txt" || golden_part "$1" $mode | out_is
    done
    # The same from a pipe, byte by byte, and compressed.
    for way in "cat" "dd bs=1" "gzip -c" "gzip -1c | dd bs=1"; do
        eval "$way" <"$1" 2>/dev/null | "$tp" >out 2>err
        code=$? command_line="$1 | $way | tpdecode"
        code_is $text_code
        out_is <text
        err_is <text.err
    done
}

# A wrong bit anywhere but in what is damaged or refused already shows.
golden_flips()
{
    "$tool" flips "../golden/$1" || complain "no places to flip"
    want=$("$tp" <"../golden/$1" 2>&1; echo $?)
    n=0
    for dump in at.*; do
        n=$((n + 1))
        got=$("$tp" <"$dump" 2>&1; echo $?)
        [ "$got" != "$want" ] || complain "$1: a wrong bit ${dump%.*} shows nowhere"
        # And never as "all is well".
        case $got in
        *"
0") complain "$1: a wrong bit ${dump%.*}: exit code 0" ;;
        esac
    done
    [ $n -ge 50 ] || complain "$1: only $n places"
}

# --- memory ---

# NAME ARGUMENT...: the peak of resident memory in kB of a tpdecode into the file NAME.
peak()
{
    peak=$1
    shift
    (ulimit -v 204800; "$tool" peak "$peak" "$tp" "$@" >"$peak.out" 2>"$peak.err"; echo $? >"$peak.code")
    tail -n 1 "$peak.out" >"$peak.last"
    rm -f "$peak.out"
}

# NAME CODE RECORDS LOST MOST: what came of it, and the kB it may have taken.
peaked()
{
    peak=$(cat "$1")
    [ "$(cat "$1.code")" = "$2" ] || complain "$1: exit code $(cat "$1.code"), not $2"
    [ "$(tail -n 1 "$1.err")" = "$3 records, $4 lost" ] || complain "$1: $(cat "$1.err")"
    [ "$peak" -gt 500 ] && [ "$peak" -lt "$5" ] || complain "$1: a peak of $peak kB, the most is $5 kB"
}

no_sanitizer()
{
    ! grep -q __asan_init "$tp" || skip "tpdecode is built with a sanitizer, which takes memory of its own"
}

# Chunks of 24,680 bytes, and now and then metadata and tasks.
memory()
{
    no_sanitizer
    "$tool" dump ../num 80 1024 >small
    "$tool" dump ../num 16200 1024 >large
    [ "$(wc -c <small)" -lt 2100000 ] && [ "$(wc -c <large)" -gt 400000000 ] || complain "sizes: $(wc -c small large)"
    peak file_2 small
    peak file_400 large
    peak pipe_2 <small
    cat large | peak pipe_400
    rm large
    most=$(($(cat file_2) + 1024))
    peaked file_2 0 81920 0 8192
    peaked pipe_2 0 81920 0 $most
    peaked file_400 0 16588800 0 $most
    peaked pipe_400 0 16588800 0 $most
    # Number 16588799 at 1024 ns each.
    echo "           seven-7       [000] .....    16.986930: num: v=16588799" >last
    diff last file_400.last && diff last pipe_400.last || complain "the last record is another"
}

# A CPU that shows nothing holds up the others for 16 MiB of the dump, not more.
memory_silent()
{
    no_sanitizer
    "$tool" dump ../golden/merge 2000 1024 | peak silent_50
    "$tool" dump ../golden/merge 8000 1024 | peak silent_200
    peaked silent_50 0 2048000 0 40960
    peaked silent_200 0 8192000 0 $(($(cat silent_50) + 1024))
}

# Tens of thousands of captures, one after the other: each is forgotten at its end.
memory_joined()
{
    no_sanitizer
    cat ../full.tp ../example.tp >joined
    for power in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
        cat joined joined >twice
        mv twice joined
    done
    peak captures joined
    peaked captures 0 131072 49152 8192
}

# What inflates without end; data without metadata, which is kept until that comes.
memory_hostile()
{
    no_sanitizer
    head -c 200000000 /dev/zero | gzip -1c | peak bomb
    peaked bomb 3 0 0 8192
    "$tool" dump ../num 8000 1024 headless | peak headless
    peaked headless 3 0 8192000 40960
}

# --- what sh cannot do ---

cat >"$tmp/tool.c" <<'END'
/* Writes dumps as doc/format.md describes them, changes bits in them, measures. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { HEADER = 104, METADATA = 1, DATA = 2, TASKS = 3, CLOCK = 4, END = 5, ROOM = 1 << 24 };

static unsigned char bytes[ROOM], payload[1 << 20];
static size_t size;

static void put(unsigned char *to, int n, uint64_t v)
{
    for (int i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

static uint64_t get(const unsigned char *from, int n, int big)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++)
        v = v << 8 | from[big ? i : n - 1 - i];
    return v;
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f)
        exit((perror(path), 1));
    size = fread(bytes, 1, ROOM, f);
    fclose(f);
}

static void write_chunk(int type, size_t n, unsigned count, uint64_t seq, uint64_t time, uint64_t first)
{
    unsigned char h[HEADER] = {0xf5, 't', 'p', 0xfa};

    put(h + 4, 2, 0x0102);
    h[6] = 1;
    h[8] = (unsigned char)type;
    h[9] = 8;
    put(h + 10, 2, HEADER);
    put(h + 12, 2, type == DATA);
    put(h + 14, 2, type == DATA ? 0 : 0xffff);
    put(h + 16, 4, HEADER + n);
    put(h + 20, 4, count);
    put(h + 24, 4, crc32(0, payload, (uInt)n));
    put(h + 32, 8, 0x7e57);
    put(h + 40, 8, seq);
    put(h + 48, 8, time);
    put(h + 56, 8, first);
    put(h + 28, 4, crc32(crc32(0, h, 28), h + 32, HEADER - 32));
    if (fwrite(h, 1, HEADER, stdout) != HEADER || fwrite(payload, 1, n, stdout) != n)
        exit(1);
}

/* Metadata (that of `bytes`), the name of task 7, a clock pair. */
static void write_start(uint64_t *seq, uint64_t time, int metadata)
{
    size_t n = get(bytes + 16, 4, 0) - HEADER;

    memcpy(payload, bytes + HEADER, n);
    if (metadata)
        write_chunk(METADATA, n, 0, (*seq)++, time, 0);
    memset(payload, 0, 24);
    put(payload, 4, 7);
    memcpy(payload + 4, "seven", 5);
    write_chunk(TASKS, 24, 1, (*seq)++, time, 0);
    put(payload, 8, time);
    put(payload + 8, 8, 1700000000000000000 + time);
    write_chunk(CLOCK, 16, 1, (*seq)++, time, 0);
}

/* Record n holds n and is of time 1024 n; count is a power of two. */
static void dump(uint64_t chunks, unsigned count, int metadata)
{
    uint64_t n = 0, seq = 0;

    for (uint64_t c = 0; c < chunks; c++) {
        if (c % 40 == 0)
            write_start(&seq, n * 1024, metadata);
        for (unsigned i = 0; i < count; i++, n++) {
            unsigned char *p = payload + 24 * i;

            memset(p, 0, 24);
            put(p, 4, n * 1024);
            put(p + 4, 4, 0x80030001);
            put(p + 8, 4, 7);
            put(p + 16, 4, n);
        }
        write_chunk(DATA, 24 * count, count, c, (n - count) * 1024, n - count);
    }
    write_chunk(DATA, 0, 0, chunks, n * 1024, n);
    write_chunk(END, 0, 0, seq, n * 1024, 0);
}

static void write_flipped(FILE *to, size_t at, int bit)
{
    bytes[at] ^= 1 << bit;
    fwrite(bytes, 1, size, to);
    bytes[at] ^= 1 << bit;
}

/* Files at.OFFSET.BIT for places from..to of the dump. */
static void flip_range(size_t from, size_t to, size_t step)
{
    for (size_t at = from; at < to; at += step) {
        char name[64];
        FILE *f;

        snprintf(name, sizeof(name), "at.%zu.%zu", at, at * 5 / step % 8);
        f = fopen(name, "wb");
        if (!f)
            exit((perror(name), 1));
        write_flipped(f, at, (int)(at * 5 / step % 8));
        fclose(f);
    }
}

/* In each chunk: the header, and the payload if that is good and to be read. */
static void flips(void)
{
    for (size_t at = 0; at + HEADER <= size; at++) {
        const unsigned char *p = bytes + at;
        int big = p[4] == 1;
        size_t header = get(p + 10, 2, big), whole = get(p + 16, 4, big);

        if (memcmp(p, "\xf5tp\xfa", 4) != 0 || header < HEADER || whole < header || whole > size - at ||
            crc32(crc32(0, p, 28), p + 32, (uInt)(header - 32)) != get(p + 28, 4, big))
            continue;
        flip_range(at, at + 32, 2);
        flip_range(at + 32, at + header, 8);
        if (p[6] == 1 && crc32(0, p + header, (uInt)(whole - header)) == get(p + 24, 4, big))
            flip_range(at + header, at + whole, 7);
        at += whole - 1;
    }
}

static int peak(const char *path, char **command)
{
    struct rusage used;
    FILE *f = fopen(path, "w");
    pid_t pid = fork();
    int status;

    if (!f || pid < 0)
        return 99;
    if (!pid) {
        execv(*command, command);
        _exit(127);
    }
    wait4(pid, &status, 0, &used);
    fprintf(f, "%ld\n", used.ru_maxrss);
    fclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc > 4 && strcmp(argv[1], "dump") == 0) {
        load(argv[2]);
        dump(strtoull(argv[3], NULL, 0), (unsigned)strtoul(argv[4], NULL, 0), argc == 5);
    } else if (argc > 3 && strcmp(argv[1], "flip") == 0) {
        size_t at = strtoull(argv[2], NULL, 0);

        load(argv[3]);
        write_flipped(stdout, at, (int)(at % 8));
    } else if (argc > 2 && strcmp(argv[1], "flips") == 0) {
        load(argv[2]);
        flips();
    } else if (argc > 3 && strcmp(argv[1], "peak") == 0) {
        return peak(argv[2], argv + 3);
    } else if (argc > 2 && strcmp(argv[1], "default_sigpipe") == 0) {
        signal(SIGPIPE, SIG_DFL);
        execv(argv[2], argv + 2);
        return 127;
    } else {
        return 2;
    }
    return fflush(stdout) != 0;
}
END
tool=$tmp/tool
${CC:-cc} -O1 -o "$tool" "$tmp/tool.c" -lz 2>"$tmp/tool.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/tool.err")"
    exit 99
}

# --- the checks ---

mkdir "$tmp/golden"
goldens=
for path in "$srcdir"/tests/golden/*.hex; do
    name=${path##*/}
    [ "$name" != region.hex ] || continue # no dump: see image.sh
    goldens="$goldens ${name%.hex}"
    hex <"$path" >"$tmp/golden/${name%.hex}"
done
sed -n '/^```hex/,/^```$/p' "$srcdir/doc/format.md" | sed 's/^```.*//' | hex >"$tmp/example.tp"
head -c 304 "$tmp/golden/damaged" >"$tmp/num" # metadata: one CPU, t:num "v=%u"
"$tool" dump "$tmp/num" 3 2 >"$tmp/full.tp"
records 0 5 >"$tmp/full.out"
case $(($(wc -c <"$tmp/example.tp"))).$(($(wc -c <"$tmp/full.tp"))).$(($(ls "$tmp/golden" | wc -l))) in
832.1216.2[4-9] | 832.1216.[3-9][0-9]) ;;
*)
    echo "Bail out! not the dumps that were to be made: $(wc -c "$tmp"/*.tp) $(ls "$tmp/golden")"
    exit 99
    ;;
esac

cli "memory: the same for 2 MB and 400 MB, from a file and from a pipe" memory
cli "memory: bounded where a CPU is silent" memory_silent
cli "memory: bounded for many captures in one file" memory_joined
cli "memory: bounded for a gzip bomb and for data without metadata" memory_hostile
cli "--help: fits a terminal, names every option" help
cli "--version" version
cli "usage errors: one line, exit code 2" usage
cli "usage errors: the argument cannot steer the terminal" usage_escapes
cli "manual page: no warnings" manual
cli "manual page: the options of --help, and no others" manual_options
cli "the example of doc/format.md: file, -, standard input, pipe, gzip" example
cli "--format json: the example of doc/format.md" json_example
cli "--format json: a JSON parser takes every line of every golden dump" json_valid
cli "--list-events" list_events
cli "a whole dump" full
cli "several files: by time, - among them, one that is missing" several
cli "two dumps in one file" joined
cli "no dump: empty, PNG, ELF, gzip of a PNG" foreign
cli "no dump: a directory, a missing file, no standard input" not_a_file
cli "no dump: a file whose reading fails" read_error
cli "no dump: a file that may not be read" unreadable
cli "names of files are escaped in messages" names_escaped
cli "cut anywhere in metadata and tasks" cuts 0 431
cli "cut anywhere in clock and data" cuts 432 855
cli "cut anywhere in the rest" cuts 856 1216
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
cli "output: no room on the device" no_room
cli "output: closed" closed
cli "output: its reader goes away" reader_gone
cli "live pipe: records come out while it is open" live 0
cli "live pipe: also where the next chunk has begun" live 50
for name in $goldens; do
    cli "golden $name: exact, from file, pipe, single bytes and gzip" golden "$name"
done
for name in $goldens; do
    cli "golden $name: a wrong bit shows" golden_flips "$name"
done
finish
