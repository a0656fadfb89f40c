/* SPDX-License-Identifier: MIT */
/*
 * The nops and jumps of the processors that can be patched, as bytes. All of them are compiled on
 * any processor, so that they can be tested there.
 */
#ifndef TP_ENGINE_PATCH_H
#define TP_ENGINE_PATCH_H

#include <stdbool.h>
#include <stdint.h>

#define TP_CODE_BYTES_MAX 5

/* nop (5 bytes), and jmp rel32, which counts from its end. */
#define TP_X86_NOP {0x0f, 0x1f, 0x44, 0x00, 0x00}
static inline bool tp_x86_jump(uint8_t *code, int64_t distance)
{
    uint32_t rel = (uint32_t)(distance - 5);

    code[0] = 0xe9;
    for (int i = 0; i < 4; i++)
        code[1 + i] = (uint8_t)(rel >> 8 * i);
    return distance - 5 >= INT32_MIN && distance - 5 <= INT32_MAX;
}

/* The same with this as its first byte: call rel32. */
#define TP_X86_CALL 0xe8

static inline void tp_code_word(uint8_t *code, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        code[i] = (uint8_t)(word >> 8 * i);
}

/* nop, and b: a distance of 28 bits in words. Instructions are little-endian whatever data is. */
#define TP_ARM64_NOP {0x1f, 0x20, 0x03, 0xd5}
static inline bool tp_arm64_jump(uint8_t *code, int64_t distance)
{
    tp_code_word(code, 0x14000000u | ((uint32_t)(distance >> 2) & 0x3ffffffu));
    return !(distance & 3) && distance >= -(1 << 27) && distance < 1 << 27;
}

/* bl, and mov x9, x30, which keeps what bl overwrites. */
#define TP_ARM64_KEEP {0xe9, 0x03, 0x1e, 0xaa}
static inline bool tp_arm64_call(uint8_t *code, int64_t distance)
{
    bool near = tp_arm64_jump(code, distance);

    code[3] |= 0x80;
    return near;
}

/* nop, and jal zero: bits 20, 10 to 1, 11 and 19 to 12 of the distance, in this order. */
#define TP_RISCV_NOP {0x13, 0x00, 0x00, 0x00}
static inline bool tp_riscv_jump(uint8_t *code, int64_t distance)
{
    uint32_t d = (uint32_t)distance;

    tp_code_word(code, 0x6fu | (d >> 20 & 1) << 31 | (d >> 1 & 0x3ff) << 21 | (d >> 11 & 1) << 20 |
                           (d >> 12 & 0xff) << 12);
    return !(distance & 1) && distance >= -(1 << 20) && distance < 1 << 20;
}

/* auipc t0 and jalr t0, t0, 8 bytes: the upper 20 bits of the distance from the first of them, rounded, and the
 * signed rest. */
#define TP_RISCV_KEEP 0x297u
static inline bool tp_riscv_call(uint8_t *code, int64_t distance)
{
    uint32_t d = (uint32_t)distance;

    tp_code_word(code, TP_RISCV_KEEP | ((d + 0x800u) & 0xfffff000u));
    tp_code_word(code + 4, 0x000282e7u | d << 20);
    return distance >= INT32_MIN - (int64_t)0x800 && distance < INT32_MAX - (int64_t)0x7ff;
}

#endif
