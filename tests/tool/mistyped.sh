#!/bin/sh
# SPDX-License-Identifier: MIT
# mistyped.sh - command lines with a mistake in them: each ends with exit code 2 and a message that names what there is
# instead. Prints TAP. In the table a line is ARGUMENTS | what the message has; a dump is ../NAME.
. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# Options with a letter left out, two letters swapped, one doubled, and one changed.
misspell()
{
    awk -v name="$1" 'BEGIN {
        n = length(name)
        for (i = 2; i <= n; i++) print substr(name, 1, i - 1) substr(name, i + 1)
        for (i = 1; i < n; i++) print substr(name, 1, i - 1) substr(name, i + 1, 1) substr(name, i, 1) substr(name, i + 2)
        print name substr(name, n)
        for (i = 2; i < n; i++) print substr(name, 1, i - 1) "q" substr(name, i + 1)
    }'
}

# How many there were is in $tried.
options()
{
    tried=0
    names=$("$tp" --help all | sed 's/^  -h, /  /' | grep -o '[ ,(]--[a-z-]*' | sed 's/.*--//' | sort -u | grep .)
    for name in $names; do
        [ "${#name}" -gt 3 ] || continue
        for wrong in $(misspell "$name" | sort -u); do
            # What is the beginning of one option is that option; of several, they are listed.
            case " $(echo $names) " in *" $wrong"*) continue ;; esac
            run "--$wrong=x" ../loss
            code_is 2
            [ ! -s out ] || complain "$command_line: something on standard output"
            case $(cat err) in
            "tpdecode: unknown option '--$wrong=x': did you mean --"*'?' | \
                "tpdecode: unknown option '--$wrong=x': here it is --"*) ;;
            *) complain "$command_line: $(cat err)" ;;
            esac
            tried=$((tried + 1))
        done
    done
    [ "$tried" -ge 200 ] || complain "only $tried command lines were tried"
}

# The option that was meant is the one that is named, where only one letter is wrong.
meant()
{
    while read -r wrong right; do
        run "--$wrong" ../loss
        code_is 2
        grep -qF "did you mean --$right?" err || complain "$command_line: $(cat err)"
    done <<'END'
evnt event
evetn event
filtr filter
fitler filter
formt format
ofset offset
timline timeline
lattency latency
statss stats
outptu output
colour color
hedd head
tial tail
cup cpu
porgress progress
folow follow
END
}

table()
{
    n=0
    while IFS='|' read -r arguments message; do
        case $arguments in
        '#'* | '') continue ;;
        *--sql* | *sqlite*) made_with SQLITE || continue ;;
        esac
        eval "set -- $arguments"
        message=${message# }
        run "$@" </dev/null
        code_is 2
        grep -qF -- "$message" err || complain "$command_line: no '$message' in: $(cat err)"
        n=$((n + 1))
    done <"$srcdir/tests/tool/mistyped.txt"
    [ "$n" -ge 80 ] || complain "only $n command lines"
}

for path in "$srcdir"/tests/golden/*.hex; do
    hex <"$path" >"$tmp/$(golden_name "$path")"
done

cli "options with one letter wrong: what may be meant" options
cli "options with one letter wrong: what is meant" meant
cli "a table of mistakes" table
finish
