#!/bin/sh
# SPDX-License-Identifier: MIT
# No script does by its grammar something else than it says: shellcheck's errors. A here document after a pipe
# takes the pipe's place, and a test of this kind compares what it expects with itself.
. "$(dirname "$0")/../lib/tap.sh"

# FOLDER: its scripts, one a line
scripts()
{
    (cd "$1" && find .ci/run bootstrap tests -name '*.sh' -o -name run -o -name bootstrap) | sed "s|^|$1/|"
}

no_errors()
{
    need shellcheck
    scripts "$srcdir" >files
    [ "$(wc -l <files)" -gt 100 ] || { echo "only $(wc -l <files) scripts"; exit 1; }
    xargs -P 2 -n 20 shellcheck -s sh -S error -f gcc <files
}

notices()
{
    need shellcheck
    printf 'sort list |\n    diff - /dev/stdin <<"END"\na\nEND\n' >planted.sh
    shellcheck -s sh -S error -f gcc planted.sh >wrong && exit 1
    grep -q 'planted.sh:2:.*SC2259' wrong || { cat wrong; exit 1; }
}

cd "$tmp" || exit 99
check "no script does something else than it says" no_errors
check "a test that compares what it expects with itself is noticed" notices
finish
