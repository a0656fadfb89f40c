/* SPDX-License-Identifier: MIT */
/*
 * pile.h - bytes in memory that grow, and numbers among them: variable ones of seven bits a byte, the lowest
 * first (LEB128).
 */
#ifndef PILE_H
#define PILE_H

#include <stddef.h>
#include <stdint.h>

struct pile {
    uint8_t *bytes;
    size_t n, room;
};

void pile_free(struct pile *p);
/* n more bytes, for the caller to write. */
uint8_t *pile_more(struct pile *p, size_t n);
void pile_add(struct pile *p, const void *bytes, size_t n);
void pile_u64(struct pile *p, uint64_t v);
/* One that may be below 0: 0, -1, 1, -2 are 0, 1, 2, 3. */
void pile_s64(struct pile *p, int64_t v);
/* In little endian. */
void pile_fixed(struct pile *p, uint64_t v, uint32_t bytes);

#endif
