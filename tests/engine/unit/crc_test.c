/* SPDX-License-Identifier: MIT */
/* The engine's CRC-32C against its published check value and its definition. */
#include "support.h"

#include "../../lib/crc32c.h"

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
uint32_t tp_crc_around(const void *bytes, size_t count, size_t at);
void tp_crc_init(void);
uint32_t test_crc_0(uint32_t crc, const void *bytes, size_t count);
uint32_t test_crc_64(uint32_t crc, const void *bytes, size_t count);
void test_crc_64_init(void);
uint32_t test_crc_1024(uint32_t crc, const void *bytes, size_t count);
void test_crc_1024_init(void);
uint32_t test_crc_8192(uint32_t crc, const void *bytes, size_t count);
void test_crc_8192_init(void);

TP_TEST(Crc, PublishedCheckValue)
{
    tp_crc_init();
    TP_CHECK_EQ(tp_crc(0, "123456789", 9), 0xe3069283);
    TP_CHECK_EQ(crc32c(0, "123456789", 9), 0xe3069283);
    TP_CHECK_EQ(tp_crc(0, "", 0), 0);
    TP_CHECK_EQ(tp_crc(tp_crc(0, "12345", 5), "6789", 4), 0xe3069283);
    TP_CHECK_EQ(tp_crc_around("1234ABCD56789", 13, 4), 0xe3069283);
    TP_CHECK_EQ(tp_crc_around("ABCD123456789", 13, 0), 0xe3069283);
}

static void each_length(uint32_t (*crc)(uint32_t crc, const void *bytes, size_t count))
{
    uint8_t bytes[64];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (unsigned from = 0; from < 8; from++)
        for (unsigned n = 0; n < 40; n++)
            TP_CHECK_EQ(crc(0, bytes + from, n), crc32c(0, bytes + from, n));
    TP_CHECK_EQ(crc(crc(0, bytes, 7), bytes + 7, 9), crc32c(0, bytes, 16));
}

TP_TEST(Crc, EveryLengthAndAlignment)
{
    tp_crc_init();
    each_length(tp_crc);
}

TP_TEST(Crc, EverySizeOfItsTable)
{
    if (__builtin_cpu_supports("sse4.2"))
        each_length(test_crc_0);
    test_crc_64_init();
    each_length(test_crc_64);
    test_crc_1024_init();
    each_length(test_crc_1024);
    test_crc_8192_init();
    each_length(test_crc_8192);
}
