/* SPDX-License-Identifier: MIT */
/* The engine's CRC-32 against published values and against zlib's definition, bit by bit. */
#include "support.h"

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
void tp_crc_init(void);

TP_TEST(Crc, PublishedCheckValue)
{
    tp_crc_init();
    TP_CHECK_EQ(tp_crc(0, "123456789", 9), 0xcbf43926);
    TP_CHECK_EQ(tp_crc(0, "", 0), 0);
    TP_CHECK_EQ(tp_crc(tp_crc(0, "12345", 5), "6789", 4), 0xcbf43926);
}

static uint32_t by_the_bit(const uint8_t *b, size_t n)
{
    uint32_t crc = 0xffffffff;

    while (n--) {
        crc ^= *b++;
        for (int i = 0; i < 8; i++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

TP_TEST(Crc, EveryLengthAndAlignment)
{
    uint8_t bytes[64];

    tp_crc_init();
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (unsigned from = 0; from < 8; from++)
        for (unsigned n = 0; n < 40; n++)
            TP_CHECK_EQ(tp_crc(0, bytes + from, n), by_the_bit(bytes + from, n));
}
