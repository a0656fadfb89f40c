/* SPDX-License-Identifier: MIT */
/*
 * block.h - items in columns, many at a time: the data of an HTML page.
 *
 * A block is gzip'ed, in base64, in a <script> that is no script: it ends in no byte of the dump. It needs no
 * other block but for facts, which hold from where they are on. Its bytes are the number of items (u32), then
 * for each part how many bytes it has (u32) and those:
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "base/out.h"
#include "export/pile.h"

enum block_part {
    BLOCK_FACTS,    /* JSON, each followed by a comma: captures, events, tables (fact.h) */
    BLOCK_STRINGS,  /* of the block, numbered from 0: length, bytes */
    BLOCK_TIMES,    /* of each item, in ns: difference to the one before, which may be below 0 */
    BLOCK_KINDS,    /* a byte each: BLOCK_IS_* */
    BLOCK_CAPTURES, /* its number */
    BLOCK_CPUS,
    BLOCK_EVENTS,   /* BLOCK_LOSS, BLOCK_UNKNOWN, or the number of an event plus BLOCK_FIRST */
    BLOCK_TASKS,    /* of those with a context, */
    BLOCK_NAMES,    /* the name of that task: a string */
    BLOCK_CONTEXTS, /* flags and preempt count, a byte each */
    BLOCK_SIZES,    /* bytes of each row */
    BLOCK_ROWS,     /* fields (row.h) */
    BLOCK_MARKS,    /* what runs, what begins and ends (html.c) */
    BLOCK_PARTS
};

#define BLOCK_HAS_CONTEXT 1u
#define BLOCK_IS_UNFINISHED 2u

enum { BLOCK_LOSS, BLOCK_UNKNOWN, BLOCK_FIRST };

/* A block is written when it has so much. */
#define BLOCK_ITEMS 65536u
#define BLOCK_BYTES (4u << 20) /* of one part */
#define BLOCK_STRINGS_MAX 65536u

struct block {
    struct out *out;
    struct pile part[BLOCK_PARTS];
    struct pile raw;
    struct packer *packer; /* NULL: not yet */
    uint32_t items;
    uint64_t last_ns;
    uint64_t bytes; /* of all blocks so far, before they are compressed */

    struct block_string *strings; /* a hash table */
    uint32_t string_slots, string_count;
};

struct block_item {
    uint64_t ns;
    uint32_t capture, cpu, event;
    const uint8_t *context; /* or NULL, and: */
    uint32_t task, name;    /* a string */
    bool unfinished;
};

void block_open(struct block *b, struct out *o);
void block_close(struct block *b);
/* Its number in this block. */
uint32_t block_string(struct block *b, const void *bytes, size_t n);
/* Adds all of an item but its row, which was added to the part since there were `row` bytes of it. */
void block_item(struct block *b, const struct block_item *item, size_t row);
/* Writes it if it is full: before an item, so that all that an item has is in one block. */
void block_room(struct block *b);
/* Writes it if there is anything in it. */
void block_flush(struct block *b);

#endif
