/* SPDX-License-Identifier: MIT */
/* part_sum.c - what windows have counted, added up. */
#include "order/part_sum.h"

#include "base/number.h"

void part_sum_take(const struct part *p, struct part_counts *c)
{
    const struct stream *s = p->stream;

    *c = (struct part_counts){.records = s->records,
                              .lost = s->lost,
                              .unknown = s->unknown_records,
                              .flags = s->flags,
                              .cut_arrays = p->out->cut_arrays};
    if (p->select)
        select_counts_take(p->select, &c->select);
}

void part_sum_give(struct part *p, const struct part_counts *c)
{
    struct stream *s = p->stream;

    s->records += c->records;
    s->lost = number_add(s->lost, c->lost);
    s->lost -= s->found < s->lost ? s->found : s->lost;
    s->found = 0;
    s->unknown_records += c->unknown;
    s->flags |= c->flags;
    p->out->cut_arrays += c->cut_arrays;
    if (p->select)
        select_counts_give(p->select, &c->select);
}

/* Was no chunk of a CPU before what another window has counted? Else time has gone back, which is said at the end. */
static bool part_sum_follows(const struct part *p, const struct part_sum *sum)
{
    const struct stream *s = p->stream;

    for (uint32_t i = 0; i < s->lane_slots && i < CUT_CPUS; i++)
        if (s->lanes[i] && s->lanes[i]->entered && s->lanes[i]->entry < sum->printed[i])
            return false;
    return true;
}

/* What others have counted is added to what this window has. */
static bool part_sum_join(struct part *p, const struct part_sum *sum)
{
    return (!p->by_place || part_sum_follows(p, sum)) && p->answer->add(p->answer, sum->answer);
}

bool part_sum_hand(struct part *p, struct part_sum *sum)
{
    const struct stream *s = p->stream;

    if (!p->answer)
        return true;
    if (!part_sum_join(p, sum) || !p->answer->put(p->answer, sum->answer))
        return false;
    for (uint32_t i = 0; i < s->lane_slots && i < CUT_CPUS; i++)
        if (s->lanes[i] && s->lanes[i]->printed)
            sum->printed[i] = s->lanes[i]->printed;
    return true;
}

bool part_sum_receive(struct part *p, const struct part_sum *sum)
{
    struct stream *s = p->stream;

    if (!p->answer)
        return true;
    if (!part_sum_join(p, sum))
        return false;
    for (uint32_t i = 0; i < s->lane_slots && i < CUT_CPUS && p->by_place; i++)
        if (s->lanes[i] && !s->lanes[i]->entered)
            s->lanes[i]->printed = sum->printed[i];
    return true;
}

void part_sum_add(struct part_counts *all, const struct part_counts *one)
{
    all->records += one->records;
    all->lost = number_add(all->lost, one->lost);
    all->unknown += one->unknown;
    all->flags |= one->flags;
    all->cut_arrays += one->cut_arrays;
    select_counts_add(&all->select, &one->select);
}
