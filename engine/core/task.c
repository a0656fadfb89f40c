/* SPDX-License-Identifier: MIT */
/*
 * Names of tasks and the wall time. A name goes into every running trace as a
 * record, so that it holds from its moment on, and into a small table that the
 * pipe tells again with the metadata, so that a dump cut at the front has it too.
 */
#include "core.h"
#include "name.h"

static struct tp_told task_told;
static uint16_t task_next[TP_REGION_TASKS];
static struct tp_names task_names = {
    .task = task_told.task, .next = task_next, .room = TP_REGION_TASKS};
static uint32_t task_locked;
static uint32_t task_unshared; /* a trace has come that lacks them */

/* The holder may be what the caller has interrupted, so the wait ends; but not what runs instead of
 * it, since it is pinned. */
static bool task_lock(void)
{
    tp_port_pin();
    for (int i = 0; i < 1000; i++)
        if (!tp_arch_swap(&task_locked, 1))
            return true;
    tp_port_unpin();
    return false;
}

/* Copies of the memory shall have it too. */
static void task_share(void)
{
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        struct tp_trace *t = tp_trace_get(i);

        if (!t)
            continue;
        *t->told = task_told;
        tp_trace_put(i);
    }
}

/* What could not be shared because we had the lock is shared now. Who finds the lock taken may
 * leave: its holder looks again after this. */
static void task_unlock(void)
{
    __atomic_store_n(&task_locked, 0, __ATOMIC_RELEASE);
    tp_arch_fence();
    while (__atomic_load_n(&task_unshared, __ATOMIC_RELAXED) && !tp_arch_swap(&task_locked, 1)) {
        tp_arch_swap(&task_unshared, 0);
        task_share();
        __atomic_store_n(&task_locked, 0, __ATOMIC_RELEASE);
        tp_arch_fence();
    }
    tp_port_unpin();
}

void tp_told_share(void)
{
    tp_arch_swap(&task_unshared, 1);
    tp_arch_fence();
    tp_port_pin();
    if (!tp_arch_swap(&task_locked, 1))
        task_unlock();
    else
        tp_port_unpin();
}

bool tp_told_copy(struct tp_told *out)
{
    if (!task_lock())
        return false;
    *out = task_told;
    task_unlock();
    return true;
}

void tp_told_find(uint32_t pid, uint8_t *name)
{
    tp_names_find(&task_names, pid, name);
}

/* If it cannot be done now, the name is in the traces all the same. */
static void task_remember(const struct tp_wire_task *task)
{
    if (!task_lock())
        return;
    tp_names_set(&task_names, task);
    task_told.tasks = task_names.tasks;
    task_share();
    task_unlock();
}

bool tp_task_read(uint32_t i, uint32_t *pid, char name[TP_TASK_NAME_BYTES + 1])
{
    bool there;

    if (!task_lock())
        return false;
    there = i < task_told.tasks;
    if (there) {
        *pid = task_told.task[i].pid;
        memcpy(name, task_told.task[i].name, TP_TASK_NAME_BYTES);
        name[TP_TASK_NAME_BYTES] = 0;
    }
    task_unlock();
    return there;
}

int tp_tasks_keep(uint32_t tasks)
{
    if (!tasks)
        return TP_EINVAL;
    if (tasks > TP_REGION_TASKS)
        return TP_ELIMIT;
    if (!task_lock())
        return TP_EBUSY;
    tp_names_resize(&task_names, tasks);
    task_told.tasks = task_names.tasks;
    task_share();
    task_unlock();
    return 0;
}

uint32_t tp_tasks_kept(void)
{
    return __atomic_load_n(&task_names.room, __ATOMIC_RELAXED);
}

static void task_record(unsigned index, const struct tp_wire_task *task)
{
    const uint32_t units = (sizeof(struct tp_wire_record) + sizeof(*task) + 7) / TP_RECORD_UNIT;
    struct tp_slot s;

    tp_ring_head(&s, TP_ID_TASK, units);
    if (!tp_ring_pin(&s, index))
        return;
    if (tp_ring_reserve(&s)) {
        memcpy(s.fields, task, sizeof(*task));
        tp_ring_commit(&s, 0);
    }
    tp_ring_unpin(&s);
}

void tp_task_name(uint32_t pid, const char *name)
{
    struct tp_wire_task task = {.pid = pid};

    for (uint32_t i = 0; i < TP_TASK_NAME_BYTES && name[i]; i++)
        task.name[i] = (uint8_t)name[i];
    task_remember(&task);
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        if (!tp_trace_runs(i) || !tp_trace_get(i))
            continue;
        if (tp_trace_runs(i))
            task_record(i, &task);
        tp_trace_put(i);
    }
}

void tp_clock_set_wall(uint64_t wall_ns)
{
    struct tp_wire_clock clock = {.ticks = tp_port_clock(), .wall_ns = wall_ns};

    if (!task_lock())
        return;
    task_told.clock = clock;
    task_told.clocks = 1;
    task_share();
    task_unlock();
}
