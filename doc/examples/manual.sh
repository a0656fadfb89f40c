#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh TPDECODE DUMP PAGE: prints a manual page with what its examples print, as it is now.
#
# An example is a line `$ tpdecode ...` inside of .EX and .EE. It is run, in the order of the page and in one
# directory that has dump.tp, and what it prints stands behind it; standard error if that is nothing. It
# must end with 0. Lines of JSON are broken. DUMP has dump.tp as lines of hex digits, with # comments;
# it may be PAGE. `make manual` renews the pages.
set -u
export LC_ALL=C
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
path=$(cd "$(dirname "$1")" && pwd)
cp "$2" "$dir/.dump" && cp "$3" "$dir/.page" && cd "$dir" || exit 99
printf "$(awk 'BEGIN { h = "0123456789abcdef" }
    /^[0-9a-f][0-9a-f]( [0-9a-f][0-9a-f])* *(#.*)?$/ {
        sub(/#.*/, "")
        for (i = 1; i <= NF; i++)
            printf "\\%03o", 16 * (index(h, substr($i, 1, 1)) - 1) + index(h, substr($i, 2, 1)) - 1
    }' .dump)" >dump.tp
PATH=$path:$PATH
unset COLUMNS NO_COLOR
failed=0

# What was printed, as roff, lines of JSON in parts of 72 characters.
shown()
{
    awk '
        /^\{/ { json = 1 }
        function put(line)
        {
            gsub(/\\/, "\\e", line)
            gsub(/-/, "\\-", line)
            if (line ~ /^[.\047]/ || line == "")
                line = "\\&" line
            print line
        }
        {
            line = $0
            while (json && length(line) > 72) {
                n = 72
                while (n > 1 && substr(line, n, 2) !~ /,["{]/)
                    n--
                if (n == 1)
                    break
                put(substr(line, 1, n))
                line = " " substr(line, n + 1)
            }
            put(line)
        }' "$1"
}

on=
while IFS= read -r line; do
    case $line in
    '$ tpdecode '*)
        printf '%s\n' "$line"
        command=$(printf '%s\n' "${line#??}" | sed 's/\\-/-/g; s/\\e/\\/g')
        eval "$command" >.out 2>.err </dev/null
        code=$?
        [ $code = 0 ] || { echo "$command: exit code $code" >&2; failed=1; }
        if [ -s .out ]; then shown .out; else shown .err; fi
        on=1
        ;;
    .EE)
        on=
        printf '%s\n' "$line"
        ;;
    *) [ -n "$on" ] || printf '%s\n' "$line" ;;
    esac
done <.page
exit $failed
