/* SPDX-License-Identifier: MIT */
/* delta.h - numbers of 64 bits by how much each is more than the one before: Parquet's DELTA_BINARY_PACKED. */
#ifndef DELTA_H
#define DELTA_H

#include <stddef.h>
#include <stdint.h>

/* The most bytes that n numbers take. */
size_t delta_bound(uint32_t n);
/* n numbers in little endian. Returns how many bytes there are at `to`. */
size_t delta_put(uint8_t *to, const uint8_t *numbers, uint32_t n);

#endif
