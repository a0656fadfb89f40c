/* SPDX-License-Identifier: MIT */
/* indexer.c - writes the index of a dump. */
#include "write/indexer.h"

#include <stdlib.h>

#include "base/crc.h"
#include "base/mem.h"
#include "base/number.h"

#define INDEXER_SLOTS 256u /* of sums, at first */
/* Flags of a chunk that has records and nothing else to say. */
#define INDEXER_FLAGS (TP_CHUNK_CONTEXT | TP_CHUNK_ZLIB | TP_CHUNK_OVERWRITE)

/* --- sums --- */

static struct guide_sum *indexer_slot(const struct indexer *x, uint32_t cpu, uint32_t id)
{
    uint32_t hash = (cpu << 16 ^ id) * 0x9e3779b1u;

    for (hash ^= hash >> 15;; hash++) {
        struct guide_sum *slot = &x->sums[hash & (x->sum_slots - 1)];

        if (!slot->count || (slot->cpu == cpu && slot->id == id))
            return slot;
    }
}

/* The table is never more than half full. */
static void indexer_grow(struct indexer *x)
{
    uint32_t slots = x->sum_slots;
    struct guide_sum *old = x->sums, *new = mem_zero(2 * (size_t)slots * sizeof(*new));

    x->sums = new;
    x->sum_slots = 2 * slots;
    for (uint32_t i = 0; i < slots; i++)
        if (old[i].count)
            *indexer_slot(x, old[i].cpu, old[i].id) = old[i];
    free(old);
}

static void indexer_add(struct indexer *x, uint32_t cpu, uint32_t id, uint64_t time, uint64_t bytes)
{
    struct guide_sum *sum;

    if (2 * x->sum_count >= x->sum_slots)
        indexer_grow(x);
    sum = indexer_slot(x, cpu, id);
    if (!sum->count) {
        if (x->sum_count == GUIDE_SUMS_MAX) {
            x->many = true;
            return;
        }
        x->sum_count++;
        *sum = (struct guide_sum){.cpu = cpu, .id = id, .first = time, .last = time};
    }
    sum->count++;
    sum->bytes += bytes;
    sum->first = time < sum->first ? time : sum->first;
    sum->last = time > sum->last ? time : sum->last;
}

/* --- chunks --- */

static void indexer_flush(struct indexer *x)
{
    struct guide_block *b;

    if (!x->chunk_count)
        return;
    if (x->foot.blocks == GUIDE_BLOCKS_MAX) {
        x->many = true;
        x->chunk_count = 0;
        return;
    }
    x->blocks = mem_reach(x->blocks, &x->block_room, x->foot.blocks, 64, sizeof(*x->blocks));
    b = &x->blocks[x->foot.blocks++];
    *b = (struct guide_block){
        .at = x->chunks[0].at,
        .count = x->chunk_count,
        .crc = crc_add(0, x->chunks, x->chunk_count * sizeof(struct guide_chunk))};
    out_bytes_long(x->sink.out, x->chunks, x->chunk_count * sizeof(struct guide_chunk));
    x->foot.chunks += x->chunk_count;
    x->chunk_count = 0;
}

/* Its records. False: it has others than events, or not as it promises. */
static bool indexer_records(struct indexer *x, const struct chunk *c, struct guide_chunk *g)
{
    uint64_t context = c->head.flags & TP_CHUNK_CONTEXT ? sizeof(struct tp_wire_context) : 0;
    enum record_kind kind;
    struct record_walk w;
    bool plain = true;
    struct record r;
    uint32_t n = 0;

    record_walk_start(&w, c->payload, c->payload_bytes, c->head.time, c->swap, context);
    while ((kind = record_next(&w, &r)) != RECORD_NONE && kind != RECORD_DAMAGED) {
        if (kind != RECORD_EVENT) {
            plain = false;
            continue;
        }
        plain = plain && r.time >= g->last && n++ < c->head.records;
        g->first = r.time < g->first ? r.time : g->first;
        g->last = r.time > g->last ? r.time : g->last;
        g->events |= 1ull << r.id % 64;
        indexer_add(x, c->head.cpu, r.id, r.time,
                    r.bytes + sizeof(struct tp_wire_record) + context);
    }
    return plain && kind == RECORD_NONE && n == c->head.records;
}

/* Does it continue what came of its CPU before, with nothing lost? */
static bool indexer_continues(struct indexer *x, const struct tp_wire_chunk *h)
{
    struct indexer_cpu *cpu;
    bool same;

    x->cpus = mem_reach(x->cpus, &x->cpu_slots, h->cpu, 64, sizeof(*x->cpus));
    cpu = &x->cpus[h->cpu];
    same = cpu->any && h->first_record == cpu->expected && h->time >= cpu->last &&
           memcmp(cpu->lost, h->lost, sizeof(cpu->lost)) == 0;
    cpu->any = true;
    cpu->expected = h->first_record + h->records;
    cpu->last = h->time;
    memcpy(cpu->lost, h->lost, sizeof(cpu->lost));
    return same;
}

static void indexer_data(struct indexer *x, const struct chunk *c, struct guide_chunk *g)
{
    const struct tp_wire_chunk *h = &c->head;

    g->first = g->last = h->time;
    if (c->bad || h->cpu == TP_CHUNK_NO_CPU || h->first_record > UINT64_MAX - h->records) {
        x->irregular = true;
        return;
    }
    if (!indexer_continues(x, h))
        g->flags = GUIDE_KEEP;
    if (!indexer_records(x, c, g) || h->flags & ~INDEXER_FLAGS)
        g->flags = GUIDE_KEEP;
}

/* Is it metadata as that before it, which is known by now? */
static bool indexer_repeats(const struct stream *s, const struct chunk *c)
{
    return c->head.type == TP_CHUNK_METADATA && !c->bad && !(c->head.flags & ~INDEXER_FLAGS) &&
           metadata_repeats(&s->metadata, c->payload_bytes, c->head.payload_crc);
}

static void indexer_other(struct indexer *x, const struct chunk *c)
{
    if (x->foot.others == GUIDE_OTHERS_MAX) {
        x->many = true;
        return;
    }
    x->others = mem_reach(x->others, &x->other_room, x->foot.others, 64, sizeof(*x->others));
    x->others[x->foot.others++] = (struct guide_other){c->at, (uint32_t)c->index,
                                                       c->head.header_crc};
}

static void indexer_chunk(void *context, struct stream *s, const struct chunk *c)
{
    struct indexer *x = context;
    struct guide_chunk *g = &x->chunks[x->chunk_count];

    *g = (struct guide_chunk){.at = c->at,
                              .size_bytes = c->head.size_bytes,
                              .records = c->head.records,
                              .header_crc = c->head.header_crc,
                              .cpu = c->head.cpu,
                              .type = c->head.type};
    x->irregular = x->irregular || s->captures > 1;
    x->unordered = x->unordered || c->at < x->end;
    x->end = c->at + c->head.size_bytes;
    if (c->head.type == TP_CHUNK_DATA)
        indexer_data(x, c, g);
    else if (indexer_repeats(s, c))
        g->flags = GUIDE_REPEAT;
    else
        indexer_other(x, c);
    if (++x->chunk_count == GUIDE_BLOCK_CHUNKS)
        indexer_flush(x);
}

/* --- items --- */

static void indexer_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct indexer *x = (struct indexer *)k;

    (void)lane;
    x->irregular = x->irregular || !e;
}

static void indexer_loss(struct sink *k, struct stream_lane *lane)
{
    struct indexer *x = (struct indexer *)k;
    struct guide_loss *l;

    x->losses = mem_reach(x->losses, &x->loss_slots, lane->cpu, 64, sizeof(*x->losses));
    l = &x->losses[lane->cpu];
    for (unsigned i = 0; i < GUIDE_CAUSES; i++)
        l->lost[i] = number_add(l->lost[i], lane->loss[i]);
    x->irregular = x->irregular || lane->loss_damage;
}

/* --- the end --- */

static int indexer_compare(const void *a, const void *b)
{
    const struct guide_sum *x = a, *y = b;

    return x->cpu != y->cpu ? (x->cpu > y->cpu) - (x->cpu < y->cpu)
                            : (x->id > y->id) - (x->id < y->id);
}

/* A table, after those before it. */
static void indexer_put(struct indexer *x, const void *bytes, size_t n)
{
    x->foot.tables_crc = crc_add(x->foot.tables_crc, bytes, n);
    out_bytes_long(x->sink.out, bytes, n);
}

static void indexer_put_sums(struct indexer *x)
{
    for (uint32_t i = 0; i < x->sum_slots; i++)
        if (x->sums[i].count)
            x->sums[x->foot.sums++] = x->sums[i];
    qsort(x->sums, x->foot.sums, sizeof(*x->sums), indexer_compare);
    indexer_put(x, x->sums, x->foot.sums * sizeof(*x->sums));
}

static void indexer_put_losses(struct indexer *x)
{
    for (uint32_t cpu = 0; cpu < x->loss_slots; cpu++) {
        uint64_t any = 0;

        for (unsigned i = 0; i < GUIDE_CAUSES; i++)
            any |= x->losses[cpu].lost[i];
        x->losses[cpu].cpu = cpu;
        if (!any)
            continue;
        indexer_put(x, &x->losses[cpu], sizeof(*x->losses));
        x->foot.losses++;
    }
}

static void indexer_put_captures(struct indexer *x)
{
    const struct survey *v = &x->stream->survey;

    for (uint32_t i = 0; i < v->count; i++) {
        const struct survey_capture *c = &v->captures[i];
        struct guide_capture to = {.at = c->at,
                                   .stream = c->stream,
                                   .zero = c->zero,
                                   .hz = c->hz,
                                   .pairs = c->pairs.count};

        indexer_put(x, &to, sizeof(to));
        x->foot.captures++;
    }
    for (uint32_t i = 0; i < v->count; i++)
        for (unsigned k = 0; k < v->captures[i].pairs.count; k++) {
            const struct tp_wire_clock *pair = &v->captures[i].pairs.at[k];
            struct guide_pair to = {pair->ticks, pair->wall_ns};

            indexer_put(x, &to, sizeof(to));
            x->foot.pairs++;
        }
}

/* Was the dump written meanwhile? */
static bool indexer_changed(struct indexer *x)
{
    struct guide_foot now;

    return !guide_identify(&x->stream->in, &now) || now.dump_bytes != x->foot.dump_bytes ||
           now.dump_mtime_ns != x->foot.dump_mtime_ns;
}

static void indexer_put_foot(struct indexer *x)
{
    struct guide_foot *f = &x->foot;
    const struct survey *v = &x->stream->survey;

    memcpy(f->magic, GUIDE_MAGIC, GUIDE_MAGIC_BYTES);
    f->version = GUIDE_VERSION;
    f->order = GUIDE_ORDER;
    f->dump_crc = guide_sample(&x->stream->in, f->dump_bytes);
    f->flags = (v->single ? GUIDE_SINGLE : 0u) | (v->ordered ? GUIDE_ORDERED : 0u) |
               (x->irregular ? 0u : GUIDE_REGULAR);
    f->crc = crc_add(0, f, offsetof(struct guide_foot, crc));
    out_bytes(x->sink.out, f, sizeof(*f));
}

const char *indexer_end(struct indexer *x, bool late)
{
    const struct stream *s = x->stream;

    if (!x->identified)
        return "an index is of a plain file";
    if (!s->reader.index)
        return "nothing in it can be used";
    indexer_flush(x);
    if (x->many)
        return "it has too many chunks, or CPUs and events, for an index";
    if (x->unordered)
        return "parts of it are read in another order than they are in, as of joined dumps of one "
               "trace";
    if (indexer_changed(x))
        return "it is still being written";
    x->irregular = x->irregular || late || s->diag.diag->told || !s->survey.single ||
                   !s->survey.ordered || s->captures != 1;
    indexer_put(x, x->blocks, x->foot.blocks * sizeof(*x->blocks));
    indexer_put(x, x->others, x->foot.others * sizeof(*x->others));
    indexer_put_sums(x);
    indexer_put_losses(x);
    indexer_put_captures(x);
    indexer_put_foot(x);
    out_flush(x->sink.out);
    return NULL;
}

static void indexer_close(struct sink *k)
{
    struct indexer *x = (struct indexer *)k;

    free(x->blocks);
    free(x->others);
    free(x->sums);
    free(x->losses);
    free(x->cpus);
    x->blocks = NULL;
    x->others = NULL;
    x->sums = NULL;
    x->losses = NULL;
    x->cpus = NULL;
}

struct sink *indexer_open(struct indexer *x, struct out *out, struct stream *s)
{
    static const struct guide_head head = {
        .magic = GUIDE_MAGIC, .version = GUIDE_VERSION, .order = GUIDE_ORDER};

    *x = (struct indexer){
        .sink = {.out = out, .event = indexer_event, .loss = indexer_loss, .close = indexer_close},
        .stream = s,
        .sum_slots = INDEXER_SLOTS};
    x->sums = mem_zero(INDEXER_SLOTS * sizeof(*x->sums));
    input_fill(&s->in, 1);
    x->identified = guide_identify(&s->in, &x->foot);
    s->seen = indexer_chunk;
    s->seen_context = x;
    out_bytes(out, &head, sizeof(head));
    return &x->sink;
}
