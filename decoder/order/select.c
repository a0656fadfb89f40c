/* SPDX-License-Identifier: MIT */
/* select.c - which items of a dump are passed on. */
#include "order/select.h"

#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"

/* What the times asked for are on the counter of a capture. */
struct select_stream {
    bool ready; /* first and last are known */
    bool nothing, past, asked;
    unsigned pairs; /* version of the clock pairs they were made by */
    uint64_t first, last;
};

const char *select_read_events(struct select_options *o, const char *text)
{
    for (;;) {
        uint32_t n = (uint32_t)strcspn(text, ","), sys = (uint32_t)strcspn(text, ":,");
        struct select_glob *g = &o->glob[o->globs];

        if (!n || !sys || sys + 1 == n)
            return "not a list of events";
        if (o->globs++ == SELECT_GLOBS_MAX)
            return "too long a list";
        *g = (struct select_glob){.sys = text, .sys_bytes = sys};
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
    return o->globs || o->cpus.count || o->pids.count || o->from.kind || o->to.kind ||
           o->has_head || o->filter;
}

/* As the engine chooses events. Linear: it only ever goes back to the last *. */
static bool select_matches(const char *pattern, uint32_t n, const struct metadata_text *text)
{
    uint32_t p = 0, star = UINT32_MAX, from = 0;

    for (uint32_t i = 0; i < text->n;) {
        if (p < n && pattern[p] == '*') {
            star = ++p;
            from = i;
        } else if (p < n && (pattern[p] == '?' || pattern[p] == text->bytes[i])) {
            p++;
            i++;
        } else if (star != UINT32_MAX) {
            p = star;
            i = ++from;
        } else {
            return false;
        }
    }
    while (p < n && pattern[p] == '*')
        p++;
    return p == n;
}

static bool select_glob(const struct select_glob *g, const struct metadata_event *e)
{
    return select_matches(g->sys, g->sys_bytes, &e->sys) &&
           (!g->name || select_matches(g->name, g->name_bytes, &e->name));
}

static bool select_event_wanted(struct select *s, const struct metadata_event *e)
{
    const struct select_options *o = s->options;
    struct select_event *known;
    bool wanted = false;

    if (!o->globs)
        return true;
    if (!e)
        return false;
    known = &s->events[e->id % SELECT_EVENTS];
    if (known->event == e)
        return known->wanted;
    for (uint32_t i = 0; i < o->globs && !wanted; i++)
        wanted = select_glob(&o->glob[i], e);
    *known = (struct select_event){e, wanted};
    return wanted;
}

/* A time of day moves against the counter when pairs are added: this long before it is safe. */
static uint64_t select_early(const struct select_stream *t, const struct stream *s)
{
    uint64_t pair = s->pairs.count ? s->pairs.at[0].ticks : 0, hz = s->metadata.clock_hz;
    uint64_t distance = t->first > pair ? t->first - pair : pair - t->first;
    uint64_t margin = hz > UINT64_MAX / 4 ? hz : 2 * hz;

    margin = margin > UINT64_MAX - distance / 512 ? UINT64_MAX : margin + distance / 512;
    return t->first > margin ? t->first - margin : 0;
}

static void select_limits(struct select *s, struct select_stream *t, struct stream *from)
{
    const struct select_options *o = s->options;
    bool day = o->from.kind == MOMENT_DAY || o->to.kind == MOMENT_DAY, again = t->ready;

    t->ready = true;
    t->pairs = from->pairs.version;
    t->nothing = day && !from->day_known;
    t->first = 0;
    t->last = UINT64_MAX;
    if (t->nothing) {
        if (!again)
            diag_fail(&from->diag,
                      "no clock pair before the first record: a time of day cannot be found");
        return;
    }
    if (o->from.kind)
        t->first = moment_first(&o->from, from);
    if (o->to.kind)
        t->nothing = !moment_last(&o->to, from, &t->last);
    if (!again && t->first)
        stream_leave_out(from, o->from.kind == MOMENT_DAY ? select_early(t, from) : t->first);
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

    if (!t->ready || t->pairs != from->pairs.version)
        select_limits(s, t, from);
    if (t->nothing || lane->time < t->first)
        return false;
    if (lane->time <= t->last)
        return true;
    if (!t->asked && stream_is_last(from)) {
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

static bool select_pid(const struct range_list *pids, const struct record *r)
{
    return !pids->count || (r->context && range_has(pids, load_u32(r->context, r->swap)));
}

/* Is it selected, whatever its time is? */
static bool select_record(struct select *s, struct stream_lane *lane,
                          const struct metadata_event *e)
{
    const struct select_options *o = s->options;

    return (!o->cpus.count || range_has(&o->cpus, lane->cpu)) &&
           select_pid(&o->pids, &lane->record) && select_event_wanted(s, e) &&
           (!o->filter || condition_passes(&s->condition, lane, e));
}

static void select_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct select *s = (struct select *)k;

    if (select_timed(s) && !select_time(s, lane))
        return;
    s->records++;
    if (!select_record(s, lane, e))
        return;
    s->shown++;
    if (s->next->event)
        s->next->event(s->next, lane, e);
    if (s->next->enough || (s->options->has_head && s->shown >= s->options->head))
        k->enough = true;
}

static void select_unfinished(struct sink *k, struct stream_lane *lane,
                              const struct metadata_event *e)
{
    struct select *s = (struct select *)k;

    if ((!select_timed(s) || select_time(s, lane)) && select_record(s, lane, e) &&
        s->next->unfinished)
        s->next->unfinished(s->next, lane, e);
}

static void select_loss(struct sink *k, struct stream_lane *lane)
{
    struct select *s = (struct select *)k;

    if (select_timed(s) && !select_time(s, lane))
        return;
    if (s->options->cpus.count && !range_has(&s->options->cpus, lane->cpu))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        s->lost = number_add(s->lost, lane->loss[i]);
    if (s->next->loss)
        s->next->loss(s->next, lane);
}

static void select_task(struct sink *k, struct stream_lane *lane)
{
    struct select *s = (struct select *)k;

    if (s->next->task)
        s->next->task(s->next, lane);
}

static void select_begin(struct sink *k, struct stream *from)
{
    struct select *s = (struct select *)k;

    if (s->options->filter)
        condition_begin(&s->condition, from);
    if (condition_failed(&s->condition) && s->stream_count == 1)
        k->enough = true;
    else if (s->next->begin)
        s->next->begin(s->next, from);
    if (s->options->has_head && !s->options->head)
        k->enough = true;
}

static void select_finish(struct sink *k, struct stream *from)
{
    struct select *s = (struct select *)k;

    for (uint32_t id = 0; s->options->globs && id < from->metadata.event_slots; id++)
        for (uint32_t i = 0; from->metadata.events[id] && i < s->options->globs; i++)
            s->glob_used[i] = s->glob_used[i] ||
                              select_glob(&s->options->glob[i], from->metadata.events[id]);
    memset(s->events, 0, sizeof(s->events));
    condition_finish(&s->condition);
    s->streams[from->number] = (struct select_stream){.past = s->streams[from->number].past};
    if (s->next->finish)
        s->next->finish(s->next, from);
}

static void select_end(struct sink *k)
{
    struct select *s = (struct select *)k;

    for (uint32_t i = 0; !k->enough && i < s->options->globs; i++) {
        const struct select_glob *g = &s->options->glob[i];

        if (!s->glob_used[i])
            diag_line(s->diag, "no event matches '%.*s'",
                      (int)(g->sys_bytes + (g->name ? g->name_bytes + 1 : 0)), g->sys);
    }
    if (s->next->end)
        s->next->end(s->next);
}

static void select_close(struct sink *k)
{
    struct select *s = (struct select *)k;

    sink_close(s->next);
    condition_close(&s->condition);
    free(s->streams);
    s->streams = NULL;
}

struct sink *select_open(struct select *s, const struct select_options *o, struct sink *next,
                         uint32_t streams, struct diag *diag)
{
    *s = (struct select){
        .sink = {.out = next->out, .apart = next->apart, .close = select_close},
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
    s->streams = mem_zero(streams * sizeof(*s->streams));
    condition_open(&s->condition, o->filter);
    return &s->sink;
}
