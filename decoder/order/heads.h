/* SPDX-License-Identifier: MIT */
/*
 * heads.h - which of many lanes is the first, by what each has next.
 *
 *     slot = heads_add(&h, lane, 0);
 *     heads_set(&h, slot, heads_key(time, cpu, slot), number);
 *     lane = heads_lane(&h, heads_top(&h));
 *
 * A tournament: a tree whose leaves are the keys of the lanes, and each node above is the lowest of its four, which are one
 * line of the processor's cache. A lane that changes goes up its own path, without a branch that depends on keys: CPUs take
 * turns in any order, and a processor that guesses which is next guesses wrong.
 */
#ifndef HEADS_H
#define HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_lane;

/* Time, then CPU, then the slot: no two are the same. */
struct heads_key {
    unsigned __int128 order;
};

#define HEADS_NEVER_CPU UINT32_MAX

struct heads_slot {
    struct stream_lane *lane; /* NULL: free */
    uint64_t number; /* of several inputs: decides between lanes of the same time and CPU, */
    uint32_t stream; /* and then this */
};

struct heads {
    struct heads_key
        *tree; /* the first of all is [3]; the children of [i] are from [4 * i - 8] on */
    struct heads_slot *slots;
    size_t leaves;     /* where the key of slot 0 is */
    size_t room, used; /* used: slots that have, or had, a lane */
    size_t idle;  /* one that is free, and 1; its number is the next of them. 0: there is none */
    bool several; /* inputs */
};

#define HEADS_TOP 3u

static inline struct heads_key heads_key(uint64_t time, uint32_t cpu, size_t slot)
{
    return (struct heads_key){(unsigned __int128)time << 64 | (uint64_t)cpu << 32 | slot};
}

/* Of a lane that has nothing to put out and is not waited for: after all others. */
static inline struct heads_key heads_never(size_t slot)
{
    return heads_key(UINT64_MAX, HEADS_NEVER_CPU, slot);
}

static inline bool heads_is_never(struct heads_key key)
{
    return (uint64_t)key.order >> 32 == HEADS_NEVER_CPU;
}

static inline uint64_t heads_time(struct heads_key key)
{
    return (uint64_t)(key.order >> 64);
}

/* The same of several inputs. */
bool heads_before_several(const struct heads *h, struct heads_key a, struct heads_key b);
void heads_climb_several(struct heads *h, size_t at, struct heads_key key);

static inline bool heads_before(const struct heads *h, struct heads_key a, struct heads_key b)
{
    return h->several ? heads_before_several(h, a, b) : a.order < b.order;
}

static inline struct heads_key heads_lower(struct heads_key a, struct heads_key b)
{
    return b.order < a.order ? b : a;
}

/* The key of a slot has changed. */
static inline void heads_set(struct heads *h, size_t slot, struct heads_key key, uint64_t number)
{
    struct heads_key *tree = h->tree;
    size_t at = h->leaves + slot;

    if (h->several) {
        h->slots[slot].number = number;
        heads_climb_several(h, at, key);
        return;
    }
    tree[at] = key;
    while (at != HEADS_TOP) {
        struct heads_key others = heads_lower(tree[at ^ 1], tree[at ^ 2]);

        key = heads_lower(key, heads_lower(others, tree[at ^ 3]));
        at = at / 4 + 2;
        tree[at] = key;
    }
}

static inline struct heads_key heads_get(const struct heads *h, size_t slot)
{
    return h->tree[h->leaves + slot];
}

/* There must be a slot. */
static inline struct heads_key heads_top(const struct heads *h)
{
    return h->tree[HEADS_TOP];
}

static inline struct stream_lane *heads_lane(const struct heads *h, struct heads_key key)
{
    return h->slots[(uint32_t)key.order].lane;
}

/* The lowest key of all other slots. */
struct heads_key heads_others(const struct heads *h, size_t slot);
/* The same for many slots: heads_put() for each, then heads_renew(). */
static inline void heads_put(struct heads *h, size_t slot, struct heads_key key, uint64_t number)
{
    h->slots[slot].number = number;
    h->tree[h->leaves + slot] = key;
}
void heads_renew(struct heads *h);
/* A slot for a lane, which is not the first until its key is set. `stream` orders inputs. */
size_t heads_add(struct heads *h, struct stream_lane *lane, uint32_t stream);
void heads_remove(struct heads *h, size_t slot);
void heads_free(struct heads *h);

#endif
