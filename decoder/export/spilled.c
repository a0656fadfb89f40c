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

/* What others do: so many pages are to be read, the first from `at`. The answer begins with an errno. */
struct spilled_asked {
    uint32_t what, file;
    uint64_t at;
    uint64_t count;
};

void spilled_open(struct spilled *p, struct spill *spills, struct crew *crew)
{
    *p = (struct spilled){.spills = spills};
    if (!crew || crew->role != CREW_LEADER)
        return;
    p->crew = crew;
    p->pieces = mem_alloc(SPILLED_PIECES * sizeof(*p->pieces));
}

void spilled_close(struct spilled *p)
{
    free(p->pieces);
    *p = (struct spilled){.spills = NULL};
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
    if (error && !p->spills->error)
        p->spills->error = (int)error;
    return error ? NULL : bytes;
}

static void spilled_took(struct spilled *p)
{
    if (!p->crew->lost)
        crew_free(p->crew, &p->pieces[p->piece_first]);
    p->piece_first = (p->piece_first + 1) % SPILLED_PIECES;
    p->piece_count--;
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

bool spilled_ask(struct spilled *p, uint32_t file, uint64_t at, uint32_t count)
{
    struct spilled_asked asked = {SPILLED_ASKED, file, at, count};
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

size_t spilled_work(struct spill *spills, uint8_t *bytes)
{
    struct spilled_asked asked;
    uint32_t error;
    uint64_t at;

    memcpy(&asked, bytes, sizeof(asked));
    at = asked.at;
    for (uint64_t i = 0; i < asked.count && at; i++)
        at = spilled_read(&spills[asked.file], at, bytes + sizeof(asked) + i * SPILLED_PAGE_BYTES);
    error = (uint32_t)spills[asked.file].error;
    memcpy(bytes, &error, sizeof(error));
    return sizeof(asked) + asked.count * SPILLED_PAGE_BYTES;
}
