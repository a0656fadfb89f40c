#!/bin/sh
# SPDX-License-Identifier: MIT
# golden.sh - the golden dumps through the program, from file and pipe. Prints TAP.
# (With wrong bits: tests/decoder/flip_test.c.)
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# Each line of each golden dump is one JSON object, in valid UTF-8.
json_valid()
{
    need jq iconv
    # jq would replace what is no UTF-8, and does not ask for lines.
    parse() {
        iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || return 1
        jq -ce 'if type == "object" then 1 else error("no object") end' "$1" >parsed || return 1
        [ "$(wc -l <parsed)" -eq "$(wc -l <"$1")" ] || { echo "objects are not lines" >&2; return 1; }
    }
    for wrong in '{"a":1' '{}\n[]' '{}{}' '{"a":"\377"}' '{"a":"\001"}'; do
        printf "$wrong\\n" >wrong
        ! parse wrong 2>/dev/null || complain "the JSON parser takes $wrong"
    done
    lines=0
    for dump in ../golden/* ../example.tp ../full.tp; do
        run --format=json "$dump"
        lines=$((lines + $(wc -l <out)))
        parse out 2>why || complain "$dump: $(cat why)"
    done
    [ $lines -gt 80 ] || complain "only $lines lines of JSON"
}


golden()
{
    cp "../golden/$1" .
    run "$1"
    code_is "$(sed -n 's/^== exit //p' "$(golden_file "$1.txt")")"
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
        ! grep -q "^== $mode" "$(golden_file "$1.txt")" || golden_part "$1" $mode | out_is
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

# --- the checks ---

cli "--format json: a JSON parser takes every line of every golden dump" json_valid
for name in $goldens; do
    cli "golden $name: exact, from file, pipe, single bytes and gzip" golden "$name"
done
finish
