/* SPDX-License-Identifier: MIT */
/* What the core calls in the control layer: core/seam.h. */
#include "control.h"

void tp_seam_update(struct tp_event *e, unsigned trace)
{
    tp_event_update(e, trace);
}

void tp_seam_update_all(unsigned trace)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e)
            tp_event_update(e, trace);
    }
    tp_store_leave(in);
    tp_port_unpin();
}

void tp_seam_patch(void)
{
    tp_sites_patch();
}

static void seam_forget(struct tp_event *e, struct tp_rule *r)
{
    tp_rule_unlink(e, r);
    tp_event_update(e, r->trace);
    tp_store_retire(r->program);
    tp_triggers_retire(r);
    tp_store_retire(r);
}

void tp_rules_forget(struct tp_event *e)
{
    while (e->rules)
        seam_forget(e, e->rules);
}

int tp_seam_close(unsigned trace)
{
    if (!tp_store_lock())
        return TP_EBUSY;
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);
        struct tp_rule *r = e ? tp_rule_find(e, trace) : NULL;

        if (r)
            seam_forget(e, r);
        if (e)
            tp_probes_close(e, trace);
    }
    tp_store_unlock();
    return 0;
}

/* The counts are removed with the old buffer. This call must not fail, so it does not take the
 * lock; no event is fired into a trace while it is configured. */
void tp_seam_restart(unsigned trace)
{
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);
        struct tp_rule *r = e ? tp_rule_find(e, trace) : NULL;

        if (!r)
            continue;
        __atomic_store_n(&r->suppressed.low, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&r->suppressed.halves, 0, __ATOMIC_RELAXED);
    }
    tp_store_leave(in);
    tp_port_unpin();
}

uint64_t tp_seam_suppressed(unsigned trace, uint32_t *id)
{
    uint64_t count = 0;
    struct tp_passage *in;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    while (!count && *id < tp_event_last()) {
        const struct tp_event *e = tp_event_get(++*id);
        const struct tp_rule *r = e ? tp_rule_find(e, trace) : NULL;

        count = r ? tp_count_read(&r->suppressed) : 0;
    }
    tp_store_leave(in);
    tp_port_unpin();
    return count;
}
