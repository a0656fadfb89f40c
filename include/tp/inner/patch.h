/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/patch.h - an event that is off is a nop.
 *
 * declare.h includes it where TP_PATCH is defined:
 *
 *     CFLAGS += -DTP_PATCH          and tp_port_patch in the port: doc/porting.md
 *
 * Each place that asks whether an event is on (trace_x, trace_x_enabled, after inlining) has a nop
 * instead of the load and the branch, and an entry in the section tp_sites (struct tp_site,
 * tp/control.h). While the event is on the engine makes the nop a jump, to code that looks at the
 * mask all the same (engine/control/patch.c). tp_printk has no nop, because its events have no name
 * for the assembler.
 *
 * This file knows instructions and the section, not when a site is patched. It is for gcc 9 and
 * clang 11 or later, binutils 2.36 or LLVM 13, on x86_64, aarch64 and riscv64.
 */
#ifndef TP_INNER_PATCH_H
#define TP_INNER_PATCH_H

#include <stdbool.h>

/* Bytes of the nop. It never crosses the end of an aligned block of TP_SITE_BLOCK bytes, so one
 * aligned store of that size changes it. */
#if defined(__x86_64__)
#define TP_SITE_BYTES 5
#define TP_SITE_BLOCK 8
#define TP_SITE_NOP ".p2align 3, , 4\n1: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n"
#elif defined(__aarch64__)
#define TP_SITE_BYTES 4
#define TP_SITE_BLOCK 4
#define TP_SITE_NOP "1: nop\n"
#elif defined(__riscv) && __riscv_xlen == 64
#define TP_SITE_BYTES 4
#define TP_SITE_BLOCK 4
/* The linker may move code, and keeps the alignment then, unless norelax is on. */
#define TP_SITE_NOP                                                                               \
    ".balign 4\n.option push\n.option norelax\n.option norvc\n1: nop\n.option pop\n"
#else
#error "tracepoint: TP_PATCH is for x86_64, aarch64 and riscv64"
#endif

/* The name of the event is text, because an operand fails with -fPIC, and without optimisation. LTO
 * does not see the text, but it sees that the code after the jump loads the mask of the event. R:
 * linkers keep the section. `?`: if a linker drops one of several copies of an inline function (C++),
 * it drops the entries of that copy too. */
#define TP_SITE_ENTRY(distance, event)                                                            \
    ".pushsection tp_sites, \"aR?\", @progbits\n"                                                 \
    ".balign 4\n"                                                                                 \
    ".long 1b - ., " distance ", " event " - .\n"                                                 \
    ".popsection\n"

/* False: it is a nop. True: it is a jump. `inline` after asm: so that gcc takes it for one
 * instruction, not for as many as it has lines. */
#define TP_SITE_DEFINE(tag)                                                                       \
    static inline __attribute__((__unused__, __always_inline__)) bool tp_jumps_##tag(void)        \
    {                                                                                             \
        __asm__ __inline__ goto(TP_SITE_NOP TP_SITE_ENTRY("%l[tp_on_] - .", "tp_event_" #tag)     \
                                : : : : tp_on_);                                                  \
        return false;                                                                             \
    tp_on_:                                                                                       \
        return true;                                                                              \
    }

#endif
