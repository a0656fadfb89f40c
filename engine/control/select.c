/* SPDX-License-Identifier: MIT */
/* Changes of the events that match, of all or of none. */
#include "control.h"

/* An event that does not have the fields of a filter is passed over, unless all are; want of memory
 * ends it. */
static int select_prepare(const char *pattern, const struct tp_change *c)
{
    struct tp_event *e;
    uint32_t id = 0;
    int all = TP_ENOENT;

    while ((e = tp_event_next_match(&id, pattern)) != NULL) {
        int err = c->prepare(e, c);

        if (err == TP_EMEMORY || err == TP_EBUSY)
            return err;
        if (!err || all == TP_ENOENT)
            all = err;
    }
    return all;
}

int tp_events_change(const char *pattern, const struct tp_change *c)
{
    struct tp_event *e;
    uint32_t id = 0;
    int err;

    if (!tp_store_lock())
        return TP_EBUSY;
    err = select_prepare(pattern, c);
    while ((e = tp_event_next_match(&id, pattern)) != NULL)
        c->finish(e, c, !err);
    tp_store_unlock();
    tp_sites_patch();
    return err;
}

int tp_rules_change(const struct tp_trace *trace, const char *pattern, struct tp_change c)
{
    int slot = tp_trace_hold_live(trace), err;

    if (slot < 0)
        return slot;
    c.trace = (unsigned)slot;
    err = tp_events_change(pattern, &c);
    tp_trace_put((unsigned)slot);
    return err;
}
