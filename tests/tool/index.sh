#!/bin/sh
# SPDX-License-Identifier: MIT
# index.sh - the index beside a dump: what is answered with it is what is answered without it, whatever is wrong with
# it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

for helper in tests/export/made tests/export/wide tests/tool/forge tests/tool/renamed; do
    "${CC:-cc}" -O1 -D_GNU_SOURCE -o "$tmp/${helper##*/}" "$srcdir/$helper.c" 2>"$tmp/helper.err" || {
        echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/helper.err")"
        exit 99
    }
done

# DUMP: its index is made.
index()
{
    "$tp" --index "$1" >index.out 2>index.err
    index_code=$?
    [ $index_code -lt 2 ] || complain "--index $1: exit code $index_code: $(tail -n 1 index.err)"
    [ ! -s index.out ] || complain "--index $1 prints"
    [ -s "$1.tpi" ] || complain "no $1.tpi"
}

# DUMP OPTION...: the same with and without its index: output, messages, exit code.
same()
{
    dump=$1
    shift
    "$tp" --no-index "$@" "$dump" >without.out 2>without.err
    without=$?
    run "$@" "$dump"
    code_is $without
    cmp -s without.out out || complain "$command_line: $(diff without.out out | head -n 4)"
    cmp -s without.err err || complain "$command_line: $(diff without.err err | head -n 4)"
}

# DUMP: the same to all kinds of questions. Names are those of golden dumps and of wide.c.
questions()
{
    for select in '' '--cpu 0' '--event num,e1,switch' '--cpu 1,3 --event t:*,e4' '--filter v>1&&cpu==0'; do
        set -f
        # shellcheck disable=SC2086
        for what in '' '--stats' '--tail 2' '--tail 3 --format json'; do
            same "$1" $select $what
        done
        set +f
    done
    for other in '--pid 1 --tail 1' '--from +1ms --to +3ms' '--from 0.001 --tail 2 --cpu 0' '--time relative --tail 4' \
        '--time delta --tail 4' '--time utc' '--tail 0' '--hist v_u8 --cpu 1' '--clock-hz 1000 --stats' \
        "--offset $1=+1s --stats" "--offset $1=+1s --tail 2 --cpu 0" '--head 5 --tail 2' '--fields nothing --tail 1' \
        '--event num --filter comm=="x"' '--capture 1 --stats' '--stats --by cpu --cpu 1'; do
        # shellcheck disable=SC2086
        same "$1" $other
    done
    same "$1" "$1" --stats
}

golden()
{
    cp "../golden/$1" .
    case $1 in major | old | nometa) return ;; esac # nothing in them can be used
    index "$1"
    questions "$1"
}

wide()
{
    "$tmp/wide" 5 "$1" >wide.tp
    index wide.tp
    questions wide.tp
}

# More pairs of a CPU and an event than the table of sums begins with: each question about them is answered by it.
many_events()
{
    "$tmp/wide" 700 20000 1 1 0 >far.tp
    "$tp" --no-index --stats --format json far.tp >want 2>/dev/null
    [ "$(jq '.events | length' want)" = 700 ] || complain "not 700 events"
    index far.tp
    "$tp" --stats --format json far.tp >out 2>/dev/null
    cmp -s want out || complain "other sums: $(diff want out | head -n 4 | cut -c 1-300)"
    for question in '--stats --cpu 3' '--stats --event e699,e1' '--stats --by cpu' '--tail 3 --event e650'; do
        # shellcheck disable=SC2086
        same far.tp $question
    done
}

# 262,144 chunks that are not of records have room in one: here those of the clock, the metadata and the end.
too_many()
{
    awk 'BEGIN { for (i = 0; i < 262143; i++) print i * 1000, "- - clock", 1700000000000000000 + i }' >lines
    head -n 262142 lines | "$tmp/made" >many.tp
    index many.tp
    "$tmp/made" <lines >more.tp
    run --index more.tp
    nothing_but 2 "tpdecode: --index: more.tp: it has too many chunks, or CPUs and events, for an index"
    [ ! -e more.tp.tpi ] || complain "there is one"
}

# FILE N: without each data chunk whose number is 3 more than a multiple of N.
leave_out()
{
    at=0 data=0 end=$(($(wc -c <"$1")))
    while [ $at -lt $end ]; do
        set -- "$1" "$2" $(od -A n -t u1 -j $((at + 8)) -N 1 "$1") $(od -A n -t u4 -j $((at + 16)) -N 4 "$1")
        [ "$3" != 2 ] || data=$((data + 1))
        [ "$3" = 2 ] && [ $((data % $2)) = 3 ] || tail -c +$((at + 1)) "$1" | head -c "$4"
        at=$((at + $4))
    done
}

# Numbers with holes are no damage: the chunk after one does not wait for those that an index leaves out.
holes()
{
    "$tmp/wide" 5 6000 >whole.tp
    leave_out whole.tp 7 >holes.tp
    "$tp" --no-index --info --format json holes.tp 2>/dev/null | jq -e '.captures[0].lost.missing > 100' >/dev/null ||
        complain "nothing is missing"
    index holes.tp
    questions holes.tp
}

zlib()
{
    "$tmp/wide" 5 6000 >plain.tp
    "$tp" --output wide.tp --compress zlib plain.tp 2>/dev/null
    index wide.tp
    questions wide.tp
}

boots()
{
    "$tmp/wide" 2 3000 >1.tp
    "$tmp/wide" 3 3000 0 2 >3.tp
    cat 1.tp ../golden/counts 3.tp >boots.tp
    index boots.tp
    questions boots.tp
}

# OPTION...: what is read of far.tp.
bytes_read()
{
    strace -f -o trace -e trace=read,pread64 "$tp" --sandbox off "$@" far.tp >out 2>err
    sed -n 's/.* = \([0-9]*\)$/\1/p' trace | awk '{ n += $1 } END { print n + 0 }'
}

# It is used: a small part of the dump is read.
used()
{
    need strace
    "$tmp/wide" 5 300000 0 1 0 >far.tp
    index far.tp
    size=$(wc -c <far.tp)
    for question in '--stats' '--stats --event e1' '--stats --cpu 1,2' '--tail 10' '--tail 10 --event e2' '--stats --event none:such'; do
        # shellcheck disable=SC2086
        n=$(bytes_read $question)
        [ "$n" -lt $((size / 10)) ] || complain "$question reads $n of $size bytes"
        # shellcheck disable=SC2086
        n=$(bytes_read --no-index $question)
        [ "$n" -ge "$size" ] || complain "$question --no-index reads $n of $size bytes"
    done
    n=$(bytes_read --cpu 2)
    [ "$n" -lt $((size / 2)) ] || complain "--cpu 2 reads $n of $size bytes"
}

# Metadata that is repeated 79 times is not read again: what is read is the index, 64 samples, and both ends.
repeats()
{
    need strace
    "$tmp/renamed" 2 400000 0 100 0 plain >far.tp
    index far.tp
    for question in '--stats' '--stats --event n:e' '--tail 3' '--cpu 1 --head 3' '--stats --cpu 0' '--tail 3 --format json'; do
        # shellcheck disable=SC2086
        same far.tp $question
    done
    bytes_read --stats >bytes
    n=$(grep -c 'read' trace)
    [ "$n" -lt 120 ] || complain "--stats reads $n times"
    # Names are known from where they are read on, however much is left out before that.
    for cpus in 8 200; do
        "$tmp/renamed" "$cpus" 60000 0 20 >far.tp
        index far.tp
        for question in '--cpu 0' '--cpu 1 --format json' '--cpu 0-2 --tail 100000' '--cpu 5 --head 20' '--cpu 1 --tail 0 --head 5'; do
            # shellcheck disable=SC2086
            same far.tp $question
        done
    done
}

# Two dumps of one trace are not read in the order in which they are: an index of that would be damaged.
joined()
{
    "$tmp/wide" 5 3000 0 1 0 >1.tp
    "$tmp/wide" 5 30000 0 1 0 >2.tp
    cat 1.tp 2.tp >joined.tp
    run --index joined.tp
    grep -q "^tpdecode: --index: joined.tp: parts of it are read in another order than they are in" err || complain "$(cat err)"
    [ "$code" = 2 ] || complain "exit code $code"
    [ ! -e joined.tp.tpi ] || complain "there is one"
}

# The same but for one line about the index.
same_but_note()
{
    dump=$1
    shift
    "$tp" "$@" "$dump" >out 2>err
    code=$?
    { cmp -s want.out out && [ $code = 0 ] && grep -v "its index is not used" err | cmp -s want.err -; } ||
        complain "$what: $*: exit code $code, $(head -n 1 err)"
}

# Each byte of it is wrong in turn; each eighth length is too short.
each_byte()
{
    cp ../full.tp .
    index full.tp
    cp full.tp.tpi good.tpi
    n=$(wc -c <good.tpi)
    for question in '--stats' '--tail 2'; do
        # shellcheck disable=SC2086
        "$tp" --no-index $question full.tp >want.out 2>want.err
        at=0
        noted=0
        while [ $at -lt "$n" ]; do
            "$tool" flip $at good.tpi >full.tp.tpi
            what="a wrong bit at $at"
            # shellcheck disable=SC2086
            same_but_note full.tp $question
            cmp -s good.tpi full.tp.tpi && complain "nothing was flipped"
            noted=$((noted + $(grep -c 'its index is not used' err)))
            at=$((at + 1))
            [ $((at % 8)) = 0 ] || continue
            head -c $at good.tpi >full.tp.tpi
            what="$at bytes of it"
            # shellcheck disable=SC2086
            [ $at = "$n" ] || same_but_note full.tp $question
        done
        # What is in a block of chunks is found where that is read.
        [ $noted -ge $((n / 2 - 100)) ] || complain "only $noted of $n wrong bits were noticed"
    done
}

# With right checksums: whatever it says is no more than wrong.
forged()
{
    "$tmp/wide" 2 3000 >wide.tp
    index wide.tp
    cp wide.tp.tpi good.tpi
    n=$(wc -c <good.tpi)
    tables=$(od -An -tu8 -j$((n - 80 + 32)) -N8 good.tpi)
    tables=$((16 + 48 * tables))
    for at in $(seq 16 4 108) $(seq $((tables - 48)) 4 $((n - 4))); do
        for value in 1 0xffffffff; do
            "$tmp/forge" "$at" $value good.tpi >wide.tp.tpi || continue
            for question in '--stats' '--tail 3 --cpu 1' '--from 0.001 --tail 1'; do
                # shellcheck disable=SC2086
                run $question wide.tp
                [ $code -lt 4 ] || complain "$value at $at: $command_line: exit code $code: $(head -n 3 err)"
            done
        done
    done
}

stale="its index is not used: the dump was written after it (tpdecode --index makes it anew)"

noted()
{
    "$tp" --no-index "$@" >want.out 2>want.err
    want_code=$?
    run "$@"
    code_is $want_code
    out_is <want.out
    grep -q "^tpdecode: .*$note" err || complain "$command_line: not noted: $(cat err)"
    [ "$(wc -l <err)" = $(($(wc -l <want.err) + 1)) ] || complain "$command_line: $(cat err)"
}

# The dump is another by now.
changed()
{
    note=$stale
    "$tmp/wide" 2 3000 >wide.tp
    cp wide.tp whole.tp
    index wide.tp
    cat ../example.tp >>wide.tp
    noted --stats wide.tp
    # As long as before, and of the same time.
    "$tmp/wide" 2 3000 0 2 >other.tp
    cp whole.tp wide.tp
    index wide.tp
    touch -r wide.tp time
    cat other.tp >wide.tp
    touch -r time wide.tp
    [ "$(wc -c <wide.tp)" = "$(wc -c <whole.tp)" ] || complain "not as long"
    noted --stats wide.tp
    noted --tail 1 wide.tp
    # The same bytes, at another time.
    cp whole.tp wide.tp
    touch -d @1000 wide.tp
    noted --stats wide.tp
    index wide.tp
    same wide.tp --stats
    grep -q . err || complain "nothing is said"
    note="its index is not used: it is no index"
    echo 'What is this? Something else, and long enough to be taken for an index, if one does not look at how it starts.' >wide.tp.tpi
    noted --stats wide.tp
    : >wide.tp.tpi
    noted --stats wide.tp
    rm wide.tp.tpi
    mkfifo wide.tp.tpi
    noted --stats wide.tp
}

# A chunk that is read is checked although the index says that it is good.
chunk()
{
    "$tmp/wide" 2 60000 >wide.tp
    index wide.tp
    touch -r wide.tp time
    cp wide.tp whole.tp
    # In the last kilobytes, and in none of the samples.
    "$tool" flip $(($(wc -c <whole.tp) - 3000)) whole.tp >wide.tp
    touch -r time wide.tp
    run --tail 100000 wide.tp
    code_is 1
    grep -q 'payload checksum wrong' err || complain "$(cat err)"
    "$tp" --no-index --tail 100000 wide.tp >want.out 2>want.err
    out_is <want.out
    err_is <want.err
}

written()
{
    cp ../full.tp .
    index full.tp
    grep -q '^6 records, 0 lost$' index.err || complain "$(cat index.err)"
    # Over an index, and nothing else.
    index full.tp
    ls >names
    printf '%s\n' full.tp full.tp.tpi index.err index.out names | diff - names >differ || complain "$(cat differ)"
    echo "mine" >full.tp.tpi
    run --index full.tp
    nothing_but 2 "tpdecode: cannot write full.tp.tpi: what is there is no index"
    [ "$(cat full.tp.tpi)" = mine ] || complain "it was overwritten"
    rm full.tp.tpi
    mkdir full.tp.tpi
    run --index full.tp
    nothing_but 2 "tpdecode: cannot write full.tp.tpi: what is there is no index"
    gzip -c full.tp >full.gz
    run --index full.gz
    code_is 2
    grep -q '^tpdecode: --index: full.gz: an index is of a plain file$' err || complain "$(cat err)"
    [ ! -e full.gz.tpi ] || complain "an index of a compressed file"
    run --index none.tp
    nothing_but 2 "tpdecode: none.tp: No such file or directory"
    [ ! -e none.tp.tpi ] || complain "an index of nothing"
}

refused()
{
    message=$1
    shift
    run "$@"
    nothing_but 2 "tpdecode: $message, try 'tpdecode --help'"
}

wrong()
{
    refused "not one file for '--index'" --index
    refused "not one file for '--index'" --index -
    refused "not one file for '--index'" --index ../full.tp ../example.tp
    for option in '--stats' '--event t' '--output x' '--tail 1' '--no-index' '--format json' '--follow'; do
        # shellcheck disable=SC2086
        refused "the index is of all of a dump, no other option for '--index'" --index $option ../full.tp
    done
    [ ! -e ../full.tp.tpi ] || complain "an index was written"
}

for name in $goldens; do
    cli "golden $name: with and without its index" golden "$name"
done
cli "a dump of four CPUs" wide 6000
cli "one of several blocks of chunks" wide 40000
cli "one of many events" many_events
cli "one of too many chunks" too_many
cli "one with holes" holes
cli "a compressed one" zlib
cli "several boots" boots
cli "it is used" used
cli "any wrong byte of it, any length" each_byte
cli "values that cannot be, with right checksums" forged
cli "metadata that is repeated" repeats
cli "two dumps of one trace in a file" joined
cli "the dump is another by now" changed
cli "a damaged chunk" chunk
cli "how it is written" written
cli "what is refused" wrong
finish
