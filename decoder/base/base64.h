/* SPDX-License-Identifier: MIT */
/* base64.h - bytes as base64 (RFC 4648), padded. */
#ifndef BASE64_H
#define BASE64_H

#include "base/out.h"

void base64_print(struct out *o, const void *bytes, size_t n);

#endif
