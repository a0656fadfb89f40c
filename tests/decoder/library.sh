#!/bin/sh
# SPDX-License-Identifier: MIT
# libtpdecode as another program finds it: installed, through pkg-config, with doc/examples and the
# example of its header built against it, shared and static, from C and C++; and what names it has.
. "$(dirname "$0")/../tool/help.sh"
unset MAKEFLAGS MAKELEVEL DESTDIR

build=$(cd "${TP_BUILDDIR:-.}" && pwd)
prefix=$(sed -n 's/^prefix=//p' "$build/libtpdecode.pc")
root=$tmp/root$prefix
make -s -C "$build" install DESTDIR="$tmp/root" >"$tmp/install" 2>&1 || { cat "$tmp/install"; echo "Bail out! make install"; exit 99; }
pc=$(find "$tmp/root" -name libtpdecode.pc)
lib=$(find "$tmp/root" -name libtpdecode.a)
shared=$(find "$tmp/root" -name 'libtpdecode.so.*' -type f) # none: configured without it
LD_LIBRARY_PATH=$(dirname "$lib")
export LD_LIBRARY_PATH
how=shared

flags() # OPTION...
{
    need pkg-config
    PKG_CONFIG_PATH=$(dirname "$pc") pkg-config "--define-variable=prefix=$root" "$@" libtpdecode
}

# What a program is linked with: $how is shared or static.
libraries()
{
    if [ "$how" = static ]; then
        flags --libs --static | sed 's/-ltpdecode/-l:libtpdecode.a/'
    else
        flags --libs
    fi
}

# COMPILER... FILE: into ./program
built()
{
    need "$1"
    # shellcheck disable=SC2046
    "$@" -Wall -Wextra -Werror $(flags --cflags) $(libraries) -o program || complain "not built: $*"
    # shellcheck disable=SC2154
    readelf -d program | grep -q 'NEEDED.*libtpdecode.so' && linked=shared || linked=static
    [ "$linked" = "$how" ] || [ -z "$shared" ] || complain "it is $linked, not $how"
}

dump() # NAME: of golden/, as NAME.tp
{
    hex <"$(golden_file "$1.hex")" >"$1.tp"
}

# CODE ARGUMENT...: ./program; leaves out and err
ran()
{
    wanted=$1
    shift
    command_line="program $*"
    ./program "$@" >out 2>err
    code=$?
    code_is "$wanted"
}

installed()
{
    [ -f "$root/include/tpdecode.h" ] || complain "no include/tpdecode.h"
    [ -n "$pc" ] && [ -n "$lib" ] || complain "no library, or no .pc"
    [ "$(flags --modversion)" = "$(sed -n 's/^#define TP_VERSION "\(.*\)"$/\1/p' "$srcdir/include/tp/version.h")" ] || complain "version: $(flags --modversion)"
}

# Of that, only what is declared may clash with a name of a program; and all that is declared is there.
names()
{
    need nm
    nm -g --defined-only "$lib" | awk 'NF == 3 { print $3 }' | sort >defined
    grep -o 'tp_dump_[a-z_]*(' "$root/include/tpdecode.h" | tr -d '(' | sort -u >declared
    diff declared defined || complain "names: < is declared, > is defined"
    [ -z "$shared" ] || nm -D --defined-only "$shared" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 } $2 !~ /[TA]/' | sort >defined
    diff declared defined || complain "names of libtpdecode.so: < is declared, > is defined"
    nm -u "$lib" | grep -E ' (v?f?printf|puts|fputs|putchar|fwrite|perror|exit|abort|signal|sigaction|stdout|stderr)$' >forbidden
    [ ! -s forbidden ] || complain "it prints or ends the program: $(cat forbidden)"
}

# Names of the decoder and of the filter in a program, and the engine beside it.
clash()
{
    cat >clash.c <<'END'
#include <stdio.h>
#include <tpdecode.h>
#include <tp/filter.h>
const char *merge_run(void), *clock_set(void), *diag_line(void), *out_flush(void);
const char *merge_run(void) { return "mine"; }
const char *clock_set(void) { return merge_run(); }
const char *diag_line(void) { return clock_set(); }
const char *out_flush(void) { return diag_line(); }
int main(void)
{
    struct tp_filter_error error;
    struct tp_filter_schema none = {0};
    _Alignas(8) char room[TP_FILTER_BYTES_MAX];
    struct tp_dump *dump = tp_dump_new();

    printf("%s %ld %d\n", out_flush(),
           tp_filter_compile((struct tp_filter *)room, sizeof(room), "", 0, &none, &error),
           tp_dump_select(dump, TP_DUMP_FILTER, "x"));
    tp_dump_free(dump);
    return 0;
}
END
    # shellcheck disable=SC2046
    gcc -std=gnu11 clash.c $(flags --cflags) $(libraries) -ltracepoint -o program || complain "not built"
    ran 0
    echo "mine -1 0" | out_is
}

# abi.txt: what programs that were linked with 1.0 rely on.
frozen()
{
    awk 'BEGIN { print "#include <stddef.h>\n#include <tpdecode.h>" }
        $1 == "function" { print substr($0, 10) ";" } # of another type it is an error
        $1 == "value" { printf "_Static_assert(%s == %s, \"%s\");\n", $2, $3, $2 }
        $1 == "member" { printf "_Static_assert(offsetof(struct %s, %s) == %s, \"%s.%s\");\n", $2, $3, $4, $2, $3 }
        $1 == "member" && $5 != "-" { printf "_Static_assert(sizeof(((struct %s *)0)->%s) == %s, \"%s.%s\");\n", $2, $3, $5, $2, $3 }' \
        "$srcdir/tests/decoder/abi.txt" >frozen.c
    [ "$(wc -l <frozen.c)" -gt 210 ] || complain "$(wc -l <frozen.c) lines"
    case $(echo '__SIZEOF_POINTER__' | "${CC:-cc}" -E -P -) in
    8) "${CC:-cc}" -std=gnu11 -I"$root/include" -fsyntax-only frozen.c 2>differ || complain "$(head -n 20 differ)" ;;
    esac
    sed -n 's/^function .*\(tp_dump_[a-z_]*\)(.*/\1/p' "$srcdir/tests/decoder/abi.txt" | sort >frozen
    grep -o 'tp_dump_[a-z_]*(' "$root/include/tpdecode.h" | tr -d '(' | sort -u >declared
    [ -z "$(comm -23 frozen declared)" ] || complain "gone: $(comm -23 frozen declared)"
    # So that a new version does not go without lines of its own.
    grep -o '\bTP_DUMP_[A-Z0-9_]* *[=,]' "$root/include/tpdecode.h" | tr -d ' =,' | sort -u >values
    awk '$1 == "value" { print $2 }' "$srcdir/tests/decoder/abi.txt" | sort >known
    [ -z "$(comm -13 frozen declared)$(comm -23 values known | grep -v _MAX)" ] ||
        complain "not in abi.txt: $(comm -13 frozen declared; comm -23 values known)"
}

# A name for the run, one for who links, and the file; nothing that has to be moved when it is loaded.
soname()
{
    [ -n "$shared" ] || skip "configured without libtpdecode.so"
    number=$(sed -n 's/^#define TP_VERSION_M[A-Z]* //p' "$srcdir/include/tp/version.h" | paste -sd.)
    name=libtpdecode.so.${number%.*}
    [ "${number%.*}" != 0 ] || name=libtpdecode.so.$number
    readelf -d "$shared" >dynamic
    grep -q "SONAME.*\[$name\]" dynamic || complain "not $name: $(grep SONAME dynamic)"
    ! grep TEXTREL dynamic || complain "it is not position independent"
    [ "$(readlink "$(dirname "$shared")/$name")" = "${shared##*/}" ] || complain "no link $name"
    [ "$(readlink "$(dirname "$shared")/libtpdecode.so")" = "$name" ] || complain "no link libtpdecode.so"
    # What it needs of others comes with it: who links need not name it.
    flags --libs | grep -q -e -lcbor && complain "too much: $(flags --libs)"
    :
}

# Each command of doc/library.md into N.command, what it is to print into N.want; a block "c FILE" or "python FILE"
# into FILE.
page()
{
    awk '/^```(c|python) [a-z_.]*$/ { file = $2; printf "" >file; next }
        /^```$/ && file { close(file); file = ""; next }
        file { print >file; next }
        /^```console$/ { inside = 1; next }
        /^```$/ { inside = 0 }
        !inside { next }
        /^\$ / { n++; print substr($0, 3) >(n ".command"); printf "" >(n ".want"); next }
        { print >(n ".want") }' "$srcdir/doc/library.md"
    cp "$srcdir/doc/examples/read_dump.c" .
    dump manual
    mv manual.tp dump.tp
    python=python3
    for each in python3 /usr/bin/python3; do
        "$each" -c 'import pandas' 2>/dev/null && python=$each && break
    done
    mkdir bin
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v "$python")" >bin/python3
    printf '#!/bin/sh\nPKG_CONFIG_PATH="%s" exec "%s" --define-variable=prefix="%s" "$@"\n' \
        "$(dirname "$pc")" "$(command -v pkg-config)" "$root" >bin/pkg-config
    chmod +x bin/*
    PATH=$PWD/bin:$PATH PYTHONPATH=$srcdir/python PYTHONDONTWRITEBYTECODE=1 TPDECODE_LIBRARY=$shared
    export PATH PYTHONPATH PYTHONDONTWRITEBYTECODE TPDECODE_LIBRARY
    n=1
    while [ -e "$n.command" ]; do
        sh "./$n.command" >"$n.out" 2>&1
        diff "$n.want" "$n.out" || complain "$(cat "$n.command"): the page (<) has something else"
        n=$((n + 1))
    done
    [ "$n" = 9 ] || complain "$((n - 1)) commands"
}

# Everything that was installed is gone, and the folders of others stay.
uninstalled()
{
    make -s -C "$build" install DESTDIR="$own/root" >log 2>&1 || complain "$(cat log)"
    [ "$(find root -type f | wc -l)" -gt 100 ] || complain "only $(find root -type f | wc -l) files"
    make -s -C "$build" uninstall DESTDIR="$own/root" >log 2>&1 || complain "$(cat log)"
    find root ! -type d >left
    [ ! -s left ] || complain "left: $(cat left)"
}

example()
{
    built gcc -std=gnu11 "$srcdir/doc/examples/read_dump.c"
    dump loss
    ran 0 v loss.tp
    out_is <<'END'
cpu 0, before 1000000000 ns: 2 lost (full)
cpu 0, before 2000000000 ns: 1 lost (nested)
cpu 0, before 2000000000 ns: 1 lost (oversize)
cpu 0, before 2000000000 ns: 1 lost (recursion)
cpu 0, before 3000000000 ns: 5 lost (overwritten)
cpu 0, before 3000000000 ns: 2 lost (missing)
cpu 0, before 4000000000 ns: 4 lost (full)
cpu 1, before 4000000000 ns: 1 lost (full)
t:num: 4 records
largest v: 4
4 records, 17 lost
END
    err_is </dev/null
    dump types
    ran 0 h types.tp
    out_is <<'END'
t:types: 3 records
t:empty: 1 records
t:text: 1 records
largest h: 9223372036854775807
5 records, 0 lost
END
    # The same event in two dumps is one.
    dump damaged
    ran 1 v loss.tp damaged.tp
    tail -n 3 out >end && mv end out
    printf '%s\n' "t:num: 6 records" "largest v: 4" "6 records, 19 lost" | out_is
    err_is <<'END'
damaged.tp: chunk 2 (cpu 0) at byte 0x1a8: payload checksum wrong, 136 bytes skipped (2 records)
damaged.tp: 12 bytes at 0x230 are not part of any chunk
END
    ran 3 v "$srcdir/README.md"
    ran 2 v /nonexistent
    echo "read_dump: /nonexistent: No such file or directory" | err_is
}

# From the header and the page.
in_header()
{
    sed -n '/^ \*     #include/,/^ \*     }$/s/^ \*     \{0,1\}//p' "$root/include/tpdecode.h" >header.c
    built gcc -std=gnu11 header.c
    awk '/^```hex/ { on = 1; next } /^```/ { on = 0 } on' "$srcdir/doc/format.md" | hex >dump.tp
    ran 0
    printf '%s\n' "8589934336 ns: cpu 0 to 7" "8589934608 ns: cpu 0 to 0" "cpu 0: 3 lost" | out_is
    err_is </dev/null
}

plusplus() # COMPILER STANDARD
{
    cat >program.cc <<'END'
#include <cstdio>
#include <tpdecode.h>
#include <tpdecode.h>
static long none(void *, void *, std::size_t) { return 0; }
int main(int, char **argv)
{
    tp_dump *dump = tp_dump_new();
    const tp_dump_item *item;
    tp_dump_value v = {};

    v.struct_bytes = sizeof(v);

    if (tp_dump_add_path(dump, argv[1]) < 0 || tp_dump_add_reader(dump, "none", none, nullptr) < 0)
        return 1;
    while (tp_dump_next(dump, &item) > 0) {
        if (item->kind == TP_DUMP_RECORD && tp_dump_get(dump, 0, &v) == 0)
            std::printf("%u: %s %llu\n", item->cpu, tp_dump_event_name(item->record.event),
                        static_cast<unsigned long long>(v.number));
        else if (item->kind == TP_DUMP_NOTICE)
            std::printf("%s\n", item->notice.text);
    }
    tp_dump_totals sum = {};
    sum.struct_bytes = sizeof(sum);
    tp_dump_sum(dump, &sum);
    tp_dump_free(dump);
    return sum.state == TP_DUMP_FOREIGN ? 0 : 2;
}
END
    dump damaged
    built "$1" "-std=$2" -pedantic -Wconversion -Wshadow program.cc
    ran 0 damaged.tp
    sort out >sorted && mv sorted out
    printf '%s\n' "0: num 1" "0: num 4" "12 bytes at 0x230 are not part of any chunk" \
        "chunk 2 (cpu 0) at byte 0x1a8: payload checksum wrong, 136 bytes skipped (2 records)" \
        "empty, not a dump" | sort | out_is
}

cli "what is installed" installed
cli "its names are those of its header" names
cli "the names of the shared library" soname
cli "what programs of 1.0 rely on is as it was" frozen
for how in shared static; do
    cli "$how: a program may have names of its own, and the engine" clash
    cli "$how: doc/examples/read_dump.c" example
    cli "$how: the example in the header" in_header
done
how=shared
for standard in c++11 c++20; do
    cli "g++ $standard" plusplus g++ $standard
    cli "clang++ $standard" plusplus clang++ $standard
done
[ -z "$shared" ] || cli "doc/library.md: what it shows" page
cli "make uninstall leaves nothing" uninstalled
finish
