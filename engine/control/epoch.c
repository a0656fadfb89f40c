/* SPDX-License-Identifier: MIT */
/*
 * The memory of rules, programs and probes, and when it can be used again.
 *
 * A context that follows pointers into it is inside (tp_store_enter, tp_store_leave): it has
 * counted itself on its CPU, under the parity of the epoch that it read. What is removed from the
 * lists is retired, not free. The epoch moves on when no context is inside under the parity that
 * is not current. So after two steps every context has left that was inside when something was
 * retired, and that memory is free.
 *
 * The count must be visible before anything that the pointers lead to is read. That takes a
 * fence, or a port whose tp_port_barrier_all makes every CPU do one; then being inside costs
 * almost nothing.
 *
 * One lock is for all changes. Its holder may be a context that the caller has interrupted, so no
 * caller waits for long.
 */
#include "control.h"

#define UNIT_BYTES 64u
#define LOCK_TRIES 20000u
#define GRACE_TRIES 20000u
#define GET_TRIES 1000u

enum epoch_state { BLOCK_FREE, BLOCK_USED, BLOCK_RETIRED };
struct block {
    uint32_t units, state, epoch, zero; /* epoch: when it was retired */
};

static uint8_t *epoch_memory;
static uint32_t epoch_memory_units;
static uint32_t epoch_busy;
struct tp_store tp_store;
struct tp_inside tp_inside_shared;

bool tp_store_lock(void)
{
    for (uint32_t i = 0; i < LOCK_TRIES; i++)
        if (!__atomic_load_n(&epoch_busy, __ATOMIC_RELAXED) && !tp_arch_swap(&epoch_busy, 1))
            return true;
    return false;
}

void tp_store_unlock(void)
{
    __atomic_store_n(&epoch_busy, 0, __ATOMIC_RELEASE);
}

/* --- contexts inside --- */

/* `left` is read before `entered`: if both are equal, no context was inside at the time of the
 * first load. In the other order, a context that enters and leaves between the loads would make up
 * for one that is still inside. */
static bool epoch_passing(const struct tp_passage *p)
{
    uint32_t left = __atomic_load_n(&p->left, __ATOMIC_ACQUIRE);

    return __atomic_load_n(&p->entered, __ATOMIC_RELAXED) != left;
}

static bool epoch_occupied(uint32_t parity)
{
    for (uint32_t i = 0; i < tp_store.cpus; i++)
        if (epoch_passing(&tp_store.inside[i].passage[parity]))
            return true;
    return epoch_passing(&tp_inside_shared.passage[parity]);
}

/* One step, if it is possible. The first check spares all CPUs the barrier if it is not. */
static bool epoch_move_on(void)
{
    if (epoch_occupied(~tp_store.epoch & 1))
        return false;
#ifdef tp_port_barrier_all
    if (!tp_port_barrier_all())
        return false;
#else
    tp_arch_fence();
#endif
    if (epoch_occupied(~tp_store.epoch & 1))
        return false;
    __atomic_store_n(&tp_store.epoch, tp_store.epoch + 1, __ATOMIC_RELEASE);
    return true;
}

int tp_probe_synchronize(void)
{
    uint32_t until;
    bool done;

    if (!tp_store_lock())
        return TP_EBUSY;
    until = tp_store.epoch + 2;
    for (uint32_t i = 0; tp_store.epoch != until && i < GRACE_TRIES; i++)
        epoch_move_on();
    done = tp_store.epoch == until; /* the next holder of the lock may move it on */
    tp_store_unlock();
    return done ? 0 : TP_EBUSY;
}

/* --- memory --- */

/* An entry for each CPU, each in a cache line of its own, then the blocks. */
int tp_control_set_memory(void *bytes, size_t size, uint32_t cpus)
{
    size_t skip = -(uintptr_t)bytes % TP_CACHE_LINE, entries = cpus * sizeof(struct tp_inside);
    struct tp_inside *inside = (struct tp_inside *)(void *)((uint8_t *)bytes + skip);

    if ((uintptr_t)bytes % 16 || !cpus || cpus > TP_CHUNK_NO_CPU ||
        size < skip + entries + 2 * (size_t)UNIT_BYTES ||
        (size - skip - entries) / UNIT_BYTES > UINT32_MAX)
        return TP_EINVAL;
    if (!tp_store_lock())
        return TP_EBUSY;
    if (epoch_memory) {
        tp_store_unlock();
        return TP_EBUSY;
    }
    epoch_memory = (uint8_t *)bytes + skip + entries;
    epoch_memory_units = (uint32_t)((size - skip - entries) / UNIT_BYTES);
    *(struct block *)(void *)epoch_memory = (struct block){.units = epoch_memory_units,
                                                           .state = BLOCK_FREE};
    memset(inside, 0, entries);
    tp_store.inside = inside;
    __atomic_store_n(&tp_store.cpus, cpus, __ATOMIC_RELEASE);
    tp_store_unlock();
    return 0;
}

static struct block *epoch_next_of(struct block *b)
{
    return (struct block *)(void *)((uint8_t *)b + (size_t)b->units * UNIT_BYTES);
}

static bool epoch_usable(struct block *b)
{
    if (b->state == BLOCK_RETIRED && tp_store.epoch - b->epoch >= 2)
        b->state = BLOCK_FREE;
    return b->state == BLOCK_FREE;
}

static void epoch_split(struct block *b, uint32_t units)
{
    uint32_t rest = b->units - units;

    if (!rest)
        return;
    b->units = units;
    *epoch_next_of(b) = (struct block){.units = rest, .state = BLOCK_FREE};
}

/* The first block that is large enough, joined with the free blocks after it. If there is none, the
 * largest, or NULL. */
static struct block *epoch_find(uint32_t units)
{
    struct block *end = (struct block *)(void *)(epoch_memory +
                                                 (size_t)epoch_memory_units * UNIT_BYTES);
    struct block *largest = NULL;

    for (struct block *b = (struct block *)(void *)epoch_memory; b < end; b = epoch_next_of(b)) {
        if (!epoch_usable(b))
            continue;
        for (struct block *n = epoch_next_of(b); n < end && epoch_usable(n); n = epoch_next_of(b))
            b->units += n->units;
        if (b->units >= units)
            return b;
        if (!largest || b->units > largest->units)
            largest = b;
    }
    return largest;
}

static struct block *epoch_take(uint32_t least, uint32_t most)
{
    struct block *b = epoch_memory ? epoch_find(most) : NULL;

    if (!b || b->units < least)
        return NULL;
    if (b->units > most)
        epoch_split(b, most);
    b->state = BLOCK_USED;
    return b;
}

static uint32_t epoch_units_for(size_t bytes)
{
    return (uint32_t)((bytes + sizeof(struct block) + UNIT_BYTES - 1) / UNIT_BYTES);
}

void *tp_store_most(size_t least, size_t *bytes)
{
    uint32_t units = epoch_units_for(*bytes), steps = 0;
    struct block *b = epoch_take(units, units);
    size_t room;

    /* Two steps free all that is retired. They are tried several times, because a CPU that is
     * inside at this moment is no reason to fail. */
    for (uint32_t i = 0; epoch_memory && !b && steps < 2 && i < GET_TRIES; i++)
        if (epoch_move_on()) {
            b = epoch_take(units, units);
            steps++;
        }
    if (!b)
        b = epoch_take(epoch_units_for(least), units);
    if (!b)
        return NULL;
    room = (size_t)b->units * UNIT_BYTES - sizeof(*b);
    if (room < *bytes)
        *bytes = room;
    memset(b + 1, 0, *bytes);
    return b + 1;
}

void *tp_store_get(size_t bytes)
{
    return tp_store_most(bytes, &bytes);
}

int tp_store_full(void)
{
    struct block *b = (struct block *)(void *)epoch_memory, *end;

    if (!epoch_memory)
        return TP_EMEMORY;
    end = (struct block *)(void *)(epoch_memory + (size_t)epoch_memory_units * UNIT_BYTES);
    for (; b < end; b = epoch_next_of(b))
        if (!epoch_usable(b) && b->state == BLOCK_RETIRED)
            return TP_EBUSY;
    return TP_EMEMORY;
}

void tp_store_trim(void *p, size_t bytes)
{
    epoch_split((struct block *)p - 1, epoch_units_for(bytes));
}

void tp_store_retire(void *p)
{
    struct block *b = p;

    if (!p)
        return;
    b[-1].epoch = tp_store.epoch;
    b[-1].state = BLOCK_RETIRED;
}

void tp_store_drop(void *p)
{
    struct block *b = p;

    if (p)
        b[-1].state = BLOCK_FREE;
}
