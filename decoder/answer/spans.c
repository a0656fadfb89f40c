/* SPDX-License-Identifier: MIT */
/* spans.c - --spans: how long what begins and ends took. */
#include "answer/spans.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer/spans_print.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"

#define SPANS_ASKED (1u << ROLES_BEGIN | 1u << ROLES_SPAN | 1u << ROLES_OPEN)
#define SPANS_SLICE UINT32_MAX /* the tag of what is no span, but a time that a task ran */

/* There may be very many of them. */
struct spans_cpu {
    __int128 task;                /* that it runs, if that is known */
    uint64_t counted_ns, seen_ns; /* up to when its time is counted; its last record */
    uint64_t since_ns, slice_ns;  /* time of the task in which nothing was open */
    uint32_t node;                /* of the task in the tree */
    bool started, known;          /* its time is counted; what it runs is known */
};

struct spans_capture {
    struct spans_cpu *cpus;
    uint32_t cpu_count;
    uint64_t lost_ns; /* when something was lost last */
};

/* --- names --- */

/* Is the name an address of no function that is known? What has it at its end has another one. */
static bool spans_nowhere(const struct metadata_field *f, const struct record *r,
                          struct symbols *symbols)
{
    char function[SYMBOLS_TEXT_BYTES];
    __int128 address;

    return f->type == METADATA_PTR && key_number(f, r, &address) &&
           !(symbols && symbols_function(symbols, (uint64_t)address, function));
}

/* SUBSYSTEM:NAME, or SUBSYSTEM:EVENT. 0: it is to have a name, and has none. */
static uint32_t spans_name(struct spans *sp, const struct roles_meaning *m,
                           const struct stream_lane *lane, const struct metadata_event *e,
                           const struct value_tail *tails, bool must)
{
    char text[METADATA_JOINED_BYTES + KEY_NAME_BYTES], value[KEY_NAME_BYTES];
    int8_t place = m->argument[ROLES_NAME];
    struct metadata_text name = {value, 0};
    bool number;

    if (place >= 0)
        name.n = (uint32_t)key_name(&e->fields[place], &lane->record, tails, sp->sink.out->symbols,
                                    value, &number);
    if (must && (!name.n || spans_nowhere(&e->fields[place], &lane->record, sp->sink.out->symbols)))
        return 0;
    name = name.n ? name : e->name;
    memcpy(text, e->sys.bytes, e->sys.n);
    text[e->sys.n] = ':';
    memcpy(text + e->sys.n + 1, name.bytes, name.n);
    return span_name(&sp->table, text, e->sys.n + 1 + name.n,
                     m->is == ROLES_OPEN || m->is == ROLES_CLOSE);
}

/* What a path begins with, by its name. */
static uint32_t spans_root(struct spans *sp, const char *name, size_t bytes)
{
    return sp->fold.nodes
               ? fold_node(&sp->fold, FOLD_TOP, span_name(&sp->table, name, bytes, false))
               : FOLD_OTHERS;
}

static uint32_t spans_task_root(struct spans *sp, const struct stream *s, __int128 task,
                                struct metadata_text given)
{
    const struct task *known = task < 0 || task > UINT32_MAX ? NULL
                                                             : task_find(&s->tasks, (uint32_t)task);
    const char *name;
    size_t n;

    if (known && known->name_bytes)
        return spans_root(sp, known->name, known->name_bytes);
    if (given.n)
        return spans_root(sp, given.bytes, given.n);
    name = task ? "<...>" : task_comm(&s->tasks, 0, &n);
    return spans_root(sp, name, task ? strlen(name) : n);
}

/* Of a track that is no task: `cpu 0`, `queue 3`. */
static uint32_t spans_track_root(struct spans *sp, const struct metadata_field *f,
                                 const struct stack_id *id)
{
    char text[2 * KEY_TEXT_BYTES + NUMBER_BYTES], number[NUMBER_BYTES];
    const struct key *k = &id->key;
    uint32_t sys = (uint32_t)strnlen(k->text, k->bytes);
    int n;

    number_put(number, k->number);
    n = f && k->bytes > sys + 1
            ? snprintf(text, sizeof(text), "%.*s %.*s", (int)f->name.n, f->name.bytes,
                       (int)(k->bytes - sys - 1), k->text + sys + 1)
            : snprintf(text, sizeof(text), "%.*s %s", f ? (int)f->name.n : 3,
                       f ? f->name.bytes : "cpu", number);
    return spans_root(sp, text, (size_t)n);
}

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

static struct stack_id spans_id(const struct spans *sp, const struct spans_capture *c,
                                enum stack_kind kind, __int128 number)
{
    return (struct stack_id){kind, {.number = number, .stream = (uint32_t)(c - sp->captures)}};
}

/* --- what CPUs do --- */

static struct spans_cpu *spans_cpu(struct spans_capture *c, uint32_t cpu)
{
    c->cpus = mem_reach(c->cpus, &c->cpu_count, cpu, 1, sizeof(*c->cpus));
    return &c->cpus[cpu];
}

static uint32_t spans_track_of(const struct spans *sp, const struct spans_capture *c,
                               enum stack_kind kind, __int128 number)
{
    struct stack_id id = spans_id(sp, c, kind, number);

    return stack_find(&sp->stack, &id);
}

/* What a CPU is in: the frame that began last of its own and of those of its task, or 0. */
static uint32_t spans_innermost(const struct spans *sp, const struct spans_capture *c, uint32_t cpu)
{
    const struct spans_cpu *on = &c->cpus[cpu];
    uint32_t own = spans_track_of(sp, c, STACK_CPU, cpu);
    uint32_t task = on->known ? spans_track_of(sp, c, STACK_TASK, on->task) : 0;

    own = own ? sp->stack.tracks[own].top : 0;
    task = task ? sp->stack.tracks[task].top : 0;
    return own && task && sp->stack.frames[task].serial < sp->stack.frames[own].serial ? own
           : task                                                                      ? task
                                                                                       : own;
}

/* The time up to now is that of what the CPU was in. */
static void spans_count(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns)
{
    struct spans_cpu *on = &c->cpus[cpu];
    uint64_t passed = on->started && ns > on->counted_ns ? ns - on->counted_ns : 0;
    uint32_t frame = passed ? spans_innermost(sp, c, cpu) : 0;

    on->counted_ns = on->started && !passed ? on->counted_ns : ns;
    on->started = true;
    if (frame)
        sp->stack.frames[frame].self_ns += passed;
    else if (on->known)
        on->slice_ns += passed;
}

/* What the CPU ran, it does not run any longer; good: it ran until then. */
static void spans_stop(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns,
                       bool good)
{
    struct spans_cpu *on = &c->cpus[cpu];
    uint32_t track = on->known ? spans_track_of(sp, c, STACK_TASK, on->task) : 0;
    struct match_pair slice = {.self_ns = on->slice_ns,
                               .start_ns = on->since_ns,
                               .end_ns = ns,
                               .tag = SPANS_SLICE,
                               .node = on->node,
                               .apart = true,
                               .start_cpu = cpu,
                               .end_cpu = cpu,
                               .key.stream = (uint32_t)(c - sp->captures)};

    if (track && sp->stack.tracks[track].cpu == cpu + 1)
        sp->stack.tracks[track].cpu = 0;
    if (on->known && good && sp->fold.nodes && on->slice_ns)
        match_put(&sp->match, &slice);
    on->known = false;
}

/* From now on it runs this task. */
static void spans_run(struct spans *sp, struct spans_capture *c, const struct stream_lane *lane,
                      __int128 task, struct metadata_text name, uint64_t ns)
{
    struct spans_cpu *on = &c->cpus[lane->cpu];
    uint32_t track, other;

    if (on->known && on->task == task)
        return;
    spans_stop(sp, c, lane->cpu, ns, true);
    track = spans_track_of(sp, c, STACK_TASK, task);
    other = track ? sp->stack.tracks[track].cpu : 0;
    if (other) /* that it went away was not recorded */
        spans_stop(sp, c, other - 1, c->cpus[other - 1].counted_ns, false);
    if (track)
        sp->stack.tracks[track].cpu = lane->cpu + 1;
    on->known = true;
    on->task = task;
    on->since_ns = ns;
    on->slice_ns = 0;
    on->node = spans_task_root(sp, lane->stream, task, name);
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
    spans_count(sp, c, lane->cpu, ns);
    if (id->kind == STACK_TASK)
        spans_run(sp, c, lane, id->key.number, (struct metadata_text){0}, ns);
    else if (!c->cpus[lane->cpu].known && r->context)
        spans_run(sp, c, lane, load_u32(r->context, r->swap), (struct metadata_text){0}, ns);
}

/* The path in which something begins. */
static uint32_t spans_before(struct spans *sp, const struct spans_capture *c, uint32_t cpu,
                             const struct metadata_field *f, const struct stack_id *id)
{
    uint32_t track = id->kind == STACK_FIELD ? stack_find(&sp->stack, id) : 0, frame;

    frame = id->kind == STACK_FIELD ? sp->stack.tracks[track].top : spans_innermost(sp, c, cpu);
    if (frame)
        return sp->stack.frames[frame].node;
    if (id->kind != STACK_FIELD && c->cpus[cpu].known)
        return c->cpus[cpu].node;
    return spans_track_root(sp, f, id);
}

static void spans_begin_one(struct spans *sp, struct spans_capture *c,
                            const struct roles_meaning *m, struct stream_lane *lane,
                            const struct metadata_event *e, const struct value_tail *tails,
                            uint64_t ns)
{
    int8_t place = m->argument[ROLES_TRACK];
    struct stack_frame *f;
    struct stack_id id;
    uint32_t name = spans_name(sp, m, lane, e, tails, false);
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
    uint32_t name = spans_name(sp, m, lane, e, tails, true), frame;
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
    uint32_t name = spans_name(sp, m, lane, e, tails, false), root;
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
    root = !tracked ? spans_root(sp, "(no track)", 10)
           : id.kind == STACK_TASK
               ? spans_task_root(sp, lane->stream, id.key.number, (struct metadata_text){0})
               : spans_track_root(sp, place < 0 ? NULL : &e->fields[place], &id);
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
        match_start(&sp->match, &id.key, ns, lane->cpu, spans_name(sp, m, lane, e, tails, false));
    else
        match_end(&sp->match, &id.key, ns, lane->cpu, 0);
}

static void spans_give(void *context, const struct match_pair *pair)
{
    struct spans *sp = context;
    bool async = pair->tag != SPANS_SLICE && sp->table.names.at[pair->tag].kind == SPAN_ASYNC;

    if (pair->tag != SPANS_SLICE)
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
    spans_count(sp, c, lane->cpu, ns);
    if (m->is == ROLES_STOP)
        spans_stop(sp, c, lane->cpu, ns, true);
    else
        spans_run(sp, c, lane, task, roles_text(m, ROLES_NAME, lane, e, tails), ns);
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
    while ((track = spans_track_of(sp, c, STACK_TASK, task)) != 0) {
        stack_remove(&sp->stack, sp->stack.tracks[track].top);
        sp->left++;
    }
}

static void spans_lost(struct spans *sp, struct stream_lane *lane)
{
    struct spans_capture *c = spans_capture(sp, lane->stream);
    struct spans_cpu *on = spans_cpu(c, lane->cpu);
    uint32_t capture = (uint32_t)(c - sp->captures);
    uint64_t now = clock_ns(&lane->stream->clock, lane->time);

    spans_stop(sp, c, lane->cpu, on->counted_ns, false);
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
    spans_cpu(c, lane->cpu)->seen_ns = ns;
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
        spans_count(sp, c, cpu, c->cpus[cpu].seen_ns);
        spans_stop(sp, c, cpu, c->cpus[cpu].seen_ns, true);
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

    if (sp->share.inputs[s->number].stream) /* without metadata it has not begun */
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
