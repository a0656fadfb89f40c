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

# ARCH: sets $common, the options of all files, $cross, the prefix of gcc, $qemu, and $rest, a folder of its own
architecture()
{
    arch=$1 cross='' qemu='' regs=-mgeneral-regs-only static='' rest=$tmp/rest.$1
    common="-std=gnu11 -O2 -fno-pie -D_GNU_SOURCE -I$srcdir -I$include"
    case $arch in
    riscv64) regs= ;;
    esac
    [ "$arch" = x86_64 ] || { cross=$arch-linux-gnu- qemu=qemu-$arch-static static=-static; need "${cross}gcc" "$qemu"; }
    common="$common $regs"
}

# What all programs have, once for each processor. Of an archive a program takes what it refers to.
engine_made() # ARCH
{
    architecture "$1"
    mkdir "$rest"
    assembly=
    [ "$arch" = x86_64 ] || assembly=$srcdir/engine/port/$arch/hooks.S
    (
        cd "$rest" || exit 1
        # shellcheck disable=SC2086
        ${cross}gcc $common -w "$here_port" -c $engine "$srcdir/engine/port/hosted/hosted.c" "$srcdir/engine/option/function.c" \
            "$srcdir/engine/option/shadow.c" "$srcdir/engine/option/site.c" $assembly "$here/traced.c" && ${cross}ar rc rest.a ./*.o &&
            ${cross}gcc $common -w "$here_port" -DSITES -c "$here/traced.c" -o sites.o
    ) >"$rest.log" 2>&1 || { cat "$rest.log"; echo "Bail out! the engine does not compile"; exit 99; }
}
engine_made x86_64 || exit
engine_made aarch64 || exit
engine_made riscv64 || exit

# KIND ARCH COMPILER OPTIONS...: ./program, in a folder of its own, whose calls.c and registers.c are compiled with
# these. KIND: sites, or none.
program()
{
    cd "$(mktemp -d "$tmp/program.XXXXXX")" || exit 1
    kind=$1 compiler=$3
    architecture "$2"
    shift 3
    need "$compiler"
    archive=$rest/rest.a
    [ "$kind" = none ] || archive="$rest/sites.o $archive"
    case $compiler-$arch in
    gcc-*) compiler=${cross}gcc ;;
    clang-aarch64) compiler="clang --target=aarch64-linux-gnu" ;;
    clang-riscv64) compiler="clang --target=riscv64-linux-gnu -march=rv64gc -mabi=lp64d" ;;
    esac
    # shellcheck disable=SC2086
    $compiler $common -Wall -Wextra -Werror "$here_port" "$@" -c "$here/calls.c" "$here/registers.c" &&
        ${cross}gcc $static -no-pie calls.o registers.o $archive -o program || exit 1
}

run()
{
    $qemu ./program "$@"
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

# ARCH COMPILER OPTIONS...: entries and returns call the hooks
instrumented()
{
    program none "$@" -finstrument-functions
    run 1 >said || exit 1
    graph
    run 50 >said || exit 1
    expected 50 "enter exit" >expected
    counted >counted
    same
}

# Ten thousand calls into a small buffer: decoded and lost are what was fired.
loses()
{
    program none x86_64 gcc -finstrument-functions
    run 10000 >said || exit 1
    counted >counted
    decoded=$(awk '/^(enter|exit) / { n += $3 } END { print n }' counted)
    lost=$(sed -n 's/.* records, \([0-9]*\) lost$/\1/p' books)
    [ "$lost" -gt 0 ] && [ $((decoded + lost)) = 180000 ] || { echo "$decoded + $lost of 180000"; exit 1; }
}

# FIRST ARCH COMPILER OPTIONS...: entries and returns are sites, all of them nops
nops()
{
    first=$1
    shift
    program sites "$@"
    run 1 '*' >said || exit 1
    grep -q "^unprepared $first" said || { cat said; exit 1; }
    grep '^site' said | sort -u >sites
    printf 'site %s\n' calls_down calls_leaf calls_root calls_twig registers | diff - sites || exit 1 # and not calls_quiet
}

both()
{
    nops "$@"
    graph
    run 50 'calls_*' >said || exit 1
    expected 50 "enter exit" >expected
    counted >counted
    same
    run 50 'calls_t*' '*root' >said || exit 1
    expected 50 "enter exit" | grep 'root\|twig' >expected
    counted >counted
    same
    [ "$(grep -c '^on ' said)" = 2 ] || { cat said; exit 1; }
    registers both
}

# ARCH COMPILER OPTIONS...: two instructions, and a shadow stack
shadowed()
{
    both invalid "$@"
    tails
}

# ARCH COMPILER OPTIONS...: a site is not at an address where a word is written at once, and is refused
refused()
{
    program sites "$@"
    ! run 1 '*' >said 2>&1 && grep -q "^invalid" said || { cat said; exit 1; }
}

# What is given and returned in registers, and longjmp. A program's own check; there must be calls in the dump.
registers()
{
    run 0 '*' >said 2>&1 || { cat said; exit 1; }
    "$tpdecode" --symbols program --template '%e %{ip}' dump 2>books >got
    grep -q "^enter registers_pair" got && grep -q "^enter registers_leave" got || { cat books; exit 1; }
    [ "$1" = enter ] || grep -q "^exit registers_pair" got || { cat books; exit 1; }
}

# A function whose end is a jump returns, and so does what it jumps to: each call has its end, but where longjmp was.
tails()
{
    awk '{ sub(/\+.*/, "", $2) } $2 != "registers_leave" { n[$2] += $1 == "enter" ? 1 : -1; seen[$2]++ }
        END {
            for (f in n) if (n[f]) { print f ": " n[f] " more entries than exits"; bad = 1 }
            exit bad || seen["registers_tail"] != 2 || seen["registers_pair"] != 4
        }' got
}

entries()
{
    nops "$@"
    registers enter
    run 50 '*' >said || exit 1
    expected 50 enter >expected
    counted >counted
    same
}

gcc_nops="-pg -mfentry -mnop-mcount -mrecord-mcount -minstrument-return=nop5 -mrecord-return -fno-optimize-sibling-calls"
for compiler in gcc clang; do
    for level in -O0 -O2; do
        check "$compiler $level -finstrument-functions: graph and counts are those of the calls" instrumented x86_64 $compiler $level
    done
done
for arch in aarch64 riscv64; do
    for compiler in gcc clang; do
        check "$arch, $compiler -finstrument-functions: graph and counts are those of the calls" instrumented $arch $compiler
    done
done
check "with losses the books balance" loses
# shellcheck disable=SC2086
check "gcc's nops of entries and returns, by name" both "no error" x86_64 gcc $gcc_nops
check "clang -fpatchable-function-entry=5: entries" entries "no error" x86_64 clang -fpatchable-function-entry=5
check "gcc -fpatchable-function-entry=5: not before they are made one nop" entries "invalid" x86_64 gcc -fpatchable-function-entry=5
for compiler in gcc clang; do
    check "aarch64, $compiler -fpatchable-function-entry=2: entries and returns" shadowed aarch64 $compiler -fpatchable-function-entry=2
    check "riscv64, $compiler -fpatchable-function-entry=4: entries and returns" \
        shadowed riscv64 $compiler -fpatchable-function-entry=4 -falign-functions=4
    check "riscv64, $compiler -fpatchable-function-entry=2, no compressed instructions: entries and returns" \
        shadowed riscv64 $compiler -fpatchable-function-entry=2 -march=rv64g -mabi=lp64d
done
check "riscv64, functions that are not aligned are refused" refused riscv64 gcc -fpatchable-function-entry=4 -falign-functions=2
finish
