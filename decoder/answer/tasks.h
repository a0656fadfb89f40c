/* SPDX-License-Identifier: MIT */
/*
 * tasks.h - --tasks: how long each task ran and waited, and how soon it ran after it was woken.
 *
 * What a CPU runs is known from its first switch on. Where records of a CPU were lost it is not
 * known until its next switch: all of that is left out, from the switch before the loss on. A task
 * waits from when it was woken, or was switched away from although it could have gone on, until it
 * runs; a time that has a loss in it, on any CPU, is left out, since the task may have run there. A loss
 * lies between the record before it and the record after it on its CPU (waits.h).
 */
#ifndef TASKS_H
#define TASKS_H

#include "answer/quantile.h"
#include "answer/share.h"
#include "answer/tally.h"
#include "answer/waits.h"
#include "order/roles.h"

#define TASKS_MAX 16384u /* tasks that have a line of their own */
#define TASKS_ROWS (TASKS_MAX + 2)
#define TASKS_CPUS 1024u /* a task is said to have run on these, */
#define TASKS_WORDS (TASKS_CPUS / 64)
#define TASKS_NAME_BYTES 64u   /* of a name */
#define TASKS_CELLS (1u << 20) /* different latencies, of all tasks together */

/* Rows that are no task. */
#define TASKS_NOTHING 0u /* a CPU stopped what it ran, and what it runs now was not recorded */
#define TASKS_OTHERS 1u  /* tasks beyond TASKS_MAX */
#define TASKS_FIRST 2u

enum tasks_now {
    TASKS_UNKNOWN, /* or it cannot run, and it was not said why */
    TASKS_RUNS,
    TASKS_ASLEEP, /* it was said that it waits for something */
    TASKS_READY,  /* another one was switched to, and it could have gone on */
    TASKS_WOKEN
};

struct tasks_row {
    __int128 id;
    uint32_t capture; /* number of it */
    uint32_t next;    /* of the same hash */
    uint32_t older;   /* of the same capture */
    uint32_t name_bytes;
    char name[TASKS_NAME_BYTES];
    bool idle;
    bool more_cpus; /* than `cpus` has room for */
    uint64_t cpus[TASKS_WORDS];
    uint64_t run_ns, wait_ns, switches;
    struct quantile_few latency;

    enum tasks_now now;
    uint64_t since_ns, serial; /* when that began, and which item it was */
};

struct tasks_capture;

enum tasks_does { TASKS_DOES_RUN, TASKS_DOES_WAIT, TASKS_DOES_SLEEP, TASKS_DOES };

struct tasks {
    struct sink sink;
    bool json;
    bool some_cpus; /* others are left out, so who waits is not known */
    struct diag *diag;
    struct roles roles;
    bool switches; /* some event is a switch or tells what runs */
    bool read;     /* some capture was read to its end */
    bool wrong;    /* the question cannot be answered, and it was said why */

    struct tasks_row *rows; /* the first ones are TASKS_NOTHING and TASKS_OTHERS */
    uint32_t row_count, row_room;
    uint32_t *heads;          /* by hash */
    struct tasks_row **order; /* as they are shown */
    struct share share;
    struct tasks_capture *captures; /* by place */
    uint32_t capture_count;         /* that there were */
    uint32_t cells_left;
    uint64_t serial; /* of the item */

    uint64_t known_ns; /* time of all CPUs in which it is known what they ran */
    /* Left out: time around losses and where switches contradict each other, waits with a loss in them. */
    uint64_t lost_ns, lost_runs, odd_ns, odd_runs, lost_waits;
    uint64_t unsaid;  /* switches away from a task that do not say what it does now */
    uint64_t waiting; /* tasks that still waited in the end */
    uint64_t crowded; /* latencies that there was no room for */
    uint64_t far;     /* losses that began before a wait ended that is counted */
    struct waits waits;
    uint32_t cpus; /* that have a known time */
    struct tally_cpu lost;

    /* Another answer that wants to know what each task did: called with each stretch of time, at its
     * end. Or NULL. */
    void (*saw)(void *context, uint32_t row, enum tasks_does does, uint64_t from_ns,
                uint64_t to_ns);
    void *saw_context;
};

static inline bool tasks_may_wait(const struct tasks *t, uint32_t row)
{
    return row >= TASKS_FIRST && !t->rows[row].idle && !t->some_cpus;
}

/* some_cpus: not all of them are passed on. */
struct sink *tasks_open(struct tasks *t, struct out *o, const struct roles_options *roles,
                        bool some_cpus, bool json, uint32_t inputs, struct diag *diag);

/* For that other answer: all has come. */
void tasks_settle(struct tasks *t);

#endif
