/* SPDX-License-Identifier: MIT */
/* spans.c - --spans: how long what begins and ends took. */
#include "answer/spans.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer/spans_cpu.h"
#include "answer/spans_name.h"
#include "answer/spans_print.h"
#include "base/load.h"
#include "base/mem.h"

#define SPANS_ASKED (1u << ROLES_BEGIN | 1u << ROLES_SPAN | 1u << ROLES_OPEN)

/* --- tracks --- */

/* Text in a key: the subsystem, and a text after a NUL. */
static void spans_key_sys(struct key *k, const struct metadata_text *sys)
{
    char text[KEY_TEXT_BYTES];
    uint32_t n = k->is_text ? k->bytes : 0, room = KEY_TEXT_BYTES - sys->n - 1;

    memcpy(text, k->text, n);
    memcpy(k->text, sys->bytes, sys->n);
    k->bytes = sys->n;
    if (k->is_text) {
        n = n < room ? n : room;
        k->text[sys->n] = '\0';
        memcpy(k->text + sys->n + 1, text, n);
        k->bytes += 1 + n;
    }
    k->is_text = true;
}

/* The CPU, task or field that an argument is. False: the record has none. */
static bool spans_track(const struct roles_meaning *m, enum roles_argument a,
                        struct stream_lane *lane, const struct metadata_event *e,
                        const struct value_tail *tails, uint32_t capture, struct stack_id *id)
{
    int8_t place = m->argument[a];

    *id = (struct stack_id){.kind = STACK_FIELD};
    if (place < 0) {
        id->kind = place == ROLES_RECORD_CPU ? STACK_CPU : STACK_TASK;
        if (!roles_number(m, a, lane, e, &id->key.number))
            return false;
    } else {
        key_value(&e->fields[place], &lane->record, tails, &id->key);
        spans_key_sys(&id->key, &e->sys);
    }
    id->key.stream = capture;
    return true;
}

/* --- begin and end --- */

/* The time up to now of a track that is a field is that of its top. */
static void spans_count_field(struct spans *sp, uint32_t track, uint64_t ns)
{
    struct stack_track *t = &sp->stack.tracks[track];

    if (!track || ns <= t->last_ns)
        return;
    sp->stack.frames[t->top].self_ns += ns - t->last_ns;
    t->last_ns = ns;
}

/* Counts all up to now, before something begins or ends on a track. */
static void spans_reach(struct spans *sp, struct spans_capture *c, struct stream_lane *lane,
                        const struct stack_id *id, uint64_t ns)
{
    const struct record *r = &lane->record;

    if (id->kind == STACK_FIELD) {
        spans_count_field(sp, stack_find(&sp->stack, id), ns);
        return;
    }
    spans_cpu_count(sp, c, lane->cpu, ns);
    if (id->kind == STACK_TASK)
        spans_cpu_run(sp, c, lane, id->key.number, (struct metadata_text){0}, ns);
    else if (!c->cpus[lane->cpu].known && r->context)
        spans_cpu_run(sp, c, lane, load_u32(r->context, r->swap), (struct metadata_text){0}, ns);
}

/* The path in which something begins. */
static uint32_t spans_before(struct spans *sp, const struct spans_capture *c, uint32_t cpu,
                             const struct metadata_field *f, const struct stack_id *id)
{
    uint32_t track = id->kind == STACK_FIELD ? stack_find(&sp->stack, id) : 0, frame;

    frame = id->kind == STACK_FIELD ? sp->stack.tracks[track].top : spans_cpu_innermost(sp, c, cpu);
    if (frame)
        return sp->stack.frames[frame].node;
    if (id->kind != STACK_FIELD && c->cpus[cpu].known)
        return c->cpus[cpu].node;
    return spans_name_track(sp, f, id);
}

static void spans_begin_one(struct spans *sp, struct spans_capture *c,
                            const struct roles_meaning *m, struct stream_lane *lane,
                            const struct metadata_event *e, const struct value_tail *tails,
                            uint64_t ns)
{
    int8_t place = m->argument[ROLES_TRACK];
    struct stack_frame *f;
    struct stack_id id;
    uint32_t name = spans_name_record(sp, m, lane, e, tails, false);
    uint32_t sys = span_name(&sp->table, e->sys.bytes, e->sys.n, false), node = FOLD_OTHERS;

    if (!spans_track(m, ROLES_TRACK, lane, e, tails, (uint32_t)(c - sp->captures), &id)) {
        sp->without++;
        return;
    }
    spans_reach(sp, c, lane, &id, ns);
    if (sp->fold.nodes)
        node = fold_node(&sp->fold,
                         spans_before(sp, c, lane->cpu, place < 0 ? NULL : &e->fields[place], &id),
                         name);
    f = stack_push(&sp->stack, &id);
    f->name = name;
    f->sys = sys;
    f->node = node;
    f->start_ns = ns;
    f->cpu = lane->cpu;
    sp->stack.tracks[f->track].last_ns = ns;
    if (id.kind == STACK_TASK)
        sp->stack.tracks[f->track].cpu = lane->cpu + 1;
}

/* The frame has ended. */
static void spans_take(struct spans *sp, const struct spans_capture *c, uint32_t frame,
                       uint32_t cpu, uint64_t ns)
{
    const struct stack_frame *f = &sp->stack.frames[frame];
    struct match_pair pair = {.start_ns = f->start_ns,
                              .end_ns = ns,
                              .ns = ns - f->start_ns,
                              .self_ns = f->self_ns,
                              .tag = f->name,
                              .node = f->node,
                              .inner = stack_is_inner(&sp->stack, frame),
                              .apart = sp->stack.tracks[f->track].id.kind == STACK_CPU,
                              .start_cpu = f->cpu,
                              .end_cpu = cpu,
                              .key.stream = (uint32_t)(c - sp->captures)};

    if (ns < f->start_ns)
        sp->backwards++;
    else
        match_put(&sp->match, &pair);
    stack_remove(&sp->stack, frame);
}

static void spans_end_one(struct spans *sp, struct spans_capture *c, const struct roles_meaning *m,
                          struct stream_lane *lane, const struct metadata_event *e,
                          const struct value_tail *tails, uint64_t ns)
{
    uint32_t name = spans_name_record(sp, m, lane, e, tails, true), frame;
    struct stack_id id;

    if (!spans_track(m, ROLES_TRACK, lane, e, tails, (uint32_t)(c - sp->captures), &id)) {
        sp->without++;
        return;
    }
    spans_reach(sp, c, lane, &id, ns);
    frame = stack_last(&sp->stack, stack_find(&sp->stack, &id),
                       span_name(&sp->table, e->sys.bytes, e->sys.n, false), name);
    if (!frame) {
        sp->ends++;
        return;
    }
    sp->left += stack_remove_above(&sp->stack, frame);
    spans_take(sp, c, frame, lane->cpu, ns);
}

/* --- a span in one record --- */

/* Of a number in a field of this name; NULL: counts of the clock. */
static const struct spans_unit {
    const char *name;
    uint64_t ns;
} spans_units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}};

static const struct spans_unit *spans_unit(const struct metadata_text *field)
{
    for (size_t i = 0; i < sizeof(spans_units) / sizeof(spans_units[0]); i++) {
        const char *at = field->bytes + field->n - 2;

        if (field->n >= 2 && memcmp(at, spans_units[i].name, 2) == 0 &&
            (field->n == 2 || at[-1] == '_'))
            return &spans_units[i];
    }
    return NULL;
}

/* False: it has none, or a negative one. */
static bool spans_duration(const struct roles_meaning *m, struct stream_lane *lane,
                           const struct metadata_event *e, uint64_t ns, uint64_t *duration)
{
    int8_t place = m->argument[ROLES_DURATION];
    const struct spans_unit *unit = place < 0 ? NULL : spans_unit(&e->fields[place].name);
    __int128 v;

    if (place < 0 || !roles_number(m, ROLES_DURATION, lane, e, &v) || v < 0)
        return false;
    if (unit)
        v *= unit->ns;
    else if ((uint64_t)v > lane->time)
        return false;
    else
        v = ns - clock_ns(&lane->stream->clock, lane->time - (uint64_t)v);
    *duration = (uint64_t)v;
    return v <= ns;
}

static void spans_whole(struct spans *sp, struct spans_capture *c, const struct roles_meaning *m,
                        struct stream_lane *lane, const struct metadata_event *e,
                        const struct value_tail *tails, uint64_t ns)
{
    int8_t place = m->argument[ROLES_TRACK];
    uint32_t name = spans_name_record(sp, m, lane, e, tails, false), root;
    uint64_t duration, inside = 0;
    struct stack_id id;
    bool tracked = spans_track(m, ROLES_TRACK, lane, e, tails, (uint32_t)(c - sp->captures), &id);
    bool sure = true;

    if (!spans_duration(m, lane, e, ns, &duration)) {
        sp->without++;
        return;
    }
    if (tracked)
        sure = inside_add(&sp->inside, &id, ns - duration, ns, &inside) &&
               ns - duration >= c->lost_ns;
    sp->unsure += !sure;
    inside = inside < duration ? inside : duration; /* it is more if times are wrong */
    span_add(&sp->table, name, duration, sure ? duration - inside : 0, false);
    if (!sp->fold.nodes || !sure)
        return;
    root = !tracked ? spans_name_root(sp, "(no track)", 10)
           : id.kind == STACK_TASK
               ? spans_name_task(sp, lane->stream, id.key.number, (struct metadata_text){0})
               : spans_name_track(sp, place < 0 ? NULL : &e->fields[place], &id);
    fold_add(&sp->fold, fold_node(&sp->fold, root, name), duration - inside);
}

/* --- open and close --- */

static void spans_pair(struct spans *sp, struct spans_capture *c, const struct roles_meaning *m,
                       struct stream_lane *lane, const struct metadata_event *e,
                       const struct value_tail *tails, uint64_t ns)
{
    struct stack_id id;

    if (!spans_track(m, ROLES_ID, lane, e, tails, (uint32_t)(c - sp->captures), &id)) {
        sp->without++;
        return;
    }
    if (id.kind != STACK_FIELD)
        spans_key_sys(&id.key, &e->sys);
    if (m->is == ROLES_OPEN)
        match_start(&sp->match, &id.key, ns, lane->cpu,
                    spans_name_record(sp, m, lane, e, tails, false));
    else
        match_end(&sp->match, &id.key, ns, lane->cpu, 0);
}

static void spans_give(void *context, const struct match_pair *pair)
{
    struct spans *sp = context;
    bool async = pair->tag != SPANS_CPU_SLICE && sp->table.names.at[pair->tag].kind == SPAN_ASYNC;

    if (pair->tag != SPANS_CPU_SLICE)
        span_add(&sp->table, pair->tag, pair->ns, pair->self_ns, pair->inner);
    if (!async)
        fold_add(&sp->fold, pair->node, pair->self_ns);
}

/* --- sink --- */

static struct spans_capture *spans_capture(struct spans *sp, const struct stream *s)
{
    return &sp->captures[share_place(&sp->share, s)];
}

static void spans_begin(struct sink *k, struct stream *s)
{
    bool first;

    share_begin(&((struct spans *)k)->share, s, &first);
}

static void spans_switch(struct spans *sp, struct spans_capture *c, const struct roles_meaning *m,
                         struct stream_lane *lane, const struct metadata_event *e,
                         const struct value_tail *tails, uint64_t ns)
{
    __int128 task;

    if (!roles_number(m, m->is == ROLES_SWITCH ? ROLES_NEXT : ROLES_TASK, lane, e, &task))
        return;
    sp->switches = true;
    spans_cpu_count(sp, c, lane->cpu, ns);
    if (m->is == ROLES_STOP)
        spans_cpu_stop(sp, c, lane->cpu, ns, true);
    else
        spans_cpu_run(sp, c, lane, task, roles_text(m, ROLES_NAME, lane, e, tails), ns);
}

/* A task is new, or has ended: what is open in it is of another one of its number, or never ends. */
static void spans_forget(struct spans *sp, const struct spans_capture *c,
                         const struct roles_meaning *m, struct stream_lane *lane,
                         const struct metadata_event *e)
{
    __int128 task;
    uint32_t track;

    if (!roles_number(m, ROLES_TASK, lane, e, &task))
        return;
    while ((track = spans_cpu_track(sp, c, STACK_TASK, task)) != 0) {
        stack_remove(&sp->stack, sp->stack.tracks[track].top);
        sp->left++;
    }
}

static void spans_lost(struct spans *sp, struct stream_lane *lane)
{
    struct spans_capture *c = spans_capture(sp, lane->stream);
    struct spans_cpu *on = spans_cpu_get(c, lane->cpu);
    uint32_t capture = (uint32_t)(c - sp->captures);
    uint64_t now = clock_ns(&lane->stream->clock, lane->time);

    spans_cpu_stop(sp, c, lane->cpu, on->counted_ns, false);
    on->started = false;
    sp->across += stack_remove_lost(&sp->stack, capture, lane->cpu);
    match_loss(&sp->match, capture, lane->cpu, clock_ns(&lane->stream->clock, lane->gap_from));
    c->lost_ns = now > c->lost_ns ? now : c->lost_ns;
}

static void spans_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct spans *sp = (struct spans *)k;
    struct spans_capture *c = spans_capture(sp, lane->stream);
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct roles_meaning *m;

    if (lane->gap_open)
        spans_lost(sp, lane);
    spans_cpu_get(c, lane->cpu)->seen_ns = ns;
    if (!e) {
        stream_count_unknown(lane, e);
        return;
    }
    m = roles_find(&sp->roles, e);
    if (m->is == ROLES_NONE || m->is > ROLES_CLOSE || !sink_tails(lane, e, tails))
        return;
    switch (m->is) {
    case ROLES_SWITCH:
    case ROLES_RUN:
    case ROLES_STOP:
        spans_switch(sp, c, m, lane, e, tails, ns);
        break;
    case ROLES_NEW:
    case ROLES_GONE:
        spans_forget(sp, c, m, lane, e);
        break;
    case ROLES_BEGIN:
        spans_begin_one(sp, c, m, lane, e, tails, ns);
        break;
    case ROLES_END:
        spans_end_one(sp, c, m, lane, e, tails, ns);
        break;
    case ROLES_SPAN:
        spans_whole(sp, c, m, lane, e, tails, ns);
        break;
    case ROLES_OPEN:
    case ROLES_CLOSE:
        spans_pair(sp, c, m, lane, e, tails, ns);
        break;
    default:
        break;
    }
}

static void spans_loss(struct sink *k, struct stream_lane *lane)
{
    struct spans *sp = (struct spans *)k;

    loss_add(&sp->loss, lane);
    spans_lost(sp, lane);
}

/* No more of this capture comes. */
static void spans_fold(struct spans *sp, struct spans_capture *c)
{
    uint32_t capture = (uint32_t)(c - sp->captures);

    for (uint32_t cpu = 0; cpu < c->cpu_count; cpu++) {
        spans_cpu_count(sp, c, cpu, c->cpus[cpu].seen_ns);
        spans_cpu_stop(sp, c, cpu, c->cpus[cpu].seen_ns, true);
    }
    sp->left += stack_remove_all(&sp->stack, capture);
    match_finish(&sp->match, capture);
    free(c->cpus);
    *c = (struct spans_capture){0};
}

/* Of an input comes no more of the capture it is of. */
static void spans_leave(struct spans *sp, struct stream *s)
{
    uint32_t place;

    for (uint32_t cpu = 0; cpu < s->lane_slots; cpu++)
        if (s->lanes[cpu] && s->lanes[cpu]->gap_open)
            spans_lost(sp, s->lanes[cpu]);
    sp->read = true;
    sp->any = roles_finish(&sp->roles, s, SPANS_ASKED) || sp->any;
    if (share_leave(&sp->share, s->number, &place))
        spans_fold(sp, &sp->captures[place]);
}

static void spans_finish(struct sink *k, struct stream *s)
{
    struct spans *sp = (struct spans *)k;

    if (!sp->share.inputs[s->number].stream) /* without metadata it has not begun */
        return;
    loss_finish(&sp->loss, s);
    spans_leave(sp, s);
}

static void spans_end(struct sink *k)
{
    struct spans *sp = (struct spans *)k;

    for (uint32_t i = 0; i < sp->share.count; i++)
        if (sp->share.inputs[i].stream) /* it was not read to its end */
            spans_leave(sp, sp->share.inputs[i].stream);
    if (!sp->read)
        return;
    sp->wrong = !roles_end(&sp->roles, sp->diag) || !sp->any;
    if (sp->wrong && !sp->any)
        diag_line(sp->diag,
                  "%s: no event begins anything: name two, as --role "
                  "'irq:entry=begin track=cpu' --role 'irq:exit=end track=cpu'; "
                  "--list-roles shows what is known",
                  spans_print_word(sp));
    if (sp->wrong)
        return;
    if (sp->fold.nodes) {
        spans_print_folded(sp);
    } else {
        span_sort(&sp->table);
        (sp->json ? spans_print_json : spans_print_text)(sp);
    }
    if (sp->match.far)
        diag_line(sp->diag,
                  "%" PRIu64 " losses began before the last %u spans: earlier ones that they may "
                  "have changed are counted",
                  sp->match.far, MATCH_RECENT);
}

static void spans_close(struct sink *k)
{
    struct spans *sp = (struct spans *)k;

    for (uint32_t i = 0; sp->captures && i < sp->share.count; i++)
        free(sp->captures[i].cpus);
    free(sp->captures);
    share_close(&sp->share);
    inside_close(&sp->inside);
    span_close(&sp->table);
    stack_close(&sp->stack);
    match_close(&sp->match);
    fold_close(&sp->fold);
}

struct sink *spans_open(struct spans *sp, struct out *o, const struct spans_options *options,
                        const struct roles_options *roles, bool json, uint32_t inputs,
                        struct diag *diag)
{
    memset(sp, 0, sizeof(*sp));
    sp->sink = (struct sink){.out = o,
                             .begin = spans_begin,
                             .event = spans_event,
                             .loss = spans_loss,
                             .finish = spans_finish,
                             .end = spans_end,
                             .close = spans_close};
    sp->json = json;
    sp->options = options;
    sp->diag = diag;
    roles_open(&sp->roles, roles);
    sp->captures = mem_zero(inputs * sizeof(*sp->captures));
    share_open(&sp->share, inputs);
    inside_open(&sp->inside);
    span_open(&sp->table);
    stack_open(&sp->stack);
    match_begin(&sp->match, inputs, spans_give, sp);
    if (options->fold) /* what a path begins with is a name as well */
        fold_open(&sp->fold, options->depth ? options->depth + 1 : 0);
    return &sp->sink;
}
