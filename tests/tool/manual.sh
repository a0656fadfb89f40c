#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh - the manual page tpdecode(1), --help and README against what tpdecode does. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

page=$srcdir/doc/tpdecode.1

# NAME: a section of the page, with hyphens as they are.
section()
{
    awk -v name="$1" '/^\.SH / { on = $0 == ".SH " name } on' "$page" | sed 's/\\-/-/g'
}

# The options in a text, one a line.
options()
{
    tr -cs 'a-z|A-Z-' '\n' | grep '^-[-a-zA-Z]' | sort -u
}

# --- options ---

# Each option of --help is in the section OPTIONS and the other way round.
same_options()
{
    run --help all
    options <out >in_help
    section OPTIONS | options >in_manual
    diff in_help in_manual || complain "options in --help (<) and doc/tpdecode.1 (>) differ"
    [ "$(wc -l <in_help)" -eq 68 ] || complain "$(wc -l <in_help) options found in --help"
    section SYNOPSIS >synopsis
    grep '^--' in_help | while read -r option; do
        grep -q -- "$option" synopsis || echo "$option is not in the synopsis"
    done >missing
    options <"$srcdir/README.md" | grep -v '^--dis\|^--host\|^-[^-hV]' >in_readme
    [ "$(wc -l <in_readme)" -gt 10 ] || complain "$(wc -l <in_readme) options in README.md"
    diff in_readme in_help | sed -n 's/^< \(.*\)/README.md: there is no \1/p' >>missing
    [ ! -s missing ] || complain "$(cat missing)"
}

# --help has groups: a line that ends in ':', and options below, two or four columns further in.
groups()
{
    run --help all
    awk '/^[A-Z].*:$/ { groups++; next }
        /^  (  )?-/ { options++; if (!groups) print "in no group: " $0; next }
        /^ / || /^$/ { next }
        options && !/^Exit|^3 nothing/ { print "between options: " $0 }
        END { if (groups < 4 || options < 25) print groups " groups, " options " lines of options" }' out >wrong
    [ ! -s wrong ] || complain "$(cat wrong)"
}

# An option that takes one of several words takes these, and no others.
choices()
{
    section OPTIONS | sed -n 's/^\.BI "\(--[a-z]*\) " \([a-z]* |.*\)/\1 \2/p' | sed 's/ | / /g' >words
    [ "$(wc -l <words)" = 5 ] || complain "$(wc -l <words) options that take words"
    while read -r option list; do
        for word in $list; do
            set -- "$option" "$word"
            [ "$word" != template ] || set -- "$@" --template %t
            [ "$word" != sqlite ] || made_with SQLITE || continue
            [ "$word" != sqlite ] || { rm -f new.db && set -- "$@" --output new.db; }
            case $word in folded | flame) set -- "$@" --spans ;; esac
            case $word in ctf*) set -- "$@" --output "$word" ;; esac
            [ "$option" != --compress ] || set -- "$@" --output converted
            run "$@" ../golden/manual
            code_is 0
        done
        run "$option" "${list}x" ../golden/manual
        code_is 2
    done <words
}

# Each option is used in a command of some other script.
used()
{
    section OPTIONS | options >options
    for script in "$srcdir"/tests/tool/*.sh "$srcdir"/tests/decoder/*.sh "$srcdir"/tests/systems/kernel/*.sh; do
        [ "${script##*/}" = manual.sh ] || cat "$script"
    done | grep -v '^ *#\|refused\|nothing_but\|complain\|^ *cli ' >commands
    while read -r option; do
        grep -q -- "[ \"=]$option\([ =\";]\|\$\)" commands || complain "no test uses $option"
    done <options
    for option in --from --no-progress; do
        grep -qx -- "$option" options || complain "$option is not among the options"
    done
    ! grep -q -- "[ \"=]--never-one\([ =\";]\|\$\)" commands || complain "anything is found"
}

# --- examples ---

# What the page shows is what comes out; if it should be what comes out now: make manual.
examples()
{
    sh "$srcdir/doc/examples/manual.sh" "$tp" "$(golden_file manual.hex)" "$page" >now 2>problems ||
        complain "$(cat problems)"
    diff "$page" now || complain "doc/tpdecode.1 (<) shows something else than tpdecode (>) prints"
    [ "$(grep -c '^\$ tpdecode ' "$page")" -ge 16 ] || complain "few examples: $(grep -c '^\$ tpdecode ' "$page")"
}

# Those whose input is from elsewhere: each ends with 0 and prints three lines at least. What they read is
# here, and so are programs that they call. Those of README.md: tests/systems/kernel/readme_test.sh.
sources()
{
    need jq
    for name in dump.tp boot.tp run.tp ttyUSB0; do
        cp ../golden/manual $name
    done
    cp dump.tp dump.tp.zst
    gzip -k dump.tp
    hex <"$(golden_file region.hex)" >vmcore
    cat >commands.sh <<END
tpdecode() { '$tp' "\$@"; }
zstdcat() { cat "\$1"; }
ssh() { cat dump.tp; }
END
    section EXAMPLES | sed -n 's|^\.B \(.*tpdecode.*\)|\1|p' | sed 's|/dev/|./|' >commands
    while read -r command; do
        (. ./commands.sh; eval "$command") >out 2>err
        code=$? command_line=$command
        code_is 0
        [ "$(wc -l <out)" -ge 3 ] || complain "$command: $(cat out err)"
    done <commands
    [ "$(wc -l <commands)" = 6 ] || complain "$(wc -l <commands) commands, not 6"
}

# Each message is what a test expects, but for numbers and names.
messages()
{
    section DIAGNOSTICS | sed -n 's/^\.I "\(.*\)"$/\1/p' |
        sed "s/^FILE: //; s/[][().*+?]/[&]/g; s/0x[0-9a-f]*\|[0-9][0-9]*\|FILE/.*/g; s/'[^']*'/'.*'/g" >messages
    [ "$(wc -l <messages)" -ge 24 ] || complain "$(wc -l <messages) messages"
    cat "$srcdir"/tests/tool/*.sh "$srcdir"/tests/export/*.sh "$srcdir"/tests/decoder/*.sh "$srcdir"/tests/decoder/*.c "$srcdir"/tests/golden/*.txt |
        awk '{ goes_on = sub(/^ *"/, "") && ended; ended = sub(/"$/, ""); printf "%s%s", goes_on ? "" : "\n", $0 }' >expected
    while IFS= read -r message; do
        grep -q -- "$message" expected || complain "no test expects '$message'"
    done <messages
}

# --- exit status ---

# CODE COMMAND...: it ends with that, and the page has it.
ends()
{
    want_code=$1
    shift
    "$@" >out 2>err
    code=$? command_line=$*
    code_is "$want_code"
    section "EXIT STATUS" | grep -qx "\.B $want_code" || complain "exit code $want_code is not in the page"
    seen="$seen $want_code"
}

full() { "$tp" "$@" >/dev/full; }

exit_codes()
{
    seen=
    "$tool" flip $((0x2c8 + 104)) ../full.tp >flipped
    printf 'nothing here' >none
    ends 0 "$tp" ../full.tp
    ends 0 "$tp" ../golden/loss
    ends 0 "$tp" ../golden/unfinished
    ends 1 "$tp" flipped
    ends 1 "$tp" ../golden/unknown
    ends 1 "$tp" ../full.tp missing
    ends 2 "$tp" --nonsense
    ends 2 "$tp" --filter 'nosuch == 1' ../full.tp
    ends 2 "$tp" --symbols none ../full.tp
    ends 3 "$tp" none
    ends 3 "$tp" missing
    tail -c 120 ../golden/major >newer
    ends 3 "$tp" newer
    ends 4 "$tp" --output none/x ../full.tp
    [ ! -c /dev/full ] || ends 4 full ../full.tp
    section "EXIT STATUS" | sed -n 's/^\.B \([0-9]*\)$/\1/p' >codes
    while read -r code; do
        case $seen in
        *" $code"*) ;;
        *) complain "the page has exit code $code, and nothing ends with it" ;;
        esac
    done <codes
    "$tp" --help all | sed -n '/^Exit status/,$p' | tr -cs '0-9' '\n' | grep . | diff codes - ||
        complain "exit codes in the page (<) and in --help (>) differ"
}

# --- how it looks ---

formatted()
{
    need groff
    for each in "$srcdir"/doc/*.[135]; do
        groff -t -man -Tutf8 -ww -rLL=78n "$each" >text 2>warnings
        [ ! -s warnings ] || complain "$(cat warnings)"
        [ "$(wc -l <text)" -gt 50 ] || complain "$each has only $(wc -l <text) lines"
    done
}

cli "manual pages: no warnings" formatted
cli "manual page: the options of --help, and no others" same_options
cli "--help: groups" groups
cli "manual page: words that options take" choices
cli "manual page: each option is used by a test" used
cli "manual page: examples are what comes out" examples
cli "manual page: examples with input from elsewhere" sources
cli "manual page: each message is expected by a test" messages
cli "manual page: exit codes" exit_codes
finish
