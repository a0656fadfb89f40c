#!/bin/sh
# SPDX-License-Identifier: MIT
# jobs_exports.sh - --jobs with formats of viewers: the file of several processes is the file of one. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/jobs_help.sh"

golden()
{
    same "../golden/$1" --format ftrace
    same "../golden/$1" --format parquet
    same "../golden/$1" --format trace.dat
    same_folder "../golden/$1" --format parquet
}

example()
{
    same ../example.tp --format ftrace
    same ../full.tp --format ftrace
    same ../example.tp --format parquet
    same ../example.tp --format trace.dat
    same_folder ../full.tp --format parquet
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
        same damaged.tp --format parquet
        same damaged.tp --format trace.dat
        i=$((i + 1))
    done
    cat whole.tp whole.tp >twice.tp
    same twice.tp --format ftrace
}

# Several groups of rows, each of several pages; from a pipe as well, and of several inputs.
groups()
{
    "$tmp/wide" 5 30000 >wide.tp
    "$tmp/renamed" 4 260000 3000 >names.tp
    for dump in wide.tp names.tp; do
        same $dump --format parquet
        same_folder $dump --format parquet
        same $dump --format trace.dat
    done
    grep -q '^260000 records' err || complain "not two groups of 122,880 rows, and a part of one: $(cat err)"
    same names.tp --format parquet --head 130000
    same names.tp --format parquet --column host=web1 --event 't:*'
    same names.tp --format parquet --compress none
    same_folder names.tp --format parquet --shard 2/3
    gzip -c names.tp >names.gz
    same names.gz --format parquet
    same names.tp --format parquet wide.tp
    "$tp" --jobs 1 --format parquet names.tp >want 2>want.err
    cat names.tp | "$tp" --jobs 3 --format parquet >out 2>err
    cmp out want || complain "a pipe: differs"
    for format in parquet trace.dat; do
        "$tp" --jobs 3 --format $format names.tp >/dev/full 2>err
        [ $? -eq 4 ] || complain "a full device: not exit code 4 of $format"
    done
    cat names.tp | "$tp" --jobs 3 --format trace.dat >out 2>err
    "$tp" --jobs 1 --format trace.dat names.tp >want 2>want.err
    cmp out want || complain "a pipe as trace.dat: differs"
}

# Each of them compresses.
pages()
{
    need strace
    "$tmp/renamed" 4 260000 3000 >names.tp
    strace -f -o trace -e trace=write "$tp" --sandbox off --jobs 3 --format parquet --output out.parquet names.tp >/dev/null 2>&1
    awk '/"D", 1/ { n[$1]++ } END { for (p in n) more += n[p] > 20; print more + 0 }' trace >found
    [ "$(cat found)" -eq 2 ] || complain "$(cat found) others make pages"
}

# Each of them writes pages of its CPUs into a file, and in the end all read.
files()
{
    need strace
    "$tmp/renamed" 4 260000 3000 >names.tp
    strace -f -o trace -e trace=pwrite64,pread64 "$tp" --sandbox off --jobs 3 --format trace.dat --output out.dat names.tp >/dev/null 2>&1
    awk '/pwrite64/ && $NF == 4120 { n[$1]++ } END { for (p in n) more += n[p] > 200; print more + 0 }' trace >found
    [ "$(cat found)" -eq 2 ] || complain "$(cat found) write pages"
    awk '/pread64/ && $NF == 4120 { n[$1]++ } END { for (p in n) more += n[p] > 200; print more + 0 }' trace >found
    [ "$(cat found)" -eq 3 ] || complain "$(cat found) read pages"
}

# DUMP BLOCKS: temporary files may have no more.
full_of()
{
    for n in 1 2 3 16; do
        (
            trap '' XFSZ
            ulimit -f "$2"
            "$tp" --jobs $n --format trace.dat "$1" 2>&1 >/dev/null
            echo $?
        ) | grep -v ' records, ' >err
        printf '%s\n' 'tpdecode: --format trace.dat needs a temporary file, and has no room for it: set TMPDIR to another folder' \
            'tpdecode: cannot write standard output: File too large' 4 | diff - err >differ || complain "--jobs $n $1: $(cat differ)"
    done
}

# With pages that are full, and with those of the end alone.
full()
{
    "$tmp/renamed" 4 260000 3000 >names.tp
    "$tmp/renamed" 64 6400 3000 >few.tp
    full_of names.tp 1000
    full_of few.tp 40
}

# FORMAT CPUS COMMAND...: of which the last word is the other process, while both wait for the dump.
meanwhile()
{
    rm -f pipe
    mkfifo pipe
    command_line="tpdecode --jobs 2 --format $1 --output part"
    "$tp" --jobs 2 --sandbox "${sandbox:-auto}" --format "$1" --output part pipe 2>err &
    cpus=$2
    shift 2
    leader=$!
    exec 3>pipe
    until other=$(pgrep -P $leader); do sleep 0.1; done
    "$@" "$other"
    "$tmp/renamed" "$cpus" 260000 3000 >&3
    exec 3>&-
    wait $leader
    code=$?
    code_is 4
    [ ! -e part ] || complain "a file that is not whole is left"
}

# One that ends takes what it had with it.
lost()
{
    for format in parquet trace.dat; do
        meanwhile $format 4 kill -9
        echo 'tpdecode: a process that does a part of it has ended' | diff - err || complain "$format: not that it has ended: $(cat err)"
    done
}

# What the sandbox has needed and freed is memory that it would have.
starved()
{
    sandbox=off
    need prlimit
    for format in parquet trace.dat; do
        meanwhile $format 64 prlimit --data=1 --pid
        echo 'tpdecode: out of memory' | diff - err || complain "$format: not that it has no memory: $(cat err)"
    done
}

waits()
{
    grep -q '^State:.S' "/proc/$1/status"
}

# One that is stopped for a while: what it is given has no room, and waits.
slow()
{
    "$tmp/renamed" 4 600000 3000 >names.tp
    mkfifo pipe
    "$tp" --jobs 2 --format trace.dat --output out.dat pipe 2>err &
    leader=$!
    exec 3>pipe
    until other=$(pgrep -P $leader); do sleep 0.1; done
    kill -STOP "$other"
    cat names.tp >&3 &
    writer=$!
    exec 3>&-
    # The leader waits for the other one, and what feeds it for the leader.
    until waits $leader && kill -0 $writer && sleep 0.5 && waits $leader; do sleep 0.1; done
    kill -CONT "$other"
    wait $leader
    code=$?
    code_is 0
    "$tp" --jobs 1 --format trace.dat --output want.dat names.tp 2>want.err
    cmp want.dat out.dat || complain "another file after a wait"
}

for dump in $goldens; do
    cli "$dump" golden "$dump"
done
cli "examples" example
cli "test vectors" vectors
cli "who runs" switches
cli "names of tasks" names
cli "groups of rows" groups
cli "others make pages" pages
cli "one of them is ended" lost
cli "one of them has no memory" starved
cli "others write and read files" files
cli "a full temporary file" full
cli "one of them is slow" slow
cli "damage" damaged
finish
