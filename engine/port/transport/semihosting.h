/* SPDX-License-Identifier: MIT */
/*
 * semihosting.h - a dump's way out through a debugger or an emulator: a file of the host's.
 *
 *     intptr_t file = tp_semihosting_open("dump.tp");
 *
 *     tp_semihosting_write(file, bytes, n);
 *     tp_semihosting_close(file);
 *
 * Made to be copied. AArch64, ARM (Thumb) and RISC-V, as ARM's "Semihosting for AArch32 and AArch64" and its
 * RISC-V counterpart say. Without a debugger that answers, the instruction is a fault. QEMU:
 * -semihosting-config enable=on,target=native; some 250 MB/s.
 *
 * What is written is what the processor sees, caches included. Calls take as long as the host wants, with
 * all CPUs stopped on real machines: times around one have a hole.
 */
#ifndef TP_PORT_TRANSPORT_SEMIHOSTING_H
#define TP_PORT_TRANSPORT_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tp_semihosting_call {
    TP_SEMIHOSTING_OPEN = 0x01,
    TP_SEMIHOSTING_CLOSE = 0x02,
    TP_SEMIHOSTING_CHAR = 0x03,
    TP_SEMIHOSTING_WRITE = 0x05,
    TP_SEMIHOSTING_LINE = 0x15,
    TP_SEMIHOSTING_EXIT = 0x20
};

#define TP_SEMIHOSTING_CREATE 5u /* "wb" */
#define TP_SEMIHOSTING_DONE 0x20026u

static inline intptr_t tp_semihosting(enum tp_semihosting_call what, const volatile void *arguments)
{
#if defined(__aarch64__)
    register uintptr_t call __asm__("x0") = (uintptr_t)what;
    register const volatile void *block __asm__("x1") = arguments;

    __asm__ __volatile__("hlt #0xf000" : "+r"(call) : "r"(block) : "memory");
#elif defined(__riscv)
    register uintptr_t call __asm__("a0") = (uintptr_t)what;
    register const volatile void *block __asm__("a1") = arguments;

    /* These three, uncompressed and in one page. */
    __asm__ __volatile__(".balign 16\n\t.option push\n\t.option norvc\n\t"
                         "slli zero, zero, 0x1f\n\tebreak\n\tsrai zero, zero, 7\n\t.option pop"
                         : "+r"(call)
                         : "r"(block)
                         : "memory");
#elif defined(__thumb__)
    register uintptr_t call __asm__("r0") = (uintptr_t)what;
    register const volatile void *block __asm__("r1") = arguments;

    __asm__ __volatile__("bkpt 0xab" : "+r"(call) : "r"(block) : "memory");
#else
#error "semihosting.h: AArch64, ARM in Thumb state, and RISC-V only"
#endif
    return (intptr_t)call;
}

/* A new file, or an old one emptied; -1: not possible. The name is as the host has them. */
static inline intptr_t tp_semihosting_open(const char *name)
{
    uintptr_t block[3] = {(uintptr_t)name, TP_SEMIHOSTING_CREATE, 0};

    while (name[block[2]])
        block[2]++;
    return tp_semihosting(TP_SEMIHOSTING_OPEN, block);
}

/* False: not all of it was written. */
static inline bool tp_semihosting_write(intptr_t file, const void *bytes, size_t n)
{
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)bytes, n};

    return tp_semihosting(TP_SEMIHOSTING_WRITE, block) == 0;
}

static inline bool tp_semihosting_close(intptr_t file)
{
    const uintptr_t block[1] = {(uintptr_t)file};

    return tp_semihosting(TP_SEMIHOSTING_CLOSE, block) == 0;
}

/* To the debugger's console. */
static inline void tp_semihosting_char(char c)
{
    tp_semihosting(TP_SEMIHOSTING_CHAR, &c);
}

/* The command line that the host has for the program, into `line`; false: none that fits. */
static inline bool tp_semihosting_line(char *line, size_t bytes)
{
    const uintptr_t block[2] = {(uintptr_t)line, bytes};

    return tp_semihosting(TP_SEMIHOSTING_LINE, block) == 0;
}

/* Ends the program, with a status for the one that started the emulator. */
static inline void tp_semihosting_exit(uintptr_t status)
{
    const uintptr_t block[2] = {TP_SEMIHOSTING_DONE, status};

    tp_semihosting(TP_SEMIHOSTING_EXIT, block);
}

#endif
