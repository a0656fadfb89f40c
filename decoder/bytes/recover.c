/* SPDX-License-Identifier: MIT */
/* recover.c - a region in an image of memory, as the dump that it would have given. */
#include "bytes/recover.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "bytes/extract.h"
#include "bytes/ring.h"
#include "bytes/side.h"
#include "bytes/subbuf.h"

/* All CPUs get a mark after so much data, so that the merge need not wait. Where there are very
 * many CPUs, the marks are to stay a part of the whole. */
#define RECOVER_MARK_BYTES (1u << 20)
#define RECOVER_MARK_TIMES 2u

struct recover_cpu {
    struct ring ring;
    uint32_t done; /* sub-buffers read */
    uint64_t time; /* of the sub-buffer to be read next */
    struct extract_cpu x;
};

/* --- all of them, the oldest first --- */

/* False: the image does not have it. */
static bool recover_subbuf(struct recover *v, struct recover_cpu *c)
{
    const struct region *r = &v->region;
    uint64_t number = (c->ring.first + c->done) & r->number_mask;
    bool good, last = c->done + 1 == c->ring.count;
    struct subbuf s;

    good = subbuf_read(r, c->x.cpu, number, &s);
    extract_start(&c->x);
    if (good && s.seq == number)
        extract_rest(&v->extract, &c->x, &s, number, last ? c->ring.end : 0);
    else /* That the image ends was reported for the region. */
        extract_skip(&v->extract, &c->x, &s, number,
                     !s.bytes ? NULL
                     : good   ? "holds another one, skipped"
                              : "damaged header, skipped");
    return s.bytes;
}

static bool recover_before(const struct recover *v, uint32_t a, uint32_t b)
{
    const struct recover_cpu *x = &v->cpus[a], *y = &v->cpus[b];

    return x->time != y->time ? x->time < y->time : a < b;
}

/* The heap is in order below `slot`, but for the CPU at `slot`. */
static void recover_sift(struct recover *v, uint32_t slot)
{
    uint32_t moved = v->heap[slot];

    for (;;) {
        uint32_t child = 2 * slot + 1;

        if (child + 1 < v->heap_count && recover_before(v, v->heap[child + 1], v->heap[child]))
            child++;
        if (child >= v->heap_count || !recover_before(v, v->heap[child], moved))
            break;
        v->heap[slot] = v->heap[child];
        slot = child;
    }
    v->heap[slot] = moved;
}

/* The time of the next sub-buffer, as far as it can be known: what cannot is not to be waited for.
 */
static void recover_look_ahead(const struct recover *v, struct recover_cpu *c)
{
    struct subbuf s;
    uint64_t number = (c->ring.first + c->done) & v->region.number_mask;

    if (c->done < c->ring.count && subbuf_read(&v->region, c->x.cpu, number, &s) &&
        s.seq == number && s.time > c->time)
        c->time = s.time;
}

/* Of the sub-buffers of a CPU's ring, the first from the i-th on whose place is in the image; the last, if there
 * is none, so that the ring ends as it should. */
static uint32_t recover_next_there(const struct recover *v, const struct recover_cpu *c, uint32_t i)
{
    uint32_t subbufs = v->region.head.subbufs, left = c->ring.count - i;
    uint32_t place = (uint32_t)(c->ring.first + i) & (subbufs - 1);

    if (i >= c->ring.count || place < region_places(&v->region, c->x.cpu))
        return i;
    return subbufs - place < left ? i + (subbufs - place) : i + left - 1;
}

/* What was lost before the oldest sub-buffer that has counts. */
static void recover_first_lost(const struct recover *v, struct recover_cpu *c)
{
    struct subbuf s;

    if (v->region.head.flags & TP_CHUNK_OVERWRITE)
        c->x.lost[TP_LOST_OVERWRITTEN] = c->x.number;
    for (uint32_t i = recover_next_there(v, c, 0); i < c->ring.count;
         i = recover_next_there(v, c, i + 1)) {
        uint64_t number = (c->ring.first + i) & v->region.number_mask;

        if (subbuf_read(&v->region, c->x.cpu, number, &s) && s.seq == number && subbuf_opened(&s)) {
            for (unsigned k = 0; k < TP_LOST_OVERWRITTEN; k++)
                if (!c->ring.known || s.lost[k] <= c->ring.lost[k])
                    c->x.lost[k] = s.lost[k];
            return;
        }
    }
    if (c->x.number)
        memcpy(c->x.lost, c->ring.lost, sizeof(c->ring.lost));
}

static void recover_mark(struct recover *v, struct recover_cpu *c, uint64_t time, bool final)
{
    if (final)
        for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
            if (c->ring.known && c->ring.lost[i] > c->x.lost[i])
                c->x.lost[i] = c->ring.lost[i];
    extract_mark(&v->extract, &c->x, c->ring.first + c->done, time, final);
}

static void recover_mark_all(struct recover *v, uint64_t time, bool final)
{
    for (uint32_t i = 0; i < v->cpu_count; i++)
        recover_mark(v, &v->cpus[i], time, final);
    v->unmarked = 0;
}

/* --- the beginning and the end --- */

static bool recover_metadata(struct recover *v)
{
    const struct region *r = &v->region;
    const uint8_t *p = region_part(r, r->head.metadata_at, r->head.metadata_bytes);

    if (!r->head.metadata_bytes)
        return true; /* it is to come from elsewhere */
    if (!p) {
        diag_damage(r->diag, "region at 0x%" PRIx64 ": its metadata is not in the image", r->at);
        return false;
    }
    if (!side_metadata(&v->pack, r, p))
        diag_damage(r->diag, "region at 0x%" PRIx64 ": its metadata is damaged", r->at);
    return true;
}

static void recover_told(struct recover *v)
{
    const struct region *r = &v->region;
    const uint8_t *p = region_part(r, r->head.tasks_at, region_tasks_bytes(&r->head));

    if (p)
        side_tasks(&v->pack, r, p);
}

/* CPUs of which something is in the image: what a header says must not decide how much memory is
 * allocated. */
static uint32_t recover_count_cpus(const struct region *r)
{
    const struct tp_wire_region *h = &r->head;
    uint64_t ring = (uint64_t)h->subbufs << r->shift;
    uint64_t states = r->size > h->rings_at ? (r->size - h->rings_at) / h->ring_bytes : 0;
    uint64_t data = r->size > h->data_at ? (r->size - h->data_at - 1) / ring + 1 : 0;
    uint64_t n = states > data ? states : data;

    return n < h->cpus ? (uint32_t)n : h->cpus;
}

static void recover_start(struct recover *v)
{
    v->stage = RECOVER_END;
    if (!recover_metadata(v))
        return; /* nothing can be said of the rest */
    v->stage = RECOVER_DATA;
    v->cpu_count = recover_count_cpus(&v->region);
    v->cpus = mem_zero(v->cpu_count * sizeof(*v->cpus));
    v->heap = mem_zero(v->cpu_count * sizeof(*v->heap));
    recover_told(v);
    for (uint32_t i = 0; i < v->cpu_count; i++) {
        struct recover_cpu *c = &v->cpus[i];

        c->x.cpu = i;
        ring_read(&v->region, i, &c->ring);
        c->x.most = c->ring.known ? c->ring.lost : NULL;
        c->x.number = c->x.shown = c->ring.events;
        recover_first_lost(v, c);
        recover_look_ahead(v, c);
        recover_mark(v, c, c->time, false);
        if (c->ring.count)
            v->heap[v->heap_count++] = i;
    }
    for (uint32_t slot = v->heap_count / 2; slot--;)
        recover_sift(v, slot);
}

static void recover_data(struct recover *v)
{
    struct recover_cpu *c;
    size_t marks = (size_t)v->cpu_count * TP_WIRE_CHUNK_BYTES;

    if (!v->heap_count) {
        v->stage = RECOVER_END;
        return;
    }
    c = &v->cpus[v->heap[0]];
    if (v->unmarked > RECOVER_MARK_BYTES && v->unmarked > RECOVER_MARK_TIMES * marks)
        recover_mark_all(v, c->time, false);
    if (recover_subbuf(v, c)) {
        v->unmarked += v->region.head.subbuf_bytes;
        c->done++;
    } else {
        c->done = recover_next_there(v, c, c->done + 1);
    }
    recover_look_ahead(v, c);
    if (c->done == c->ring.count)
        v->heap[0] = v->heap[--v->heap_count];
    if (v->heap_count)
        recover_sift(v, 0);
}

static void recover_end(struct recover *v)
{
    struct tp_wire_chunk h = {
        .type = TP_CHUNK_END, .flags = TP_CHUNK_SNAPSHOT, .time = v->extract.newest};

    recover_mark_all(v, v->extract.newest, true);
    pack_begin(&v->pack, &h);
    pack_end(&v->pack, 0);
    v->stage = RECOVER_DONE;
}

void recover_open(struct recover *v, const struct region *r)
{
    *v = (struct recover){
        .region = *r,
        .pack = {.swap = r->swap, .word_bytes = r->head.word_bytes, .stream = r->head.stream}};
    v->extract = (struct extract){.region = &v->region, .pack = &v->pack};
}

bool recover_next(struct recover *v)
{
    v->pack.n = 0;
    while (!v->pack.n && v->stage != RECOVER_DONE) {
        if (v->stage == RECOVER_START)
            recover_start(v);
        else if (v->stage == RECOVER_DATA)
            recover_data(v);
        else
            recover_end(v);
    }
    return v->pack.n != 0;
}

void recover_close(struct recover *v)
{
    free(v->pack.bytes);
    free(v->cpus);
    free(v->heap);
    *v = (struct recover){.stage = RECOVER_DONE};
}
