#!/bin/sh
# SPDX-License-Identifier: MIT
# convert.sh - tpdecode --output: a dump that is cut, joined or compressed decodes to the text
# that the same options print. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Dumps come from tests/golden.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/decoder/help.sh"

# --- helpers ---

# What is printed of FILE... with the options of $select, as text (with $time) and JSON lines of
# records, is what is printed of the dump that the same options and $how write.
same()
{
    rm -f converted
    "$tp" $select --output converted $how "$@" >out 2>err
    code=$? command_line="tpdecode $select --output converted $how $*"
    [ ! -s out ] || complain "$command_line: something on standard output"
    for time in $times; do
        "$tp" $select --time "$time" "$@" >want 2>want.err
        want=$?
        [ "$code" = "$want" ] || complain "$command_line: exit code $code, and $want when it prints"
        if [ ! -e converted ]; then
            [ ! -s want ] || complain "$command_line: wrote nothing"
            continue
        fi
        "$tp" --time "$time" converted >got 2>got.err
        diff want got >differ || { complain "$command_line, --time $time: < is wanted"; head -n 20 differ; }
    done
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
