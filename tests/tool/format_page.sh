#!/bin/sh
# SPDX-License-Identifier: MIT
# format_page.sh - the manual page tp-format(5) against wire.h, doc/format.md and tpdecode: a table
# that a comment names has what that has, and the example is a dump. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

page=$srcdir/doc/tp-format.5
wire=$srcdir/include/tp/wire.h

# The tables: for each row what its comment says, and the row, without the texts.
rows()
{
    sed 's/\\-/-/g' "$page" | awk '
        /^\.\\" (struct|enum|define|keys)/ { what = substr($0, 5); next }
        /^\.TE/ { what = "" }
        what && /^[a-z0-9][a-z0-9, _]*@/ && !/^at@bytes@/ { print what "@" $0 }'
}

# What a comment can name of wire.h, as C: a row for each, of the same form.
names()
{
    # Members of structures; names of enumerations; macros that are numbers.
    awk '
        /^struct tp_wire_[a-z]* \{/ { struct = $2; next }
        /^enum tp_wire_[a-z_]* \{/ { enumeration = $2; next }
        /^\};/ { struct = enumeration = "" }
        struct && /^    [a-z]/ {
            sub(/\/\*.*/, ""); sub(/;.*/, ""); sub(/^ *(struct )?[a-z0-9_]+ /, "")
            n = split($0, member, / *, */)
            for (i = 1; i <= n; i++) {
                sub(/\[.*/, "", member[i])
                printf "FIELD(%s, %s)\n", struct, member[i]
            }
        }
        enumeration && /^    TP_/ { sub(/,/, "", $1); printf "NUMBER(\"enum %s\", %s)\n", enumeration, $1 }
        /^#define TP_[A-Z0-9_]+ .*[0-9]/ {
            match($2, /^TP_[A-Z]*_/)
            printf "NUMBER(\"define %s\", %s)\n", substr($2, 1, RLENGTH), $2
        }' "$wire"
}

# The rows that the page should have. A region and its parts are not on it, nor are the magic of one and the number of causes.
wanted()
{
    {
        cat <<'END'
#include <stdio.h>
#include <tp/wire.h>
#define FIELD(s, f) printf("struct %s@%zu@%zu@%s\n", #s, offsetof(struct s, f), sizeof(((struct s *)0)->f), #f);
#define NUMBER(what, n) printf("%s@%llu@%s\n", what, (unsigned long long)(n), #n);
int main(void) {
END
        names | grep -v 'tp_wire_region\|tp_wire_tasks\|TP_REGION_\|TP_LOST_CAUSES'
        echo '}'
    } >numbers.c
    ${CC:-cc} -I"$srcdir/include" -o numbers numbers.c && ./numbers
}

# Numbers may be hexadecimal on the page.
decimal()
{
    while IFS=@ read -r what number rest; do
        echo "$what@$((number))@$rest"
    done
}

tables()
{
    wanted | sort >want
    [ "$(wc -l <want)" -ge 75 ] || complain "only $(wc -l <want) numbers in wire.h"
    rows | grep -v '^keys' | awk -F@ '{ print /^struct/ ? $1 "@" $2 "@" $3 "@" $4 : $1 "@" $2 "@" $3 }' |
        decimal | sort >got
    diff want got || complain "wire.h (<) and doc/tp-format.5 (>) differ"
}

# Keys in their order, and types of fields, as in section 5 of the specification.
keys()
{
    sed -n '/^## 5/,/^## 6/p' "$srcdir/doc/format.md" >section
    awk -F' *[|] *' '/^\| / && $2 != "key" { print $2 }' section >want
    [ "$(wc -l <want)" = 33 ] || complain "$(wc -l <want) keys in doc/format.md"
    rows | sed -n 's/^keys@\([^@]*\)@.*/\1/p' >got
    diff want got || complain "keys in doc/format.md (<) and doc/tp-format.5 (>) differ"
    types=$(sed -n 's/^| type | text | `\(u8 .*\)` |$/\1/p' section)
    [ -n "$types" ] || complain "no types in doc/format.md"
    grep -qx "$types" "$page" || complain "other types of fields than in doc/format.md"
}

sections()
{
    grep -o '(sc[0-9][0-9]*' "$page" | sed 's/(sc//' | sort -un >named
    [ "$(wc -l <named)" -ge 8 ] || complain "only $(wc -l <named) sections are named"
    while read -r n; do
        grep -q "^## $n\. " "$srcdir/doc/format.md" || complain "doc/format.md has no section $n"
    done <named
}

# The hex digits are a dump, and what it says is what comes out.
example()
{
    sed -n '/^\.SH EXAMPLE/,/^\.SH SEE/p' "$page" | grep '^[0-9a-f][0-9a-f]\( [0-9a-f][0-9a-f]\)* *\(#.*\)\{0,1\}$' |
        hex >dump.tp
    [ "$(($(wc -c <dump.tp)))" = 576 ] || complain "$(wc -c <dump.tp) bytes"
    run dump.tp
    code_is 0
    out_is <<END
--- cpu 0: 2 records lost here (buffer full) ---
           <...>-42      [000] d.h1.     2.000000: sched_switch: next=7 comm=bash
END
    echo "1 records, 2 lost" | err_is
    sh "$srcdir/doc/examples/manual.sh" "$tp" "$page" "$page" >now 2>problems || complain "$(cat problems)"
    diff "$page" now || complain "doc/tp-format.5 (<) shows something else than tpdecode (>) prints"
}

cli "tables: what wire.h has, all of it" tables
cli "metadata: the keys and types of doc/format.md" keys
cli "sections of doc/format.md are there" sections
cli "example: a dump, and what tpdecode prints" example
finish
