/* SPDX-License-Identifier: MIT */
/* digest.h - SHA-256 (FIPS 180-4) of bytes that are in memory. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define DIGEST_BYTES 32u

void digest(const void *bytes, size_t n, uint8_t to[DIGEST_BYTES]);

/* The text as a page names it in the policy of what may run in it: 'sha256-...'. */
void digest_source(struct out *o, const char *text);

#endif
