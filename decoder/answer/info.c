/* SPDX-License-Identifier: MIT */
/* info.c - --info: what each capture is and what is in it, on one screen. */
#include "answer/info.h"

#include <stdlib.h>

#include "answer/info_print.h"
#include "base/mem.h"
#include "base/number.h"

/* --- what there is to say --- */

static void info_keep(char *to, const struct metadata_text *t)
{
    memcpy(to, t->bytes ? t->bytes : "", t->n);
    to[t->n] = '\0';
}

static void info_metadata(struct info_capture *c, const struct metadata *m)
{
    info_keep(c->names[INFO_TOOL], &m->tool);
    info_keep(c->names[INFO_HOST], &m->host);
    info_keep(c->names[INFO_TRACE], &m->buffer);
    info_keep(c->names[INFO_MODE], &m->mode);
    info_keep(c->names[INFO_CLOCK], &m->clock_name);
    c->image = m->image;
    c->cpus = m->cpus;
    c->subbuf_bytes = m->subbuf_bytes;
    c->subbufs = m->subbufs;
    c->told_hz = m->clock_told;
    for (uint32_t id = 0; id < m->event_slots; id++)
        c->events += m->events[id] != NULL;
}

static void info_times(struct info_capture *c, struct stream *s)
{
    const struct tally_cell *all = &c->sum.cell;

    c->measured_hz = clock_measured_hz(&s->pairs);
    c->by_day = s->pairs.count;
    if (!all->count)
        return;
    c->first_ns = clock_ns(&s->clock, all->first);
    c->last_ns = clock_ns(&s->clock, all->last);
    if (!c->by_day)
        return;
    clock_utc(&s->pairs, s->clock.hz, all->first, c->first_utc);
    clock_utc(&s->pairs, s->clock.hz, all->last, c->last_utc);
}

static void info_counts(struct info_capture *c, const struct tally_input *in)
{
    const struct stream *s = in->stream;
    uint64_t n;
    uint32_t id = 0;

    c->sum = tally_sum(in);
    for (uint32_t cpu = 0; cpu < in->cpu_count; cpu++)
        c->cpus_seen += in->cpus[cpu].cell.count != 0;
    for (uint32_t i = 1; i < in->cell_count; i++)
        c->events_seen += in->cells[i].count != 0;
    c->tasks = task_named(&s->tasks);
    c->strangers = stream_strangers(s);
    while ((n = stream_suppressed(s, &id)))
        c->sampled = number_add(c->sampled, n);
}

/* A capture is at its end. */
static void info_add(struct info *in, struct info_input *from)
{
    struct stream *s = from->tally.stream;
    struct info_capture *c;

    if (!s)
        return;
    if (in->count == INFO_CAPTURES) {
        in->more++;
        tally_input_close(&from->tally);
        return;
    }
    if (in->count == in->room) {
        in->room = in->room ? 2 * in->room : 4;
        in->captures = mem_grow(in->captures, in->room * sizeof(*in->captures));
    }
    c = &in->captures[in->count++];
    *c = (struct info_capture){.file = s->label ? s->label : s->diag.name,
                               .number = s->number,
                               .capture = s->captures,
                               .previous = s->flags & TP_CHUNK_PREVIOUS,
                               .snapshot = s->flags & TP_CHUNK_SNAPSHOT,
                               .ended = s->ended,
                               .damage = s->diag.lines - from->damage};
    from->damage = s->diag.lines;
    info_metadata(c, &s->metadata);
    info_counts(c, &from->tally);
    info_times(c, s);
    tally_input_close(&from->tally);
}

static void info_begin(struct sink *k, struct stream *s)
{
    ((struct info *)k)->inputs[s->number].tally.stream = s;
}

static void info_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    if (__builtin_expect(!e, 0))
        stream_count_unknown(lane, e);
    tally_event(&((struct info *)k)->inputs[lane->stream->number].tally, lane, e);
}

static void info_loss(struct sink *k, struct stream_lane *lane)
{
    tally_loss(&((struct info *)k)->inputs[lane->stream->number].tally, lane);
}

static bool info_add_sum(struct sink *k, const void *sum)
{
    tally_add_input(&((struct info *)k)->inputs[0].tally, sum);
    return true;
}

static bool info_put_sum(struct sink *k, void *sum)
{
    if (sum)
        tally_put_input(&((struct info *)k)->inputs[0].tally, sum);
    return true;
}

static void info_forget(struct sink *k)
{
    tally_forget(&((struct info *)k)->inputs[0].tally);
}

static void info_finish(struct sink *k, struct stream *s)
{
    info_add((struct info *)k, &((struct info *)k)->inputs[s->number]);
}

/* --- */

static int info_compare(const void *a, const void *b)
{
    const struct info_capture *x = a, *y = b;

    return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                  : (x->capture > y->capture) - (x->capture < y->capture);
}

static void info_end(struct sink *k)
{
    struct info *in = (struct info *)k;

    for (uint32_t i = 0; i < in->input_count; i++) /* what was not read to its end */
        info_add(in, &in->inputs[i]);
    if (in->count)
        qsort(in->captures, in->count, sizeof(*in->captures), info_compare);
    if (in->json)
        info_print_json(in);
    else
        info_print_text(in);
}

static void info_close(struct sink *k)
{
    struct info *in = (struct info *)k;

    for (uint32_t i = 0; i < in->input_count; i++)
        tally_input_close(&in->inputs[i].tally);
    free(in->inputs);
    free(in->captures);
}

struct sink *info_open(struct info *in, struct out *o, bool json, uint32_t inputs)
{
    *in = (struct info){
        .sink = {.out = o,
                 .any_order = true,
                 .begin = info_begin,
                 .event = info_event,
                 .loss = info_loss,
                 .add = info_add_sum,
                 .put = info_put_sum,
                 .forget = info_forget,
                 .finish = info_finish,
                 .end = info_end,
                 .close = info_close},
        .json = json,
    };
    in->inputs = mem_zero(inputs * sizeof(*in->inputs));
    in->input_count = inputs;
    return &in->sink;
}
