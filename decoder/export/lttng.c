/* SPDX-License-Identifier: MIT */
/* lttng.c - what a record means as LTTng calls it. */
#include "export/lttng.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "export/tsdl.h"
#include "order/common.h"

#define LTTNG_SLOTS (2u * LTTNG_CALLS)
#define LTTNG_PRIORITY 120u
/* Numbers of events, above those of dumps and of ctf.c. */
#define LTTNG_FIRST_CALL 0x20000u

enum {
    LTTNG_SWITCH = 0x10010,
    LTTNG_WAKING,
    LTTNG_FORK,
    LTTNG_EXIT,
    LTTNG_IRQ_ENTRY,
    LTTNG_IRQ_EXIT,
    LTTNG_SOFTIRQ_ENTRY,
    LTTNG_SOFTIRQ_EXIT
};

/* Of a task that has ended or waits, as Trace Compass takes it. */
enum { LTTNG_READY = 0, LTTNG_WAITS = 1, LTTNG_DEAD = 64 };

struct lttng_call {
    uint32_t trace, event; /* the event of the dump */
    bool exit, described;
    char name[LTTNG_NAME_BYTES];
};

/* --- events --- */

/* A letter for each field: s a text, i 32 bits with a sign, u without, l 64 with. */
static const struct lttng_event {
    const char *name;
    uint32_t id;
    const char *fields;
} lttng_events[] = {{"sched_switch", LTTNG_SWITCH,
                     "sprev_comm iprev_tid iprev_prio lprev_state snext_comm inext_tid inext_prio"},
                    {"sched_waking", LTTNG_WAKING, "scomm itid iprio itarget_cpu"},
                    {"sched_process_fork", LTTNG_FORK,
                     "sparent_comm iparent_tid iparent_pid schild_comm ichild_tid ichild_pid"},
                    {"sched_process_exit", LTTNG_EXIT, "scomm itid iprio"},
                    {"irq_handler_entry", LTTNG_IRQ_ENTRY, "iirq sname"},
                    {"irq_handler_exit", LTTNG_IRQ_EXIT, "iirq iret"},
                    {"softirq_entry", LTTNG_SOFTIRQ_ENTRY, "uvec"},
                    {"softirq_exit", LTTNG_SOFTIRQ_EXIT, "uvec"}};

static void lttng_member(struct out *o, const char *field, size_t n)
{
    out_text(o, "\t\t");
    if (*field == 's')
        out_text(o, "string { encoding = UTF8; }");
    else
        tsdl_integer(o, *field == 'l' ? 8 : 4, *field != 'u', "");
    out_text(o, " _");
    out_bytes(o, field + 1, n - 1);
    out_text(o, ";\n");
}

static void lttng_describe(struct out *o, const struct lttng_event *e)
{
    tsdl_open(o, e->name, strlen(e->name), e->id);
    for (const char *field = e->fields; *field; field += strspn(field, " ")) {
        lttng_member(o, field, strcspn(field, " "));
        field += strcspn(field, " ");
    }
    tsdl_close(o);
}

static void lttng_describe_call(struct out *o, const struct lttng_call *c, uint32_t id,
                                const struct metadata_event *e)
{
    char name[LTTNG_NAME_BYTES + 16];
    int n = snprintf(name, sizeof(name), "syscall_%s_%s", c->exit ? "exit" : "entry", c->name);

    tsdl_open(o, name, (size_t)n, id);
    tsdl_fields(o, e);
    if (c->exit && !tsdl_has(e, "ret"))
        lttng_member(o, "lret", 4);
    tsdl_close(o);
}

void lttng_finish(struct lttng *l, struct out *o, uint32_t trace, const struct stream *s,
                  bool first)
{
    nest_finish(&l->nest, s, 0);
    for (size_t i = 0; first && i < sizeof(lttng_events) / sizeof(lttng_events[0]); i++)
        lttng_describe(o, &lttng_events[i]);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct metadata_event *e = metadata_event(&s->metadata, l->calls[i].event);

        if (l->calls[i].trace != trace || l->calls[i].described || !e)
            continue;
        l->calls[i].described = true;
        lttng_describe_call(o, &l->calls[i], LTTNG_FIRST_CALL + i, e);
    }
}

/* --- the scheduler --- */

static void lttng_text(struct pile *p, struct metadata_text t)
{
    pile_text(p, t.bytes, t.n);
}

static void lttng_put_switch(struct lttng *l, struct pile *p, const struct stream *s,
                             const struct sched_event *e)
{
    lttng_text(p, sched_name(l->sched, s, e->prev));
    pile_put(p, (uint32_t)e->prev, 4);
    pile_put(p, LTTNG_PRIORITY, 4);
    pile_put(p,
             e->state == ROLES_STATE_READY  ? LTTNG_READY
             : e->state == ROLES_STATE_DEAD ? LTTNG_DEAD
                                            : LTTNG_WAITS,
             8);
    lttng_text(p, sched_named(l->sched, s, e->next, e->name));
    pile_put(p, (uint32_t)e->next, 4);
    pile_put(p, LTTNG_PRIORITY, 4);
}

/* It is a thread of its group, if that is known; else its own. */
static int32_t lttng_group(const struct stream *s, int32_t pid)
{
    const struct task *t = pid < SCHED_FOREIGN ? task_find(&s->tasks, (uint32_t)pid) : NULL;

    return t && t->group && t->group < SCHED_FOREIGN ? (int32_t)t->group : pid;
}

static void lttng_put_fork(struct lttng *l, struct pile *p, struct stream_lane *lane,
                           const struct metadata_event *e, const struct sched_event *child)
{
    const struct stream *s = lane->stream;
    __int128 task = 0;
    uint64_t own;
    int32_t parent;

    if (!roles_number(roles_find(l->sched->roles, e), ROLES_PARENT, lane, e, &task) &&
        common_number(COMMON_PID, lane, &own))
        task = own;
    parent = sched_pid(l->sched, task);
    lttng_text(p, sched_name(l->sched, s, parent));
    pile_put(p, (uint32_t)parent, 4);
    pile_put(p, (uint32_t)lttng_group(s, parent), 4);
    lttng_text(p, sched_named(l->sched, s, child->task, child->name));
    pile_put(p, (uint32_t)child->task, 4);
    pile_put(p, (uint32_t)lttng_group(s, child->task), 4);
}

static uint32_t lttng_sched(struct lttng *l, struct pile *p, struct stream_lane *lane,
                            const struct metadata_event *e, const struct value_tail *tails)
{
    struct sched_event sched;

    switch (sched_take(l->sched, lane, e, tails, &sched)) {
    case ROLES_SWITCH:
        lttng_put_switch(l, p, lane->stream, &sched);
        return LTTNG_SWITCH;
    case ROLES_NEW:
        lttng_put_fork(l, p, lane, e, &sched);
        return LTTNG_FORK;
    case ROLES_WAKE:
    case ROLES_GONE:
        lttng_text(p, sched_named(l->sched, lane->stream, sched.task, sched.name));
        pile_put(p, (uint32_t)sched.task, 4);
        pile_put(p, LTTNG_PRIORITY, 4);
        if (sched.is == ROLES_GONE)
            return LTTNG_EXIT;
        pile_put(p, sched.cpu, 4);
        return LTTNG_WAKING;
    default:
        return 0;
    }
}

/* --- interrupts --- */

/* The first integer of an event, which is the number of an interrupt, or the result of a call. */
static uint64_t lttng_number(const struct metadata_event *e, const struct record *r, bool is_signed)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        if (f->type == METADATA_SIGNED || (f->type == METADATA_UNSIGNED && !is_signed))
            if (!f->array)
                return value_load(r->fields + f->at, f->width, f->type == METADATA_SIGNED, r->swap);
    }
    return 0;
}

/* What it is called, as the roles say: a text, or the name of a value. No bytes: it has a number only. */
static void lttng_called(const struct roles_meaning *m, const struct stream_lane *lane,
                         const struct metadata_event *e, const struct value_tail *tails,
                         struct key *k)
{
    int8_t place = m->argument[ROLES_NAME];

    *k = (struct key){.bytes = 0};
    if (place >= 0)
        key_value(&e->fields[place], &lane->record, tails, k);
}

static uint32_t lttng_interrupt(struct lttng *l, struct pile *p, struct stream_lane *lane,
                                const struct metadata_event *e, const struct value_tail *tails,
                                const struct roles_meaning *m)
{
    bool soft = e->name.n >= 7 && memcmp(e->name.bytes, "softirq", 7) == 0;
    bool begins = m->is == ROLES_BEGIN;
    struct key k;

    l->mark = lttng_number(e, &lane->record, false);
    nest_take(&l->nest, lane, e, tails);
    pile_put(p, l->mark, 4);
    if (soft)
        return begins ? LTTNG_SOFTIRQ_ENTRY : LTTNG_SOFTIRQ_EXIT;
    if (!begins) {
        pile_put(p, 1, 4); /* it was for this handler */
        return LTTNG_IRQ_EXIT;
    }
    lttng_called(m, lane, e, tails, &k);
    pile_text(p, k.text, k.bytes);
    return LTTNG_IRQ_ENTRY;
}

/* --- system calls --- */

static bool lttng_is_call(const struct metadata_event *e)
{
    static const char word[] = "syscall";

    for (uint32_t i = 0; i + sizeof(word) - 1 <= e->sys.n; i++)
        if (memcmp(e->sys.bytes + i, word, sizeof(word) - 1) == 0)
            return true;
    return false;
}

static void lttng_call_name(char to[LTTNG_NAME_BYTES], const struct roles_meaning *m,
                            const struct stream_lane *lane, const struct metadata_event *e,
                            const struct value_tail *tails)
{
    char number[NUMBER_BYTES];
    const char *from = number;
    uint32_t n, i;
    struct key k;

    lttng_called(m, lane, e, tails, &k);
    if (k.bytes) {
        from = k.text;
        n = k.bytes;
    } else if (m->argument[ROLES_NAME] >= 0 && !k.is_text) {
        number_put(number, k.number);
        n = (uint32_t)strlen(number);
    } else {
        from = e->name.bytes;
        n = e->name.n;
    }
    for (i = 0; i < n && i < LTTNG_NAME_BYTES - 1; i++)
        to[i] = (unsigned char)from[i] < 128 && isalnum((unsigned char)from[i]) ? from[i] : '_';
    to[i] = '\0';
}

/* Its index, or LTTNG_CALLS: there are too many. */
static uint32_t lttng_call(struct lttng *l, uint32_t trace, const struct metadata_event *e,
                           bool exit, const char *name)
{
    uint64_t hash = nest_hash(((uint64_t)trace << 32 | e->id) << 1 | exit, name, strlen(name));
    uint32_t *slot;

    if (!l->calls) {
        l->calls = mem_zero(LTTNG_CALLS * sizeof(*l->calls));
        l->slots = mem_zero(LTTNG_SLOTS * sizeof(*l->slots));
    }
    for (;; hash++) {
        struct lttng_call *c;

        slot = &l->slots[hash % LTTNG_SLOTS];
        if (!*slot)
            break;
        c = &l->calls[*slot - 1];
        if (c->trace == trace && c->event == e->id && c->exit == exit && !strcmp(c->name, name))
            return *slot - 1;
    }
    if (l->count == LTTNG_CALLS)
        return LTTNG_CALLS;
    l->calls[l->count] = (struct lttng_call){.trace = trace, .event = e->id, .exit = exit};
    strcpy(l->calls[l->count].name, name);
    *slot = ++l->count;
    return *slot - 1;
}

static uint32_t lttng_system(struct lttng *l, struct pile *p, uint32_t trace,
                             struct stream_lane *lane, const struct metadata_event *e,
                             const struct value_tail *tails, const struct roles_meaning *m)
{
    bool exit = m->is == ROLES_END;
    char name[LTTNG_NAME_BYTES] = "unknown";
    uint32_t call;

    if (!exit) {
        lttng_call_name(name, m, lane, e, tails);
        l->mark = call = lttng_call(l, trace, e, false, name);
    }
    l->ended = false;
    nest_take(&l->nest, lane, e, tails);
    if (exit && l->ended && l->mark < l->count)
        strcpy(name, l->calls[l->mark].name);
    if (exit)
        call = lttng_call(l, trace, e, true, name);
    if (call == LTTNG_CALLS) {
        l->crowded++;
        return 0;
    }
    tsdl_record(p, e, &lane->record, tails);
    if (exit && !tsdl_has(e, "ret"))
        pile_put(p, lttng_number(e, &lane->record, true), 8);
    return LTTNG_FIRST_CALL + call;
}

/* --- all --- */

uint32_t lttng_take(struct lttng *l, struct pile *p, uint32_t trace, struct stream_lane *lane,
                    const struct metadata_event *e, const struct value_tail *tails)
{
    const struct roles_meaning *m;
    uint32_t id;

    if (lane->gap_open)
        lttng_lose(l, lane);
    id = lttng_sched(l, p, lane, e, tails);
    m = roles_find(l->sched->roles, e);
    if (id || (m->is != ROLES_BEGIN && m->is != ROLES_END)) {
        nest_take(&l->nest, lane, e, tails);
        return id;
    }
    if (m->argument[ROLES_TRACK] == ROLES_RECORD_CPU)
        return lttng_interrupt(l, p, lane, e, tails, m);
    if (m->argument[ROLES_TRACK] == ROLES_RECORD_TASK && lttng_is_call(e))
        return lttng_system(l, p, trace, lane, e, tails, m);
    nest_take(&l->nest, lane, e, tails);
    return 0;
}

static void lttng_span_begin(void *context, struct nest_span *span, const struct nest_record *r)
{
    (void)r;
    span->mark = ((struct lttng *)context)->mark;
}

static void lttng_span_end(void *context, const struct nest_span *span, uint64_t ns,
                           enum nest_why why, const struct nest_record *r)
{
    struct lttng *l = context;

    (void)ns;
    (void)why;
    if (!r)
        return;
    l->ended = true;
    l->mark = span->mark;
}

static void lttng_span_whole(void *context, const struct nest_span *span, uint64_t ns,
                             const struct nest_record *r)
{
    (void)context;
    (void)span;
    (void)ns;
    (void)r;
}

void lttng_open(struct lttng *l, struct roles *roles, struct sched *sched)
{
    *l = (struct lttng){.sched = sched};
    nest_open(&l->nest, roles, sched, NULL,
              &(struct nest_calls){lttng_span_begin, lttng_span_end, lttng_span_whole, l});
}

void lttng_close(struct lttng *l)
{
    nest_close(&l->nest);
    free(l->calls);
    free(l->slots);
}

void lttng_begin(struct lttng *l, const struct stream *s)
{
    sched_begin(l->sched, s);
    nest_begin(&l->nest, s);
}

void lttng_lose(struct lttng *l, struct stream_lane *lane)
{
    sched_lose(l->sched, lane);
    nest_lose(&l->nest, lane);
}
