#!/bin/sh
# SPDX-License-Identifier: MIT
# No circles, and no arrow between folders but those that the table allows: read from the include
# lines, and from the names that the object files define and ask for.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/objects.sh"

# A folder may use those of its side that have a lower number. Those with the same number are peers,
# which do not use each other. A folder that is not here does not exist yet, or is not looked at.
table='
decoder/base 1
decoder/bytes 2
decoder/model 3
decoder/order 4
decoder/table 5
decoder/print 6
decoder/answer 6
decoder/export 6
decoder/write 6
decoder/explore 7
decoder/lib 7
decoder/tool 8
engine/event 1
engine/filter 1
engine/core 2
engine/control 3
engine/option 4
engine/tree 5'

# ROOT: `from to name`, a line an include; an arrow leads from file to file.
arrows_of_includes()
(
    cd "$1" || exit 1
    folders=
    for folder in include decoder engine/event engine/core engine/control engine/filter engine/tree engine/option; do
        [ ! -d $folder ] || folders="$folders $folder"
    done
    # shellcheck disable=SC2086
    find $folders -type f -name '*.[ch]' | sort | xargs grep -E '^[[:space:]]*#[[:space:]]*include' /dev/null | awk '
        function exists(path, line, got) {
            got = (getline line <path)
            close(path)
            return got >= 0
        }
        {
            file = substr($0, 1, index($0, ":") - 1)
            if (!match($0, /[<"][^<>"]*[>"]/)) next
            header = substr($0, RSTART, RLENGTH)
            name = substr(header, 2, RLENGTH - 2)
            own = side = file
            sub(/[^\/]*$/, name, own)
            sub(/\/.*/, "/" name, side)
            while (match(own, /[^\/]+\/\.\.\//))
                own = substr(own, 1, RSTART - 1) substr(own, RSTART + RLENGTH)
            if (substr(header, 1, 1) == "\"" && exists(own)) print file, own, name
            else if (exists(side)) print file, side, name
        }'
)

# DIR: the same of the object files below it. What core asks of the seam leads nowhere: which of two
# files defines that is chosen when it is linked.
arrows_of_objects()
(
    cd "$1" || exit 1
    find . -name '*.o' | sort | xargs nm -A | awk '
        {
            file = substr($1, 3, index($1, ":") - 3)
            sub(/\.o$/, "", file)
            name = $NF
            if ($(NF - 1) == "U") asks[++n] = file " " name
            else if ($(NF - 1) ~ /^[ABCDGRSTVW]$/) definer[name] = file
        }
        END {
            while (seam != "" && (getline line <seam) > 0)
                while (match(line, /tp_[a-z0-9_]*\(/)) {
                    is_seam[substr(line, RSTART, RLENGTH - 1)]
                    line = substr(line, RSTART + RLENGTH)
                }
            for (i = 1; i <= n; i++) {
                split(asks[i], a, " ")
                if (a[2] in definer && !(a[1] ~ /^engine\/core\// && a[2] in is_seam))
                    print a[1], definer[a[2]], a[2]
            }
        }' seam="${2:-}"
)

# Of arrows: a circle, if there is one. Where nothing leads to or from is in none, and is taken off
# until nothing changes; then each arrow that is left leads on to another.
circle()
{
    awk '
        $1 != $2 && !(($1, $2) in seen) { seen[$1, $2]; from[++n] = $1; to[n] = $2; out[$1]++ }
        END {
            do {
                changed = 0
                for (i = 1; i <= n; i++)
                    if (from[i] != "" && !out[to[i]]) { out[from[i]]--; from[i] = ""; changed = 1 }
            } while (changed)
            for (i = 1; i <= n; i++)
                if (from[i] != "") at = from[i]
            for (i = 1; i <= n; i++)
                if (from[i] != "") next_one[from[i]] = to[i]
            if (at == "") exit
            while (!(at in been)) { been[at]; at = next_one[at] }
            for (x = next_one[first = at]; x != first; x = next_one[x])
                if (x < at) at = x
            line = "circle: " at
            for (x = next_one[at]; x != at; x = next_one[x]) line = line " -> " x
            print line " -> " at
        }'
}

# Of arrows: those that the table forbids.
forbidden()
{
    awk -v table="$table" '
        function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
        function side(path) { sub(/\/.*/, "", path); return path }
        BEGIN {
            count = split(table, word, /[ \n]+/)
            for (i = 2; i < count; i += 2) rank[word[i]] = word[i + 1]
        }
        {
            f = folder($1)
            t = folder($2)
            wrong = 0
            if (side($1) == "decoder" && !(f in rank)) wrong = 1
            else if (side($1) == "decoder" && side($2) == "engine") wrong = $2 !~ /^engine\/filter/
            else if (side($1) == "engine" && side($2) == "decoder") wrong = 1
            else if (f != t && f in rank && t in rank) wrong = rank[t] >= rank[f]
            if (wrong) print "arrow: " $1 " -> " $2 " (" $3 ")"
        }'
}

# ROOT: what is wrong there
wrong()
{
    out=$(mktemp -d "$tmp/objects.XXXXXX")
    objects "$1" "$out" >"$out/log" 2>&1 || { cat "$out/log"; return 1; }
    seam=
    [ ! -e "$1/engine/core/seam.h" ] || seam=$1/engine/core/seam.h
    arrows_of_includes "$1" >"$out/includes"
    arrows_of_objects "$out" "$seam" >"$out/calls"
    for arrows in includes calls; do
        circle <"$out/$arrows"
        forbidden <"$out/$arrows" | sort -u
    done
}

none_wrong()
{
    wrong "$srcdir" >"$tmp/wrong"
    cat "$tmp/wrong"
    includes=$(($(wc -l <"$out/includes"))) calls=$(($(wc -l <"$out/calls")))
    echo "$includes includes, $calls calls between files"
    [ ! -s "$tmp/wrong" ] && [ "$includes" -gt 200 ] && [ "$calls" -gt 400 ]
}

# FILE TEXT..., below $tree
planted()
{
    while [ $# -gt 1 ]; do
        mkdir -p "$tree/$(dirname "$1")"
        printf '%s\n' "$2" >"$tree/$1"
        shift 2
    done
}

# WORDS FILE TEXT...: a tree of these files is found wrong, in these words; '': it is not
finds()
{
    words=$1
    tree=$(mktemp -d "$tmp/tree.XXXXXX")
    shift
    planted include/tp/none.h '' "$@"
    found=$(wrong "$tree")
    [ "$found" = "$words" ] || { echo "found: $found"; exit 1; }
}

check "decoder, and the engine as far as it has folders: no circle, no forbidden arrow" none_wrong

check "a circle of calls is found" finds \
    "circle: decoder/base/a -> decoder/base/b -> decoder/base/c -> decoder/base/a" \
    decoder/base/a.c 'void b(void); void a(void) { b(); }' \
    decoder/base/b.c 'void c(void); void b(void) { c(); }' \
    decoder/base/c.c 'void a(void); void d(void); void c(void) { a(); d(); }' \
    decoder/base/d.c 'void d(void) {}' \
    decoder/order/e.c 'void a(void); void e(void) { a(); }'
check "a circle by a variable is found" finds \
    "circle: decoder/base/a -> decoder/base/b -> decoder/base/a" \
    decoder/base/a.c 'extern int b; int a(void) { return b; }' \
    decoder/base/b.c 'int a(void); int b; int c(void) { return a(); }'
check "a circle of includes is found" finds \
    "circle: decoder/base/a.h -> decoder/base/b.h -> decoder/base/a.h" \
    decoder/base/a.h '#pragma once
#include "base/b.h"' \
    decoder/base/b.h '#pragma once
#include "a.h"' \
    decoder/base/a.c '#include "base/a.h"'
check "an include to the right is found" finds \
    'arrow: decoder/base/a.c -> decoder/model/b.h (model/b.h)' \
    decoder/base/a.c '#include "model/b.h"' decoder/model/b.h ''
check "a call to the right is found" finds 'arrow: decoder/base/a -> decoder/model/b (b)' \
    decoder/base/a.c 'void b(void); void a(void) { b(); }' decoder/model/b.c 'void b(void) {}'
check "a call of a peer is found" finds 'arrow: decoder/print/a -> decoder/answer/b (b)' \
    decoder/print/a.c 'void b(void); void a(void) { b(); }' decoder/answer/b.c 'void b(void) {}'
check "a file of the decoder in a folder that is not in the table is found" finds \
    'arrow: decoder/new/a -> decoder/base/b (b)' \
    decoder/new/a.c 'void b(void); void a(void) { b(); }' decoder/base/b.c 'void b(void) {}'
check "a call from the decoder to the engine is found" finds \
    'arrow: decoder/order/a -> engine/core/ring (tp_b)' \
    decoder/order/a.c 'void tp_b(void); void a(void) { tp_b(); }' engine/core/ring.c 'void tp_b(void) {}'
check "a call from the engine to the decoder is found" finds \
    'arrow: engine/core/ring -> decoder/base/b (b)' \
    engine/core/ring.c 'void b(void); void tp_a(void) { b(); }' decoder/base/b.c 'void b(void) {}'
check "a call from core to control is found" finds \
    'arrow: engine/core/ring -> engine/control/rule (tp_b)' \
    engine/core/ring.c 'void tp_b(void); void tp_a(void) { tp_b(); }' \
    engine/control/rule.c 'void tp_b(void) {}'
check "what leads to the left, within a folder, to the filter and through the seam is allowed" finds '' \
    decoder/base/a.c 'void b(void); void a(void) { b(); }' decoder/base/b.c 'void b(void) {}' \
    decoder/print/c.c '#include "base/a.h"
void e(void) { a(); }' \
    decoder/base/a.h '#include <tp/none.h>
void a(void);' \
    decoder/order/f.c 'void tp_filter_g(void); void f(void) { tp_filter_g(); }' \
    engine/filter/filter.c 'void tp_filter_g(void) {}' \
    engine/core/seam.h 'void tp_seam_h(void);' \
    engine/core/ring.c '#include "seam.h"
void tp_i(void) { tp_seam_h(); }' \
    engine/control/seam.c '#include "core/seam.h"
void tp_i(void); void tp_seam_h(void) { tp_i(); }'
finish
