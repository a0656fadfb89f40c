/* SPDX-License-Identifier: MIT */
/* heads.c - which of many lanes is the first, by what each has next. */
#include "order/heads.h"

#include <stdlib.h>

#include "base/mem.h"

bool heads_before_several(const struct heads *h, struct heads_key a, struct heads_key b)
{
    const struct heads_slot *x, *y;

    if (a.order >> 32 != b.order >> 32 || heads_is_never(a))
        return a.order < b.order;
    x = &h->slots[(uint32_t)a.order];
    y = &h->slots[(uint32_t)b.order];
    if (x->number != y->number)
        return x->number < y->number;
    return x->stream != y->stream ? x->stream < y->stream : a.order < b.order;
}

static struct heads_key heads_lower_of(const struct heads *h, struct heads_key a,
                                       struct heads_key b)
{
    return heads_before(h, b, a) ? b : a;
}

/* The lowest of three that have the same parent as the one at `at`. */
static struct heads_key heads_siblings(const struct heads *h, size_t at)
{
    struct heads_key two = heads_lower_of(h, h->tree[at ^ 1], h->tree[at ^ 2]);

    return heads_lower_of(h, two, h->tree[at ^ 3]);
}

void heads_climb_several(struct heads *h, size_t at, struct heads_key key)
{
    h->tree[at] = key;
    while (at != HEADS_TOP) {
        key = heads_lower_of(h, key, heads_siblings(h, at));
        at = at / 4 + 2;
        h->tree[at] = key;
    }
}

struct heads_key heads_others(const struct heads *h, size_t slot)
{
    struct heads_key key = heads_never(slot);

    for (size_t at = h->leaves + slot; at != HEADS_TOP; at = at / 4 + 2)
        key = heads_lower_of(h, key, heads_siblings(h, at));
    return key;
}

void heads_renew(struct heads *h)
{
    for (size_t i = h->leaves - 1; i >= HEADS_TOP; i--)
        h->tree[i] = heads_lower_of(h, h->tree[4 * i - 8], heads_siblings(h, 4 * i - 8));
}

/* Each node that is no leaf takes three leaves more. One eighth more than there were, so that the tree is hardly ever deeper
 * than the lanes need. */
static void heads_grow(struct heads *h)
{
    size_t nodes = (h->room + h->room / 8 + 6) / 3, leaves = HEADS_TOP + nodes;
    size_t room = 3 * nodes + 1;
    struct heads_key *tree = mem_alloc((leaves + room) * sizeof(*tree));

    for (size_t i = 0; i < room; i++)
        tree[leaves + i] = i < h->used ? h->tree[h->leaves + i] : heads_never(i);
    free(h->tree);
    h->tree = tree;
    h->slots = mem_grow(h->slots, room * sizeof(*h->slots));
    h->room = room;
    h->leaves = leaves;
    heads_renew(h);
}

size_t heads_add(struct heads *h, struct stream_lane *lane, uint32_t stream)
{
    size_t slot = h->idle - 1;

    if (h->idle) {
        h->idle = (size_t)h->slots[slot].number;
    } else {
        if (h->used == h->room)
            heads_grow(h);
        slot = h->used++;
    }
    h->slots[slot] = (struct heads_slot){.lane = lane, .stream = stream};
    return slot;
}

void heads_remove(struct heads *h, size_t slot)
{
    heads_set(h, slot, heads_never(slot), 0);
    h->slots[slot] = (struct heads_slot){.lane = NULL, .number = h->idle};
    h->idle = slot + 1;
}

void heads_free(struct heads *h)
{
    free(h->tree);
    free(h->slots);
    *h = (struct heads){.tree = NULL};
}
