#!/bin/sh
# SPDX-License-Identifier: MIT
# complete.sh - the completion of tpdecode in bash, as bash calls it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# LINE [BEHIND]: what is offered with the cursor at the end of the line, and this behind it.
offered()
{
    command_line="completion of '$1'"
    bash "$tmp/offer.bash" "$srcdir/decoder/tool/completion/tpdecode" "$tp" "$1" "${2:-}" >out 2>err
    [ ! -s err ] || complain "$command_line: $(cat err)"
}

# LINE WORD...
offers()
{
    offered "$1"
    shift
    [ $# = 0 ] || printf '%s\n' "$@" >want
    [ $# != 0 ] || : >want
    out_is <want
}

# Those of the table that getopt_long() is given.
long_options()
{
    sed -n "s/.*{\"\([a-z-]*\)\", $1_argument.*/--\1/p" "$srcdir/decoder/tool/options.c" | grep -vx -e --json | sort
}

options()
{
    need bash
    long_options '[a-z]*' >want
    [ "$(wc -l <want)" -ge 30 ] || complain "only $(wc -l <want) options"
    offered "tpdecode --"
    out_is <want
    offered "tpdecode -"
    out_is <want
    while read -r option; do
        "$tp" "$option" </dev/null >found 2>&1
        ! grep -q 'unknown option' found || complain "tpdecode does not know $option"
    done <out
    offers "tpdecode --no" --no-demangle --no-index --no-progress --no-schema
    offers "tpdecode --nonsense"
}

# What takes a word is completed by the words of the manual page, and nothing is a file that cannot be.
words()
{
    need bash
    : >a_file
    for option in format time color compress sandbox; do
        sed 's/\\-/-/g' "$srcdir/doc/tpdecode.1" | sed -n "s/^\.BI \"--$option \" //p" | sed 's/ | /\n/g' >want
        [ -s want ] || complain "no words for --$option in the manual page"
        offered "tpdecode --$option "
        out_is <want
        offered "tpdecode x --$option="
        out_is <want
    done
    offers "tpdecode --time r" raw relative
    offers "tpdecode --by " cpu event comm common_comm common_pid
    offers "tpdecode --hist v:" log2 linear
    offers "tpdecode --role sched:wake=w"
    long_options required | while read -r option; do
        offered "tpdecode $option a"
        case $option in
        --metadata | --offset | --output | --sql | --symbols) echo a_file | out_is ;;
        *) ! grep -q a_file out || complain "$command_line: a file" ;;
        esac
    done
    offers "tpdecode --stats a" a_file
    offers "tpdecode a" a_file
    offers "tpdecode --output=a" a_file
}

names()
{
    need bash
    hex <"$(golden_file manual.hex)" >dump.tp
    gzip -k dump.tp
    for dump in dump.tp dump.tp.gz "none --stats dump.tp" "$PWD/dump.tp"; do
        offers "tpdecode $dump --event " sched sched:wake sched:switch irq irq:entry mm mm:alloc
    done
    offers "tpdecode dump.tp --event irq,m" irq,mm irq,mm:alloc
    # Behind a ':' bash takes it for a new word.
    offers "tpdecode dump.tp --event sched:s" switch
    offers "tpdecode dump.tp --event=sched:" wake switch
    offers "tpdecode dump.tp --latency sched:w" wake:
    offers "tpdecode dump.tp --latency sched:wake:i" irq:entry
    offers "tpdecode dump.tp --latency sched:wake:irq:" entry
    offers "tpdecode dump.tp --hist b" bytes
    offers "tpdecode dump.tp --key c" cpu comm common_comm common_pid
    offers "tpdecode dump.tp --key pid=n" next
    offers "tpdecode dump.tp --latency sched:wake,irq:" entry
    offers "tpdecode dump.tp --fields next,s" next,state
    offered "tpdecode --event s" " dump.tp"
    printf '%s\n' sched sched:wake sched:switch | out_is
    offers "tpdecode none --event "
    offers "tpdecode $tp --event "
}

# Names from a dump are for a terminal, and for a shell.
names_harmless()
{
    need bash
    for path in "$srcdir"/tests/golden/*.hex; do
        hex <"$path" >dump.tp
        for option in event fields; do
            offered "tpdecode dump.tp --$option "
            ! grep -n '[^A-Za-z0-9_:.-]' out || complain "$path: $command_line"
        done
    done
    offers "tpdecode dump.tp --event t:num" num
}

registered()
{
    need bash
    bash -c '. "$1" && complete -p tpdecode' bash "$srcdir/decoder/tool/completion/tpdecode" >out 2>&1
    grep -q 'complete .*-F _tpdecode tpdecode' out || complain "$(cat out)"
}

cat >"$tmp/offer.bash" <<'END'
. "$1"
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
COMP_LINE=$3$4 COMP_POINT=${#3}
_tpdecode "$2"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
END

cli "options: those that tpdecode knows" options
cli "words that options take" words
cli "names of events and fields" names
cli "names cannot steer anything" names_harmless
cli "what bash is told" registered
finish
