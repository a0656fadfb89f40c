/* SPDX-License-Identifier: MIT */
/*
 * What the hooks of functions share: how a record is made where any function may be traced.
 *
 * In the files that include this, a pin ends by tp_port_drop, which does not look whether another task
 * should run. Else tp_port_unpin might call a scheduler that is traced, whose hook calls
 * tp_port_unpin, and so on until the stack ends.
 */
#ifndef TP_ENGINE_FUNCTION_H
#define TP_ENGINE_FUNCTION_H

#include <tp/port.h>

#undef tp_port_unpin
#define tp_port_unpin tp_port_drop
#include <tp/fn.h>
#include <tp/inner/create.h>

static inline __attribute__((__always_inline__)) void function_end(struct tp_slot *slot,
                                                                   uintptr_t ip)
{
    __builtin_memcpy(slot->fields, &ip, sizeof(ip));
    tp_record_end(slot);
}

/* Records it in the simple case, without a call. True: that was not the case, and tp_function_more must
 * be called. */
static inline __attribute__((__always_inline__)) bool function_try(const struct tp_event *e,
                                                                   uintptr_t ip)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE);
    TP_ARCH_UNCLEARED struct tp_slot slot;
    enum tp_try result;

    if (!mask)
        return false;
    result = tp_record_try(&slot, mask, &e->id, sizeof(ip));
    if (__builtin_expect(result != TP_TRY_BEGUN, 0))
        return result != TP_TRY_REFUSED;
    function_end(&slot, ip);
    return false;
}

/* In function.c: whatever it takes. */
void tp_function_more(struct tp_event *e, uintptr_t ip);

/* In shadow.c: what the ports' hooks in assembly call. */
uintptr_t tp_shadow_enter(uintptr_t ip, uintptr_t back, uintptr_t stack);
uintptr_t tp_shadow_leave(uintptr_t stack);

#endif
