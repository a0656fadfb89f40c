/* SPDX-License-Identifier: MIT */
/* What the files of the control layer share; modules and the tree may use it as well. */
#ifndef TP_ENGINE_CONTROL_H
#define TP_ENGINE_CONTROL_H

#include "../core/core.h"
#include "../core/seam.h"
#include "../filter/filter.h"

/* values.c: makes records from values, by a loop over the fields of any event. */
uint32_t tp_emit_bytes(const struct tp_event *e, const struct tp_filter_value *v);
void tp_emit_fill(uint8_t *fields, const struct tp_event *e, const struct tp_filter_value *v);
/* A record in each of these traces. */
void tp_emit_all(const struct tp_event *e, const struct tp_filter_value *v, uint32_t bytes,
                 uint32_t traces);

/* select.c */
/* The events of a change: those that match `pattern` (as in tp_trace_enable); if that is NULL,
 * those with this subsystem and this name, where NULL is any. */
struct tp_which {
    const char *pattern, *sys, *name;
};
/* A change is made in two steps, so that it applies to all of its events or to none. */
struct tp_change {
    /* Gets the memory that the change of this event needs, and says whether it is possible. It has
     * no effect yet. */
    int (*prepare)(struct tp_event *e, const struct tp_change *c);
    /* Applies what was prepared (`make`), or drops it. */
    void (*finish)(struct tp_event *e, const struct tp_change *c, bool make);
    struct tp_which which;
    unsigned trace; /* from here on: for the two functions */
    const void *what;
    struct tp_filter_error *error; /* or NULL */
};
/* Takes the lock and changes each event for which `prepare` returned 0. Returns 0; TP_ENOENT: no
 * event matches; TP_EBUSY, TP_EMEMORY; or, if `prepare` failed for all of them, the error of the
 * first. After an error nothing is changed. */
int tp_events_change(const struct tp_change *c);

/* epoch.c: memory that other contexts may be reading. Get, retire and drop are called with the
 * lock. */
/* Two counts, each with one add per event. With one count that goes up and down the second add
 * would wait for the first, and the adds of the next event for both. */
struct tp_inside {
    struct tp_passage {
        uint32_t entered, left; /* events; if equal, none is inside */
    } passage[2];               /* by parity of the epoch */
    uint32_t depth;             /* of probes */
} __attribute__((__aligned__(TP_CACHE_LINE)));
/* Read by each event that has a rule. Once there is memory, only a step of the epoch writes it. */
extern struct tp_store {
    uint32_t epoch;
    uint32_t cpus;            /* CPUs below this have an entry of their own */
    struct tp_inside *inside; /* valid after an acquire load of `cpus` */
} tp_store;
extern struct tp_inside tp_inside_shared; /* the entry of all other CPUs */
bool tp_store_lock(void); /* false: another context has it, which may be interrupted */
void tp_store_unlock(void);
/* A fence. With tp_port_barrier_all the step of the epoch makes each CPU do one, so that the order
 * of the compiler is enough here. */
static inline void tp_store_barrier(void)
{
#ifdef tp_port_barrier_all
    tp_arch_barrier();
#else
    tp_arch_fence();
#endif
}

/* The shared entry is written by several CPUs; an entry of one CPU takes the cheaper add. */
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

/* Between these two calls no memory that is retired is used again. */
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

/* The same, shorter, for a CPU that has an entry of its own. */
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
/* The same for *bytes. If no free piece is that large, the largest one, if it has at least `least`
 * bytes; *bytes is then its size. */
void *tp_store_most(size_t least, size_t *bytes);
/* Why there is no room: TP_EBUSY if some memory is retired and may still be read, else
 * TP_EMEMORY. */
int tp_store_full(void);
void tp_store_trim(void *p, size_t bytes); /* keeps so many, frees the rest */
void tp_store_retire(void *p);             /* no list leads to it any more */
void tp_store_drop(void *p);               /* no list has ever led to it */

/* rule.c */
struct tp_trigger;
struct tp_program { /* then a struct tp_filter, then its text */
    uint32_t text_at, zero;
};
/* Two seconds in turn, so that one of them is never being written. */
struct tp_seconds {
    uint32_t turn; /* the lowest bit is the index of the current one; 0: none has begun */
    uint32_t renewing;
    struct {
        uint32_t since_low, since_high; /* the clock at its start, as two words */
        uint32_t used;
    } second[2];
};
struct tp_rule {
    struct tp_rule *next;
    uint8_t trace;
    bool acts;           /* false: the event is handled as one without a rule */
    bool filters;        /* it has a filter, and nothing else */
    bool wakes;          /* it has a trigger that starts the trace */
    bool records;        /* the trace runs and has chosen the event */
    bool lives;          /* the trace runs, or a trigger may start it */
    bool counts;         /* it has sampled: its count is reported until the trace is closed */
    uint32_t simple;     /* TP_MASK_RULE of its trace if it `filters` and `records`, or 0 */
    uint32_t generation; /* of the trace's slot: a retired rule must not act on another trace */
    uint32_t one_in;     /* sampling: one in so many is recorded ... */
    tp_word nth;         /* ... and so many are left out before the next one */
    uint32_t per_second;
    struct tp_seconds seconds; /* each has room for `per_second` events */
    struct tp_count suppressed;
    struct tp_program *program; /* or NULL */
    struct tp_trigger *triggers;
    void *made; /* a program or trigger that is prepared; used with the lock */
};
/* patch.c: one call at a time patches code. */
bool tp_patch_begin(void);
void tp_patch_end(void);

/* The list of an event. The caller is inside (tp_store_enter) or has the lock. */
static inline struct tp_rule *tp_rule_first(const struct tp_event *e)
{
    return __atomic_load_n(&e->rules, __ATOMIC_ACQUIRE);
}
static inline struct tp_rule *tp_rule_next(const struct tp_rule *r)
{
    return __atomic_load_n(&r->next, __ATOMIC_ACQUIRE);
}
/* A text to be compiled. It contains no NUL and does not end in one. */
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
/* Sets the common values, which are not fields of the event. comm[TP_TASK_NAME_BYTES] has room for
 * the name of the task, which is looked up in the table of `trace`, into which the event is being
 * recorded; with TP_TRACES_MAX in the tables of all traces. */
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
/* The same with TP_TRACES_MAX, not inline. */
void tp_program_fill(const struct tp_event *e, struct tp_filter_value *v, uint32_t uses,
                     uint8_t *comm);
/* True as well if there is no program. */
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
/* Both with the lock. tp_rule_make returns NULL if there is no room. */
struct tp_rule *tp_rule_make(struct tp_event *e, unsigned trace);
void tp_rule_settle(struct tp_event *e, struct tp_rule *r); /* after each change of `r` */
/* tp_events_change with c.trace set to the slot of a live trace; TP_EINVAL or TP_EBUSY if it is not
 * one. */
int tp_rules_change(const struct tp_trace *trace, struct tp_change c);
void tp_rule_unlink(struct tp_event *e, struct tp_rule *rule); /* with the lock */
void tp_event_update(struct tp_event *e, unsigned trace);      /* sets its mask */
void tp_rules_forget(struct tp_event *e); /* seam.c: of all traces; with the lock */
/* The calls of tp/control.h as the tree needs them: with pieces of text and exact names, so that it
 * copies no text. */
struct tp_text;
int tp_filter_change(struct tp_trace *trace, struct tp_which which, struct tp_piece filter,
                     struct tp_filter_error *error);
/* 0, TP_ENOENT, TP_EINVAL. */
int tp_filter_put(const struct tp_trace *trace, const struct tp_event *event, struct tp_text *text);
/* True if both have the same filter, or none. */
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
                     unsigned trace); /* the same; they stay, and are not called any more */

#endif
