#!/bin/sh
# SPDX-License-Identifier: MIT
# The walk through somebody else's kernel, by the text of doc/porting.md: its files and changes are taken
# out of the page, the kernel is built, booted and asked, and its own counts are those of the dump.
. "$(dirname "$0")/../../lib/tap.sh"
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
kernel=$tmp/kernel
PATH=$build:$PATH
unset MAKEFLAGS MAKELEVEL

# KIND NUMBER: this block of ```KIND in the walk
block()
{
    awk -v kind="$1" -v number="$2" '
        /^## / { walk = $0 == "## In ten minutes" }
        !walk { next }
        inside && $0 == "```" { exit }
        inside { print }
        $0 == "```" kind { inside = ++n == number }' "$srcdir/doc/porting.md"
}

changed()
{
    cp -R "$here/kernel" "$kernel" && ln -s "$srcdir" "$kernel/tracepoint" && cd "$kernel" || exit 1
    for n in 1 2 3 4; do
        block c $n >text
        name=$(sed -n '1s,^/\* \([a-z_.]*\)[: ].*,\1,p' text)
        [ -n "$name" ] && [ ! -e "$name" ] || { echo "file $n is '$name'"; exit 1; }
        mv text "$name"
    done
    [ -z "$(block c 5)" ] || { echo "a fifth file"; exit 1; }
    block diff 1 | patch --batch --strip=1 --fuzz=0
}

built()
{
    cd "$kernel" && make CC='gcc -Werror' >log 2>&1 || { tail -n 20 log; exit 1; }
    [ "$(make)" = "make: 'kernel.elf' is up to date." ] || { echo "made again"; exit 1; }
}

booted()
{
    cd "$kernel" || exit 1
    block sh 1 >commands
    grep -c . commands | grep -qx 4 || { cat commands; exit 1; }
    { printf 'PATH=%s\n' "$PATH"; sed '1s/^/timeout 60 /; 3,$s/$/ || exit/' commands; } >run
    sh run >said 2>&1 || { cat said; exit 1; }
    [ "$(grep -c 'job_switch: prev=\|timer_tick: ticks=' said)" = 20 ] && grep -q ' sample  on 0$' said ||
        { cat said; exit 1; }
}

# What each job says of its turns, and the timer's ticks: each once.
counted()
{
    cd "$kernel" || exit 1
    tpdecode dump 2>&1 >/dev/null | grep -Eqx '65[0-9] records, 0 lost' || { tpdecode --stats dump; exit 1; }
    tpdecode --no-schema --format json dump | jq -r 'select(.event == "switch") | .fields.name' | sort | uniq -c |
        awk '{ print $2, $1 }' | grep -v '^idle ' >turns
    grep -v '^idle ' console | tr -d '\r' | sort | diff - turns || exit 1
    [ "$(awk '{ n += $2 } END { print n > 50 }' turns)" = 1 ]
    tpdecode --no-schema --format json dump | jq -r 'select(.event == "tick") | .fields.ticks' | tail -n 500 >ticks
    seq 1 500 | diff - ticks
}

in_interrupts()
{
    cd "$kernel" || exit 1
    tpdecode --no-schema --format json dump |
        jq -e -n '[inputs | select(.event) | (.event == "tick") == (.flags[2:3] == "h")] | length > 500 and all'
}

run()
{
    name=$1
    shift
    check "$name" "$@"
    while [ $reported -lt $started ]; do
        report
    done
}

run "the files and changes of the page" changed
run "make" built
run "QEMU, and two questions" booted
run "turns and ticks are those of the kernel" counted
run "what is in an interrupt says so" in_interrupts
finish
