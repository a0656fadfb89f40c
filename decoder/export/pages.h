/* SPDX-License-Identifier: MIT */
/*
 * pages.h - columns as the pages of a Parquet file, compressed.
 *
 * A page of the dictionary, if there is one, then pages of values: which rows have one, then the values or the
 * numbers of their entries.
 */
#ifndef PAGES_H
#define PAGES_H

#include "base/packer.h"
#include "export/column.h"
#include "export/thrift.h"

/* A page has at most so many rows, and is full with so many bytes. */
#define PAGES_ROWS 20480u
#define PAGES_BYTES (1u << 20)

/* Parquet's numbers of encodings. */
enum { PAGES_PLAIN = 0, PAGES_RLE = 3, PAGES_DELTA = 5, PAGES_DICTIONARY = 8 };

/* Shared by all files that are written. */
struct pages {
    struct packer *zip; /* NULL: nothing is compressed */
    struct thrift head;
    uint8_t *page;
    size_t n, room;
};

/* Where they go: takes all bytes. */
struct pages_target {
    void (*write)(void *context, const void *bytes, size_t n);
    void *context;
    uint64_t at; /* bytes so far */
};

/* Where the pages of a column are. */
struct pages_place {
    uint64_t at, data_at; /* of the first one, of the first of values */
    uint64_t bytes, plain_bytes;
};

void pages_open(struct pages *p, bool compress);
void pages_close(struct pages *p);
int pages_encoding(const struct column *c);
void pages_put(struct pages *p, struct pages_target *t, const struct column *c,
               struct pages_place *place);

#endif
