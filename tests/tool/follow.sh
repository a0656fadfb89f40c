#!/bin/sh
# SPDX-License-Identifier: MIT
# follow.sh - tpdecode --follow: what comes out while the input is written, and how it ends.
# Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). Nothing here asserts how fast it is:
# what must come is waited for up to $patience seconds, far longer than it may take.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

patience=60

# --- helpers ---

# Chunk K of golden/merge: 0 metadata, 1 data of CPU 1, 2 of CPU 0, 3 mark of CPU 2, 4 data of CPU 1, 5
# to 7 marks, 8 the end.
chunk()
{
    tail -c +$(($(cut -d' ' -f$(($1 + 1)) <"$tmp/starts") + 1)) "$tmp/merge.tp" |
        head -c $(($(cut -d' ' -f$(($1 + 2)) <"$tmp/starts") - $(cut -d' ' -f$(($1 + 1)) <"$tmp/starts")))
}

# FIRST LAST
chunks()
{
    i=$1
    while [ "$i" -le "$2" ]; do
        chunk "$i"
        i=$((i + 1))
    done
}

# FILE: follows it; leaves out, err, $pid.
follow()
{
    command_line="tpdecode --follow $*"
    : >out
    : >err
    "$tp" --follow "$@" >out 2>err &
    pid=$!
}

# N: until there are so many lines.
lines()
{
    tries=0
    until [ "$(wc -l <out)" -ge "$1" ] || [ $((tries += 1)) -gt $((patience * 10)) ]; do sleep 0.1; done
    [ "$(wc -l <out)" -eq "$1" ] || complain "$command_line: $(wc -l <out) lines, not $1"
}

# TEXT: until stderr says it.
says()
{
    tries=0
    until grep -q "$1" err || [ $((tries += 1)) -gt $((patience * 10)) ]; do sleep 0.1; done
    grep -q "$1" err || complain "$command_line: does not say: $1"
}

# CODE
ends()
{
    (sleep $patience; kill -KILL $pid) >/dev/null 2>&1 &
    guard=$!
    wait $pid
    code=$?
    kill $guard 2>/dev/null
    code_is "$1"
}

# In order, or, on a machine so slow that something waited too long, late and counted.
all_there()
{
    "$tp" "$tmp/merge.tp" 2>want.err >want
    if grep -q "came too late" err; then
        sort want >want.sorted
        sort out | diff want.sorted - || complain "$command_line: other records"
        sed -i '/came too late/d' err
    else
        out_is <want
    fi
    err_is <want.err
}

# --- the checks ---

# Lines come as soon as the other CPUs have shown later ones; the rest at the end mark.
grows()
{
    : >file
    follow file
    chunks 0 2 >>file
    chunk 3 >>file
    # Of CPU 2 there is a mark: what is before it, and before the last of CPUs 0 and 1, is out.
    tries=0
    until [ -s out ] || [ $((tries += 1)) -gt $((patience * 10)) ]; do sleep 0.1; done
    [ -s out ] || complain "nothing comes before the end"
    chunks 4 8 >>file
    ends 0
    all_there
}

# Where a chunk, and its header, is there in part.
in_pieces()
{
    : >file
    follow file
    for piece in 1 60 140 200 300 500 700; do
        head -c $piece "$tmp/merge.tp" >so_far
        tail -c +$(($(wc -c <file) + 1)) so_far >>file
        sleep 0.15
    done
    tail -c +701 "$tmp/merge.tp" >>file
    ends 0
    all_there
}

pipe()
{
    mkfifo pipe
    follow pipe
    exec 3>pipe
    chunks 0 8 >&3
    # The pipe is still open: the end mark is the end.
    ends 0
    exec 3>&-
    all_there
}

standard_input()
{
    "$tp" --follow <"$tmp/merge.tp" >out 2>err
    code=$? command_line="tpdecode --follow <file"
    code_is 0
    all_there
    cat "$tmp/merge.tp" | "$tp" --follow - >out 2>err
    all_there
    gzip -c "$tmp/merge.tp" | "$tp" --follow - >out 2>err
    all_there
    cat "$tmp/merge.tp" "$tmp/merge2.tp" >both
    # That has no end mark: its end is that of the pipe.
    cat both | "$tp" --follow >out 2>err
    sed -i 's/standard input/both/' err
    "$tp" both 2>want.err | out_is
    err_is <want.err
}

# CPU 2 says nothing, and CPU 0 nothing more: after a while output goes on. What comes then from
# before is late: printed, and counted.
silent()
{
    mkfifo pipe
    follow pipe
    exec 3>pipe
    chunk 0 >&3
    chunk 2 >&3
    lines 4
    "$tp" --cpu 0 "$tmp/merge.tp" 2>want.err | out_is
    chunk 1 >&3
    lines 7
    exec 3>&-
    ends 0
    says "tpdecode: [0-9] records came too late to be put in order: --follow waits a second for CPUs that are silent; without it a file is read as a whole"
    (chunk 0; chunks 1 2) | "$tp" 2>want.err | sort >sorted
    sort out | diff sorted - || complain "other records"
    head -n 4 out | grep -vc '\[000\]' | grep -qx 0 || complain "not those of CPU 0 first"
}

# While it is stopped nothing is late. (That this shell waits too long itself, each time, is not to be expected.)
stopped()
{
    tries=0
    mkfifo pipe
    (chunk 0; chunks 1 2) | "$tp" 2>/dev/null >want
    until [ $((tries += 1)) -gt 5 ]; do
        follow pipe
        exec 3>pipe
        chunk 0 >&3
        chunk 2 >&3
        sleep 0.2
        kill -STOP $pid
        sleep 1.5
        chunk 1 >&3
        kill -CONT $pid
        exec 3>&-
        wait $pid
        cmp -s want out && break
    done
    out_is <want
}

# With the books, and without calling what was cut off in the middle damage.
interrupted()
{
    chunks 0 3 >file
    chunk 4 | head -c 120 >>file
    follow file
    lines 7
    kill -INT $pid
    ends 0
    err_is <<END
tpdecode: file: no end mark: tracing went on, or the dump was cut
7 records, 0 lost
END
    follow --head 2 file
    ends 0
    lines 2
}

cut_file()
{
    chunks 0 3 >file
    follow file
    lines 7
    : >file
    ends 1
    says "tpdecode: file: the file was cut while it was followed, reading ends"
}

replaced()
{
    chunks 0 3 >file
    follow file
    lines 7
    cp file other
    mv other file
    ends 1
    says "tpdecode: file: another file has taken its name, reading ends"
}

removed()
{
    chunks 0 3 >file
    exec 3>>file
    follow file
    lines 7
    rm file
    says "tpdecode: file: the file was removed, what is written to it is still read"
    chunks 4 8 >&3
    exec 3>&-
    ends 0
    sed -i '/the file was removed/d' err
    all_there
}

to_a_dump()
{
    mkfifo pipe
    "$tp" --follow --output converted pipe >out 2>err &
    pid=$!
    exec 3>pipe
    chunks 0 3 >&3
    kill -INT $pid
    ends 0
    exec 3>&-
    [ -e converted ] || complain "no dump"
    "$tp" converted >out 2>err
    chunks 0 3 | "$tp" 2>want.err >want
    # The signal may come before what is in the pipe is read.
    [ "$(wc -l <out)" -eq 0 ] || out_is <want
    [ "$(echo ./*.part)" = './*.part' ] || complain "left: $(ls)"
}

usage()
{
    run --follow a b
    nothing_but 2 "tpdecode: --follow takes one input, not also 'b', try 'tpdecode --help'"
}

hex <"$(golden_file merge.hex)" >"$tmp/merge.tp"
hex <"$(golden_file joined.hex)" >"$tmp/merge2.tp"
od -An -v -tu1 -w1 "$tmp/merge.tp" | awk '
    { b[NR - 1] = $1 }
    END { for (at = 0; at < NR; at += b[at + 16] + 256 * b[at + 17]) printf "%d ", at; print NR }' >"$tmp/starts"
[ "$(wc -w <"$tmp/starts")" -eq 10 ] || { echo "Bail out! golden/merge has other chunks: $(cat "$tmp/starts")"; exit 99; }

cli "a file that grows" grows
cli "a file that grows in the middle of chunks" in_pieces
cli "a pipe: ends at the end mark, though it is open" pipe
cli "standard input: file, pipe, gzip, two dumps" standard_input
cli "a silent CPU holds nothing up; what is late is printed and counted" silent
cli "what comes while it is stopped is not late" stopped
cli "SIGINT, --head: the books, and no damage" interrupted
cli "a file that is cut" cut_file
cli "a file whose name another takes" replaced
cli "a file that is removed" removed
cli "into a dump" to_a_dump
cli "one input only" usage
finish
