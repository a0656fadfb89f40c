/* SPDX-License-Identifier: MIT */
/* share.c - which inputs are parts of one capture. */
#include "answer/share.h"

#include <stdlib.h>

#include "base/mem.h"
#include "order/join.h"

void share_open(struct share *h, uint32_t inputs)
{
    h->count = inputs;
    h->captures = mem_zero(inputs * sizeof(*h->captures));
    h->inputs = mem_zero(inputs * sizeof(*h->inputs));
}

uint32_t share_begin(struct share *h, struct stream *s, bool *first)
{
    uint64_t serial = join_serial(s);
    uint32_t i = 0, unused = 0;

    for (; i < h->count; i++) {
        if (serial && h->captures[i].users && h->captures[i].serial == serial)
            break;
        unused = h->captures[unused].users ? i : unused;
    }
    *first = i == h->count;
    if (*first) {
        i = unused;
        h->captures[i].serial = serial;
    }
    h->captures[i].users++;
    h->inputs[s->number] = (struct share_input){s, i};
    return i;
}

uint32_t share_place(const struct share *h, const struct stream *s)
{
    return h->inputs[s->number].place;
}

bool share_leave(struct share *h, uint32_t input, uint32_t *place)
{
    *place = h->inputs[input].place;
    h->inputs[input] = (struct share_input){0};
    return --h->captures[*place].users == 0;
}

void share_close(struct share *h)
{
    free(h->captures);
    free(h->inputs);
}
