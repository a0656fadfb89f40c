#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages of doc/ name tests as evidence: each is there.
set -u
srcdir=${TP_SRCDIR:-.}
n=0
for page in README.md doc/crate.md; do
    n=$((n + 1))
    missing=
    for name in $(grep -o '`[A-Z][A-Za-z]*\.[A-Za-z*]*`' "$srcdir/$page" | tr -d '`'); do
        suite=${name%%.*} test=${name#*.}
        [ "$test" != '*' ] || test='[A-Z]'
        grep -rqs "^TP_TEST($suite, $test" "$srcdir/tests" || missing="$missing $name"
    done
    for script in $(grep -o '`tests/[a-z_/]*\(\.sh\)\{0,1\}`' "$srcdir/$page" | tr -d '`'); do
        [ -e "$srcdir/$script" ] || missing="$missing $script"
    done
    if [ -z "$missing" ]; then
        echo "ok $n - $page: the tests it names are there"
    else
        echo "not ok $n - $page: the tests it names are there"
        echo "#$missing"
    fi
done
echo "1..$n"
