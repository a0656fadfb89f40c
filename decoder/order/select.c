/* SPDX-License-Identifier: MIT */
/* select.c - which items of a dump are passed on. */
#include "order/select.h"

#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "bytes/guide.h"
#include "order/asked.h"
#include "order/bounds.h"
#include "order/lane.h"
#include "order/preview.h"
#include "order/skip.h"

struct select_stream {
    struct stream *stream; /* while it is being read */
    bool skipped;          /* this capture is not asked for */
    bool any;              /* there were records; their counts are: */
    uint64_t low, high;
    struct bounds bounds; /* of the times asked for */
    bool past, asked;
    uint8_t *unwanted; /* by id: it is known that no record of the event is wanted; NULL: of none */
};

/* Of the only capture of the only input, which has an index. */
struct select_skip {
    unsigned learned; /* of the metadata that `events` was made of */
    bool exact;       /* no two events have the same bit */
    uint64_t events;  /* those that are wanted, as in struct guide_chunk */
    uint64_t from;    /* nothing from before this counter is wanted */
};

const char *select_read_events(struct select_options *o, const char *text)
{
    for (;;) {
        uint32_t n = (uint32_t)strcspn(text, ","), sys = (uint32_t)strcspn(text, ":,");
        struct glob *g = &o->glob[o->globs];

        if (!n || !sys || sys + 1 == n)
            return "not a list of events";
        if (o->globs++ == GLOB_MAX)
            return "too long a list";
        *g = (struct glob){.sys = text, .sys_bytes = sys};
        if (sys < n) {
            g->name = text + sys + 1;
            g->name_bytes = n - sys - 1;
        }
        if (!text[n])
            return NULL;
        text += n + 1;
    }
}

bool select_wanted(const struct select_options *o)
{
    return o->globs || o->captures.count || o->cpus.count || o->pids.count || o->from.kind ||
           o->to.kind || o->has_head || o->filter;
}

bool select_names(const struct select_options *o, const struct metadata_event *e)
{
    for (uint32_t i = 0; i < o->globs; i++)
        if (glob_names(&o->glob[i], e))
            return true;
    return !o->globs;
}

static bool select_event_wanted(struct select *s, const struct metadata_event *e)
{
    const struct select_options *o = s->options;
    struct select_event *known;

    if (!o->globs)
        return true;
    if (!e)
        return false;
    known = &s->events[e->id % SELECT_EVENTS];
    if (known->event == e)
        return known->wanted;
    *known = (struct select_event){e, select_names(o, e)};
    return known->wanted;
}

/* All inputs are past what is asked for. */
static bool select_past(const struct select *s)
{
    for (uint32_t i = 0; i < s->stream_count; i++)
        if (!s->streams[i].past)
            return false;
    return true;
}

static bool select_time(struct select *s, struct stream_lane *lane)
{
    struct stream *from = lane->stream;
    struct select_stream *t = &s->streams[from->number];
    struct bounds *b = &t->bounds;

    if (!b->ready || b->pairs != from->pairs.version)
        bounds_find(b, s->options, from, &s->asked->late);
    t->low = !t->any || lane->time < t->low ? lane->time : t->low;
    t->high = !t->any || lane->time > t->high ? lane->time : t->high;
    t->any = true;
    s->asked->early = s->asked->early || lane->time < b->first;
    if (b->nothing || lane->time < b->first)
        return false;
    if (lane->time <= b->last)
        return true;
    s->asked->late = true;
    if (!t->asked && preview_is_last(from)) {
        t->past = true;
        s->sink.enough = select_past(s);
    }
    t->asked = true;
    return false;
}

static bool select_timed(const struct select *s)
{
    return s->options->from.kind || s->options->to.kind;
}

/* Is it in the list? Which part of the list was of use is noted. */
static bool select_range(const struct range_list *l, bool *used, uint32_t v)
{
    bool has = !l->count;

    for (uint32_t i = 0; i < l->count; i++)
        if (v >= l->at[i].first && v <= l->at[i].last)
            has = used[i] = true;
    return has;
}

static bool select_pid(struct select *s, const struct record *r)
{
    const struct range_list *pids = &s->options->pids;
    uint32_t pid;

    if (!pids->count)
        return true;
    if (!r->context)
        return false;
    pid = load_u32(r->context, r->swap);
    asked_note_pid(s->asked, pid);
    return select_range(pids, s->asked->pid, pid);
}

static bool select_cpu(struct select *s, const struct stream_lane *lane)
{
    return select_range(&s->options->cpus, s->asked->cpu, lane->cpu);
}

/* Is it selected, whatever its time is? */
static bool select_record(struct select *s, struct stream_lane *lane,
                          const struct metadata_event *e)
{
    const struct select_options *o = s->options;

    /* The task first: whether there is such a one does not depend on the rest. */
    return select_pid(s, &lane->record) && select_cpu(s, lane) && select_event_wanted(s, e) &&
           (!o->filter || condition_passes(&s->condition, lane, e));
}

/* Can no record of an event be selected? */
static bool select_never(struct select *s, const struct metadata_event *e)
{
    return !select_event_wanted(s, e) ||
           (s->options->filter && !condition_applies(&s->condition, e));
}

/* An event is not selected. Passes by those after it of which that is known by their CPU or their id alone: they are
 * whole, of our byte order, and each is after the one before. */
static void select_ahead(struct select *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct select_stream *t = &s->streams[lane->stream->number];
    const struct record_walk *w = &lane->walk;
    uint32_t n = 0, left = w->swap ? 0 : lane->left, word;
    bool all = !select_cpu(s, lane);
    const uint8_t *at = w->at;
    uint64_t last = lane->time;

    if (!all && (!e || !select_never(s, e)))
        return;
    if (!t->unwanted)
        t->unwanted = mem_zero(TP_ID_EVENT_MAX + 1);
    t->unwanted[lane->record.id] |= !all;
    for (; n < left && (word = record_event(w, at)); n++) {
        uint64_t time = w->high | load_u32(at, false);

        if (time < last || (!all && !t->unwanted[TP_RECORD_ID(word)]))
            break;
        last = time;
        at += record_word_bytes(word);
    }
    lane_pass(lane, at, n, last);
    s->records += n;
}

static bool select_skips(const struct select *s, const struct stream *from)
{
    return s->streams[from->number].skipped;
}

static void select_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct select *s = (struct select *)k;
    uint64_t number = lane->number;

    if (select_skips(s, lane->stream))
        return;
    if (select_timed(s) && !select_time(s, lane))
        return;
    s->records++;
    if (!select_record(s, lane, e)) {
        if (lane->stream->ahead)
            select_ahead(s, lane, e);
        return;
    }
    s->shown++;
    if (s->next->event)
        s->next->event(s->next, lane, e);
    /* What it has passed by are more of the same. */
    s->records += lane->number - number;
    s->shown += lane->number - number;
    if (s->next->enough || (s->options->has_head && s->shown >= s->options->head))
        k->enough = true;
}

static void select_unfinished(struct sink *k, struct stream_lane *lane,
                              const struct metadata_event *e)
{
    struct select *s = (struct select *)k;

    if (!select_skips(s, lane->stream) && (!select_timed(s) || select_time(s, lane)) &&
        select_record(s, lane, e) && s->next->unfinished)
        s->next->unfinished(s->next, lane, e);
}

static void select_loss(struct sink *k, struct stream_lane *lane)
{
    struct select *s = (struct select *)k;

    if (select_skips(s, lane->stream) || (select_timed(s) && !select_time(s, lane)))
        return;
    if (!select_range(&s->options->cpus, s->asked->cpu, lane->cpu))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        s->lost = number_add(s->lost, lane->loss[i]);
    if (s->next->loss)
        s->next->loss(s->next, lane);
}

static void select_task(struct sink *k, struct stream_lane *lane)
{
    struct select *s = (struct select *)k;

    if (s->next->task && !select_skips(s, lane->stream))
        s->next->task(s->next, lane);
}

/* --- by an index --- */

static void select_mask(struct select *s, const struct stream *from)
{
    const struct metadata *m = &from->metadata;
    struct select_skip *skip = s->skip;

    if (skip->learned == from->learned)
        return;
    skip->learned = from->learned;
    skip->exact = m->event_slots <= 64;
    skip->events = 0;
    for (uint32_t id = 0; id < m->event_slots; id++)
        if (m->events[id] && !select_never(s, m->events[id]))
            skip->events |= 1ull << id % 64;
}

/* Is a chunk of data to be read? The records of one that is not are counted. */
static bool select_wants(void *context, struct stream *from, const struct guide_chunk *c)
{
    struct select *s = context;

    select_mask(s, from);
    if (select_range(&s->options->cpus, s->asked->cpu, c->cpu) && c->events & s->skip->events &&
        c->last >= s->skip->from)
        return true;
    s->records += c->records;
    return false;
}

/* How many records of a chunk are selected at least. */
static uint64_t select_least(void *context, const struct guide_chunk *c)
{
    struct select *s = context;

    if (!select_range(&s->options->cpus, s->asked->cpu, c->cpu) || !(c->events & s->skip->events))
        return 0;
    return c->events & ~s->skip->events ? 1 : c->records;
}

/* May chunks be left out? Times and tasks are asked for of all records. */
static void select_leave_out(struct select *s, struct stream *from)
{
    const struct select_options *o = s->options;

    if (s->stream_count > 1 || select_timed(s) || o->pids.count || (s->has_tail && o->has_head) ||
        (!s->tail && !o->cpus.count && !o->globs && !o->filter) || !preview_is_regular(from))
        return;
    if (!s->skip)
        s->skip = mem_zero(sizeof(*s->skip));
    s->skip->learned = from->learned - 1;
    select_mask(s, from);
    /* One more than are wanted: what was lost after it is shown. */
    if (s->tail && !o->filter && (s->skip->exact || !o->globs))
        s->skip->from = skip_tail(from, s->tail + 1, select_least, s);
    from->wants = select_wants;
    from->wants_context = s;
}

static void select_sum(struct sink *k, struct stream *from, const struct guide_sum *c)
{
    struct select *s = (struct select *)k;
    const struct metadata_event *e = metadata_event(&from->metadata, c->id);

    s->records += c->count;
    if (!select_range(&s->options->cpus, s->asked->cpu, c->cpu) || !select_event_wanted(s, e))
        return;
    s->shown += c->count;
    s->next->sum(s->next, from, c);
}

static void select_sum_loss(struct sink *k, struct stream *from, const struct guide_loss *l)
{
    struct select *s = (struct select *)k;

    if (!select_range(&s->options->cpus, s->asked->cpu, (uint32_t)l->cpu))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        s->lost = number_add(s->lost, l->lost[i]);
    s->next->sum_loss(s->next, from, l);
}

/* Is it by CPU and event alone? */
static bool select_sums(const struct select_options *o)
{
    return !o->from.kind && !o->to.kind && !o->has_head && !o->pids.count && !o->filter &&
           !o->captures.count;
}

/* --- */

static void select_begin(struct sink *k, struct stream *from)
{
    struct select *s = (struct select *)k;

    struct select_stream *t = &s->streams[from->number];

    t->stream = from;
    if (from->captures > s->asked->capture_count)
        s->asked->capture_count = from->captures;
    t->skipped = !select_range(&s->options->captures, s->asked->capture, from->captures);
    from->counts_told = t->skipped;
    from->chosen = t->skipped || select_timed(s) || s->options->cpus.count ||
                   s->options->has_head || s->tail;
    if (t->skipped)
        return;
    if (s->options->filter)
        condition_look(&s->condition, &from->metadata);
    if (condition_failed(&s->condition) && s->stream_count == 1)
        preview_look(from); /* another capture may have it */
    if (condition_failed(&s->condition) && from->survey.told && s->stream_count == 1)
        k->enough = true;
    else if (s->next->begin)
        s->next->begin(s->next, from);
    k->enough = k->enough || s->next->enough;
    if (s->options->has_head && !s->options->head)
        k->enough = true;
    if (!k->enough)
        select_leave_out(s, from);
}

/* What there is of what was asked for, in a capture as far as it was read. */
static void select_look(struct select *s, struct stream *from)
{
    const struct select_options *o = s->options;
    const struct select_stream *t = &s->streams[from->number];
    const struct metadata *m = &from->metadata;

    asked_look(s->asked, m);
    for (uint32_t id = 0; o->filter && id < m->event_slots; id++)
        if (m->events[id] && select_event_wanted(s, m->events[id]))
            condition_mark(&s->condition, m->events[id]);
    if (t->any)
        asked_times(s->asked, from, o->from.kind == MOMENT_DAY || o->to.kind == MOMENT_DAY, t->low,
                    t->high);
}

static void select_finish(struct sink *k, struct stream *from)
{
    struct select *s = (struct select *)k;
    struct select_stream *t = &s->streams[from->number];

    bool skipped = t->skipped;

    if (!skipped)
        select_look(s, from);
    s->lost = number_add(s->lost, stream_strangers(from));
    memset(s->events, 0, sizeof(s->events));
    condition_finish(&s->condition);
    free(t->unwanted);
    *t = (struct select_stream){.past = t->past};
    if (s->next->finish && !skipped)
        s->next->finish(s->next, from);
}

static void select_end(struct sink *k)
{
    struct select *s = (struct select *)k;
    const struct select_options *o = s->options;

    for (uint32_t i = 0; i < s->stream_count; i++)
        if (s->streams[i].stream && !s->streams[i].skipped)
            select_look(s, s->streams[i].stream);
    if (s->diag->useful) {
        if (!k->enough)
            asked_miss_captures(s->asked, s->diag);
        asked_miss_events(s->asked, s->diag);
        asked_miss_cpus(s->asked, s->diag);
        if (o->pids.count && !k->enough && !select_timed(s))
            asked_miss_pids(s->asked, s->diag);
        if (select_timed(s) && !s->records && !s->lost)
            asked_miss_time(s->asked, s->diag);
        if (condition_mixed(&s->condition))
            diag_line(s->diag, "%s", condition_mixed(&s->condition));
    }
    if (s->next->end)
        s->next->end(s->next);
}

static void select_close(struct sink *k)
{
    struct select *s = (struct select *)k;

    sink_close(s->next);
    condition_close(&s->condition);
    for (uint32_t i = 0; s->streams && i < s->stream_count; i++)
        free(s->streams[i].unwanted);
    free(s->streams);
    free(s->asked);
    free(s->skip);
    s->skip = NULL;
    s->streams = NULL;
    s->asked = NULL;
}

/* Does what is selected not depend on the order of CPUs among each other? It does where a time may be since the first
 * record, or the end is looked for; where tasks are named in a message; and where names of tasks are compared. */
static bool select_any_order(const struct select_options *o)
{
    return !o->from.kind && !o->to.kind && !o->has_head && !o->pids.count &&
           (!o->filter || !strstr(o->filter, "comm"));
}

struct sink *select_open(struct select *s, const struct select_options *o, struct sink *next,
                         uint32_t streams, struct diag *diag)
{
    *s = (struct select){
        .sink = {.out = next->out,
                 .apart = next->apart,
                 .settles = next->settles,
                 .any_order = next->any_order && select_any_order(o),
                 .each = next->each || o->filter,
                 .close = select_close},
        .options = o,
        .next = next,
        .diag = diag,
        .stream_count = streams,
    };
    s->sink.begin = select_begin;
    s->sink.event = select_event;
    s->sink.unfinished = select_unfinished;
    s->sink.loss = select_loss;
    s->sink.task = select_task;
    s->sink.finish = select_finish;
    s->sink.end = select_end;
    s->sink.sum = next->sum && select_sums(o) ? select_sum : NULL;
    s->sink.sum_loss = select_sum_loss;
    s->streams = mem_zero(streams * sizeof(*s->streams));
    s->asked = mem_zero(sizeof(*s->asked));
    s->asked->globs = o->glob;
    s->asked->glob_count = o->globs;
    s->asked->captures = &o->captures;
    s->asked->cpus = &o->cpus;
    s->asked->pids = &o->pids;
    asked_open(s->asked);
    condition_open(&s->condition, o->filter);
    return &s->sink;
}
