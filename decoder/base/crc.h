/* SPDX-License-Identifier: MIT */
/*
 * crc.h - the CRC-32C of chunks, as fast as the processor can: it is over every byte of a dump.
 */
#ifndef CRC_H
#define CRC_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of the bytes that gave `crc` (0: none) and of n more bytes after them. */
uint32_t crc_add(uint32_t crc, const void *bytes, size_t n);

#endif
