#!/bin/sh
# SPDX-License-Identifier: MIT
# inflate.sh - a gzip input that another process inflates: what is printed and said is what one process prints and says.
# Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/jobs_help.sh"

"$tmp/renamed" 4 100000 3000 >"$tmp/dump.tp"
gzip -1c "$tmp/dump.tp" >"$tmp/dump.gz"
[ "$(wc -c <"$tmp/dump.tp")" -gt 2500000 ] || { # several times what the two share
    echo "Bail out! dump.tp has $(wc -c <"$tmp/dump.tp") bytes"
    exit 99
}

# FILE OPTION...: the same from the file, also in which order, and from a pipe.
alike()
{
    file=$1
    shift
    "$tp" --jobs 1 "$@" "$file" >want 2>want.err
    want=$?
    "$tp" --jobs 1 "$@" "$file" >want.both 2>&1
    "$tp" --jobs 1 "$@" <"$file" >want.in 2>want.in.err
    cat "$file" | "$tp" --jobs 1 "$@" >want.pipe 2>want.pipe.err
    want_pipe=$?
    for n in 2 3; do
        command_line="tpdecode --jobs $n $* $file"
        "$tp" --jobs $n "$@" "$file" >out 2>err
        code=$?
        code_is $want
        cmp out want && cmp err want.err || complain "$command_line: another text or other messages: $(diff want.err err | head -n 4)"
        "$tp" --jobs $n "$@" "$file" >out 2>&1
        cmp out want.both || complain "$command_line: another order"
        "$tp" --jobs $n "$@" <"$file" >out 2>err
        cmp out want.in && cmp err want.in.err || complain "$command_line: another text as standard input: $(cat err)"
        cat "$file" | "$tp" --jobs $n "$@" >out 2>err
        code=$?
        code_is $want_pipe
        cmp out want.pipe && cmp err want.pipe.err || complain "$command_line: another text from a pipe: $(cat err)"
    done
}

options()
{
    ln -s ../dump.gz .
    alike dump.gz
    for option in '--format json' '--format csv' '--stats' '--info' '--head 5' '--head 0' '--tail 5' '--from 0.001' '--to 0.001' \
        '--list-events' '--time relative' '--cpu 1' '--format trace.dat' '--format parquet' '--format chrome' '--shard 1/2' \
        '--output -' '--clock-hz 1000' '--timeline'; do
        # shellcheck disable=SC2086
        alike dump.gz $option
    done
    alike dump.gz --filter 'common_pid < 5'
    alike dump.gz --from -1ms
    "$tp" ../dump.tp 2>/dev/null | cmp -s - want && complain "--from -1ms is all"
    "$tp" --jobs 2 dump.gz >out 2>/dev/null
    "$tp" --jobs 1 ../dump.tp 2>/dev/null | cmp - out || complain "it is not what is in it"
}

kinds()
{
    : >none
    gzip -c none >empty.gz
    printf '\211PNG\r\n\032\n\0\0\0\rIHDR' | gzip -c >png.gz
    hex <"$(golden_file region.hex)" | gzip -c >region.gz
    { head -c 1000000 ../dump.tp | gzip -c && tail -c +1000001 ../dump.tp | gzip -9c; } >members.gz
    { cat ../dump.gz && echo junk; } >junk.gz
    { cat ../dump.gz && head -c 30 ../dump.gz; } >member.gz
    { cat ../dump.gz && cat ../full.tp; } >plain.gz
    { gzip -c ../full.tp && gzip -c none && gzip -c ../example.tp; } >three.gz
    head -c 4000000 /dev/zero | gzip -c >zero.gz
    { head -c 1000000 /dev/zero && cat ../dump.tp; } | gzip -c >late.gz
    head -c 3 ../dump.gz >three_bytes
    head -c 2 ../dump.gz >two_bytes
    for name in empty.gz png.gz region.gz members.gz junk.gz member.gz plain.gz three.gz zero.gz late.gz three_bytes two_bytes none ../full.tp; do
        alike $name
        alike $name --stats
    done
}

# SEED: cut, and with a wrong bit.
damaged()
{
    size=$(wc -c <../dump.gz)
    i=1
    while [ $i -le 16 ]; do
        at=$(((i * 7919 * 104729 + $1) % size))
        case $((i % 2)) in
        0) head -c $at ../dump.gz >bad.gz ;;
        1) "$tool" flip $at ../dump.gz >bad.gz ;;
        esac
        case $((i / 2 % 4)) in
        0) alike bad.gz ;;
        1) alike bad.gz --format json ;;
        2) alike bad.gz --stats ;;
        3) alike bad.gz --tail 20 ;;
        esac
        i=$((i + 1))
    done
    for at in $((size - 1)) $((size - 8)) $((size - 9)) 18 10 9; do
        head -c $at ../dump.gz >bad.gz
        alike bad.gz
    done
}

several()
{
    "$tmp/renamed" 2 40000 50 20 >two.tp
    gzip -c two.tp >two.gz
    for option in --stats --info '--format json' '--head 30'; do
        for n in 1 2 3 4; do
            # shellcheck disable=SC2086
            "$tp" --jobs $n $option ../dump.gz two.gz ../dump.tp >out.$n 2>err.$n
            # shellcheck disable=SC2086
            cat two.gz | "$tp" --jobs $n $option ../dump.gz - >pipe.$n 2>pipe_err.$n
            for what in out err pipe pipe_err; do
                cmp $what.1 $what.$n || complain "--jobs $n $option: another $what"
            done
        done
    done
    # Which of two that read the same standard input has its first bytes is left as it is.
    for n in 1 3; do
        "$tp" --jobs $n - - <two.gz >out.$n 2>err.$n
        "$tp" --jobs $n --metadata - ../dump.gz <two.gz >>out.$n 2>>err.$n
    done
    cmp out.1 out.3 && cmp err.1 err.3 || complain "standard input twice"
}

# [OPTION...] INPUT: how many others are started.
others()
{
    strace -f -o trace -e trace=clone,clone3,fork,vfork "$tp" --sandbox off "$@" >out 2>err
    grep -c -E '(clone|clone3|fork|vfork)\(' trace
}

# N [OPTION...] INPUT: that many others.
others_are()
{
    want=$1
    shift
    got=$(others "$@")
    [ "$got" -eq "$want" ] || complain "$*: $got others, not $want"
}

# large.gz has 1 MiB, small.gz a byte less.
started()
{
    need strace
    "$tmp/renamed" 4 500000 1 7 | gzip -1c >all.gz
    [ "$(wc -c <all.gz)" -gt 1048576 ] || complain "it has $(wc -c <all.gz) bytes"
    head -c 1048576 all.gz >large.gz
    head -c 1048575 all.gz >small.gz
    online=$(nproc)
    [ "$online" -lt 2 ] || others_are 1 large.gz
    others_are 0 small.gz
    others_are 0 --jobs 1 large.gz
    others_are 1 --jobs 2 small.gz
    others_are 1 --jobs 3 small.gz
    others_are 1 --jobs 2 small.gz ../dump.gz
    others_are 2 --jobs 3 small.gz ../dump.gz
    others_are 1 --jobs 3 small.gz ../dump.tp
    others_are 1 --jobs 2 --tail 5 small.gz
    others_are 1 --jobs 2 --format parquet small.gz # which packs pages
    others_are 2 --jobs 3 --format parquet small.gz
    [ "$(cat small.gz | others --jobs 3 --follow)" -eq 0 ] || complain "--follow: $(cat trace)"
    [ "$(cat small.gz | others --jobs 3)" -eq 1 ] || complain "a pipe: $(cat trace)"
    [ "$(cat ../dump.tp | others --jobs 3)" -eq 0 ] || complain "a plain pipe: $(cat trace)"
    [ "$(others --jobs 3 - - <small.gz)" -eq 0 ] || complain "standard input twice: $(cat trace)"
}

# FILE COMMAND...: until it succeeds; else FILE is shown.
until_it()
{
    shown=$1
    shift
    tries=0
    until "$@" || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
    [ $tries -le 600 ] || complain "waited for: $*: $(cat "$shown")"
}

has_lines()
{
    [ "$(wc -l <"$1")" -ge "$2" ]
}

nobody()
{
    ! pgrep -f "$1" >left
}

# What a pipe has given so far is shown while more is waited for.
slow()
{
    mkfifo pipe
    "$tp" --jobs 2 pipe >out 2>err &
    leader=$!
    exec 3>pipe
    head -c 1000 ../full.tp | gzip -c >&3
    until_it out has_lines out 4
    tail -c +1001 ../full.tp | gzip -c >&3
    until_it out has_lines out 6
    exec 3>&-
    wait $leader
    code=$? command_line="two members, one after the other"
    code_is 0
    out_is <../full.out
    echo "6 records, 0 lost" | err_is
}

# It ends with the one that reads: while it waits for more of a pipe, for room, or when that one is ended.
ended()
{
    need pgrep
    ln "$tp" ended.$$ || cp "$tp" ended.$$
    mkfifo pipe
    ./ended.$$ --jobs 2 --head 5 pipe >out 2>err &
    leader=$!
    exec 3>pipe
    head -c 20000 ../dump.gz >&3
    wait $leader
    code=$? command_line="--head 5 of a pipe that stays open"
    code_is 0
    until_it left nobody "^./ended.$$"
    exec 3>&-
    [ "$(wc -l <out)" -eq 5 ] || complain "$(wc -l <out) lines"
    ./ended.$$ --jobs 2 --head 5 ../dump.gz 2>err | cat >out2
    cmp out out2 || complain "another head"
    ./ended.$$ --jobs 2 ../dump.gz 2>err | head -n 1 >out
    [ ! -s err ] || complain "a pipe that is closed: $(cat err)"
    ./ended.$$ --jobs 2 ../dump.gz >/dev/full 2>err
    code=$? command_line="a full device"
    code_is 4
    cat ../dump.gz | ./ended.$$ --jobs 2 >/dev/full 2>err
    ./ended.$$ --jobs 2 pipe >out 2>err &
    leader=$!
    exec 3>pipe
    head -c 20000 ../dump.gz >&3
    until_it out has_lines out 5
    kill -9 $leader
    wait $leader 2>/dev/null
    until_it left nobody "^./ended.$$"
    exec 3>&-
}

# Starts one whose output is not read, so that neither of the two can have come to its end: $leader, $other; its output is descriptor 3.
hold()
{
    need pgrep
    rm -f pipe
    mkfifo pipe
    "$tp" --jobs 2 "$@" >pipe 2>err &
    leader=$!
    exec 3<pipe
    head -c 10 <&3 >/dev/null
    until_it err pgrep -P $leader >other
    other=$(cat other)
}

lost()
{
    for format in text json; do
        hold --format $format ../dump.gz
        kill -9 "$other"
        cat <&3 >out
        exec 3<&-
        wait $leader
        code=$? command_line="--format $format, the one that inflates is ended"
        code_is 4
        echo 'tpdecode: a process that does a part of it has ended' | diff - err || complain "$format: $(cat err)"
    done
}

# It has given up its rights, and takes no more than 8 MiB.
confined()
{
    grep -q __asan_init "$tp" && return # it opens files at its end, and takes memory of its own
    hold --sandbox=require ../dump.gz
    grep '^Seccomp:' "/proc/$other/status" | tr -cd 0-9 >seccomp
    grep '^NoNewPrivs:' "/proc/$other/status" | tr -cd 0-9 >>seccomp
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$other/status")
    kill $leader
    exec 3<&-
    wait $leader 2>/dev/null
    [ "$(cat seccomp)" = 21 ] || complain "Seccomp, NoNewPrivs: $(cat seccomp)"
    [ "$peak" -gt 300 ] && [ "$peak" -lt 8192 ] || complain "a peak of $peak kB"
}

# What is read fails in the middle.
read_error()
{
    need strace
    for n in 1 2; do
        strace -f -o trace -P ../dump.gz -e inject=read:error=EIO:when=3 "$tp" --sandbox off --jobs $n ../dump.gz >out.$n 2>err.$n
        echo $? >>err.$n
    done
    grep -q 'Input/output error' err.1 || complain "no error: $(cat err.1)"
    [ -s out.1 ] && cmp out.1 out.2 && cmp err.1 err.2 || complain "another text: $(cat err.2)"
}

cli "options" options
cli "members, junk, what is empty or no dump" kinds
cli "cut and damaged" damaged 0
cli "cut and damaged elsewhere" damaged 54321
cli "several inputs" several
cli "how many are started" started
cli "a slow pipe" slow
cli "no process is left" ended
cli "the one that inflates is ended" lost
cli "its rights and memory" confined
cli "an error of reading" read_error
finish
