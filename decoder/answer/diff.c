/* SPDX-License-Identifier: MIT */
/* diff.c - --diff: what is different between two dumps. */
#include "answer/diff.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

static void diff_begin(struct sink *k, struct stream *s)
{
    ((struct diff *)k)->inputs[s->number].stream = s;
}

static void diff_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    if (!e)
        stream_count_unknown(lane, e);
    tally_event(&((struct diff *)k)->inputs[lane->stream->number], lane, e);
}

static void diff_loss(struct sink *k, struct stream_lane *lane)
{
    tally_loss(&((struct diff *)k)->inputs[lane->stream->number], lane);
}

static void diff_finish(struct sink *k, struct stream *s)
{
    struct diff *d = (struct diff *)k;

    tally_fold(&d->tally[s->number], &d->inputs[s->number]);
}

/* --- what is different --- */

static __int128 diff_change(const struct diff_row *r)
{
    return (__int128)r->cell[1].count - (__int128)r->cell[0].count;
}

static int diff_compare(const void *a, const void *b)
{
    const struct diff_row *x = a, *y = b;
    __int128 cx = diff_change(x), cy = diff_change(y);
    uint32_t n = x->bytes < y->bytes ? x->bytes : y->bytes;
    int by_name = memcmp(x->name, y->name, n);

    cx = cx < 0 ? -cx : cx;
    cy = cy < 0 ? -cy : cy;
    if (cx != cy)
        return cx > cy ? -1 : 1;
    return by_name ? by_name : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static uint64_t diff_rate(const struct diff *d, const struct diff_row *r, unsigned i)
{
    return number_rate(r->cell[i].count, tally_span(&d->tally[i]));
}

static void diff_add(struct diff *d, const char *name, uint32_t bytes, const struct tally_cell *a,
                     const struct tally_cell *b)
{
    struct diff_row *r = &d->rows[d->row_count];

    *r = (struct diff_row){.name = name, .bytes = bytes};
    if (a)
        r->cell[0] = *a;
    if (b)
        r->cell[1] = *b;
    if (!r->cell[0].count && !r->cell[1].count)
        return;
    if (r->cell[0].count != r->cell[1].count || diff_rate(d, r, 0) != diff_rate(d, r, 1))
        d->row_count++;
    else
        d->same++;
}

static void diff_rows(struct diff *d)
{
    const struct tally *a = &d->tally[0], *b = &d->tally[1];

    d->rows = mem_zero(((size_t)a->event_count + b->event_count + 2) * sizeof(*d->rows));
    for (uint32_t i = 0; i < a->event_count; i++) {
        const struct tally_event *e = &a->events[i], *other = tally_find(b, e->name, e->bytes);

        diff_add(d, e->name, e->bytes, &e->cell, other ? &other->cell : NULL);
    }
    for (uint32_t i = 0; i < b->event_count; i++) {
        const struct tally_event *e = &b->events[i];

        if (!tally_find(a, e->name, e->bytes))
            diff_add(d, e->name, e->bytes, NULL, &e->cell);
    }
    diff_add(d, "(others)", 8, &a->others, &b->others);
    diff_add(d, "(unknown)", 9, &a->unknown, &b->unknown);
    qsort(d->rows, d->row_count, sizeof(*d->rows), diff_compare);
}

/* --- text --- */

static void diff_text_input(struct diff *d, unsigned i)
{
    const struct tally *t = &d->tally[i];
    struct out *o = d->sink.out;
    char text[NUMBER_BYTES];

    out_text(o, i ? "B " : "A ");
    out_escaped(o, d->names[i], strlen(d->names[i]), OUT_TEXT);
    out_text(o, ": ");
    out_u64(o, t->total.cell.count);
    out_text(o, " records in ");
    number_put_seconds(text, tally_span(t));
    out_text(o, text);
    out_text(o, " s, ");
    out_u64(o, tally_lost(&t->total));
    out_text(o, " lost");
    for (unsigned c = 0; c < STREAM_LOST_CAUSES; c++) {
        if (!t->total.lost[c])
            continue;
        out_text(o, ", ");
        out_text(o, stream_causes[c]);
        out_text(o, " ");
        out_u64(o, t->total.lost[c]);
    }
    out_text(o, "\n");
}

static void diff_text_row(struct diff *d, const struct diff_row *r)
{
    struct out *o = d->sink.out;
    __int128 change = diff_change(r);
    char text[NUMBER_BYTES];

    number_column_u64(o, r->cell[0].count, 13);
    number_column_u64(o, r->cell[1].count, 13);
    text[0] = '+';
    number_put(text + (change > 0), change);
    number_column(o, text, 14);
    for (unsigned i = 0; i < 2; i++) {
        number_text_rate(text, r->cell[i].count, tally_span(&d->tally[i]));
        number_column(o, text, 16);
    }
    out_text(o, "  ");
    out_escaped(o, r->name, r->bytes, OUT_TEXT);
    if (!r->cell[0].count || !r->cell[1].count)
        out_text(o, r->cell[0].count ? " (only in A)" : " (only in B)");
    out_text(o, "\n");
}

static void diff_text(struct diff *d)
{
    struct out *o = d->sink.out;

    diff_text_input(d, 0);
    diff_text_input(d, 1);
    out_text(o, "            A            B        change"
                "        A rate/s        B rate/s  event\n");
    for (uint32_t i = 0; i < d->row_count; i++)
        diff_text_row(d, &d->rows[i]);
    if (!d->same)
        return;
    out_u64(o, d->same);
    out_text(o, d->same > 1 ? " events are as often in both\n" : " event is as often in both\n");
}

/* --- JSON --- */

static void diff_json_input(struct diff *d, unsigned i)
{
    const struct tally *t = &d->tally[i];
    struct out *o = d->sink.out;

    out_text(o, i ? ",\"b\":{\"name\":" : ",\"a\":{\"name\":");
    field_text(o, d->names[i], strlen(d->names[i]), OUT_JSON);
    number_json(o, "count", t->total.cell.count);
    number_json(o, "span_ns", tally_span(t));
    tally_json_lost(o, &t->total);
    out_text(o, "}");
}

static void diff_json_row(struct diff *d, const struct diff_row *r)
{
    struct out *o = d->sink.out;
    char text[NUMBER_BYTES];

    out_text(o, "{\"event\":");
    field_text(o, r->name, r->bytes, OUT_JSON);
    number_json(o, "a", r->cell[0].count);
    number_json(o, "b", r->cell[1].count);
    number_put(text, diff_change(r));
    number_json_text(o, "change", text);
    number_put_rate(text, r->cell[0].count, tally_span(&d->tally[0]), "null");
    number_json_text(o, "a_rate", text);
    number_put_rate(text, r->cell[1].count, tally_span(&d->tally[1]), "null");
    number_json_text(o, "b_rate", text);
    if (!r->cell[0].count || !r->cell[1].count)
        number_json_text(o, "only", r->cell[0].count ? "\"a\"" : "\"b\"");
    out_text(o, "}");
}

static void diff_json(struct diff *d)
{
    struct out *o = d->sink.out;

    out_text(o, "{\"answer\":\"diff\"");
    diff_json_input(d, 0);
    diff_json_input(d, 1);
    number_json(o, "same", d->same);
    out_text(o, ",\"events\":[");
    for (uint32_t i = 0; i < d->row_count; i++) {
        out_text(o, i ? "," : "");
        diff_json_row(d, &d->rows[i]);
    }
    out_text(o, "]}\n");
}

/* --- */

static void diff_end(struct sink *k)
{
    struct diff *d = (struct diff *)k;

    for (unsigned i = 0; i < 2; i++)
        tally_fold(&d->tally[i], &d->inputs[i]); /* what was not read to its end */
    diff_rows(d);
    if (d->json)
        diff_json(d);
    else
        diff_text(d);
}

static void diff_close(struct sink *k)
{
    struct diff *d = (struct diff *)k;

    for (unsigned i = 0; i < 2; i++) {
        tally_input_close(&d->inputs[i]);
        tally_close(&d->tally[i]);
    }
    free(d->rows);
}

struct sink *diff_open(struct diff *d, struct out *o, const char *first, const char *second,
                       bool json)
{
    *d = (struct diff){
        .sink = {.out = o,
                 .any_order = true,
                 .apart = true,
                 .begin = diff_begin,
                 .event = diff_event,
                 .loss = diff_loss,
                 .finish = diff_finish,
                 .end = diff_end,
                 .close = diff_close},
        .json = json,
        .names = {first, second},
    };
    return &d->sink;
}
