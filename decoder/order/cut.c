/* SPDX-License-Identifier: MIT */
/* cut.c - where an input can be cut into windows that are decoded by themselves. */
#include "order/cut.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What makes a chunk one that is not cut at. */
#define CUT_FLAGS (TP_CHUNK_MUST_KNOW & ~(TP_CHUNK_CONTEXT | TP_CHUNK_ZLIB))
#define CUT_MARKS (TP_CHUNK_UNFINISHED | TP_CHUNK_DAMAGED | TP_CHUNK_PREVIOUS)

bool cut_open(struct cut *c, struct input *in, struct cut_edge *edges, uint32_t slots,
              struct cut_side *sides)
{
    *c = (struct cut){.in = in, .edges = edges, .slots = slots, .sides = sides, .unit = 1};
    c->file = (struct diag_file){.diag = &c->diag, .name = "", .quiet = true};
    chunk_open(&c->reader, in, &c->file);
    input_fill(in, 1);
    if (!input_can_seek(in, &c->size))
        return false;
    input_seek(in, 0);
    if (!chunk_peek(&c->reader, &c->zero) || c->zero.type != TP_CHUNK_METADATA || c->zero.seq ||
        c->zero.cpu != TP_CHUNK_NO_CPU)
        return false;
    c->cpu = mem_zero(CUT_CPUS * sizeof(*c->cpu));
    return true;
}

void cut_close(struct cut *c)
{
    free(c->cpu);
    c->cpu = NULL;
    chunk_close(&c->reader);
}

static struct cut_edge *cut_edge(const struct cut *c, uint64_t i)
{
    return &c->edges[i % c->slots];
}

/* --- is it as expected? --- */

static bool cut_is_full(const struct tp_wire_chunk *h)
{
    return h->size_bytes > h->header_bytes;
}

/* Does a chunk make items? A mark does, if something was lost that no chunk before it has said. */
static bool cut_tells(const struct cut_cpu *u, const struct tp_wire_chunk *h)
{
    bool tells = cut_is_full(h) || h->first_record > u->expected;

    for (unsigned i = 0; i < TP_LOST_CAUSES && !tells; i++)
        tells = h->lost[i] > u->lost[i];
    return tells;
}

static bool cut_counts(const struct cut_cpu *u, const struct tp_wire_chunk *h)
{
    uint64_t gone = h->lost[TP_LOST_OVERWRITTEN] - (u->any ? u->lost[TP_LOST_OVERWRITTEN] : 0);

    if (!u->any)
        return h->first_record == gone;
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        if (h->lost[i] < u->lost[i])
            return false;
    /* What was overwritten has numbers: a mark that has others makes no items, and yet changes what follows. */
    if (!cut_is_full(h) && h->first_record - u->expected != gone)
        return false;
    return h->first_record >= u->expected && h->first_record - u->expected <= gone &&
           h->time >= u->time;
}

static bool cut_is_data(const struct cut *c, const struct tp_wire_chunk *h)
{
    if (h->cpu < CUT_CPUS && h->first_record > c->cpu[h->cpu].expected &&
        c->cpu[h->cpu].gap_count == CUT_GAPS)
        return false;
    return h->cpu < CUT_CPUS && !(h->flags & CUT_MARKS) &&
           h->first_record <= UINT64_MAX - h->records && !(h->records && !cut_is_full(h)) &&
           cut_counts(&c->cpu[h->cpu], h);
}

/* Metadata is there once, or repeated as it is. */
static bool cut_is_side(const struct cut *c, const struct tp_wire_chunk *h)
{
    if (h->type == TP_CHUNK_END || c->side_count == CUT_SIDES || h->flags & CUT_MARKS)
        return false;
    if (h->type != TP_CHUNK_METADATA || !c->side_count)
        return true;
    return h->seq && h->payload_crc == c->zero.payload_crc && h->size_bytes == c->zero.size_bytes;
}

static bool cut_is_good(const struct cut *c, const struct tp_wire_chunk *h)
{
    if (h->stream != c->zero.stream || h->flags & CUT_FLAGS ||
        h->size_bytes > c->size - c->in->offset)
        return false;
    return h->type == TP_CHUNK_DATA ? cut_is_data(c, h) : cut_is_side(c, h);
}

/* --- edges --- */

static void cut_know(const struct cut *c, struct cut_edge *e)
{
    e->known = true;
    e->cpus = c->cpus;
    e->side_count = c->side_count;
}

/* Of a CPU that was not seen when the edge was made. */
static void cut_reach(struct cut_edge *e, uint32_t cpu)
{
    for (; e->cpu_slots <= cpu; e->cpu_slots++) {
        e->start[e->cpu_slots].at = CUT_NOWHERE;
        e->start[e->cpu_slots].before.size_bytes = 0;
        e->seen[e->cpu_slots].head.size_bytes = 0;
    }
}

/* Of a CPU that has had nothing but marks that make no items, the first one: from there on it is waited for. */
static struct cut_start cut_mark(const struct tp_wire_chunk *h, uint64_t end)
{
    return (struct cut_start){.at = CUT_NOWHERE, .end = end, .first = CUT_NOWHERE, .before = *h};
}

/* A chunk of data, at the edges that are not known yet. */
static void cut_enter(struct cut *c, const struct tp_wire_chunk *h, const struct cut_start *at,
                      bool tells)
{
    const struct cut_cpu *u = &c->cpu[h->cpu];

    for (uint64_t i = c->made; i-- > c->given;) {
        struct cut_edge *e = cut_edge(c, i);

        if (e->known)
            break;
        if (h->time >= e->time) {
            e->first_at = e->first_at == CUT_NOWHERE ? at->at : e->first_at;
            e->past += !u->any || u->time < e->time;
        } else if (tells) {
            cut_reach(e, h->cpu);
            e->start[h->cpu] = *at;
            e->data_end = at->end;
        } else if (!u->any) {
            cut_reach(e, h->cpu);
            e->start[h->cpu] = cut_mark(h, at->end);
        }
        if ((e->past == c->cpus && e->first_at != CUT_NOWHERE) ||
            at->at - e->made_at > CUT_WAIT_BYTES)
            cut_know(c, e);
    }
}

/* `time` is after all that was looked at. */
static void cut_make(struct cut *c, uint64_t time)
{
    struct cut_edge *e = cut_edge(c, c->made);

    e->time = time;
    e->made_at = c->in->offset;
    e->data_end = c->data_end;
    e->index = c->reader.index;
    e->first_at = CUT_NOWHERE;
    e->cpus = e->past = e->side_count = e->cpu_slots = 0;
    e->known = false;
    for (uint32_t i = 0; i < c->cpu_slots; i++) {
        const struct cut_cpu *u = &c->cpu[i];

        if (!u->any)
            continue;
        cut_reach(e, i);
        e->start[i] = u->last;
        e->seen[i] = (struct cut_seen){u->head, u->first_at, u->gap_count};
        memcpy(e->start[i].gap, u->gap, sizeof(u->gap));
    }
    c->made++;
    c->filled = 0;
    c->due = 0;
}

static bool cut_has_room(const struct cut *c)
{
    return c->made - c->used < c->slots;
}

/* What a CPU had in a chunk it had recorded by the next, or by the next mark. */
static void cut_measure(struct cut *c, struct cut_cpu *u, const struct tp_wire_chunk *h)
{
    uint64_t bytes = h->size_bytes - h->header_bytes;

    if (u->full_bytes && h->time > u->full_time) {
        double rate = (double)u->full_bytes / (double)(h->time - u->full_time);

        c->rate += rate - u->rate;
        c->rate = c->rate > 0 ? c->rate : 0;
        u->rate = rate;
    }
    if (bytes) {
        u->full_bytes = h->time > u->full_time ? bytes : u->full_bytes + bytes;
        u->full_time = h->time;
    }
}

/* The edges before a chunk that is later than all so far: as many as there are units up to it, if CPUs go on to record as
 * they did. */
static void cut_pace(struct cut *c, const struct tp_wire_chunk *h)
{
    uint64_t at = c->made && cut_edge(c, c->made - 1)->time > c->high
                      ? cut_edge(c, c->made - 1)->time
                      : c->high;

    if (c->places || h->time <= at)
        return;
    for (uint32_t i = 0; c->rate > 0 && i < CUT_EDGES_AT_ONCE && cut_has_room(c); i++) {
        double left = ((double)c->unit - c->due) / c->rate;

        left = left < 1 ? 1 : left;
        if (left >= (double)(h->time - at))
            break;
        at += (uint64_t)left;
        cut_make(c, at);
    }
    c->due += c->rate * (double)(h->time - at);
}

static void cut_data(struct cut *c, const struct tp_wire_chunk *h)
{
    struct cut_cpu *u = &c->cpu[h->cpu];
    bool tells = cut_tells(u, h);
    struct cut_start at = {.at = c->in->offset,
                           .index = c->reader.index,
                           .end = c->in->offset + h->size_bytes,
                           .gap_count = u->gap_count,
                           .first = u->any ? u->first_at : CUT_NOWHERE,
                           .before = u->head};

    cut_pace(c, h);
    cut_measure(c, u, h);
    memcpy(at.gap, u->gap, sizeof(at.gap));
    c->cpu_slots = h->cpu < c->cpu_slots ? c->cpu_slots : h->cpu + 1u;
    c->cpus += !u->any;
    if (h->size_bytes > u->most_bytes) {
        c->held += h->size_bytes - u->most_bytes;
        u->most_bytes = h->size_bytes;
    }
    cut_enter(c, h, &at, tells);
    if (!u->any) {
        u->last = cut_mark(h, at.end);
        u->first_at = CUT_NOWHERE;
    }
    if (h->records && u->first_at == CUT_NOWHERE)
        u->first_at = at.at;
    if (tells) {
        u->last = at;
        c->data_end = at.end;
    }
    u->any = true;
    u->head = *h;
    if (h->first_record > u->expected)
        u->gap[u->gap_count++] = (struct gap){u->expected, h->first_record, true};
    u->expected = h->first_record + h->records;
    u->time = h->time;
    memcpy(u->lost, h->lost, sizeof(u->lost));
    c->high = h->time > c->high ? h->time : c->high;
    c->filled += h->size_bytes;
}

/* Is an edge due after the chunk that was looked at, whatever the rate? No edge is without an item before it, nor where time ends. */
static bool cut_is_due(const struct cut *c)
{
    if (c->high == UINT64_MAX || !cut_has_room(c) ||
        (c->made && cut_edge(c, c->made - 1)->time > c->high))
        return false;
    if (c->places || c->rate <= 0)
        return c->filled >= c->unit;
    /* What is read of one CPU after the other is recorded at the same time. */
    return c->filled >= CUT_UNITS * c->unit && c->due >= (double)(c->unit / 2);
}

/* One chunk. */
static void cut_step(struct cut *c)
{
    struct tp_wire_chunk h;

    if (!chunk_peek(&c->reader, &h) || !cut_is_good(c, &h)) {
        c->over = true;
        for (uint64_t i = c->given; i < c->made; i++)
            if (!cut_edge(c, i)->known)
                cut_know(c, cut_edge(c, i));
        return;
    }
    if (h.type == TP_CHUNK_DATA)
        cut_data(c, &h);
    else
        c->sides[c->side_count++] = (struct cut_side){c->in->offset, c->reader.index};
    chunk_pass(&c->reader, &h);
    c->in->taken = c->in->offset;
    if (cut_is_due(c))
        cut_make(c, c->high + 1);
}

struct cut_edge *cut_next(struct cut *c)
{
    while (!c->over && (c->given == c->made ? cut_has_room(c) : !cut_edge(c, c->given)->known))
        cut_step(c);
    return c->given == c->made ? NULL : cut_edge(c, c->given++);
}

bool cut_ended(const struct cut *c)
{
    return c->over && c->given == c->made;
}
