#!/bin/sh
# SPDX-License-Identifier: MIT
# jobs.sh - --jobs: what several processes print is what one prints, and what they say is what one says. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/jobs_help.sh"

formats()
{
    same "$1"
    same "$1" --format json
    same "$1" --format csv
    same "$1" --template '%t %c %n %e %m\n'
}

golden()
{
    formats "../golden/$1"
}

vectors()
{
    for vector in "$srcdir"/tests/conformance/vectors/*.hex; do
        hex <"$vector" >vector
        same vector
        same vector --format json
    done
}

# Options that need what came before, or count over all.
options()
{
    # shellcheck disable=SC2086
    "$tmp/$1" $2 >dump.tp
    for option in '--time relative' '--time utc' '--time raw' '--time delta' '--time relative:ns' '--head 0' '--head 7' '--head 20000' \
        '--tail 5' '--cpu 1' '--cpu 77' '--pid 3,7' '--pid 77777' '--event nosuch' '--from 0.001' '--to 0.001' \
        '--fields v,nosuch' '--fields nosuch' '--capture 2' '--clock-hz 1000' '--color always' \
        '--format json --no-schema' '--format json --json-strings' '--format json --column host=web1' '--list-events' \
        '--stats' '--shard 2/3' '--offset dump.tp=+1s'; do
        # shellcheck disable=SC2086
        same dump.tp $option
    done
    same dump.tp --filter 'common_pid < 5'
    same dump.tp --filter 'common_comm ~ "n3*"'
    same dump.tp --filter 'nosuch > 3'
    head -c 20000 dump.tp >described.tp
    same dump.tp --metadata described.tp
}

# Names that change in each window, or in one of several; and each window is really another process's.
names()
{
    for every in 1 50 3000 0; do
        "$tmp/renamed" 4 30000 $every >names.tp
        formats names.tp
    done
    [ "$("$tp" names.tp 2>/dev/null | grep -c ' 3 records lost here')" -eq 10 ] || complain "no losses"
    "$tmp/renamed" 1 2000 7 20 >one.tp
    formats one.tp
    # Of 64 CPUs, each with so many records in a chunk that all windows begin and end within chunks.
    "$tmp/renamed" 64 60000 900 400 >many.tp
    formats many.tp
    same many.tp --head 30000
    same many.tp --stats
    same many.tp --format ftrace
    # What is said of the first record that is shown, by one that has to decode its window again.
    "$tmp/renamed" 4 20000 7 >named.tp
    same named.tp --time utc --filter 'v > 15000'
    grep -q 'no clock pair before the first record' err || complain "a clock pair: $(cat err)"
}

# What a window puts out is more than there is room for before its turn, and then it goes on: with names that windows before it
# have given meanwhile, but not in place of its own.
learns()
{
    line=$(head -c 1000 /dev/zero | tr '\0' x)
    for how in '700 30000' '300 37000'; do
        "$tmp/renamed" 4 360000 "${how% *}" 100 0 all "${how#* }" >rare.tp
        [ "$(wc -c <rare.tp)" -gt 8388608 ] || complain "it has $(wc -c <rare.tp) bytes"
        want=$("$tp" --jobs 1 --template "$line %n" rare.tp 2>/dev/null | cksum)
        for n in 2 3 16; do
            [ "$("$tp" --jobs $n --template "$line %n" rare.tp 2>/dev/null | cksum)" = "$want" ] || complain "--jobs $n, $how"
        done
    done
    # A window that cannot end at its edge goes on to the end in the same way.
    for at in 2500000 3000000; do
        "$tmp/renamed" 4 360000 5000 100 0 all 15000 >rare.tp
        printf '\377\377' | dd of=rare.tp bs=1 seek=$at conv=notrunc 2>/dev/null
        same rare.tp --template '%n %t'
    done
}

# Where there is memory for the chunks of all CPUs in each process: 200 CPUs with 48,000 or 96,000 bytes in a chunk.
chunks()
{
    [ "$(nproc)" -ge 2 ] || skip "one processor"
    "$tmp/renamed" 200 2000000 0 2000 >few.tp
    "$tmp/renamed" 200 2000000 0 4000 >more.tp
    [ "$(readers default few.tp)" -ge 2 ] || complain "$(readers default few.tp) processes for small chunks"
    [ "$(readers default more.tp)" -eq 1 ] || complain "$(readers default more.tp) processes for large chunks"
    # Of eight, those that would not have it are not used for the first windows either.
    [ "$(readers 8 few.tp)" -le 4 ] || complain "$(readers 8 few.tp) processes, for which there is no memory"
    [ "$(readers 2 more.tp)" -eq 1 ] || complain "$(readers 2 more.tp) processes for large chunks, for which there is no memory"
    # What is left for output is less with each CPU that comes: pieces that a worker had are given back.
    for n in 1 2; do
        "$tp" --jobs "$n" few.tp 2>err | cat - err | cksum >sum.$n
    done
    cmp -s sum.1 sum.2 || complain "text of small chunks by two processes is another"
}

# An index is of no use where all is printed, and does not hold that up.
decodes()
{
    "$tmp/renamed" 4 300000 3000 >large.tp
    [ "$(readers 1 large.tp)" -eq 1 ] || complain "$(readers 1 large.tp) processes decode for --jobs 1"
    [ "$(readers 3 large.tp)" -ge 3 ] || complain "$(readers 3 large.tp) processes decode for --jobs 3"
    "$tp" --index large.tp 2>/dev/null
    for option in '--format json' '--pid 3'; do
        # shellcheck disable=SC2086
        [ "$(readers 3 $option large.tp)" -ge 3 ] || complain "$(readers 3 $option large.tp) processes decode beside an index, $option"
    done
    [ "$(readers 3 --event n:e large.tp)" -eq 1 ] || complain "$(readers 3 --event n:e large.tp) processes for what the index answers"
    rm large.tp.tpi
}

# [WORD...] -- [OPTION...] DUMP: how many others are started, with words before the command.
others()
{
    need strace
    words=
    while [ "$1" != -- ]; do
        words="$words $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    strace -f -o trace -e trace=clone,clone3,fork,vfork $words "$tp" --sandbox off "$@" >out 2>err
    grep -c -E '(clone|clone3|fork|vfork)\(' trace
}

# By itself for 256 CPUs for each processor that it may use, not for one more; counting is for any number.
cpus()
{
    limit=$(($(nproc) * 256))
    [ "$limit" -ge 512 ] || skip "one processor"
    [ "$limit" -lt 1024 ] || limit=1024
    "$tmp/renamed" $limit 450000 3000 20 >most.tp
    "$tmp/renamed" $((limit + 1)) 450000 3000 20 >more.tp
    [ "$(wc -c <most.tp)" -gt 8388608 ] || complain "it has $(wc -c <most.tp) bytes"
    [ "$(readers default most.tp)" -ge 2 ] || complain "$(readers default most.tp) processes for $limit CPUs"
    [ "$(readers default more.tp)" -eq 1 ] || complain "$(readers default more.tp) processes for more CPUs"
    [ "$limit" -eq 1024 ] || [ "$(readers default --stats more.tp)" -ge 2 ] || complain "more CPUs are counted by one process"
}

# All processors that it may use, for what is large enough: dump.tp has 8 MiB, short.tp a little less.
default()
{
    need taskset
    "$tmp/renamed" 4 350000 3000 >large.tp
    size=$(wc -c <large.tp)
    [ "$size" -gt 8388608 ] || complain "it has $size bytes"
    head -c 8388608 large.tp >dump.tp
    head -c 8388607 large.tp >short.tp
    online=$(nproc)
    "$tp" --jobs 1 dump.tp >want 2>want.err
    [ "$online" -lt 2 ] || [ "$(others -- dump.tp)" -eq "$online" ] || complain "not $online others: $(cat trace)"
    cmp out want && cmp err want.err || complain "on $online processors it is another text"
    [ "$(others -- short.tp)" -eq 0 ] || complain "others for a small file"
    [ "$(others taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" -- dump.tp)" -eq 0 ] || complain "others on one processor"
    [ "$(others -- --jobs 3 short.tp)" -eq 3 ] || complain "--jobs 3 is not 3 others"
    [ "$(others -- --tail 5 dump.tp)" -eq 0 ] || complain "others for --tail"
    [ "$online" -lt 2 ] || [ "$(others -- --format parquet dump.tp)" -ge 1 ] || complain "no other for Parquet"
    [ "$(others -- --format parquet --compress none dump.tp)" -eq 0 ] || complain "others where nothing is compressed"
    [ "$(others -- --format parquet short.tp)" -eq 0 ] || complain "others for a small file as Parquet"
}

# What is not in order, or not there, ends where it is, and all after it is by one.
damaged()
{
    "$tmp/renamed" 4 20000 50 >whole.tp
    "$tmp/wide" 3 9000 >wide.tp
    size=$(wc -c <whole.tp)
    i=1
    while [ $i -le 24 ]; do
        at=$(((i * 7919 * 104729 + $1) % size))
        case $((i % 6)) in
        0) head -c $at whole.tp >damaged.tp ;;
        1) { head -c $at whole.tp && tail -c +$((at + 1001)) whole.tp; } >damaged.tp ;;
        2) { head -c $at whole.tp && head -c 5000 whole.tp && tail -c +$((at + 1)) whole.tp; } >damaged.tp ;;
        3) { head -c $at whole.tp && tail -c 9000 whole.tp && tail -c +$((at + 1)) whole.tp; } >damaged.tp ;;
        *) "$tool" flip $at whole.tp >damaged.tp ;;
        esac
        case $((i % 4)) in
        0) same damaged.tp --format json ;;
        1) same damaged.tp ;;
        2) same damaged.tp --head 5000 ;;
        3) same damaged.tp --filter 'common_pid < 5' --format csv ;;
        esac
        i=$((i + 1))
    done
    cat whole.tp whole.tp >twice.tp
    cat whole.tp wide.tp whole.tp >three.tp
    for dump in twice.tp three.tp; do
        formats $dump
    done
}

# Not from what cannot be sought in, nor where a pipe is all there is to write to.
elsewhere()
{
    "$tmp/renamed" 4 20000 50 >dump.tp
    "$tp" --jobs 1 dump.tp >want 2>/dev/null
    "$tp" --jobs 3 <dump.tp >out 2>err
    cmp out want || complain "standard input is a file: differs"
    cat dump.tp | "$tp" --jobs 3 >out 2>err
    cmp out want || complain "a pipe: differs"
    gzip -c dump.tp >dump.gz
    "$tp" --jobs 3 dump.gz >out 2>err
    cmp out want || complain "gzip: differs"
    { printf 'before it' && cat dump.tp; } >behind
    { dd bs=1 count=9 2>/dev/null >/dev/null && "$tp" --jobs 3; } <behind >out 2>err
    cmp out want || complain "from the middle of a file: differs"
    "$tp" --jobs 3 dump.tp 2>err | head -n 1 >out
    [ ! -s err ] || complain "a pipe that is closed: $(cat err)"
    run --jobs 3 dump.tp >/dev/full
    "$tp" --jobs 3 dump.tp >/dev/full 2>err
    [ $? -eq 4 ] || complain "a full device: not exit code 4"
    head -n 1 err >first
    echo 'tpdecode: cannot write standard output: No space left on device' | diff - first || complain "a full device"
    # What is put out in the end fails as well.
    for option in '' --stats --info '--head 3' '--head 2000' '--hist v' '--format ftrace'; do
        for dump in ../full.tp dump.tp; do
            # shellcheck disable=SC2086
            "$tp" --jobs 1 $option $dump >/dev/full 2>want.err
            # shellcheck disable=SC2086
            "$tp" --jobs 3 $option $dump >/dev/full 2>err
            code=$? command_line="$option $dump, a full device"
            code_is 4
            # How many records there were until then is another number.
            head -n 1 err >first
            head -n 1 want.err | cmp - first || complain "$command_line: $(cat err)"
        done
    done
}

# None is left when the one that leads is ended.
ended()
{
    need strace
    "$tmp/renamed" 4 20000 50 >dump.tp
    mkfifo pipe
    "$tp" --jobs 3 dump.tp >pipe 2>err &
    leader=$!
    head -c 10 <pipe >/dev/null
    wait $leader
    i=0
    while pgrep -f "^$tp --jobs 3 dump.tp\$" >left && [ $i -lt 100 ]; do
        sleep 0.1
        i=$((i + 1))
    done
    [ ! -s left ] || complain "left: $(cat left)"
}

# One that is ended takes what it had with it: that is said, and is a failure. It cannot have come to its end,
# since nobody takes what the others have.
lost()
{
    need pgrep
    "$tmp/renamed" 4 400000 5000 >dump.tp
    for format in text json; do
        rm -f pipe
        mkfifo pipe
        "$tp" --jobs 3 --format $format dump.tp >pipe 2>err &
        leader=$!
        exec 3<pipe
        head -c 10 <&3 >/dev/null
        tries=0
        until pgrep -P $leader >others || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
        kill -9 "$(head -n 1 others)"
        cat <&3 >out
        exec 3<&-
        wait $leader
        code=$? command_line="--jobs 3 --format $format, one is ended"
        code_is 4
        grep -qx 'tpdecode: a process that decodes a part of it has ended' err || complain "$format: $(cat err)"
    done
}

for dump in $goldens; do
    cli "$dump" golden "$dump"
done
cli "an example" formats ../example.tp
cli "six records" formats ../full.tp
cli "test vectors" vectors
cli "options, of tasks with names that change" options renamed "8 20000 3000"
cli "options, of fields of each type" options wide "5 9000"
cli "names of tasks" names
cli "names of before are learnt when the turn comes" learns
cli "several processes decode" decodes
cli "how many there are by default" default
cli "how many CPUs they are for" cpus
cli "how large chunks they are for" chunks
cli "damage" damaged 0
cli "other damage" damaged 12345
cli "inputs and outputs of other kinds" elsewhere
cli "no process is left" ended
cli "one of them is ended" lost
finish
