/* SPDX-License-Identifier: MIT */
/* Events and subsystems by their names. */
#include "control.h"

static bool registry_same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static struct tp_event *registry_find(const char *sys, const char *name)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e && registry_same(e->sys, sys) && registry_same(e->name, name))
            return e;
    }
    return NULL;
}

struct tp_event *tp_event_find(const char *sys, const char *name)
{
    struct tp_passage *in;
    struct tp_event *e;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    e = registry_find(sys, name);
    tp_store_leave(in);
    tp_port_unpin();
    return e;
}

/* True for the first event of its subsystem. The search goes backwards, since neighbours are mostly
 * of one subsystem. */
static bool registry_opens_subsystem(uint32_t id)
{
    const struct tp_event *e = tp_event_get(id);

    while (--id) {
        const struct tp_event *before = tp_event_get(id);

        if (before && registry_same(before->sys, e->sys))
            return false;
    }
    return true;
}

static const char *registry_next_subsystem(const char *sys)
{
    bool found = !sys;

    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (!e)
            continue;
        if (!found)
            found = registry_same(e->sys, sys);
        else if ((!sys || !registry_same(e->sys, sys)) && registry_opens_subsystem(id))
            return e->sys;
    }
    return NULL;
}

const char *tp_subsystem_next(const char *sys)
{
    struct tp_passage *in;
    const char *next;

    tp_port_pin();
    in = tp_store_enter(tp_port_cpu());
    next = registry_next_subsystem(sys);
    tp_store_leave(in);
    tp_port_unpin();
    return next;
}
