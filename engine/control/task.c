/* SPDX-License-Identifier: MIT */
/*
 * Names of tasks and the wall time. A name goes into every running trace as a record, valid from
 * then on, and into the table of every open trace, which the pipe exports again with the metadata,
 * so that a dump without its beginning has it too. The table is in the trace's region, and so in an
 * image of the memory.
 *
 * A table is divided into sets of 4 to 7 entries, by the id of the task: in a set that is full the
 * oldest entry is replaced. It is read from any context while it is written: an NMI may have
 * interrupted the writer, or the writer may be on another CPU. Readers take no lock. The writer
 * makes one change after the other; during a change `kept` is the old value of the entry.
 */
#include "../core/seam.h"

/* Only another CPU that changes names without a pause makes a reader try so often. */
#define TRIES 1000u
#define WORDS (sizeof(struct tp_wire_task) / sizeof(tp_word))
#define NAME_WORD (offsetof(struct tp_wire_task, name) / sizeof(tp_word))

#define TASK_ALIGNED __attribute__((__aligned__(8))) /* as in a region */

static struct tp_tasks *task_tables[TP_TRACES_MAX]; /* of open traces, or NULL */

static uint32_t task_locked;
static struct tp_wire_tasks task_wall; /* the last two pairs */

/* A word of an entry or a clock pair. Each is stored and loaded in one piece. */
struct task_word {
    tp_word value;
} __attribute__((__may_alias__));

static inline tp_word task_load(const void *from, uint32_t i)
{
    return __atomic_load_n(&((const struct task_word *)from + i)->value, __ATOMIC_RELAXED);
}

static inline void task_store(void *to, uint32_t i, tp_word value)
{
    __atomic_store_n(&((struct task_word *)to + i)->value, value, __ATOMIC_RELAXED);
}

static void task_copy(void *to, const void *from, size_t bytes)
{
    for (uint32_t i = 0; i < bytes / sizeof(tp_word); i++)
        task_store(to, i, task_load(from, i));
}

static inline bool task_named(const struct tp_wire_task *task)
{
    return __atomic_load_n(&task->name[0], __ATOMIC_RELAXED);
}

/* Consecutive ids, and aligned pointers, go to different sets. */
static inline uint32_t task_set(const struct tp_tasks *n, uint32_t id)
{
    return (id ^ id >> 4 ^ id >> 8 ^ id >> 12 ^ id >> 16) & (n->sets - 1);
}

/* --- reading --- */

static inline bool task_unchanged(const struct tp_tasks *n, uint32_t changes)
{
    tp_arch_fence_acquire();
    return __builtin_expect(__atomic_load_n(&n->changes, __ATOMIC_RELAXED) == changes, 1);
}

/* An entry, or its old value while it is being changed. */
static inline const struct tp_wire_task *task_at(const struct tp_tasks *n, uint32_t entry,
                                                 uint32_t changes)
{
    if (__builtin_expect(changes & 1, 0) &&
        entry == __atomic_load_n(&n->changing, __ATOMIC_RELAXED))
        return &n->kept;
    return &n->task[entry];
}

/* A set is filled in order, so an entry without a name is the end of what is used of it. */
static inline const struct tp_wire_task *task_in_set(const struct tp_tasks *n, uint32_t id,
                                                     uint32_t changes)
{
    for (uint32_t entry = task_set(n, id); entry < n->room; entry += n->sets) {
        const struct tp_wire_task *task = task_at(n, entry, changes);

        if (__builtin_expect(!task_named(task), 0))
            return NULL;
        if (__atomic_load_n(&task->id, __ATOMIC_RELAXED) == id)
            return task;
    }
    return NULL;
}

/* False: a name was changed meanwhile. */
static inline bool task_copy_name(const struct tp_tasks *n, uint32_t id, uint32_t changes,
                                  uint8_t *name)
{
    const struct tp_wire_task *task = task_in_set(n, id, changes);

    for (uint32_t k = NAME_WORD; task && k < WORDS; k++) {
        tp_word word = task_load(task, k);

        __builtin_memcpy(name + sizeof(word) * (k - NAME_WORD), &word, sizeof(word));
    }
    if (!task)
        name[0] = 0;
    return task_unchanged(n, changes);
}

static __attribute__((__noinline__)) void task_find_again(const struct tp_tasks *n, uint32_t id,
                                                          uint8_t *name)
{
    for (uint32_t i = 0; i < TRIES; i++)
        if (task_copy_name(n, id, __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE), name))
            return;
    name[0] = 0;
}

/* With the constant the compiler makes code that need not look whether an entry is being changed. */
void tp_task_find(unsigned trace, uint32_t id, uint8_t *name)
{
    const struct tp_tasks *n = __atomic_load_n(&task_tables[trace], __ATOMIC_RELAXED);
    uint32_t changes;

    if (__builtin_expect(!n, 0)) {
        name[0] = 0;
        return;
    }
    changes = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE);
    if (__builtin_expect(changes & 1, 0) || !task_copy_name(n, id, changes & ~1u, name))
        task_find_again(n, id, name);
}

void tp_task_find_any(uint32_t id, uint8_t *name)
{
    memset(name, 0, TP_TASK_NAME_BYTES);
    for (unsigned i = 0; !name[0] && i < TP_TRACES_MAX; i++) {
        if (!tp_trace_get(i))
            continue;
        tp_task_find(i, id, name);
        tp_trace_put(i);
    }
}

/* False: the entry is unused. */
static bool task_entry(const struct tp_tasks *n, uint32_t entry, struct tp_wire_task *out)
{
    for (uint32_t i = 0; entry < n->room && i < TRIES; i++) {
        uint32_t changes = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE);

        task_copy(out, task_at(n, entry, changes), sizeof(*out));
        if (task_unchanged(n, changes))
            return out->name[0];
    }
    return false;
}

/* --- writing, with the lock --- */

/* The wait is bounded, since the caller may have interrupted the holder. The holder cannot have
 * been preempted: it is pinned. */
static bool task_lock(void)
{
    tp_port_pin();
    for (int i = 0; i < 1000; i++)
        if (!tp_arch_swap(&task_locked, 1))
            return true;
    tp_port_unpin();
    return false;
}

static void task_unlock(void)
{
    __atomic_store_n(&task_locked, 0, __ATOMIC_RELEASE);
    tp_port_unpin();
}

/* A reader that sees the new count sees the stores before it; one that sees a store after it sees
 * the new count. */
static void task_turn(struct tp_tasks *n)
{
    __atomic_store_n(&n->changes, n->changes + 1, __ATOMIC_RELEASE);
    tp_arch_fence_release();
}

/* The entry of a task, or one for it: one that is not used, that of a task that has ended, or the
 * oldest of its set. After the `oldest` of all sets there is a byte for each, bit k of which says
 * that the task of its entry k has ended. */
static uint32_t task_place(struct tp_tasks *n, uint32_t id)
{
    uint32_t set = task_set(n, id), vacant = n->room, entry, k = 0;
    uint8_t *gone = &n->oldest[n->sets + set];

    for (entry = set; entry < n->room; entry += n->sets, k++) {
        if (!n->task[entry].name[0]) {
            vacant = vacant < entry ? vacant : entry;
        } else if (n->task[entry].id == id) {
            *gone &= (uint8_t) ~(1u << k);
            return entry;
        }
    }
    if (vacant < n->room)
        return vacant;
    for (k = 0, entry = set; *gone; k++, entry += n->sets) {
        if (*gone & 1u << k) {
            *gone &= (uint8_t) ~(1u << k);
            return entry;
        }
    }
    entry = set + n->sets * n->oldest[set]++;
    if (entry + n->sets >= n->room)
        n->oldest[set] = 0;
    return entry;
}

/* The first word of a name is cleared first and stored last: an image that is taken meanwhile has
 * no name here rather than a part of one. */
static void task_set_name(struct tp_tasks *n, const struct tp_wire_task *task)
{
    uint32_t entry = task_place(n, task->id);
    struct tp_wire_task *to = &n->task[entry];

    task_copy(&n->kept, to, sizeof(*to));
    __atomic_store_n(&n->changing, entry, __ATOMIC_RELAXED);
    task_turn(n);
    task_store(to, NAME_WORD, 0);
    tp_arch_fence_release();
    for (uint32_t k = 0; k < WORDS; k++)
        if (k != NAME_WORD)
            task_store(to, k, task_load(task, k));
    tp_arch_fence_release();
    task_store(to, NAME_WORD, task_load(task, NAME_WORD));
    task_turn(n);
}

static void task_remember(struct tp_tasks *n, const struct tp_wire_task *task)
{
    if (!n->room || !task_lock())
        return;
    task_set_name(n, task);
    task_unlock();
}

/* --- a table --- */

/* So many sets that each has at least 4 entries, if there are 8 in all; a power of two. */
static uint32_t task_sets(uint32_t room)
{
    uint32_t sets = 1;

    while (sets * 8 <= room)
        sets *= 2;
    return sets;
}

uint32_t tp_tasks_room(const struct tp_config *config)
{
    return config->tasks == TP_TASKS_NONE ? 0 : config->tasks;
}

size_t tp_tasks_bytes(uint32_t room)
{
    return sizeof(struct tp_wire_tasks) + room * sizeof(struct tp_wire_task) + 2 * task_sets(room);
}

void tp_tasks_init(struct tp_tasks *n, struct tp_wire_tasks *wire, uint32_t room)
{
    n->wire = wire;
    n->task = (struct tp_wire_task *)(void *)(wire + 1);
    n->room = room;
    n->sets = task_sets(room);
    n->oldest = (uint8_t *)&n->task[room];
}

/* A name that is there already is newer than that of another trace. */
static void task_inherit(struct tp_trace *trace)
{
    struct tp_tasks *n = &trace->tasks;
    struct tp_wire_task task TASK_ALIGNED;
    uint8_t name[TP_TASK_NAME_BYTES];

    for (unsigned i = 0; n->room && i < TP_TRACES_MAX; i++) {
        struct tp_trace *other = i == trace->index ? NULL : tp_trace_get(i);

        for (uint32_t k = 0; other && k < other->tasks.room; k++) {
            if (!task_entry(&other->tasks, k, &task))
                continue;
            tp_task_find(trace->index, task.id, name);
            if (!name[0])
                task_remember(n, &task);
        }
        if (other)
            tp_trace_put(i);
    }
}

/* A pipe may be reading the other pair, and, if it is slow, this one: it looks at `clocks` again. */
static void task_share_wall(struct tp_trace *trace)
{
    struct tp_wire_tasks *wire = trace->tasks.wire;
    uint32_t clocks = task_wall.clocks;

    task_copy(&wire->clock[(clocks - 1) & 1], &task_wall.clock[(clocks - 1) & 1],
              sizeof(wire->clock[0]));
    __atomic_store_n(&wire->clocks, clocks, __ATOMIC_RELEASE);
}

void tp_tasks_open(struct tp_trace *trace)
{
    __atomic_store_n(&task_tables[trace->index], &trace->tasks, __ATOMIC_RELEASE);
    if (task_lock()) {
        if (task_wall.clocks)
            task_share_wall(trace);
        task_unlock();
    }
    task_inherit(trace);
}

void tp_tasks_close(unsigned trace)
{
    task_tables[trace] = NULL;
}

/* --- what a kernel calls --- */

bool tp_task_read(struct tp_trace *trace, uint32_t entry, struct tp_task *task)
{
    int slot = tp_trace_hold(trace);
    struct tp_wire_task found TASK_ALIGNED;
    bool there;

    if (slot < 0)
        return false;
    there = task_entry(&trace->tasks, entry, &found);
    tp_trace_put((unsigned)slot);
    if (!there)
        return false;
    task->id = found.id;
    task->group = found.group;
    memcpy(task->name, found.name, TP_TASK_NAME_BYTES);
    task->name[TP_TASK_NAME_BYTES] = 0;
    return true;
}

static void task_record(unsigned index, const struct tp_wire_task *task)
{
    const uint32_t units = (sizeof(struct tp_wire_record) + sizeof(*task)) / TP_RECORD_UNIT;
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

/* If a table cannot be changed now, the name is recorded all the same. */
void tp_task_name(uint32_t id, uint32_t group, const char *name)
{
    struct tp_wire_task task TASK_ALIGNED = {.id = id, .group = group};

    for (uint32_t i = 0; i < TP_TASK_NAME_BYTES && name[i]; i++)
        task.name[i] = (uint8_t)name[i];
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        struct tp_trace *t = tp_trace_get(i);

        if (!t)
            continue;
        task_remember(&t->tasks, &task);
        if (tp_trace_runs(i))
            task_record(i, &task);
        tp_trace_put(i);
    }
}

static void task_end(struct tp_tasks *n, uint32_t id)
{
    uint32_t set = task_set(n, id), k = 0;

    if (!n->room || !task_lock())
        return;
    for (uint32_t entry = set; entry < n->room; entry += n->sets, k++)
        if (n->task[entry].name[0] && n->task[entry].id == id)
            n->oldest[n->sets + set] |= (uint8_t)(1u << k);
    task_unlock();
}

void tp_task_gone(uint32_t id)
{
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        struct tp_trace *t = tp_trace_get(i);

        if (!t)
            continue;
        task_end(&t->tasks, id);
        tp_trace_put(i);
    }
}

int tp_clock_set_wall(uint64_t wall_ns)
{
    struct tp_wire_clock now = {.ticks = tp_port_clock(), .wall_ns = wall_ns};

    if (!task_lock())
        return TP_EBUSY;
    task_wall.clock[task_wall.clocks++ & 1] = now;
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        struct tp_trace *t = tp_trace_get(i);

        if (!t)
            continue;
        task_share_wall(t);
        tp_trace_put(i);
    }
    task_unlock();
    return 0;
}

/* --- what a pipe exports --- */

static bool task_chunk_names(const struct tp_trace *t, struct tp_pipe *p)
{
    struct tp_wire_task *out = (struct tp_wire_task *)(void *)p->side;
    uint32_t n = 0;

    while (n < TP_SIDE_BYTES / sizeof(*out) && p->task < t->tasks.room)
        n += task_entry(&t->tasks, p->task++, &out[n]);
    if (p->task == t->tasks.room) {
        p->due &= (uint8_t)~TP_DUE_TASKS;
        p->task = 0;
    }
    return tp_chunk_make_side(t, p, TP_CHUNK_TASKS, n, sizeof(*out));
}

/* The last pair. False: it was replaced at each try. */
static bool task_clock_entry(const struct tp_wire_tasks *wire, struct tp_wire_clock *out)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t clocks = __atomic_load_n(&wire->clocks, __ATOMIC_ACQUIRE);

        task_copy(out, &wire->clock[(clocks - 1) & 1], sizeof(*out));
        tp_arch_fence_acquire();
        if (__atomic_load_n(&wire->clocks, __ATOMIC_RELAXED) == clocks)
            return true;
    }
    return false;
}

static bool task_chunk_clock(const struct tp_trace *t, struct tp_pipe *p)
{
    const struct tp_wire_tasks *wire = t->tasks.wire;
    uint32_t clocks = __atomic_load_n(&wire->clocks, __ATOMIC_ACQUIRE);

    p->due &= (uint8_t)~TP_DUE_CLOCK;
    if (!clocks || !task_clock_entry(wire, (struct tp_wire_clock *)(void *)p->side))
        return false;
    p->clocks = clocks;
    return tp_chunk_make_side(t, p, TP_CHUNK_CLOCK, 1, sizeof(struct tp_wire_clock));
}

bool tp_tasks_chunk(const struct tp_trace *t, struct tp_pipe *p)
{
    if (p->due & TP_DUE_TASKS && task_chunk_names(t, p))
        return true;
    return p->due & TP_DUE_CLOCK && task_chunk_clock(t, p);
}
