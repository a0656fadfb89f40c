/* SPDX-License-Identifier: MIT */
/* record.c - walks the records of one data payload: the tracer's own. */
#include "record.h"

bool record_reserved(struct record_walk *w, struct record *r, enum record_kind *kind)
{
    *kind = RECORD_DAMAGED;
    switch (r->id) {
    case TP_ID_NONE:
        return true;
    case TP_ID_TIME:
        if (r->bytes < sizeof(uint64_t))
            return true;
        w->high = chunk_u64(r->fields, r->swap) & ~(uint64_t)UINT32_MAX;
        return false;
    case TP_ID_TASK:
        if (r->bytes < sizeof(struct tp_wire_task))
            return true;
        *kind = RECORD_TASK;
        return true;
    default:
        return false; /* of a newer minor version */
    }
}
