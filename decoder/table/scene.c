/* SPDX-License-Identifier: MIT */
/* scene.c - the tables that are made of what events mean. */
#include "table/scene.h"

#include <stdlib.h>

#include "base/load.h"
#include "order/common.h"

/* Name and type, one after the other, up to NULL. */
const char *const scene_runs[] = {"start_ns",  "integer", "dur_ns",  "integer", "cpu",
                                  "integer",   "pid",     "integer", "comm",    "text",
                                  "end_state", "text",    "capture", "integer", "input",
                                  "integer",   NULL};
const char *const scene_spans[] = {
    "start_ns", "integer", "dur_ns", "integer", "cpu",     "integer", "pid",   "integer", "comm",
    "text",     "sys",     "text",   "name",    "text",    "kind",    "text",  "track",   "integer",
    "ended",    "text",    "fields", "text",    "capture", "integer", "input", "integer", NULL};
const char *const scene_wakeups[] = {"time_ns", "integer",    "cpu",        "integer", "waker_pid",
                                     "integer", "waker_comm", "text",       "pid",     "integer",
                                     "comm",    "text",       "target_cpu", "integer", "capture",
                                     "integer", "input",      "integer",    NULL};

static struct scene_run *scene_cpu(struct scene *c, const struct stream *s, uint32_t cpu)
{
    struct scene_stream *of = &c->streams[s->number];

    of->cpus = mem_reach(of->cpus, &of->cpu_count, cpu, 1, sizeof(*of->cpus));
    return &of->cpus[cpu];
}

/* --- runs --- */

/* end: what came of it, or NULL: that is not known. */
static void scene_stop(struct scene *c, const struct stream *s, uint32_t cpu, uint64_t ns,
                       const char *end)
{
    struct table *t = c->runs;
    struct scene_run *r = scene_cpu(c, s, cpu);

    if (!r->known)
        return;
    r->known = false;
    if (!table_takes(t, r->since_ns, cpu) || !table_start(&c->cells->list, t))
        return;
    table_number(t, SCENE_RUN_START, cells_ns(r->since_ns));
    table_number(t, SCENE_RUN_DUR, cells_ns(ns > r->since_ns ? ns - r->since_ns : 0));
    table_number(t, SCENE_RUN_CPU, cpu);
    table_number(t, SCENE_RUN_PID, (int64_t)sched_task(&c->sched, r->pid));
    cells_words(c->cells, t, SCENE_RUN_COMM, r->name, r->name_bytes);
    if (end)
        table_words(t, SCENE_RUN_END, end, strlen(end));
    cells_capture(t, SCENE_RUN_CAPTURE, s);
    table_write(&c->cells->list, t);
}

static void scene_switch(struct scene *c, struct stream_lane *lane, uint64_t ns,
                         const struct sched_event *e)
{
    static const char *const states[] = {[ROLES_STATE_UNKNOWN] = NULL,
                                         [ROLES_STATE_READY] = "R",
                                         [ROLES_STATE_WAITS] = "S",
                                         [ROLES_STATE_DEAD] = "X"};
    struct scene_run *r = scene_cpu(c, lane->stream, lane->cpu);
    struct metadata_text name = sched_named(&c->sched, lane->stream, e->next, e->name);
    bool same = r->known && e->prev_known && e->prev == r->pid;

    scene_stop(c, lane->stream, lane->cpu, ns, same ? states[e->state] : NULL);
    *r = (struct scene_run){.known = true, .pid = e->next, .since_ns = ns, .last_ns = ns};
    r->name_bytes = name.n < sizeof(r->name) ? name.n : sizeof(r->name);
    memcpy(r->name, name.bytes, r->name_bytes);
}

static void scene_wake(struct scene *c, struct stream_lane *lane, uint64_t ns,
                       const struct sched_event *e)
{
    struct table *t = c->wakeups;
    struct metadata_text name;
    const char *waker;
    size_t n;

    if (!table_takes(t, ns, lane->cpu) || !table_start(&c->cells->list, t))
        return;
    name = sched_named(&c->sched, lane->stream, e->task, e->name);
    table_number(t, SCENE_WAKE_TIME, cells_ns(ns));
    table_number(t, SCENE_WAKE_CPU, lane->cpu);
    if (lane->record.context) {
        waker = common_comm(lane, &n);
        table_number(t, SCENE_WAKE_WAKER, load_u32(lane->record.context, lane->record.swap));
        cells_words(c->cells, t, SCENE_WAKE_WAKER_COMM, waker, n);
    }
    table_number(t, SCENE_WAKE_PID, (int64_t)sched_task(&c->sched, e->task));
    cells_words(c->cells, t, SCENE_WAKE_COMM, name.bytes, name.n);
    table_number(t, SCENE_WAKE_TARGET, e->cpu);
    cells_capture(t, SCENE_WAKE_CAPTURE, lane->stream);
    table_write(&c->cells->list, t);
}

/* --- spans --- */

static void scene_row(struct scene *c, const struct nest_span *span, uint64_t ns, const char *end,
                      const struct nest_record *r)
{
    static const char *const kinds[] = {
        [NEST_CPU] = "cpu", [NEST_TASK] = "task", [NEST_FIELD] = "field", [NEST_ID] = "id"};
    struct table *t = c->spans;
    const struct record *record = &r->lane->record;
    char name[NEST_NAME_BYTES];
    const char *comm;
    size_t n;

    table_number(t, SCENE_SPAN_START, cells_ns(span->begin_ns));
    table_number(t, SCENE_SPAN_CPU, r->lane->cpu);
    if (record->context) {
        comm = common_comm(r->lane, &n);
        table_number(t, SCENE_SPAN_PID, load_u32(record->context, record->swap));
        cells_words(c->cells, t, SCENE_SPAN_COMM, comm, n);
    }
    cells_words(c->cells, t, SCENE_SPAN_SYS, r->event->sys.bytes, r->event->sys.n);
    cells_words(c->cells, t, SCENE_SPAN_NAME, name, nest_name(r, name));
    table_words(t, SCENE_SPAN_KIND, kinds[span->kind], strlen(kinds[span->kind]));
    if (span->kind == NEST_CPU)
        table_number(t, SCENE_SPAN_TRACK, (int64_t)span->number);
    else if (span->kind == NEST_TASK)
        table_number(t, SCENE_SPAN_TRACK, (int64_t)sched_task(&c->sched, (int32_t)span->number));
    if (end) {
        table_number(t, SCENE_SPAN_DUR, cells_ns(ns - span->begin_ns));
        table_words(t, SCENE_SPAN_END, end, strlen(end));
    }
    cells_fields(c->cells, t, SCENE_SPAN_FIELDS, r->event, record, r->tails);
    cells_capture(t, SCENE_SPAN_CAPTURE, r->lane->stream);
    table_write(&c->cells->list, t);
}

/* Its row is written now, and completed at its end: `mark` is its number. */
static void scene_begin_one(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct scene *c = context;
    struct table *t = c->spans;

    span->mark = 0;
    if (!t->wanted || !table_start(&c->cells->list, t))
        return;
    scene_row(c, span, 0, NULL, r);
    span->mark = c->spans->rows;
}

static void scene_end_one(void *context, const struct nest_span *span, uint64_t ns,
                          enum nest_why why, const struct nest_record *r)
{
    static const char *const words[] = {
        [NEST_ENDED] = "ended", [NEST_CROSSED] = "crossed", [NEST_LOST] = "lost",
        [NEST_GONE] = "gone",   [NEST_AGAIN] = "again",     [NEST_LEFT] = "open"};
    struct scene *c = context;

    (void)r;
    if (!span->mark || c->cells->list.error)
        return;
    if (!c->end)
        c->end = sqlite_prepare(c->cells->list.db,
                                "update spans set dur_ns = ?, ended = ? where rowid = ?", NULL);
    table_flush(&c->cells->list, c->spans);
    if (!c->end || c->cells->list.error)
        return;
    sqlite_put_number(c->end, 1, cells_ns(ns > span->begin_ns ? ns - span->begin_ns : 0));
    sqlite_put_text(c->end, 2, words[why]);
    sqlite_put_number(c->end, 3, (int64_t)span->mark);
    (void)sqlite_step(c->end);
    sqlite_reset(c->end);
}

static void scene_whole(void *context, const struct nest_span *span, uint64_t ns,
                        const struct nest_record *r)
{
    struct scene *c = context;
    struct table *t = c->spans;

    if (t->wanted && table_start(&c->cells->list, t))
        scene_row(c, span, ns, "ended", r);
}

/* --- all of it --- */

void scene_open(struct scene *c, struct cells *cells, struct roles *roles, struct symbols *symbols)
{
    *c = (struct scene){.cells = cells};
    sched_open(&c->sched, roles);
    nest_open(&c->nest, roles, &c->sched, symbols,
              &(struct nest_calls){scene_begin_one, scene_end_one, scene_whole, c});
}

void scene_close(struct scene *c)
{
    for (uint32_t i = 0; i < c->stream_count; i++)
        free(c->streams[i].cpus);
    free(c->streams);
    c->streams = NULL;
    c->stream_count = 0;
    nest_close(&c->nest);
    sched_close(&c->sched);
}

bool scene_wanted(const struct scene *c)
{
    return c->runs->wanted || c->spans->wanted || c->wakeups->wanted;
}

void scene_begin(struct scene *c, struct stream *s)
{
    c->streams = mem_reach(c->streams, &c->stream_count, s->number, 1, sizeof(*c->streams));
    c->streams[s->number].of = s;
    sched_begin(&c->sched, s);
    nest_begin(&c->nest, s);
}

void scene_event(struct scene *c, struct stream_lane *lane, const struct metadata_event *e,
                 uint64_t ns, const struct value_tail *tails)
{
    struct scene_run *cpu = scene_cpu(c, lane->stream, lane->cpu);
    struct sched_event is;

    if (lane->gap_open)
        scene_lose(c, lane, c->streams[lane->stream->number].last_ns);
    if (ns > c->streams[lane->stream->number].last_ns)
        c->streams[lane->stream->number].last_ns = ns;
    cpu->last_ns = ns;
    if (roles_find(c->sched.roles, e)->is == ROLES_NONE)
        return;
    switch (sched_take(&c->sched, lane, e, tails, &is)) {
    case ROLES_SWITCH:
        scene_switch(c, lane, ns, &is);
        break;
    case ROLES_WAKE:
        scene_wake(c, lane, ns, &is);
        break;
    default:
        break;
    }
    if (c->spans->wanted)
        nest_take(&c->nest, lane, e, tails);
}

void scene_lose(struct scene *c, struct stream_lane *lane, uint64_t ns)
{
    scene_stop(c, lane->stream, lane->cpu, ns, "lost");
    sched_lose(&c->sched, lane);
    nest_lose(&c->nest, lane);
}

void scene_finish(struct scene *c, struct stream *s)
{
    struct scene_stream *of = s->number < c->stream_count ? &c->streams[s->number] : NULL;

    if (!of || !of->of)
        return;
    for (uint32_t i = 0; i < of->cpu_count; i++)
        scene_stop(c, s, i, of->cpus[i].last_ns, "open");
    nest_finish(&c->nest, s, of->last_ns);
    free(of->cpus);
    *of = (struct scene_stream){.of = NULL};
}
