/* SPDX-License-Identifier: MIT */
/* The seam of a kernel without rules: all that is chosen is recorded. */
#include "core.h"
#include "seam.h"

/* Of two contexts that do this at the same time the later one sees the other's change and
 * repeats. */
void tp_seam_update(struct tp_event *e, unsigned trace)
{
    const uint32_t bit = 1u << trace;
    bool records;

    do {
        records = __atomic_load_n(&e->want, __ATOMIC_ACQUIRE) & bit && tp_trace_runs(trace);
        tp_arch_set(&e->mask, bit, records);
        tp_arch_fence();
    } while (records !=
             (__atomic_load_n(&e->want, __ATOMIC_ACQUIRE) & bit && tp_trace_runs(trace)));
}

void tp_seam_update_all(unsigned trace)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e)
            tp_seam_update(e, trace);
    }
}

/* Code patching belongs to the control layer. */
void tp_seam_patch(void)
{
}

int tp_seam_close(unsigned trace)
{
    (void)trace;
    return 0;
}

void tp_seam_restart(unsigned trace)
{
    (void)trace;
}

uint64_t tp_seam_suppressed(unsigned trace, uint32_t *id)
{
    (void)trace;
    (void)id;
    return 0;
}

/* Called when several traces record the event: once for each. */
bool tp_emit(struct tp_event *e, struct tp_filter_value *v, uint32_t bytes, struct tp_slot *slot)
{
    uint32_t traces = slot->more;

    (void)v;
    if (!traces)
        traces = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE) & 0xffu;
    while (traces) {
        unsigned trace = tp_arch_bit(traces);

        traces &= traces - 1;
        slot->more = traces;
        if (tp_record_begin(slot, trace, e->id, bytes))
            return true;
    }
    return false;
}
