/* SPDX-License-Identifier: MIT */
/* spilled.c - small pages in a temporary file. */
#include "export/spilled.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/little.h"

#define SPILLED_HAS_LOST 0x80000000u
#define SPILLED_HAS_COUNT 0x40000000u
#define SPILLED_PIECES (CREW_MAX * CREW_PIECES)

/* What others do: so many pages follow, to be written, each after where; or they are to be read, the first from `at`. The
 * answer begins with an errno. */
struct spilled_asked {
    uint64_t at;
    uint32_t count, reads;
};

struct spilled_put {
    uint64_t at;
    uint8_t place[SPILLED_PLACE_BYTES];
};

void spilled_open(struct spilled *p, struct spill *spill, struct crew *crew)
{
    *p = (struct spilled){.spill = spill};
    if (!crew || crew->role != CREW_LEADER)
        return;
    p->crew = crew;
    p->pieces = mem_alloc(SPILLED_PIECES * sizeof(*p->pieces));
}

void spilled_close(struct spilled *p)
{
    free(p->pieces);
    *p = (struct spilled){.spill = NULL};
}

/* --- what others do --- */

static void spilled_give(struct spilled *p, const struct crew_piece *piece)
{
    p->pieces[(p->piece_first + p->piece_count++) % SPILLED_PIECES] = *piece;
    crew_give(p->crew, piece);
}

/* The first of them is done: its answer, until spilled_took(). NULL: the run ends. */
static const uint8_t *spilled_take(struct spilled *p, size_t *n)
{
    const struct crew_piece *piece = &p->pieces[p->piece_first];
    const uint8_t *bytes = crew_bytes(p->crew, piece);
    uint32_t error = ECHILD;

    *n = crew_wait(p->crew, piece);
    if (!p->crew->lost)
        memcpy(&error, bytes, sizeof(error));
    if (error && !p->spill->error)
        p->spill->error = (int)error;
    return error ? NULL : bytes;
}

static void spilled_took(struct spilled *p)
{
    if (!p->crew->lost)
        crew_free(p->crew, &p->pieces[p->piece_first]);
    p->piece_first = (p->piece_first + 1) % SPILLED_PIECES;
    p->piece_count--;
}

/* What was written is; `all`: waits for it. */
static void spilled_reap(struct spilled *p, bool all)
{
    size_t n;

    while (p->piece_count && (all || crew_ready(p->crew, &p->pieces[p->piece_first]))) {
        (void)spilled_take(p, &n);
        spilled_took(p);
    }
}

static void spilled_give_batch(struct spilled *p)
{
    struct spilled_asked asked = {.count = p->filled};

    if (!p->filled)
        return;
    memcpy(crew_bytes(p->crew, &p->filling), &asked, sizeof(asked));
    spilled_give(p, &p->filling);
    p->filled = 0;
}

/* False: no member has room for it. */
static bool spilled_batch(struct spilled *p, uint64_t at, const uint8_t *place)
{
    uint8_t *to;

    if (!p->filled) {
        spilled_reap(p, false);
        if (!crew_room(p->crew,
                       sizeof(struct spilled_asked) + SPILLED_BATCH * sizeof(struct spilled_put),
                       &p->filling))
            return false;
    }
    to = crew_bytes(p->crew, &p->filling) + sizeof(struct spilled_asked) +
         p->filled * sizeof(struct spilled_put);
    memcpy(to, &at, sizeof(at));
    memcpy(to + offsetof(struct spilled_put, place), place, SPILLED_PLACE_BYTES);
    if (++p->filled == SPILLED_BATCH)
        spilled_give_batch(p);
    return true;
}

void spilled_add(struct spilled *p, uint64_t at, const uint8_t place[SPILLED_PLACE_BYTES])
{
    if (!p->crew || !spilled_batch(p, at, place))
        spill_put(p->spill, at, place, SPILLED_PLACE_BYTES);
}

void spilled_settle(struct spilled *p)
{
    if (!p->crew)
        return;
    spilled_give_batch(p);
    spilled_reap(p, true);
}

/* --- pages as they are in the output --- */

uint64_t spilled_commit(const struct spilled_page *page)
{
    uint64_t commit = page->bytes;

    if (page->is_lost)
        commit |= SPILLED_HAS_LOST | (page->lost ? SPILLED_HAS_COUNT : 0);
    return commit;
}

uint64_t spilled_lost_count(const struct spilled_page *page)
{
    return page->lost < INT64_MAX ? page->lost : INT64_MAX;
}

uint64_t spilled_read(struct spill *spill, uint64_t at, uint8_t to[SPILLED_PAGE_BYTES])
{
    uint8_t place[SPILLED_PLACE_BYTES];
    struct spilled_page page;
    uint32_t used;

    if (!spill_read(spill, at - 1, place, sizeof(place)))
        return 0;
    memcpy(&page, place, sizeof(page));
    little_u64(to, page.first);
    little_u64(to + 8, spilled_commit(&page));
    memcpy(to + SPILLED_HEAD_BYTES, place + sizeof(page), page.bytes);
    used = SPILLED_HEAD_BYTES + page.bytes;
    if (page.lost) {
        little_u64(to + used, spilled_lost_count(&page));
        used += SPILLED_LOST_BYTES;
    }
    memset(to + used, 0, SPILLED_PAGE_BYTES - used);
    return page.next;
}

bool spilled_ask(struct spilled *p, uint64_t at, uint32_t count)
{
    struct spilled_asked asked = {.at = at, .count = count, .reads = true};
    struct crew_piece piece;

    if (!crew_room(p->crew, sizeof(asked) + count * SPILLED_PAGE_BYTES, &piece))
        return false;
    memcpy(crew_bytes(p->crew, &piece), &asked, sizeof(asked));
    spilled_give(p, &piece);
    return true;
}

void spilled_copy(struct spilled *p, struct out *o)
{
    size_t n;
    const uint8_t *bytes = spilled_take(p, &n);

    if (bytes)
        out_bytes(o, bytes + sizeof(struct spilled_asked), n - sizeof(struct spilled_asked));
    spilled_took(p);
}

/* --- another process --- */

static size_t spilled_work_reads(struct spill *spill, const struct spilled_asked *asked,
                                 uint8_t *to)
{
    uint64_t at = asked->at;

    for (uint32_t i = 0; i < asked->count && at; i++)
        at = spilled_read(spill, at, to + i * SPILLED_PAGE_BYTES);
    return asked->count * SPILLED_PAGE_BYTES;
}

static void spilled_work_writes(struct spill *spill, const struct spilled_asked *asked,
                                const uint8_t *from)
{
    for (uint32_t i = 0; i < asked->count; i++, from += sizeof(struct spilled_put)) {
        uint64_t at;

        memcpy(&at, from, sizeof(at));
        spill_put(spill, at, from + offsetof(struct spilled_put, place), SPILLED_PLACE_BYTES);
    }
}

size_t spilled_work(void *context, uint8_t *bytes, size_t n, size_t room)
{
    struct spill *spill = context;
    struct spilled_asked asked;
    uint32_t error;
    size_t more = 0;

    (void)n;
    (void)room;
    memcpy(&asked, bytes, sizeof(asked));
    if (asked.reads)
        more = spilled_work_reads(spill, &asked, bytes + sizeof(asked));
    else
        spilled_work_writes(spill, &asked, bytes + sizeof(asked));
    error = (uint32_t)spill->error;
    memcpy(bytes, &error, sizeof(error));
    return sizeof(asked) + more;
}
