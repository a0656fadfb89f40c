#!/bin/sh
# SPDX-License-Identifier: MIT
# ftrace.sh - --format ftrace: Linux's own text. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# What trace_processor takes for a line of such a text (its systrace_trace_parser.cc), and Linux's word for a loss.
line='^.{16,}-[0-9]+ +\[[0-9]+\] [a-zA-Z.]{3}[0-9a-f.]{2} +[0-9]+\.[0-9]{6}: [^ ]+: '
loss='^CPU:[0-9]+ \[LOST ([0-9]+ )?EVENTS\]$'

# By hand, from what tests/golden/good-manual.txt has: the idle task is <idle>, whatever an event calls it.
by_hand()
{
    run --format ftrace ../golden/manual
    code_is 0
    grep -v '^#' out | cat - >got
    cat >want <<'END'
            make-7       [000] d..1.     1.000100: sched_waking: comm=cc pid=9 prio=120 target_cpu=000
          <idle>-0       [001] d..1.     1.000900: sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=cc next_pid=9 next_prio=120
              cc-9       [001] .....     1.100000: mm_alloc: bytes=512
              cc-9       [001] .....     1.200000: mm_alloc: bytes=8192
            make-7       [000] .....     1.250000: mm_alloc: bytes=4096
            make-7       [000] d.h1.     1.500000: irq_entry: vector=32 ip=0x104ed2
            make-7       [000] d..1.     2.000000: sched_switch: prev_comm=make prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=<idle> next_pid=0 next_prio=120
CPU:1 [LOST 3 EVENTS]
              cc-9       [001] .....     2.500000: mm_alloc: bytes=512
              cc-9       [001] d..1.     2.750000: sched_switch: prev_comm=cc prev_pid=9 prev_prio=120 prev_state=S ==> next_comm=<idle> next_pid=0 next_prio=120
          <idle>-0       [000] dNh1.     3.000200: sched_waking: comm=ld pid=12 prio=120 target_cpu=000
          <idle>-0       [000] d..1.     3.000450: sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=ld next_pid=12 next_prio=120
              ld-12      [000] .....     3.100000: mm_alloc: bytes=65536
END
    diff got want || complain "by hand it is something else (>)"
    [ "$(head -n 1 out)" = "# tracer: nop" ] || complain "$(head -n 1 out)"
}

# Each record of a golden dump is a line that its readers take, with the time, CPU and task that JSON says.
every_dump()
{
    for name in $goldens; do
        run --format json --no-schema "../golden/$name"
        json_code=$code
        jq -r 'select(.event or .raw) | select(.unfinished | not) |
            "\(.common_pid // 0) \(.cpu) \(.time_ns / 1000 | floor)"' out >want 2>/dev/null
        jq -r 'select(has("lost") and .cpu != null) | .cpu' out | uniq >lost
        run --format ftrace "../golden/$name"
        [ "$name" = joined ] || code_is "$json_code"
        harmless out
        grep -v '^#' out >lines || :
        grep -Ev "$line|$loss" lines >odd && complain "$name: $(head -n 2 odd)"
        grep -v '^CPU:' lines | sed -n 's/^.*-\([0-9]*\) *\[0*\([0-9][0-9]*\)\] [^ ]* *\([0-9]*\)\.\([0-9]*\): .*/\1 \2 \3\4/p' |
            awk '{ sub(/^0+/, "", $3); print $1, $2, $3 == "" ? 0 : $3 }' >got
        # Numbers of 32 bits that are no task's of Linux have another one.
        case $name in tasks | joined) continue ;; esac
        diff got want >difference || complain "$name: records (<) are not those of JSON (>): $(head -n 3 difference)"
        sed -n 's/^CPU:\([0-9]*\) .*/\1/p' lines | uniq | diff - lost >difference ||
            complain "$name: losses (<) are not those of JSON (>): $(head -n 3 difference)"
    done
}

unfinished()
{
    run --format ftrace ../golden/unfinished
    grep -qx 'tpdecode: --format ftrace: [1-9][0-9]* events that were never finished are left out' err || complain "$(cat err)"
}

to_a_file()
{
    run --format ftrace ../golden/manual
    cp out want
    run --format ftrace --output file ../golden/manual
    code_is 0
    [ ! -s out ] && cmp -s file want || complain "--output"
    "$tp" --format ftrace <../golden/manual 2>err | cmp -s - want || complain "standard input"
    cat ../golden/manual | "$tp" --format ftrace --event 'mm:*' 2>err | grep -vc '^#' | grep -qx 6 || complain "--event"
    if [ -e /dev/full ]; then
        "$tp" --format ftrace ../golden/manual >/dev/full 2>err
        code=$? command_line="tpdecode >/dev/full"
        code_is 4
    fi
    run --format ftrace --role 'irq:entry=none' --role 'mm:nosuch=wake task=x' ../golden/manual
    code_is 2
    grep -q "mm:nosuch" err || complain "$(cat err)"
}

wrong()
{
    for option in '--fields a' '--time utc' '--tail 3'; do
        # shellcheck disable=SC2086
        run --format ftrace $option ../golden/manual
        nothing_but 2 "tpdecode: not with a format for viewers: '${option% *}', try 'tpdecode --help'"
    done
    run --format ftrace --compress zlib --output x ../golden/manual
    nothing_but 2 "tpdecode: not with a format for viewers: '--compress', try 'tpdecode --help'"
    run --format ftrace --stats ../golden/manual
    nothing_but 2 "tpdecode: an answer is text, json, of --sql csv, of calls and samples folded or flame, not 'a format for viewers', try 'tpdecode --help'"
}

check "by hand" in_own_directory by_hand
check "each golden dump against JSON" in_own_directory every_dump
check "what was never finished" in_own_directory unfinished
check "to a file, from a pipe, a disk that is full" in_own_directory to_a_file
check "used wrongly" in_own_directory wrong
finish
