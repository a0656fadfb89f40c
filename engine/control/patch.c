/* SPDX-License-Identifier: MIT */
/*
 * Code patching: brings the nops and jumps of tp/inner/patch.h in line with the masks of their
 * events.
 *
 * A jump leads to code that reads the mask, so a jump is always correct, and a nop is correct
 * while the mask is 0. Therefore calls that may set a bit end with tp_sites_patch. A trigger that
 * starts a trace sets bits in any context, where code cannot be patched, so it must find jumps:
 * the events of a trace that has a traceon trigger are never made nops. What clears bits in any
 * context leaves the jumps as they are until the next call.
 *
 * Each call looks at all sites: they are in no order, and changes are rare.
 */
#include "control.h"
#include "patch.h"

#define PATCH_TRIES 20000u

/* Weak: an image without TP_PATCH has no such section. */
extern const struct tp_site __start_tp_sites[] __attribute__((__weak__, __visibility__("hidden")));
extern const struct tp_site __stop_tp_sites[] __attribute__((__weak__, __visibility__("hidden")));

#if defined(__x86_64__)
static const uint8_t patch_nop[] = TP_X86_NOP;
#define make_jump tp_x86_jump
#elif defined(__aarch64__)
static const uint8_t patch_nop[] = TP_ARM64_NOP;
#define make_jump tp_arm64_jump
#else
static const uint8_t patch_nop[] = TP_RISCV_NOP;
#define make_jump tp_riscv_jump
#endif

static uint32_t patch_asked, patch_busy;

/* A bit for each trace that a trigger may start. */
static uint32_t patch_waking_traces(void)
{
    struct tp_passage *in;
    uint32_t waking = 0;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);
        struct tp_rule *r = e ? tp_rule_first(e) : NULL;

        for (; r; r = tp_rule_next(r))
            if (__atomic_load_n(&r->wakes, __ATOMIC_RELAXED))
                waking |= 1u << r->trace;
    }
    tp_store_leave(in);
    tp_port_unpin();
    return waking;
}

/* The address at `distance` from where that is stored. */
static void *patch_at(const int32_t *distance)
{
    return (void *)((uintptr_t)distance + (uintptr_t)(intptr_t)*distance);
}

/* `waking`: the traces that may be started in any context. */
static int patch_patch(const struct tp_site *s, uint32_t waking)
{
    const struct tp_event *e = patch_at(&s->event);
    uint8_t jump[TP_CODE_BYTES_MAX];
    const uint8_t *code = patch_nop;
    uint8_t *site = patch_at(&s->code);

    if (__atomic_load_n(&e->mask, __ATOMIC_ACQUIRE) ||
        (__atomic_load_n(&e->want, __ATOMIC_ACQUIRE) & waking)) {
        if (!make_jump(jump, (uint8_t *)patch_at(&s->target) - site))
            return TP_ELIMIT;
        code = jump;
    }
    return tp_memory_same(site, code, sizeof(patch_nop)) ||
                   tp_port_patch(site, code, sizeof(patch_nop))
               ? 0
               : TP_EBUSY;
}

static int patch_all(void)
{
    uint32_t waking = patch_waking_traces();
    int all = 0;

    for (const struct tp_site *s = __start_tp_sites; s != __stop_tp_sites; s++) {
        int err = patch_patch(s, waking);

        if (err)
            all = err;
    }
    return all;
}

/* False: another call is patching, and has not ended in a short while; the caller may have interrupted
 * it. */
bool tp_patch_begin(void)
{
    for (uint32_t i = 0; i < PATCH_TRIES; i++)
        if (!tp_arch_swap(&patch_busy, 1))
            return true;
    return false;
}

/* A call that has found this one patching left patch_asked set. It is read after patch_busy is
 * cleared. */
static bool patch_end(void)
{
    __atomic_store_n(&patch_busy, 0, __ATOMIC_RELEASE);
    tp_arch_fence();
    return __atomic_load_n(&patch_asked, __ATOMIC_RELAXED);
}

void tp_patch_end(void)
{
    if (patch_end())
        tp_sites_patch();
}

/* A caller that finds another one patching leaves patch_asked set for that one, which starts again. */
int tp_sites_patch(void)
{
    tp_arch_swap(&patch_asked, 1);
    tp_arch_fence();
    for (uint32_t i = 0; i < PATCH_TRIES && tp_patch_begin(); i++) {
        int err;

        tp_arch_swap(&patch_asked, 0);
        err = patch_all();
        if (!patch_end())
            return err;
    }
    return TP_EBUSY;
}
