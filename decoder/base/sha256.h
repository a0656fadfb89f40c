/* SPDX-License-Identifier: MIT */
/* sha256.h - SHA-256 (FIPS 180-4) of bytes that are in memory. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32u

void sha256(const void *bytes, size_t n, uint8_t to[SHA256_BYTES]);

#endif
