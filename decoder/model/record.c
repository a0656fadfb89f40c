/* SPDX-License-Identifier: MIT */
/* record.c - walks the records of one data payload: the tracer's own. */
#include "model/record.h"

#include "base/load.h"

/* The record inside is as its writer left it: its length is not used, only its id. True if it
 * is that of an event, so that there is something to show. */
static bool record_unfinished(const struct record_walk *w, struct record *r)
{
    r->id = TP_RECORD_ID(load_u32(r->fields + offsetof(struct tp_wire_record, word), r->swap));
    r->fields += sizeof(struct tp_wire_record);
    r->bytes -= (uint32_t)sizeof(struct tp_wire_record);
    return r->id != TP_ID_NONE && r->id <= TP_ID_EVENT_MAX && (!w->context || record_context(r));
}

bool record_reserved(struct record_walk *w, struct record *r, enum record_kind *kind)
{
    *kind = RECORD_DAMAGED;
    switch (r->id) {
    case TP_ID_NONE:
        return true;
    case TP_ID_TIME:
        if (r->bytes < sizeof(uint64_t))
            return true;
        w->high = load_u64(r->fields, r->swap) & ~(uint64_t)UINT32_MAX;
        return false;
    case TP_ID_TASK:
        if (r->bytes < sizeof(struct tp_wire_task))
            return true;
        *kind = RECORD_TASK;
        return true;
    case TP_ID_UNFINISHED:
        if (r->bytes < sizeof(struct tp_wire_record))
            return true;
        *kind = RECORD_UNFINISHED;
        return record_unfinished(w, r);
    default:
        return false; /* of a newer minor version */
    }
}
