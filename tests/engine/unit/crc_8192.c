/* SPDX-License-Identifier: MIT */
/* The checksum with a table of 8192 bytes, for crc_test.c. */
#undef TP_CRC_TABLE_BYTES
#define TP_CRC_TABLE_BYTES 8192u
#define tp_crc test_crc_8192
#define tp_crc_around test_crc_8192_around
#define tp_crc_init test_crc_8192_init
#include "../../../engine/event/crc.c"
