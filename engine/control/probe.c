/* SPDX-License-Identifier: MIT */
/*
 * Probes: functions that are called when an event is fired. The list of an event has them in the
 * order in which they were added; what is removed from it is retired (epoch.c).
 */
#include "control.h"

enum kind { PROBE_TYPED, PROBE_RAW, PROBE_RECORD };

struct tp_probe {
    struct tp_probe *next;
    enum kind kind;
    uint32_t traces; /* 0, or the bit of the trace that the probe goes with, or NO_TRACE */
    void (*fn)(void);
    void *data;
    bool made;                  /* false: it is prepared, and not called yet */
    struct tp_program *program; /* or NULL */
};

#define NO_TRACE (1u << TP_TRACES_MAX) /* that trace was closed */

static struct tp_count probe_recursion, probe_too_long, probe_strangers;

/* --- calling --- */

/* This function and the next one are not inlined, so that arguments and records are on the stack
 * only for an event that has a probe of that kind. */
static __attribute__((__noinline__)) void
probe_call_raw(const struct tp_probe *p, const struct tp_event *e, const struct tp_filter_value *v)
{
    uint64_t args[2 * TP_LIMIT_FIELDS];
    uint32_t n = 0;

    for (uint32_t i = 0; i < e->fields; i++) {
        bool number = !e->field[i].count && !tp_types[e->field[i].type].tail;

        args[n++] = number ? v[i].number : (uintptr_t)v[i].text;
        if (e->field[i].type == TP_TYPE_BYTES || e->field[i].count & TP_FIELD_SEQUENCE)
            args[n++] = v[i].text_bytes;
    }
    ((void (*)(void *, const struct tp_event *, const uint64_t *, uint32_t))p->fn)(p->data, e, args,
                                                                                   n);
}

static __attribute__((__noinline__)) void probe_call_record(const struct tp_probe *p,
                                                            const struct tp_event *e,
                                                            const struct tp_filter_value *v)
{
    uint64_t record[TP_PROBE_RECORD_BYTES / 8] = {0};
    uint32_t bytes = (tp_emit_bytes(e, v) + (uint32_t)sizeof(struct tp_wire_record) + 7) & ~7u;
    struct tp_wire_record *head = (struct tp_wire_record *)(void *)record;
    uint64_t time = tp_port_clock();

    if (bytes > sizeof(record)) {
        tp_count_add(&probe_too_long);
        return;
    }
    head->time_low = (uint32_t)time;
    head->word = TP_RECORD_WORD(e->id, bytes / TP_RECORD_UNIT) | TP_RECORD_COMMITTED;
    tp_emit_fill((uint8_t *)(head + 1), e, v);
    ((void (*)(void *, const struct tp_event *, uint64_t, const void *, uint32_t))p->fn)(
        p->data, e, time, record, bytes);
}

static void probe_call(const struct tp_probe *p, const struct tp_event *e,
                       const struct tp_filter_value *v)
{
    switch (p->kind) {
    case PROBE_TYPED:
        e->call(p->fn, p->data, v);
        break;
    case PROBE_RAW:
        probe_call_raw(p, e, v);
        break;
    case PROBE_RECORD:
        probe_call_record(p, e, v);
        break;
    }
}

static struct tp_probe *probe_first_of(const struct tp_event *e)
{
    return __atomic_load_n(&e->probes, __ATOMIC_ACQUIRE);
}

static struct tp_probe *probe_next_of(const struct tp_probe *p)
{
    return __atomic_load_n(&p->next, __ATOMIC_ACQUIRE);
}

/* `passed`: a bit for each trace that records the event, or would without sampling. `depth` belongs
 * to the CPU, and an interrupt leaves it unchanged. CPUs without an entry of their own share one
 * depth as well: a call that is left out there may be no recursion, and is counted separately. */
void tp_probe_run(const struct tp_event *e, struct tp_filter_value *v, uint32_t passed)
{
    struct tp_inside *inside;
    struct tp_passage *in;
    uint32_t cpu;
    bool deep;

    tp_port_pin();
    cpu = tp_port_cpu();
    in = tp_store_enter(cpu);
    inside = tp_store_inside(cpu);
    tp_inside_add(&inside->depth, 1);
    deep = __atomic_load_n(&inside->depth, __ATOMIC_RELAXED) > TP_PROBE_DEPTH;
    for (struct tp_probe *p = probe_first_of(e); p; p = probe_next_of(p)) {
        uint32_t traces = __atomic_load_n(&p->traces, __ATOMIC_RELAXED);

        if (!__atomic_load_n(&p->made, __ATOMIC_RELAXED) || (traces && !(traces & passed)) ||
            !tp_program_passes(&p->program, e, v))
            continue;
        if (__builtin_expect(deep, 0))
            tp_count_add(inside == &tp_inside_shared ? &probe_strangers : &probe_recursion);
        else
            probe_call(p, e, v);
    }
    tp_inside_add(&inside->depth, -1u);
    tp_store_leave(in);
    tp_port_unpin();
}

void tp_probe_stats(struct tp_probe_stats *stats)
{
    stats->recursion = tp_count_read(&probe_recursion);
    stats->too_long = tp_count_read(&probe_too_long);
    stats->strangers = tp_count_read(&probe_strangers);
}

/* --- adding and removing; with the lock --- */

static struct tp_probe **probe_find(struct tp_event *e, enum kind kind, void (*fn)(void),
                                    const void *data)
{
    struct tp_probe **at = &e->probes;

    while (*at && ((*at)->kind != kind || (*at)->fn != fn || (*at)->data != data))
        at = &(*at)->next;
    return at;
}

/* What one call adds to or removes from each event. */
struct wish {
    const struct tp_probe *like;
    const char *filter; /* or NULL */
};

/* The probe is linked at the end of the list, and is not called before `made` is set. */
static int probe_prepare_add(struct tp_event *e, const struct tp_change *c)
{
    const struct wish *w = c->what;
    struct tp_probe **at = probe_find(e, w->like->kind, w->like->fn, w->like->data), *p;
    struct tp_program *program = NULL;
    int err = 0;

    if (*at)
        return TP_EEXIST;
    if (w->filter)
        err = tp_program_make(e, tp_piece_of(w->filter), &program, c->error);
    if (err)
        return err;
    p = tp_store_get(sizeof(*p));
    if (!p) {
        tp_store_drop(program);
        return tp_store_full();
    }
    *p = *w->like;
    p->program = program;
    __atomic_store_n(at, p, __ATOMIC_RELEASE);
    return 0;
}

static void probe_take_out(struct tp_event *e, struct tp_probe **at)
{
    struct tp_probe *p = *at;

    __atomic_store_n(at, p->next, __ATOMIC_RELEASE);
    if (!e->probes)
        tp_arch_set(&e->mask, TP_MASK_PROBES, false);
    tp_store_retire(p->program);
    tp_store_retire(p);
}

static void probe_finish_add(struct tp_event *e, const struct tp_change *c, bool make)
{
    const struct wish *w = c->what;
    struct tp_probe **at = probe_find(e, w->like->kind, w->like->fn, w->like->data);

    if (!*at || (*at)->made)
        return;
    if (!make) {
        probe_take_out(e, at);
        return;
    }
    __atomic_store_n(&(*at)->made, true, __ATOMIC_RELAXED);
    tp_arch_set(&e->mask, TP_MASK_PROBES, true);
}

static int probe_prepare_remove(struct tp_event *e, const struct tp_change *c)
{
    const struct wish *w = c->what;

    return *probe_find(e, w->like->kind, w->like->fn, w->like->data) ? 0 : TP_ENOENT;
}

static void probe_finish_remove(struct tp_event *e, const struct tp_change *c, bool make)
{
    const struct wish *w = c->what;
    struct tp_probe **at = probe_find(e, w->like->kind, w->like->fn, w->like->data);

    if (*at && make)
        probe_take_out(e, at);
}

void tp_probes_forget(struct tp_event *e)
{
    while (e->probes)
        probe_take_out(e, &e->probes);
}

/* The next trace in the slot has the same bit, and the probes of the closed one must not go with
 * it. */
void tp_probes_close(struct tp_event *e, unsigned trace)
{
    for (struct tp_probe *p = e->probes; p; p = p->next)
        if (p->traces == 1u << trace)
            __atomic_store_n(&p->traces, NO_TRACE, __ATOMIC_RELAXED);
}

/* --- the calls --- */

static int probe_change_one(struct tp_event *e, const struct tp_change *c)
{
    int err;

    if (!tp_store_lock())
        return TP_EBUSY;
    err = c->prepare(e, c);
    if (!err)
        c->finish(e, c, true);
    tp_store_unlock();
    tp_sites_patch();
    return err;
}

int tp_probe_typed_add(struct tp_event *event, void (*fn)(void), void *data)
{
    const struct tp_probe like = {.kind = PROBE_TYPED, .fn = fn, .data = data};
    const struct wish w = {.like = &like};

    return probe_change_one(
        event,
        &(struct tp_change){.prepare = probe_prepare_add, .finish = probe_finish_add, .what = &w});
}

int tp_probe_typed_remove(struct tp_event *event, void (*fn)(void), void *data)
{
    const struct tp_probe like = {.kind = PROBE_TYPED, .fn = fn, .data = data};
    const struct wish w = {.like = &like};

    return probe_change_one(event, &(struct tp_change){.prepare = probe_prepare_remove,
                                                       .finish = probe_finish_remove,
                                                       .what = &w});
}

static int probe_add_all(const char *pattern, struct tp_probe *like,
                         const struct tp_probe_options *o, struct tp_filter_error *error)
{
    const struct wish w = {.like = like, .filter = o ? o->filter : NULL};
    const struct tp_change c = {.prepare = probe_prepare_add,
                                .finish = probe_finish_add,
                                .which = {.pattern = pattern},
                                .what = &w,
                                .error = error};
    int slot, err;

    if (!o || !o->trace)
        return tp_events_change(&c);
    slot = tp_trace_hold_live(o->trace);
    if (slot < 0)
        return slot;
    like->traces = 1u << slot;
    err = tp_events_change(&c);
    tp_trace_put((unsigned)slot);
    return err;
}

static int probe_remove_all(const char *pattern, const struct tp_probe *like)
{
    const struct wish w = {.like = like};

    return tp_events_change(&(struct tp_change){.prepare = probe_prepare_remove,
                                                .finish = probe_finish_remove,
                                                .which = {.pattern = pattern},
                                                .what = &w});
}

int tp_probe_raw_add(const char *pattern,
                     void (*fn)(void *data, const struct tp_event *event, const uint64_t *args,
                                uint32_t count),
                     void *data, const struct tp_probe_options *options,
                     struct tp_filter_error *error)
{
    struct tp_probe like = {.kind = PROBE_RAW, .fn = (void (*)(void))fn, .data = data};

    return probe_add_all(pattern, &like, options, error);
}

int tp_probe_raw_remove(const char *pattern,
                        void (*fn)(void *data, const struct tp_event *event, const uint64_t *args,
                                   uint32_t count),
                        void *data)
{
    struct tp_probe like = {.kind = PROBE_RAW, .fn = (void (*)(void))fn, .data = data};

    return probe_remove_all(pattern, &like);
}

int tp_probe_record_add(const char *pattern,
                        void (*fn)(void *data, const struct tp_event *event, uint64_t time,
                                   const void *record, uint32_t bytes),
                        void *data, const struct tp_probe_options *options,
                        struct tp_filter_error *error)
{
    struct tp_probe like = {.kind = PROBE_RECORD, .fn = (void (*)(void))fn, .data = data};

    return probe_add_all(pattern, &like, options, error);
}

int tp_probe_record_remove(const char *pattern,
                           void (*fn)(void *data, const struct tp_event *event, uint64_t time,
                                      const void *record, uint32_t bytes),
                           void *data)
{
    struct tp_probe like = {.kind = PROBE_RECORD, .fn = (void (*)(void))fn, .data = data};

    return probe_remove_all(pattern, &like);
}
