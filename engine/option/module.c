/* SPDX-License-Identifier: MIT */
/* Modules: sections of events that come and go while traces run. */
#include "../control/control.h"

#include <tp/module.h>

#define MODULES_MAX (TP_SECTIONS_MAX > 1 ? TP_SECTIONS_MAX - 1 : 1) /* one is the image's */

static struct tp_section module_sections[MODULES_MAX];

/* The next open trace from *i on, in use. The caller has the lock without which no trace is opened
 * or closed. */
static struct tp_trace *module_trace(unsigned *i)
{
    struct tp_trace *t = NULL;

    for (; !t && *i < TP_TRACES_MAX; ++*i)
        t = tp_trace_get(*i);
    return t;
}

static int module_room(struct tp_event *const *start, uint32_t count)
{
    struct tp_trace *t;
    size_t bytes;
    int err = 0;

    for (unsigned i = 0; (t = module_trace(&i)) != NULL; tp_trace_put(t->index))
        if (!t->metadata)
            err = TP_ESPACE; /* its pipe may be writing the metadata from the tables now */
    if (err)
        return err;
    bytes = tp_layout_padded(tp_metadata_more(NULL, 0, start, count));
    for (unsigned i = 0; (t = module_trace(&i)) != NULL; tp_trace_put(t->index))
        if (t->spare_bytes < bytes)
            err = TP_ESPACE;
    return err;
}

/* The bytes that were there do not change, since a pipe may be in the middle of them. Spare bytes
 * are zero, so the padding is there. */
static void module_describe_in(struct tp_trace *t, struct tp_event *const *start, uint32_t count)
{
    uint32_t more = (uint32_t)tp_layout_padded(
        tp_metadata_more(t->metadata + t->metadata_bytes, t->spare_bytes, start, count));

    tp_region_grow((uint8_t *)t - TP_TRACE_AT, more);
    t->spare_bytes -= more;
    __atomic_store_n(&t->metadata_bytes, t->metadata_bytes + more, __ATOMIC_RELEASE);
    tp_ring_bell(&t->bell);
}

static void module_describe(struct tp_event *const *start, uint32_t count)
{
    struct tp_trace *t;

    for (unsigned i = 0; (t = module_trace(&i)) != NULL; tp_trace_put(t->index))
        module_describe_in(t, start, count);
}

/* A section that was used before must have been removed for two steps of the epoch. *err says why
 * there is none. */
static struct tp_section *module_free_section(int *err)
{
    uint32_t epoch = __atomic_load_n(&tp_store.epoch, __ATOMIC_ACQUIRE); /* without its lock */

    *err = TP_ELIMIT;
    for (uint32_t i = 0; i < MODULES_MAX; i++) {
        if (module_sections[i].used)
            continue;
        if (!module_sections[i].start || epoch - module_sections[i].gone >= 2)
            return &module_sections[i];
        *err = TP_EBUSY;
    }
    return NULL;
}

/* A section is linked into the list when it is first used, and stays there. */
static void module_link_section(struct tp_section *s)
{
    if (s->linked)
        return;
    s->linked = true;
    s->next = tp_image.next;
    __atomic_store_n(&tp_image.next, s, __ATOMIC_RELEASE);
}

static int module_add(struct tp_event *const *start, struct tp_event *const *stop)
{
    struct tp_section *s;
    uint32_t count;
    int err = tp_events_init();

    if (!err)
        err = tp_section_check(start, stop);
    if (err)
        return err;
    s = module_free_section(&err);
    if (!s && err == TP_EBUSY && !tp_probe_synchronize())
        s = module_free_section(&err);
    if (!s)
        return err;
    count = (uint32_t)(stop - start);
    tp_section_number(start, count); /* their description has the ids; no other context knows the
                                        events yet */
    err = count ? module_room(start, count) : 0;
    if (err)
        return err;
    for (uint32_t i = 0; i < count; i++) {
        start[i]->want = 0;
        __atomic_store_n(&start[i]->mask, 0, __ATOMIC_RELAXED);
    }
    /* Described before any context can find and enable them, so no record is older than its
     * description. */
    if (count)
        module_describe(start, count);
    module_link_section(s);
    tp_section_enter(s, start, count);
    return 0;
}

static int module_clock(void)
{
    int err = tp_port_clock_hz() ? module_room(NULL, 0) : TP_EINVAL;

    if (!err)
        module_describe(NULL, 0);
    return err;
}

int tp_clock_known(void)
{
    int err = TP_EBUSY;

    if (tp_change_lock()) {
        err = module_clock();
        tp_change_unlock();
    }
    return err;
}

int tp_events_add(struct tp_event *const *start, struct tp_event *const *stop)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = module_add(start, stop);
    tp_change_unlock();
    return err;
}

/* With both locks, while no call walks over the events, except inside the store. */
static void module_turn_off(struct tp_section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct tp_event *e = s->start[i];

        /* The id stays: a context that is inside a call of the event records it. */
        tp_arch_set(&e->want, UINT32_MAX, false);
        tp_rules_forget(e);
        tp_probes_forget(e);
        tp_arch_set(&e->mask, UINT32_MAX, false);
    }
    s->gone = tp_store.epoch;
    __atomic_store_n(&s->used, false, __ATOMIC_RELEASE);
}

static int module_take_away(struct tp_event *const *start)
{
    struct tp_section *s = &module_sections[0];

    while (s < &module_sections[MODULES_MAX] && (!s->used || s->start != start))
        s++;
    if (s == &module_sections[MODULES_MAX])
        return TP_ENOENT;
    if (!tp_store_lock())
        return TP_EBUSY;
    if (!tp_use_deny(&tp_walks)) {
        tp_store_unlock();
        return TP_EBUSY;
    }
    module_turn_off(s);
    tp_use_allow(&tp_walks);
    tp_store_unlock();
    return 0;
}

int tp_events_remove(struct tp_event *const *start)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = module_take_away(start);
    tp_change_unlock();
    if (!err)
        tp_sites_patch();
    return err;
}
