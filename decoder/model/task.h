/* SPDX-License-Identifier: MIT */
/*
 * task.h - names of tasks by pid.
 *
 * A table that grows up to TASK_SLOTS: beyond some tens of thousands of tasks, old names may be
 * forgotten.
 */
#ifndef TASK_H
#define TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

#define TASK_SLOTS (1u << 16)
#define TASK_PROBES 16u

struct task {
    uint32_t pid;
    uint32_t group;     /* 0: not known */
    uint8_t name_bytes; /* 0: its name was taken from it */
    bool used;          /* the slot is not free */
    bool recorded;      /* by a record; a tasks chunk does not change it */
    char name[TP_TASK_NAME_BYTES];
};

struct task_table {
    struct task *slots;  /* NULL until the first name */
    uint32_t count;      /* of them, a power of two */
    uint32_t generation; /* changes when a name does */
    uint64_t *asked;     /* a bit for each task_bit() that was looked up; NULL: not kept */
};

#define TASK_BITS 65536u
#define TASK_BIT_WORDS (TASK_BITS / 64)

/* Where in task_table.asked a task is; others may be there too. */
uint32_t task_bit(uint32_t pid);

/* name: TP_TASK_NAME_BYTES, filled up with NUL. One without a character: it has none from now on. */
void task_name(struct task_table *t, uint32_t pid, uint32_t group, const uint8_t *name,
               bool recorded);
/* NULL: it has no name, or none is known. */
const struct task *task_find(const struct task_table *t, uint32_t pid);
/* Its name, of *n bytes: what is known, or what is shown instead. */
const char *task_comm(const struct task_table *t, uint32_t pid, size_t *n);
/* How many have a name. */
uint32_t task_named(const struct task_table *t);
/* `to` becomes what `from` is. */
void task_copy(struct task_table *to, const struct task_table *from);
void task_free(struct task_table *t);

#endif
