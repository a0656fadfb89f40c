#!/bin/sh
# SPDX-License-Identifier: MIT
# output.sh - where tpdecode prints to: no room, nobody who reads, a pipe that is still open. Prints
# TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

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

# With standard streams closed the dump that is written is the same, and nothing else gets into it.
closed_around()
{
    for dump in records damaged; do
        "$tp" --output want.tp ../golden/$dump >/dev/null 2>&1
        want=$?
        [ -s want.tp ] || complain "no want.tp"
        for streams in "<&-" ">&-" "2>&-" "<&- >&-" "<&- >&- 2>&-"; do
            rm -f got.tp
            eval "\"\$tp\" --output got.tp ../golden/$dump $streams" 2>err
            code=$? command_line="tpdecode --output got.tp $dump $streams"
            code_is $want
            cmp want.tp got.tp || complain "$command_line: another dump"
        done
    done
    "$tp" <&- >out 2>err
    code=$? command_line="tpdecode <&-"
    code_is 3
    grep -q 'standard input: Bad file descriptor' err || complain "$(cat err)"
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
    cut=$((0x2c8 + $1))
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

# --- the checks ---

cli "output: no room on the device" no_room
cli "output: closed" closed
cli "output: a dump, with standard streams closed" closed_around
cli "output: its reader goes away" reader_gone
cli "live pipe: records come out while it is open" live 0
cli "live pipe: also where the next chunk has begun" live 50
finish
