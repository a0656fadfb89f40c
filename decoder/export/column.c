/* SPDX-License-Identifier: MIT */
/* column.c - the values of one column of a row group, as they come. */
#include "export/column.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "export/little.h"

#define COLUMN_FIRST_BYTES 64u
#define COLUMN_FIRST_SLOTS 64u
#define COLUMN_LENGTH_BYTES 4u

void column_open(struct column *c, const char *name, size_t name_bytes, enum column_is is,
                 bool optional, struct column_sums sums)
{
    *c = (struct column){.name_bytes = (uint32_t)name_bytes,
                         .is = is,
                         .optional = optional,
                         .plain = is == COLUMN_BOOL,
                         .sums = sums};
    c->name = mem_alloc(name_bytes + 1);
    memcpy(c->name, name, name_bytes);
    c->name[name_bytes] = '\0';
}

/* Room for n bytes after the first `used`. */
static void column_more(struct column *c, uint8_t **bytes, size_t *room, size_t used, size_t n)
{
    size_t want = *room ? *room : COLUMN_FIRST_BYTES;

    while (want - used < n)
        want *= 2;
    *bytes = mem_grow(*bytes, want);
    *c->sums.held += want - *room;
    *room = want;
}

static inline void column_room(struct column *c, uint8_t **bytes, size_t *room, size_t used,
                               size_t n)
{
    if (*room - used < n)
        column_more(c, bytes, room, used, n);
}

/* The same for one more number. */
static void column_room_one(struct column *c, uint32_t **numbers, size_t *room)
{
    size_t want = *room ? 2 * *room : COLUMN_FIRST_SLOTS;

    *numbers = mem_grow(*numbers, want * sizeof(**numbers));
    *c->sums.held += (want - *room) * sizeof(**numbers);
    *room = want;
}

static void column_forget_dictionary(struct column *c)
{
    *c->sums.held -= (c->index_room + c->at_room + c->slot_count) * sizeof(uint32_t);
    free(c->index);
    free(c->slots);
    free(c->at);
    c->index = c->slots = c->at = NULL;
    c->index_room = c->at_room = 0;
    c->slot_count = c->entries = 0;
}

void column_close(struct column *c)
{
    column_clear(c, false);
    free(c->name);
    c->name = NULL;
}

void column_clear(struct column *c, bool keep)
{
    c->rows = c->values = c->entries = 0;
    c->n = 0;
    if (keep) {
        if (c->slots)
            memset(c->slots, 0, c->slot_count * sizeof(*c->slots));
        return;
    }
    column_forget_dictionary(c);
    *c->sums.held -= c->room + c->defined_room + c->repaired_room;
    free(c->bytes);
    free(c->defined);
    free(c->repaired);
    c->bytes = c->defined = c->repaired = NULL;
    c->room = c->defined_room = c->repaired_room = 0;
}

/* --- the dictionary --- */

static uint32_t column_entry_bytes(const struct column *c, uint32_t i)
{
    return (i + 1 < c->entries ? c->at[i + 1] : (uint32_t)c->n) - c->at[i];
}

static uint64_t column_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* Less than 8 bytes, some of them twice: all that differs in n bytes differs in this. */
static inline uint64_t column_few(const uint8_t *p, size_t n)
{
    uint32_t low, high;

    if (n < 4)
        return n ? p[0] | (uint32_t)p[n / 2] << 8 | (uint32_t)p[n - 1] << 16 : 0;
    memcpy(&low, p, 4);
    memcpy(&high, p + n - 4, 4);
    return (uint64_t)high << 32 | low;
}

static inline uint64_t column_hash(const uint8_t *p, size_t n)
{
    uint64_t h = n, v;

    if (n < 8)
        return column_mix(h, column_few(p, n));
    for (; n > 8; p += 8, n -= 8) {
        memcpy(&v, p, 8);
        h = column_mix(h, v);
    }
    memcpy(&v, p + n - 8, 8);
    return column_mix(h, v);
}

static void column_more_slots(struct column *c)
{
    uint32_t count = c->slot_count ? 2 * c->slot_count : COLUMN_FIRST_SLOTS;

    *c->sums.held += (count - c->slot_count) * sizeof(*c->slots);
    free(c->slots);
    c->slots = NULL; /* memory may run out */
    c->slots = mem_zero(count * sizeof(*c->slots));
    c->slot_count = count;
    for (uint32_t i = 0; i < c->entries; i++) {
        uint32_t skip = column_is_text(c->is) ? COLUMN_LENGTH_BYTES : 0;
        uint64_t slot = column_hash(c->bytes + c->at[i] + skip, column_entry_bytes(c, i) - skip);

        while (c->slots[slot & (count - 1)])
            slot++;
        c->slots[slot & (count - 1)] = i + 1;
    }
}

static void column_append(struct column *c, const uint8_t *bytes, size_t n)
{
    bool text = column_is_text(c->is);

    column_room(c, &c->bytes, &c->room, c->n, n + COLUMN_LENGTH_BYTES);
    *c->sums.used += n + COLUMN_LENGTH_BYTES;
    if (text) {
        little_u32(c->bytes + c->n, (uint32_t)n);
        c->n += COLUMN_LENGTH_BYTES;
    }
    if (n)
        memcpy(c->bytes + c->n, bytes, n);
    c->n += n;
}

/* Each entry once more for each value that it has; from here on without a dictionary. */
static void column_give_up(struct column *c)
{
    size_t n = 0, room;
    uint8_t *bytes;

    for (uint32_t i = 0; i < c->values; i++)
        n += column_entry_bytes(c, c->index[i]);
    room = n + COLUMN_FIRST_BYTES;
    bytes = mem_alloc(room);
    n = 0;
    for (uint32_t i = 0; i < c->values; i++) {
        uint32_t entry = column_entry_bytes(c, c->index[i]);

        memcpy(bytes + n, c->bytes + c->at[c->index[i]], entry);
        n += entry;
    }
    free(c->bytes);
    *c->sums.held += room - c->room;
    *c->sums.used += n - c->n;
    c->bytes = bytes;
    c->n = n;
    c->room = room;
    c->plain = true;
    column_forget_dictionary(c);
}

/* Most are short, and then a call takes longer than this. */
static inline bool column_same(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint64_t x, y;

    if (n < 8)
        return column_few(a, n) == column_few(b, n);
    for (; n > 8; a += 8, b += 8, n -= 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        if (x != y)
            return false;
    }
    /* The last eight, some of them once more. */
    memcpy(&x, a + n - 8, 8);
    memcpy(&y, b + n - 8, 8);
    return x == y;
}

static inline bool column_is_entry(const struct column *c, uint32_t i, const uint8_t *bytes,
                                   size_t n)
{
    uint32_t skip = column_is_text(c->is) ? COLUMN_LENGTH_BYTES : 0;

    return column_entry_bytes(c, i) == n + skip &&
           column_same(c->bytes + c->at[i] + skip, bytes, n);
}

static uint32_t column_entry(struct column *c, const uint8_t *bytes, size_t n)
{
    uint64_t slot;

    if (c->entries && column_is_entry(c, c->last, bytes, n))
        return c->last;
    if (2 * c->entries >= c->slot_count)
        column_more_slots(c);
    slot = column_hash(bytes, n);
    for (uint32_t i; (i = c->slots[slot & (c->slot_count - 1)]); slot++)
        if (column_is_entry(c, i - 1, bytes, n))
            return c->last = i - 1;
    if (c->entries == c->at_room)
        column_room_one(c, &c->at, &c->at_room);
    c->at[c->entries] = (uint32_t)c->n;
    column_append(c, bytes, n);
    c->slots[slot & (c->slot_count - 1)] = ++c->entries;
    return c->last = c->entries - 1;
}

/* --- values --- */

void column_reach(struct column *c, uint32_t rows)
{
    uint32_t have = (c->rows + 7) / 8, want = (rows + 7) / 8;

    if (want > have) {
        column_room(c, &c->defined, &c->defined_room, have, want - have);
        memset(c->defined + have, 0, want - have);
    }
    c->rows = rows;
}

/* A row that has a value. */
static inline void column_row(struct column *c)
{
    uint32_t row = c->rows;

    if (!c->optional) {
        c->rows++;
        return;
    }
    if (row % 8)
        c->rows++;
    else
        column_reach(c, row + 1);
    c->defined[row / 8] |= (uint8_t)(1u << row % 8);
}

static void column_append_number(struct column *c, const uint8_t bytes[8])
{
    uint32_t n = column_width(c->is);

    column_room(c, &c->bytes, &c->room, c->n, 8);
    memcpy(c->bytes + c->n, bytes, 8);
    *c->sums.used += n + COLUMN_LENGTH_BYTES;
    c->n += n;
    c->values++;
}

/* Adds a value that is the one before once more. False: it is another one. */
static inline bool column_repeat(struct column *c, uint64_t v)
{
    if (!c->entries || c->last_number != v || c->values == c->index_room ||
        c->values + 1 == COLUMN_TRIAL)
        return false;
    c->index[c->values++] = c->last;
    return true;
}

static void column_add_entry(struct column *c, const uint8_t *bytes, size_t n)
{
    if (c->values == c->index_room)
        column_room_one(c, &c->index, &c->index_room);
    c->index[c->values] = column_entry(c, bytes, n);
    c->values++;
    if (c->entries > COLUMN_ENTRIES || c->n > COLUMN_DICTIONARY_BYTES ||
        (c->values == COLUMN_TRIAL && c->entries > COLUMN_TRIAL / 2))
        column_give_up(c);
}

void column_number(struct column *c, uint64_t v)
{
    uint64_t order = column_is_signed(c->is) ? v ^ 1ull << 63 : v;
    uint8_t bytes[8];

    if (!c->values || order < c->low)
        c->low = order;
    if (!c->values || order > c->high)
        c->high = order;
    column_row(c);
    if (column_repeat(c, v))
        return;
    little_u64(bytes, v);
    if (c->plain)
        column_append_number(c, bytes);
    else
        column_add_entry(c, bytes, column_width(c->is));
    c->last_number = v;
}

/* Of what is in no character each byte becomes U+FFFD. Returns how many bytes there are now. */
static size_t column_repair(struct column *c, const uint8_t *s, size_t n, size_t valid)
{
    size_t to = 0;

    for (;;) {
        column_room(c, &c->repaired, &c->repaired_room, to, valid + 3);
        memcpy(c->repaired + to, s, valid);
        to += valid;
        if (valid == n)
            return to;
        memcpy(c->repaired + to, "\xef\xbf\xbd", 3);
        to += 3;
        s += valid + 1;
        n -= valid + 1;
        valid = out_valid(s, n);
    }
}

void column_text(struct column *c, const void *bytes, size_t n)
{
    size_t valid = c->is == COLUMN_TEXT ? out_valid(bytes, n) : n;

    if (valid < n) {
        n = column_repair(c, bytes, n, valid);
        bytes = c->repaired;
    }
    column_row(c);
    if (!c->plain) {
        column_add_entry(c, bytes, n);
        return;
    }
    column_append(c, bytes, n);
    c->values++;
}
