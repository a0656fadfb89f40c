#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh - --symbols with what compilers, linkers and nm of each architecture make, and the options
# that go with it. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). p in golden/arrays is {0xffff}.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# What p is with these arguments.
shows()
{
    want=$1
    shift
    run "$@" ../arrays
    code_is 0
    grep -qF "p={$want} b" out || complain "$command_line: not $want: $(cat out err)"
}

# BITS COMPILER OPTION...: code with data in it, put where 0xffff is in the function `second`, by the
# linker or by --slide. nm says where that is and how long. BITS: of an offset, that an ELF file
# leaves (not bit 0, in Thumb code).
architecture()
{
    bits=$1 compiler=$2
    shift 2
    need "$compiler"
    cat >k.c <<'C'
int counter;
int first(int x) { return x + 1; }
int second(int x)
{
    switch (x) {
    case 0: return 0x12345678;
    case 1: return counter + 0x7abcdef1;
    case 2: return counter * 0x13579bdf;
    case 3: return 0x2468ace0 - counter;
    case 4: return counter ^ 0x5a5a1234;
    }
    return first(x);
}
const unsigned table[4] = {1, 2, 3, 4};
C
    "$compiler" "$@" -O2 -ffreestanding -fno-pic -fno-asynchronous-unwind-tables -c k.c || complain "$compiler"
    link 0 "$@" && mv at.elf zero.elf
    nm=${compiler%gcc}nm
    at=$((0x$("$nm" zero.elf | awk '$3 == "second" { print $1 }')))
    size=$((0x$("$nm" -S zero.elf | awk '$4 == "second" { print $2 }')))
    [ $size -ge 32 ] || complain "a function of $size bytes"
    for offset in $(((0xffff - at) % 16)) $(((0xffff - at) % 16 + 16)); do
        base=$((0xffff - offset - at))
        link $base "$@"
        plain=$(name_at $offset) elf=$(name_at $((offset & bits)))
        shows "$elf" --symbols at.elf
        shows "$elf" --symbols zero.elf --slide $base
        "$nm" -S at.elf >list
        shows "$plain" --symbols list
        "$nm" --special-syms at.elf | sed 's/$/\r/' >list
        shows "$plain" --symbols list
    done
}

# OFFSET
name_at()
{
    [ "$1" = 0 ] && echo second || printf 'second+0x%x\n' "$1"
}

# ADDRESS OPTION...: at.elf, with its code there
link()
{
    cat >k.ld <<LD
ENTRY(first)
SECTIONS {
    .text $1 : { *(.text*) *(.rodata*) }
    .data : { *(.*data*) *(.*bss*) *(COMMON) }
    .note.gnu.build-id : { *(.note.gnu.build-id) }
    kernel_end = .;
}
LD
    shift
    "$compiler" "$@" -nostdlib -static -no-pie -Wl,--build-id=sha1 -Wl,-T,k.ld k.o -o at.elf 2>ld.err ||
        complain "$(cat ld.err)"
}

# COMPILER OPTION...: and where mapping symbols are, none is a name.
mapping()
{
    architecture -1 "$@"
    "$nm" --special-syms zero.elf | awk '$3 ~ /^[$]/ { print $1 }' | sort -u >marks
    [ -s marks ] || complain "there are no mapping symbols"
    while read -r mark; do
        run --symbols zero.elf --slide $((0xffff - 0x$mark)) ../arrays
        ! grep 'p={[$]' out || complain "at $mark: a name"
    done <marks
}

usage()
{
    printf '%s\n' '0000000000000000 T start' '000000000000fff0 T _Z4pickii' >map
    shows pick+0xf --symbols map
    shows _Z4pickii+0xf --symbols map --no-demangle
    shows pick+0xe --symbols map --slide 1
    shows pick+0xe --symbols map --slide +0x1
    shows start+0xffef --symbols map --slide 0x10
    shows pick+0x10 --symbols map --slide -1
    shows pick+0x10 --symbols map --slide 0xffffffffffffffff
    shows pick+0x10 --symbols map --slide=-0X1
    for wrong in '' - + 0x - --1 +-1 ' 1' 1k 0x1g 0x0x1 18446744073709551616 -0x10000000000000000 one; do
        run --symbols map "--slide=$wrong" ../arrays
        code_is 2
        grep -q 'not a number of bytes, as 0x200000 or -4096' err || complain "$wrong: $(cat err)"
    done
    for option in --slide=1 --no-demangle; do
        run $option ../arrays
        code_is 2
        grep -q 'no --symbols for' err || complain "$option: $(cat err)"
    done
    run --symbols map --output x.tp ../arrays
    code_is 2
    [ ! -e x.tp ] || complain "x.tp was written"
    for _ in 1 2 3; do
        printf '0000000000000000 T f%s\n' $_
    done >zeros
    run --symbols zeros ../arrays
    nothing_but 2 "tpdecode: zeros: all addresses in it are zero: the kernel hides them from who read it (kptr_restrict); copy /proc/kallsyms as root, after \`sysctl kernel.kptr_restrict=1\`"
}

# A pipe, a part of a file, a file of another kind.
sources()
{
    need nm gcc
    printf 'int start(void) { return 1; }\n' >k.c
    gcc -c k.c -o k.o
    run --symbols k.o ../arrays
    nothing_but 2 "tpdecode: k.o: a relocatable ELF file, as modules and objects are: its addresses are not those of memory; take the linked kernel, or /proc/kallsyms"
    gcc -nostdlib -static -Wl,-Ttext=0xfff8 -Wl,-e,start k.o -o k.elf 2>/dev/null
    shows start+0x7 --symbols k.elf
    nm k.elf >list
    cat list | "$tp" --symbols /dev/stdin ../arrays >out 2>err
    grep -qF 'p={start+0x7} b' out || complain "a pipe: $(cat out err)"
    cat k.elf | "$tp" --symbols /dev/stdin ../arrays >out 2>err
    code=$? command_line="an ELF file from a pipe"
    nothing_but 2 "tpdecode: /dev/stdin: an ELF file must be a file, no pipe"
    head -c 200 k.elf >cut.elf
    run --symbols cut.elf ../arrays
    nothing_but 2 "tpdecode: cut.elf: the ELF file is cut off: take a whole copy of it"
}

# GLOB OPTION...: the ranges that --functions prints are standard input.
ranges()
{
    glob=$1
    shift
    run --functions "$glob" "$@" k.elf
    code_is 0
    out_is
    err_is </dev/null
}

# --functions: 32 bytes each from 0x10000 on, but for 128 bytes of nothing before far.
functions()
{
    need gcc
    for name in one two far far.cold other one.part.0 _Z4pickii; do
        [ "$name" != far ] || echo '.zero 128'
        printf '.globl %s\n.type %s, %%function\n%s: .zero 32\n.size %s, 32\n' "$name" "$name" "$name" "$name"
    done >k.s
    printf '.data\n.globl onedata\n.type onedata, %%object\nonedata: .zero 8\n.size onedata, 8\n' >>k.s
    gcc -nostdlib -static -no-pie -Wl,-Ttext=0x10000 -Wl,-e,one k.s -o k.elf 2>ld.err || complain "$(cat ld.err)"
    echo 0x10020-0x10040 | ranges two
    printf '%s\n' 0x10000-0x10020 0x10120-0x10140 | ranges one
    printf '%s\n' 0x10000-0x10020 0x10100-0x10140 | ranges 'o*'
    echo 0x100c0-0x10100 | ranges far
    printf '%s\n' 0x10000-0x10040 0x100c0-0x10160 | ranges '*'
    echo 0x200c0-0x20100 | ranges far --slide 0x10000
    echo 0x10140-0x10160 | ranges pick
    echo 0x10140-0x10160 | ranges '_Z4p*' --no-demangle
    for name in 'pick --no-demangle' onedata three; do
        # shellcheck disable=SC2086
        run --functions $name k.elf
        nothing_but 2 "tpdecode: k.elf: no function of it is called ${name% *}"
    done
    nm k.elf >list
    run --functions one list
    nothing_but 2 "tpdecode: list: an ELF file says how long functions are, and this is none"
    run --functions one missing
    nothing_but 2 "tpdecode: missing: No such file or directory"
    for files in "" "k.elf k.elf"; do
        # shellcheck disable=SC2086
        run --functions one $files
        nothing_but 2 "tpdecode: one file, the kernel's ELF file, is wanted by '--functions', try 'tpdecode --help'"
    done
    for option in --stats "--format json" "--symbols k.elf" "--output x"; do
        # shellcheck disable=SC2086
        run --functions one $option k.elf
        nothing_but 2 "tpdecode: no dump is read, only --slide and --no-demangle go with '--functions', try 'tpdecode --help'"
    done
    [ ! -c /dev/full ] || "$tp" --functions one k.elf >/dev/full 2>err
    code=$? command_line="--functions >/dev/full"
    code_is 4
}

hex <"$(golden_file arrays.hex)" >"$tmp/arrays"

cli "--slide, --no-demangle, and used wrongly" usage
cli "where symbols come from" sources
cli "--functions: where functions are" functions
cli "x86-64" architecture -1 gcc
cli "aarch64: code and data" mapping aarch64-linux-gnu-gcc
cli "riscv64: code and data" mapping riscv64-linux-gnu-gcc
cli "riscv64, not relaxed: local labels" mapping riscv64-linux-gnu-gcc -mno-relax
cli "arm, arm code" mapping arm-none-eabi-gcc -marm -mcpu=arm926ej-s
cli "arm, thumb code" architecture -2 arm-none-eabi-gcc -mthumb -mcpu=cortex-m3
cli "s390x: the other byte order, 64 bits" architecture -1 s390x-linux-gnu-gcc
cli "powerpc: the other byte order, 32 bits" architecture -1 powerpc-linux-gnu-gcc
finish
