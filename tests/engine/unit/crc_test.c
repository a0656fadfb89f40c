/* SPDX-License-Identifier: MIT */
/* The engine's CRC-32 against published values and against zlib's definition, bit by bit. */
#include "support.h"

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
void tp_crc_init(void);
uint32_t test_crc_64(uint32_t crc, const void *bytes, size_t count);
void test_crc_64_init(void);
uint32_t test_crc_1024(uint32_t crc, const void *bytes, size_t count);
void test_crc_1024_init(void);

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

static void each_length(uint32_t (*crc)(uint32_t crc, const void *bytes, size_t count))
{
    uint8_t bytes[64];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (unsigned from = 0; from < 8; from++)
        for (unsigned n = 0; n < 40; n++)
            TP_CHECK_EQ(crc(0, bytes + from, n), by_the_bit(bytes + from, n));
    TP_CHECK_EQ(crc(crc(0, bytes, 7), bytes + 7, 9), by_the_bit(bytes, 16));
}

TP_TEST(Crc, EveryLengthAndAlignment)
{
    tp_crc_init();
    each_length(tp_crc);
}

TP_TEST(Crc, EverySizeOfItsTable)
{
    test_crc_64_init();
    each_length(test_crc_64);
    test_crc_1024_init();
    each_length(test_crc_1024);
}
