/* SPDX-License-Identifier: MIT */
/*
 * A table of the names of tasks that is read from any context while it is written: an NMI may have
 * interrupted the writer, and the writer may be on another CPU. Nobody who reads takes a lock.
 */
#ifndef TP_ENGINE_NAME_H
#define TP_ENGINE_NAME_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#define TP_NAME_HEADS 64u /* a power of two */

struct tp_names {
    struct tp_wire_task *task; /* of `room` entries, the first `tasks` of which are valid */
    uint16_t *next;            /* of as many: the entry after it in its list, plus 1; 0: none */
    uint32_t room, tasks;
    uint32_t oldest;          /* the entry that goes next when all are used */
    uint32_t changes;         /* odd: something is being changed */
    uint32_t changing;        /* then: the entry whose name that is, or TP_NAME_NONE, TP_NAME_ALL */
    struct tp_wire_task kept; /* what that entry was */
    uint16_t head[TP_NAME_HEADS]; /* the lists, as `next` */
};
#define TP_NAME_NONE 0xfffffffeu
#define TP_NAME_ALL 0xffffffffu

/* Copies name[TP_TASK_NAME_BYTES]; zeros: the task has none. One that was set before this was
 * called is found, but by what interrupts tp_names_resize. */
void tp_names_find(const struct tp_names *n, uint32_t pid, uint8_t *name);

/* These two one at a time. */
void tp_names_set(struct tp_names *n, const struct tp_wire_task *task);
/* The newest stay, at most `room`, the oldest first. No more than there is memory for. */
void tp_names_resize(struct tp_names *n, uint32_t room);

#endif
