/* SPDX-License-Identifier: MIT */
/*
 * CRC-32C (Castagnoli), as in iSCSI, ext4 and Btrfs: processors have an instruction for it, which needs
 * no FPU state. TP_CRC_TABLE_BYTES chooses between memory and speed: 0 (the instruction), 64 (half a
 * byte at a time, a constant), 1024 (a byte) or 8192 (eight bytes); the larger two are made when the
 * first trace is opened.
 */
#include "events.h"

#define SLICES (TP_CRC_TABLE_BYTES / 1024u)

#if defined(__x86_64__)
#define CRC_WORD(crc, word) __asm__("crc32q %1, %0" : "+r"(crc) : "r"(word))
#define CRC_BYTE(crc, byte) __asm__("crc32b %1, %k0" : "+r"(crc) : "q"(byte))
#elif defined(__i386__)
#define CRC_WORD(crc, word) __asm__("crc32l %1, %0" : "+r"(crc) : "r"(word))
#define CRC_BYTE(crc, byte) __asm__("crc32b %1, %0" : "+r"(crc) : "q"(byte))
#elif defined(__AARCH64EL__)
#define CRC_WORD(crc, word)                                                                        \
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word))
#define CRC_BYTE(crc, byte)                                                                        \
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte))
#else
#define CRC_WORD(crc, word) ((void)(word))
#define CRC_BYTE(crc, byte) ((void)(byte))
_Static_assert(TP_CRC_TABLE_BYTES != 0,
               "TP_CRC_TABLE_BYTES is 0: no instruction of this processor is known");
#endif

_Static_assert(TP_CRC_TABLE_BYTES == 0 || TP_CRC_TABLE_BYTES == 64 || SLICES == 1 || SLICES == 8,
               "TP_CRC_TABLE_BYTES is 0, 64, 1024 or 8192");

/* Of half a byte. */
static const uint32_t crc_half[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

/* table[k][b]: of the byte b and k zeros after it. */
static uint32_t crc_table[SLICES ? SLICES : 1][SLICES ? 256 : 1];

void tp_crc_init(void)
{
    if (!SLICES || crc_table[0][SLICES ? 1 : 0])
        return; /* another trace may be reading it */
    for (uint32_t i = 0; i != SLICES * 256; i++) {
        uint32_t c = i < 256 ? i : crc_table[i / 256 - 1][i % 256];

        for (int bit = 0; bit < 8; bit += 4)
            c = c >> 4 ^ crc_half[c & 15];
        crc_table[i / 256][i % 256] = c;
    }
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *b, size_t count)
{
    for (; SLICES == 8 && count >= 8; count -= 8, b += 8)
        crc = crc_table[SLICES - 1][(crc ^ b[0]) & 0xff] ^
              crc_table[SLICES * 3 / 4][(crc >> 8 ^ b[1]) & 0xff] ^
              crc_table[SLICES * 5 / 8][(crc >> 16 ^ b[2]) & 0xff] ^
              crc_table[SLICES / 2][crc >> 24 ^ b[3]] ^ crc_table[SLICES * 3 / 8][b[4]] ^
              crc_table[SLICES / 4][b[5]] ^ crc_table[SLICES / 8][b[6]] ^ crc_table[0][b[7]];
    for (; count; count--, b++) {
        if (SLICES) {
            crc = crc >> 8 ^ crc_table[0][(crc ^ *b) & 0xff];
        } else {
            crc = crc >> 4 ^ crc_half[(crc ^ *b) & 15];
            crc = crc >> 4 ^ crc_half[(crc ^ *b >> 4) & 15];
        }
    }
    return crc;
}

static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *b, size_t count)
{
    tp_word sum = crc, word;

    for (; count >= sizeof(word); count -= sizeof(word), b += sizeof(word)) {
        __builtin_memcpy(&word, b, sizeof(word));
        CRC_WORD(sum, word);
    }
    for (; count; count--, b++)
        CRC_BYTE(sum, *b);
    return (uint32_t)sum;
}

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count)
{
    if (TP_CRC_TABLE_BYTES != 0)
        return ~crc_by_table(~crc, bytes, count);
    return ~crc_by_instruction(~crc, bytes, count);
}

uint32_t tp_crc_around(const void *bytes, size_t count, size_t at)
{
    const uint8_t *after = (const uint8_t *)bytes + at + 4;

    return tp_crc(tp_crc(0, bytes, at), after, count - at - 4);
}
