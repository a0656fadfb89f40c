#!/bin/sh
# SPDX-License-Identifier: MIT
# shard.sh - --shard: all parts together are the whole, each record and each loss once. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

"${CC:-cc}" -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/wide.err")"
    exit 99
}

# N DUMP OPTION...: `parts`, the lines of all parts one after the other.
parts()
{
    n=$1 dump=$2
    shift 2
    k=1
    : >parts
    while [ $k -le "$n" ]; do
        "$tp" --shard $k/"$n" "$@" "$dump" >>parts 2>err
        [ $? -lt 2 ] || complain "$dump: part $k of $n: $(tail -n 1 err)"
        k=$((k + 1))
    done
}

# Each part begins with the capture that it begins in.
heading='^--- .*capture [0-9]* begins ---$'

# DUMP N...: as JSON and as text the parts are the whole, in its order.
json_and_text()
{
    dump=$1
    shift
    "$tp" --format json --no-schema "$dump" >whole.json 2>/dev/null
    "$tp" "$dump" 2>/dev/null | grep -v "$heading" >whole.txt
    for n; do
        parts "$n" "$dump" --format json --no-schema
        cmp parts whole.json >differ || complain "$dump: JSON of $n parts: $(cat differ)"
        parts "$n" "$dump"
        grep -v "$heading" parts >parts.txt
        cmp parts.txt whole.txt >differ || complain "$dump: text of $n parts: $(cat differ)"
    done
}

golden()
{
    case $1 in nometa | major | old) return ;; esac
    json_and_text "../golden/$1" 1 2 3 7
}

all_numbers()
{
    json_and_text "$1" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
}

# How many records each of the parts has.
shared()
{
    for k in 1 2 3 4 5 6 7 8; do
        "$tp" --shard $k/8 "$1" 2>/dev/null | wc -l
    done | awk '{ sum += $1; if ($1 > most) most = $1 } END { print NR, (most < sum / 8 * 1.5) }' >got
    echo '8 1' | diff - got >/dev/null || complain "the parts are not alike"
}

# Several chunks of each CPU, with losses.
wide()
{
    "$tmp/wide" 5 60000 >wide.tp
    all_numbers wide.tp
    shared wide.tp
}

events()
{
    many | made >many.tp
    all_numbers many.tp
}

# Three boots in one file, of which the second has counts that belong to no time.
boots()
{
    "$tmp/wide" 2 9000 >1.tp
    "$tmp/wide" 3 9000 0 2 >3.tp
    cat 1.tp ../golden/counts 3.tp >boots.tp
    all_numbers boots.tp
    "$tp" --format json boots.tp 2>/dev/null | jq -r '.suppressed // empty' | grep -q . || complain "no counts"
}

# Of data far before the part only the headers are read.
far()
{
    "$tmp/wide" 5 600000 >far.tp
    "$tp" --format json --no-schema far.tp >whole.json 2>/dev/null
    parts 5 far.tp --format json --no-schema
    cmp parts whole.json >differ || complain "$(cat differ)"
    need strace
    strace -f -o trace -e trace=read,pread64 "$tp" --sandbox off --shard 16/16 far.tp >out 2>err
    sed -n 's/.* = \([0-9]*\)$/\1/p' trace | awk '{ n += $1 } END { print n }' >bytes
    [ "$(cat bytes)" -lt $(($(wc -c <far.tp) * 3 / 4)) ] || complain "$(cat bytes) of $(wc -c <far.tp) bytes are read"
}

# Rows of Parquet files, by the reader of parquet.sh; one after the other they are in order.
parquet()
{
    PYTHONDONTWRITEBYTECODE=1
    export PYTHONDONTWRITEBYTECODE
    "$tmp/wide" 5 2000 >wide.tp
    "$tp" --format parquet --output whole.parquet wide.tp 2>/dev/null
    python3 "$srcdir/tests/export/parquet.py" rows whole.parquet >whole
    for n in 1 2 5 16; do
        k=1
        : >rows
        while [ $k -le $n ]; do
            "$tp" --format parquet --shard $k/$n --output part.parquet wide.tp 2>err || complain "$(cat err)"
            python3 "$srcdir/tests/export/parquet.py" rows part.parquet >>rows
            k=$((k + 1))
        done
        cmp rows whole >differ || complain "$n parts: $(cat differ)"
    done
    # By event: each task is in the files of each part.
    for k in 1 2; do
        "$tp" --format parquet --shard $k/2 --output folder$k/ wide.tp 2>err || complain "$(cat err)"
    done
    "$tp" --format parquet --output folder/ wide.tp 2>/dev/null
    for f in w.e0 w.e1 losses; do
        python3 "$srcdir/tests/export/parquet.py" rows folder/$f.parquet >whole
        for k in 1 2; do
            python3 "$srcdir/tests/export/parquet.py" rows folder$k/$f.parquet
        done | cmp - whole >differ || complain "$f: $(cat differ)"
    done
}

said()
{
    "$tmp/wide" 5 60000 >wide.tp
    run --shard 2/3 wide.tp
    code_is 0
    n=$(grep -vc '^---' out)
    grep -qx "part 2 of 3: $n records, [0-9]* lost" err || complain "$(cat err)"
    # What is not in a part is in another: no mistake.
    run --shard 1/3 --pid 4242 wide.tp
    code_is 0
    run --shard 1/1 --pid 4242 wide.tp
    code_is 2
}

refused()
{
    message=$1
    shift
    nothing_of "tpdecode: $message, try 'tpdecode --help'" "$@"
}

nothing_of()
{
    message=$1
    shift
    run "$@" ../full.tp
    nothing_but 2 "$message"
}

wrong()
{
    for text in 0/3 4/3 1 1/ /3 1/3x -1/3 1/4097 4097/4097 '' 1/0; do
        refused "not a part of so many, as 3/16: '$text'" --shard "$text"
    done
    run --shard 4096/4096 ../full.tp
    code_is 0
    for answer in --stats --info --tasks --spans --timeline '--hist v'; do
        # shellcheck disable=SC2086
        refused "an answer is of all records, and these are a part: '--shard'" --shard 1/2 $answer
    done
    for format in vcd ftrace chrome perfetto trace.dat; do
        refused "no text, json, csv, template or parquet for '--shard'" --shard 1/2 --format $format
    done
    refused "no text, json, csv, template or parquet for '--shard'" --shard 1/2 --list-events
    refused "no part of a dump is written as a dump, not with '--output'" --shard 1/2 --output x.tp
    refused "--shard is a part of all records, not with '--head'" --shard 1/2 --head 3
    refused "--shard is a part of all records, not with '--from'" --shard 1/2 --from 1
    refused "--shard does not know the record before its first one, not with '--time'" --shard 1/2 --time delta
    refused "--shard takes one file, not also '../full.tp'" --shard 1/2 ../example.tp
    run --shard 1/2 <../full.tp
    code_is 0
    cat ../full.tp | "$tp" --shard 1/2 >out 2>err
    code=$?
    command_line='a pipe'
    nothing_but 2 'tpdecode: --shard: parts can be found only in a dump that is a plain file'
    gzip -c ../full.tp >full.gz
    run --shard 1/2 full.gz
    nothing_but 2 'tpdecode: --shard: parts can be found only in a dump that is a plain file'
}

for name in $goldens; do
    cli "golden $name" golden "$name"
done
cli "1 to 16 parts of a dump of four CPUs, which are alike" wide
cli "1 to 16 parts of many events" events
cli "1 to 16 parts of several boots" boots
cli "parts of a large dump" far
cli "parts as Parquet" parquet
cli "what is said of a part" said
cli "what is refused" wrong
finish
