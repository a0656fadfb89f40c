/* SPDX-License-Identifier: MIT */
/*
 * uhi.h - a dump's way out of a MIPS machine through a debugger or an emulator: a file of the host's.
 *
 *     int32_t file = tp_uhi_open("dump.tp");
 *
 *     tp_uhi_write(file, bytes, n);
 *     tp_uhi_close(file);
 *
 * Made to be copied. It is what semihosting.h is for other processors, by MIPS' own rules ("Unified Hosting
 * Interface", MD01069). Without a debugger that answers, the instruction is a fault. QEMU:
 * -semihosting-config enable=on,target=native.
 *
 * What is written is what the processor sees, caches included. Calls take as long as the host wants: times
 * around one have a hole.
 */
#ifndef TP_PORT_TRANSPORT_UHI_H
#define TP_PORT_TRANSPORT_UHI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tp_uhi_call {
    TP_UHI_EXIT = 1,
    TP_UHI_OPEN = 2,
    TP_UHI_CLOSE = 3,
    TP_UHI_WRITE = 5,
    TP_UHI_ARGUMENTS = 9,
    TP_UHI_ARGUMENT_BYTES = 10,
    TP_UHI_ARGUMENT = 11
};

#define TP_UHI_CREATE 0x601u /* for writing, a new file or an old one emptied */
#define TP_UHI_MODE 0644u
#define TP_UHI_CONSOLE 1

static inline int32_t tp_uhi(enum tp_uhi_call what, uintptr_t a, uintptr_t b, uintptr_t c)
{
    register uintptr_t call __asm__("$25") = (uintptr_t)what;
    register uintptr_t first __asm__("$4") = a;
    register uintptr_t second __asm__("$5") = b;
    register uintptr_t third __asm__("$6") = c;
    register int32_t result __asm__("$2");
    register int32_t error __asm__("$3");

    __asm__ __volatile__("sdbbp 1"
                         : "=r"(result), "=r"(error)
                         : "r"(call), "r"(first), "r"(second), "r"(third)
                         : "memory");
    (void)error;
    return result;
}

/* -1: not possible. The name is as the host has them. */
static inline int32_t tp_uhi_open(const char *name)
{
    return tp_uhi(TP_UHI_OPEN, (uintptr_t)name, TP_UHI_CREATE, TP_UHI_MODE);
}

/* False: not all of it was written. */
static inline bool tp_uhi_write(int32_t file, const void *bytes, size_t n)
{
    return tp_uhi(TP_UHI_WRITE, (uintptr_t)file, (uintptr_t)bytes, n) == (int32_t)n;
}

static inline bool tp_uhi_close(int32_t file)
{
    return tp_uhi(TP_UHI_CLOSE, (uintptr_t)file, 0, 0) == 0;
}

/* To the debugger's console. */
static inline void tp_uhi_char(char c)
{
    tp_uhi(TP_UHI_WRITE, TP_UHI_CONSOLE, (uintptr_t)&c, 1);
}

/* The words that the host has for the program: how many, the name of the program among them, and one of
 * them, with a zero after it; false: it does not fit, or there is none of that number. */
static inline uint32_t tp_uhi_arguments(void)
{
    return (uint32_t)tp_uhi(TP_UHI_ARGUMENTS, 0, 0, 0);
}

static inline bool tp_uhi_argument(uint32_t number, char *text, size_t bytes)
{
    const int32_t n = tp_uhi(TP_UHI_ARGUMENT_BYTES, number, 0, 0);

    return n >= 0 && (size_t)n < bytes && !tp_uhi(TP_UHI_ARGUMENT, number, (uintptr_t)text, 0);
}

/* Ends the program, with a status for the one that started the emulator. */
static inline void tp_uhi_exit(uint32_t status)
{
    tp_uhi(TP_UHI_EXIT, status, 0, 0);
}

#endif
