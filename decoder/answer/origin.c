/* SPDX-License-Identifier: MIT */
/* origin.c - the captures that --stats has counted. */
#include "answer/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define ORIGIN_MILLION 1000000u

void origin_add(struct origin_list *l, const struct tally_input *in)
{
    const struct stream *s = in->stream;
    struct origin *g;

    if (!s)
        return;
    if (l->count == ORIGIN_MAX) {
        l->more++;
        return;
    }
    if (l->count == l->room) {
        l->room = l->room ? 2 * l->room : 16;
        l->all = mem_grow(l->all, l->room * sizeof(*l->all));
    }
    g = &l->all[l->count++];
    *g = (struct origin){.input = s->label,
                         .number = s->number,
                         .capture = s->captures,
                         .told_hz = s->metadata.clock_told,
                         .measured_hz = clock_measured_hz(&s->pairs)};
    for (uint32_t cpu = 0; cpu < in->cpu_count; cpu++) {
        g->count += in->cpus[cpu].cell.count;
        g->lost = number_add(g->lost, tally_lost(&in->cpus[cpu]));
    }
    g->lost = number_add(g->lost, stream_strangers(s));
}

static int origin_compare(const void *a, const void *b)
{
    const struct origin *x = a, *y = b;

    return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                  : (x->capture > y->capture) - (x->capture < y->capture);
}

void origin_sort(struct origin_list *l)
{
    if (l->count)
        qsort(l->all, l->count, sizeof(*l->all), origin_compare);
}

/* Is the counter another than it is said to be? */
static bool origin_differs(const struct origin *g)
{
    uint64_t told = g->told_hz, real = g->measured_hz,
             apart = told > real ? told - real : real - told;

    return real && (unsigned __int128)apart * ORIGIN_MILLION > (unsigned __int128)told * ORIGIN_PPM;
}

static bool origin_wanted(const struct origin_list *l)
{
    return l->count > 1 || (l->count && origin_differs(&l->all[0]));
}

static void origin_name(struct out *o, const struct origin *g)
{
    if (g->input)
        out_escaped(o, g->input, strlen(g->input), OUT_TEXT);
    if (g->input && g->capture < 2)
        return;
    out_text(o, g->input ? ", capture " : "capture ");
    out_u64(o, g->capture);
}

static void origin_text_clock(struct out *o, const struct origin *g, bool named)
{
    if (!origin_differs(g))
        return;
    out_text(o, "counter");
    if (named) {
        out_text(o, " of ");
        origin_name(o, g);
    }
    out_text(o, ": ");
    if (g->told_hz) {
        out_u64(o, g->told_hz);
        out_text(o, " Hz told, ");
    } else {
        out_text(o, "not told, ");
    }
    out_u64(o, g->measured_hz);
    out_text(o, " Hz by clock pairs\n");
}

void origin_text(const struct origin_list *l, struct out *o)
{
    bool several = l->count > 1;

    if (origin_wanted(l))
        out_text(o, "\n");
    if (several)
        out_text(o, "     count     lost  capture\n");
    for (uint32_t i = 0; several && i < l->count; i++) {
        number_column_u64(o, l->all[i].count, 10);
        number_column_u64(o, l->all[i].lost, 9);
        out_text(o, "  ");
        origin_name(o, &l->all[i]);
        out_text(o, "\n");
    }
    if (l->more) {
        out_text(o, "and ");
        out_u64(o, l->more);
        out_text(o, " captures more\n");
    }
    for (uint32_t i = 0; i < l->count; i++)
        origin_text_clock(o, &l->all[i], several);
}

static void origin_json_one(struct out *o, const struct origin *g)
{
    out_text(o, "{\"capture\":");
    out_u64(o, g->capture);
    if (g->input) {
        out_text(o, ",\"input\":");
        field_text(o, g->input, strlen(g->input), OUT_JSON);
    }
    number_json(o, "count", g->count);
    number_json(o, "lost", g->lost);
    number_json(o, "clock_hz", g->told_hz);
    if (g->measured_hz)
        number_json(o, "measured_hz", g->measured_hz);
    out_text(o, "}");
}

void origin_json(const struct origin_list *l, struct out *o)
{
    if (!origin_wanted(l))
        return;
    out_text(o, ",\"captures\":[");
    for (uint32_t i = 0; i < l->count; i++) {
        out_text(o, i ? "," : "");
        origin_json_one(o, &l->all[i]);
    }
    out_text(o, "]");
    if (l->more)
        number_json(o, "captures_more", l->more);
}

void origin_close(struct origin_list *l)
{
    free(l->all);
    *l = (struct origin_list){0};
}
