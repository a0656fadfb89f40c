#!/bin/sh
# SPDX-License-Identifier: MIT
# column.sh - --column: the same text in each record and loss, as JSON and CSV (as Parquet: tests/export/parquet.sh).
# Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# As without it, but for the columns.
json()
{
    for name in loss counts unknown unfinished arrays; do
        run --format json --no-schema --column host=web1 --column 'what=a "b", c' "../golden/$name"
        "$tp" --format json --no-schema "../golden/$name" >plain 2>/dev/null
        jq -c 'select(.host == "web1" and .what == "a \"b\", c") | del(.host, .what)' out >got
        jq -c . plain | diff - got >differ || complain "$name: $(cat differ)"
        [ -s got ] || complain "$name: nothing"
    done
}

csv()
{
    for how in '' '--fields v'; do
        # shellcheck disable=SC2086
        run --format csv --column host=web1 --column note=-1 $how ../full.tp
        # shellcheck disable=SC2086
        "$tp" --format csv $how ../full.tp 2>/dev/null | sed '1s/$/,"host","note"/; 2,$s/$/,"web1","'"'"'-1"/' |
            diff - out >differ || complain "$how: $(cat differ)"
    done
    run --format csv --column host=web1 ../golden/loss
    "$tp" --format csv ../golden/loss 2>/dev/null | sed '1s/$/,"host"/; 2,$s/$/,"web1"/' |
        diff - out >differ || complain "losses: $(cat differ)"
    run --format csv --column host= ../full.tp
    code_is 0
    [ "$(grep -c ',""$' out)" = 6 ] || complain "no empty text: $(cat out)"
}

# N CHARACTER
repeat()
{
    awk -v n="$1" -v c="$2" 'BEGIN { while (n--) printf "%s", c }'
}

limits()
{
    run --format json --column "$(repeat 63 a)=x" --column "b=$(repeat 255 y)" ../full.tp
    code_is 0
    [ "$(grep -c "\"$(repeat 63 a)\":\"x\",\"b\":\"$(repeat 255 y)\"" out)" = 6 ] || complain "$(cat out)"
    refused "the name of a column is letters, digits and _, as host=web1, and at most 63 of them, not '$(repeat 64 a)=x'" "$(repeat 64 a)=x"
    run --format json --column "b=$(repeat 256 y)" ../full.tp
    code_is 2
    grep -q "the text of a column has at most 255 bytes, not 'b=yyy" err || complain "$(cat err)"
    set --
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        set -- "$@" --column c$i=$i
    done
    run --format json "$@" ../full.tp
    code_is 0
    grep -q '"c15":"15","c16":"16"' out || complain "$(cat out)"
    run --format json "$@" --column x=1 ../full.tp
    nothing_but 2 "tpdecode: more than 16 columns: 'x=1', try 'tpdecode --help'"
}

refused()
{
    message=$1
    run --format json --column host=web1 --column "$2" ../full.tp
    nothing_but 2 "tpdecode: $message, try 'tpdecode --help'"
}

wrong()
{
    refused "not NAME=TEXT, as host=web1: 'web1'" web1
    refused "the name of a column is letters, digits and _, as host=web1, and at most 63 of them, not '=web1'" =web1
    refused "the name of a column is letters, digits and _, as host=web1, and at most 63 of them, not '1a=x'" 1a=x
    refused "the name of a column is letters, digits and _, as host=web1, not 'a-b=x'" a-b=x
    refused "the text of a column is not UTF-8: 'a=\\xff'" "$(printf 'a=\377')"
    refused "a column of that name was given already: 'HOST=x'" HOST=x
    refused "names that begin with common_ are of the record itself: 'common_x=1'" common_x=1
    for name in time_ns wall_ns cpu CPU event sys fields lost cause capture input message; do
        refused "each record has a column of that name already: '$name=x'" $name=x
    done
    run --column host=web1 ../full.tp
    nothing_but 2 "tpdecode: no --format json, csv or parquet of records for '--column', try 'tpdecode --help'"
    for how in --stats --list-events '--format vcd' '--template %t' '--output x.tp'; do
        # shellcheck disable=SC2086
        run --column host=web1 $how ../full.tp
        code_is 2
        grep -q "no --format json, csv or parquet of records for '--column'" err || complain "$how: $(cat err)"
    done
    run --format csv --column v=1 --fields v ../full.tp
    nothing_but 2 "tpdecode: --column and --fields have the same name: 'v', try 'tpdecode --help'"
}

cli "JSON: each line has it, and nothing else is different" json
cli "CSV: the last columns" csv
cli "limits" limits
cli "what is refused" wrong
finish
