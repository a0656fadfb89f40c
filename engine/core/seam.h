/* SPDX-License-Identifier: MIT */
/*
 * The seam: all that the core asks of the layer above. The list of files chooses who answers:
 * control/seam.c and control/task.c, or, in a kernel that wants only the recorder,
 * core/nocontrol.c and core/notask.c.
 */
#ifndef TP_SEAM_H
#define TP_SEAM_H

#include "core.h"

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

/* --- names of tasks and the wall time --- */

uint32_t tp_tasks_room(const struct tp_config *config); /* entries of a trace's table */
size_t tp_tasks_bytes(uint32_t room);                   /* of the table in the region */
/* All of `n` is zero. */
void tp_tasks_init(struct tp_tasks *n, struct tp_wire_tasks *wire, uint32_t room);
/* Names that are set from now on go into the trace's table, and are found there. It gets the wall
 * time, and the names that other traces have. */
void tp_tasks_open(struct tp_trace *trace);
void tp_tasks_close(unsigned trace);
/* Makes a chunk of what is due of TP_DUE_TASKS and TP_DUE_CLOCK, if there is something to say. */
bool tp_tasks_chunk(const struct tp_trace *t, struct tp_pipe *p);

/* --- what control/task.c has for the layer above: not asked by the core --- */

/* To name[TP_TASK_NAME_BYTES] a task's name, or a NUL. The caller records into this trace, so it is
 * open; _any: the first trace that has a name of the task. */
void tp_task_find(unsigned trace, uint32_t id, uint8_t *name);
void tp_task_find_any(uint32_t id, uint8_t *name);

#endif
