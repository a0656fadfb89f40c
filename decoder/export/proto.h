/* SPDX-License-Identifier: MIT */
/*
 * proto.h - writes protobuf: a message in a pile, fields one after the other.
 *
 *     proto_u64(&p, 8, time);
 *     at = proto_open(&p, 11);        a message inside
 *     proto_text(&p, 23, "name", 4);
 *     proto_close(&p, at);
 *
 * Fields that are there already are added by pile_add().
 */
#ifndef PROTO_H
#define PROTO_H

#include "export/pile.h"

/* uint32, uint64, bool and enums. */
void proto_u64(struct pile *p, uint32_t field, uint64_t v);
/* int32 and int64. */
void proto_s64(struct pile *p, uint32_t field, int64_t v);
/* fixed64, and double by its bits. */
void proto_fixed64(struct pile *p, uint32_t field, uint64_t bits);
/* fixed32, and float by its bits. */
void proto_fixed32(struct pile *p, uint32_t field, uint32_t bits);
/* string: of bytes that are no UTF-8 each becomes U+FFFD. */
void proto_text(struct pile *p, uint32_t field, const void *text, size_t n);
/* Begins a message; what is added up to proto_close() is in it. */
size_t proto_open(struct pile *p, uint32_t field);
void proto_close(struct pile *p, size_t at);

/* The start of a field of n bytes, where it is written without a pile. Returns how many bytes. */
#define PROTO_HEAD_BYTES 15u
size_t proto_head(uint8_t to[PROTO_HEAD_BYTES], uint32_t field, uint64_t n);

#endif
