/* SPDX-License-Identifier: MIT */
/* digest.h - SHA-256 (FIPS 180-4) of bytes that are in memory. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32u

void digest(const void *bytes, size_t n, uint8_t to[DIGEST_BYTES]);

#endif
