#!/bin/sh
# SPDX-License-Identifier: MIT
# What is static in read.c is called read_..., so that a backtrace says where it is from and all files
# together can be one: read from the object files. What is static inline in a header has the header's
# name in front, or that of the engine.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/objects.sh"

# Where this holds, with | between.
sides="engine|decoder"

# ROOT: `file name` of each static inline function of a header.
inlines()
(
    cd "$1" || exit 1
    find include decoder engine -name '*.h' 2>/dev/null | sort | xargs awk '
        FNR == 1 { text = ""; open = 0 }
        /^static inline/ { open = 1; text = "" }
        open {
            text = text $0
            if (match(text, /[a-z0-9_]+\(/)) { print FILENAME, substr(text, RSTART, RLENGTH - 1); open = 0 }
        }'
)

# ROOT: `file: name` of what is called otherwise.
foreign()
{
    out=$(mktemp -d "$tmp/objects.XXXXXX")
    objects "$1" "$out" >"$out/log" 2>&1 || { cat "$out/log"; return 1; }
    inlines "$1" >"$out/inlines"
    # The names of headers that kernels see begin with tp_.
    awk '$1 ~ /^decoder\// {
        stem = $1
        gsub(/.*\/|\.h$/, "", stem)
        if (index($2, stem "_") != 1) print $1 ": " $2
    }' "$out/inlines"
    # Those of functions have a dot and a number.
    (cd "$out" && find . -name '*.o' | sort | xargs nm -A) | awk '
        FILENAME != "-" { inline_name[$2]; next }
        $NF ~ /_fn_(enter|exit)(_enabled)?$/ { next } # made by TP_EVENT
        $1 ~ sides && $(NF - 1) ~ /^[tdbr]$/ && $NF !~ /\./ && !($NF in inline_name) {
            file = substr($1, 3, index($1, ":") - 3)
            stem = file
            gsub(/.*\/|\.o$/, "", stem)
            all++
            if (index($NF, stem "_") != 1) { sub(/o$/, "c", file); print file ": " $NF }
        }
        END { print all + 0 >count }' sides="^[.]/($sides)/" count="$out/count" "$out/inlines" -
}

none_foreign()
{
    foreign "$srcdir" >"$tmp/foreign"
    cat "$tmp/foreign"
    echo "$(cat "$out/count") static names"
    [ ! -s "$tmp/foreign" ] && [ "$(cat "$out/count")" -gt 800 ]
}

# WORDS FILE TEXT [FILE TEXT]: of these files, that is called otherwise
finds()
{
    words=$1
    tree=$(mktemp -d "$tmp/tree.XXXXXX")
    shift
    while [ $# -gt 1 ]; do
        mkdir -p "$tree/$(dirname "$1")"
        printf '%s\n' "$2" >"$tree/$1"
        shift 2
    done
    found=$(foreign "$tree")
    [ "$found" = "$words" ] || { echo "found: $found"; exit 1; }
}

check "each static name has the name of its file in front" none_foreign
check "a function with another name is found" finds 'decoder/base/mem.c: look' \
    decoder/base/mem.c 'static int look(void) { return 1; } int mem_a(void) { return look(); }'
check "a variable with another name is found" finds 'decoder/base/mem.c: memory' \
    decoder/base/mem.c 'static int memory; int mem_a(void) { return memory++; }'
check "a constant with another name is found" finds 'decoder/base/mem.c: table' \
    decoder/base/mem.c 'static const int table[9] = {1}; int mem_a(int i) { return table[i]; }'
check "a function of a header with another name is found" finds 'decoder/base/mem.h: look' \
    decoder/base/mem.h 'static inline int look(void) { return 1; }' decoder/base/mem.c ''
check "names with the name of the file, and those within a function, are allowed" finds '' \
    decoder/base/mem.h 'static inline struct mem *
mem_look(void) { return 0; }' \
    decoder/base/out.c '#include "mem.h"
static int out_b; static int out_look(void) { static int n; return n++; }
int out_a(void) { return out_look() + out_b++ + !mem_look(); }'
finish
