#!/bin/sh
# SPDX-License-Identifier: MIT
# The C sources are as .clang-format has them. `style.sh format` (make format) makes them so.
#
# Tables that are easier to read as tables are left as they are: by the names below, for whole files, or
# between /* clang-format off */ and on. The style is that of clang-format 14; others differ.
. "$(dirname "$0")/../lib/tap.sh"
tables='taken.h cbor.c check.h cpu.c create.h declare.h encode.c event.h events.h fields.h kernel.h patch.h printk.h text.c trap.c tree.h virtio_console.c wire.h'

# FOLDER: its C sources, one a line
sources()
{
    (cd "$1" && find decoder doc engine include tests -name '*.[ch]' -o -name '*.cc') | while read -r file; do
        case " $tables " in *" ${file##*/} "*) ;; *) echo "$1/$file" ;; esac
    done
}

formatter()
{
    need clang-format
    clang-format --version | grep -q 'version 14\.' || { echo "needs clang-format 14: install clang-format"; exit 77; }
}

as_it_is()
{
    formatter
    sources "$srcdir" >files
    [ "$(wc -l <files)" -gt 100 ] || { echo "only $(wc -l <files) files"; exit 1; }
    xargs clang-format --dry-run -Werror <files 2>wrong && exit 0
    echo "make format would change:"
    sed -n "s|^$srcdir/||; s/:[0-9]*:[0-9]*: error: .*//p" wrong | uniq -c
    exit 1
}

notices()
{
    formatter
    mkdir -p planted/engine/tree planted/decoder planted/doc planted/include planted/tests
    cp "$srcdir/.clang-format" planted
    printf 'int f(void)\n{\n    return 0;\n}\n' >planted/engine/good.c
    printf 'int f(void) {\n  return 0; }\n' >planted/tests/bad.c
    cp planted/tests/bad.c planted/engine/tree/tree.h
    srcdir=$PWD/planted
    sources "$srcdir" >planted_files
    xargs clang-format --dry-run -Werror <planted_files 2>planted_wrong && { echo "nothing found"; exit 1; }
    grep -q tests/bad.c planted_wrong && ! grep -Eq 'good.c|tree.h' planted_wrong || { cat planted_wrong; exit 1; }
    xargs clang-format -i <planted_files
    cmp planted/tests/bad.c planted/engine/good.c && ! cmp -s planted/tests/bad.c planted/engine/tree/tree.h
}

if [ "${1:-}" = format ]; then
    (formatter) || exit 1
    sources "$srcdir" | xargs clang-format -i
    exit
fi
cd "$tmp" || exit 99
check "the sources are formatted" as_it_is
check "what is not is noticed, and made so; tables are left" notices
finish
