/* SPDX-License-Identifier: MIT */
/* The checksum with a table of 1024 bytes, for crc_test.c. */
#undef TP_CRC_TABLE_BYTES
#define TP_CRC_TABLE_BYTES 1024u
#define tp_crc test_crc_1024
#define tp_crc_around test_crc_1024_around
#define tp_crc_init test_crc_1024_init
#include "../../../engine/event/crc.c"
