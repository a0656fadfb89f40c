/* SPDX-License-Identifier: MIT */
/* What the files of the control layer share, and modules and the tree may use. */
#ifndef TP_ENGINE_CONTROL_H
#define TP_ENGINE_CONTROL_H

#include "../core/core.h"
#include "../filter/filter.h"

/* select.c */
/* Which events are meant: those that match a pattern as tp_trace_enable takes it, or if that is NULL,
 * those of just this subsystem and this name, either of which may be NULL: any. */
struct tp_which {
    const char *pattern, *sys, *name;
};
/* In two steps, so that a change of many events is made of all or of none. */
struct tp_change {
    /* Takes what memory it needs and says whether it can be made; nothing of it shows yet. */
    int (*prepare)(struct tp_event *e, const struct tp_change *c);
    /* Makes it where it is prepared, or drops what was prepared. */
    void (*finish)(struct tp_event *e, const struct tp_change *c, bool make);
    struct tp_which which;
    unsigned trace; /* the rest is for these two */
    const void *what;
    struct tp_filter_error *error; /* or NULL */
};
/* Makes it of each of them that can be prepared, with the lock. 0; TP_ENOENT: there is none;
 * TP_EBUSY, TP_EMEMORY; or what was answered of the first one, if it was 0 of none. Then nothing is
 * changed. */
int tp_events_change(const struct tp_change *c);

/* epoch.c: memory that others may be looking at. Get, retire and drop with the lock. */
/* Two counts, each with one add an event: one that went up and down again would be two adds that
 * wait for each other, and the next event's for them. */
struct tp_inside {
    struct tp_passage {
        uint32_t entered, left; /* events; equal: none is inside */
    } passage[2];               /* by parity of the epoch */
    uint32_t depth;             /* of probes */
} __attribute__((__aligned__(TP_CACHE_LINE)));
/* What each event with a rule reads, and only a step of the epoch writes. */
extern struct tp_store {
    uint32_t epoch;
    uint32_t cpus;            /* so many CPUs have an entry of their own, in the control memory */
    struct tp_inside *inside; /* seen by who has seen `cpus` */
} tp_store;
extern struct tp_inside tp_inside_shared; /* that of all other CPUs */
bool tp_store_lock(void); /* false: somebody has it, perhaps whom we have interrupted */
void tp_store_unlock(void);
/* A fence, unless others make us do one. */
static inline void tp_store_barrier(void)
{
#ifdef tp_port_barrier_all
    tp_arch_barrier();
#else
    tp_arch_fence();
#endif
}

/* Adds to what may be several CPUs'. */
static inline void tp_inside_add(uint32_t *count, uint32_t n)
{
    if (__builtin_expect((uintptr_t)count - (uintptr_t)&tp_inside_shared < sizeof(tp_inside_shared),
                         0))
        tp_arch_add(count, n);
    else
        tp_arch_local_add(count, n);
}

static inline bool tp_store_own(uint32_t cpu)
{
    return __builtin_expect(cpu < __atomic_load_n(&tp_store.cpus, __ATOMIC_ACQUIRE), 1);
}

static inline struct tp_inside *tp_store_inside(uint32_t cpu)
{
    return tp_store_own(cpu) ? &tp_store.inside[cpu] : &tp_inside_shared;
}

/* Between these two nothing that is retired goes. */
static inline struct tp_passage *tp_store_enter(uint32_t cpu)
{
    struct tp_passage *p =
        &tp_store_inside(cpu)->passage[__atomic_load_n(&tp_store.epoch, __ATOMIC_RELAXED) & 1];

    tp_inside_add(&p->entered, 1);
    tp_store_barrier();
    return p;
}

static inline void tp_store_leave(struct tp_passage *p)
{
    tp_inside_add(&p->left, 1);
}

/* The same where that is shorter: for a CPU that has its own entry. */
static inline struct tp_passage *tp_store_enter_own(uint32_t cpu)
{
    struct tp_passage *p =
        &tp_store.inside[cpu].passage[__atomic_load_n(&tp_store.epoch, __ATOMIC_RELAXED) & 1];

    tp_arch_local_add(&p->entered, 1);
    tp_store_barrier();
    return p;
}

static inline void tp_store_leave_own(struct tp_passage *p)
{
    tp_arch_local_add(&p->left, 1);
}

void *tp_store_get(size_t bytes); /* zeroed; NULL: no room, see tp_store_full */
/* The same of *bytes, or if there is no such piece of the largest that there is, but no less than
 * `least`; *bytes is then its size. */
void *tp_store_most(size_t least, size_t *bytes);
/* Why not: TP_EBUSY, some is retired and may still be looked at; else TP_EMEMORY. */
int tp_store_full(void);
void tp_store_trim(void *p, size_t bytes); /* so many of them are enough */
void tp_store_retire(void *p);             /* nobody finds it any more */
void tp_store_drop(void *p);               /* nobody ever found it */

/* rule.c */
struct tp_trigger;
struct tp_program { /* then a struct tp_filter, then its text */
    uint32_t text_at, zero;
};
/* Two in turn, so that there is always one that nobody is writing. */
struct tp_seconds {
    uint32_t turn; /* the lowest bit: which is now; 0: none has begun */
    uint32_t renewing;
    struct {
        uint32_t since_low, since_high; /* the clock when it began; processors of 32 bits, too */
        uint32_t used;
    } second[2];
};
struct tp_rule {
    struct tp_rule *next;
    uint8_t trace;
    bool acts;           /* without it the event is as one without a rule */
    bool filters;        /* it has a filter, and nothing else */
    bool wakes;          /* it has a trigger that starts the trace */
    bool records;        /* the trace runs and has chosen the event */
    bool lives;          /* the trace runs, or may be woken */
    bool counts;         /* it has sampled: what it has counted is told till the trace ends */
    uint32_t simple;     /* TP_MASK_RULE of its trace if it `filters` and `records`, or 0 */
    uint32_t generation; /* of the trace's slot: what is retired must not act on another */
    uint32_t one_in;     /* sampling: what it is ... */
    tp_word nth;         /* ... and how many are left out till the next */
    uint32_t per_second;
    struct tp_seconds seconds; /* of which each has room for so many */
    struct tp_count suppressed;
    struct tp_program *program; /* or NULL */
    struct tp_trigger *triggers;
    void *made; /* a program or trigger that is prepared; with the lock */
};
/* Along the list of an event, inside (tp_store_enter) or with the lock. */
static inline struct tp_rule *tp_rule_first(const struct tp_event *e)
{
    return __atomic_load_n(&e->rules, __ATOMIC_ACQUIRE);
}
static inline struct tp_rule *tp_rule_next(const struct tp_rule *r)
{
    return __atomic_load_n(&r->next, __ATOMIC_ACQUIRE);
}
/* What is compiled: no NUL is in it, and none at its end. */
struct tp_piece {
    const char *text; /* or NULL */
    size_t bytes;
};
static inline struct tp_piece tp_piece_of(const char *text)
{
    return (struct tp_piece){text, text ? tp_memory_text(text) : 0};
}
int tp_program_make(const struct tp_event *e, struct tp_piece text, struct tp_program **out,
                    struct tp_filter_error *error);
const char *tp_program_text(const struct tp_program *p);
static inline const struct tp_filter *tp_program_filter(const struct tp_program *p)
{
    return (const struct tp_filter *)(const void *)(p + 1);
}
/* Fills in the values that are not the event's own; comm[TP_TASK_NAME_BYTES] is room for one. The name
 * is known by `trace`, into which the event is being recorded; TP_TRACES_MAX: by any. */
static inline void tp_program_common(const struct tp_event *e, struct tp_filter_value *v,
                                     uint32_t uses, uint8_t *comm, unsigned trace)
{
    uint64_t word = tp_port_context();
    struct tp_wire_context c;

    __builtin_memcpy(&c, &word, sizeof(c));
    if (uses >> TP_FILTER_FIELDS_MAX != 1u << (TP_FILTER_COMM - TP_FILTER_FIELDS_MAX)) {
        v[TP_FILTER_ID].number = e->id;
        v[TP_FILTER_FLAGS].number = c.flags;
        v[TP_FILTER_PREEMPT].number = c.preempt_depth;
        v[TP_FILTER_PID].number = (uint64_t)(int64_t)(int32_t)c.pid;
        v[TP_FILTER_CPU].number = tp_port_cpu();
    }
    if (uses & 1u << TP_FILTER_COMM) {
        v[TP_FILTER_COMM].text = comm;
        v[TP_FILTER_COMM].text_bytes = TP_TASK_NAME_BYTES;
        if (trace < TP_TRACES_MAX)
            tp_task_find(trace, c.pid, comm);
        else
            tp_task_find_any(c.pid, comm);
    }
}
/* The same, not inline. */
void tp_program_fill(const struct tp_event *e, struct tp_filter_value *v, uint32_t uses,
                     uint8_t *comm);
/* True also if there is none. */
static inline bool tp_program_passes(struct tp_program *const *at, const struct tp_event *e,
                                     struct tp_filter_value *v)
{
    const struct tp_program *p = __atomic_load_n(at, __ATOMIC_ACQUIRE);
    const struct tp_filter *filter;
    uint8_t comm[TP_TASK_NAME_BYTES];

    if (!p)
        return true;
    filter = tp_program_filter(p);
    if (__builtin_expect(filter->uses >> TP_FILTER_FIELDS_MAX != 0, 0))
        tp_program_fill(e, v, filter->uses, comm);
    return tp_filter_run(filter, v);
}
bool tp_rule_samples(struct tp_rule *r);
struct tp_rule *tp_rule_find(const struct tp_event *e, unsigned trace); /* or NULL */
/* These two with the lock. NULL: no room. */
struct tp_rule *tp_rule_make(struct tp_event *e, unsigned trace);
void tp_rule_settle(struct tp_event *e, struct tp_rule *r); /* behind each change of it */
/* tp_events_change for a live trace, which c->trace becomes, or TP_EINVAL, TP_EBUSY. */
int tp_rules_change(const struct tp_trace *trace, struct tp_change c);
void tp_rule_unlink(struct tp_event *e, struct tp_rule *rule); /* with the lock */
void tp_event_update(struct tp_event *e, unsigned trace);      /* its mask */
void tp_rules_forget(struct tp_event *e); /* seam.c: of all traces; with the lock */
/* As in tp/control.h, but of pieces of text and of names, so that nothing need be copied to call it:
 * what the tree calls. */
struct tp_text;
int tp_filter_change(struct tp_trace *trace, struct tp_which which, struct tp_piece filter,
                     struct tp_filter_error *error);
/* 0, TP_ENOENT, TP_EINVAL. */
int tp_filter_put(const struct tp_trace *trace, const struct tp_event *event, struct tp_text *text);
/* Have both the same filter, or none? */
bool tp_filter_same(const struct tp_trace *trace, const struct tp_event *a,
                    const struct tp_event *b);

/* trigger.c */
int tp_trigger_change(struct tp_trace *trace, struct tp_which which, struct tp_piece text,
                      struct tp_filter_error *error);
int tp_trigger_put(const struct tp_trace *trace, const struct tp_event *event, uint32_t i,
                   struct tp_text *text); /* 0, TP_ENOENT, TP_EINVAL */
void tp_rule_triggers(struct tp_rule *r, const struct tp_event *e, struct tp_filter_value *v,
                      bool before);
void tp_triggers_retire(struct tp_rule *r);

/* probe.c */
void tp_probe_run(const struct tp_event *e, struct tp_filter_value *v, uint32_t passed);
void tp_probes_forget(struct tp_event *e); /* with the lock */
void tp_probes_close(struct tp_event *e,
                     unsigned trace); /* the same; they stay, and are not called */

#endif
