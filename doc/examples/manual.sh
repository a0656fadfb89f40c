#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh TPDECODE DUMP PAGE: prints a manual page with what its examples print, as it is now.
#
# An example is a line `$ tpdecode ...` inside of .EX and .EE. It is run, in the order of the page and in one
# directory that has DUMP as dump.tp, and what it prints stands behind it; standard error if that is
# nothing. It must end with 0. Lines of JSON are broken. To bring a page up to date:
#
#     sh doc/examples/manual.sh ./tpdecode dump.tp doc/tpdecode.1 >new && mv new doc/tpdecode.1
set -u
export LC_ALL=C
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
path=$(cd "$(dirname "$1")" && pwd)
cp "$2" "$dir/dump.tp" && cp "$3" "$dir/.page" && cd "$dir" || exit 99
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
