#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the litmus tests of this directory with herd7 (of the herdtools7; `opam install herdtools7`: Debian has
# no package of it) and compares with the file `expected`. `litmus.sh [NAME...]`: only those protocols.
# A test gets 60 seconds. Exit 0: all as expected; 1: not; 77: there is no herd7.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v herd7 >/dev/null; then
    echo "litmus: herd7 is not installed (opam install herdtools7); nothing was run" >&2
    exit 77
fi
failed=0 run=0 left=0
while read -r name want; do
    case $name in '#'* | '') continue ;; esac
    [ $# -eq 0 ] || case " $* " in *" ${name%.*} "*) ;; *) continue ;; esac
    got=$(timeout 60 herd7 "$here/$name.litmus" 2>/dev/null | sed -n 's/^Observation [^ ]* \([^ ]*\).*/\1/p')
    run=$((run + 1))
    if [ -z "$got" ]; then
        left=$((left + 1))
        echo "$name: no answer"
        [ "$want" = '?' ] || failed=$((failed + 1))
    elif [ "$want" != '?' ] && [ "$got" != "$want" ]; then
        failed=$((failed + 1))
        echo "$name: $got, not $want"
    fi
done <"$here/expected"
echo "litmus: $run tests, $failed not as expected, $left without an answer"
[ "$failed" -eq 0 ]
