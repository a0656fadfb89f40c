/* SPDX-License-Identifier: MIT */
/* fill.c - the tables that a dump is in SQL, and their rows. */
#include "table/fill.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "table/event.h"
#include "table/whole.h"

#define FILL_EVENTS_FIRST 64u

struct fill_stream {
    struct stream *of; /* NULL: no capture of it is being read */
    struct event *events;
    uint32_t event_slots;
    bool any;
    uint64_t first_ns, last_ns, records, lost;
};

enum { FILL_SYS = CELLS_CONTEXT, FILL_EVENT, FILL_FIELDS, FILL_RECORD_CUT, FILL_RECORD_CAPTURE };
enum { FILL_LOST = CELLS_CPU + 1, FILL_CAUSE, FILL_LOSS_CAPTURE };
enum { FILL_LEFT_SYS, FILL_LEFT_EVENT, FILL_LEFT_COUNT, FILL_LEFT_CAPTURE };
enum { FILL_TASK_PID, FILL_TASK_COMM, FILL_TASK_GROUP, FILL_TASK_CAPTURE };
enum {
    FILL_CAPTURE_NUMBER,
    FILL_CAPTURE_INPUT,
    FILL_CAPTURE_FILE,
    FILL_CAPTURE_STREAM,
    FILL_CAPTURE_HOST,
    FILL_CAPTURE_TOOL,
    FILL_CAPTURE_BUFFER,
    FILL_CAPTURE_MODE,
    FILL_CAPTURE_CLOCK,
    FILL_CAPTURE_HZ,
    FILL_CAPTURE_CPUS,
    FILL_CAPTURE_RECORDS,
    FILL_CAPTURE_LOST,
    FILL_CAPTURE_FIRST,
    FILL_CAPTURE_LAST,
    FILL_CAPTURE_WALL_AT,
    FILL_CAPTURE_WALL
};

static const char *const fill_records[] = {
    "time_ns", "integer", "cpu",     "integer", "common_pid", "integer", "common_comm", "text",
    "flags",   "text",    "sys",     "text",    "event",      "text",    "fields",      "text",
    "cut",     "text",    "capture", "integer", "input",      "integer", NULL};
static const char *const fill_losses[] = {"time_ns", "integer", "cpu",  "integer", "lost",
                                          "integer", "cause",   "text", "capture", "integer",
                                          "input",   "integer", NULL};
static const char *const fill_suppressed[] = {"sys",        "text",    "event",   "text",
                                              "suppressed", "integer", "capture", "integer",
                                              "input",      "integer", NULL};
static const char *const fill_tasks[] = {"pid",   "integer", "comm",    "text",
                                         "tgid",  "integer", "capture", "integer",
                                         "input", "integer", NULL};
static const char *const fill_captures[] = {
    "capture", "integer", "input",      "integer", "file",     "text",     "stream",
    "text",    "host",    "text",       "tool",    "text",     "buffer",   "text",
    "mode",    "text",    "clock",      "text",    "clock_hz", "integer",  "cpus",
    "integer", "records", "integer",    "lost",    "integer",  "first_ns", "integer",
    "last_ns", "integer", "wall_at_ns", "integer", "wall_ns",  "integer",  NULL};

static const struct fill_kind {
    const char *name;
    const char *const *columns;
    int time, cpu;
} fill_kinds[FILL_FIXED] = {
    [FILL_RECORDS] = {"records", fill_records, CELLS_TIME, CELLS_CPU},
    [FILL_UNFINISHED] = {"unfinished", fill_records, CELLS_TIME, CELLS_CPU},
    [FILL_LOSSES] = {"losses", fill_losses, CELLS_TIME, CELLS_CPU},
    [FILL_SUPPRESSED] = {"suppressed", fill_suppressed, -1, -1},
    [FILL_TASKS] = {"tasks", fill_tasks, -1, -1},
    [FILL_CAPTURES] = {"captures", fill_captures, -1, -1},
    [FILL_RUNS] = {"runs", scene_runs, -1, SCENE_RUN_CPU},
    [FILL_SPANS] = {"spans", scene_spans, -1, -1},
    [FILL_WAKEUPS] = {"wakeups", scene_wakeups, SCENE_WAKE_TIME, SCENE_WAKE_CPU}};

/* --- rows --- */

/* e: NULL, it does not fit one. */
static void fill_record(struct fill *f, enum fill_fixed which, struct stream_lane *lane,
                        const struct metadata_event *e, uint64_t ns, const struct value_tail *tails)
{
    struct table *t = f->fixed[which];

    if (!table_takes(t, ns, lane->cpu) || !table_start(&f->cells.list, t))
        return;
    cells_context(&f->cells, t, lane, ns);
    cells_fields(&f->cells, t, FILL_FIELDS, e, &lane->record, tails);
    if (e) {
        cells_words(&f->cells, t, FILL_SYS, e->sys.bytes, e->sys.n);
        cells_words(&f->cells, t, FILL_EVENT, e->name.bytes, e->name.n);
        if (e->tail_count)
            cells_cut(&f->cells, t, FILL_RECORD_CUT, e, tails);
    }
    cells_capture(t, FILL_RECORD_CAPTURE, lane->stream);
    table_write(&f->cells.list, t);
}

/* A few bytes of a dump, compressed and with long names of values, could become any amount of text. */
static void fill_limit(struct fill *f, const struct stream *s)
{
    if (f->cells.text_bytes > FILL_FREE_BYTES &&
        (f->cells.text_bytes - FILL_FREE_BYTES) / FILL_RATIO > s->in.taken)
        f->cells.list.error = EFBIG;
}

static struct event *fill_find(struct fill *f, struct fill_stream *s,
                               const struct metadata_event *e)
{
    struct event *in;
    uint32_t missing;

    s->events = mem_reach(s->events, &s->event_slots, e->id, FILL_EVENTS_FIRST, sizeof(*s->events));
    in = &s->events[e->id];
    if (in->is == e)
        return in;
    *in = (struct event){.is = e};
    if (f->asks && !f->asks(f->context, e))
        return in;
    f->changed = event_meet(&f->cells, in, &missing) || f->changed;
    f->columnless += missing;
    return in;
}

static void fill_changed(struct fill *f)
{
    if (f->changed && f->change)
        f->change(f->context);
    f->changed = false;
}

/* Rows that wait are of one capture, unless there are several inputs. */
static void fill_same(struct fill *f, const struct stream *s)
{
    table_flush_all(&f->cells.list);
    f->cells.list.same = !s->others;
    f->cells.list.capture = s->captures;
    f->cells.list.input = s->number + 1;
}

void fill_begin(struct fill *f, struct stream *s)
{
    const struct metadata *m = &s->metadata;

    f->streams = mem_reach(f->streams, &f->stream_count, s->number, 1, sizeof(*f->streams));
    f->streams[s->number].of = s;
    fill_same(f, s);
    scene_begin(&f->scene, s);
    for (uint32_t id = 0; id < m->event_slots; id++)
        if (m->events[id])
            (void)fill_find(f, &f->streams[s->number], m->events[id]);
    fill_changed(f);
}

void fill_event(struct fill *f, struct stream_lane *lane, const struct metadata_event *e)
{
    struct fill_stream *s = &f->streams[lane->stream->number];
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct event *in;

    s->first_ns = s->any && s->first_ns < ns ? s->first_ns : ns;
    s->last_ns = s->last_ns > ns ? s->last_ns : ns;
    s->any = true;
    s->records++;
    if (!sink_tails(lane, e, tails)) {
        fill_record(f, FILL_RECORDS, lane, NULL, ns, NULL);
        return;
    }
    in = fill_find(f, s, e);
    if (f->changed)
        fill_changed(f);
    if (!f->cells.list.all_wanted || !in->table || in->table->apart)
        fill_record(f, FILL_RECORDS, lane, e, ns, tails);
    f->homeless += !in->table && f->cells.list.all_wanted;
    if (in->table)
        event_row(&f->cells, in, lane, ns, tails);
    if (scene_wanted(&f->scene))
        scene_event(&f->scene, lane, e, ns, tails);
    fill_limit(f, lane->stream);
}

void fill_unfinished(struct fill *f, struct stream_lane *lane, const struct metadata_event *e)
{
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);

    fill_record(f, FILL_UNFINISHED, lane, fits ? e : NULL, ns, tails);
}

/* lost: NULL, how many is not known. lane: NULL, neither are time and CPU. */
static void fill_lost(struct fill *f, const struct stream *s, const struct stream_lane *lane,
                      uint64_t ns, const uint64_t *lost, const char *cause)
{
    struct table *t = f->fixed[FILL_LOSSES];

    f->streams[s->number].lost = number_add(f->streams[s->number].lost, lost ? *lost : 0);
    if (lane ? !table_takes(t, ns, lane->cpu) : !t->wanted)
        return;
    if (!table_start(&f->cells.list, t))
        return;
    if (lane) {
        table_number(t, CELLS_TIME, cells_ns(ns));
        table_number(t, CELLS_CPU, lane->cpu);
    }
    if (lost)
        table_number(t, FILL_LOST, cells_ns(*lost));
    table_words(t, FILL_CAUSE, cause, strlen(cause));
    cells_capture(t, FILL_LOSS_CAPTURE, s);
    table_write(&f->cells.list, t);
}

void fill_loss(struct fill *f, struct stream_lane *lane)
{
    uint64_t ns = stream_ns(lane->stream, lane->time);

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            fill_lost(f, lane->stream, lane, ns, &lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        fill_lost(f, lane->stream, lane, ns, NULL, "damaged");
    if (scene_wanted(&f->scene))
        scene_lose(&f->scene, lane, ns);
}

/* --- what is known at the end of a capture --- */

static void fill_counts(struct fill *f, struct stream *s)
{
    struct table *t = f->fixed[FILL_SUPPRESSED];
    uint64_t count;
    uint32_t id = 0;

    s->counts_told = true;
    if (s->strangers)
        fill_lost(f, s, NULL, 0, &s->strangers, "unknown_cpu");
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (!e || !t->wanted || !table_start(&f->cells.list, t))
            continue;
        cells_words(&f->cells, t, FILL_LEFT_SYS, e->sys.bytes, e->sys.n);
        cells_words(&f->cells, t, FILL_LEFT_EVENT, e->name.bytes, e->name.n);
        table_number(t, FILL_LEFT_COUNT, cells_ns(count));
        cells_capture(t, FILL_LEFT_CAPTURE, s);
        table_write(&f->cells.list, t);
    }
}

static void fill_names(struct fill *f, const struct stream *s)
{
    struct table *t = f->fixed[FILL_TASKS];

    for (uint32_t i = 0; t->wanted && i < s->tasks.count; i++) {
        const struct task *task = &s->tasks.slots[i];

        if (!task->used || !task->name_bytes || !table_start(&f->cells.list, t))
            continue;
        table_number(t, FILL_TASK_PID, task->pid);
        cells_words(&f->cells, t, FILL_TASK_COMM, task->name, task->name_bytes);
        if (task->group)
            table_number(t, FILL_TASK_GROUP, task->group);
        cells_capture(t, FILL_TASK_CAPTURE, s);
        table_write(&f->cells.list, t);
    }
}

static void fill_said(struct fill *f, struct table *t, int column, const struct metadata_text *text)
{
    if (text->n)
        cells_words(&f->cells, t, column, text->bytes, text->n);
}

static void fill_about(struct fill *f, struct stream *s)
{
    const struct fill_stream *of = &f->streams[s->number];
    struct table *t = f->fixed[FILL_CAPTURES];
    const struct metadata *m = &s->metadata;
    char stream[2 + 16 + 1];

    if (!t->wanted || !table_start(&f->cells.list, t))
        return;
    table_number(t, FILL_CAPTURE_NUMBER, s->captures);
    table_number(t, FILL_CAPTURE_INPUT, s->number + 1u);
    cells_words(&f->cells, t, FILL_CAPTURE_FILE, s->diag.name, strlen(s->diag.name));
    snprintf(stream, sizeof(stream), "0x%" PRIx64, s->id);
    cells_words(&f->cells, t, FILL_CAPTURE_STREAM, stream, strlen(stream));
    fill_said(f, t, FILL_CAPTURE_HOST, &m->host);
    fill_said(f, t, FILL_CAPTURE_TOOL, &m->tool);
    fill_said(f, t, FILL_CAPTURE_BUFFER, &m->buffer);
    fill_said(f, t, FILL_CAPTURE_MODE, &m->mode);
    fill_said(f, t, FILL_CAPTURE_CLOCK, &m->clock_name);
    table_number(t, FILL_CAPTURE_HZ, cells_ns(m->clock_hz));
    table_number(t, FILL_CAPTURE_CPUS, cells_ns(m->cpus));
    table_number(t, FILL_CAPTURE_RECORDS, cells_ns(of->records));
    table_number(t, FILL_CAPTURE_LOST, cells_ns(of->lost));
    if (of->any) {
        table_number(t, FILL_CAPTURE_FIRST, cells_ns(of->first_ns));
        table_number(t, FILL_CAPTURE_LAST, cells_ns(of->last_ns));
    }
    if (s->pairs.count) {
        table_number(t, FILL_CAPTURE_WALL_AT, cells_ns(clock_ns(&s->clock, s->pairs.at[0].ticks)));
        table_number(t, FILL_CAPTURE_WALL, cells_ns(s->pairs.at[0].wall_ns));
    }
    table_write(&f->cells.list, t);
}

void fill_finish(struct fill *f, struct stream *s)
{
    struct fill_stream *of = s->number < f->stream_count ? &f->streams[s->number] : NULL;

    (void)roles_finish(&f->roles, s, 0);
    if (!of || !of->of)
        return;
    scene_finish(&f->scene, s);
    fill_counts(f, s);
    fill_names(f, s);
    fill_about(f, s);
    object_forget(&f->cells.objects);
    free(of->events);
    *of = (struct fill_stream){.of = NULL};
}

/* --- the whole --- */

static void fill_tables(struct fill *f)
{
    for (int i = 0; i < FILL_FIXED; i++) {
        const struct fill_kind *k = &fill_kinds[i];
        /* Where all is wanted `records` is a view. */
        const char *name = i == FILL_RECORDS && f->cells.list.all_wanted ? WHOLE_OTHERS : k->name;
        struct table *t = table_add(&f->cells.list, name, strlen(name));

        if (!t)
            mem_failed();
        for (const char *const *c = k->columns; *c; c += 2)
            (void)table_column(&f->cells.list, t, c[0], strlen(c[0]),
                               *c[1] == 'i' ? &table_integer : &table_text);
        t->time = k->time;
        t->cpu = k->cpu;
        f->fixed[i] = t;
    }
}

void fill_open(struct fill *f, struct sqlite *db, const struct roles_options *roles,
               struct symbols *symbols, struct diag *diag, bool all)
{
    memset(f, 0, sizeof(*f));
    f->diag = diag;
    f->changed = true;
    cells_open(&f->cells, db, all);
    f->cells.text.symbols = symbols;
    roles_open(&f->roles, roles);
    scene_open(&f->scene, &f->cells, &f->roles, symbols);
    fill_tables(f);
    f->scene.runs = f->fixed[FILL_RUNS];
    f->scene.spans = f->fixed[FILL_SPANS];
    f->scene.wakeups = f->fixed[FILL_WAKEUPS];
}

void fill_close(struct fill *f)
{
    for (uint32_t i = 0; i < f->stream_count; i++)
        free(f->streams[i].events);
    free(f->streams);
    scene_close(&f->scene);
    cells_close(&f->cells);
}

void fill_end(struct fill *f, const char *name)
{
    const char *text;
    uint64_t n;

    table_flush_all(&f->cells.list);
    for (uint32_t i = 0; i < f->cells.list.count; i++)
        if (f->cells.list.all[i]->wanted)
            table_make(&f->cells.list, f->cells.list.all[i]);
    if (f->cells.list.all_wanted)
        whole_make(&f->cells.list);
    f->wrong = !roles_end(&f->roles, f->diag);
    for (unsigned i = 0; (text = nest_left_out(&f->scene.nest, i, &n)) != NULL; i++)
        if (n)
            diag_line(f->diag, "%s: %" PRIu64 " %s", name, n, text);
    if (f->cells.wrapped)
        diag_line(f->diag,
                  "%s: %" PRIu64 " numbers are beyond 2^63 - 1 and are negative: printf('%%u', x) "
                  "shows them",
                  name, f->cells.wrapped);
    if (f->homeless)
        diag_line(f->diag,
                  "%s: %" PRIu64
                  " records have no table of their own: there are more than %u tables",
                  name, f->homeless, TABLE_TABLES);
    if (f->columnless)
        diag_line(f->diag, "%s: %" PRIu64 " fields have no column: there are more than %u", name,
                  f->columnless, TABLE_COLUMNS);
}
