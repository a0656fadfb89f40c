/* SPDX-License-Identifier: MIT */
/*
 * lttng.h - what a record means as LTTng calls it: sched_switch, irq_handler_entry, syscall_entry_read.
 *
 * By these names Trace Compass knows a trace of a kernel. What has no such meaning stays as it is. A system call has
 * the fields of its event, and an event of its own for each name.
 */
#ifndef LTTNG_H
#define LTTNG_H

#include "export/pile.h"
#include "order/nest.h"

#define LTTNG_CALLS 1024u /* names of system calls, of both kinds */
#define LTTNG_NAME_BYTES 64u

struct lttng_call;

struct lttng {
    struct sched *sched;
    struct nest nest;
    struct lttng_call *calls;
    uint32_t count;
    uint32_t *slots;  /* by hash: index + 1 */
    uint64_t mark;    /* of what is begun */
    bool ended;       /* something has, that had this mark */
    uint64_t crowded; /* system calls that are left as they are: too many names */
};

/* The roles and sched stay the caller's. */
void lttng_open(struct lttng *l, struct roles *roles, struct sched *sched);
void lttng_close(struct lttng *l);
void lttng_begin(struct lttng *l, const struct stream *s);
void lttng_lose(struct lttng *l, struct stream_lane *lane);
/* The fields of a record that fits its event, and which event it is; or 0, and no field. trace: which of several. */
uint32_t lttng_take(struct lttng *l, struct pile *p, uint32_t trace, struct stream_lane *lane,
                    const struct metadata_event *e, const struct value_tail *tails);
/* A capture ends: describes what it has of the trace that was not described. `first`: and what all have. */
void lttng_finish(struct lttng *l, struct out *o, uint32_t trace, const struct stream *s,
                  bool first);

#endif
