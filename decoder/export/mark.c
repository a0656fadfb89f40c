/* SPDX-License-Identifier: MIT */
/* mark.c - what runs and what begins and ends, between the items of a block. */
#include "export/mark.h"

#include <string.h>

#include "base/number.h"
#include "model/float.h"
#include "order/key.h"

#define MARK_LABEL_BYTES (NEST_NAME_BYTES + TP_LIMIT_NAME_BYTES + 8)

static struct pile *mark_start(struct mark *m, enum mark_is is, uint64_t ns)
{
    struct pile *p = &m->block->part[BLOCK_MARKS];

    if (!p->n || m->block_bytes != m->block->bytes)
        *m = (struct mark){.block = m->block, .sched = m->sched, .block_bytes = m->block->bytes};
    pile_u64(p, is);
    pile_u64(p, m->block->items - m->items);
    pile_s64(p, (int64_t)(ns - m->ns));
    m->items = m->block->items;
    m->ns = ns;
    return p;
}

void mark_switch(struct mark *m, uint64_t ns, uint32_t capture, uint32_t cpu,
                 const struct sched_event *e, struct metadata_text name)
{
    struct pile *p = mark_start(m, MARK_RUN, ns);

    pile_u64(p, capture);
    pile_u64(p, cpu);
    pile_s64(p, sched_task32(m->sched, e->next));
    pile_u64(p, block_string(m->block, name.bytes, name.n));
    pile_u64(p, e->state);
    pile_u64(p, e->prev_known);
    pile_s64(p, sched_task32(m->sched, e->prev));
}

void mark_stop(struct mark *m, uint64_t ns, uint32_t capture, uint32_t cpu, uint64_t lost_ns)
{
    struct pile *p = mark_start(m, MARK_STOP, ns);

    pile_u64(p, capture);
    pile_u64(p, cpu);
    pile_u64(p, lost_ns > ns ? lost_ns - ns : 0);
}

void mark_task(struct mark *m, enum mark_is is, uint64_t ns, uint32_t capture,
               const struct sched_event *e, struct metadata_text name)
{
    struct pile *p = mark_start(m, is, ns);

    pile_u64(p, capture);
    pile_s64(p, sched_task32(m->sched, e->task));
    pile_u64(p, block_string(m->block, name.bytes, name.n));
    pile_u64(p, e->cpu);
}

/* --- tracks --- */

static size_t mark_put(char *to, size_t n, const void *bytes, size_t more)
{
    more = more < MARK_LABEL_BYTES - n ? more : MARK_LABEL_BYTES - n;
    memcpy(to + n, bytes, more);
    return n + more;
}

/* A number, or the text of a key. */
static size_t mark_put_key(char *to, size_t n, const struct key *k)
{
    char number[NUMBER_BYTES];

    if (k->is_text || k->bytes)
        return mark_put(to, n, k->text, k->bytes);
    number_put(number, k->number);
    return mark_put(to, n, number, strlen(number));
}

/* What is neither a CPU nor a task: subsystem, and of a field its name and value. */
static uint32_t mark_label(struct mark *m, const struct nest_span *span,
                           const struct nest_record *r)
{
    int8_t place = r->meaning->argument[ROLES_TRACK];
    char label[MARK_LABEL_BYTES];
    size_t n = mark_put(label, 0, r->event->sys.bytes, r->event->sys.n);

    if (span->kind == NEST_FIELD && place >= 0) {
        const struct metadata_field *d = &r->event->fields[place];
        struct key k;

        key_value(d, &r->lane->record, r->tails, &k);
        n = mark_put(label, n, " ", 1);
        n = mark_put(label, n, d->name.bytes, d->name.n);
        n = mark_put(label, n, " ", 1);
        n = mark_put_key(label, n, &k);
    }
    return block_string(m->block, label, n);
}

static void mark_track(struct mark *m, const struct nest_span *span, const struct nest_record *r)
{
    struct pile *p = &m->block->part[BLOCK_MARKS];

    pile_u64(p, span->kind);
    if (span->kind == NEST_CPU)
        pile_u64(p, span->number);
    else if (span->kind == NEST_TASK)
        pile_u64(p, sched_task32(m->sched, (int32_t)span->number));
    else
        pile_u64(p, mark_label(m, span, r));
    pile_u64(p, span->lane);
}

static uint32_t mark_name(struct mark *m, const struct nest_record *r)
{
    char name[NEST_NAME_BYTES];
    size_t n = nest_name(r, name);

    return block_string(m->block, name, n);
}

void mark_begin(struct mark *m, uint32_t capture, const struct nest_span *span,
                const struct nest_record *r)
{
    struct pile *p = mark_start(m, MARK_BEGIN, span->begin_ns);

    pile_u64(p, span->slot);
    pile_u64(p, capture);
    mark_track(m, span, r);
    pile_u64(p, mark_name(m, r));
}

void mark_end(struct mark *m, const struct nest_span *span, uint64_t ns, enum nest_why why)
{
    struct pile *p = mark_start(m, MARK_END, ns);

    pile_u64(p, span->slot);
    pile_u64(p, why);
}

void mark_whole(struct mark *m, uint32_t capture, const struct nest_span *span, uint64_t ns,
                const struct nest_record *r)
{
    struct pile *p = mark_start(m, MARK_WHOLE, ns);

    pile_u64(p, capture);
    mark_track(m, span, r);
    pile_u64(p, mark_name(m, r));
    pile_u64(p, ns - span->begin_ns);
}

/* --- counters --- */

static uint32_t mark_counter_label(struct mark *m, const struct nest_record *r)
{
    int8_t place = r->meaning->argument[ROLES_KEY];
    char label[MARK_LABEL_BYTES], joined[METADATA_JOINED_BYTES];
    struct metadata_text name = metadata_join(r->event, ':', joined);
    size_t n = mark_put(label, 0, name.bytes, name.n);
    struct key k = {0};

    if (place >= 0) {
        key_value(&r->event->fields[place], &r->lane->record, r->tails, &k);
        n = mark_put(label, n, " ", 1);
        n = mark_put_key(label, n, &k);
    } else if (roles_number(r->meaning, ROLES_KEY, r->lane, r->event, &k.number)) {
        n = mark_put(label, n, place == ROLES_RECORD_CPU ? " cpu " : " task ",
                     place == ROLES_RECORD_CPU ? 5 : 6);
        n = mark_put_key(label, n, &k);
    }
    return block_string(m->block, label, n);
}

void mark_counter(struct mark *m, uint64_t ns, uint32_t capture, const struct nest_record *r)
{
    int8_t place = r->meaning->argument[ROLES_VALUE];
    const struct metadata_event *e = r->event;
    const struct metadata_field *d = place >= 0 ? &e->fields[place] : NULL;
    __int128 number;
    struct pile *p;
    uint64_t bits;
    double v;

    if (roles_number(r->meaning, ROLES_VALUE, r->lane, e, &number))
        v = (double)number;
    else if (d && d->type == METADATA_FLOAT && !d->array)
        v = float_load(value_bytes(d, &r->lane->record, r->tails).at, d->width,
                       r->lane->record.swap);
    else
        return;
    p = mark_start(m, MARK_COUNTER, ns);
    pile_u64(p, capture);
    pile_u64(p, mark_counter_label(m, r));
    memcpy(&bits, &v, sizeof(bits));
    pile_put(p, bits, sizeof(bits));
}
