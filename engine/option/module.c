/* SPDX-License-Identifier: MIT */
/* Modules: sections of events that come and go while traces run. */
#include "../control/control.h"

#include <tp/module.h>

#define MODULES_MAX (TP_SECTIONS_MAX > 1 ? TP_SECTIONS_MAX - 1 : 1) /* one is the image's */

/* A place of a module. After its removal it stays that module's until another one needs it, so that
 * when it is loaded again its events have their ids again, and no trace needs another description. */
struct module {
    struct tp_section section;
    uint32_t schema;    /* what makes it the same module; 0: none will be the same */
    uint32_t described; /* the traces that have its description, as far as module_streams says so */
};

static struct module module_places[MODULES_MAX];
static uint64_t module_streams[TP_TRACES_MAX]; /* which trace had the slot, when a bit was set */

/* The next open trace from *i on, in use. The caller has the lock without which no trace is opened
 * or closed. */
static struct tp_trace *module_trace(unsigned *i)
{
    struct tp_trace *t = NULL;

    for (; !t && *i < TP_TRACES_MAX; ++*i)
        t = tp_trace_get(*i);
    return t;
}

/* m: NULL if it is no module that is described. */
static bool module_is_in(const struct module *m, const struct tp_trace *t)
{
    return m && m->described >> t->index & 1 && module_streams[t->index] == t->stream;
}

static void module_now_in(struct module *m, const struct tp_trace *t)
{
    if (module_streams[t->index] != t->stream)
        for (uint32_t i = 0; i < MODULES_MAX; i++)
            module_places[i].described &= ~(1u << t->index);
    module_streams[t->index] = t->stream;
    m->described |= 1u << t->index;
}

static int module_room(const struct module *m, struct tp_event *const *start, uint32_t count)
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
        if (t->spare_bytes < bytes && !module_is_in(m, t))
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

static void module_describe(const struct module *m, struct tp_event *const *start, uint32_t count)
{
    struct tp_trace *t;

    for (unsigned i = 0; (t = module_trace(&i)) != NULL; tp_trace_put(t->index))
        if (!module_is_in(m, t))
            module_describe_in(t, start, count);
}

/* Each open trace has the description of a module that is there. */
static void module_now_described(struct module *m)
{
    struct tp_trace *t;

    for (unsigned i = 0; (t = module_trace(&i)) != NULL; tp_trace_put(t->index))
        module_now_in(m, t);
}

/* All that is described of its events, without their ids; not 0. */
static uint32_t module_schema(struct tp_event *const *start, uint32_t count)
{
    uint32_t crc = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct tp_role *role = start[i]->role;

        crc = tp_event_schema(crc, start[i]);
        if (role)
            crc = tp_crc(crc, role->cbor, role->bytes);
    }
    return crc ? crc : 1;
}

/* Which of two places to take for a module that has none: one that was never used, else that whose
 * module is gone for longer. */
static bool module_is_better(const struct module *a, const struct module *b, uint32_t epoch)
{
    if (!a->section.start || !b->section.start)
        return !a->section.start && b->section.start;
    return epoch - a->section.gone > epoch - b->section.gone;
}

/* A place for these events, that of the same module if there is one. A section that was used before
 * must have been removed for two steps of the epoch. *err says why there is none. */
static struct module *module_place(uint32_t schema, uint32_t count, int *err)
{
    uint32_t epoch = __atomic_load_n(&tp_store.epoch, __ATOMIC_ACQUIRE); /* without its lock */
    struct module *best = NULL;

    *err = TP_ELIMIT;
    for (struct module *m = module_places; m < module_places + MODULES_MAX; m++) {
        bool busy = m->section.start && epoch - m->section.gone < 2;

        if (m->section.used)
            continue;
        if (busy)
            *err = TP_EBUSY;
        if (m->schema == schema && m->section.count == count)
            return busy ? NULL : m;
        if (!busy && (!best || module_is_better(m, best, epoch)))
            best = m;
    }
    return best;
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

/* Gives the events their ids: those that they had before, or the next. */
static void module_number(struct module *m, uint32_t schema, struct tp_event *const *start,
                          uint32_t count)
{
    if (m->schema != schema || m->section.count != count) {
        m->schema = 0;
        m->described = 0;
        tp_section_number(start, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        start[i]->id = (uint16_t)(m->section.first + i);
}

static void module_enter(struct module *m, uint32_t schema, struct tp_event *const *start,
                         uint32_t count)
{
    module_link_section(&m->section);
    if (m->schema) {
        m->section.start = start;
        __atomic_store_n(&m->section.used, true, __ATOMIC_RELEASE);
    } else {
        m->schema = schema;
        tp_section_enter(&m->section, start, count);
    }
}

static int module_add(struct tp_event *const *start, struct tp_event *const *stop)
{
    struct module *m;
    uint32_t count, schema;
    int err = tp_events_init();

    if (!err)
        err = tp_section_check(start, stop);
    if (err)
        return err;
    count = (uint32_t)(stop - start);
    schema = module_schema(start, count);
    m = module_place(schema, count, &err);
    if (!m && err == TP_EBUSY && !tp_probe_synchronize())
        m = module_place(schema, count, &err);
    if (!m)
        return err;
    module_number(m, schema, start, count); /* their description has the ids; no other context
                                               knows the events yet */
    err = count ? module_room(m, start, count) : 0;
    if (err)
        return err;
    for (uint32_t i = 0; i < count; i++) {
        start[i]->want = 0;
        __atomic_store_n(&start[i]->mask, 0, __ATOMIC_RELAXED);
    }
    /* Described before any context can find and enable them, so no record is older than its
     * description. */
    if (count)
        module_describe(m, start, count);
    module_enter(m, schema, start, count);
    return 0;
}

static int module_clock(void)
{
    int err = tp_port_clock_hz() ? module_room(NULL, NULL, 0) : TP_EINVAL;

    if (!err)
        module_describe(NULL, NULL, 0);
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

/* Has a rule of it left out events? Their count is of these ids, and does not begin again. */
static bool module_has_counts(const struct tp_event *e)
{
    for (const struct tp_rule *r = e->rules; r; r = r->next)
        if (tp_count_read(&r->suppressed))
            return true;
    return false;
}

/* With both locks, while no call walks over the events, except inside the store. */
static void module_turn_off(struct module *m)
{
    struct tp_section *s = &m->section;

    for (uint32_t i = 0; i < s->count; i++) {
        struct tp_event *e = s->start[i];

        if (module_has_counts(e))
            m->schema = 0;
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
    struct module *m = module_places;

    while (m < module_places + MODULES_MAX && (!m->section.used || m->section.start != start))
        m++;
    if (m == module_places + MODULES_MAX)
        return TP_ENOENT;
    if (!tp_store_lock())
        return TP_EBUSY;
    if (!tp_use_deny(&tp_walks)) {
        tp_store_unlock();
        return TP_EBUSY;
    }
    module_now_described(m);
    module_turn_off(m);
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
