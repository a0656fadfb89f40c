/* SPDX-License-Identifier: MIT */
/* ring.c - which sub-buffers of a CPU are there, in an image of memory. */
#include "bytes/ring.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag.h"
#include "base/load.h"
#include "bytes/state.h"
#include "bytes/subbuf.h"

#define RING_CANDIDATES 8u /* more than that, and it is not worth the time */

/* As it is in memory. */
struct ring_state {
    uint64_t cursor, limit; /* positions */
    uint64_t gone[2];
};

static bool ring_state(const struct region *r, uint32_t cpu, struct ring_state *st, struct ring *g)
{
    const struct tp_wire_region *h = &r->head;
    const uint8_t *p = region_part(r, h->rings_at + (uint64_t)cpu * h->ring_bytes, h->ring_bytes);

    if (!p)
        return false;
    st->cursor = region_word(r, p + h->cursor_at);
    st->limit = region_word(r, p + h->limit_at);
    for (unsigned i = 0; i < 2; i++)
        st->gone[i] = load_u64(p + h->gone_at + 8 * i, r->swap);
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        g->lost[i] = state_count(p + h->lost_at + 8 * i, r->swap);
    return true;
}

static bool ring_holds(const struct region *r, uint32_t cpu, uint64_t number, struct subbuf *s)
{
    return subbuf_read(r, cpu, number, s) && s->seq == (number & r->number_mask);
}

static bool ring_making(const struct region *r, uint32_t cpu, uint64_t l,
                        const struct ring_state *st)
{
    const uint8_t *p = region_part(r, region_subbuf_at(r, cpu, l), TP_WIRE_CHUNK_BYTES);

    return p && state_making(r, p, l, st->gone);
}

/* How many sub-buffers are what they should be if `newest` is the one that was prepared last. */
static uint32_t ring_agree(const struct region *r, uint32_t cpu, uint64_t newest)
{
    struct subbuf s;
    uint32_t n = 0;

    for (uint32_t place = region_places(r, cpu); place--;)
        n += ring_holds(r, cpu, newest - region_back(r, newest, place), &s);
    return n;
}

/* The newest by the numbers in the sub-buffers alone: the one that most of them agree with. Numbers
 * run on from one place to the next, but after the newest. */
static uint32_t ring_vote(const struct region *r, uint32_t cpu, uint64_t *newest)
{
    struct subbuf s, next;
    uint32_t best = 0, tried = 0, places = region_places(r, cpu);

    for (uint32_t i = 0; i < places && tried < RING_CANDIDATES; i++) {
        uint32_t agree;

        if (!subbuf_read(r, cpu, i, &s) || (s.seq ^ i) & (r->head.subbufs - 1) ||
            (r->head.subbufs > 1 && ring_holds(r, cpu, s.seq + 1, &next)))
            continue;
        tried++;
        agree = ring_agree(r, cpu, s.seq);
        if (agree > best) {
            best = agree;
            *newest = s.seq;
        }
    }
    return best;
}

/* The sub-buffer that was prepared last. *making: perhaps not to its end, so only its number
 * counts.
 */
static uint64_t ring_newest(const struct region *r, uint32_t cpu, const struct ring_state *st,
                            bool *making, const char **wrong)
{
    uint64_t l = st->limit >> r->shift, n, voted = 0;
    uint32_t votes;
    struct subbuf s;

    *making = ring_making(r, cpu, l, st);
    n = *making ? l : (l - 1) & r->number_mask;
    if (!*wrong && st->limit & (r->head.subbuf_bytes - 1))
        *wrong = "limit";
    if (!*wrong && ring_holds(r, cpu, n, &s) && ring_holds(r, cpu, n - r->head.subbufs + 1, &s))
        return n;
    /* The limit is wrong, or only one of these two sub-buffers. */
    votes = ring_vote(r, cpu, &voted);
    if (!votes || (!*wrong && votes <= ring_agree(r, cpu, n)))
        return n;
    if (!*wrong)
        *wrong = "limit";
    *making = false;
    return voted;
}

/* Can the cursor be in sub-buffer c, by what is in its neighbours? What one in the making holds is
 * older. */
static bool ring_cursor_fits(const struct region *r, uint32_t cpu, uint64_t c, uint64_t newest,
                             bool making)
{
    struct subbuf s;

    if (c == newest && making)
        return false;
    if (c != newest && !(making && ((c + 1) & r->number_mask) == newest) &&
        ring_holds(r, cpu, c + 1, &s) && subbuf_touched(&s))
        return false;
    if (!ring_holds(r, cpu, c, &s) || subbuf_touched(&s))
        return true;
    /* It was entered and nothing has happened since: there was no room in the one before, so that
     * was used. How far, it does not say: a writer may have left no trace of what it reserved. */
    return !ring_holds(r, cpu, c - 1, &s) || subbuf_touched(&s);
}

/* The older of the two numbers is of the sub-buffer before, so they differ by no more than one
 * holds. False: one of them is wrong; the smaller one is taken. */
static bool ring_events(const struct region *r, const struct ring_state *st, uint64_t newest,
                        uint64_t *events)
{
    uint64_t here = st->gone[newest & 1], other = st->gone[~newest & 1];
    uint64_t differ = here > other ? here - other : other - here;

    *events = here;
    if (here < TP_LIMIT_COUNT && differ <= r->head.subbuf_bytes / TP_RECORD_UNIT)
        return true;
    *events = here < other ? here : other;
    *events = *events < TP_LIMIT_COUNT ? *events : 0;
    return false;
}

/* The count of losses of the newest sub-buffer of the ring that has one which can be. */
static uint64_t ring_last_lost(const struct region *r, uint32_t cpu, const struct ring *g,
                               unsigned cause)
{
    uint64_t lost = 0;
    uint32_t best = 0;
    struct subbuf s;

    for (uint32_t place = region_places(r, cpu); place--;) {
        uint64_t number = g->first + ((place - g->first) & (r->head.subbufs - 1));
        uint32_t nth = (uint32_t)(number - g->first);

        if (nth < best || nth >= g->count || !ring_holds(r, cpu, number, &s) ||
            !subbuf_opened(&s) || !s.lost[cause] || s.lost[cause] >= TP_LIMIT_COUNT)
            continue;
        best = nth;
        lost = s.lost[cause];
    }
    return lost;
}

/* A count of losses that cannot be: that of the newest sub-buffer that has one which can. False: there was
 * such a count. */
static bool ring_losses(const struct region *r, uint32_t cpu, struct ring *g)
{
    bool good = true;

    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        if (g->lost[i] < TP_LIMIT_COUNT)
            continue;
        good = false;
        g->lost[i] = ring_last_lost(r, cpu, g, i);
    }
    return good;
}

/* How many of the sub-buffers up to `newest` were entered: the last one that was touched. */
static uint32_t ring_entered(const struct region *r, uint32_t cpu, uint64_t newest)
{
    struct subbuf s;
    uint32_t most = 0;

    for (uint32_t place = region_places(r, cpu); place--;) {
        uint32_t before = region_back(r, newest, place), n = r->head.subbufs - before;

        if (n > most && ring_holds(r, cpu, newest - before, &s) && subbuf_touched(&s))
            most = n;
    }
    return most;
}

void ring_read(const struct region *r, uint32_t cpu, struct ring *g)
{
    struct ring_state st = {0};
    const char *wrong;
    uint64_t newest, c, offset, ahead;
    bool making;

    *g = (struct ring){0};
    g->known = ring_state(r, cpu, &st, g);
    wrong = g->known ? NULL : "state";
    newest = ring_newest(r, cpu, &st, &making, &wrong);
    g->first = (newest - r->head.subbufs + 1) & r->number_mask;
    c = st.cursor >> r->shift;
    offset = st.cursor & (r->head.subbuf_bytes - 1);
    ahead = (newest - c) & r->number_mask;
    if (g->known && subbuf_is_offset(r, offset) && ahead <= r->head.subbufs &&
        ring_cursor_fits(r, cpu, c, newest, making)) {
        g->count = r->head.subbufs - (uint32_t)ahead;
        g->end = (uint32_t)offset;
    } else {
        wrong = wrong ? wrong : "cursor";
        g->count = ring_entered(r, cpu, newest);
    }
    if (!ring_events(r, &st, newest, &g->events))
        wrong = wrong ? wrong : "number of events gone";
    if (!ring_losses(r, cpu, g))
        wrong = wrong ? wrong : "count of losses";
    /* That a part is not in the image was reported for the whole region. */
    if (wrong && g->known)
        diag_damage(r->diag,
                    "region at 0x%" PRIx64 ", cpu %" PRIu32
                    ": the %s of its ring cannot be right, read by its sub-buffers",
                    r->at, cpu, wrong);
}
