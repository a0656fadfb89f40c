/* SPDX-License-Identifier: MIT */
/*
 * The seam: all that the core asks of what is above it. control/seam.c has these functions, or, in a
 * kernel that wants the recorder and nothing else, core/nocontrol.c. The list of files chooses.
 */
#ifndef TP_SEAM_H
#define TP_SEAM_H

#include <tp/event.h>

/* Computes what the mask of the event says of a trace: after its choice has changed. */
void tp_seam_update(struct tp_event *e, unsigned trace);
/* The same of all events: the trace was started or stopped. From any context. */
void tp_seam_update_all(unsigned trace);
/* Makes nops and jumps what the masks ask for (tp/inner/patch.h). */
void tp_seam_patch(void);
/* Removes all that belongs to a trace that is being closed. 0, or TP_EBUSY. */
int tp_seam_close(unsigned trace);
/* What was counted of a trace begins again. */
void tp_seam_restart(unsigned trace);
/* Of the first event after `*id` of which there is one: what sampling has left out, and *id; or 0. */
uint64_t tp_seam_suppressed(unsigned trace, uint32_t *id);
/* And tp_emit of tp/inner/declare.h, which events call. */

#endif
