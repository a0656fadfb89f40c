/* SPDX-License-Identifier: MIT */
/*
 * The long way of an event: what its generated emitter does not do by itself. Several traces, rules
 * (filter, sampling, triggers), probes, and any record that does not simply fit. The record
 * is put together by a loop over the fields.
 */
#include "engine.h"

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

static void record(const struct tp_event *e, const struct tp_filter_value *v, unsigned trace)
{
    struct tp_slot slot;

    if (!tp_record_begin(&slot, trace, e->id, tp_emit_bytes(e, v)))
        return;
    tp_emit_fill(slot.fields, e, v);
    tp_record_end(&slot);
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

/* --- all of it --- */

/* Not inside of another pin: a record tells how deep the task is. */
static __attribute__((noinline)) void record_all(const struct tp_event *e,
                                                 const struct tp_filter_value *v, uint32_t traces)
{
    for (unsigned i = 0; traces; i++, traces >>= 1)
        if (traces & 1)
            record(e, v, i);
}

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

static struct tp_rule *first_of(const struct tp_event *e)
{
    return __atomic_load_n(&e->rules, __ATOMIC_ACQUIRE);
}

static struct tp_rule *next_of(const struct tp_rule *r)
{
    return __atomic_load_n(&r->next, __ATOMIC_ACQUIRE);
}

/* Rules and probes; quick where a filter rejects and there is nothing else. Returns the traces that
 * are to record the event; *behind is set if there are triggers for when they have. */
static __attribute__((noinline)) uint32_t go(struct tp_event *e, struct tp_filter_value *v,
                                             uint32_t mask, uint32_t plain, bool *behind)
{
    struct tp_passage *in;
    uint32_t cpu, records = plain, passed = plain, left = mask >> 8 & 0xffu;

    tp_port_pin();
    cpu = tp_port_cpu();
    in = tp_store_enter(cpu);
    for (struct tp_rule *r = first_of(e); r; r = next_of(r)) {
        if (!(mask & TP_MASK_RULE(r->trace)))
            continue;
        left &= ~(1u << r->trace);
        if (__atomic_load_n(&r->records, __ATOMIC_RELAXED) &&
            tp_program_passes(&r->program, e, v)) {
            passed |= 1u << r->trace;
            records |= (uint32_t)tp_rule_samples(r) << r->trace;
        }
        if (__builtin_expect(!!__atomic_load_n(&r->triggers, __ATOMIC_RELAXED), 0)) {
            triggers(r, e, v, true);
            *behind = true;
        }
    }
    if (__builtin_expect(left != 0, 0)) {
        left = without_rules(e, left);
        records |= left;
        passed |= left;
    }
    if (mask & TP_MASK_PROBES)
        tp_probe_run(e, v, cpu, passed);
    tp_store_leave(in);
    tp_port_unpin();
    return records;
}

static __attribute__((noinline)) void go_behind(struct tp_event *e, struct tp_filter_value *v,
                                                uint32_t mask)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (struct tp_rule *r = first_of(e); r; r = next_of(r))
        if (mask & TP_MASK_RULE(r->trace))
            triggers(r, e, v, false);
    tp_store_leave(in);
    tp_port_unpin();
}

/* The acquire pairs with the release of whoever set a bit, so that the trace, the rule or the probe
 * behind it is seen whole. */
void tp_emit(struct tp_event *e, struct tp_filter_value *v)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE);
    uint32_t records = mask & 0xffu & ~(mask >> 8);
    bool behind = false;

    if (mask >> 8)
        records = go(e, v, mask, records, &behind);
    if (records)
        record_all(e, v, records);
    if (behind)
        go_behind(e, v, mask);
}
