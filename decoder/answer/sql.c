/* SPDX-License-Identifier: MIT */
/* sql.c - --sql: what SQL asks of a dump. */
#include "answer/sql.h"

#include <stdlib.h>

#include "order/moment.h"
#include "order/preview.h"

/* What the times that a query needs are on the counter of a capture. */
struct sql_stream {
    bool ready, past, asked;
    uint64_t first, last;
};

/* --- what is read --- */

static bool sql_asks(void *context, const struct metadata_event *e)
{
    struct sql *s = context;
    char text[METADATA_JOINED_BYTES];
    struct metadata_text name = metadata_join(e, ':', text);

    ask_note(&s->ask, e);
    if (!s->plan.query || plan_names(s->plan.query, text, name.n))
        return true;
    name = metadata_join(e, '_', text);
    return plan_names(s->plan.query, text, name.n);
}

/* There are other tables than before. */
static void sql_plan(void *context)
{
    struct sql *s = context;

    if (!s->plan.query)
        return;
    if (!plan_make(&s->plan, &s->fill.cells.list))
        s->sink.enough = true;
    s->ranged = plan_times(&s->fill.cells.list, &s->low, &s->high);
    s->low = s->low < 0 ? 0 : s->low;
}

static void sql_limits(struct sql *s, struct sql_stream *t, struct stream *from)
{
    const struct moment low = {.kind = MOMENT_SECONDS, .ns = (uint64_t)s->low};

    t->ready = true;
    /* A little more is no mistake: rows are compared again. */
    t->first = moment_first(&low, from);
    t->last = UINT64_MAX;
    if (s->high < INT64_MAX)
        t->last = s->high < 0 ? 0
                              : moment_first(&(struct moment){.kind = MOMENT_SECONDS,
                                                              .ns = (uint64_t)s->high + 1},
                                             from);
    if (t->first)
        stream_leave_out(from, t->first);
}

static bool sql_past(const struct sql *s)
{
    for (uint32_t i = 0; i < s->inputs; i++)
        if (!s->streams[i].past)
            return false;
    return true;
}

/* Is an item of a time that is needed? Sees to it that what is before and after is not read, where that can be. */
static bool sql_takes(struct sql *s, struct stream_lane *lane)
{
    struct stream *from = lane->stream;
    struct sql_stream *t = &s->streams[from->number];

    if (!s->ranged || from->by_wall)
        return true;
    if (!t->ready)
        sql_limits(s, t, from);
    if (lane->time < t->first)
        return false;
    if (lane->time <= t->last)
        return true;
    if (!t->asked && preview_is_last(from)) {
        t->past = true;
        s->sink.enough = s->sink.enough || sql_past(s);
    }
    t->asked = true;
    return false;
}

/* --- sink --- */

static void sql_begin(struct sink *k, struct stream *from)
{
    struct sql *s = (struct sql *)k;

    s->begun = true;
    s->streams[from->number] = (struct sql_stream){.past = s->streams[from->number].past};
    fill_begin(&s->fill, from);
}

static void sql_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct sql *s = (struct sql *)k;

    if (sql_takes(s, lane))
        fill_event(&s->fill, lane, e);
    k->out->error = s->fill.cells.list.error ? s->fill.cells.list.error : k->out->error;
}

static void sql_unfinished(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct sql *s = (struct sql *)k;

    if (sql_takes(s, lane))
        fill_unfinished(&s->fill, lane, e);
}

static void sql_loss(struct sink *k, struct stream_lane *lane)
{
    struct sql *s = (struct sql *)k;

    if (sql_takes(s, lane))
        fill_loss(&s->fill, lane);
}

static void sql_finish(struct sink *k, struct stream *from)
{
    fill_finish(&((struct sql *)k)->fill, from);
}

/* --- answers --- */

static void sql_end(struct sink *k)
{
    struct sql *s = (struct sql *)k;

    if (!s->begun)
        return;
    if (*s->plan.problem && k->enough) {
        ask_problem(&s->ask, s->plan.query, s->plan.problem);
        return;
    }
    fill_end(&s->fill, "--sql");
    s->ask.wrong = s->ask.wrong || s->fill.wrong;
    k->out->cut_arrays += s->fill.cells.text.cut_arrays;
    plan_indexes(&s->fill.cells.list);
    if (s->fill.cells.list.error || !sqlite_run(s->db, "commit")) {
        k->out->error = s->fill.cells.list.error ? s->fill.cells.list.error : sqlite_error(s->db);
        return;
    }
    sqlite_guard(s->db);
    for (uint32_t i = 0; i < s->fill.cells.list.count; i++)
        s->ask.rows += s->fill.cells.list.all[i]->rows;
    if (s->plan.query)
        (void)ask_run(&s->ask, s->plan.query);
    else
        prompt_run(&s->prompt, &s->ask);
}

static void sql_close(struct sink *k)
{
    struct sql *s = (struct sql *)k;

    fill_close(&s->fill);
    plan_close(&s->plan);
    grid_close(&s->ask.grid);
    sqlite_close(s->db);
    free(s->streams);
    prompt_close(&s->prompt);
}

struct sink *sql_open(struct sql *s, struct out *o, const struct sql_options *options,
                      const struct roles_options *roles, uint32_t inputs, struct spill *spill,
                      struct diag *diag)
{
    memset(s, 0, sizeof(*s));
    s->sink = (struct sink){.out = o,
                            .begin = sql_begin,
                            .event = sql_event,
                            .unfinished = sql_unfinished,
                            .loss = sql_loss,
                            .finish = sql_finish,
                            .end = sql_end,
                            .close = sql_close};
    s->plan.query = options->query;
    s->inputs = inputs;
    s->streams = mem_zero(inputs * sizeof(*s->streams));
    grid_open(&s->ask.grid);
    s->db = sqlite_open(-1, spill);
    s->ask.db = s->db;
    s->ask.list = &s->fill.cells.list;
    s->ask.out = o;
    s->ask.diag = diag;
    s->ask.format = options->format;
    fill_open(&s->fill, s->db, roles, o->symbols, diag, !options->query);
    s->fill.asks = sql_asks;
    s->fill.change = sql_plan;
    s->fill.context = s;
    (void)sqlite_run(s->db, "begin");
    return &s->sink;
}
