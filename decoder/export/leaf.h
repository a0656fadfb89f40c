/* SPDX-License-Identifier: MIT */
/*
 * leaf.h - one page of a Parquet file, compressed: of the dictionary, or of values.
 *
 *     made = leaf_make(&maker, &leaf);
 *
 * Or another process makes it (base/crew.h): leaf_ask() puts all that it needs into memory, leaf_work() makes that a page.
 */
#ifndef LEAF_H
#define LEAF_H

#include "base/packer.h"
#include "export/pile.h"
#include "export/thrift.h"

/* Parquet's numbers of encodings and of kinds of pages. */
enum { LEAF_PLAIN = 0, LEAF_RLE = 3, LEAF_DELTA = 5, LEAF_DICTIONARY = 8 };
enum { LEAF_DATA = 0, LEAF_ENTRIES = 2 };

/* All that a page is made of. */
struct leaf {
    int type, encoding;
    bool bools;
    uint32_t rows, values;  /* of the dictionary both are its entries */
    uint32_t bits;          /* of the number of an entry */
    size_t n;               /* bytes at `bytes` */
    const uint32_t *index;  /* of each value its entry, in LEAF_DICTIONARY; */
    const uint8_t *bytes;   /* else the values, as PLAIN has them */
    const uint8_t *defined; /* a bit for each row: it has a value; NULL: each has one */
};

/* Valid until the next one is made. */
struct leaf_made {
    const uint8_t *head, *bytes;
    size_t head_bytes, n;
    uint64_t plain_bytes; /* of both, before it was compressed */
};

struct leaf_maker {
    struct packer *zip; /* NULL: nothing is compressed */
    struct thrift head;
    struct pile page; /* before it is compressed */
};

void leaf_open(struct leaf_maker *p, bool compress);
void leaf_close(struct leaf_maker *p);
struct leaf_made leaf_make(struct leaf_maker *m, const struct leaf *leaf);

/* So many bytes in one piece of memory, aligned as a pointer is; puts it there, and finds it there. */
size_t leaf_asks(const struct leaf *leaf);
void leaf_ask(const struct leaf *leaf, uint8_t *to);
struct leaf leaf_asked(const uint8_t *from);
/* The same of what was made. */
size_t leaf_keeps(const struct leaf_made *made);
void leaf_keep(const struct leaf_made *made, uint8_t *to);
struct leaf_made leaf_answered(const uint8_t *bytes, size_t n);
/* For crew_work(): the context is a struct leaf_maker. */
size_t leaf_work(void *context, uint8_t *bytes, size_t n, size_t room);

#endif
