/* SPDX-License-Identifier: MIT */
/* inflate.c - the plain bytes of an input that is compressed by gzip: this process inflates it, or another one does. */
#include "bytes/inflate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct inflate *inflate_new(bool slow)
{
    struct inflate *i = mem_zero(sizeof(*i));

    i->slow = slow;
    return i;
}

void inflate_here(struct inflate *i, zip_read_fn *read, void *context, const uint8_t *start,
                  size_t n)
{
    i->zip = zip_input_new(read, context, start, n);
}

void inflate_free(struct inflate *i)
{
    if (!i)
        return;
    zip_input_free(i->zip);
    feed_close(&i->feed);
    free(i);
}

/* Some of the block that another process has made; 0 at the end, and where that process has read more for it than for the `got`
 * bytes before. */
static size_t inflate_take(struct inflate *i, uint8_t *to, size_t n, size_t got, uint64_t *taken,
                           int *error)
{
    const uint8_t *at = feed_next(&i->feed);
    const struct feed_head *h = &i->feed.head;
    size_t part = h->bytes - i->used;

    if (got && (!part || h->taken != *taken))
        return 0;
    part = part < n ? part : n;
    memcpy(to, at + i->used, part);
    *taken = h->taken;
    *error = h->error;
    i->problem = (enum zip_problem)h->problem;
    i->used += (uint32_t)part;
    i->more = !i->slow && i->used == FEED_BLOCK_BYTES;
    if (part && i->used == h->bytes) {
        i->used = 0;
        feed_free(&i->feed);
    }
    return part;
}

size_t inflate_read(struct inflate *i, uint8_t *to, size_t n, uint64_t *taken, int *error)
{
    size_t got = 0, part;

    if (i->zip)
        return zip_input_read(i->zip, to, n);
    do {
        part = inflate_take(i, to + got, n - got, got, taken, error);
        got += part;
    } while (part && got < n && i->more);
    return got;
}

enum zip_problem inflate_found(const struct inflate *i)
{
    return i->zip ? zip_input_problem(i->zip) : i->problem;
}

const char *inflate_problem(const struct inflate *i)
{
    return zip_problem_text(inflate_found(i));
}

bool inflate_is_cut(const struct inflate *i)
{
    return inflate_found(i) == ZIP_CUT;
}
