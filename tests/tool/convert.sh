#!/bin/sh
# SPDX-License-Identifier: MIT
# convert.sh - tpdecode --output: a dump that is cut, joined or compressed decodes to the text
# that the same options print. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Dumps come from tests/golden.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# --- helpers ---

# What standard error says of records, losses and what sampling has left out; events of several
# dumps are one.
books()
{
    awk '/ records left out by sampling$/ { sum[$1] += $2 }
        END {
            for (event in sum)
                printf "%s %.0f\n", event, sum[event] | "sort"
            close("sort")
            sub(/ of [0-9]* records shown/, " records")
            if (sub(/^the first /, "")) { sub(/ records shown/, " records"); sub(/ lost before/, " lost") }
            sub(/, [0-9]* chunks damaged/, "")
            print
        }' "$1"
}

# What several inputs become is one input and one capture: no line says which.
as_one()
{
    awk 'NR == FNR { if (match($0, /^\[[^]]*\]/) && RLENGTH > n) n = RLENGTH; next }
        { if (n) $0 = substr($0, n + 2) }
        !/^--- .*capture [0-9]* begins ---$/' want want >want.one
    mv want.one want
}

# Statistics FILE without what they say of its captures, which is between empty lines.
one_capture()
{
    awk '/^$/ { empty = 1; next }
        empty { skip = / capture$|^counter/; if (!skip) print ""; empty = 0 }
        !skip' "$1" >one
    mv one "$1"
}

# What is printed of FILE... with the options of $select, as text (with $time) and JSON lines of
# records, is what is printed of the dump that the same options and $how write. So are the books,
# and the statistics.
same()
{
    rm -f converted
    "$tp" $select --output converted $how "$@" >out 2>err
    code=$? command_line="tpdecode $select --output converted $how $*"
    [ ! -s out ] || complain "$command_line: something on standard output"
    for time in $times; do
        "$tp" $select --time "$time" "$@" >want 2>want.err
        want=$?
        [ $# = 1 ] || as_one
        # Of an unknown event there is nothing to complain when it is copied.
        [ "$code" = "$want" ] || [ "$code.$want.${dump##*/}" = 0.1.unknown.tp ] || complain "$command_line: exit code $code, and $want when it prints"
        if [ ! -e converted ]; then
            # What was asked for is not there: that is no dump, and said.
            [ "$code" = 2 ] || [ ! -s want ] || complain "$command_line: wrote nothing"
            continue
        fi
        "$tp" --time "$time" converted >got 2>got.err
        diff want got >differ || { complain "$command_line, --time $time: < is wanted"; head -n 20 differ; }
        books want.err >want.books
        books got.err >got.books
        diff want.books got.books >differ || { complain "$command_line: books, < is wanted"; cat differ; }
    done
    if [ -e converted ]; then
        "$tp" $select --stats "$@" >want.stats 2>err
        "$tp" --stats converted >got.stats 2>err
        [ $# = 1 ] || { one_capture want.stats; one_capture got.stats; }
        diff want.stats got.stats >differ || { complain "$command_line: --stats, < is wanted"; cat differ; }
    fi
    set -- *.part
    [ "$*" = '*.part' ] || complain "$command_line: left $*"
}

all_golden()
{
    done=0
    for dump in "$tmp"/golden/*.tp; do
        same "$dump"
        done=$((done + 1))
    done
    [ "$done" -ge 31 ] || complain "only $done dumps"
}

selected_golden()
{
    how=
    times="seconds raw utc"
    for select in "--cpu 0" "--cpu 1" "--pid 1-2" "--event n*" "--head 2" "--head 0" "--from +100ns" \
        "--to 0.000003" "--from 0.000001 --to 0.000004 --cpu 0-1"; do
        all_golden
    done
}

# NAME CODE ERR-LINE ARGUMENT...
fails()
{
    want_code=$1 line=$2
    shift 2
    run "$@"
    nothing_but "$want_code" "$line"
}

# FILE: its chunks, a line each: type, flags, records (little-endian ones).
chunks()
{
    od -An -v -tu1 -w1 "$1" | awk '
        { b[NR - 1] = $1 }
        END {
            for (at = 0; at < NR; at += size) {
                size = b[at + 16] + 256 * b[at + 17] + 65536 * b[at + 18]
                if (b[at] != 245 || b[at + 3] != 250 || size < 104) { print "no chunk at " at; exit }
                print b[at + 8], 256 * b[at + 13] + b[at + 12], b[at + 20] + 256 * b[at + 21]
            }
        }'
}

# --- the checks ---

whole()
{
    select= how=$1
    times="seconds raw utc relative delta"
    all_golden
}

json_too()
{
    for dump in "$tmp"/golden/*.tp; do
        "$tp" --format json "$dump" 2>err | grep -v '"schema"' >want
        "$tp" --output converted "$dump" 2>err || continue
        "$tp" --format json converted 2>err | grep -v '"schema"' >got
        diff want got >differ || { complain "--format json of $dump: < is wanted"; cat differ; }
        "$tp" --list-events "$dump" >want 2>err
        "$tp" --list-events converted >got 2>err
        diff want got >differ || { complain "--list-events of $dump: < is wanted"; cat differ; }
    done
}

# Twice is as once: what is written is all good.
again()
{
    for name in types loss unfinished overwrite tasks merge be32 zlib utc; do
        "$tp" --output once "$tmp/golden/$name.tp" 2>err
        run --output twice once
        code_is 0
        cmp once twice || complain "$name: the second time it is another"
    done
}

# By hand, from golden/loss and unfinished: what must be in the chunks.
bytes()
{
    run --output converted "$tmp/golden/unfinished.tp"
    code_is 0
    # Metadata, records 10 and 11, the one in flight, 17 with context, 18, the mark of the last loss, the end.
    chunks converted >got
    cat >want <<END
1 0 0
2 0 2
2 512 1
2 513 1
2 513 0
2 512 0
5 0 0
END
    diff want got >differ || { complain "chunks of golden/unfinished, < is wanted"; cat differ; }
    run --output converted --compress zlib "$tmp/golden/types.tp"
    code_is 0
    chunks converted | awk '$1 == 1 && $2 == 2' | grep -q . || complain "metadata is not compressed"
    run --output plain converted
    "$tp" --output direct "$tmp/golden/types.tp" 2>err
    cmp plain direct || complain "compressed and not: another dump"
    [ "$(wc -c <converted)" -lt "$(wc -c <plain)" ] || complain "compressed, and not smaller"
}

# The end mark is there when the original has one and nothing is cut behind.
end_mark()
{
    "$tp" --output converted "$tmp/golden/merge.tp" 2>err
    "$tp" converted 2>err >out
    ! grep -q "no end mark" err || complain "no end mark"
    "$tp" --output converted --head 1 "$tmp/golden/merge.tp" 2>err
    "$tp" converted 2>err >out
    grep -q "no end mark" err || complain "an end mark behind --head"
    chunks converted | grep -q '^5 ' && complain "an end chunk behind --head"
}

# FILE... : text of the joined dump is the text of them all.
joins()
{
    for joined in "types loss" "tasks merge types loss" "be32 unfinished tasks" "joined utc" "utc merge" \
        "be64 le32 gap overwrite" "tasks tasks" "names merge" "counts types counts" "types counts"; do
        set --
        for name in $joined; do
            set -- "$@" "../golden/$name.tp"
        done
        times=seconds select= how="--compress zlib"
        same "$@"
        [ -s want ] || complain "$joined: no text"
    done
}

output_files()
{
    cp "$tmp/golden/merge.tp" in.tp
    ln in.tp link.tp
    fails 4 "tpdecode: cannot write in.tp: it is an input" --output in.tp in.tp
    fails 4 "tpdecode: cannot write link.tp: it is an input" --output link.tp in.tp
    "$tp" --output in.tp <in.tp 2>err
    code=$?
    code_is 4
    cmp in.tp "$tmp/golden/merge.tp" || complain "an input was changed"
    mkdir folder
    fails 4 "tpdecode: cannot write folder: Is a directory" --output folder in.tp
    fails 4 "tpdecode: cannot write none/x: No such file or directory" --output none/x in.tp
    # A file is replaced when the new one is whole, and stays if there is none.
    echo old >there
    fails 3 "tpdecode: ../golden/empty: empty, not a dump" --output there ../golden/empty
    [ "$(cat there)" = old ] || complain "replaced by nothing"
    run --output there in.tp
    code_is 0
    "$tp" there >got 2>err
    "$tp" in.tp >want 2>err
    cmp got want || complain "not replaced"
    "$tp" --output - in.tp 2>err | "$tp" >got 2>err
    cmp got want || complain "--output -: another text"
    [ "$(ls)" = "$(printf '%s\n' differ err folder got in.tp link.tp out there want)" ] || complain "left: $(ls)"
}

no_room()
{
    [ -c /dev/full ] || skip "needs /dev/full"
    run --output /dev/full "$tmp/golden/merge.tp"
    code_is 4
    grep -qx "tpdecode: cannot write /dev/full: No space left on device" err || complain "$(cat err)"
    # A file that may not become as long: what was begun is gone.
    : >code
    (trap '' XFSZ; ulimit -f 1; "$tp" --output long "$tmp/golden/types.tp" 2>err; echo $? >code)
    code=$(cat code) command_line="tpdecode --output with ulimit -f"
    code_is 4
    grep -qx "tpdecode: cannot write long: File too large" err || complain "$(cat err)"
    [ ! -e long ] && [ "$(echo ./*.part)" = './*.part' ] || complain "left: $(ls)"
}

# A signal takes away what was begun.
# Metadata and names are there again now and then: of a dump that has lost its beginning nearly all can be read.
beginning_lost()
{
    ${CC:-cc} -O1 -o wide "$srcdir/tests/export/wide.c" || complain "a helper cannot be built"
    ./wide 5 100000 0 1 0 >wide.tp
    run --output long.tp wide.tp
    code_is 0
    [ "$(wc -c <long.tp)" -gt 5000000 ] || complain "too short a test"
    tail -c +2500000 long.tp >rest.tp
    run --format json --no-schema rest.tp
    code_is 1
    "$tp" --format json --no-schema wide.tp 2>/dev/null | tail -n 40000 >want
    grep -c '"common_comm":"task' want >named
    [ "$(cat named)" = 39600 ] || complain "$(cat named) of 40,000 have a name"
    tail -n 40000 out | cmp - want >differ || complain "the last 40,000 differ: $(cat differ)"
}

interrupted()
{
    mkfifo pipe
    "$tp" --output converted pipe >out 2>err &
    pid=$!
    exec 3>pipe
    cat "$tmp/golden/merge.tp" >&3
    tries=0
    until [ -e "converted.$pid.part" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
    [ -e "converted.$pid.part" ] || complain "no file was begun"
    kill -TERM $pid
    wait $pid 2>/dev/null # the shell reports the signal
    code=$?
    exec 3>&-
    [ $code = 143 ] || complain "ended with $code"
    [ ! -e converted ] && [ ! -e "converted.$pid.part" ] || complain "left: $(ls)"
}

usage()
{
    refused="tpdecode: not with --tail, lists, answers or options of printing: '--output', try 'tpdecode --help'"
    for option in --tail=1 --list-events --format=json --fields=v --template=%t; do
        fails 2 "$refused" --output x $option "$tmp/golden/merge.tp"
    done
    fails 2 "tpdecode: unknown compression 'zstd': none or zlib" --compress zstd x
    [ ! -e x ] || complain "something was written"
}

progress()
{
    run --progress --output x "$tmp/golden/merge.tp"
    code_is 0
    grep -Eqx 'tpdecode: [0-9.]+ of [0-9.]+ MiB, 9 records, [0-9.]+ MiB/s, [0-9]+ s left' err || complain "$(cat err)"
    run --progress "$tmp/golden/merge.tp"
    "$tp" "$tmp/golden/merge.tp" 2>err | out_is
    "$tp" --progress - <"$tmp/golden/merge.tp" 2>err | cat >out
    grep -q 's left' err || complain "a file on standard input: $(cat err)"
    cat "$tmp/golden/merge.tp" | "$tp" --progress >out 2>err
    grep -q 'MiB/s' err && ! grep -q 'left' err || complain "a pipe: $(cat err)"
    for quiet in "" --no-progress "--progress --no-progress"; do
        run $quiet "$tmp/golden/merge.tp"
        echo "9 records, 0 lost" | err_is
    done
}

mkdir "$tmp/golden"
for path in "$srcdir"/tests/golden/*.hex; do
    hex <"$path" >"$tmp/golden/$(golden_name "$path").tp"
done
: >"$tmp/golden/empty"

cli "every golden dump decodes to its own text" whole ""
cli "compressed, too" whole "--compress zlib"
cli "as JSON, and its events" json_too
cli "selections decode to what they print" selected_golden
cli "the second time it is the same, byte by byte" again
cli "chunks, flags and counts" bytes
cli "the end mark" end_mark
cli "several inputs become one dump with their text" joins
cli "files: no input is written, a name is given at the end" output_files
cli "no room: exit code 4, and nothing is left" no_room
cli "the beginning is lost" beginning_lost
cli "a signal: nothing is left" interrupted
cli "options that do not go together" usage
cli "--progress, --no-progress" progress
finish
