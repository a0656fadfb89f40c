/* SPDX-License-Identifier: MIT */
/* times.c - the times of a table's rows. */
#include "table/times.h"

#include "base/mem.h"

#define TIMES_EACH_BYTES 10u /* of a difference at most */

void times_close(struct times *t, struct sqlite *db)
{
    if (t)
        blocks_drop(sqlite_blocks(db), &t->before);
}

static void times_keep(struct times *t, struct sqlite *db)
{
    if (!blocks_write(sqlite_blocks(db), &t->before, t->before.bytes, t->bytes, t->n) &&
        !sqlite_error(db))
        mem_failed();
    t->n = 0;
}

bool times_add(struct times *t, struct sqlite *db, int64_t time)
{
    uint64_t more = (uint64_t)time - (uint64_t)t->last;

    if (time < t->last)
        return false;
    t->last = time;
    if (t->n + TIMES_EACH_BYTES > TIMES_BYTES)
        times_keep(t, db);
    for (; more > 127; more >>= 7)
        t->bytes[t->n++] = (uint8_t)(more | 128);
    t->bytes[t->n++] = (uint8_t)more;
    return true;
}

/* What has left the memory is read into it. */
struct times_reader {
    struct times *of;
    struct sqlite *db;
    uint64_t next;  /* of the file, what follows the memory */
    uint32_t at, n; /* in memory */
};

static bool times_more(struct times_reader *r)
{
    uint64_t left = r->of->before.bytes - r->next;

    if (r->at < r->n)
        return true;
    r->n = left < TIMES_BYTES ? (uint32_t)left : TIMES_BYTES;
    r->at = 0;
    if (!r->n || !blocks_read(sqlite_blocks(r->db), &r->of->before, r->next, r->of->bytes, r->n))
        return false;
    r->next += r->n;
    return true;
}

static bool times_next(struct times_reader *r, int64_t *time)
{
    uint64_t more = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        if (!times_more(r))
            return false;
        byte = r->of->bytes[r->at++];
        more |= (uint64_t)(byte & 127) << shift;
        shift += 7;
    } while (byte & 128);
    *time = (int64_t)((uint64_t)*time + more);
    return true;
}

bool times_index(struct times *t, struct sqlite *db, struct btree *b)
{
    struct times_reader r = {.of = t, .db = db};
    int64_t time = 0;
    uint64_t row = 0;

    times_keep(t, db);
    btree_open(b, db);
    while (times_next(&r, &time))
        btree_add(b, time, ++row);
    t->page = btree_finish(b);
    btree_close(b);
    return t->page && !sqlite_error(db);
}
