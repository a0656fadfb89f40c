/* SPDX-License-Identifier: MIT */
/* The checksum with the processor's instruction, for crc_test.c. */
#undef TP_CRC_TABLE_BYTES
#define TP_CRC_TABLE_BYTES 0u
#define tp_crc test_crc_0
#define tp_crc_around test_crc_0_around
#define tp_crc_init test_crc_0_init
#include "../../../engine/event/crc.c"
