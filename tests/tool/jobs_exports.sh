#!/bin/sh
# SPDX-License-Identifier: MIT
# jobs_exports.sh - --jobs with formats of viewers: the file of several processes is the file of one. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/jobs_help.sh"

golden()
{
    same "../golden/$1" --format ftrace
}

example()
{
    same ../example.tp --format ftrace
    same ../full.tp --format ftrace
}

vectors()
{
    for vector in "$srcdir"/tests/conformance/vectors/*.hex; do
        hex <"$vector" >vector
        same vector --format ftrace
    done
}

# Who runs on a CPU is known from what came before: by each record, by some, or by none.
switches()
{
    "$tmp/wide" 5 9000 >wide.tp
    same wide.tp --format ftrace --role 'w:e0=switch next=v_u32 prev=v_u16'
    same wide.tp --format ftrace --role 'w:e0=switch next=v_u32'
    same wide.tp --format ftrace --role 'w:e0=switch next=v_u32 prev=v_u16' --role 'w:e1=run task=v_u8'
    same wide.tp --format ftrace --role 'w:e0=switch next=v_u64 prev=v_u16' # numbers of 64 bits get others
    same wide.tp --format ftrace --role 'w:e0=wakeup task=v_u64'
    same wide.tp --format ftrace --role 'w:e9=run task=v_u8'
    "$tp" --format ftrace --role 'w:e0=switch next=v_u32 prev=v_u16' --role 'w:e1=run task=v_u8' wide.tp 2>/dev/null >out
    grep -q 'sched_switch: .*next_pid=[1-9]' out || complain "nothing is switched to"
    grep -q 'sched_switch: .*prev_pid=[1-9]' out || complain "nothing is switched from"
}

names()
{
    for every in 1 50 3000; do
        "$tmp/renamed" 4 20000 $every >names.tp
        same names.tp --format ftrace
    done
    same names.tp --format ftrace --head 7777
    same names.tp --format ftrace --cpu 1
    same names.tp --format ftrace --filter 'common_comm ~ "n3*"'
    "$tp" --jobs 1 --format ftrace names.tp --output want.txt 2>/dev/null
    "$tp" --jobs 3 --format ftrace names.tp --output out.txt 2>/dev/null
    cmp want.txt out.txt || complain "--output differs"
    [ "$(readers 3 --format ftrace names.tp)" -ge 2 ] || complain "one process decodes"
}

damaged()
{
    "$tmp/renamed" 4 20000 50 >whole.tp
    size=$(wc -c <whole.tp)
    i=1
    while [ $i -le 12 ]; do
        at=$(((i * 7919 * 104729 + 54321) % size))
        case $((i % 3)) in
        0) head -c $at whole.tp >damaged.tp ;;
        1) { head -c $at whole.tp && tail -c +$((at + 1001)) whole.tp; } >damaged.tp ;;
        2) "$tool" flip $at whole.tp >damaged.tp ;;
        esac
        same damaged.tp --format ftrace
        i=$((i + 1))
    done
    cat whole.tp whole.tp >twice.tp
    same twice.tp --format ftrace
}

for dump in $goldens; do
    cli "$dump" golden "$dump"
done
cli "examples" example
cli "test vectors" vectors
cli "who runs" switches
cli "names of tasks" names
cli "damage" damaged
finish
