#!/bin/sh
# SPDX-License-Identifier: MIT
# memory.sh - the memory that tpdecode takes does not depend on its input. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# NAME ARGUMENT...: the peak of resident memory in kB of a tpdecode into the file NAME.
peak()
{
    peak=$1
    shift
    (ulimit -v 204800; "$tool" peak "$peak" "$tp" "$@" >"$peak.out" 2>"$peak.err"; echo $? >"$peak.code")
    tail -n 1 "$peak.out" >"$peak.last"
    rm -f "$peak.out"
}

# NAME CODE RECORDS LOST MOST: what came of it, and the kB it may have taken. RECORDS is - where nothing
# could be read, which has no sum.
peaked()
{
    peak=$(cat "$1")
    [ "$(cat "$1.code")" = "$2" ] || complain "$1: exit code $(cat "$1.code"), not $2"
    case $3 in
    -) ! grep -q 'records, ' "$1.err" ;;
    *) [ "$(tail -n 1 "$1.err")" = "$3 records, $4 lost" ] ;;
    esac || complain "$1: $(cat "$1.err")"
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
    peak file_400 --jobs 1 large
    peak jobs_400 --jobs 2 large
    peak pipe_2 <small
    cat large | peak pipe_400
    rm large
    most=$(($(cat file_2) + 1024))
    peaked file_2 0 81920 0 8192
    peaked pipe_2 0 81920 0 $most
    peaked file_400 0 16588800 0 $most
    # That of the one that leads: with the output of two. Of one CPU a window has 4 MiB.
    peaked jobs_400 0 16588800 0 $((most + 2 * 6144))
    peaked pipe_400 0 16588800 0 $most
    # Number 16588799 at 1024 ns each.
    echo "           seven-7       [000] .....    16.986930: t_num: v=16588799" >last
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

# Hundreds of thousands of chunks that an index leaves out, of CPUs that each have a record that waits.
memory_index()
{
    no_sanitizer
    "${CC:-cc}" -O1 -o renamed "$srcdir/tests/tool/renamed.c" || complain "no helper"
    ./renamed 2 400000 0 1 0 plain >plain
    "$tp" --index plain 2>index.err || complain "no index: $(cat index.err)"
    peak tail_plain --jobs 1 --tail 3 plain
    [ "$(cat tail_plain.err)" = "3 of 400000 records shown, 0 lost" ] || complain "$(cat tail_plain.err)"
    [ "$(cat tail_plain)" -gt 500 ] && [ "$(cat tail_plain)" -lt 16384 ] || complain "a peak of $(cat tail_plain) kB"
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
    peaked bomb 3 - - 8192
    "$tool" dump ../num 8000 1024 headless | peak headless
    peaked headless 3 0 8192000 40960
}

# --- the checks ---

cli "memory: the same for 2 MB and 400 MB, from a file and from a pipe" memory
cli "memory: bounded where a CPU is silent" memory_silent
cli "memory: bounded where chunks are left out" memory_index
cli "memory: bounded for many captures in one file" memory_joined
cli "memory: bounded for a gzip bomb and for data without metadata" memory_hostile
finish
