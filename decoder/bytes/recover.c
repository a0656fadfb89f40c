/* SPDX-License-Identifier: MIT */
/* recover.c - a region in an image of memory, as the dump that it would have given. */
#include "bytes/recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/diag.h"
#include "base/load.h"
#include "base/mem.h"
#include "bytes/ring.h"
#include "bytes/subbuf.h"

/* All CPUs get a mark after so much data, so that the merge need not wait. Where there are very
 * many CPUs, the marks are to stay a part of the whole. */
#define RECOVER_MARK_BYTES (1u << 20)
#define RECOVER_MARK_TIMES 2u

struct recover_cpu {
    struct ring ring;
    uint32_t cpu;
    uint32_t done;   /* sub-buffers read */
    uint64_t time;   /* of the sub-buffer to be read next */
    uint64_t number; /* of the next event */
    uint64_t shown;  /* the same as the last chunk left it */
    uint64_t lost[TP_LOST_CAUSES];
    uint16_t flags; /* for the next chunk */
};

/* A sub-buffer while it is read. */
struct recover_walk {
    struct recover *v;
    struct recover_cpu *c;
    struct subbuf s;
    struct subbuf_walk w;
    uint64_t number;                   /* of the sub-buffer */
    bool last;                         /* it is the current one */
    bool open;                         /* a chunk is in the making */
    uint16_t carried;                  /* flags that it got */
    uint32_t records;                  /* in it */
    uint64_t high;                     /* upper half of the time */
    uint32_t events, units, own_units; /* whole ones so far; of them, those of the tracer */
};

static void recover_say(struct recover_walk *k, const char *what)
{
    const struct region *r = &k->v->region;

    diag_damage(r->diag,
                "region at 0x%" PRIx64 ", cpu %" PRIu32 ": sub-buffer %" PRIu64 " at 0x%" PRIx64
                ": %s",
                r->at, k->c->cpu, k->number, k->s.at, what);
}

/* The chunk header that all data chunks of a CPU start with. */
static struct tp_wire_chunk recover_head(const struct recover *v, const struct recover_cpu *c,
                                         uint64_t time)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_DATA,
                              .flags = v->region.head.flags &
                                       (TP_CHUNK_CONTEXT | TP_CHUNK_OVERWRITE),
                              .cpu = (uint16_t)c->cpu,
                              .seq = c->ring.first + c->done,
                              .time = time,
                              .first_record = c->number};

    memcpy(h.lost, c->lost, sizeof(h.lost));
    return h;
}

/* --- one sub-buffer --- */

static void recover_chunk_begin(struct recover_walk *k, uint64_t time)
{
    struct tp_wire_chunk h = recover_head(k->v, k->c, time);

    h.flags |= k->c->flags;
    k->carried = k->c->flags;
    k->c->flags = 0;
    k->records = 0;
    k->open = true;
    pack_begin(&k->v->pack, &h);
}

static void recover_chunk_end(struct recover_walk *k)
{
    if (!k->open)
        return;
    k->open = false;
    pack_end(&k->v->pack, k->records);
    k->c->shown = k->c->number;
}

/* A record that is whole: into the chunk. */
static void recover_record(struct recover_walk *k)
{
    uint64_t time;

    if (k->w.id == TP_ID_TIME)
        k->high = load_u64(k->w.record + sizeof(struct tp_wire_record), k->w.swap) >> 32 << 32;
    time = k->high | load_u32(k->w.record, k->w.swap);
    if (time > k->v->newest)
        k->v->newest = time;
    if (!k->open)
        recover_chunk_begin(k, time);
    pack_add(&k->v->pack, k->w.record, k->w.record_bytes);
    k->units += k->w.record_bytes / TP_RECORD_UNIT;
    if (k->w.id > TP_ID_EVENT_MAX) {
        k->own_units += k->w.record_bytes / TP_RECORD_UNIT;
        return;
    }
    k->events++;
    k->records++;
    k->c->number++;
}

/* A record in flight. It takes a number if it is an event's; in a new chunk it comes first. One of
 * the greatest length has no room in a record and loses its last 8 bytes. */
static void recover_flight(struct recover_walk *k)
{
    struct pack *p = &k->v->pack;
    uint32_t bytes = k->w.record_bytes, most = (TP_RECORD_UNITS_MAX - 1) * TP_RECORD_UNIT;
    uint32_t low = load_u32(k->w.record, k->w.swap);

    if (k->w.id > TP_ID_EVENT_MAX)
        return;
    bytes = bytes < most ? bytes : most;
    recover_chunk_end(k);
    k->c->number++;
    k->c->flags |= TP_CHUNK_UNFINISHED;
    recover_chunk_begin(k, k->high | low);
    pack_u32(p, low);
    pack_u32(p, TP_RECORD_WORD(TP_ID_UNFINISHED, bytes / TP_RECORD_UNIT + 1) | TP_RECORD_COMMITTED);
    pack_add(p, k->w.record, bytes);
}

/* So many events were lost after what was read; more, perhaps, if memory was damaged. */
static void recover_lose(struct recover_walk *k, uint32_t events, uint16_t flag)
{
    recover_chunk_end(k);
    k->c->number += events;
    k->c->flags |= flag;
}

/* Events of the commit word that were not seen; 0 if it says what cannot be. */
static uint32_t recover_unseen(const struct recover_walk *k)
{
    uint32_t events = k->s.events > k->events ? k->s.events - k->events : 0;
    uint32_t units = k->s.units > k->units ? k->s.units - k->units : 0;
    uint32_t room = (k->v->region.head.subbuf_bytes - k->w.at) / TP_RECORD_UNIT;

    return events <= units && events <= room ? events : 0;
}

/* Does the commit word fit if `units` should be committed? It may be less than what is whole. */
static bool recover_commit_fits(const struct recover_walk *k, uint32_t units)
{
    if (k->s.events == k->events)
        return k->s.units <= units && units - k->s.units <= k->own_units;
    return k->s.events < k->events && k->s.units < units;
}

static void recover_bad(struct recover_walk *k)
{
    char what[80];

    snprintf(what, sizeof(what), "damaged at byte 0x%" PRIx32 ", the rest of it skipped", k->w.at);
    recover_say(k, what);
    recover_lose(k, recover_unseen(k), TP_CHUNK_DAMAGED);
}

/* Everything was committed. So all must be whole, up to where it says that its records end. */
static void recover_judge_complete(struct recover_walk *k, enum subbuf_kind kind)
{
    bool sized = subbuf_is_offset(&k->v->region, k->s.size_bytes);

    if (kind != SUBBUF_END || (sized && k->w.at != k->s.size_bytes))
        recover_bad(k);
    else if (!sized)
        recover_say(k, "says of its size what cannot be");
    else if (k->s.events != k->events)
        recover_say(k, "its commit word counts other events than it has");
    /* A length may be wrong that makes one of two records. */
    if (kind == SUBBUF_END && k->s.events > k->events)
        recover_lose(k, 0, TP_CHUNK_DAMAGED);
}

/* Of a sub-buffer that has been left, and ends before zeros: are there, after them, records of
 * which nothing is known, or was it only not closed yet? */
static bool recover_hole(const struct recover_walk *k)
{
    uint32_t head = TP_WIRE_CHUNK_BYTES / TP_RECORD_UNIT;

    if (k->w.at == k->s.size_bytes)
        return false;
    if (k->w.at == TP_WIRE_CHUNK_BYTES && k->s.units < head)
        return true;
    return k->s.events > k->events || (k->s.events == k->events && k->s.units > head + k->units);
}

static void recover_judge(struct recover_walk *k, enum subbuf_kind kind)
{
    uint32_t units = TP_WIRE_CHUNK_BYTES / TP_RECORD_UNIT + k->units;
    uint32_t end = k->last ? k->c->ring.end : 0;
    uint32_t rest = (k->v->region.head.subbuf_bytes - k->w.at) / TP_RECORD_UNIT;

    if (kind == SUBBUF_BAD) {
        recover_bad(k);
    } else if (end && k->w.at > end) {
        recover_say(k, "has records after the cursor");
    } else if (kind == SUBBUF_HOLE || (end ? k->w.at < end : recover_hole(k))) {
        if (k->s.events > k->events && !recover_unseen(k))
            recover_say(k, "its commit word counts more than there can be");
        recover_lose(k, recover_unseen(k) + 1, TP_CHUNK_UNFINISHED);
    } else if (!recover_commit_fits(k, units) && (end || !recover_commit_fits(k, units + rest))) {
        recover_say(k, "its commit word does not fit its records");
    }
}

/* The counts of loss, and the time, of a header that its first writer has written. */
static void recover_times(struct recover_walk *k)
{
    const uint8_t *first = k->s.bytes + TP_WIRE_CHUNK_BYTES;
    uint32_t word = load_u32(first + offsetof(struct tp_wire_record, word), k->w.swap);
    bool back = false, above = false;

    k->high = k->s.time >> 32 << 32;
    if (!subbuf_opened(&k->s))
        return;
    /* A stamp gives the first record its time by itself. */
    if (TP_RECORD_ID(word) != TP_ID_TIME && (uint32_t)k->s.time > load_u32(first, k->w.swap))
        recover_say(k, "its time is later than that of its first record");
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        bool more = k->c->ring.known && k->s.lost[i] > k->c->ring.lost[i];

        above = above || more;
        back = back || k->s.lost[i] < k->c->lost[i];
        if (k->s.lost[i] > k->c->lost[i] && !more)
            k->c->lost[i] = k->s.lost[i];
    }
    if (back)
        recover_say(k, "its counts of losses are below earlier ones");
    if (above)
        recover_say(k, "its counts of losses are above those of its CPU");
}

static void recover_subbuf(struct recover *v, struct recover_cpu *c)
{
    const struct region *r = &v->region;
    struct recover_walk k = {.v = v, .c = c, .last = c->done + 1 == c->ring.count};
    bool complete, good;
    enum subbuf_kind kind;

    k.number = (c->ring.first + c->done) & r->number_mask;
    good = subbuf_read(r, c->cpu, k.number, &k.s);
    if (!good || k.s.seq != k.number) {
        /* That the image ends was reported for the region. */
        if (k.s.bytes)
            recover_say(&k, good ? "holds another one, skipped" : "damaged header, skipped");
        c->flags |= TP_CHUNK_DAMAGED;
        return;
    }
    complete = subbuf_complete(r, &k.s);
    subbuf_walk_start(
        r, &k.s,
        complete && subbuf_is_offset(r, k.s.size_bytes) ? k.s.size_bytes : subbuf_end_max(r), &k.w);
    recover_times(&k);
    while ((kind = subbuf_next(&k.w)) == SUBBUF_RECORD || (kind == SUBBUF_FLIGHT && !complete))
        (kind == SUBBUF_RECORD ? recover_record : recover_flight)(&k);
    if (kind == SUBBUF_FLIGHT)
        k.w.at -= k.w.record_bytes; /* where everything was committed, it is damage */
    if (complete)
        recover_judge_complete(&k, kind);
    else
        recover_judge(&k, kind);
    recover_chunk_end(&k);
    if (k.s.cut)
        recover_lose(&k, k.s.missing, k.s.cut);
    if (k.s.cut & TP_CHUNK_DAMAGED)
        recover_say(&k, "what came after its records was damaged before");
}

/* --- all of them, the oldest first --- */

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

    if (c->done < c->ring.count && subbuf_read(&v->region, c->cpu, number, &s) && s.seq == number &&
        s.time > c->time)
        c->time = s.time;
}

/* What was lost before the oldest sub-buffer that has counts. */
static void recover_first_lost(const struct recover *v, struct recover_cpu *c)
{
    struct subbuf s;

    if (v->region.head.flags & TP_CHUNK_OVERWRITE)
        c->lost[TP_LOST_OVERWRITTEN] = c->number;
    for (uint32_t i = 0; i < c->ring.count; i++) {
        uint64_t number = (c->ring.first + i) & v->region.number_mask;

        if (subbuf_read(&v->region, c->cpu, number, &s) && s.seq == number && subbuf_opened(&s)) {
            for (unsigned k = 0; k < TP_LOST_OVERWRITTEN; k++)
                if (!c->ring.known || s.lost[k] <= c->ring.lost[k])
                    c->lost[k] = s.lost[k];
            return;
        }
    }
    if (c->number)
        memcpy(c->lost, c->ring.lost, sizeof(c->ring.lost));
}

/* A chunk of data without records: the counts of a CPU at this time. */
static void recover_mark(struct recover *v, struct recover_cpu *c, uint64_t time, bool final)
{
    struct tp_wire_chunk h;

    if (final)
        for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
            if (c->ring.known && c->ring.lost[i] > c->lost[i])
                c->lost[i] = c->ring.lost[i];
    h = recover_head(v, c, time);
    if (final)
        h.flags |= c->flags;
    else
        h.first_record = c->shown;
    pack_begin(&v->pack, &h);
    pack_end(&v->pack, 0);
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
    struct tp_wire_chunk h = {.type = TP_CHUNK_METADATA};

    if (!r->head.metadata_bytes)
        return true; /* it is to come from elsewhere */
    if (!p) {
        diag_damage(r->diag, "region at 0x%" PRIx64 ": its metadata is not in the image", r->at);
        return false;
    }
    v->pack.wrong = crc_add(0, p, r->head.metadata_bytes) ^ r->head.metadata_crc;
    if (v->pack.wrong)
        diag_damage(r->diag, "region at 0x%" PRIx64 ": its metadata is damaged", r->at);
    pack_begin(&v->pack, &h);
    pack_add(&v->pack, p, r->head.metadata_bytes);
    pack_end(&v->pack, 0);
    v->pack.wrong = 0;
    return true;
}

static void recover_tasks(struct recover *v, const uint8_t *p)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_TASKS};
    uint32_t count = 0;

    pack_begin(&v->pack, &h);
    for (uint32_t i = 0; i < v->region.head.tasks; i++, p += sizeof(struct tp_wire_task)) {
        if (!p[offsetof(struct tp_wire_task, name)])
            continue;
        pack_add(&v->pack, p, sizeof(struct tp_wire_task));
        count++;
    }
    pack_end(&v->pack, count);
}

static void recover_clock(struct recover *v, const uint8_t *p, uint32_t clocks)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_CLOCK};

    if (!clocks)
        return;
    pack_begin(&v->pack, &h);
    pack_add(&v->pack, p + (clocks - 1) % 2 * sizeof(struct tp_wire_clock),
             sizeof(struct tp_wire_clock));
    pack_end(&v->pack, 1);
}

static void recover_told(struct recover *v)
{
    const struct region *r = &v->region;
    const uint8_t *p = region_part(r, r->head.tasks_at, region_tasks_bytes(&r->head));

    if (!p)
        return;
    recover_tasks(v, p + sizeof(struct tp_wire_tasks));
    recover_clock(v, p, load_u32(p + offsetof(struct tp_wire_tasks, clocks), r->swap));
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

        c->cpu = i;
        ring_read(&v->region, i, &c->ring);
        c->number = c->shown = c->ring.events;
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
    recover_subbuf(v, c);
    v->unmarked += v->region.head.subbuf_bytes;
    c->done++;
    recover_look_ahead(v, c);
    if (c->done == c->ring.count)
        v->heap[0] = v->heap[--v->heap_count];
    if (v->heap_count)
        recover_sift(v, 0);
}

static void recover_end(struct recover *v)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_END, .flags = TP_CHUNK_SNAPSHOT, .time = v->newest};

    recover_mark_all(v, v->newest, true);
    pack_begin(&v->pack, &h);
    pack_end(&v->pack, 0);
    v->stage = RECOVER_DONE;
}

void recover_open(struct recover *v, const struct region *r)
{
    *v = (struct recover){
        .region = *r,
        .pack = {.swap = r->swap, .word_bytes = r->head.word_bytes, .stream = r->head.stream}};
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
