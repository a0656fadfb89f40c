/* SPDX-License-Identifier: MIT */
/* pass.c - decodes the inputs again, from a place on. */
#include "explore/pass.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "explore/lanes.h"

static int pass_nowhere(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

/* --- one line after the other --- */

static void pass_give(struct pass *p, struct pass_line *l)
{
    l->number = p->number++;
    p->stop = p->stop || !p->line(p->context, l);
    if (p->lanes && l->lane)
        lanes_line(p->lanes, l);
    p->last.sink.enough = p->stop;
}

/* False: what is wanted is after it. */
static bool pass_begun(struct pass *p, const struct stream_lane *lane)
{
    p->started = p->started || stream_ns(lane->stream, lane->time) >= p->from.ns;
    return p->started;
}

static struct pass *pass_of(struct sink *k)
{
    return ((struct pass_last *)k)->pass;
}

static void pass_last_begin(struct sink *k, struct stream *s)
{
    struct pass *p = pass_of(k);

    if (p->setup->filter)
        condition_look(&p->condition, &s->metadata);
    if (p->asked)
        condition_look(p->asked, &s->metadata);
    if (s->captures > 1)
        pass_give(p, &(struct pass_line){.kind = PASS_BEGIN, .stream = s});
}

static void pass_record(struct pass *p, enum pass_kind kind, struct stream_lane *lane,
                        const struct metadata_event *e)
{
    if (!pass_begun(p, lane) || p->stop)
        return;
    if (p->setup->filter && !condition_passes(&p->condition, lane, e))
        return;
    pass_give(p, &(struct pass_line){.kind = kind,
                                     .ns = stream_ns(lane->stream, lane->time),
                                     .stream = lane->stream,
                                     .lane = lane,
                                     .event = e});
}

static void pass_last_event(struct sink *k, struct stream_lane *lane,
                            const struct metadata_event *e)
{
    pass_record(pass_of(k), PASS_EVENT, lane, e);
}

static void pass_last_unfinished(struct sink *k, struct stream_lane *lane,
                                 const struct metadata_event *e)
{
    pass_record(pass_of(k), PASS_UNFINISHED, lane, e);
}

static void pass_last_loss(struct sink *k, struct stream_lane *lane)
{
    struct pass *p = pass_of(k);
    struct pass_line l = {.kind = PASS_LOSS,
                          .ns = stream_ns(lane->stream, lane->time),
                          .stream = lane->stream,
                          .lane = lane};

    if (!pass_begun(p, lane))
        return;
    for (l.cause = 0; l.cause <= STREAM_LOST_CAUSES && !p->stop; l.cause++) {
        if (l.cause < STREAM_LOST_CAUSES ? !lane->loss[l.cause] : !lane->loss_damage)
            continue;
        pass_give(p, &l);
        l.part++;
    }
}

static void pass_last_finish(struct sink *k, struct stream *s)
{
    struct pass *p = pass_of(k);

    condition_finish(&p->condition);
    if (p->asked)
        condition_finish(p->asked);
    if (!p->keeps)
        return;
    task_free(&p->setup->names[s->number]);
    p->setup->names[s->number] = s->tasks;
    s->tasks = (struct task_table){NULL};
    p->setup->base_ns = s->base_ns;
    p->setup->by_wall = s->by_wall;
}

/* --- before the selection --- */

/* Names that were in what was left out. */
static void pass_seed(struct pass *p, struct stream *s)
{
    const struct task_table *names = &p->setup->names[s->number];

    p->seeded[s->number] = true;
    for (uint32_t i = 0; i < names->count; i++) {
        const struct task *t = &names->slots[i];
        uint8_t name[TP_TASK_NAME_BYTES] = {0};

        if (!t->used || !t->name_bytes || task_find(&s->tasks, t->pid))
            continue;
        memcpy(name, t->name, t->name_bytes);
        task_name(&s->tasks, t->pid, t->group, name, false);
    }
}

/* What comes before the mark. A time of day is not the same on all of the counter, if there are several pairs: a margin is
 * read as well, as for --from. */
static void pass_leave_out(const struct pass *p, struct stream *s)
{
    struct moment m = {.kind = s->by_wall ? MOMENT_DAY : MOMENT_SECONDS, .ns = p->from.ns};

    if (s->by_wall && s->pairs.count)
        stream_leave_out(s, moment_early(moment_first(&m, s), s));
    else if (!s->by_wall)
        stream_leave_out(s, moment_first(&m, s));
}

/* Is it of what the pass is about? */
static bool pass_reached(const struct pass *p, const struct stream_lane *lane)
{
    return !p->marked || stream_ns(lane->stream, lane->time) >= p->from.ns;
}

static void pass_first_begin(struct sink *k, struct stream *s)
{
    struct pass *p = (struct pass *)k;

    if (p->lanes)
        lanes_begin(p->lanes, s);
    if (p->marked)
        pass_leave_out(p, s);
    if (p->next->begin)
        p->next->begin(p->next, s);
    k->enough = p->next->enough;
}

/* Is it of the time that is asked for? Whether it is wanted by all else does not matter for what tasks do. */
static void pass_first_item(struct pass *p, struct stream_lane *lane,
                            const struct metadata_event *e,
                            void (*give)(struct sink *k, struct stream_lane *lane,
                                         const struct metadata_event *e))
{
    uint64_t before = p->select.records;

    if (p->marked)
        lane->stream->base_ns = p->setup->base_ns;
    if (lane->stream->jumped && !p->seeded[lane->stream->number])
        pass_seed(p, lane->stream);
    give(p->next, lane, e);
    if (p->lanes && pass_reached(p, lane) && (!p->timed || p->select.records != before))
        lanes_event(p->lanes, lane, e);
    if (p->until_ns && p->setup->jumps && stream_ns(lane->stream, lane->time) > p->until_ns)
        p->stop = true;
    p->first.enough = p->next->enough || p->stop;
}

static void pass_first_event(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    struct pass *p = (struct pass *)k;

    pass_first_item(p, lane, e, p->next->event);
}

static void pass_first_unfinished(struct sink *k, struct stream_lane *lane,
                                  const struct metadata_event *e)
{
    struct pass *p = (struct pass *)k;

    if (p->next->unfinished)
        p->next->unfinished(p->next, lane, e);
}

static void pass_first_loss(struct sink *k, struct stream_lane *lane)
{
    struct pass *p = (struct pass *)k;

    if (p->next->loss)
        p->next->loss(p->next, lane);
    if (p->lanes && pass_reached(p, lane))
        lanes_loss(p->lanes, lane);
    k->enough = p->next->enough || p->stop;
}

static void pass_first_finish(struct sink *k, struct stream *s)
{
    struct pass *p = (struct pass *)k;

    if (p->lanes)
        lanes_finish(p->lanes, s);
    if (p->next->finish)
        p->next->finish(p->next, s);
}

static void pass_first_close(struct sink *k)
{
    struct pass *p = (struct pass *)k;

    if (p->selects)
        sink_close(&p->select.sink);
}

static void pass_first_end(struct sink *k)
{
    struct pass *p = (struct pass *)k;

    if (p->next->end)
        p->next->end(p->next);
}

/* --- a pass --- */

/* What events there are, where those that were read lack what the filter asks for. */
static void pass_events(void *context, const struct metadata *m)
{
    condition_look(&((struct pass *)context)->select.condition, m);
}

static void pass_input(struct pass *p, uint32_t i)
{
    const struct stream *from = &p->setup->inputs[i];
    struct stream *s = &p->streams[i];

    stream_open(s, i, from->diag.name, p->diag);
    s->in = from->in;
    s->in.borrowed = true;
    s->in.diag = &s->diag;
    if (s->in.fd >= 0 && !s->in.slow && s->in.origin >= 0)
        (void)lseek(s->in.fd, s->in.origin, SEEK_SET);
    s->closing = from->closing;
    s->done = from->done;
    s->label = from->label;
    s->prefix = from->prefix;
    s->prefix_bytes = from->prefix_bytes;
    s->clock_hz = from->clock_hz;
    s->offset_ns = from->offset_ns;
    s->given = from->given;
    s->look = !s->done;
    s->survey = p->setup->surveys[i];
    p->setup->surveys[i] = (struct survey){.done = false};
    s->survey.ends = select_ends(p->setup->select);
    if (p->keeps && p->setup->select->filter) {
        s->survey.events = pass_events;
        s->survey.context = p;
    }
}

static void pass_sinks(struct pass *p)
{
    struct pass_setup *u = p->setup;

    p->last.pass = p;
    p->last.sink = (struct sink){.out = &p->out,
                                 .begin = pass_last_begin,
                                 .event = pass_last_event,
                                 .unfinished = pass_last_unfinished,
                                 .loss = pass_last_loss,
                                 .finish = pass_last_finish};
    p->first = (struct sink){.out = &p->out,
                             .begin = pass_first_begin,
                             .event = pass_first_event,
                             .unfinished = pass_first_unfinished,
                             .loss = pass_first_loss,
                             .finish = pass_first_finish,
                             .end = pass_first_end,
                             .close = pass_first_close};
    p->next = &p->last.sink;
    if (select_wanted(u->select)) {
        p->selects = true;
        p->timed = u->select->from.kind || u->select->to.kind || u->select->captures.count;
        p->next = select_open(&p->select, u->select, p->next, u->count, p->diag);
    }
    p->merge.sink = &p->first;
    if (u->symbols)
        p->merge.sink = place_open(&p->place, u->place, &p->first, u->symbols, u->symbols_path,
                                   u->count);
}

void pass_open(struct pass *p, struct pass_setup *setup, struct diag *diag)
{
    *p = (struct pass){.setup = setup, .diag = diag ? diag : &p->silent, .keeps = diag};
    p->silent.sink = (struct out_sink){pass_nowhere, NULL};
    condition_open(&p->condition, setup->filter);
    p->streams = mem_zero(setup->count * sizeof(*p->streams));
    p->seeded = mem_zero(setup->count * sizeof(*p->seeded));
    for (uint32_t i = 0; i < setup->count; i++)
        pass_input(p, i);
    p->merge = (struct merge){.streams = p->streams,
                              .stream_count = setup->count,
                              .turn = setup->turn,
                              .turn_context = setup->turn_context};
    pass_sinks(p);
}

void pass_from(struct pass *p, const struct pass_mark *mark)
{
    if (!mark || !p->setup->jumps)
        return;
    p->from = *mark;
    p->marked = true;
    p->number = mark->number;
}

void pass_run(struct pass *p)
{
    merge_run(&p->merge);
    for (uint32_t i = 0; i < p->setup->count; i++)
        if (!p->streams[i].done)
            stream_stop(&p->streams[i]);
}

/* Where times are in order, each input has one capture, and none is in several: what is lost of such a one is not known before
 * all of it was read. */
bool pass_jumps(const struct pass *p)
{
    const struct merge *m = &p->merge;

    for (uint32_t i = 0; i < p->setup->count; i++) {
        const struct survey *v = &p->streams[i].survey;

        if (!p->setup->inputs[i].done && !(v->single && v->ordered))
            return false;
    }
    return !m->relation.joins.inputs && !m->backwards && !m->late;
}

void pass_close(struct pass *p)
{
    for (uint32_t i = 0; p->streams && i < p->setup->count; i++) {
        struct stream *s = &p->streams[i];

        if (s->survey.done) {
            p->setup->surveys[i] = s->survey;
            s->survey = (struct survey){.done = false};
            p->setup->surveys[i].events = NULL;
            p->setup->surveys[i].told = false; /* the next condition has not looked at it yet */
        }
        s->in.scratch = 0; /* the original's */
        s->in.tty = NULL;
        stream_close(s);
    }
    free(p->streams);
    free(p->seeded);
    p->streams = NULL;
    p->seeded = NULL;
    sink_close(p->place.sink.close ? &p->place.sink : &p->first);
    condition_close(&p->condition);
    merge_free(&p->merge);
    p->setup = NULL;
}

void pass_forget(struct pass_setup *setup)
{
    for (uint32_t i = 0; i < setup->count; i++) {
        survey_close(&setup->surveys[i]);
        task_free(&setup->names[i]);
    }
}
