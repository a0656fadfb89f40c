/* SPDX-License-Identifier: MIT */
/*
 * dat.h - a trace.dat of version 6, for trace-cmd, KernelShark and Trace Compass.
 *
 * By its role an event is Linux's sched:sched_switch or sched:sched_waking; all others have their names and
 * fields. A record that no metadata defines is tracepoint:unknown, losses that nothing follows are before
 * tracepoint:end. What is written first, as formats and names, is known last: the pages are in a
 * temporary file until then.
 */
#ifndef DAT_H
#define DAT_H

#include "export/hand.h"
#include "export/single.h"
#include "order/sched.h"

/* The temporary file is at most so many bytes for one that was read, beyond a free allowance. */
#define DAT_FREE_BYTES (256u << 20)
#define DAT_RATIO 4096u

struct dat_part;

struct dat {
    struct sink sink;
    struct diag *diag;
    struct roles roles;
    struct sched sched;
    struct single single;
    struct spill *spill;
    struct crew *crew;
    struct page page;
    struct hand hand;
    struct dat_part *parts; /* of the inputs that have the capture: formats and names */
    uint32_t part_count;
    struct out text, length; /* what goes to the temporary file, and what only has a length */
    uint8_t *record;
    uint8_t *known; /* by id, a bit: its format was written */
    uint64_t cpus;
    uint64_t unfinished; /* not in it, as well as */
    uint64_t strangers;  /* records of CPUs beyond PAGE_CPUS */
    bool wrong;          /* at the end: a --role fits no event, which was said */
};

/* The spills are open, one and one for each other process, and stay the caller's, as those processes do (NULL: none). */
struct sink *dat_open(struct dat *d, struct out *o, const struct roles_options *roles,
                      struct crew *crew, struct spill *spills, struct diag *diag);

#endif
