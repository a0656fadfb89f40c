#!/bin/sh
# SPDX-License-Identifier: MIT
# pages.sh - the console blocks of doc/troubleshooting.md and doc/tutorial.md: each command is run, and prints what
# follows it there. Files that a page shows are made of what it shows.
# Prints TAP.
. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# Each command of a page into N.command, what it is to print into N.want; a block "c FILE" into FILE.
split()
{
    awk '/^```c [a-z_.]*$/ { file = $2; printf "" >file; next }
        /^```$/ && file { close(file); file = ""; next }
        file { print >file; next }
        /^```console$/ { inside = 1; next }
        /^```$/ { inside = 0 }
        !inside { next }
        /^\$ / { n++; print substr($0, 3) >(n ".command"); printf "" >(n ".want"); next }
        { print >(n ".want") }' "$1"
}

page()
{
    PATH=$(dirname "$tp"):$PATH
    export PATH LC_ALL=C
    split "$srcdir/doc/$1"
    for file in tracepoint.h tracepoint.c; do
        [ -e "$built/$file" ] || complain "no $file: make amalgamation"
        cp "$built/$file" .
    done
    cp ../loss dump.tp
    cp ../manual day.tp
    cp ../nometa rest.tp
    cp ../damaged ../loss .
    mv damaged damaged.tp
    mv loss whole.tp
    echo "hello, this is no dump" >notes.txt
    n=1
    while [ -e "$n.command" ]; do
        sh "./$n.command" >"$n.out" 2>&1
        diff "$n.want" "$n.out" || complain "$(cat "$n.command"): the page (<) has something else"
        n=$((n + 1))
    done
    [ "$n" -gt "$2" ] || complain "only $((n - 1)) commands"
}

built=$(cd "${TP_BUILDDIR:-.}" && pwd)
for path in "$srcdir"/tests/golden/*.hex; do
    hex <"$path" >"$tmp/$(golden_name "$path")"
done

cli "doc/troubleshooting.md" page troubleshooting.md 11
cli "doc/tutorial.md" page tutorial.md 9
finish
