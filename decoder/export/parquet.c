/* SPDX-License-Identifier: MIT */
/* parquet.c - all records in one Parquet file. */
#include "export/parquet.h"

#include <errno.h>

#include "base/number.h"

/* After the first columns. */
enum {
    PARQUET_SYS = SHEET_FIRST,
    PARQUET_EVENT,
    PARQUET_FIELDS,
    PARQUET_CUT,
    PARQUET_LOST,
    PARQUET_CAUSE,
    PARQUET_LAST
};

static void parquet_write(void *context, const void *bytes, size_t n)
{
    struct parquet *p = context;

    out_bytes(p->sink.out, bytes, n);
}

static void parquet_columns(struct parquet *p)
{
    static const struct {
        const char *name;
        enum column_is is;
    } columns[] = {{"sys", COLUMN_TEXT}, {"event", COLUMN_TEXT}, {"fields", COLUMN_JSON},
                   {"cut", COLUMN_TEXT}, {"lost", COLUMN_U64},   {"cause", COLUMN_TEXT}};
    struct store *s = &p->store;

    p->started = true;
    sheet_add_first(s, true);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        store_add(s, columns[i].name, strlen(columns[i].name), columns[i].is, true);
    sheet_add_last(&p->sheet, s);
}

static void parquet_begin(struct sink *k, struct stream *s)
{
    struct parquet *p = (struct parquet *)k;

    notes_begin(&p->notes, s);
    if (p->started)
        return;
    p->sheet.inputs = s->others;
    parquet_columns(p);
}

static void parquet_end_row(struct parquet *p, const struct stream *s)
{
    sheet_last(&p->sheet, &p->store, PARQUET_LAST, s);
    store_row(&p->store);
    if (p->sheet.spill->error && !p->sink.out->error)
        p->sink.out->error = p->sheet.spill->error;
    p->sink.enough = pages_lost(&p->sheet.pages);
}

static void parquet_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct parquet *p = (struct parquet *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct store *s = &p->store;
    bool fits = sink_tails(lane, e, tails);

    p->notes.records++;
    sheet_time(&p->sheet, s, lane);
    sheet_context(s, lane);
    column_text(store_column(s, PARQUET_SYS), fits ? e->sys.bytes : "?", fits ? e->sys.n : 1);
    column_text(store_column(s, PARQUET_EVENT), fits ? e->name.bytes : "?", fits ? e->name.n : 1);
    sheet_json(&p->sheet, store_column(s, PARQUET_FIELDS), fits ? e : NULL, &lane->record, tails);
    if (fits && e->tail_count)
        sheet_cut(s, PARQUET_CUT, e, tails);
    parquet_end_row(p, lane->stream);
}

/* lane is NULL: it is not known when, and of which CPU. lost is 0: how many is not known. */
static void parquet_lose(struct parquet *p, const struct stream *from, struct stream_lane *lane,
                         uint64_t lost, const char *cause)
{
    struct store *s = &p->store;

    if (lane)
        sheet_time(&p->sheet, s, lane);
    if (lost)
        column_number(store_column(s, PARQUET_LOST), lost);
    sheet_word(store_column(s, PARQUET_CAUSE), cause);
    p->notes.lost = number_add(p->notes.lost, lost);
    parquet_end_row(p, from);
}

static void parquet_loss(struct sink *k, struct stream_lane *lane)
{
    struct parquet *p = (struct parquet *)k;

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            parquet_lose(p, lane->stream, lane, lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        parquet_lose(p, lane->stream, lane, 0, "damaged");
}

static void parquet_unfinished(struct sink *k, struct stream_lane *lane,
                               const struct metadata_event *e)
{
    (void)lane;
    (void)e;
    ((struct parquet *)k)->notes.unfinished++;
}

static void parquet_finish(struct sink *k, struct stream *s)
{
    struct parquet *p = (struct parquet *)k;

    sheet_finish(&p->sheet);
    if (!notes_has(&p->notes, s))
        return;
    if (s->strangers)
        parquet_lose(p, s, NULL, s->strangers, "unknown_cpu");
    notes_finish(&p->notes, s);
}

static void parquet_end(struct sink *k)
{
    struct parquet *p = (struct parquet *)k;

    if (!p->started)
        return;
    notes_end(&p->notes, p->diag, p->sheet.late);
    if (!k->out->error && !store_end(&p->store, &p->notes.pairs))
        k->out->error = p->sheet.spill->error ? p->sheet.spill->error : EFBIG;
}

static void parquet_close(struct sink *k)
{
    struct parquet *p = (struct parquet *)k;

    store_close(&p->store);
    notes_close(&p->notes);
    sheet_close(&p->sheet);
}

struct sink *parquet_open(struct parquet *p, struct out *o, const struct constant_list *constants,
                          bool compress, struct crew *crew, struct spill *spill, struct diag *diag)
{
    *p = (struct parquet){.sink = {.out = o,
                                   .begin = parquet_begin,
                                   .event = parquet_event,
                                   .unfinished = parquet_unfinished,
                                   .loss = parquet_loss,
                                   .settles = true,
                                   .finish = parquet_finish,
                                   .end = parquet_end,
                                   .close = parquet_close},
                          .diag = diag};
    sheet_open(&p->sheet, spill, constants, o->symbols, compress, crew);
    store_open(&p->store, &p->sheet.pages, spill, (struct pages_target){parquet_write, p, 0}, true,
               &p->sheet.held);
    return &p->sink;
}
