/* SPDX-License-Identifier: MIT */
/* extract.c - the records of one sub-buffer as chunks. */
#include "bytes/extract.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/load.h"

struct extract_walk {
    struct extract *x;
    struct extract_cpu *c;
    const struct subbuf *s;
    struct subbuf_walk w;
    uint64_t number; /* of the sub-buffer */
    uint32_t
        cursor; /* it is the current one, and so much of it is reserved; 0: not known, or it is not */
    bool open;        /* a chunk is in the making */
    uint32_t records; /* in it */
};

static void extract_say(struct extract_walk *k, const char *what)
{
    const struct region *r = k->x->region;

    diag_damage(r->diag,
                "region at 0x%" PRIx64 ", cpu %" PRIu32 ": sub-buffer %" PRIu64 " at 0x%" PRIx64
                ": %s",
                r->at, k->c->cpu, k->number, k->s->at, what);
}

/* The chunk header that all data chunks of a CPU start with. */
static struct tp_wire_chunk extract_head(const struct extract *x, const struct extract_cpu *c,
                                         uint64_t seq, uint64_t time)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_DATA,
                              .flags = x->region->head.flags &
                                       (TP_CHUNK_CONTEXT | TP_CHUNK_OVERWRITE),
                              .cpu = (uint16_t)c->cpu,
                              .seq = seq,
                              .time = time,
                              .first_record = c->number};

    memcpy(h.lost, c->lost, sizeof(h.lost));
    return h;
}

static void extract_chunk_begin(struct extract_walk *k, uint64_t time)
{
    struct tp_wire_chunk h = extract_head(k->x, k->c, k->number, time);

    h.flags |= k->c->flags;
    k->c->flags = 0;
    k->records = 0;
    k->open = true;
    pack_begin(k->x->pack, &h);
}

static void extract_chunk_end(struct extract_walk *k)
{
    if (!k->open)
        return;
    k->open = false;
    pack_end(k->x->pack, k->records);
    k->c->shown = k->c->number;
}

/* A record that is whole: into the chunk. */
static void extract_record(struct extract_walk *k)
{
    uint64_t time;

    if (k->w.id == TP_ID_TIME)
        k->c->high = load_u64(k->w.record + sizeof(struct tp_wire_record), k->w.swap) >> 32 << 32;
    time = k->c->high | load_u32(k->w.record, k->w.swap);
    if (time > k->x->newest)
        k->x->newest = time;
    if (!k->open)
        extract_chunk_begin(k, time);
    pack_add(k->x->pack, k->w.record, k->w.record_bytes);
    k->c->units += k->w.record_bytes / TP_RECORD_UNIT;
    if (k->w.id > TP_ID_EVENT_MAX) {
        k->c->own_units += k->w.record_bytes / TP_RECORD_UNIT;
        return;
    }
    k->c->events++;
    k->records++;
    k->c->number++;
}

/* A record in flight. It takes a number if it is an event's; in a new chunk it comes first. One of
 * the greatest length has no room in a record and loses its last 8 bytes. */
static void extract_flight(struct extract_walk *k)
{
    struct pack *p = k->x->pack;
    uint32_t bytes = k->w.record_bytes, most = (TP_RECORD_UNITS_MAX - 1) * TP_RECORD_UNIT;
    uint32_t low = load_u32(k->w.record, k->w.swap);

    if (k->w.id > TP_ID_EVENT_MAX)
        return;
    bytes = bytes < most ? bytes : most;
    extract_chunk_end(k);
    k->c->number++;
    k->c->flags |= TP_CHUNK_UNFINISHED;
    extract_chunk_begin(k, k->c->high | low);
    pack_u32(p, low);
    pack_u32(p, TP_RECORD_WORD(TP_ID_UNFINISHED, bytes / TP_RECORD_UNIT + 1) | TP_RECORD_COMMITTED);
    pack_add(p, k->w.record, bytes);
}

/* So many events were lost after what was read; more, perhaps, if memory was damaged. */
static void extract_lose(struct extract_walk *k, uint32_t events, uint16_t flag)
{
    extract_chunk_end(k);
    k->c->number += events;
    k->c->flags |= flag;
}

/* Events of the commit word that were not seen; 0 if it says what cannot be. */
static uint32_t extract_unseen(const struct extract_walk *k)
{
    uint32_t events = k->s->events > k->c->events ? k->s->events - k->c->events : 0;
    uint32_t units = k->s->units > k->c->units ? k->s->units - k->c->units : 0;
    uint32_t room = (k->x->region->head.subbuf_bytes - k->w.at) / TP_RECORD_UNIT;

    return events <= units && events <= room ? events : 0;
}

/* Does the commit word fit if `units` should be committed? It may be less than what is whole. */
static bool extract_commit_fits(const struct extract_walk *k, uint32_t units)
{
    if (k->s->events == k->c->events)
        return k->s->units <= units && units - k->s->units <= k->c->own_units;
    return k->s->events < k->c->events && k->s->units < units;
}

static void extract_bad(struct extract_walk *k)
{
    char what[80];

    snprintf(what, sizeof(what), "damaged at byte 0x%" PRIx32 ", the rest of it skipped", k->w.at);
    extract_say(k, what);
    extract_lose(k, extract_unseen(k), TP_CHUNK_DAMAGED);
}

/* Everything was committed. So all must be whole, up to where it says that its records end. */
static void extract_judge_complete(struct extract_walk *k, enum subbuf_kind kind)
{
    bool sized = subbuf_is_offset(k->x->region, k->s->size_bytes);

    if (kind != SUBBUF_END || (sized && k->w.at != k->s->size_bytes))
        extract_bad(k);
    else if (!sized)
        extract_say(k, "says of its size what cannot be");
    else if (k->s->events != k->c->events)
        extract_say(k, "its commit word counts other events than it has");
    /* A length may be wrong that makes one of two records. */
    if (kind == SUBBUF_END && k->s->events > k->c->events)
        extract_lose(k, 0, TP_CHUNK_DAMAGED);
}

/* Of a sub-buffer that has been left, and ends before zeros: are there, after them, records of
 * which nothing is known, or was it only not closed yet? */
static bool extract_hole(const struct extract_walk *k)
{
    uint32_t head = TP_WIRE_CHUNK_BYTES / TP_RECORD_UNIT;

    if (k->w.at == k->s->size_bytes)
        return false;
    if (k->w.at == TP_WIRE_CHUNK_BYTES && k->s->units < head)
        return true;
    return k->s->events > k->c->events ||
           (k->s->events == k->c->events && k->s->units > head + k->c->units);
}

static void extract_judge(struct extract_walk *k, enum subbuf_kind kind)
{
    uint32_t units = TP_WIRE_CHUNK_BYTES / TP_RECORD_UNIT + k->c->units;
    uint32_t end = k->cursor;
    uint32_t rest = (k->x->region->head.subbuf_bytes - k->w.at) / TP_RECORD_UNIT;

    if (kind == SUBBUF_BAD) {
        extract_bad(k);
    } else if (end && k->w.at > end) {
        extract_say(k, "has records after the cursor");
    } else if (kind == SUBBUF_HOLE || (end ? k->w.at < end : extract_hole(k))) {
        if (k->s->events > k->c->events && !extract_unseen(k))
            extract_say(k, "its commit word counts more than there can be");
        extract_lose(k, extract_unseen(k) + 1, TP_CHUNK_UNFINISHED);
    } else if (!extract_commit_fits(k, units) && (end || !extract_commit_fits(k, units + rest))) {
        extract_say(k, "its commit word does not fit its records");
    }
}

/* The counts of loss, and the time, of a header that its first writer has written. */
static void extract_times(struct extract_walk *k)
{
    const uint8_t *first = k->s->bytes + TP_WIRE_CHUNK_BYTES;
    uint32_t word = load_u32(first + offsetof(struct tp_wire_record, word), k->w.swap);
    bool back = false, above = false;

    k->c->high = k->s->time >> 32 << 32;
    if (!subbuf_opened(k->s))
        return;
    /* A stamp gives the first record its time by itself. */
    if (TP_RECORD_ID(word) != TP_ID_TIME && (uint32_t)k->s->time > load_u32(first, k->w.swap))
        extract_say(k, "its time is later than that of its first record");
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        bool more = k->c->most && k->s->lost[i] > k->c->most[i];

        above = above || more;
        back = back || k->s->lost[i] < k->c->lost[i];
        if (k->s->lost[i] > k->c->lost[i] && !more)
            k->c->lost[i] = k->s->lost[i];
    }
    if (back)
        extract_say(k, "its counts of losses are below earlier ones");
    if (above)
        extract_say(k, "its counts of losses are above those of its CPU");
}

uint32_t extract_end(const struct region *r, const struct subbuf *s)
{
    return subbuf_complete(r, s) && subbuf_is_offset(r, s->size_bytes) ? s->size_bytes
                                                                       : subbuf_end_max(r);
}

void extract_start(struct extract_cpu *c)
{
    c->at = TP_WIRE_CHUNK_BYTES;
    c->events = c->units = c->own_units = 0;
}

/* The records from where it was read to, at most up to the first that cannot be passed. */
static enum subbuf_kind extract_walk(struct extract_walk *k, bool flights)
{
    enum subbuf_kind kind;

    subbuf_walk_start(k->x->region, k->s, extract_end(k->x->region, k->s), &k->w);
    k->w.at = k->c->at;
    if (k->c->at == TP_WIRE_CHUNK_BYTES)
        extract_times(k);
    while ((kind = subbuf_next(&k->w)) == SUBBUF_RECORD || (kind == SUBBUF_FLIGHT && flights))
        (kind == SUBBUF_RECORD ? extract_record : extract_flight)(k);
    if (kind == SUBBUF_FLIGHT)
        k->w.at -= k->w.record_bytes;
    k->c->at = k->w.at;
    return kind;
}

void extract_more(struct extract *x, struct extract_cpu *c, const struct subbuf *s, uint64_t number)
{
    struct extract_walk k = {.x = x, .c = c, .s = s, .number = number};

    (void)extract_walk(&k, false);
    extract_chunk_end(&k);
}

void extract_rest(struct extract *x, struct extract_cpu *c, const struct subbuf *s, uint64_t number,
                  uint32_t cursor)
{
    struct extract_walk k = {.x = x, .c = c, .s = s, .number = number, .cursor = cursor};
    bool complete = subbuf_complete(x->region, s);
    enum subbuf_kind kind = extract_walk(&k, !complete);

    /* In one of which everything was committed, a record in flight is damage. */
    if (complete)
        extract_judge_complete(&k, kind);
    else
        extract_judge(&k, kind);
    extract_chunk_end(&k);
    if (s->cut)
        extract_lose(&k, s->missing, s->cut);
    if (s->cut & TP_CHUNK_DAMAGED)
        extract_say(&k, "what came after its records was damaged before");
}

void extract_skip(struct extract *x, struct extract_cpu *c, const struct subbuf *s, uint64_t number,
                  const char *what)
{
    struct extract_walk k = {.x = x, .c = c, .s = s, .number = number};

    if (what)
        extract_say(&k, what);
    c->flags |= TP_CHUNK_DAMAGED;
}

void extract_mark(struct extract *x, struct extract_cpu *c, uint64_t seq, uint64_t time, bool final)
{
    struct tp_wire_chunk h = extract_head(x, c, seq, time);

    if (final)
        h.flags |= c->flags;
    else
        h.first_record = c->shown;
    pack_begin(x->pack, &h);
    pack_end(x->pack, 0);
}
