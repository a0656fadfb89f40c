/* SPDX-License-Identifier: MIT */
/*
 * The slow path of an event: everything that its generated emitter does not do by itself. That is
 * several traces, rules (filter, sampling, triggers), probes, and a record that does not fit at
 * once. If one record remains to be made, the emitter stores its fields, otherwise a loop over
 * them does.
 */
#include "control.h"

/* --- the record --- */

/* Begins a record in one trace. The caller stores the fields, since it knows best where they go. */
static __attribute__((__noinline__)) bool emit_begin(const struct tp_event *e, uint32_t bytes,
                                                     uint32_t traces, struct tp_slot *slot)
{
    TP_ARCH_UNCLEARED struct tp_slot own; /* its address stays here, so it is in registers */
    enum tp_try result = tp_record_try(&own, traces, &e->id, bytes);

    if (__builtin_expect(result == TP_TRY_BEGUN, 1)) {
        own.more = 0;
        *slot = own;
        return true;
    }
    return result != TP_TRY_REFUSED && tp_record_begin(slot, tp_arch_bit(traces), e->id, bytes);
}

static inline bool emit_record(const struct tp_event *e, const struct tp_filter_value *v,
                               uint32_t bytes, struct tp_slot *slot, uint32_t traces)
{
    if (!traces)
        return false;
    if (!(traces & (traces - 1)))
        return emit_begin(e, bytes, traces, slot);
    tp_emit_all(e, v, bytes, traces);
    return false;
}

/* --- rules --- */

static void emit_triggers(struct tp_rule *r, const struct tp_event *e, struct tp_filter_value *v,
                          bool before)
{
    if (__atomic_load_n(&r->triggers, __ATOMIC_RELAXED) &&
        __atomic_load_n(&r->lives, __ATOMIC_RELAXED))
        tp_rule_triggers(r, e, v, before);
}

/* The mask may be older than the list. If it still has the bit of a rule that is removed, the trace
 * records the event as one without a rule. */
static uint32_t emit_without_rules(const struct tp_event *e, uint32_t traces)
{
    traces &= __atomic_load_n(&e->want, __ATOMIC_RELAXED);
    return traces & __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE);
}

/* A bit for each trace whose filter the event passes, and for each one that is to record it. Both
 * start with the traces that have no rule. */
struct verdict {
    uint32_t passed, records;
    bool after; /* there are triggers for when the event is recorded */
};

static void emit_judge(struct tp_event *e, struct tp_filter_value *v, uint32_t mask,
                       struct verdict *d)
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
            emit_triggers(r, e, v, true);
            d->after = true;
        }
    }
    if (__builtin_expect(left != 0, 0)) {
        left = emit_without_rules(e, left);
        d->passed |= left;
        d->records |= left;
    }
}

static __attribute__((__noinline__)) void
emit_go_before(struct tp_event *e, struct tp_filter_value *v, uint32_t mask, struct verdict *d)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    emit_judge(e, v, mask, d);
    tp_store_leave(in);
    tp_port_unpin();
}

static __attribute__((__noinline__)) void emit_go_after(struct tp_event *e,
                                                        struct tp_filter_value *v, uint32_t mask)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (struct tp_rule *r = tp_rule_first(e); r; r = tp_rule_next(r))
        if (mask & TP_MASK_RULE(r->trace))
            emit_triggers(r, e, v, false);
    tp_store_leave(in);
    tp_port_unpin();
}

/* With rules. A record is made outside of a pin, because it reports the preemption depth of the
 * task. */
static __attribute__((__noinline__)) bool emit_ruled(struct tp_event *e, struct tp_filter_value *v,
                                                     uint32_t bytes, struct tp_slot *slot,
                                                     uint32_t mask)
{
    uint32_t plain = mask & 0xffu & ~(mask >> 8);
    struct verdict d = {.passed = plain, .records = plain};

    emit_go_before(e, v, mask, &d);
    if (mask & TP_MASK_PROBES)
        tp_probe_run(e, v, d.passed);
    if (!d.after)
        return emit_record(e, v, bytes, slot, d.records);
    tp_emit_all(e, v, bytes, d.records);
    emit_go_after(e, v, mask);
    return false;
}

/* Without rules. */
static __attribute__((__noinline__)) bool emit_plain(struct tp_event *e, struct tp_filter_value *v,
                                                     uint32_t bytes, struct tp_slot *slot,
                                                     uint32_t mask)
{
    if (mask & TP_MASK_PROBES)
        tp_probe_run(e, v, mask & 0xffu);
    return emit_record(e, v, bytes, slot, mask & 0xffu);
}

/* --- a filter and nothing else --- */

/* The filter of the only rule that `mask` names, if that rule is a filter and nothing else;
 * otherwise NULL. */
static inline const struct tp_filter *emit_simple_filter(const struct tp_event *e, uint32_t mask)
{
    const struct tp_rule *r = tp_rule_first(e);
    const struct tp_program *p;

    if (__builtin_expect(!r || __atomic_load_n(&r->simple, __ATOMIC_RELAXED) != mask, 0))
        return NULL;
    p = __atomic_load_n(&r->program, __ATOMIC_ACQUIRE);
    return __builtin_expect(!p, 0) ? NULL : tp_program_filter(p);
}

/* The rest of emit_filtered for a filter that reads more than numbers of the event. The caller is
 * inside and pinned; this function ends both. */
static __attribute__((__noinline__)) bool emit_more(struct tp_event *e, struct tp_filter_value *v,
                                                    uint32_t bytes, struct tp_slot *slot,
                                                    uint32_t traces, struct tp_passage *in,
                                                    const struct tp_filter *filter)
{
    uint8_t comm[TP_TASK_NAME_BYTES];
    bool passes;

    if (__builtin_expect(filter->uses >> TP_FILTER_FIELDS_MAX != 0, 1))
        tp_program_common(e, v, filter->uses, comm, tp_arch_bit(traces));
    passes = tp_filter_run(filter, v);
    tp_store_leave_own(in);
    tp_port_unpin();
    return passes && emit_begin(e, bytes, traces, slot);
}

/* The usual case needs no call: one trace, one rule, and a filter of numbers only. */
TP_RING_INLINE bool emit_filtered(struct tp_event *e, struct tp_filter_value *v, uint32_t bytes,
                                  struct tp_slot *slot, uint32_t mask)
{
    uint32_t cpu, end = 0;
    const struct tp_filter *filter;
    struct tp_passage *in;

    tp_port_pin();
    cpu = tp_port_cpu();
    if (!tp_store_own(cpu)) {
        tp_port_unpin();
        return emit_ruled(e, v, bytes, slot, mask);
    }
    in = tp_store_enter_own(cpu);
    filter = emit_simple_filter(e, mask);
    if (__builtin_expect(!filter, 0)) {
        tp_store_leave_own(in);
        tp_port_unpin();
        return emit_ruled(e, v, bytes, slot, mask);
    }
    if (__builtin_expect(!(filter->uses >> TP_FILTER_FIELDS_MAX), 1))
        end = tp_filter_numbers(filter, 0, v);
    if (__builtin_expect(end < TP_FILTER_REJECT, 0))
        return emit_more(e, v, bytes, slot, mask >> 8, in, filter);
    tp_store_leave_own(in);
    tp_port_unpin();
    return __builtin_expect(end == TP_FILTER_ACCEPT, 0) && emit_begin(e, bytes, mask >> 8, slot);
}

static __attribute__((__noinline__)) bool emit_any(struct tp_event *e, struct tp_filter_value *v,
                                                   uint32_t bytes, struct tp_slot *slot,
                                                   uint32_t mask)
{
    if (!(mask & TP_MASK_RULES))
        return emit_plain(e, v, bytes, slot, mask);
    if (!(mask & 0xffu) && tp_mask_single(mask >> 8))
        return emit_filtered(e, v, bytes, slot, mask);
    return emit_ruled(e, v, bytes, slot, mask);
}

/* The acquire pairs with the release of the caller that set a bit, so that the trace, the rule or
 * the probe of a bit is seen complete. The constant gives the first trace a copy of emit_filtered
 * of its own. */
bool tp_emit(struct tp_event *e, struct tp_filter_value *v, uint32_t bytes, struct tp_slot *slot)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE);

    if (mask != TP_MASK_RULE(0))
        return emit_any(e, v, bytes, slot, mask);
    return emit_filtered(e, v, bytes, slot, TP_MASK_RULE(0));
}
