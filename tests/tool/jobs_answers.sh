#!/bin/sh
# SPDX-License-Identifier: MIT
# jobs_answers.sh - --jobs with answers: what several processes count and add up is what one counts. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/jobs_help.sh"

answers()
{
    same "$1" --stats
    same "$1" --info
    same "$1" --stats --by comm
}

golden()
{
    answers "../golden/$1"
}

vectors()
{
    for vector in "$srcdir"/tests/conformance/vectors/*.hex; do
        hex <"$vector" >vector
        same vector --stats
    done
}

# The field v of each dump is another number in each record: more keys than there is room for.
options()
{
    # shellcheck disable=SC2086
    "$tmp/$1" $2 >dump.tp
    for option in '' '--event nosuch' '--cpu 1' '--cpu 77' '--pid 3,7' '--pid 77777' '--head 0' '--head 7777' '--capture 2' \
        '--clock-hz 1000' '--format json'; do
        # shellcheck disable=SC2086
        same dump.tp --stats $option
    done
    for option in '--info' '--info --format json' '--hist v' '--hist v --by cpu' '--hist v:linear --by comm' '--hist v --by v' \
        '--hist nosuch' '--hist common_comm' '--hist common_comm --by cpu' '--stats --by v' '--stats --by cpu' \
        '--stats --by comm --format json' '--stats --by nosuch' '--stats --from 0.001' '--latency' '--timeline' '--timeline --by cpu' \
        '--tasks' '--spans'; do
        # shellcheck disable=SC2086
        same dump.tp $option
    done
    same dump.tp --stats --filter 'common_pid < 5'
    same dump.tp --hist v --filter 'common_comm ~ "n3*"'
    same dump.tp --info --filter 'nosuch > 3'
}

# Times that go back, which is counted, from one chunk to the next; in any of them, or in one.
backwards()
{
    "$tmp/renamed" 4 20000 3000 50 1000000 >back.tp
    "$tp" --stats back.tp 2>&1 | grep -q 'time went back' || complain "time does not go back"
    answers back.tp
    same back.tp
    "$tmp/renamed" 4 60000 0 400 -100000000 >back.tp
    "$tp" --stats back.tp 2>&1 | grep -q 'time went back 1 times' || complain "time does not go back once"
    answers back.tp
}

decodes()
{
    "$tmp/renamed" 4 300000 3000 >large.tp
    for answer in --stats --info '--hist v'; do
        # shellcheck disable=SC2086
        found=$(readers 3 $answer large.tp)
        [ "$found" -ge 3 ] || complain "$found processes decode for --jobs 3 $answer"
    done
    found=$(readers 3 --timeline large.tp)
    [ "$found" -eq 1 ] || complain "$found processes decode for --timeline, of which there is no sum"
    # Too many keys: the one whose turn it is goes on with what all have counted.
    same large.tp --stats --by v
}

# What is not in order, or not there, ends where it is, and all after it is by one.
damaged()
{
    "$tmp/renamed" 4 20000 50 >whole.tp
    size=$(wc -c <whole.tp)
    i=1
    while [ $i -le 16 ]; do
        at=$(((i * 7919 * 104729 + 54321) % size))
        case $((i % 4)) in
        0) head -c $at whole.tp >damaged.tp ;;
        1) { head -c $at whole.tp && tail -c +$((at + 1001)) whole.tp; } >damaged.tp ;;
        2) { head -c $at whole.tp && head -c 5000 whole.tp && tail -c +$((at + 1)) whole.tp; } >damaged.tp ;;
        3) "$tool" flip $at whole.tp >damaged.tp ;;
        esac
        answers damaged.tp
        same damaged.tp --hist common_comm
        i=$((i + 1))
    done
    cat whole.tp whole.tp >twice.tp
    answers twice.tp
}

for dump in $goldens; do
    cli "$dump" golden "$dump"
done
cli "an example" answers ../example.tp
cli "test vectors" vectors
cli "options, of tasks with names that change" options renamed "8 20000 3000"
cli "options, of fields of each type" options wide "5 9000"
cli "times that go back" backwards
cli "several processes decode" decodes
cli "damage" damaged
finish
