/* SPDX-License-Identifier: MIT */
/*
 * The long way of an event: what its generated emitter does not do by itself. Several traces, rules
 * (filter, sampling, triggers), probes, and any record that does not simply fit. If one record is
 * left to be made, its emitter stores the fields, else a loop over them does.
 */
#include "engine.h"
#include "filter.h"

/* --- the record --- */

static void store(uint8_t *to, uint8_t bytes, uint64_t value)
{
    uint8_t v1 = (uint8_t)value;
    uint16_t v2 = (uint16_t)value;
    uint32_t v4 = (uint32_t)value;

    switch (bytes) {
    case 1:
        memcpy(to, &v1, 1);
        break;
    case 2:
        memcpy(to, &v2, 2);
        break;
    case 4:
        memcpy(to, &v4, 4);
        break;
    default:
        memcpy(to, &value, 8);
    }
}

uint32_t tp_emit_bytes(const struct tp_event *e, const struct tp_filter_value *v)
{
    uint32_t bytes = e->bytes;

    for (uint32_t i = 0; i < e->fields; i++)
        if (tp_types[e->field[i].type].tail)
            bytes += v[i].text_bytes;
    return bytes;
}

void tp_emit_fill(uint8_t *fields, const struct tp_event *e, const struct tp_filter_value *v)
{
    uint8_t *tail = fields + e->bytes;

    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];

        if (f->count) {
            memcpy(fields + f->at, v[i].text, v[i].text_bytes);
            continue;
        }
        store(fields + f->at, tp_types[f->type].bytes, v[i].number);
        if (tp_types[f->type].tail) {
            memcpy(tail, v[i].text, v[i].text_bytes);
            tail += v[i].text_bytes;
        }
    }
}

static __attribute__((__noinline__)) void record_all(const struct tp_event *e,
                                                 const struct tp_filter_value *v, uint32_t bytes,
                                                 uint32_t traces)
{
    for (unsigned i = 0; traces; i++, traces >>= 1) {
        struct tp_slot slot;

        if (!(traces & 1) || !tp_record_begin(&slot, i, e->id, bytes))
            continue;
        tp_emit_fill(slot.fields, e, v);
        tp_record_end(&slot);
    }
}

/* In one trace. The caller knows better than we do where the fields go. */
static __attribute__((__noinline__)) bool begin(const struct tp_event *e, uint32_t bytes,
                                            uint32_t traces, struct tp_slot *slot)
{
    struct tp_slot own; /* whose address nobody knows: it stays in registers */
    unsigned trace = 0;

    if (__builtin_expect(tp_record_try(&own, traces, &e->id, bytes), 1)) {
        *slot = own;
        return true;
    }
    while (!(traces >> trace & 1))
        trace++;
    return tp_record_begin(slot, trace, e->id, bytes);
}

static inline bool record(const struct tp_event *e, const struct tp_filter_value *v, uint32_t bytes,
                          struct tp_slot *slot, uint32_t traces)
{
    if (!traces)
        return false;
    if (!(traces & (traces - 1)))
        return begin(e, bytes, traces, slot);
    record_all(e, v, bytes, traces);
    return false;
}

/* --- filters --- */

void tp_emit_common(const struct tp_event *e, struct tp_filter_value *v, uint32_t uses,
                    uint8_t *comm)
{
    uint64_t word = tp_port_context();
    struct tp_wire_context c;

    memcpy(&c, &word, sizeof(c));
    v[TP_FILTER_ID].number = e->id;
    v[TP_FILTER_FLAGS].number = c.flags;
    v[TP_FILTER_PREEMPT].number = c.preempt_depth;
    v[TP_FILTER_PID].number = (uint64_t)(int64_t)(int32_t)c.pid;
    v[TP_FILTER_CPU].number = tp_port_cpu();
    v[TP_FILTER_COMM].text = comm;
    v[TP_FILTER_COMM].text_bytes = TP_TASK_NAME_BYTES;
    if (uses & 1u << TP_FILTER_COMM)
        tp_told_find(c.pid, comm);
}

/* --- rules --- */

static void triggers(struct tp_rule *r, const struct tp_event *e, struct tp_filter_value *v,
                     bool before)
{
    if (__atomic_load_n(&r->triggers, __ATOMIC_RELAXED) &&
        __atomic_load_n(&r->lives, __ATOMIC_RELAXED))
        tp_rule_triggers(r, e, v, before);
}

/* The mask may be older than the list: of a rule that is gone its bit may still be seen, and then
 * the trace records as one without rules does. */
static uint32_t without_rules(const struct tp_event *e, uint32_t traces)
{
    traces &= __atomic_load_n(&e->want, __ATOMIC_RELAXED);
    return traces & __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE);
}

/* A bit for each trace: whose filter it passes, which are to record it; and whether there are
 * triggers for when they have. Given those that have no rule. */
struct verdict {
    uint32_t passed, records;
    bool behind;
};

static void judge(struct tp_event *e, struct tp_filter_value *v, uint32_t mask, struct verdict *d)
{
    uint32_t left = mask >> 8 & 0xffu;

    for (struct tp_rule *r = tp_rule_first(e); r; r = tp_rule_next(r)) {
        if (!(mask & TP_MASK_RULE(r->trace)))
            continue;
        left &= ~(1u << r->trace);
        if (__atomic_load_n(&r->records, __ATOMIC_RELAXED) &&
            tp_program_passes(&r->program, e, v)) {
            d->passed |= 1u << r->trace;
            d->records |= (uint32_t)tp_rule_samples(r) << r->trace;
        }
        if (__builtin_expect(!!__atomic_load_n(&r->triggers, __ATOMIC_RELAXED), 0)) {
            triggers(r, e, v, true);
            d->behind = true;
        }
    }
    if (__builtin_expect(left != 0, 0)) {
        left = without_rules(e, left);
        d->passed |= left;
        d->records |= left;
    }
}

static __attribute__((__noinline__)) void go_before(struct tp_event *e, struct tp_filter_value *v,
                                                uint32_t mask, struct verdict *d)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    judge(e, v, mask, d);
    tp_store_leave(in);
    tp_port_unpin();
}

static __attribute__((__noinline__)) void go_behind(struct tp_event *e, struct tp_filter_value *v,
                                                uint32_t mask)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (struct tp_rule *r = tp_rule_first(e); r; r = tp_rule_next(r))
        if (mask & TP_MASK_RULE(r->trace))
            triggers(r, e, v, false);
    tp_store_leave(in);
    tp_port_unpin();
}

/* Any rules. Records are not made inside of a pin: they tell how deep the task is. */
static __attribute__((__noinline__)) bool emit_ruled(struct tp_event *e, struct tp_filter_value *v,
                                                 uint32_t bytes, struct tp_slot *slot,
                                                 uint32_t mask)
{
    uint32_t plain = mask & 0xffu & ~(mask >> 8);
    struct verdict d = {.passed = plain, .records = plain};

    go_before(e, v, mask, &d);
    if (mask & TP_MASK_PROBES)
        tp_probe_run(e, v, d.passed);
    if (!d.behind)
        return record(e, v, bytes, slot, d.records);
    record_all(e, v, bytes, d.records);
    go_behind(e, v, mask);
    return false;
}

/* None. */
static __attribute__((__noinline__)) bool emit_plain(struct tp_event *e, struct tp_filter_value *v,
                                                 uint32_t bytes, struct tp_slot *slot,
                                                 uint32_t mask)
{
    if (mask & TP_MASK_PROBES)
        tp_probe_run(e, v, mask & 0xffu);
    return record(e, v, bytes, slot, mask & 0xffu);
}

/* --- a filter and nothing else --- */

/* How the filter of the only rule ends: TP_FILTER_REJECT, _ACCEPT, or anything else if there is
 * more to it than numbers. */
static inline uint32_t simple_filter(const struct tp_event *e, const struct tp_filter_value *v)
{
    const struct tp_rule *r = tp_rule_first(e);
    const struct tp_program *p;
    const struct tp_filter *filter;

    if (__builtin_expect(!r || !__atomic_load_n(&r->simple, __ATOMIC_RELAXED), 0))
        return 0;
    p = __atomic_load_n(&r->program, __ATOMIC_ACQUIRE);
    filter = (const struct tp_filter *)(const void *)(p + 1);
    if (__builtin_expect(!p || filter->uses >> TP_FILTER_FIELDS_MAX, 0))
        return 0;
    return tp_filter_numbers(filter, 0, v);
}

/* What most filters are is done without a call: one trace, one rule, and in it numbers only. The
 * acquire pairs with the release of whoever set a bit, so that the trace, the rule or the probe
 * behind it is seen whole. */
bool tp_emit(struct tp_event *e, struct tp_filter_value *v, uint32_t bytes, struct tp_slot *slot)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE), cpu, end = 0;

    if (mask != TP_MASK_RULE(0))
        return mask & TP_MASK_RULES ? emit_ruled(e, v, bytes, slot, mask)
                                    : emit_plain(e, v, bytes, slot, mask);
    tp_port_pin();
    cpu = tp_port_cpu();
    if (tp_store_own(cpu)) {
        struct tp_passage *in = tp_store_enter_own(cpu);

        end = simple_filter(e, v);
        tp_store_leave_own(in);
    }
    tp_port_unpin();
    if (__builtin_expect(end == TP_FILTER_REJECT, 1))
        return false;
    if (__builtin_expect(end == TP_FILTER_ACCEPT, 1))
        return begin(e, bytes, 1, slot);
    return emit_ruled(e, v, bytes, slot, mask);
}
