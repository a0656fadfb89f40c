#!/bin/sh
# SPDX-License-Identifier: MIT
# numbers.sh - a task has the same number in what runs, in wake-ups and in spans as in records, however large it is,
# in each format that has room for it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

# A task with 30 bits, one with 31, one with 32: each is woken, runs, makes a call, and is left.
tasks='1073741823 1073741824 4294967295'
for task in $tasks; do
    echo "$task" | awk '{ t = $1 % 1000 * 1000000
        print t + 100, 0, 0, "sched:wakeup", $1, 0
        print t + 200, 0, 0, "sched:switch", 0, $1, 1
        print t + 300, 0, $1, "syscall:enter", 4
        print t + 450, 0, $1, "syscall:exit", 0
        print t + 700, 0, $1, "sched:switch", $1, 0, 2 }'
done | sort -n | made >"$tmp/tasks.tp"

wanted()
{
    for task in $tasks; do echo "$task"; done | sort
}

# TEXT, from standard input: three tasks, a line each.
are_wanted()
{
    sort >got
    wanted | diff - got >differ || complain "$1: $(cat differ)"
}

in_sql()
{
    for what in 'pid from runs where pid <> 0' 'pid from wakeups' 'track from spans' 'pid from spans' \
        'r.pid from runs r join wakeups w on w.pid = r.pid' 'distinct s.common_pid from runs r join syscall_enter s on s.common_pid = r.pid'; do
        "$tp" --sql "select $what" --format csv ../tasks.tp 2>err | tail -n +2 | are_wanted "$what"
    done
}

in_chrome()
{
    "$tp" --format chrome ../tasks.tp 2>err >x.json
    jq -r '.traceEvents[] | select(.ph == "B" and (.name | test("-[0-9]+$"))) | .name' x.json | sed 's/.*-//' | grep -v '^0$' | are_wanted "what runs"
    jq -r '.traceEvents[] | select(.ph == "B" and (.name | startswith("syscall"))) | .tid' x.json | are_wanted "spans"
    jq -r '.traceEvents[] | select(.ph == "M" and .name == "thread_name" and .tid > 1000) | .tid' x.json | sort -u | are_wanted "names"
}

in_html()
{
    "$tp" --format html --output x.html ../tasks.tp 2>err
    python3 "$srcdir/tests/export/page.py" --marks x.html >marks
    awk '$2 == "run" && $5 { print $5 }' marks | are_wanted "what runs"
    awk '$2 == "run" && $NF { print $NF }' marks | are_wanted "what ran"
    awk '$2 == "wake" { print $4 }' marks | are_wanted "wake-ups"
    awk '$2 == "begin" { print $6 }' marks | are_wanted "spans"
}

in_vcd()
{
    "$tp" --format vcd ../tasks.tp 2>err | awk '/^b[01]+ p0$/ { v = 0; bits = substr($1, 2)
        for (i = 1; i <= length(bits); i++) v = v * 2 + substr(bits, i, 1)
        if (v) printf "%.0f\n", v }' | are_wanted "what runs"
}

need python3
cli "SQL" in_sql
cli "chrome" in_chrome
cli "html" in_html
cli "vcd" in_vcd
finish
