#!/bin/sh
# SPDX-License-Identifier: MIT
# complete_shells.sh - the completion of tpdecode in zsh and fish, as they offer it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

completion=$srcdir/decoder/tool/completion
# What a shell remembers goes here.
HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home XDG_DATA_HOME=$tmp/home ZDOTDIR=$tmp/home
mkdir "$HOME"
export HOME XDG_CONFIG_HOME XDG_DATA_HOME ZDOTDIR

# SHELL LINE: the words that are offered with the cursor at its end, whole, in order.
offered()
{
    command_line="completion of '$2' by $1"
    PATH=$(dirname "$tp"):$PATH
    export PATH
    case $1 in
    fish) timeout 300 fish --no-config -c "source $completion/tpdecode.fish; complete -C \$argv[1]" "$2" 2>err | cut -f 1 ;;
    zsh) timeout 300 zsh -f "$tmp/offer.zsh" "$completion" "$2" 2>err ;;
    esac | sort -u >out
    [ ! -s err ] || complain "$command_line: $(cat err)"
}

# SHELL LINE WORD...
offers()
{
    shell=$1
    offered "$1" "$2"
    shift 2
    [ $# = 0 ] || printf '%s\n' "$@" | sort -u >want
    [ $# != 0 ] || : >want
    out_is <want
}

long_options()
{
    sed -n "s/.*{\"\([a-z-]*\)\", $1_argument.*/--\1/p" "$srcdir/decoder/tool/options.c" | grep -vx -e --json | sort
}

options()
{
    need "$1"
    long_options '[a-z]*' >want
    [ "$(wc -l <want)" -ge 30 ] || complain "only $(wc -l <want) options"
    offered "$1" "tpdecode --"
    out_is <want
    offers "$1" "tpdecode --no" --no-demangle --no-index --no-progress --no-schema
}

# What takes a word is completed by those of the manual page, and nothing is a file that cannot be.
words()
{
    need "$1"
    : >a_file
    for option in format time color compress sandbox; do
        sed 's/\\-/-/g' "$srcdir/doc/tpdecode.1" | sed -n "s/^\.BI \"--$option \" //p" | sed 's/ | /\n/g' | sort >want
        [ -s want ] || complain "no words for --$option in the manual page"
        offered "$1" "tpdecode --$option "
        out_is <want
        offered "$1" "tpdecode x --$option="
        sed "s/^/--$option=/" want | out_is
    done
    offers "$1" "tpdecode --by " cpu event comm common_comm common_pid
    offers "$1" "tpdecode --hist v:" v:log2 v:linear
    offers "$1" "tpdecode --role sched:wake=w"
    long_options required | while read -r option; do
        case $option in
        --metadata | --offset | --output | --sql | --symbols) offers "$1" "tpdecode $option a_" a_file ;;
        *) offers "$1" "tpdecode $option a_" ;;
        esac
    done
    offers "$1" "tpdecode --stats a_" a_file
}

names()
{
    need "$1"
    hex <"$(golden_file manual.hex)" >dump.tp
    gzip -k dump.tp
    for dump in dump.tp dump.tp.gz "none --stats dump.tp"; do
        offers "$1" "tpdecode $dump --event " sched sched:wake sched:switch irq irq:entry mm mm:alloc
    done
    offers "$1" "tpdecode dump.tp --event irq,m" irq,mm irq,mm:alloc
    offers "$1" "tpdecode dump.tp --event sched:s" sched:switch
    offers "$1" "tpdecode dump.tp --event=sched:" --event=sched:wake --event=sched:switch
    offers "$1" "tpdecode dump.tp --latency sched:w" sched:wake:
    offers "$1" "tpdecode dump.tp --latency sched:wake:i" sched:wake:irq:entry
    offers "$1" "tpdecode dump.tp --latency sched:wake,irq:" sched:wake,irq:entry
    offers "$1" "tpdecode dump.tp --hist b" bytes
    offers "$1" "tpdecode dump.tp --key pid=n" pid=next
    offers "$1" "tpdecode dump.tp --fields next,s" next,state
    offers "$1" "tpdecode dump.tp --role sched:w" sched:wake=
    offers "$1" "tpdecode none --event "
}

# Names from a dump are for a terminal, and for a shell.
names_harmless()
{
    need "$1"
    for name in escapes names; do
        hex <"$(golden_file $name.hex)" >dump.tp
        for option in event fields; do
            offered "$1" "tpdecode dump.tp --$option "
            ! grep -n '[^A-Za-z0-9_:.-]' out || complain "$name: $command_line"
        done
    done
}

# A terminal with zsh in it, where each word that would be offered is printed between two lines with a NUL.
cat >"$tmp/offer.zsh" <<'END'
zmodload zsh/zpty
export COMPLETION=$1
inside=$HOME/inside.$$ # others run beside this one
mkdir $inside
# Not typed: what comes before the editor has begun may be lost.
cat >$inside/.zshrc <<'INSIDE'
PROMPT=
fpath=($COMPLETION $fpath)
autoload -U compinit
compinit -u -D
bindkey '^I' complete-word
mark() { print -r -- $'\0' }
compprefuncs=(mark)
comppostfuncs=(mark exit)
zstyle ':completion:*' insert-tab false
zmodload zsh/zutil
compadd()
{
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    typeset -a hits
    typeset -A suffix
    builtin compadd -A hits "$@"
    (( $#hits )) || return 1
    zparseopts -E S:=suffix
    print -rl -- "$IPREFIX"${^hits}"${suffix[-S]}"
}
zle-line-init() { print -r -- ready }
zle -N zle-line-init
INSIDE
zpty z ZDOTDIR=$inside zsh -d -i
while zpty -r z line && [[ $line != *ready* ]]; do :; done
zpty -n -w z "$2"$'\t'
marks=0
while zpty -r z part; do print -rn -- $part; done | tr -d '\r' | while IFS= read -r line; do
    if [[ $line == *$'\0'* ]]; then
        (( ++marks < 2 )) || break
    elif (( marks )); then
        print -r -- $line
    fi
done
zpty -d z
END

for shell in zsh fish; do
    cli "$shell: options: those that tpdecode knows" options $shell
    cli "$shell: words that options take" words $shell
    cli "$shell: names of events and fields" names $shell
    cli "$shell: names cannot steer anything" names_harmless $shell
done
finish
