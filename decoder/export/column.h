/* SPDX-License-Identifier: MIT */
/*
 * column.h - the values of one column of a row group, as they come.
 *
 *     column_open(&c, "cpu", 3, COLUMN_U16, true, &sums);
 *     column_number(&c, 2);        the first row
 *     column_reach(&c, 7);         the next six have no value
 *
 * Values that repeat are numbers of entries of a dictionary, as long as there are few entries. Else they are
 * as Parquet's encoding PLAIN has them.
 */
#ifndef COLUMN_H
#define COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_is {
    COLUMN_BOOL,
    COLUMN_U8,
    COLUMN_U16,
    COLUMN_U32,
    COLUMN_U64,
    COLUMN_S8,
    COLUMN_S16,
    COLUMN_S32,
    COLUMN_S64,
    COLUMN_FLOAT,
    COLUMN_DOUBLE,
    COLUMN_TEXT,
    COLUMN_JSON,
    COLUMN_BYTES
};

/* A dictionary that has more is given up, for the rest of the file; */
#define COLUMN_ENTRIES 16384u
#define COLUMN_DICTIONARY_BYTES (256u << 10)
/* and one that has more than one entry for two of so many values. */
#define COLUMN_TRIAL 1024u

/* Of several columns together: bytes of values, and memory that they have. */
struct column_sums {
    size_t *used, *held;
};

struct column {
    char *name;
    uint32_t name_bytes;
    enum column_is is;
    bool optional; /* a row may have no value */
    bool plain;    /* there is no dictionary, or no longer */
    bool
        times; /* each is a little more than the one before; numbers of 64 bits without a dictionary */
    struct column_sums sums;

    uint32_t rows, values;
    uint8_t *bytes; /* values, or the entries of the dictionary, as PLAIN has them */
    size_t n, room;
    uint32_t *index; /* of each value its entry */
    size_t index_room;
    uint8_t *defined; /* a bit for each row: it has a value */
    size_t defined_room;
    uint32_t *slots,
        *at; /* of the dictionary: by hash, number of an entry + 1; where each begins */
    uint32_t slot_count, entries;
    uint32_t last;        /* entry of the value before, */
    uint64_t last_number; /* and what it is */
    size_t at_room;
    uint8_t *repaired; /* a text that was no UTF-8 */
    size_t repaired_room;
    uint64_t low, high; /* of integers, if there is any */
};

void column_open(struct column *c, const char *name, size_t name_bytes, enum column_is is,
                 bool optional, struct column_sums sums);
void column_close(struct column *c);
/* Integers in 64 bits with their sign; a bool as 0 or 1; floats by their bits. */
void column_number(struct column *c, uint64_t v);
/* Texts; of what is no UTF-8 each byte becomes U+FFFD, but not in COLUMN_BYTES. */
void column_text(struct column *c, const void *bytes, size_t n);
/* So many rows there are at least: those that are added have no value. */
void column_reach(struct column *c, uint32_t rows);
/* The group is written: no rows. `keep`: the memory stays. */
void column_clear(struct column *c, bool keep);

/* Is it written with a dictionary? One without entries is none that all readers take. */
static inline bool column_has_dictionary(const struct column *c)
{
    return !c->plain && c->entries;
}

static inline bool column_is_integer(enum column_is is)
{
    return is >= COLUMN_U8 && is <= COLUMN_S64;
}

static inline bool column_is_signed(enum column_is is)
{
    return is >= COLUMN_S8 && is <= COLUMN_S64;
}

static inline bool column_is_text(enum column_is is)
{
    return is >= COLUMN_TEXT;
}

/* Bytes of a value; of a bool, here, one. */
static inline uint32_t column_width(enum column_is is)
{
    if (is == COLUMN_BOOL)
        return 1;
    return is == COLUMN_U64 || is == COLUMN_S64 || is == COLUMN_DOUBLE ? 8 : 4;
}

#endif
