/* SPDX-License-Identifier: MIT */
/* convert.c - writes the items of a dump as a dump. */
#include "write/convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"

#define CONVERT_SCAN_BYTES 8u /* what a look at a CPU counts for, in bytes */

static void convert_stop(struct convert *c, const char *problem)
{
    if (!c->problem)
        diag_line(c->diag, "cannot convert: %s", problem);
    c->problem = problem;
    c->sink.enough = true;
}

static struct track *convert_track(struct convert *c, uint32_t cpu)
{
    c->tracks = mem_reach(c->tracks, &c->slots, cpu, 16, sizeof(*c->tracks));
    if (!c->tracks[cpu]) {
        struct track *t = c->tracks[cpu] = mem_zero(sizeof(*t));

        t->cpu = cpu;
        t->flags = c->flags;
        t->pack = (struct pack){.swap = c->other.swap,
                                .zlib = c->zlib,
                                .word_bytes = c->other.word_bytes,
                                .stream = c->id};
        c->count++;
    }
    return c->tracks[cpu];
}

static void convert_put(struct convert *c, struct pack *p)
{
    out_bytes(c->sink.out, p->bytes, p->n);
    c->since += p->n;
    c->all += p->n;
    p->n = 0;
    /* What all CPUs keep between batches is not more than a batch. */
    if (p->room > CONVERT_BATCH_BYTES / (c->count + 16)) {
        free(p->bytes);
        p->bytes = NULL;
        p->room = 0;
    }
}

static void convert_other(struct convert *c, uint8_t type, uint16_t flags, const void *payload,
                          size_t n, uint32_t records)
{
    struct tp_wire_chunk h = {.type = type, .flags = c->flags | flags, .time = c->time};

    pack_begin(&c->other, &h);
    pack_add(&c->other, payload, n);
    pack_end(&c->other, records);
    convert_put(c, &c->other);
}

/* --- what comes before a batch --- */

static struct pack *convert_scratch(struct convert *c)
{
    c->scratch.n = 0;
    c->scratch.swap = c->other.swap;
    return &c->scratch;
}

/* Nanoseconds, if the counters of the inputs differ. */
static uint64_t convert_hz(const struct convert *c, const struct stream *s)
{
    return c->in_ns ? 1000000000u : s->metadata.clock_hz;
}

static uint64_t convert_time(const struct convert *c, struct stream *s, uint64_t ticks)
{
    return c->in_ns ? stream_ns(s, ticks) : ticks;
}

/* All payloads that are kept but those that were among the first `from`. */
static void convert_metadata(struct convert *c, const struct stream *s, uint64_t from)
{
    if (c->merged) {
        struct pack *p = convert_scratch(c);

        catalog_payload(&c->catalog, p, &s->metadata.tool, convert_hz(c, s));
        convert_other(c, TP_CHUNK_METADATA, 0, p->bytes, p->n, 0);
        c->known = c->catalog.version;
        return;
    }
    for (const struct copies_payload *k = s->copies.first; k; k = k->next)
        if (k->number >= from)
            convert_other(c, TP_CHUNK_METADATA, 0, k->payload, k->bytes, 0);
    c->known = s->copies.count;
}

static void convert_pairs(struct convert *c, struct stream *s)
{
    struct pack *p = convert_scratch(c);

    if (c->merged && s->by_wall) { /* the counter is wall time */
        pack_u64(p, 0);
        pack_u64(p, 0);
        convert_other(c, TP_CHUNK_CLOCK, 0, p->bytes, p->n, 1);
        return;
    }
    for (unsigned i = 0; i < s->pairs.count; i++) {
        pack_u64(p, convert_time(c, s, s->pairs.at[i].ticks));
        pack_u64(p, s->pairs.at[i].wall_ns);
    }
    if (p->n)
        convert_other(c, TP_CHUNK_CLOCK, 0, p->bytes, p->n, s->pairs.count);
    c->pairs = s->pairs.version;
}

/* For a reader that starts here. */
static void convert_tasks(struct convert *c)
{
    struct pack *p = convert_scratch(c);
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->tasks.count && n < CONVERT_TASKS_MAX; i++) {
        const struct task *t = &c->tasks.slots[i];
        uint8_t name[TP_TASK_NAME_BYTES] = {0};

        if (!t->name_bytes)
            continue;
        n++;
        memcpy(name, t->name, t->name_bytes);
        pack_u32(p, t->pid);
        pack_u32(p, t->group);
        pack_add(p, name, sizeof(name));
    }
    if (n)
        convert_other(c, TP_CHUNK_TASKS, 0, p->bytes, p->n, n);
}

/* --- batches --- */

static void convert_mark(struct convert *c, struct track *t)
{
    uint64_t time = c->time + (t->cpu < c->cpu && c->time < UINT64_MAX);

    if (t->shown >= time && t->begun)
        return;
    track_mark(t, time);
    c->spent += TP_WIRE_CHUNK_BYTES;
    convert_put(c, &t->pack);
}

/* More CPUs than the metadata has: a reader does not wait for a CPU that it has not seen, so that
 * it must see it before the records of others. */
static void convert_show(struct convert *c, struct track *t)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_DATA, .cpu = (uint16_t)t->cpu, .flags = c->flags};

    if (t->expected)
        return;
    t->expected = true;
    pack_begin(&c->other, &h);
    pack_end(&c->other, 0);
    convert_put(c, &c->other);
}

/* Writes what was gathered. With marks, a reader has put all of it out before it reads on. */
static void convert_flush(struct convert *c)
{
    if (!c->started)
        return;
    for (uint32_t i = 0; i < c->slots; i++)
        if (c->tracks[i])
            convert_show(c, c->tracks[i]);
    for (uint32_t i = 0; i < c->slots; i++)
        if (c->tracks[i]) {
            track_close(c->tracks[i]);
            convert_put(c, &c->tracks[i]->pack);
        }
    for (uint32_t i = 0; c->any && i < c->slots; i++)
        if (c->tracks[i])
            convert_mark(c, c->tracks[i]);
    c->spent += (uint64_t)c->slots * CONVERT_SCAN_BYTES;
    c->batch = 0;
}

/* May more bytes be spent on disorder? If not, a reader puts the records in order. */
static bool convert_affords(const struct convert *c)
{
    return c->spent <= CONVERT_ORDER_BYTES + c->all;
}

/* Writes the metadata and clock pairs of `s` that the capture does not have yet. */
static void convert_know(struct convert *c, struct stream *s)
{
    uint64_t known = c->merged ? c->catalog.version : s->copies.count;

    if (!c->started) {
        c->started = true;
        convert_metadata(c, s, 0);
        convert_pairs(c, s);
        c->since = 0;
        return;
    }
    if (known != c->known) {
        convert_flush(c);
        convert_metadata(c, s, c->known);
    }
    if (!c->merged && s->pairs.version != c->pairs) {
        convert_flush(c);
        convert_pairs(c, s);
    }
}

/* Before an item of this time. */
static void convert_order(struct convert *c, struct stream *s, uint64_t time, uint32_t cpu)
{
    bool late = c->any && (time < c->time || (time == c->time && cpu < c->cpu));

    if (c->merged && !catalog_add(&c->catalog, s))
        convert_stop(c, "too many events");
    convert_know(c, s);
    if (c->batch >= CONVERT_BATCH_BYTES) {
        size_t metadata = c->merged ? c->catalog.bytes : s->copies.bytes;

        convert_flush(c);
        if (c->since >= CONVERT_BATCH_BYTES && c->since / 4 >= metadata) {
            convert_metadata(c, s, 0);
            convert_tasks(c);
            c->since = 0;
        }
    }
    if ((c->late != late || (late && c->late_cpu != cpu)) && convert_affords(c))
        convert_flush(c);
    c->late = late;
    c->late_cpu = cpu;
    if (!late) {
        c->time = time;
        c->cpu = cpu;
    }
    c->any = true;
}

/* --- items --- */

/* Makes the reader know the task of a record by the name that it has here. */
static void convert_name(struct convert *c, struct track *t, struct stream_lane *lane,
                         uint64_t time)
{
    struct stream *s = lane->stream;
    const struct record *r = &lane->record;
    struct tp_wire_task task = {.id = 0};
    uint32_t pid = r->context ? load_u32(r->context, r->swap) : 0;
    struct convert_named now = {s, pid, s->tasks.generation, c->tasks.generation};
    const struct task *ours, *theirs;
    const char *name;
    size_t n;

    if (!r->context || (now.stream == c->named.stream && now.pid == c->named.pid &&
                        now.theirs == c->named.theirs && now.ours == c->named.ours))
        return;
    name = task_comm(&s->tasks, pid, &n);
    ours = task_find(&c->tasks, pid);
    theirs = task_find(&s->tasks, pid);
    if (ours && theirs ? ours->name_bytes != n || memcmp(ours->name, name, n) : ours != theirs) {
        task.id = pid;
        task.group = theirs ? theirs->group : 0;
        if (theirs) /* else its name was taken from it */
            memcpy(task.name, name, n);
        track_task(t, time, &task, r->swap, true);
        task_name(&c->tasks, pid, task.group, task.name, true);
        now.ours = c->tasks.generation;
    }
    c->named = now;
}

static void convert_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct convert *c = (struct convert *)k;
    struct stream *s = lane->stream;
    const struct record *r = &lane->record;
    uint64_t time = convert_time(c, s, lane->time);
    uint32_t id = r->id;
    struct track *t;
    size_t before;

    convert_order(c, s, time, lane->cpu);
    t = convert_track(c, lane->cpu);
    before = t->pack.n;
    if (c->merged)
        id = catalog_id(&c->catalog, s, id);
    convert_name(c, t, lane, time);
    if (lane->item == STREAM_UNFINISHED)
        track_unfinished(t, time, id, r);
    else
        track_event(t, time, id, r);
    c->batch += t->pack.n - before;
    (void)e;
}

static void convert_loss(struct sink *k, struct stream_lane *lane)
{
    struct convert *c = (struct convert *)k;
    uint64_t time = convert_time(c, lane->stream, lane->time);
    struct track *t;
    size_t before;

    convert_order(c, lane->stream, time, lane->cpu);
    t = convert_track(c, lane->cpu);
    before = t->pack.n;
    track_loss(t, time, lane->loss, lane->loss_damage);
    c->batch += t->pack.n - before;
}

/* If something is left out, the name of a task is written with its first record. If nothing is, all
 * names are written where they are. */
static void convert_task(struct sink *k, struct stream_lane *lane)
{
    struct convert *c = (struct convert *)k;
    const struct record *r = &lane->record;
    uint64_t time = convert_time(c, lane->stream, lane->time);
    struct tp_wire_task task = {
        .id = load_u32(r->fields, r->swap),
        .group = load_u32(r->fields + offsetof(struct tp_wire_task, group), r->swap)};
    struct track *t;
    size_t before;

    if (!c->whole || c->merged)
        return;
    memcpy(task.name, r->fields + offsetof(struct tp_wire_task, name), sizeof(task.name));
    convert_order(c, lane->stream, time, lane->cpu);
    t = convert_track(c, lane->cpu);
    before = t->pack.n;
    track_task(t, time, &task, r->swap, lane->walk.context);
    task_name(&c->tasks, task.id, task.group, task.name, true);
    c->batch += t->pack.n - before;
}

/* --- captures --- */

/* CPUs that may have nothing to say must not make a reader wait for them. */
static void convert_expect(struct convert *c, const struct stream *s)
{
    uint64_t cpus = s->metadata.cpus <= CONVERT_SILENT_MAX ? s->metadata.cpus : 0;

    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        convert_track(c, cpu)->expected = true;
}

static void convert_start(struct convert *c, struct stream *s)
{
    /* Two that follow each other must not have one number. */
    c->id = c->all && s->id == c->id ? s->id + 1 : s->id;
    c->flags = s->flags & (TP_CHUNK_OVERWRITE | TP_CHUNK_PREVIOUS);
    c->stream = s;
    c->other = (struct pack){
        .swap = s->swap, .zlib = c->zlib, .word_bytes = s->word_bytes, .stream = c->id};
}

static void convert_free(struct convert *c)
{
    for (uint32_t i = 0; i < c->slots; i++)
        if (c->tracks[i]) {
            free(c->tracks[i]->pack.bytes);
            free(c->tracks[i]);
        }
    free(c->tracks);
    free(c->other.bytes);
    free(c->counts);
    task_free(&c->tasks);
    c->tracks = NULL;
    c->counts = NULL;
    c->strangers = 0;
    c->other = (struct pack){0};
    c->slots = c->count = 0;
    c->started = c->any = c->late = false;
    c->named = (struct convert_named){0};
    c->batch = 0;
    c->time = c->cpu = 0;
}

/* Before the end: those of several captures are one sum by now. */
static void convert_counts(struct convert *c)
{
    struct pack *p = convert_scratch(c);
    uint32_t n = 0;

    if (c->strangers) {
        pack_u32(p, 0);
        pack_u32(p, TP_COUNT_UNKNOWN_CPU);
        pack_u64(p, c->strangers);
        n++;
    }
    for (uint32_t id = 1; c->counts && id <= TP_ID_EVENT_MAX; id++)
        if (c->counts[id]) {
            pack_u32(p, id);
            pack_u32(p, TP_COUNT_SUPPRESSED);
            pack_u64(p, c->counts[id]);
            n++;
        }
    if (n)
        convert_other(c, TP_CHUNK_COUNTS, 0, p->bytes, p->n, n);
}

static void convert_close_capture(struct convert *c, bool ended)
{
    convert_flush(c);
    if (c->started)
        convert_counts(c);
    if (c->started && ended)
        convert_other(c, TP_CHUNK_END, c->ending & TP_CHUNK_SNAPSHOT, NULL, 0, 0);
    convert_free(c);
}

static void convert_begin(struct sink *k, struct stream *s)
{
    struct convert *c = (struct convert *)k;

    c->open++;
    if (!c->merged || !c->hz)
        convert_start(c, s);
    convert_expect(c, s);
    if (!c->merged)
        return;
    c->in_ns = c->in_ns || s->by_wall;
    if (!c->hz) {
        c->hz = s->metadata.clock_hz;
    } else if (c->started && c->hz != s->metadata.clock_hz && !c->in_ns) {
        convert_stop(c, "captures with different clocks follow each other in several inputs");
    } else if (c->hz != s->metadata.clock_hz) {
        c->in_ns = true;
    }
    if (!catalog_add(&c->catalog, s))
        convert_stop(c, "too many events");
}

/* What sampling has left out in a capture that is over, by the ids it has here. */
static void convert_count(struct convert *c, const struct stream *s)
{
    uint32_t id = 0, ours;
    uint64_t count;

    c->strangers = number_add(c->strangers, stream_strangers(s));
    while ((count = stream_suppressed(s, &id))) {
        if (!metadata_event(&s->metadata, id))
            continue;
        if (!c->counts)
            c->counts = mem_zero((TP_ID_EVENT_MAX + 1u) * sizeof(*c->counts));
        ours = c->merged ? catalog_id(&c->catalog, s, id) : id;
        c->counts[ours] = number_add(c->counts[ours], count);
    }
}

static void convert_finish(struct sink *k, struct stream *s)
{
    struct convert *c = (struct convert *)k;

    if (!s->announced)
        return;
    c->open--;
    c->ending |= s->flags;
    c->cut = c->cut || !s->ended;
    c->named.stream = NULL;
    if (c->merged && !catalog_add(&c->catalog, s))
        convert_stop(c, "too many events");
    convert_count(c, s);
    /* A count may be of an event that came last, and has no record. */
    if (!c->merged || c->started || !c->open)
        convert_know(c, s);
    if (c->merged) {
        catalog_forget(&c->catalog, s);
        return;
    }
    convert_close_capture(c, s->ended);
    c->ending = 0;
}

static void convert_end(struct sink *k)
{
    struct convert *c = (struct convert *)k;

    if (!c->started && c->open && c->stream && !k->out->error && !c->problem)
        convert_know(c, c->stream);
    convert_close_capture(c, !c->open && !c->cut);
}

static void convert_close(struct sink *k)
{
    struct convert *c = (struct convert *)k;

    convert_free(c);
    free(c->scratch.bytes);
    c->scratch = (struct pack){0};
    catalog_close(&c->catalog);
}

struct sink *convert_open(struct convert *c, struct out *out, struct diag *diag, bool whole,
                          bool merged, bool zlib)
{
    *c = (struct convert){.diag = diag, .zlib = zlib, .whole = whole, .merged = merged};
    c->sink = (struct sink){
        .out = out,
        .begin = convert_begin,
        .event = convert_event,
        .unfinished = convert_event,
        .loss = convert_loss,
        .task = convert_task,
        .finish = convert_finish,
        .end = convert_end,
        .close = convert_close,
    };
    return &c->sink;
}
