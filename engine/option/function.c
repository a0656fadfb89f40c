/* SPDX-License-Identifier: MIT */
/* Function tracing: the two events, and the hooks that -finstrument-functions calls. */
#define TP_CREATE
#include "function.h"

/* The context is that of the function: it does not count the pin that tp_function_more holds. */
static void function_finish(struct tp_slot *slot, uintptr_t ip)
{
    uint8_t *depth = slot->fields - sizeof(struct tp_wire_context) +
                     offsetof(struct tp_wire_context, preempt_depth);

    if (TP_PORT_DROPS && slot->ring->context_units && *depth && *depth != UINT8_MAX)
        --*depth;
    function_end(slot, ip);
}

/* With a rule, a probe or several traces. Records of several traces the engine makes by itself, and
 * their context counts that pin. */
static void function_all(struct tp_event *e, uintptr_t ip)
{
    TP_ARCH_UNCLEARED struct tp_filter_value value[TP_FILTER_VALUES];
    TP_ARCH_UNCLEARED struct tp_slot slot;

    value[0].number = ip;
    slot.more = 0;
    do {
        if (!tp_emit(e, value, sizeof(ip), &slot))
            return;
        function_finish(&slot, ip);
    } while (slot.more);
}

/* With a pin of its own, so that no tp_port_unpin of the engine's is the last one. */
TP_NOTRACE void tp_function_more(struct tp_event *e, uintptr_t ip)
{
    TP_ARCH_UNCLEARED struct tp_slot slot;
    enum tp_try result;

    tp_port_pin();
    result = tp_record_start(&slot, e, sizeof(ip));
    if (result == TP_TRY_BEGUN)
        function_finish(&slot, ip);
    else if (result == TP_TRY_ALL)
        function_all(e, ip);
    tp_port_drop();
}

/* Not inline, so that a hook whose event is off is a load and a branch, and saves nothing. */
static __attribute__((__noinline__)) void function_record(struct tp_event *e, uintptr_t ip)
{
    if (function_try(e, ip))
        tp_function_more(e, ip);
}

TP_NOTRACE void __cyg_profile_func_enter(void *function, void *caller);
TP_NOTRACE void __cyg_profile_func_exit(void *function, void *caller);

void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)caller;
    if (trace_fn_enter_enabled())
        function_record(&tp_event_fn_enter, (uintptr_t)function);
}

void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)caller;
    if (trace_fn_exit_enabled())
        function_record(&tp_event_fn_exit, (uintptr_t)function);
}
