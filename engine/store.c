/* SPDX-License-Identifier: MIT */
/*
 * The memory of rules, programs and probes, and who may still be looking at it.
 *
 * Who follows pointers into it is inside (tp_store_enter, tp_store_leave): it has counted itself on
 * its CPU, under the parity of the epoch that it read. What is taken out of the lists is retired,
 * not free. The epoch moves on when nobody is inside under the parity that is not current. So when
 * it has moved on twice, everybody has left who was inside when something was retired, and that is
 * free.
 *
 * The count must be seen before what the pointers lead to is looked at. That takes a fence, or a
 * port whose tp_port_barrier_all makes every CPU do one; then being inside costs next to nothing.
 *
 * One lock is for all who change something. Whoever holds it may be what its caller has
 * interrupted, so nobody waits for long.
 */
#include "engine.h"

#define UNIT_BYTES 64u
#define LOCK_TRIES 20000u
#define GRACE_TRIES 20000u
#define GET_TRIES 1000u

enum state { BLOCK_FREE, BLOCK_USED, BLOCK_RETIRED };
struct block {
    uint32_t units, state, epoch, zero; /* epoch: when it was retired */
};

static uint8_t *memory;
static uint32_t memory_units;
static uint32_t busy;
uint32_t tp_epoch;
struct tp_inside tp_insides[TP_INSIDES];

bool tp_store_lock(void)
{
    for (uint32_t i = 0; i < LOCK_TRIES; i++)
        if (!__atomic_load_n(&busy, __ATOMIC_RELAXED) && !tp_arch_swap(&busy, 1))
            return true;
    return false;
}

void tp_store_unlock(void)
{
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}

/* --- who is inside --- */

/* Who has left is counted before who has entered: if both are as many, then at the time of the
 * first load nobody was inside. The other way round, one who has entered since could pass for one
 * who has left since. */
static bool anybody(uint32_t parity)
{
    for (uint32_t i = 0; i < TP_INSIDES; i++) {
        struct tp_passage *p = &tp_insides[i].passage[parity];
        uint32_t left = __atomic_load_n(&p->left, __ATOMIC_ACQUIRE);

        if (__atomic_load_n(&p->entered, __ATOMIC_RELAXED) != left)
            return true;
    }
    return false;
}

/* One step, if it can be made. The first look is there to spare everybody the barrier. */
static bool move_on(void)
{
    if (anybody(~tp_epoch & 1))
        return false;
#ifdef tp_port_barrier_all
    if (!tp_port_barrier_all())
        return false;
#else
    tp_arch_fence();
#endif
    if (anybody(~tp_epoch & 1))
        return false;
    __atomic_store_n(&tp_epoch, tp_epoch + 1, __ATOMIC_RELEASE);
    return true;
}

int tp_synchronize(void)
{
    uint32_t until;
    bool done;

    if (!tp_store_lock())
        return TP_EBUSY;
    until = tp_epoch + 2;
    for (uint32_t i = 0; tp_epoch != until && i < GRACE_TRIES; i++)
        move_on();
    done = tp_epoch == until; /* without the lock it is somebody else's */
    tp_store_unlock();
    return done ? 0 : TP_EBUSY;
}

/* --- memory --- */

int tp_control_memory(void *bytes, size_t size)
{
    struct block *first = bytes;

    if ((uintptr_t)bytes % 16 || size < 2 * (size_t)UNIT_BYTES || size / UNIT_BYTES > UINT32_MAX)
        return TP_EINVAL;
    if (memory)
        return TP_EBUSY;
    memory = bytes;
    memory_units = (uint32_t)(size / UNIT_BYTES);
    *first = (struct block){.units = memory_units, .state = BLOCK_FREE};
    return 0;
}

static struct block *next_of(struct block *b)
{
    return (struct block *)(void *)((uint8_t *)b + (size_t)b->units * UNIT_BYTES);
}

static bool usable(struct block *b)
{
    if (b->state == BLOCK_RETIRED && tp_epoch - b->epoch >= 2)
        b->state = BLOCK_FREE;
    return b->state == BLOCK_FREE;
}

static void split(struct block *b, uint32_t units)
{
    uint32_t rest = b->units - units;

    if (!rest)
        return;
    b->units = units;
    *next_of(b) = (struct block){.units = rest, .state = BLOCK_FREE};
}

/* The first that is large enough, with its free neighbours. */
static void *take(uint32_t units)
{
    struct block *end = (struct block *)(void *)(memory + (size_t)memory_units * UNIT_BYTES);

    for (struct block *b = (struct block *)(void *)memory; b < end; b = next_of(b)) {
        if (!usable(b))
            continue;
        for (struct block *n = next_of(b); n < end && usable(n); n = next_of(b))
            b->units += n->units;
        if (b->units < units)
            continue;
        split(b, units);
        b->state = BLOCK_USED;
        return b + 1;
    }
    return NULL;
}

static uint32_t units_for(size_t bytes)
{
    return (uint32_t)((bytes + sizeof(struct block) + UNIT_BYTES - 1) / UNIT_BYTES);
}

void *tp_store_get(size_t bytes)
{
    uint32_t units = units_for(bytes), steps = 0;
    void *p = memory ? take(units) : NULL;

    /* Two steps free all that is retired. That another CPU is just inside is no reason to fail. */
    for (uint32_t i = 0; memory && !p && steps < 2 && i < GET_TRIES; i++)
        if (move_on()) {
            p = take(units);
            steps++;
        }
    if (p)
        memset(p, 0, bytes);
    return p;
}

int tp_store_full(void)
{
    struct block *end = (struct block *)(void *)(memory + (size_t)memory_units * UNIT_BYTES);

    for (struct block *b = (struct block *)(void *)memory; memory && b < end; b = next_of(b))
        if (!usable(b) && b->state == BLOCK_RETIRED)
            return TP_EBUSY;
    return TP_ESPACE;
}

void tp_store_trim(void *p, size_t bytes)
{
    split((struct block *)p - 1, units_for(bytes));
}

void tp_store_retire(void *p)
{
    struct block *b = p;

    if (!p)
        return;
    b[-1].epoch = tp_epoch;
    b[-1].state = BLOCK_RETIRED;
}

void tp_store_drop(void *p)
{
    struct block *b = p;

    if (p)
        b[-1].state = BLOCK_FREE;
}
