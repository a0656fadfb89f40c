/* SPDX-License-Identifier: MIT */
/* stats.c - --stats: how many records there are of each event and each CPU. */
#include "answer/stats.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

static void stats_begin(struct sink *k, struct stream *s)
{
    ((struct stats *)k)->inputs[s->number].stream = s;
}

static void stats_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    if (__builtin_expect(!e, 0))
        stream_count_unknown(lane, e);
    tally_event(&((struct stats *)k)->inputs[lane->stream->number], lane, e);
}

static void stats_loss(struct sink *k, struct stream_lane *lane)
{
    tally_loss(&((struct stats *)k)->inputs[lane->stream->number], lane);
}

static void stats_sum(struct sink *k, struct stream *s, const struct guide_sum *c)
{
    tally_sum_events(&((struct stats *)k)->inputs[s->number], c);
}

static void stats_sum_loss(struct sink *k, struct stream *s, const struct guide_loss *l)
{
    tally_sum_losses(&((struct stats *)k)->inputs[s->number], l);
}

static bool stats_add(struct sink *k, const void *sum)
{
    tally_add_input(&((struct stats *)k)->inputs[0], sum);
    return true;
}

static bool stats_put(struct sink *k, void *sum)
{
    if (sum)
        tally_put_input(&((struct stats *)k)->inputs[0], sum);
    return true;
}

static void stats_forget(struct sink *k)
{
    tally_forget(&((struct stats *)k)->inputs[0]);
}

static void stats_finish(struct sink *k, struct stream *s)
{
    struct stats *st = (struct stats *)k;

    boots_add(&st->boots, s);
    origin_add(&st->origins, &st->inputs[s->number]);
    tally_fold(&st->tally, &st->inputs[s->number]);
}

/* --- text --- */

#define STATS_PERCENT 100

enum stats_column { STATS_COUNT, STATS_RATE, STATS_BYTES, STATS_FIRST, STATS_LAST, STATS_COLUMNS };

static const unsigned stats_widths[STATS_COLUMNS] = {10, 13, 12, 14, 14};

static void stats_text_head(struct out *o)
{
    static const char *const names[STATS_COLUMNS] = {"count", "rate/s", "bytes", "first", "last"};

    for (unsigned i = 0; i < STATS_COLUMNS; i++)
        number_column(o, names[i], stats_widths[i]);
}

static void stats_text_cell(struct out *o, const struct tally_cell *c, uint64_t span)
{
    char text[STATS_COLUMNS][NUMBER_BYTES] = {"", "", "", "-", "-"};

    number_put_u64(text[STATS_COUNT], c->count);
    number_text_rate(text[STATS_RATE], c->count, span);
    number_put_u64(text[STATS_BYTES], c->bytes);
    if (c->count) {
        number_put_seconds(text[STATS_FIRST], c->first);
        number_put_seconds(text[STATS_LAST], c->last);
    }
    for (unsigned i = 0; i < STATS_COLUMNS; i++)
        number_column(o, text[i], stats_widths[i]);
}

static void stats_text_event(struct out *o, const struct tally_cell *c, uint64_t span,
                             const char *name, uint32_t bytes)
{
    if (!c->count)
        return;
    stats_text_cell(o, c, span);
    out_text(o, "  ");
    out_escaped(o, name, bytes, OUT_TEXT);
    out_text(o, "\n");
}

static void stats_text_cpu(struct out *o, const struct tally_cpu *c, uint64_t span)
{
    stats_text_cell(o, &c->cell, span);
    number_column_u64(o, tally_lost(c), 9);
    out_text(o, "  ");
}

/* Of how many there were. */
static void stats_text_lost(struct out *o, const struct tally_cpu *c)
{
    uint64_t lost = tally_lost(c), all = number_add(lost, c->cell.count);
    char text[NUMBER_BYTES];

    if (!lost)
        return;
    number_put_mean(text, (__int128)lost * STATS_PERCENT, all);
    out_text(o, text);
    out_text(o, " % of ");
    out_u64(o, all);
    out_text(o, c->damaged ? " records and more lost\n" : " records lost\n");
}

static void stats_text(struct stats *st, struct tally_cpu **cpus, uint32_t count)
{
    const struct tally *t = &st->tally;
    struct out *o = st->sink.out;
    uint64_t span = tally_span(t);

    stats_text_head(o);
    out_text(o, "  event\n");
    for (uint32_t i = 0; i < t->event_count; i++)
        stats_text_event(o, &t->events[i].cell, span, t->events[i].name, t->events[i].bytes);
    stats_text_event(o, &t->others, span, "(others)", 8);
    stats_text_event(o, &t->unknown, span, "(unknown)", 9);
    out_text(o, "\n");
    stats_text_head(o);
    out_text(o, "     lost  cpu\n");
    for (uint32_t i = 0; i < count; i++) {
        stats_text_cpu(o, cpus[i], span);
        out_u64(o, (uint64_t)(cpus[i] - t->cpus));
        tally_text_losses(cpus[i], o);
        out_text(o, "\n");
    }
    stats_text_cpu(o, &t->total, span);
    out_text(o, "all");
    tally_text_losses(&t->total, o);
    out_text(o, "\n");
    stats_text_lost(o, &t->total);
    origin_text(&st->origins, o);
}

/* --- JSON --- */

static void stats_json_cell(struct out *o, const struct tally_cell *c, uint64_t span)
{
    char text[NUMBER_BYTES];

    number_json(o, "count", c->count);
    number_put_rate(text, c->count, span, "null");
    number_json_text(o, "rate", text);
    number_json(o, "bytes", c->bytes);
    if (!c->count)
        return;
    number_json(o, "first_ns", c->first);
    number_json(o, "last_ns", c->last);
}

static void stats_json_event(struct out *o, const struct tally_cell *c, uint64_t span,
                             const char *name, uint32_t bytes, bool *any)
{
    if (!c->count)
        return;
    out_text(o, *any ? ",{\"event\":" : "{\"event\":");
    *any = true;
    if (name)
        field_text(o, name, bytes, OUT_JSON);
    else
        out_text(o, bytes ? "\"unknown\"" : "\"others\"");
    stats_json_cell(o, c, span);
    out_text(o, "}");
}

static void stats_json(struct stats *st, struct tally_cpu **cpus, uint32_t count)
{
    const struct tally *t = &st->tally;
    struct out *o = st->sink.out;
    uint64_t span = tally_span(t);
    bool any = false;

    out_text(o, "{\"answer\":\"stats\"");
    number_json(o, "span_ns", span);
    out_text(o, ",\"events\":[");
    for (uint32_t i = 0; i < t->event_count; i++)
        stats_json_event(o, &t->events[i].cell, span, t->events[i].name, t->events[i].bytes, &any);
    stats_json_event(o, &t->others, span, NULL, 0, &any);
    stats_json_event(o, &t->unknown, span, NULL, 1, &any);
    out_text(o, "],\"cpus\":[");
    for (uint32_t i = 0; i < count; i++) {
        out_text(o, i ? ",{\"cpu\":" : "{\"cpu\":");
        out_u64(o, (uint64_t)(cpus[i] - t->cpus));
        stats_json_cell(o, &cpus[i]->cell, span);
        tally_json_lost(o, cpus[i]);
        out_text(o, "}");
    }
    out_text(o, "],\"all\":{\"cpus\":");
    out_u64(o, count);
    stats_json_cell(o, &t->total.cell, span);
    tally_json_lost(o, &t->total);
    out_text(o, "}");
    origin_json(&st->origins, o);
    out_text(o, "}\n");
}

/* --- */

static int stats_compare(const void *a, const void *b)
{
    const struct tally_cpu *x = *(struct tally_cpu *const *)a, *y = *(struct tally_cpu *const *)b;

    if (x->cell.count != y->cell.count)
        return x->cell.count > y->cell.count ? -1 : 1;
    return (x > y) - (x < y);
}

static void stats_end(struct sink *k)
{
    struct stats *st = (struct stats *)k;
    struct tally *t = &st->tally;
    struct tally_cpu **cpus;
    uint32_t count = 0;

    for (uint32_t i = 0; i < st->input_count; i++) { /* what was not read to its end */
        if (st->inputs[i].stream)
            boots_add(&st->boots, st->inputs[i].stream);
        origin_add(&st->origins, &st->inputs[i]);
        tally_fold(t, &st->inputs[i]);
    }
    tally_sort(t);
    origin_sort(&st->origins);
    st->cpus = cpus = mem_zero((t->cpu_count + 1) * sizeof(*cpus));
    for (uint32_t i = 0; i < t->cpu_count; i++)
        if (t->cpus[i].cell.count || t->cpus[i].damaged || tally_lost(&t->cpus[i]))
            cpus[count++] = &t->cpus[i];
    qsort(cpus, count, sizeof(*cpus), stats_compare);
    if (st->json)
        stats_json(st, cpus, count);
    else
        stats_text(st, cpus, count);
    boots_end(&st->boots, st->diag, "--stats");
}

static void stats_close(struct sink *k)
{
    struct stats *st = (struct stats *)k;

    for (uint32_t i = 0; i < st->input_count; i++)
        tally_input_close(&st->inputs[i]);
    free(st->inputs);
    free(st->cpus);
    origin_close(&st->origins);
    tally_close(&st->tally);
}

struct sink *stats_open(struct stats *st, struct out *o, bool json, uint32_t inputs,
                        struct diag *diag)
{
    *st = (struct stats){
        .sink = {.out = o,
                 .any_order = true,
                 .begin = stats_begin,
                 .event = stats_event,
                 .loss = stats_loss,
                 .sum = stats_sum,
                 .sum_loss = stats_sum_loss,
                 .add = stats_add,
                 .put = stats_put,
                 .forget = stats_forget,
                 .finish = stats_finish,
                 .end = stats_end,
                 .close = stats_close},
        .json = json,
        .diag = diag,
    };
    st->inputs = mem_zero(inputs * sizeof(*st->inputs));
    st->input_count = inputs;
    return &st->sink;
}
