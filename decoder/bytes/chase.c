/* SPDX-License-Identifier: MIT */
/* chase.c - the ring of one CPU of a machine that goes on writing it. */
#include "bytes/chase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "bytes/watch.h"

bool chase_fetch(struct chase *p, uint64_t offset, void *to, size_t n)
{
    if (remote_read(&p->remote, p->region.at + offset, to, n)) {
        if (p->remote.halting && !p->said_halts) {
            p->said_halts = true;
            diag_note(p->diag, "the machine is halted for each read, and continued after it: this "
                               "stub reads no memory of one that runs");
        }
        return true;
    }
    if (p->remote.refused && !*p->problem)
        snprintf(p->problem, sizeof(p->problem),
                 "memory at 0x%" PRIx64 " cannot be read, which is in the region at 0x%" PRIx64,
                 p->region.at + offset, p->region.at);
    return false;
}

/* May memory change between two reads? What its stub says of a machine that it has not halted for a read is not
 * relied on. */
static bool chase_moves(const struct chase *p)
{
    return !p->remote.halting || p->remote.state != REMOTE_HALTED;
}

/* Can no more be read? */
bool chase_over(const struct chase *p)
{
    return *p->problem || p->remote.state >= REMOTE_EXITED;
}

/* Its ring, as it was at one moment. False: it cannot be right. */
static bool chase_state(struct chase *p, struct chase_cpu *c)
{
    uint8_t bytes[STATE_BYTES_MAX];
    uint64_t at;
    uint32_t n = state_span(&p->region, c->x.cpu, &at);

    for (unsigned i = 0; i < CHASE_TRIES; i++) {
        if (!chase_fetch(p, at, bytes, n))
            return false;
        if (state_read(&p->region, bytes, &c->state))
            return true;
    }
    if (!c->broken)
        diag_damage(p->diag,
                    "region at 0x%" PRIx64 ", cpu %" PRIu32
                    ": the state of its ring cannot be right, it is not read",
                    p->region.at, c->x.cpu);
    c->broken = true;
    c->x.flags |= TP_CHUNK_DAMAGED;
    return false;
}

/* The header of the sub-buffer where that of `number` lies. False: it is none. */
static bool chase_header(struct chase *p, uint32_t cpu, uint64_t number, uint8_t *to,
                         struct subbuf *s)
{
    uint64_t at = region_subbuf_at(&p->region, cpu, number);

    return chase_fetch(p, at, to, TP_WIRE_CHUNK_BYTES) && subbuf_view(&p->region, cpu, to, at, s);
}

/* Goes to the oldest sub-buffer that is there. What is gone has a number: so many were lost. */
static bool chase_catch_up(struct chase *p, struct chase_cpu *c)
{
    const struct region *r = &p->region;
    uint8_t header[TP_WIRE_CHUNK_BYTES];

    for (unsigned i = 0; i < CHASE_TRIES && !chase_over(p); i++) {
        struct state before;
        uint64_t oldest, gone;

        if (!chase_state(p, c))
            return false;
        before = c->state;
        oldest = (before.limit - r->head.subbufs) & r->number_mask;
        if (!chase_fetch(p, region_subbuf_at(r, c->x.cpu, before.limit), header, sizeof(header)))
            return false;
        if (state_making(r, header, before.limit, before.gone))
            oldest = (oldest + 1) & r->number_mask; /* in its place the next one is being made */
        if (!chase_state(p, c))
            return false;
        gone = c->state.gone[(oldest + r->head.subbufs - 1) & 1];
        if (c->state.limit != before.limit)
            continue;
        if (gone >= TP_LIMIT_COUNT || gone < c->x.number) {
            diag_damage(p->diag,
                        "region at 0x%" PRIx64 ", cpu %" PRIu32
                        ": its number of events gone cannot be right",
                        r->at, c->x.cpu);
            gone = c->x.number;
            c->x.flags |= TP_CHUNK_DAMAGED;
        }
        if (r->head.flags & TP_CHUNK_OVERWRITE)
            c->x.lost[TP_LOST_OVERWRITTEN] += gone - c->x.number;
        if (!c->placed)
            c->x.shown = gone;
        else
            p->names_due = true;
        c->x.number = gone;
        c->place = oldest;
        c->placed = true;
        extract_start(&c->x);
        return true;
    }
    /* The machine writes faster than this. */
    if (!chase_over(p) && !p->remote.halting) {
        diag_note(p->diag, "what is read is overwritten meanwhile, each time: from here on the "
                           "machine is halted for each read, and continued after it");
        p->remote.halting = p->said_halts = true;
    }
    return false;
}

/* Is a sub-buffer before the one that is written now? */
static bool chase_left(const struct chase *p, const struct chase_cpu *c)
{
    return c->place != c->state.cursor >> p->region.shift;
}

static bool chase_past(const struct chase *p, const struct chase_cpu *c)
{
    uint64_t ahead = (c->place - (c->state.cursor >> p->region.shift)) & p->region.number_mask;

    return ahead && ahead <= p->region.number_mask / 2;
}

/* How far the machine has got in the sub-buffer that it writes. */
static uint32_t chase_cursor(const struct chase *p, const struct chase_cpu *c)
{
    return (uint32_t)(c->state.cursor & (p->region.head.subbuf_bytes - 1));
}

bool chase_all(const struct chase *p, const struct chase_cpu *c)
{
    return chase_past(p, c) || (!chase_left(p, c) && c->x.at == chase_cursor(p, c));
}

static void chase_next(struct chase *p, struct chase_cpu *c)
{
    c->place = (c->place + 1) & p->region.number_mask;
    c->hole_since = 0;
    c->tries = 0;
    extract_start(&c->x);
    c->more = !chase_past(p, c);
}

/* The sub-buffer that it reads is not, or no longer, the one that it was. */
static void chase_lapped(struct chase *p, struct chase_cpu *c)
{
    uint64_t place = c->place;
    uint8_t header[TP_WIRE_CHUNK_BYTES];
    struct subbuf s;
    bool good;

    c->more = chase_catch_up(p, c) && !chase_past(p, c);
    if (c->place != place)
        c->tries = 0;
    if (!c->more || c->place != place)
        return;
    /* It is the oldest that should be there: then what it holds is wrong, if it still does. */
    good = chase_header(p, c->x.cpu, place, header, &s);
    if (chase_over(p) || (good && s.seq == place && c->tries++ < CHASE_TRIES))
        return;
    extract_skip(&p->extract, &c->x, &s, place,
                 good ? "holds another one, skipped" : "damaged header, skipped");
    chase_next(p, c);
}

/* Where the records end that are whole. */
static uint32_t chase_whole(const struct chase *p, const struct chase_cpu *c,
                            const struct subbuf *s)
{
    struct subbuf_walk w;
    uint32_t at = c->x.at;

    subbuf_walk_start(&p->region, s, extract_end(&p->region, s), &w);
    w.at = at;
    while (subbuf_next(&w) == SUBBUF_RECORD)
        at = w.at;
    return at;
}

/* The bytes of a sub-buffer from where it was read to; what is after `end` is zero in the copy. */
static bool chase_bytes(struct chase *p, const struct chase_cpu *c, uint32_t end)
{
    uint64_t at = region_subbuf_at(&p->region, c->x.cpu, c->place);
    uint32_t from = c->x.at;

    end = end < from ? from : end;
    memset(p->subbuf + end, 0, p->region.head.subbuf_bytes - end);
    return end == from || chase_fetch(p, at + from, p->subbuf + from, end - from);
}

/* Copies the records of a sub-buffer so that what is whole in the copy is right: what is looked at first and found
 * whole is copied after that, and then it is still the same sub-buffer. `last`: what is not whole is wanted too. */
static bool chase_copy(struct chase *p, struct chase_cpu *c, struct subbuf *s, bool last)
{
    const struct region *r = &p->region;
    uint8_t header[TP_WIRE_CHUNK_BYTES];
    bool complete = subbuf_complete(r, s);
    struct subbuf again;

    if (!chase_bytes(p, c, complete || chase_left(p, c) ? extract_end(r, s) : chase_cursor(p, c)))
        return false;
    if (!chase_moves(p))
        return true;
    if (!complete && !last) {
        uint32_t end = chase_whole(p, c, s);

        if (!chase_header(p, c->x.cpu, c->place, p->subbuf, s) || s->seq != c->place ||
            !chase_bytes(p, c, end))
            return false;
    }
    return chase_header(p, c->x.cpu, c->place, header, &again) && again.seq == c->place;
}

/* Nothing came, and a sub-buffer that was left is not complete: a writer is in it, or was. */
static void chase_wait_hole(struct chase *p, struct chase_cpu *c, const struct subbuf *s)
{
    uint64_t now = watch_now();

    c->more = false;
    if (!c->hole_since)
        c->hole_since = now;
    if (now - c->hole_since < CHASE_HOLE_MS)
        return;
    extract_rest(&p->extract, &c->x, s, c->place, 0);
    chase_next(p, c);
}

void chase_step(struct chase *p, struct chase_cpu *c, bool last)
{
    uint32_t before = c->x.at;
    bool good, complete, left = chase_left(p, c);
    struct subbuf s;

    good = chase_header(p, c->x.cpu, c->place, p->subbuf, &s) && s.seq == c->place;
    complete = good && subbuf_complete(&p->region, &s);
    good = good && chase_copy(p, c, &s, last);
    if (chase_over(p)) {
        c->more = false;
    } else if (!good) {
        chase_lapped(p, c);
    } else if (complete || last) {
        extract_rest(&p->extract, &c->x, &s, c->place, left ? 0 : chase_cursor(p, c));
        chase_next(p, c);
    } else {
        extract_more(&p->extract, &c->x, &s, c->place);
        c->unseen = s.events > c->x.events && s.events <= s.units ? s.events - c->x.events : 0;
        if (c->x.at != before)
            c->hole_since = 0;
        if (!left)
            c->more = false;
        else if (c->x.at == before)
            chase_wait_hole(p, c, &s);
    }
}

void chase_look(struct chase *p, struct chase_cpu *c)
{
    c->more = !c->broken && (c->placed ? chase_state(p, c) : chase_catch_up(p, c)) &&
              !chase_all(p, c);
}
