/* SPDX-License-Identifier: MIT */
/* locate.h - where in the memory of a machine its trace is: by an address, the engine's table, or the magic. */
#ifndef LOCATE_H
#define LOCATE_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#include "bytes/chase.h"
#include "bytes/probe.h"
#include "bytes/remote.h"

#define LOCATE_TRACE_AT (2u * TP_REGION_COPY_BYTES) /* where in a region the table points to */
#define LOCATE_TRACES_MAX 8u                        /* entries of that table that are of traces, */
#define LOCATE_ENTRY_WORDS 3u                       /* and words in each */
#define LOCATE_BLOCK_BYTES 4096u

/* The address of a region that has a good header. False: `problem`, or the state of `g`, says why. `others`: how many
 * more the table has. */
bool locate_region(struct remote *g, const struct probe_options *o, uint64_t *at, unsigned *others,
                   char problem[CHASE_PROBLEM_BYTES]);

#endif
