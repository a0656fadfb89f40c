/* SPDX-License-Identifier: MIT */
/* tally.c - counts of records, by event and by CPU. */
#include "answer/tally.h"

#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "bytes/guide.h"
#include "order/cut.h"
#include "order/lane.h"

#define TALLY_SLOTS (2 * TALLY_EVENTS_MAX)
/* Of a sum: all that there can be where parts are cut (cut.h). */
#define TALLY_SUM_IDS (TP_ID_EVENT_MAX + 1u)
#define TALLY_SUM_CPUS CUT_CPUS

static void *tally_grow(void *old, uint32_t *count, uint32_t wanted, size_t each)
{
    uint32_t n = *count ? *count : 16;
    char *grown;

    while (n <= wanted)
        n *= 2;
    if (n <= *count)
        return old;
    grown = mem_grow(old, n * each);
    memset(grown + *count * each, 0, (n - *count) * each);
    *count = n;
    return grown;
}

static void tally_room(struct tally_input *in, uint32_t id, uint32_t cpu)
{
    in->cells = tally_grow(in->cells, &in->cell_count, id, sizeof(*in->cells));
    in->cpus = tally_grow(in->cpus, &in->cpu_count, cpu, sizeof(*in->cpus));
}

/* To a cell that is not empty. */
static inline void tally_more(struct tally_cell *c, uint64_t time, uint64_t bytes)
{
    c->count++;
    c->bytes += bytes;
    if (time < c->first)
        c->first = time;
    if (time > c->last)
        c->last = time;
}

static void tally_put(struct tally_cell *c, uint64_t time, uint64_t bytes)
{
    if (!c->count)
        c->first = c->last = time;
    tally_more(c, time, bytes);
}

/*
 * Events after that of the lane: whole, of our byte order, and each after the one before. Only
 * those of which one was counted before, because then they are defined. At the first that is not
 * like this, the merge takes them one by one again.
 */
static void tally_ahead(struct tally_input *in, struct stream_lane *lane)
{
    const struct record_walk *w = &lane->walk;
    const uint8_t *at = w->at;
    uint32_t n, left = w->swap ? 0 : lane->left;
    struct tally_cell *cpu = &in->cpus[lane->cpu].cell;
    uint64_t last = lane->time;

    for (n = 0; n < left; n++) {
        uint32_t word = record_event(w, at), id = TP_RECORD_ID(word);
        uint64_t time = word ? w->high | load_u32(at, false) : 0;
        struct tally_cell *c = &in->cells[id];

        if (!word || id >= in->cell_count || !c->count || time < last)
            break;
        tally_more(c, time, record_word_bytes(word));
        last = time;
        at += record_word_bytes(word);
    }
    cpu->count += n;
    cpu->bytes += (uint64_t)(at - w->at);
    cpu->last = last > cpu->last ? last : cpu->last;
    lane_pass(lane, at, n, last);
}

void tally_event(struct tally_input *in, struct stream_lane *lane, const struct metadata_event *e)
{
    const struct record *r = &lane->record;
    uint32_t id = e ? r->id : TP_ID_NONE;
    uint64_t bytes = r->bytes + sizeof(struct tp_wire_record) +
                     (r->context ? sizeof(struct tp_wire_context) : 0);

    if (id >= in->cell_count || lane->cpu >= in->cpu_count)
        tally_room(in, id, lane->cpu);
    tally_put(&in->cells[id], r->time, bytes);
    tally_put(&in->cpus[lane->cpu].cell, r->time, bytes);
    if (lane->stream->passes)
        tally_ahead(in, lane);
}

void tally_add_losses(struct tally_cpu *c, const uint64_t *lost, uint64_t damaged)
{
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        c->lost[i] = number_add(c->lost[i], lost[i]);
    c->damaged += damaged;
}

void tally_loss(struct tally_input *in, const struct stream_lane *lane)
{
    tally_room(in, TP_ID_NONE, lane->cpu);
    tally_add_losses(&in->cpus[lane->cpu], lane->loss, lane->loss_damage);
}

void tally_join(struct tally_cell *to, const struct tally_cell *c)
{
    if (!c->count)
        return;
    to->first = to->count && to->first < c->first ? to->first : c->first;
    to->last = to->count && to->last > c->last ? to->last : c->last;
    to->count += c->count;
    to->bytes += c->bytes;
}

void tally_sum_events(struct tally_input *in, const struct guide_sum *c)
{
    const struct tally_cell cell = {c->count, c->bytes, c->first, c->last};

    tally_room(in, c->id, c->cpu);
    tally_join(&in->cells[c->id], &cell);
    tally_join(&in->cpus[c->cpu].cell, &cell);
}

void tally_sum_losses(struct tally_input *in, const struct guide_loss *l)
{
    tally_room(in, TP_ID_NONE, (uint32_t)l->cpu);
    tally_add_losses(&in->cpus[l->cpu], l->lost, 0);
}

/* --- sums of parts --- */

struct tally_sum {
    uint32_t cell_count, cpu_count;
    struct tally_cell cells[TALLY_SUM_IDS];
    struct tally_cpu cpus[TALLY_SUM_CPUS];
};
_Static_assert(sizeof(struct tally_sum) <= SINK_SUM_BYTES, "");

void tally_add_input(struct tally_input *in, const void *sum)
{
    const struct tally_sum *s = sum;

    if (s->cell_count && s->cpu_count)
        tally_room(in, s->cell_count - 1, s->cpu_count - 1);
    for (uint32_t id = 0; id < s->cell_count; id++)
        tally_join(&in->cells[id], &s->cells[id]);
    for (uint32_t cpu = 0; cpu < s->cpu_count; cpu++) {
        tally_join(&in->cpus[cpu].cell, &s->cpus[cpu].cell);
        tally_add_losses(&in->cpus[cpu], s->cpus[cpu].lost, s->cpus[cpu].damaged);
    }
}

void tally_put_input(const struct tally_input *in, void *sum)
{
    struct tally_sum *s = sum;

    s->cell_count = in->cell_count < TALLY_SUM_IDS ? in->cell_count : TALLY_SUM_IDS;
    s->cpu_count = in->cpu_count < TALLY_SUM_CPUS ? in->cpu_count : TALLY_SUM_CPUS;
    if (s->cell_count)
        memcpy(s->cells, in->cells, s->cell_count * sizeof(*s->cells));
    if (s->cpu_count)
        memcpy(s->cpus, in->cpus, s->cpu_count * sizeof(*s->cpus));
}

void tally_forget(struct tally_input *in)
{
    struct stream *stream = in->stream;

    tally_input_close(in);
    in->stream = stream;
}

/* From counters to nanoseconds. */
static void tally_add(struct tally_cell *to, const struct tally_cell *c, struct clock *clock)
{
    struct tally_cell ns = *c;

    ns.first = clock_ns(clock, c->first);
    ns.last = clock_ns(clock, c->last);
    tally_join(to, &ns);
}

struct tally_cpu tally_sum(const struct tally_input *in)
{
    struct tally_cpu sum = {.damaged = 0};

    for (uint32_t cpu = 0; cpu < in->cpu_count; cpu++) {
        tally_join(&sum.cell, &in->cpus[cpu].cell);
        tally_add_losses(&sum, in->cpus[cpu].lost, in->cpus[cpu].damaged);
    }
    return sum;
}

/* Where a name is, or the free place where it belongs: the table is never more than half full. */
static uint32_t *tally_slot(const struct tally *t, const char *name, uint32_t bytes)
{
    uint32_t hash = 2166136261u;

    for (uint32_t i = 0; i < bytes; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    for (hash ^= hash >> 15;; hash++) {
        uint32_t *slot = &t->slots[hash % TALLY_SLOTS];

        if (!*slot || (t->events[*slot - 1].bytes == bytes &&
                       memcmp(t->events[*slot - 1].name, name, bytes) == 0))
            return slot;
    }
}

const struct tally_event *tally_find(const struct tally *t, const char *name, uint32_t bytes)
{
    uint32_t *slot = t->slots ? tally_slot(t, name, bytes) : NULL;

    return slot && *slot ? &t->events[*slot - 1] : NULL;
}

static struct tally_cell *tally_event_cell(struct tally *t, const struct metadata_event *e)
{
    char name[METADATA_JOINED_BYTES];
    uint32_t bytes = metadata_join(e, ':', name).n, *slot;

    if (!t->slots)
        t->slots = mem_zero(TALLY_SLOTS * sizeof(*t->slots));
    slot = tally_slot(t, name, bytes);
    if (!*slot) {
        if (t->event_count == TALLY_EVENTS_MAX)
            return &t->others;
        t->events = tally_grow(t->events, &t->event_room, t->event_count, sizeof(*t->events));
        t->events[t->event_count].bytes = bytes;
        memcpy(t->events[t->event_count].name, name, bytes);
        *slot = ++t->event_count;
    }
    return &t->events[*slot - 1].cell;
}

void tally_fold(struct tally *t, struct tally_input *in)
{
    struct stream *s = in->stream;

    if (!s)
        return;
    for (uint32_t id = 0; id < in->cell_count; id++) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (in->cells[id].count)
            tally_add(e ? tally_event_cell(t, e) : &t->unknown, &in->cells[id], &s->clock);
    }
    for (uint32_t cpu = 0; cpu < in->cpu_count; cpu++) {
        const struct tally_cpu *c = &in->cpus[cpu];

        if (!c->cell.count && !c->damaged && !tally_lost(c))
            continue;
        t->cpus = tally_grow(t->cpus, &t->cpu_count, cpu, sizeof(*t->cpus));
        tally_add(&t->cpus[cpu].cell, &c->cell, &s->clock);
        tally_add(&t->total.cell, &c->cell, &s->clock);
        tally_add_losses(&t->cpus[cpu], c->lost, c->damaged);
        tally_add_losses(&t->total, c->lost, c->damaged);
    }
    tally_add_strangers(&t->total, s);
    tally_input_close(in);
}

static int tally_compare(const void *a, const void *b)
{
    const struct tally_event *x = a, *y = b;
    uint32_t n = x->bytes < y->bytes ? x->bytes : y->bytes;
    int by_name = memcmp(x->name, y->name, n);

    if (x->cell.count != y->cell.count)
        return x->cell.count > y->cell.count ? -1 : 1;
    return by_name ? by_name : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

void tally_sort(struct tally *t)
{
    if (t->event_count)
        qsort(t->events, t->event_count, sizeof(*t->events), tally_compare);
}

void tally_add_strangers(struct tally_cpu *all, const struct stream *s)
{
    all->strangers = number_add(all->strangers, stream_strangers(s));
}

uint64_t tally_lost(const struct tally_cpu *c)
{
    uint64_t all = c->strangers;

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        all = number_add(all, c->lost[i]);
    return all;
}

/* What was lost by a cause, the last of which is that the trace does not have the CPU. */
#define TALLY_CAUSES (STREAM_LOST_CAUSES + 1u)

static uint64_t tally_of(const struct tally_cpu *c, unsigned cause)
{
    return cause < STREAM_LOST_CAUSES ? c->lost[cause] : c->strangers;
}

static const char *tally_cause(unsigned cause)
{
    return cause < STREAM_LOST_CAUSES ? stream_causes[cause] : "unknown_cpu";
}

void tally_text_losses(const struct tally_cpu *c, struct out *o)
{
    const char *between = "  (";

    for (unsigned i = 0; i <= TALLY_CAUSES; i++) {
        uint64_t n = i < TALLY_CAUSES ? tally_of(c, i) : c->damaged;

        if (!n)
            continue;
        out_text(o, between);
        out_text(o, i < TALLY_CAUSES ? tally_cause(i) : "places damaged");
        out_text(o, " ");
        out_u64(o, n);
        between = ", ";
    }
    out_text(o, between[0] == ',' ? ")" : "");
}

void tally_json_lost(struct out *o, const struct tally_cpu *c)
{
    bool any = false;

    out_text(o, ",\"lost\":{");
    for (unsigned i = 0; i < TALLY_CAUSES; i++) {
        if (!tally_of(c, i))
            continue;
        out_text(o, any ? ",\"" : "\"");
        any = true;
        out_text(o, tally_cause(i));
        out_text(o, "\":");
        out_u64(o, tally_of(c, i));
    }
    out_text(o, "}");
    number_json(o, "lost_sum", tally_lost(c));
    if (c->damaged)
        number_json(o, "damaged", c->damaged);
}

void tally_close(struct tally *t)
{
    free(t->events);
    free(t->slots);
    free(t->cpus);
    *t = (struct tally){0};
}

void tally_input_close(struct tally_input *in)
{
    free(in->cells);
    free(in->cpus);
    *in = (struct tally_input){0};
}
