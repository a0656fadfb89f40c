/* SPDX-License-Identifier: MIT */
/* The checksum with a table of 64 bytes, for crc_test.c. */
#undef TP_CRC_TABLE_BYTES
#define TP_CRC_TABLE_BYTES 64u
#define tp_crc test_crc_64
#define tp_crc_around test_crc_64_around
#define tp_crc_init test_crc_64_init
#include "../../../engine/event/crc.c"
