/* SPDX-License-Identifier: MIT */
/*
 * pages.h - columns as the pages of a Parquet file.
 *
 * A page of the dictionary, if there is one, then pages of values: which rows have one, then the values or the
 * numbers of their entries.
 *
 * If there are other processes (base/crew.h) they make pages. Pages are written in the order in which they were put all the
 * same, but some of them later: pages_settle() writes all of them.
 */
#ifndef PAGES_H
#define PAGES_H

#include "base/crew.h"
#include "export/column.h"
#include "export/leaf.h"

/* A page has at most so many rows, and is full with so many bytes. */
#define PAGES_ROWS 20480u
#define PAGES_BYTES (1u << 20)

/* Of pages that this process has made while the others were busy, and that wait for those before them. */
#define PAGES_OWN_BYTES (4u << 20)

struct pages_entry;

/* Shared by all files that are written. */
struct pages {
    struct leaf_maker maker;
    struct crew *crew; /* NULL: there is no other process */
    struct pages_entry *waiting;
    uint32_t first, count, slots; /* of these: a ring */
    size_t own_bytes;
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
    bool any, any_data; /* that is known */
};

void pages_open(struct pages *p, bool compress, struct crew *crew);
void pages_close(struct pages *p);
int pages_encoding(const struct column *c);
/* The column may be cleared then. Target and place are needed until pages_settle(). */
void pages_put(struct pages *p, struct pages_target *t, const struct column *c,
               struct pages_place *place);
void pages_settle(struct pages *p);

/* Has another process ended, with pages that it had? Then what is written is not whole. */
static inline bool pages_lost(const struct pages *p)
{
    return p->crew && p->crew->lost;
}

#endif
