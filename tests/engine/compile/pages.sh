#!/bin/sh
# SPDX-License-Identifier: MIT
# Each block of C in README.md and doc/*.md compiles, with what the text around it says that there is; or another test has it.
. "$(dirname "$0")/../../lib/tap.sh"

warnings="-std=gnu11 -Wall -Wextra -Wshadow -Werror"

# PAGE NUMBER: the block, of those that begin with ```c
block()
{
    awk -v number="$2" '/^```c( |$)/ { if (++n == number) { inside = 1; next } }
        inside && /^```$/ { exit }
        inside' "$srcdir/$1"
}

# OPTION...: standard input compiles.
compiles()
{
    # shellcheck disable=SC2086
    ${CC:-cc} $warnings -I"$srcdir/include" "$@" -O2 -c -x c - -o block.o ||
        { echo "with $*"; exit 1; }
}

# A directory of its own for a check, as several run at once.
own()
{
    cd "$(mktemp -d "$tmp/own.XXXXXX")" || exit 1
}

# What the blocks of calls are in: a file with events, and a function of it. Standard input: what is before the block, in the file.
within()
{
    printf '%s\n' '#include <tp/control.h>' '#include <tp/trace.h>' '#include <tp/tree.h>' \
        'void write_somewhere(const void *bytes, long n);' 'void uart_write(const void *bytes, long n);' \
        'void on_switch(void *data, uint32_t prev, uint32_t next, const char *comm);'
    cat
    grep '^static ' text
    printf '%s\n' 'long calls(struct tp_trace *trace, struct tp_trace *old, void *data);' \
        'long calls(struct tp_trace *trace, struct tp_trace *old, void *data)' '{' \
        'long n = 0; int err = 0; struct tp_filter_error error; uint8_t buffer[64];' \
        '(void)old; (void)data; (void)error; (void)buffer; (void)trace;'
    grep -v '^static ' text
    echo 'return n + err; }'
}

# --- README.md ---

# The first lines are a header's, the rest is where a kernel fires.
readme_events()
{
    own
    block README.md 1 >text
    { grep '^#include\|^TP_EVENT' text
        printf '%s\n' 'struct task { uint32_t pid; const char *comm; };' \
            'void fire(const struct task *prev, const struct task *next, uint32_t cpu, unsigned long long ns);' \
            'void fire(const struct task *prev, const struct task *next, uint32_t cpu, unsigned long long ns)' '{'
        sed '/^#include\|^TP_EVENT/d; s/{ \.\.\. }/{ }/' text
        echo '}'; } | compiles
}

readme_pipe()
{
    own
    block README.md 2 >text
    within </dev/null | compiles
}

readme_control()
{
    own
    block README.md 3 >text
    block README.md 1 | grep '^#include\|^TP_EVENT' | within | compiles
}

readme_library()
{
    own
    block README.md 4 >text
    { printf '%s\n' '#include <stdio.h>' '#include <tpdecode.h>' 'void reads(struct tp_dump *dump);' 'void reads(struct tp_dump *dump)' '{' \
        'const struct tp_dump_item *item; struct tp_dump_value value = {.struct_bytes = sizeof(value)};'
        cat text
        echo '}'; } | compiles
}

# --- doc/porting.md ---

# What a port of another kernel calls: the header of section 1, with the calls that a kernel has.
porting_port()
{
    own
    block doc/porting.md 5 >text
    { printf '%s\n' '#include <stdint.h>' 'struct cpu { uint32_t number; };' 'const struct cpu *this_cpu(void);' \
        'uint64_t read_cycle_counter(void);' 'extern uint64_t cycle_counter_hz;'
        cat text; } >my_port.h
    printf '%s\n' '#define TP_CREATE' '#include <tp/event.h>' 'TP_EVENT(a, b, "n=%u", u32 n)' | compiles -I. '-DTP_PORT_HEADER="my_port.h"'
}

# Two files in one block.
my_events()
{
    own
    block doc/porting.md 6 | awk '/^\/\* my_[a-z]*\.[ch] \*\/$/ { file = $2 } { print >file }'
    [ -f my_events.h ] && [ -f my_events.c ] || { ls; exit 1; }
}

porting_events()
{
    my_events
    compiles -I. "-DTP_PORT_HEADER=\"$compile/port.h\"" <my_events.c
}

porting_call()
{
    my_events
    block doc/porting.md 7 >text
    { printf '%s\n' '#include "my_events.h"' 'struct task { uint32_t pid; const char *comm; };' 'uint32_t why(const struct task *p);'
        cat text
        printf '%s\n' 'void call(struct task *p, struct task *n);' 'void call(struct task *p, struct task *n) { trace_switch_to(p, n); }'; } |
        compiles -I.
}

porting_patch()
{
    my_events
    { printf '%s\n' '#include <stdbool.h>' '#include <stddef.h>' 'bool my_text_write(void *site, const void *bytes, size_t n);'
        cat "$compile/port.h"
        block doc/porting.md 8; } >patched.h
    printf '%s\n' '#define TP_CREATE' '#include "my_events.h"' | compiles -I. -DTP_PATCH '-DTP_PORT_HEADER="patched.h"'
}

porting_open()
{
    own
    block doc/porting.md 9 >text
    within </dev/null | compiles
}

porting_read()
{
    own
    for n in 10 11; do
        block doc/porting.md $n >text
        within </dev/null | compiles
    done
}

porting_reset()
{
    own
    block doc/porting.md 12 >text
    block doc/porting.md 9 | grep '^static ' | within | compiles
}

# A profile: the events, and the handler, with what a kernel has.
porting_profile()
{
    own
    { printf '%s\n' '#include <tp/event.h>'
        block doc/porting.md 13
        printf '%s\n' '#define STACK_BYTES 8192' 'struct regs { uint64_t rip, rbp; };' 'struct thread { const char *stack; };' \
            'const struct thread *this_thread(void);' 'void profile_hit(const struct regs *regs);'
        block doc/porting.md 14; } | compiles -I"$srcdir/engine/port/stack"
}

# --- doc/linux.md ---

# Linux's own headers are in linux.sh; here __init and __exit are nothing.
linux_module()
{
    own
    printf '%s\n' '#include <tp/event.h>' 'TP_EVENT(my, moved, "n=%u", u32 n)' >my_events.h
    { block doc/linux.md 1
        printf '%s\n' 'int (*start)(void);' 'void (*stop)(void);' 'void both(void);' 'void both(void) { start = my_init; stop = my_exit; }'; } |
        compiles -I. -I"$srcdir/engine/port/linux" -D__init= -D__exit= -DTP_PREFIX=my
}

# --- all of them ---

# Blocks that are here, and those that another test takes: the walk of doc/porting.md, files of pages that are run.
known()
{
    own
    grep -n '^```c\( \|$\)' "$srcdir/README.md" "$srcdir"/doc/*.md | sed "s,^$srcdir/,," |
        awk -F: '{ n[$1]++; print $1, n[$1] ($3 ~ /^```c ./ ? " file" : "") }' | sort >found
    { for n in 1 2 3 4; do echo "README.md $n"; done
        for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo "doc/porting.md $n"; done # 1 to 4: tests/systems/ten/ten_test.sh
        echo "doc/linux.md 1"
        echo "doc/library.md 1 file"                                          # tests/decoder/library.sh
        echo "doc/tutorial.md 1 file"; echo "doc/tutorial.md 2 file"; } | sort >listed # tests/tool/pages.sh
    diff found listed
}

check "all blocks are compiled by some test" known
check "README.md: events" readme_events
check "README.md: a trace and its pipe" readme_pipe
check "README.md: filters, triggers, probes" readme_control
check "README.md: the library" readme_library
check "doc/porting.md: the port" porting_port
check "doc/porting.md: events" porting_events
check "doc/porting.md: the call" porting_call
check "doc/porting.md: branches that are patched" porting_patch
check "doc/porting.md: opening a trace" porting_open
check "doc/porting.md: a pipe, a snapshot" porting_read
check "doc/porting.md: across a reset" porting_reset
check "doc/porting.md: a profile" porting_profile
check "doc/linux.md: a module with events" linux_module
finish
