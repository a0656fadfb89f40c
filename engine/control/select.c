/* SPDX-License-Identifier: MIT */
/* Changes of all events that match, or of none. */
#include "control.h"
#include "text.h"

static bool select_is(const char *wanted, const char *name)
{
    return !wanted || tp_text_is(wanted, tp_text_length(wanted), name);
}

/* The next event after *id, which becomes its id, or NULL. */
static struct tp_event *select_next(uint32_t *id, const struct tp_which *w)
{
    while (++*id <= tp_event_last()) {
        struct tp_event *e = tp_event_get(*id);

        if (e && (w->pattern ? tp_event_matches(e, w->pattern)
                             : select_is(w->sys, e->sys) && select_is(w->name, e->name)))
            return e;
    }
    return NULL;
}

/* An event that a change does not fit, by a field that it does not have, is skipped; if that is so
 * for all, it is an error. A lack of memory ends the change. */
static int select_prepare(const struct tp_change *c)
{
    struct tp_event *e;
    uint32_t id = 0;
    int all = TP_ENOENT;

    while ((e = select_next(&id, &c->which)) != NULL) {
        int err = c->prepare(e, c);

        if (err == TP_EMEMORY || err == TP_EBUSY)
            return err;
        if (!err || all == TP_ENOENT)
            all = err;
    }
    return all;
}

int tp_events_change(const struct tp_change *c)
{
    struct tp_event *e;
    uint32_t id = 0;
    int err;

    if (!tp_store_lock())
        return TP_EBUSY;
    err = select_prepare(c);
    while ((e = select_next(&id, &c->which)) != NULL)
        c->finish(e, c, !err);
    tp_store_unlock();
    tp_sites_patch();
    return err;
}

int tp_rules_change(const struct tp_trace *trace, struct tp_change c)
{
    int slot = tp_trace_hold_live(trace), err;

    if (slot < 0)
        return slot;
    c.trace = (unsigned)slot;
    err = tp_events_change(&c);
    tp_trace_put((unsigned)slot);
    return err;
}
