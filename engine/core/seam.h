/* SPDX-License-Identifier: MIT */
/*
 * The seam: all that the core asks of the layer above. control/seam.c has these functions, or, in a
 * kernel that wants only the recorder, core/nocontrol.c. The list of files chooses.
 */
#ifndef TP_SEAM_H
#define TP_SEAM_H

#include <tp/event.h>

/* Computes a trace's bits in the mask of an event, after the choice of it has changed. */
void tp_seam_update(struct tp_event *e, unsigned trace);
/* The same for all events, after the trace was started or stopped. From any context. */
void tp_seam_update_all(unsigned trace);
/* Patches the call sites to what the masks ask for (tp/inner/patch.h). */
void tp_seam_patch(void);
/* Removes all that belongs to a trace that is being closed. 0, or TP_EBUSY. */
int tp_seam_close(unsigned trace);
/* Starts the counts of a trace again. */
void tp_seam_restart(unsigned trace);
/* The first event after *id of which sampling has left out some: how many, and *id is its id. 0:
 * there is none. */
uint64_t tp_seam_suppressed(unsigned trace, uint32_t *id);
/* And tp_emit of tp/inner/declare.h, which events call. */

#endif
