/* SPDX-License-Identifier: MIT */
/*
 * sched.h - who runs and who is woken, in the one form that viewers know, whatever roles events have.
 *
 *     sched_open(&s, roles);
 *     if (sched_take(&s, lane, e, tails, &event) == ROLES_SWITCH)
 *         ... event.prev, event.next
 *
 * `run` is a switch from what the CPU ran, `stop` one to the idle task, 0; a switch that does not say from what
 * is from what the CPU ran. Tasks have numbers of 31 bits, as viewers have it: one that does not fit has another
 * one, from SCHED_FOREIGN on, in the order in which they came; sched_task() has the number of the dump.
 */
#ifndef SCHED_H
#define SCHED_H

#include "order/cut.h"
#include "order/roles.h"

#define SCHED_FOREIGN 0x40000000 /* tasks whose number is none of 31 bits */
#define SCHED_FOREIGN_MAX 65536u /* of them; all others are one, the last */

struct sched_event {
    enum roles_is is; /* ROLES_SWITCH, _WAKE, _NEW, _GONE or _RENAME; else ROLES_NONE */
    bool prev_known;  /* of a switch: false, what ran until then is not known */
    int32_t prev, next;
    enum roles_state state; /* of prev */
    int32_t task;           /* of what is no switch */
    uint32_t cpu; /* where a task that is woken is to run; where it was woken, if it is not said */
    struct metadata_text name; /* of next, or of the task, if the event says it */
};

struct sched_stream;
struct sched_foreign;

struct sched {
    struct roles *roles;
    struct sched_stream *streams; /* by number */
    uint32_t stream_count;
    struct sched_foreign *foreign;
    uint32_t foreign_count;
    bool leans; /* on what a CPU ran, before anything was said of it */
};

/* The roles stay the caller's, who finishes and ends them. */
void sched_open(struct sched *s, struct roles *roles);
void sched_close(struct sched *s);
/* A capture begins: what its CPUs run is not known. */
void sched_begin(struct sched *s, const struct stream *from);
/* What a record that fits its event says; gives event->is. */
enum roles_is sched_take(struct sched *s, struct stream_lane *lane, const struct metadata_event *e,
                         const struct value_tail *tails, struct sched_event *event);
/* Of a part of a capture (part.h): what CPUs run at its end. All zero: nothing was said. */
struct sched_sum {
    struct sched_ran {
        bool said, known;
        int32_t pid;
    } cpu[CUT_CPUS];
};
/* Was all that it gave the same as if what came before had been there too? */
bool sched_is_apart(const struct sched *s);
/* Of the CPUs of which nothing was said, this was said before. Puts what is said of all. */
void sched_add(struct sched *s, const struct sched_sum *sum);
void sched_put(const struct sched *s, struct sched_sum *sum);
/* Nothing was said. */
void sched_forget(struct sched *s);
/* Records of a CPU were lost: what it runs is not known until its next switch. */
void sched_lose(struct sched *s, const struct stream_lane *lane);
/* The number that a viewer gets for a task. */
int32_t sched_pid(struct sched *s, __int128 task);
/* The number that the dump has for it; what has none of its own, as there were too many, keeps that of viewers. */
__int128 sched_task(const struct sched *s, int32_t pid);
/* The same for viewers that have 32 bits: what does not fit keeps its other number. */
uint32_t sched_task32(const struct sched *s, int32_t pid);
/* Its name, as the capture knows it; "<...>" if it does not. */
struct metadata_text sched_name(const struct sched *s, const struct stream *from, int32_t pid);
/* The same, but what an event says of it comes first. The idle task has one name. */
struct metadata_text sched_named(const struct sched *s, const struct stream *from, int32_t pid,
                                 struct metadata_text said);

#endif
