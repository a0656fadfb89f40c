#!/bin/sh
# SPDX-License-Identifier: MIT
# The functions of a program are traced: by -finstrument-functions, and, on x86_64, by each kind of nop that
# compilers leave. The calls are known: the graph is their tree, and nothing is missing.
. "$(dirname "$0")/../../lib/tap.sh"
tpdecode=$(cd "${TP_BUILDDIR:-.}" && pwd)/tpdecode

# A call of calls_root, by hand.
cat >"$tmp/tree" <<'END'
calls_root() {
  calls_twig() {
    calls_leaf();
    calls_leaf();
  } /* calls_twig */
  calls_down() {
    calls_down() {
      calls_down() {
        calls_down() {
          calls_leaf();
        } /* calls_down */
      } /* calls_down */
    } /* calls_down */
  } /* calls_down */
} /* calls_root */
END

here_port="-DTP_PORT_HEADER=\"$here/port.h\""
common="-std=gnu11 -O2 -fno-pie -mgeneral-regs-only -D_GNU_SOURCE -I$srcdir -I$include"

# What all programs have, once. Of an archive a program takes what it refers to.
mkdir "$tmp/rest"
(
    cd "$tmp/rest" || exit 1
    # shellcheck disable=SC2086
    gcc $common -w "$here_port" -c $engine "$srcdir/engine/port/hosted/hosted.c" "$srcdir/engine/option/function.c" \
        "$srcdir/engine/option/site.c" "$here/traced.c" && ar rc rest.a ./*.o &&
        gcc $common -w "$here_port" -DSITES -c "$here/traced.c" -o sites.o
) >"$tmp/rest.log" 2>&1 || { cat "$tmp/rest.log"; echo "Bail out! the engine does not compile"; exit 99; }

# KIND COMPILER OPTIONS...: ./program, in a folder of its own, whose calls.c is compiled with these. KIND: sites, or none.
program()
{
    cd "$(mktemp -d "$tmp/program.XXXXXX")" || exit 1
    kind=$1 compiler=$2
    shift 2
    need "$compiler"
    rest=$tmp/rest/rest.a
    [ "$kind" = none ] || rest="$tmp/rest/sites.o $rest"
    # shellcheck disable=SC2086
    "$compiler" $common -Wall -Wextra -Werror "$here_port" "$@" -c "$here/calls.c" && gcc -no-pie calls.o $rest -o program || exit 1
}

# What TIMES calls of calls_root are, each event with each function.
expected()
{
    awk -v times="$1" -v events="$2" 'BEGIN {
        split("root 1 twig 1 down 4 leaf 3", n, " ")
        split(events, event, " ")
        for (e in event) for (i = 1; i < 8; i += 2) print event[e], "calls_" n[i], n[i + 1] * times
    }' | sort
}

counted() # what the dump has
{
    "$tpdecode" --symbols program --template '%e %{ip}' dump 2>books | sed 's/+0x.*//' | sort | uniq -c | awk '{ print $2, $3, $1 }' | sort
}

same()
{
    diff expected counted || { cat books said; exit 1; }
}

graph()
{
    "$tpdecode" --symbols program --graph dump 2>books | sed 's/^[^|]*| //' | grep calls_ >graph
    diff "$tmp/tree" graph || { cat books; exit 1; }
    # Without symbols an address is no name, and ends are those of what began last.
    "$tpdecode" --graph dump 2>books | grep -c '[{;]$' >graph
    [ "$(cat graph)" = 9 ] && [ "$(cat books)" = "18 records, 0 lost" ] || { cat graph books; exit 1; }
}

# COMPILER OPTIONS...: entries and returns call the hooks
instrumented()
{
    program none "$@" -finstrument-functions
    ./program 1 >said || exit 1
    graph
    ./program 50 >said || exit 1
    expected 50 "enter exit" >expected
    counted >counted
    same
}

# Ten thousand calls into a small buffer: decoded and lost are what was fired.
loses()
{
    program none gcc -finstrument-functions
    ./program 10000 >said || exit 1
    counted >counted
    decoded=$(awk '/^(enter|exit) / { n += $3 } END { print n }' counted)
    lost=$(sed -n 's/.* records, \([0-9]*\) lost$/\1/p' books)
    [ "$lost" -gt 0 ] && [ $((decoded + lost)) = 180000 ] || { echo "$decoded + $lost of 180000"; exit 1; }
}

# FIRST COMPILER OPTIONS...: entries and returns are sites, all of them nops
nops()
{
    first=$1
    shift
    program sites "$@"
    ./program 1 '*' >said || exit 1
    grep -q "^unprepared $first" said || { cat said; exit 1; }
    grep '^site' said | sort >sites
    printf 'site calls_%s\n' down leaf root twig | diff - sites || exit 1 # and not calls_quiet
}

both()
{
    nops "$@"
    graph
    ./program 50 'calls_*' >said || exit 1
    expected 50 "enter exit" >expected
    counted >counted
    same
    ./program 50 'calls_t*' '*root' >said || exit 1
    expected 50 "enter exit" | grep 'root\|twig' >expected
    counted >counted
    same
    [ "$(grep -c '^on ' said)" = 2 ] || { cat said; exit 1; }
}

entries()
{
    nops "$@"
    ./program 50 '*' >said || exit 1
    expected 50 enter >expected
    counted >counted
    same
}

gcc_nops="-pg -mfentry -mnop-mcount -mrecord-mcount -minstrument-return=nop5 -mrecord-return -fno-optimize-sibling-calls"
for compiler in gcc clang; do
    for level in -O0 -O2; do
        check "$compiler $level -finstrument-functions: graph and counts are those of the calls" instrumented $compiler $level
    done
done
check "with losses the books balance" loses
# shellcheck disable=SC2086
check "gcc's nops of entries and returns, by name" both "no error" gcc $gcc_nops
check "clang -fpatchable-function-entry=5: entries" entries "no error" clang -fpatchable-function-entry=5
check "gcc -fpatchable-function-entry=5: not before they are made one nop" entries "invalid" gcc -fpatchable-function-entry=5
finish
