#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages of doc/ name tests as evidence: each is there. So is each dump that the list in
# tests/golden names, and it ends as the list says.
set -u
export LC_ALL=C
srcdir=${TP_SRCDIR:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
n=0

# NAME WRONG...: one TAP line; nothing may be wrong
result() {
    n=$((n + 1))
    echo "$([ -z "$2" ] || echo 'not ')ok $n - $1"
    [ -z "$2" ] || printf '%s\n' "$2" | sed 's/^/# /'
}
number=$(sed -n 's/^#define TP_VERSION "\(.*\)"$/\1/p' "$srcdir/include/tp/version.h")
parts=$(sed -n 's/^#define TP_VERSION_[A-Z]* \([0-9]*\)$/\1/p' "$srcdir/include/tp/version.h" | paste -sd.)
package=$(sed -n "s/^PACKAGE_VERSION='\(.*\)'\$/\1/p" "$srcdir/configure")
result "one version: tp/version.h, and what configure makes of it" \
    "$([ "$number" = "$parts" ] && [ "$number" = "$package" ] || echo "$number, $parts, $package")"

for page in README.md doc/crate.md; do
    missing=
    for name in $(grep -o '`[A-Z][A-Za-z]*\.[A-Za-z*]*`' "$srcdir/$page" | tr -d '`'); do
        suite=${name%%.*} test=${name#*.}
        [ "$test" != '*' ] || test='[A-Z]'
        grep -rqs "^TP_TEST($suite, $test" "$srcdir/tests" || missing="$missing $name"
    done
    for script in $(grep -o '`tests/[a-z_/]*\(\.sh\)\{0,1\}`' "$srcdir/$page" | tr -d '`'); do
        [ -e "$srcdir/$script" ] || missing="$missing $script"
    done
    result "$page: the tests it names are there" "$missing"
done

pages="README.md CONTRIBUTING.md SECURITY.md $(cd "$srcdir" && echo doc/*.md)"

# What the kernel prints when a trace does not open, word for word.
missing=$(sed -n '/^## The trace does not open/,/^## 0/s/^| `\([^`]*\)` .*/\1/p' "$srcdir/doc/troubleshooting.md" |
    while read -r text; do
        grep -qF "\"$text\"" "$srcdir/engine/option/error.c" && echo "there" || echo "not: $text"
    done | sort | uniq -c | awk '$2 == "there" { there = $1; next } { print } END { if (there < 8) print there + 0 " texts" }')
result "doc/troubleshooting.md: the engine says what it lists" "$missing"

# Commands in backquotes, and those that begin an indented line.
commands() {
    for page in $pages; do
        { grep -o '`[^`]*`' "$srcdir/$page"; sed -n 's/^    \([.a-z]\)/\1/p; s/^\$ //p' "$srcdir/$page"; } | tr -d '`'
    done
}
commands >"$tmp/commands"

missing=
for target in $(sed -n 's/^make \([a-z-]*\).*/\1/p; s/.*&& make \([a-z-]*\).*/\1/p' "$tmp/commands" | sort -u); do
    case $target in check | install | dist) continue ;; esac # automake has them
    grep -Eq "^[^:=]*\b$target( [a-z -]*)?:|^${target}_SOURCES" "$srcdir/Makefile.am" || missing="$missing $target"
done
result "the pages: each make target they name is there" "$missing"

missing=
for mode in $(sed -n 's/^\.\/bootstrap \([a-z-]*\).*/\1/p' "$tmp/commands" | sort -u); do
    grep -q "^$mode)" "$srcdir/bootstrap" || missing="$missing $mode"
done
result "the pages: bootstrap does what they say" "$missing"

missing=
for option in $(sed -n '/^\(\.\/\)\{0,1\}tpdecode /p' "$tmp/commands" | grep -o ' --[a-z-]*' | sort -u); do
    grep -q "{\"${option#--}\"," "$srcdir/decoder/tool/options.c" || missing="$missing $option"
done
result "the pages: each option of tpdecode they name is there" "$missing"

# What is in a link, with its heading: as GitHub makes names of these.
missing=
for page in $pages; do
    for link in $(grep -o '](\([^)]*\))' "$srcdir/$page" | sed 's/^](//; s/)$//' | grep -v '^https*:' | sort -u); do
        file=${link%%#*} at=
        case $link in *#*) at=${link#*#} ;; esac
        [ -z "$file" ] && file=$srcdir/$page || file=$(dirname "$srcdir/$page")/$file
        [ -e "$file" ] || { missing="$missing $page:$link"; continue; }
        [ -z "$at" ] || sed -n 's/^##* //p' "$file" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-' | grep -qx -- "$at" ||
            missing="$missing $page:$link"
    done
done
result "the pages: what they link to is there" "$missing"
# FILE...: each function that is declared, in one line.
declared() {
    awk '{ line = $0 } on || /^#/ { on = line ~ /\\$/; next } { all = all line " " }
        END {
            while (start = index(all, "/*")) {
                printf "%s", substr(all, 1, start - 1)
                all = substr(all, start + 2)
                all = substr(all, index(all, "*/") + 2)
            }
            print all
        }' "$@" | sed 's/extern "C" {//' | tr ';{}' '\n\n\n' |
        sed -n 's/  */ /g; s/^ //; s/ $//; s/^static inline //; /^return/d; /^[a-z][a-z0-9_ ]*[ *]tp_[a-z0-9_]*(.*)$/p' |
        grep -v '[ *]tp_port_' | sort
}

# NAME HEADER...: the page of section 3 has each function of these, as it is declared, and says of each what it does.
functions() {
    page=$srcdir/doc/$1.3
    shift
    declared "$@" >"$tmp/declared"
    sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$page" | grep -v '^\.' >"$tmp/synopsis"
    declared "$tmp/synopsis" | diff "$tmp/declared" - # < is declared, > is in the page
    sed -n 's/.*[ *]\(tp_[a-z0-9_]*\)(.*/\1/p' "$tmp/declared" >"$tmp/names"
    [ "$(wc -l <"$tmp/names")" -gt 30 ] || echo "only $(wc -l <"$tmp/names") functions"
    sed -n '/^\.SH DESCRIPTION/,$s/^\.BR //p' "$page" | tr -cs 'a-z0-9_' '\n' | sort -u >"$tmp/described"
    while read -r name; do
        grep -qx "$name" "$tmp/described" || echo "$name is not described"
    done <"$tmp/names"
}
result "tp_dump(3) has each function of tpdecode.h" "$(functions tp_dump "$srcdir/include/tpdecode.h")"
public=$(ls "$srcdir"/include/tp/*.h)
# shellcheck disable=SC2086
result "tracepoint(3) has each function of include/tp" "$(functions tracepoint $public)"

golden=$srcdir/tests/golden
# What is in the folder, as the list has it: name and exit code.
for text in "$golden"/*.txt; do
    name=${text##*/}
    echo "${name%.txt} $(sed -n 's/^== exit //p' "$text")"
    [ -e "${text%.txt}.hex" ] || echo "${name%.txt} has no dump"
done | sort >"$tmp/there"
sed -n 's/^| `\([a-z0-9-]*\)` |[^|]*| \([0-9]\) |[^|]*|$/\1 \2/p' "$golden/README.md" | sort >"$tmp/listed"
result "tests/golden/README.md lists each dump with its exit code" "$(diff "$tmp/listed" "$tmp/there")"
result "golden dumps: good ends with 0, bad and unsupported do not" \
    "$(grep -Ev '^good-[a-z0-9]+ 0$|^(bad|unsupported)-[a-z0-9]+ [13]$' "$tmp/there")"
# Tests call them by the name alone.
result "golden dumps: a name is there once" "$(sed 's/^[a-z]*-//' "$tmp/there" | sort | uniq -d)"
echo "1..$n"
