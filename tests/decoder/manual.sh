#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh - the manual pages and what tpdecode does. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/decoder/dumps.sh"

manual()
{
    need groff
    groff -man -Tutf8 -ww -rLL=78n "$srcdir/doc/tpdecode.1" >page 2>warnings
    [ ! -s warnings ] || complain "$(cat warnings)"
    [ "$(wc -l <page)" -gt 50 ] || complain "the page has only $(wc -l <page) lines"
}

# Each option of --help is in the section OPTIONS and the other way round.
manual_options()
{
    run --help
    tr -cs 'a-z|A-Z-' '\n' <out | grep '^-[-a-zA-Z]' | sort -u >in_help
    sed -n '/^\.SH OPTIONS/,/^\.SH OUTPUT/p' "$srcdir/doc/tpdecode.1" | sed 's/\\-/-/g' | tr -cs 'a-z|A-Z-' '\n' |
        grep '^-[-a-zA-Z]' | sort -u >in_manual
    diff in_help in_manual || complain "options in --help (<) and doc/tpdecode.1 (>) differ"
    [ "$(wc -l <in_help)" -eq 32 ] || complain "$(wc -l <in_help) options found in --help"
    sed -n '/^\.SH SYNOPSIS/,/^\.SH DESC/p' "$srcdir/doc/tpdecode.1" | sed 's/\\-/-/g' >synopsis
    grep '^--' in_help | while read -r option; do
        grep -q -- "$option" synopsis || echo "$option is not in the synopsis"
    done >missing
    [ ! -s missing ] || complain "$(cat missing)"
    # What the page shows as exit codes and messages is what the checks here expect.
    for code in 0 1 2 3 4; do
        grep -qx "\.B $code" "$srcdir/doc/tpdecode.1" || complain "exit code $code is not in the manual page"
    done
}

# --- the checks ---

cli "manual page: no warnings" manual
cli "manual page: the options of --help, and no others" manual_options
finish
