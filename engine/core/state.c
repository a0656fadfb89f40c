/* SPDX-License-Identifier: MIT */
/*
 * Which traces there are, and which are in use right now.
 *
 * A trace lies in memory that its owner gets back with tp_trace_close. So code that touches a trace
 * without owning it (a reader, a trigger, a name for all traces) does so between tp_trace_get and
 * tp_trace_put. tp_trace_close and tp_trace_configure begin with tp_slot_withdraw, which fails
 * while the trace is in use, even if its user is what their caller has interrupted. No call waits.
 *
 * Calls that open, close or start traces, or add or remove modules, have one lock (tp_change_lock).
 * It is tried once: its holder may be what the caller has interrupted.
 */
#include "core.h"

struct tp_rings tp_rings[TP_TRACES_MAX];
uint32_t tp_running;
tp_word tp_clock_halves;

/* Debuggers find traces by it (doc/region.md): an entry is three words, and the first one points TP_TRACE_AT bytes into
 * the region of a trace. */
struct slot {
    struct tp_trace *trace; /* NULL: free */
    tp_word use;
    uint32_t generation; /* changes when a trace is removed */
} tp_traces[TP_SLOTS_MAX];
static uint32_t state_changing;

bool tp_change_lock(void)
{
    return !tp_arch_swap(&state_changing, 1);
}

void tp_change_unlock(void)
{
    __atomic_store_n(&state_changing, 0, __ATOMIC_RELEASE);
}

bool tp_trace_runs(unsigned index)
{
    return index < TP_TRACES_MAX && __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & 1u << index;
}

/* --- use --- */

static struct tp_trace *state_trace_of(const struct slot *s)
{
    return __atomic_load_n(&s->trace, __ATOMIC_RELAXED);
}

struct tp_trace *tp_trace_get(unsigned index)
{
    return tp_use_begin(&tp_traces[index].use) ? state_trace_of(&tp_traces[index]) : NULL;
}

void tp_trace_put(unsigned index)
{
    tp_use_end(&tp_traces[index].use);
}

/* The pointer is not followed before it is found to be a trace. */
int tp_trace_hold(const struct tp_trace *trace)
{
    int index = tp_slot_of(trace);

    if (index < 0)
        return index;
    if (!tp_use_begin(&tp_traces[index].use))
        return TP_EBUSY;
    if (state_trace_of(&tp_traces[index]) == trace)
        return index;
    tp_trace_put((unsigned)index); /* another trace has the slot by now */
    return TP_EBUSY;
}

int tp_trace_hold_live(const struct tp_trace *trace)
{
    int index = tp_slot_of(trace);

    return index < TP_TRACES_MAX ? tp_trace_hold(trace) : TP_EINVAL;
}

uint32_t tp_slot_generation(unsigned index)
{
    return __atomic_load_n(&tp_traces[index].generation, __ATOMIC_RELAXED);
}

/* --- change, with the lock --- */

int tp_slot_of(const struct tp_trace *trace)
{
    for (int i = 0; trace && i < TP_SLOTS_MAX; i++)
        if (state_trace_of(&tp_traces[i]) == trace)
            return i;
    return TP_EINVAL;
}

uint32_t tp_trace_strangers(const struct tp_trace *trace)
{
    int slot = tp_slot_of(trace);

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return 0;
    return __atomic_load_n(&tp_rings[slot].strangers, __ATOMIC_RELAXED);
}

static bool state_overlaps(const struct slot *s, uintptr_t region, size_t bytes)
{
    uintptr_t from = (uintptr_t)s->trace - TP_TRACE_AT;

    return s->trace &&
           (region < from ? from - region < bytes : region - from < s->trace->region_bytes);
}

int tp_slot_find(const void *region, size_t bytes, bool previous)
{
    int first = previous ? TP_TRACES_MAX : 0, end = previous ? TP_SLOTS_MAX : TP_TRACES_MAX;

    for (int i = 0; i < TP_SLOTS_MAX; i++)
        if (state_overlaps(&tp_traces[i], (uintptr_t)region, bytes))
            return TP_EBUSY;
    for (int i = first; i < end; i++)
        if (!tp_traces[i].trace)
            return i;
    return TP_ELIMIT;
}

void tp_slot_publish(struct tp_trace *trace)
{
    struct slot *s = &tp_traces[trace->index];

    __atomic_store_n(&s->trace, trace, __ATOMIC_RELAXED);
    tp_use_allow(&s->use);
}

bool tp_slot_withdraw(unsigned index)
{
    return tp_use_deny(&tp_traces[index].use);
}

void tp_slot_restore(unsigned index)
{
    tp_use_allow(&tp_traces[index].use);
}

void tp_slot_free(unsigned index)
{
    __atomic_store_n(&tp_traces[index].generation, tp_traces[index].generation + 1,
                     __ATOMIC_RELAXED);
    __atomic_store_n(&tp_traces[index].trace, NULL, __ATOMIC_RELAXED);
}
